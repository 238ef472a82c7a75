"""Upstreams that misbehave: every fault of the mock, for whole answers and streams (issue 2, sections 3 and 7).
The client gets an error envelope with a 5xx, never the mess itself; the server and its pool live on."""

import json
import unittest

from case import GatewayCase

MALFORMED = ["close-before-reply", "reset", "close-mid-head", "truncated", "bad-chunked", "bad-status-line",
             "two-lengths", "length-and-chunked", "huge-header-4000000", "many-headers-100000"]
TOLERATED = ["no-length", "http10", "close", "1xx", "trailers", "dribble-7", "slow-headers-30", "slow-body-30"]


class HostileUpstream(GatewayCase):
    @classmethod
    def config(cls, mock):
        rows = [mock.row(words, words) for words in MALFORMED + TOLERATED]
        return {"model_list": rows + [mock.row("html", "html-502"), mock.row("fine", "as-fine"),
                                      mock.row("teapot", "status-418"), mock.row("no-json", "as-no-json"),
                                      mock.row("nowhere", "as-nowhere", api_base="http://127.0.0.1:1/v1"),
                                      mock.row("nohost", "as-nohost", api_base="http://no-such-host.invalid/v1")],
                "router_settings": {"num_retries": 0, "timeout": 20, "disable_cooldowns": True}}

    def check_failed(self, reply, statuses=(500, 502, 503)):
        self.assertIn(reply.status, statuses, reply.body[:500])
        error = reply.error()
        self.assertEqual(error["code"], str(reply.status))
        self.assertTrue(error["message"].startswith("litellm."), error)

    def test_malformed_replies(self):
        for words in MALFORMED:
            with self.subTest(fault=words):
                self.check_failed(self.gateway.chat(words))
                self.assert_status(self.gateway.chat("fine"), 200)

    def test_malformed_replies_to_streams(self):
        for words in MALFORMED:
            with self.subTest(fault=words):
                stream = self.gateway.stream(words)
                if stream.status == 200:  # the fault came after the first event
                    events = stream.all()
                    self.assertIn('"error"', events[-1])
                    self.assertNotIn("[DONE]", events)
                else:
                    self.assertIn(stream.status, (500, 502, 503))
                    self.assertIn("message", json.loads(stream.body())["error"])
                    stream.close()

    def test_odd_but_valid_replies(self):
        for words in TOLERATED:
            with self.subTest(reply=words):
                for _ in range(2):
                    self.assert_status(self.gateway.chat(words), 200)
                self.assertEqual(self.gateway.stream(words).all()[-1], "[DONE]")

    def test_html_page(self):
        reply = self.gateway.chat("html")
        self.check_failed(reply, (502,))

    def test_status_without_a_class(self):
        self.check_failed(self.gateway.chat("teapot"), (418, 400))

    def test_200_that_is_not_json(self):
        self.mock.script("mock-as-no-json", {"status": 200, "body": "<html>hello</html>", "content_type": "text/html"})
        self.check_failed(self.gateway.chat("no-json"))

    def test_200_that_holds_an_error(self):
        self.mock.script("mock-as-no-json", {"status": 200, "body": '{"error":{"message":"busy","code":429}}'})
        reply = self.gateway.chat("no-json")
        self.assertGreaterEqual(reply.status, 400)
        self.assertIn("busy", reply.error()["message"])

    def test_nobody_there(self):
        for model in ("nowhere", "nohost"):
            with self.subTest(model=model):
                reply = self.gateway.chat(model)
                self.check_failed(reply)
                self.assertIn("APIConnectionError", reply.error()["message"])

    def test_upstream_error_pages_do_not_leak_the_key(self):
        self.mock.script("mock-as-no-json", {"status": 401, "body": json.dumps(
            {"error": {"message": "Incorrect API key provided: sk-upstream-0123456789abcdef"}})})
        reply = self.gateway.chat("no-json")
        self.assert_status(reply, 401)
        self.assertNotIn("sk-upstream-0123456789abcdef", reply.body.decode())


class Redacted(GatewayCase):
    """litellm_settings.redact_messages_in_exceptions: what a provider says may repeat the prompt."""

    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("chat", "as-echo")],
                "router_settings": {"num_retries": 0, "disable_cooldowns": True},
                "litellm_settings": {"redact_messages_in_exceptions": True}}

    ECHO = {"error": {"message": "I will not answer 'my secret prompt'", "type": "invalid_request_error"}}

    def test_no_words_of_the_provider(self):
        for status in (400, 401, 429, 500):
            self.mock.script("mock-as-echo", {"status": status, "body": json.dumps(self.ECHO)})
            reply = self.gateway.chat("chat")
            self.assert_status(reply, status)
            self.assertNotIn("secret prompt", reply.body.decode())
            self.assertRegex(reply.error()["message"], r"^litellm\.\w+: .*OpenAIException - redacted-by-litellm")
        self.assertNotIn("secret prompt", self.gateway.log())

    def test_nor_inside_of_a_200(self):
        self.mock.script("mock-as-echo", {"status": 200, "body": json.dumps(self.ECHO)})
        reply = self.gateway.chat("chat")
        self.assertGreaterEqual(reply.status, 400)
        self.assertNotIn("secret prompt", reply.body.decode())


if __name__ == "__main__":
    unittest.main()
