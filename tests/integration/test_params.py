"""What reaches the upstream: parameter policy, defaults, extra headers and body, model names
(issue 2, section 5; spec providers.md 4, router.md 6.2 to 6.4)."""

import json
import unittest

from case import GatewayCase
from processes import UPSTREAM_KEY


class Params(GatewayCase):
    @classmethod
    def config(cls, mock):
        other = mock.row("strict", "echo", api_base=mock.url + "/v1")
        other["litellm_params"]["model"] = "zai/mock-echo"
        dropping = json.loads(json.dumps(other))
        dropping["model_name"] = "dropping"
        dropping["litellm_params"]["drop_params"] = True
        allowed = json.loads(json.dumps(other))
        allowed["model_name"] = "allowed"
        allowed["litellm_params"]["allowed_openai_params"] = ["logit_bias"]
        return {"model_list": [
            mock.row("echo", "echo"), other, dropping, allowed,
            mock.row("defaults", "echo", temperature=0.2, max_tokens=20, seed=12),
            mock.row("headers", "echo", extra_headers={"AI-Resource-Group": "blue"}, headers={"X-Title": "Ours"}),
            mock.row("body", "echo", extra_body={"top_k": 5, "nested": {"a": [1, 2]}}),
            mock.row("drops", "echo", additional_drop_params=["user", "tools[*].input_examples"]),
            mock.row("timed", "echo", timeout=30, rpm=100, tpm=1000, weight=1, tags=["a"]),
        ]}

    def test_unknown_fields_and_numbers_arrive_as_they_were(self):
        body = ('{"model": "echo", "messages": [{"role": "user", "content": "caf\\u00e9 \\ud83d\\ude00"}],'
                ' "x_unknown": {"deep": [1, 2.50, 1e3, 12345678901234567890]}, "temperature": 0.10}')
        reply = self.gateway.post("/v1/chat/completions", body)
        self.assert_status(reply, 200)
        raw = json.loads(reply.text())["body"]
        for piece in ("12345678901234567890", "2.50", "1e3", "0.10", "x_unknown"):
            self.assertIn(piece, raw)
        self.assertEqual(json.loads(raw)["messages"][0]["content"], "caf\u00e9 \U0001f600")

    def test_model_is_the_rows(self):
        self.assertEqual(self.gateway.echo("echo").body["model"], "mock-echo")

    def test_gateway_fields_stay_here(self):
        mine = {"num_retries": 1, "timeout": 20, "fallbacks": [], "caching": False, "cache": {"no-cache": True},
                "tags": ["a"], "no-log": True, "metadata": {"x": 1}, "disable_fallbacks": True,
                "drop_params": False, "mock_timeout": False}
        echo = self.gateway.echo("echo", **mine)
        self.assertEqual(set(echo.body) & set(mine), set())

    def test_row_fields_stay_here(self):
        echo = self.gateway.echo("timed")
        self.assertEqual(set(echo.body), {"model", "messages"})

    def test_row_defaults_and_the_client_wins(self):
        echo = self.gateway.echo("defaults", temperature=0.9)
        self.assertEqual((echo.body["temperature"], echo.body["max_tokens"], echo.body["seed"]), (0.9, 20, 12))

    def test_extra_headers(self):
        echo = self.gateway.echo("headers")
        self.assertEqual(echo.headers["ai-resource-group"], "blue")
        self.assertEqual(echo.headers["x-title"], "Ours")
        self.assertEqual(echo.headers["authorization"], f"Bearer {UPSTREAM_KEY}")

    def test_extra_body_of_the_row(self):
        echo = self.gateway.echo("body")
        self.assertEqual((echo.body["top_k"], echo.body["nested"]), (5, {"a": [1, 2]}))

    def test_extra_body_of_the_request_is_merged(self):
        echo = self.gateway.echo("echo", extra_body={"top_k": 7})
        self.assertEqual(echo.body["top_k"], 7)
        self.assertNotIn("extra_body", echo.body)

    def test_additional_drop_params_of_the_row(self):
        tool = {"type": "function", "function": {"name": "f"}, "input_examples": [1]}
        self.assert_status(self.gateway.chat("drops", user="me", tools=[tool]), 200)
        self.assertNotIn("user", self.mock.last().body)
        self.assertEqual(self.mock.last().body["tools"], [{"type": "function", "function": {"name": "f"}}])

    def test_additional_drop_params_of_the_request(self):
        echo = self.gateway.echo("echo", user="me", seed=1, additional_drop_params=["seed"])
        self.assertEqual(echo.body["user"], "me")
        self.assertNotIn("seed", echo.body)
        self.assertNotIn("additional_drop_params", echo.body)

    def test_unsupported_param_is_400(self):
        reply = self.gateway.chat("strict", logit_bias={"1": 2})
        self.assert_status(reply, 400)
        message = reply.error()["message"]
        self.assertIn("UnsupportedParamsError", message)
        self.assertIn("logit_bias", message)
        self.assertIn("drop_params", message)
        self.assertEqual(self.mock.requests(), 0)

    def test_drop_params_of_row_and_request(self):
        self.assertNotIn("logit_bias", self.gateway.echo("dropping", logit_bias={"1": 2}).body)
        self.assertNotIn("logit_bias", self.gateway.echo("strict", logit_bias={"1": 2}, drop_params=True).body)

    def test_allowed_openai_params(self):
        self.assertEqual(self.gateway.echo("allowed", logit_bias={"1": 2}).body["logit_bias"], {"1": 2})

    def test_null_means_not_given(self):
        echo = self.gateway.echo("strict", logit_bias=None)
        self.assertNotIn("logit_bias", echo.body)

    def test_client_headers_are_not_forwarded(self):
        echo = self.gateway.echo("echo", headers={"X-Secret": "1", "Cookie": "a=b", "User-Agent": "me"})
        self.assertEqual({"x-secret", "cookie"} & set(echo.headers), set())


