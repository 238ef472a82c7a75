"""What chooses a row: tags, regions, context windows, order, affinity, retry policies (issue 3; spec router.md
2.5 to 2.8, 3.1)."""

import unittest

from case import GatewayCase, ids


class Tags(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {
            "model_list": [
                mock.row("chat", "as-free", info={"id": "free"}, tags=["free"]),
                mock.row("chat", "as-paid", info={"id": "paid"}, tags=["paid", "eu"]),
                mock.row("chat", "as-cli", info={"id": "cli"}, tag_regex=["^User-Agent: claude-cli"]),
                mock.row("base", "as-base", info={"id": "plain"}, tags=["default"]),
                mock.row("base", "as-extra", info={"id": "extra"}, tags=["extra"]),
            ],
            "router_settings": {"enable_tag_filtering": True},
        }

    def chosen(self, model="chat", count=6, **options):
        return set(ids([self.gateway.chat(model, **options) for _ in range(count)]))

    def test_every_place_of_a_tag(self):
        self.assertEqual(self.chosen(tags=["free"]), {"free"})
        self.assertEqual(self.chosen(metadata={"tags": ["free"]}), {"free"})
        self.assertEqual(self.chosen(headers={"x-litellm-tags": "nothing, free"}), {"free"})
        self.assertEqual(self.chosen(tags=["!free", "eu"]), {"paid"})

    def test_the_user_agent(self):
        self.assertEqual(self.chosen(headers={"User-Agent": "claude-cli/1.0"}), {"cli"})

    def test_default_rows(self):
        self.assertEqual(self.chosen("base"), {"plain"})
        self.assertEqual(self.chosen("base", tags=["unknown"]), {"plain"})
        self.assertEqual(self.chosen("base", tags=["extra"]), {"extra"})

    def test_no_row_for_the_tags(self):
        reply = self.gateway.chat("chat", tags=["unknown"])
        self.assert_status(reply, 401)
        self.assertIn("Not allowed to access model due to tags configuration", reply.error()["message"])

    def test_tags_never_reach_the_upstream(self):
        self.gateway.chat("chat", tags=["free"])
        self.assertNotIn("tags", self.mock.last().body)

    def test_wrong_types(self):
        for fields in ({"tags": "free"}, {"tags": [1]}, {"metadata": {"tags": {"a": 1}}}):
            with self.subTest(fields=fields):
                self.assert_status(self.gateway.chat("chat", **fields), 400)


class NoClientTags(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("chat", "as-plain")],
                "general_settings": {"reject_clientside_metadata_tags": True}}

    def test_tags_are_refused(self):
        self.assert_status(self.gateway.chat("chat"), 200)
        self.assert_status(self.gateway.chat("chat", metadata={"a": "b"}), 200)
        for options in ({"tags": ["a"]}, {"metadata": {"tags": ["a"]}}, {"headers": {"x-litellm-tags": "a"}}):
            with self.subTest(options=options):
                self.assert_status(self.gateway.chat("chat", **options), 400)


