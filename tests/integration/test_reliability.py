"""Retries, fallbacks and cooldowns (issue 2, section 4; spec router.md 3.1, 3.3, 3.4)."""

import time
import unittest

from case import GatewayCase

FAST = {"num_retries": 2, "cooldown_time": 60}


class Retries(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {
            "model_list": [
                mock.row("one", "as-one"), mock.row("none", "as-none", num_retries=0, cooldown_time=0),
                mock.row("pair", "as-a", info={"id": "a"}), mock.row("pair", "as-b", info={"id": "b"}),
                mock.row("drops", "close-before-reply"), mock.row("always", "status-500"),
            ],
            "router_settings": {"num_retries": 2},
        }

    def test_500_is_retried(self):
        self.mock.script("mock-as-one", {"status": 500, "times": 1}, {"status": 200})
        reply = self.gateway.chat("one")
        self.assert_status(reply, 200)
        self.assertEqual(reply.headers["x-litellm-attempted-retries"], "1")
        self.assertEqual(reply.headers["x-litellm-max-retries"], "2")
        self.assertEqual(self.mock.count("mock-as-one"), 2)

    def test_every_retryable_status(self):
        for status in (408, 409, 429, 500, 502, 503, 504):
            with self.subTest(status=status):
                self.mock.reset()
                self.mock.script("mock-as-one", {"status": status, "times": 1}, {"status": 200})
                self.assert_status(self.gateway.chat("one"), 200)

    def test_client_errors_are_not_retried(self):
        for status in (400, 404, 422):
            with self.subTest(status=status):
                self.mock.reset()
                self.mock.script("mock-as-none", {"status": status, "times": 3})
                reply = self.gateway.chat("none", num_retries=3)
                self.assert_status(reply, status)
                self.assertEqual(self.mock.count("mock-as-none"), 1)

    def test_the_number_is_kept(self):
        reply = self.gateway.chat("always")
        self.assert_status(reply, 500)
        self.assertEqual(self.mock.count("mock-status-500"), 3)
        error = reply.error()
        self.assertIn("InternalServerError", error["message"])
        self.assertIn("LiteLLM Retried: 2 times", error["message"])
        self.assertEqual(error["code"], "500")

    def test_number_from_row_body_and_header(self):
        for model, options, calls in (("none", {}, 1), ("none", {"num_retries": 1}, 2),
                                      ("one", {"headers": {"x-litellm-num-retries": "1"}}, 2)):
            with self.subTest(model=model, options=options):
                self.mock.reset()
                self.mock.script(f"mock-as-{model}", {"status": 500, "times": 9})
                self.assert_status(self.gateway.chat(model, **options), 500)
                self.assertEqual(self.mock.count(f"mock-as-{model}"), calls)

    def test_num_retries_never_reaches_the_upstream(self):
        self.mock.script("mock-as-one", {"behaviour": "echo"})
        reply = self.gateway.chat("one", num_retries=1)
        self.assertNotIn("num_retries", reply.text())

    def test_a_lost_connection_is_retried(self):
        reply = self.gateway.chat("drops")
        self.assert_status(reply, 500)
        self.assertIn("APIConnectionError", reply.error()["message"])
        self.assertGreaterEqual(self.mock.count("mock-close-before-reply"), 3)

    def test_retry_after_is_waited_for(self):
        """A group of one row: the retry waits the second that the upstream asks for."""
        self.mock.script("mock-as-one", {"status": 429, "retry_after": 1, "times": 1})
        started = time.monotonic()
        self.assert_status(self.gateway.chat("one", num_retries=1), 200)
        self.assertGreater(time.monotonic() - started, 0.95)

    def test_retry_goes_to_the_other_row(self):
        """A 429 in a group of two cools the row, so the retry succeeds wherever the first call went."""
        self.mock.script("mock-as-a", {"status": 429, "times": 1}, {"status": 200, "times": 20})
        for _ in range(20):
            reply = self.gateway.chat("pair")
            self.assert_status(reply, 200)
            self.assertEqual(reply.headers["x-litellm-model-id"], "b", "the row that answered")
            self.assertEqual(reply.headers["x-litellm-attempted-retries"], str(self.mock.count("mock-as-a")))
            if self.mock.count("mock-as-a"):
                break
        self.assertEqual(self.mock.count("mock-as-a"), 1)


class Fallbacks(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {
            "model_list": [
                mock.row("bad", "status-500"), mock.row("worse", "status-503"), mock.row("orphan", "status-500"),
                mock.row("good", "as-good"), mock.row("echo", "echo"),
                mock.row("narrow", "context-window"), mock.row("wide", "as-wide"),
                mock.row("strict", "content-policy"), mock.row("lax", "as-lax"), mock.row("chain", "status-502"),
                mock.row("down", "reset"),
            ],
            "litellm_settings": {
                "num_retries": 0,
                "fallbacks": [{"bad": ["worse", "good"]}, {"chain": ["bad"]}, {"down": ["good"]}],
                "context_window_fallbacks": [{"narrow": ["wide"]}],
                "content_policy_fallbacks": [{"strict": ["lax"]}],
            },
        }

    def check_served(self, reply, model, hops=None):
        self.assert_status(reply, 200)
        self.assertEqual(self.mock.count(f"mock-as-{model}"), 1)
        if hops is not None:
            self.assertEqual(reply.headers["x-litellm-attempted-fallbacks"], str(hops))

    def test_from_the_config_left_to_right(self):
        reply = self.gateway.chat("bad")
        self.check_served(reply, "good", 2)
        self.assertEqual(self.mock.count("mock-status-503"), 1)
        self.assertEqual(reply.json()["model"], "good")

    def test_none_needed(self):
        self.assertEqual(self.gateway.chat("good").headers["x-litellm-attempted-fallbacks"], "0")

    def test_fallbacks_of_a_fallback(self):
        self.check_served(self.gateway.chat("chain"), "good")

    def test_connection_error(self):
        self.check_served(self.gateway.chat("down"), "good")

    def test_context_window(self):
        self.check_served(self.gateway.chat("narrow"), "wide")

    def test_content_policy(self):
        self.check_served(self.gateway.chat("strict"), "lax")

    def test_per_request_list_of_names(self):
        self.check_served(self.gateway.chat("orphan", fallbacks=["wide"]), "wide")

    def test_per_request_like_the_config(self):
        self.check_served(self.gateway.chat("orphan", fallbacks=[{"orphan": ["lax"]}]), "lax")

    def test_per_request_objects_override_the_request(self):
        target = {"model": "echo", "messages": [{"role": "user", "content": "other"}], "temperature": 0.25}
        echo = self.gateway.echo("orphan", fallbacks=[target])
        self.assertEqual(echo.body["messages"][0]["content"], "other")
        self.assertEqual(echo.body["temperature"], 0.25)
        self.assertNotIn("fallbacks", echo.body)

    def test_disabled_per_request(self):
        self.assert_status(self.gateway.chat("bad", disable_fallbacks=True), 500)

    def test_all_fail(self):
        reply = self.gateway.chat("bad", fallbacks=["worse"])
        self.assert_status(reply, 500)
        self.assertIn("Available Model Group Fallbacks", reply.error()["message"])

    def test_streams_fall_back_before_the_first_event(self):
        stream = self.gateway.stream("bad")
        self.assertEqual(stream.status, 200)
        self.assertEqual(stream.all()[-1], "[DONE]")
        self.assertEqual(self.mock.count("mock-as-good"), 1)


class DefaultFallbacks(GatewayCase):
    @classmethod
    def config(cls, mock):
        rows = [mock.row("bad", "status-500"), mock.row("worse", "status-503"), mock.row("last", "as-last")]
        return {"model_list": rows, "router_settings": {"num_retries": 0, "fallbacks": [{"bad": ["worse"]}],
                                                        "default_fallbacks": ["last"]}}

    def check_last(self, model):
        self.assert_status(self.gateway.chat(model), 200)
        self.assertEqual(self.mock.count("mock-as-last"), 1)

    def test_a_group_without_its_own(self):
        self.check_last("worse")

    def test_each_hop_has_its_own_fallbacks(self):
        self.check_last("bad")

    def test_unknown_model(self):
        self.check_last("no-such-model")


class WithoutFallbacks(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("narrow", "context-window"), mock.row("strict", "content-policy")],
                "router_settings": {"num_retries": 0}}

    def test_context_window_error(self):
        reply = self.gateway.chat("narrow")
        self.assert_status(reply, 400)
        self.assertIn("ContextWindowExceededError", reply.error()["message"])

    def test_content_policy_error(self):
        reply = self.gateway.chat("strict")
        self.assert_status(reply, 400)
        self.assertIn("ContentPolicyViolationError", reply.error()["message"])


class Cooldown(GatewayCase):
    @classmethod
    def config(cls, mock):
        names = ("limited", "denied", "failing", "single", "gone")
        rows = [mock.row(name, f"as-{name}{n}", info={"id": f"{name}{n}"}) for name in names[:3] for n in (1, 2)]
        return {"model_list": rows + [mock.row("single", "as-single"), mock.row("gone", "as-gone")],
                "router_settings": {**FAST, "num_retries": 2}}

    def check_cools(self, model, status):
        """One failure of row 1 and it is left alone; the clients see nothing of it."""
        self.mock.script(f"mock-as-{model}1", {"status": status, "times": 50})
        for _ in range(20):
            self.assert_status(self.gateway.chat(model), 200)
        self.assertEqual(self.mock.count(f"mock-as-{model}1"), 1)

    def test_429_cools_a_row_of_a_group(self):
        self.check_cools("limited", 429)

    def test_401_cools_at_once(self):
        self.check_cools("denied", 401)

    def test_500_cools_only_past_half_of_the_minute(self):
        self.mock.script("mock-as-failing1", {"status": 500, "times": 200})
        for _ in range(40):
            self.assertIn(self.gateway.chat("failing").status, (200, 500))
        calls = self.mock.count("mock-as-failing1")
        self.assertGreaterEqual(calls, 2)
        self.assertLess(calls, 40)

    def test_429_does_not_cool_a_single_row(self):
        self.mock.script("mock-as-single", {"status": 429, "times": 1})
        self.assert_status(self.gateway.chat("single", num_retries=0), 429)
        self.assert_status(self.gateway.chat("single", num_retries=0), 200)

    def test_all_rows_cooled_is_429(self):
        self.mock.script("mock-as-gone", {"status": 401, "times": 1})
        self.assert_status(self.gateway.chat("gone", num_retries=0), 401)
        reply = self.gateway.chat("gone", num_retries=0)
        self.assert_status(reply, 429)
        self.assertIn("No deployments available", reply.error()["message"])
        self.assertIn("Passed model=gone", reply.error()["message"])
        self.assertEqual(self.mock.count("mock-as-gone"), 1)


class Breaker(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("lone", "as-lone")], "router_settings": {"num_retries": 0, "cooldown_time": 60}}

    def test_the_only_row_is_left_alone_after_five_failures(self):
        self.mock.script("mock-as-lone", {"status": 500, "times": 9})
        for _ in range(5):
            self.assert_status(self.gateway.chat("lone"), 500)
        reply = self.gateway.chat("lone")
        self.assert_status(reply, 429)
        self.assertRegex(reply.error()["message"], r"Try again in (59|60) seconds")
        self.assertEqual(self.mock.count("mock-as-lone"), 5)


if __name__ == "__main__":
    unittest.main()