class GlobalDropParams(GatewayCase):
    @classmethod
    def config(cls, mock):
        row = mock.row("strict", "echo")
        row["litellm_params"]["model"] = "zai/mock-echo"
        return {"model_list": [row], "litellm_settings": {"drop_params": True},
                "general_settings": {"forward_client_headers_to_llm_api": True}}

    def test_drop_params_of_the_settings(self):
        self.assertNotIn("logit_bias", self.gateway.echo("strict", logit_bias={"1": 2}).body)

    def test_the_request_may_say_no(self):
        self.assert_status(self.gateway.chat("strict", logit_bias={"1": 2}, drop_params=False), 400)

    def test_forwarded_client_headers(self):
        echo = self.gateway.echo("strict", headers={"X-Trace": "7", "X-Stainless-Lang": "js", "Cookie": "a"})
        self.assertEqual(echo.headers["x-trace"], "7")
        self.assertEqual({"x-stainless-lang", "cookie"} & set(echo.headers), set())


class MockAnswers(GatewayCase):
    @classmethod
    def config(cls, mock):
        rows = [mock.row("canned", "as-canned", mock_response="It is sunny"),
                mock.row("sick", "as-sick", mock_response="litellm.RateLimitError"),
                {"model_name": "dummy", "litellm_params": {"model": "dummy/anything"}}]
        return {"model_list": rows, "router_settings": {"num_retries": 0}}

    def test_mock_response_of_the_row(self):
        reply = self.gateway.chat("canned")
        self.assert_status(reply, 200)
        self.assertEqual(reply.text(), "It is sunny")
        self.assertGreater(reply.json()["usage"]["total_tokens"], 0)
        self.assertEqual(self.mock.requests(), 0)

    def test_mock_response_streams(self):
        stream = self.gateway.stream("canned")
        events = stream.all()
        self.assertEqual(events[-1], "[DONE]")
        self.assertEqual("".join(json.loads(e)["choices"][0]["delta"].get("content") or ""
                                 for e in events[:-1] if json.loads(e)["choices"]), "It is sunny")

    def test_mock_response_of_the_request(self):
        self.assertEqual(self.gateway.chat("canned", mock_response="Rain").text(), "Rain")

    def test_mock_error(self):
        self.assert_status(self.gateway.chat("sick"), 429)

    def test_mock_timeout(self):
        reply = self.gateway.chat("canned", mock_timeout=True, timeout=0.1)
        self.assert_status(reply, 408)

    def test_dummy_provider(self):
        reply = self.gateway.chat("dummy")
        self.assert_status(reply, 200)
        self.assertTrue(reply.text())


if __name__ == "__main__":
    unittest.main()
