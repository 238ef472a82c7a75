"""Response headers, call ids, model restamping, error envelopes, CORS, SERVER_ROOT_PATH
(issue 2, sections 3 and 5; spec router.md 4.1, 6.1, 6.2)."""

import unittest
import uuid

from case import GatewayCase
from processes import Gateway, Mock


class ResponseHeaders(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("named", "as-upstream", info={"id": "row-1"}), mock.row("bad", "status-503"),
                               mock.row("paced", "delay-120", info={"id": "row-2"}), mock.row("wild/*", "as-wild"),
                               mock.row("limited", "retry-after-7"), mock.row("html", "html-502")],
                "router_settings": {"num_retries": 0, "model_group_alias": {"alias": "named"},
                                    "fallbacks": [{"bad": ["named"]}]}}

    def test_of_a_success(self):
        headers = self.gateway.chat("named").headers
        uuid.UUID(headers["x-litellm-call-id"])
        self.assertEqual(headers["x-litellm-model-id"], "row-1")
        self.assertEqual(headers["x-litellm-model-group"], "named")
        self.assertEqual(headers["x-litellm-model-api-base"], f"{self.mock.url}/v1")
        self.assertEqual(headers["x-litellm-attempted-retries"], "0")
        self.assertEqual(headers["x-litellm-attempted-fallbacks"], "0")
        self.assertTrue(headers["x-litellm-version"])
        self.assertNotIn("None", headers.values())
        self.assertNotIn("server", headers)

    def test_each_header_once(self):
        raw = self.gateway.chat("named")
        for name in ("content-type", "content-length", "date", "x-litellm-call-id"):
            self.assertNotIn(", application", raw.headers.get(name, ""))
            self.assertIn(name, raw.headers)

    def test_upstream_headers_are_repeated(self):
        headers = self.gateway.chat("named").headers
        repeated = [name for name in headers if name.startswith("llm_provider-")]
        self.assertIn("llm_provider-content-type", repeated)
        self.assertNotIn("llm_provider-connection", repeated)

    def test_overhead_is_measured_without_the_upstream(self):
        headers = self.gateway.chat("paced").headers
        total = float(headers["x-litellm-response-duration-ms"])
        overhead = float(headers["x-litellm-overhead-duration-ms"])
        self.assertGreaterEqual(total, 115)
        self.assertLess(overhead, total - 100)
        self.assertGreaterEqual(overhead, 0)

    def test_call_id_of_the_client(self):
        headers = self.gateway.chat("named", headers={"x-litellm-call-id": "mine-1"}).headers
        self.assertEqual(headers["x-litellm-call-id"], "mine-1")

    def test_call_id_cannot_inject_headers(self):
        reply = self.gateway.chat("named", headers={"x-litellm-call-id": "a" * 3000})
        self.assertIn(reply.status, (200, 400, 431))

    def test_headers_of_an_error(self):
        reply = self.gateway.chat("limited")
        self.assert_status(reply, 429)
        self.assertEqual(reply.headers["retry-after"], "7")
        self.assertIn("x-litellm-call-id", reply.headers)
        self.assertIn("x-litellm-model-id", reply.headers)
        error = reply.error()
        self.assertEqual(error["code"], "429")
        self.assertTrue(error["message"].startswith("litellm.RateLimitError: RateLimitError: OpenAIException - "))
        self.assertEqual({"message", "type", "param", "code"} - set(error), set())

    def test_an_html_error_page_becomes_an_envelope(self):
        reply = self.gateway.chat("html")
        self.assert_status(reply, 502)
        self.assertTrue(reply.headers["content-type"].startswith("application/json"))
        self.assertIn("BadGatewayError", reply.error()["message"])

    def test_model_is_what_the_client_sent(self):
        for name in ("named", "alias", "wild/anything"):
            self.assertEqual(self.gateway.chat(name).json()["model"], name)
            chunks = self.gateway.stream(name).chunks()
            self.assertEqual({chunk["model"] for chunk in chunks}, {name})

    def test_model_after_a_fallback_is_the_served_one(self):
        reply = self.gateway.chat("bad")
        self.assertEqual(reply.json()["model"], "named")
        self.assertEqual(reply.headers["x-litellm-attempted-fallbacks"], "1")


class Cors(GatewayCase):
    env = {"LITELLM_CORS_ORIGINS": "https://a.example,https://b.example", "LITELLM_CORS_ALLOW_CREDENTIALS": "true"}

    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("named", "as-upstream")]}

    def preflight(self, origin):
        return self.gateway.request("OPTIONS", "/v1/chat/completions", key=None, headers={
            "Origin": origin, "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type"})

    def test_preflight_of_an_allowed_origin(self):
        reply = self.preflight("https://b.example")
        self.assertIn(reply.status, (200, 204))
        self.assertEqual(reply.headers["access-control-allow-origin"], "https://b.example")
        self.assertEqual(reply.headers["access-control-allow-credentials"], "true")
        self.assertIn("POST", reply.headers["access-control-allow-methods"])
        self.assertIn("authorization", reply.headers["access-control-allow-headers"].lower())
        self.assertIn("Origin", reply.headers["vary"])

    def test_preflight_of_another_origin(self):
        self.assertNotIn("access-control-allow-origin", self.preflight("https://evil.example").headers)

    def test_answers_carry_the_origin(self):
        for reply in (self.gateway.chat("named", headers={"Origin": "https://a.example"}),
                      self.gateway.chat("named", headers={"Origin": "https://a.example"}, key="sk-wrong")):
            self.assertEqual(reply.headers["access-control-allow-origin"], "https://a.example")
        stream = self.gateway.stream("named", headers={"Origin": "https://a.example"})
        self.assertEqual(stream.headers["access-control-allow-origin"], "https://a.example")
        stream.close()


class CorsDefault(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("named", "as-upstream")]}

    def test_every_origin(self):
        reply = self.gateway.chat("named", headers={"Origin": "https://any.example"})
        self.assertIn(reply.headers["access-control-allow-origin"], ("*", "https://any.example"))

    def test_no_cors_headers_without_an_origin(self):
        self.assertNotIn("access-control-allow-credentials", self.gateway.chat("named").headers)


class RootPath(unittest.TestCase):
    def test_all_routes_below_the_root_path(self):
        mock = Mock()
        self.addCleanup(mock.stop)
        gateway = Gateway({"model_list": [mock.row("named", "as-upstream")]}, key=None,
                          env={"SERVER_ROOT_PATH": "/gateway"})
        self.addCleanup(gateway.stop)
        body = {"model": "named", "messages": [{"role": "user", "content": "x"}]}
        self.assertEqual(gateway.post("/gateway/v1/chat/completions", body).status, 200)
        self.assertEqual(gateway.get("/gateway/health/liveliness").status, 200)
        schema = gateway.get("/gateway/openapi.json")
        self.assertEqual(schema.status, 200)
        self.assertEqual(schema.json()["servers"][0]["url"], "/gateway")
        self.assertEqual(gateway.get("/gatewayx/v1/models").status, 404)


if __name__ == "__main__":
    unittest.main()