class PreCallChecks(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {
            "model_list": [
                mock.row("chat", "as-small", info={"id": "small", "max_input_tokens": 30}),
                mock.row("chat", "as-big", info={"id": "big", "max_input_tokens": 1000}, region_name="eu-west-1"),
                mock.row("short", "as-short", info={"id": "short-row", "max_input_tokens": 30}),
                mock.row("long", "as-long", info={"id": "long-row"}),
                mock.row("rated", "as-rated", rpm=1),
                mock.row("formats", "as-takes", info={"id": "takes-it"}),
                mock.row("formats", "as-not", info={"id": "not"}, model="gradient_ai/mock-as-not"),
                mock.row("formats", "as-not-2", info={"id": "not-2"}, model="gradient_ai/mock-as-not"),
                mock.row("formless", "as-not", model="gradient_ai/mock-as-not"),
            ],
            "router_settings": {"enable_pre_call_checks": True, "num_retries": 0,
                                "context_window_fallbacks": [{"short": ["long"]}]},
        }

    LONG = [{"role": "user", "content": "word " * 100}]

    def test_a_long_prompt_goes_where_it_fits(self):
        replies = [self.gateway.chat("chat", messages=self.LONG) for _ in range(8)]
        self.assertEqual(set(ids(replies)), {"big"})

    def test_too_long_for_all_falls_back(self):
        reply = self.gateway.chat("short", messages=self.LONG)
        self.assert_status(reply, 200)
        self.assertEqual(reply.headers["x-litellm-attempted-fallbacks"], "1")
        self.assertEqual(reply.headers["x-litellm-model-id"], "long-row")

    def test_too_long_without_a_fallback(self):
        reply = self.gateway.chat("chat", messages=[{"role": "user", "content": "word " * 2000}])
        self.assert_status(reply, 400)
        self.assertIn("Max Input Tokens=1000", reply.error()["message"])
        self.assertEqual(self.mock.requests(), 0)

    def test_region(self):
        replies = [self.gateway.chat("chat", allowed_model_region="eu") for _ in range(8)]
        self.assertEqual(set(ids(replies)), {"big"})
        self.assert_status(self.gateway.chat("chat", allowed_model_region="us"), 429)
        self.assert_status(self.gateway.chat("chat", allowed_model_region=7), 400)
        self.assertEqual(self.mock.count("mock-as-small"), 0)

    def test_response_format(self):
        """Only rows whose provider takes the parameter; where nobody does it is the client's error."""
        replies = [self.gateway.chat("formats", response_format={"type": "json_object"}) for _ in range(8)]
        self.assertEqual(set(ids(replies)), {"takes-it"})
        self.assertEqual(len(set(ids([self.gateway.chat("formats") for _ in range(30)]))), 3)
        dropped = [self.gateway.chat("formats", response_format={"type": "json_object"}, drop_params=True)
                   for _ in range(30)]
        self.assertEqual(len(set(ids(dropped))), 3)
        reply = self.gateway.chat("formless", response_format={"type": "json_object"})
        self.assert_status(reply, 400)
        self.assertIn("response_format", reply.error()["message"])

    def test_rpm_filters(self):
        self.assert_status(self.gateway.chat("rated"), 200)
        reply = self.gateway.chat("rated")
        self.assert_status(reply, 429)
        self.assertIn("pre-call-checks=True", reply.error()["message"])


class Order(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {
            "model_list": [
                mock.row("chat", "as-first", info={"id": "first"}, order=1),
                mock.row("chat", "as-second", info={"id": "second"}, order=2),
                mock.row("bad", "status-500", info={"id": "bad1"}, order=1),
                mock.row("bad", "status-503", info={"id": "bad2"}, order=2),
                mock.row("rescue", "as-rescue", info={"id": "r1"}),
                mock.row("window", "context-window", info={"id": "w1"}, order=1),
                mock.row("window", "as-after-window", info={"id": "w2"}, order=2),
            ],
            "router_settings": {"num_retries": 1, "cooldown_time": 0, "fallbacks": [{"bad": ["rescue"]}]},
        }

    def test_the_first_level_serves(self):
        self.assertEqual(set(ids([self.gateway.chat("chat") for _ in range(8)])), {"first"})

    def test_the_next_level_comes_before_fallbacks(self):
        self.mock.script("mock-as-first", {"status": 500, "times": 2})
        reply = self.gateway.chat("chat")
        self.assert_status(reply, 200)
        self.assertEqual(ids([reply]), ["second"])
        self.assertEqual(reply.headers["x-litellm-attempted-fallbacks"], "0")
        self.assertEqual(self.mock.count("mock-as-first"), 2)

    def test_then_the_fallbacks(self):
        reply = self.gateway.chat("bad")
        self.assertEqual(ids([reply]), ["r1"])
        self.assertEqual((self.mock.count("mock-status-500"), self.mock.count("mock-status-503")), (2, 2))
        self.assertEqual(reply.headers["x-litellm-attempted-fallbacks"], "1")

    def test_a_row_asked_for_by_id_has_no_next_level(self):
        self.assert_status(self.gateway.chat("bad1", num_retries=0, disable_fallbacks=True), 500)
        self.assertEqual(self.mock.count("mock-status-500"), 1)

    def test_the_last_error_tells_of_its_retries(self):
        reply = self.gateway.chat("bad", disable_fallbacks=True)
        self.assert_status(reply, 500)
        self.assertIn("LiteLLM Retried: 1 times", reply.error()["message"])

    def test_not_for_prompts_that_are_too_long(self):
        self.assert_status(self.gateway.chat("window"), 400)
        self.assertEqual(self.mock.count("mock-as-after-window"), 0)


class OrderWithPolicy(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {
            "model_list": [mock.row("chat", "status-500", order=1),
                           mock.row("chat", "as-rated", order=2, rpm=1)],
            "router_settings": {"enable_pre_call_checks": True, "retry_policy": {"InternalServerErrorRetries": 0}},
        }

    def test_a_refused_level_ends_the_call(self):
        self.assert_status(self.gateway.chat("chat"), 200)
        self.assert_status(self.gateway.chat("chat"), 500)
        self.assertEqual(self.mock.count("mock-status-500"), 2)
        self.assert_alive()


class RetryPolicies(GatewayCase):
    @classmethod
    def config(cls, mock):
        rows = [mock.row(name, f"as-{name}") for name in ("chat", "special", "own")]
        rows[2]["litellm_params"]["num_retries"] = 1
        return {
            "model_list": rows,
            "router_settings": {
                "num_retries": 0, "disable_cooldowns": True,
                "retry_policy": {"InternalServerErrorRetries": 2, "BadRequestErrorRetries": 1,
                                 "RateLimitErrorRetries": 0, "DefaultRetries": 1},
                "model_group_retry_policy": {"special": {"InternalServerErrorRetries": 3}},
            },
        }

    @classmethod
    def setUpClass(cls):
        cls.env = {"INITIAL_RETRY_DELAY": "0.01", "MAX_RETRY_DELAY": "0.02", "JITTER": "0"}
        super().setUpClass()

    def calls(self, model, status, **options):
        self.mock.reset()
        self.mock.script(f"mock-as-{model}", {"status": status, "times": 20})
        self.assert_status(self.gateway.chat(model, **options), status)
        return self.mock.count(f"mock-as-{model}")

    def test_by_class(self):
        self.assertEqual(self.calls("chat", 500), 3)
        self.assertEqual(self.calls("chat", 429), 1)
        self.assertEqual(self.calls("chat", 503), 2, "DefaultRetries")
        self.assertEqual(self.calls("chat", 400), 2, "an entry of its own overrides the rule for 400")
        self.assertEqual(self.calls("chat", 404), 1, "DefaultRetries do not")

    def test_by_group(self):
        self.assertEqual(self.calls("special", 500), 4)

    def test_nearer_numbers_win(self):
        self.assertEqual(self.calls("own", 500), 2)
        self.assertEqual(self.calls("chat", 500, num_retries=1), 2)


class TagPrefix(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("chat", "as-x", info={"id": "x"}, tags=["x"]),
                               mock.row("chat", "as-d", info={"id": "d"}, tags=["default"])],
                "router_settings": {"enable_tag_filtering": True, "tag_routing_prefix": "route:"}}

    def test_the_prefix_is_taken_off(self):
        for tags, row in ((["route:x"], "x"), (["feature:demo", "route:x"], "x"), (["x"], "x"), (["route:!x"], "d")):
            self.assertEqual(set(ids([self.gateway.chat("chat", tags=tags) for _ in range(4)])), {row}, tags)


class OutputTokens(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("chat", "usage-10-20", otpm=30)],
                "router_settings": {"optional_pre_call_checks": ["enforce_model_rate_limits"], "num_retries": 0}}

    def test_a_limit_on_what_is_written(self):
        self.assert_status(self.gateway.chat("chat", max_tokens=20), 200)
        refused = self.gateway.chat("chat", max_tokens=20)
        self.assert_status(refused, 429)
        self.assertIn("Model rate limit exceeded. OTPM limit=30, current usage=20", refused.error()["message"])
        self.assertIn("retry-after", refused.headers)
        row = self.gateway.get("/router/state").json()["data"][0]["deployments"][0]
        self.assertEqual((row["otpm"], row["itpm"]), ({"used": 20, "limit": 30}, {"used": 10, "limit": None}))


class WeightedFailover(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {
            "model_list": [mock.row("chat", "status-500", info={"id": "bad"}, weight=1000),
                           mock.row("chat", "as-good", info={"id": "good"}, weight=1)],
            "router_settings": {"enable_weighted_failover": True, "num_retries": 1, "disable_cooldowns": True},
        }

    def test_a_retry_leaves_out_the_row_that_failed(self):
        replies = [self.gateway.chat("chat") for _ in range(10)]
        self.assertEqual({reply.status for reply in replies}, {200})
        self.assertEqual(set(ids(replies)), {"good"})


class Teams(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("ours", "as-ours", info={"team_id": "t1"}),
                               mock.row("both", "as-team", info={"id": "team", "team_id": "t1"}),
                               mock.row("both", "as-all", info={"id": "all"})]}

    def test_rows_of_a_team_are_not_there_for_others(self):
        self.assert_status(self.gateway.chat("ours"), 400)
        self.assertEqual(set(ids([self.gateway.chat("both") for _ in range(8)])), {"all"})


if __name__ == "__main__":
    unittest.main()
