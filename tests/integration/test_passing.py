"""Calls that are passed on (/anthropic/..., pass_through_endpoints): admitted like any other, priced by what the
provider's own answer says, one spend row each (issue 5, point 5)."""

import http.server
import json
import threading
import unittest

import test_families
from case import GatewayCase

PRICED = {"input_cost_per_token": 0.00001, "output_cost_per_token": 0.00002}
COST = 11 * 0.00001 + 5 * 0.00002  # of what the scripted upstream says
CLAUDE, GEMINI = "claude-sonnet-4-20250514", "gemini-2.5-flash"
BEDROCK = "anthropic.claude-3-5-sonnet-20241022-v2:0"
SAYS = {"max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
PARTS = {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}
TURNS = {"messages": [{"role": "user", "content": [{"text": "Hi"}]}]}


class PassedOn(GatewayCase):
    @classmethod
    def setUpClass(cls):
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), test_families.Handler)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.server.shutdown)
        super().setUpClass()

    @classmethod
    def config(cls, mock):
        base = f"http://127.0.0.1:{cls.server.server_port}"
        rows = {"claude": {"model": f"anthropic/{CLAUDE}"}, "gemini": {"model": f"gemini/{GEMINI}"},
                "bedrock": {"model": f"bedrock/{BEDROCK}", "aws_region_name": "us-east-1"},
                "cohere": {"model": "cohere_chat/command-r-plus"}}
        for params in rows.values():
            params.update(PRICED, api_base=base, api_key="sk-upstream")
        rows["bedrock"].update(aws_bedrock_runtime_endpoint=rows["bedrock"].pop("api_base"))
        return {"model_list": [mock.row("gpt", "usage-10-20", **PRICED)] +
                [{"model_name": name, "litellm_params": params} for name, params in rows.items()],
                "general_settings": {"proxy_batch_write_at": 1, "pass_through_endpoints": [
                    {"path": "/search", "target": base + "/engine"}]}}

    def generate(self, **fields):
        reply = self.gateway.post("/key/generate", fields)
        self.assert_status(reply, 200)
        return reply.json()

    def rows(self, made):
        self.gateway.get(f"/key/info?key={made['key']}")
        found = self.gateway.get(f"/spend/logs?api_key={made['token']}").json()
        return sorted(found, key=lambda row: row["startTime"])

    CALLS = (("/anthropic/v1/messages", {"model": CLAUDE, **SAYS}, CLAUDE),
             ("/anthropic/v1/messages", {"model": CLAUDE, "stream": True, **SAYS}, CLAUDE),
             (f"/gemini/v1beta/models/{GEMINI}:generateContent", PARTS, GEMINI),
             (f"/gemini/v1beta/models/{GEMINI}:streamGenerateContent?alt=sse", PARTS, GEMINI),
             (f"/bedrock/model/{BEDROCK.replace(':', '%3A')}/converse", TURNS, BEDROCK),
             (f"/bedrock/model/{BEDROCK}/converse-stream", TURNS, BEDROCK),
             (f"/bedrock/model/{BEDROCK}/invoke", {"anthropic_version": "bedrock-2023-05-31", **SAYS}, BEDROCK))

    def test_each_is_priced_by_the_providers_own_words(self):
        for path, body, model in self.CALLS:
            with self.subTest(path=path, stream=body.get("stream")):
                made = self.generate()
                self.assert_status(self.gateway.post(path, body, key=made["key"]), 200)
                [row] = self.rows(made)
                self.assertEqual((row["call_type"], row["model"], row["status"]),
                                 ("pass_through_endpoint", model, "success"))
                self.assertEqual((row["prompt_tokens"], row["completion_tokens"]), (11, 5))
                self.assertAlmostEqual(row["spend"], COST)

    def test_openais_format(self):
        made = self.generate()
        body = {"model": "mock-usage-10-20", "messages": [{"role": "user", "content": "Hi"}]}
        reply = self.gateway.post("/openai/v1/chat/completions", body, key=made["key"])
        self.assert_status(reply, 200)
        self.assertIn("x-litellm-key-spend", reply.headers)
        stream = {**body, "stream": True, "stream_options": {"include_usage": True}}
        self.assert_status(self.gateway.post("/openai/v1/chat/completions", stream, key=made["key"]), 200)
        rows = self.rows(made)
        self.assertEqual([(row["prompt_tokens"], row["completion_tokens"]) for row in rows], [(10, 20), (10, 20)])
        self.assertAlmostEqual(sum(row["spend"] for row in rows), 0.001)

    def test_budgets_and_models_hold(self):
        call = self.CALLS[0]
        made = self.generate(max_budget=1.5 * COST)
        replies = [self.gateway.post(*call[:2], key=made["key"]).status for _ in range(3)]
        self.assertEqual(replies[:2] + [replies[2] != 200], [200, 200, True])
        self.assertAlmostEqual(self.gateway.get(f"/key/info?key={made['key']}").json()["info"]["spend"], 2 * COST)
        mine, other = self.generate(models=[CLAUDE]), self.generate(models=["gpt"])
        self.assert_status(self.gateway.post(*call[:2], key=mine["key"]), 200)
        self.assert_status(self.gateway.post(*call[:2], key=other["key"]), 403)

    def test_what_has_no_price_is_logged(self):
        made = self.generate()
        self.assert_status(self.gateway.get("/anthropic/v1/models", key=made["key"]), 200)
        [row] = self.rows(made)
        self.assertEqual((row["call_type"], row["spend"]), ("pass_through_endpoint", 0))
        capped = self.generate(max_budget=1)
        self.assert_status(self.gateway.get("/anthropic/v1/models", key=capped["key"]), 403)

    def test_what_the_upstream_refuses_costs_nothing(self):
        made = self.generate()
        body = {"model": CLAUDE, "max_tokens": 9, "messages": [{"role": "user", "content": "refuse"}]}
        reply = self.gateway.post("/anthropic/v1/messages", body, key=made["key"])
        self.assert_status(reply, 400)
        self.assertEqual(reply.json()["error"]["type"], "invalid_request_error")  # as it came
        [row] = self.rows(made)
        self.assertEqual((row["status"], row["spend"]), ("failure", 0))

    def test_an_endpoint_of_the_configuration_is_logged(self):
        made = self.generate(max_budget=0.3)
        self.assertEqual(self.gateway.get("/search?q=1", key=made["key"]).json(), {"path": "/engine?q=1"})
        [row] = self.rows(made)
        self.assertEqual((row["call_type"], row["spend"]), ("pass_through_endpoint", 0))


if __name__ == "__main__":
    unittest.main()
