"""Virtual keys, budgets, limits and spend through the real binary, on SQLite and on Postgres (issue 4; spec
management.md 1, 2, 5, 6; seeds 000 and 003)."""

import json
import unittest

import web
from case import GatewayCase, together
from postgres import Postgres
from processes import Gateway, Mock, wait_until

PRICED = {"input_cost_per_token": 0.00001, "output_cost_per_token": 0.00002}


class PlaneCase(GatewayCase):
    """A gateway with a store; subclasses on Postgres set database_url."""

    @classmethod
    def config(cls, mock):
        return {
            "model_list": [mock.row("gpt-4", "usage-10-20", **PRICED), mock.row("my-free-tier", "usage-10-20", **PRICED),
                           mock.row("slow", "delay-200+usage-10-20", **PRICED)],
            "general_settings": {"proxy_batch_write_at": 1},
        }

    def generate(self, **fields):
        reply = self.gateway.post("/key/generate", fields)
        self.assert_status(reply, 200)
        return reply.json()

    def info(self, key):
        reply = self.gateway.get(f"/key/info?key={key}")
        self.assert_status(reply, 200)
        return reply.json()["info"]


class OwnRouting(PlaneCase):
    """What a key, a team or their metadata say about fallbacks and rows (issue 3)."""

    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("bad", "status-500"), mock.row("good", "as-good", info={"id": "shared"}),
                               mock.row("good-internal", "as-own", info={"id": "own", "team_id": "t1",
                                                                         "team_public_model_name": "good"})],
                "router_settings": {"num_retries": 0, "fallbacks": [{"bad": ["good"]}]}}

    def test_a_key_may_be_without_fallbacks(self):
        self.assert_status(self.gateway.chat("bad", key=self.generate()["key"]), 200)
        key = self.generate(metadata={"disable_fallbacks": True})["key"]
        self.assert_status(self.gateway.chat("bad", key=key), 500)

    def test_a_key_may_have_fallbacks_of_its_own(self):
        key = self.generate(router_settings={"fallbacks": [{"bad": ["bad"]}]})["key"]
        self.assert_status(self.gateway.chat("bad", key=key), 500)

    def test_a_team_calls_its_rows_by_their_public_name(self):
        self.assert_status(self.gateway.post("/team/new", {"team_id": "t1"}), 200)
        ours, theirs = self.generate(team_id="t1")["key"], self.generate()["key"]
        rows = {key: {self.gateway.chat("good", key=key).headers["x-litellm-model-id"] for _ in range(20)}
                for key in (ours, theirs)}
        self.assertEqual((rows[ours], rows[theirs]), ({"own", "shared"}, {"shared"}))
        self.assert_status(self.gateway.chat("good-internal", key=theirs), 400)
        names = {key: {m["id"] for m in self.gateway.get("/v1/models", key=key).json()["data"]} for key in (ours, theirs)}
        self.assertEqual((names[ours], names[theirs]), ({"bad", "good"}, {"bad", "good"}))


class ClientTags(PlaneCase):
    """general_settings.allow_client_tags: false, as LiteLLM 1.83 had it for everybody."""

    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("chat", "as-free", info={"id": "free"}, tags=["default"]),
                               mock.row("chat", "as-paid", info={"id": "paid"}, tags=["paid"])],
                "general_settings": {"allow_client_tags": False},
                "router_settings": {"enable_tag_filtering": True}}

    def row(self, key, **fields):
        reply = self.gateway.chat("chat", key=key, headers={"x-litellm-tags": "paid"}, **fields)
        self.assert_status(reply, 200)
        return reply.headers["x-litellm-model-id"]

    def test_tags_count_where_key_or_team_allow_them(self):
        plain = self.generate()["key"]
        self.assertEqual(self.row(plain), "free")
        self.assertEqual(self.row(plain, tags=["paid"], metadata={"tags": ["paid"]}), "free")
        self.assertEqual(self.row(self.generate(metadata={"allow_client_tags": True})["key"]), "paid")
        self.assertEqual(self.row(self.generate(metadata={"tags": ["paid"]})["key"]), "paid", "its own tags stay")
        team = self.gateway.post("/team/new", {"metadata": {"allow_client_tags": True}}).json()["team_id"]
        self.assertEqual(self.row(self.generate(team_id=team)["key"]), "paid")
        self.assertEqual(self.row(self.gateway.key), "paid", "the administrator's always do")


class Keys(PlaneCase):
    def test_seed_000_generate_and_use(self):
        made = self.generate(models=["gpt-3.5-turbo", "gpt-4", "claude-2"], duration="20m")
        self.assertRegex(made["key"], r"^sk-[\w-]{22}$")
        self.assertRegex(made["expires"], r"^\d{4}-\d\d-\d\dT")
        self.assert_status(self.gateway.chat("gpt-4", key=made["key"]), 200)

    def test_calls_that_are_passed_on_leak_no_budget(self):
        for fields, refused in (({"max_budget": 1}, True), ({"models": ["gpt-4o"]}, True), ({}, False)):
            with self.subTest(**fields):
                key = self.generate(**fields)["key"]
                for path in ("/openai/v1/models", "/v1/files"):
                    status = self.gateway.get(path, key=key).status
                    self.assertEqual(status == 403, refused, (path, status))

    def test_seed_000_aliases_choose_the_tier(self):
        made = self.generate(models=["my-free-tier"], aliases={"gpt-3.5-turbo": "my-free-tier"}, duration="30min")
        reply = self.gateway.chat("gpt-3.5-turbo", key=made["key"])
        self.assert_status(reply, 200)
        self.assertEqual(reply.headers["x-litellm-model-group"], "my-free-tier")

    def test_a_model_that_the_key_may_not_use(self):
        made = self.generate(models=["my-free-tier"])
        reply = self.gateway.chat("gpt-4", key=made["key"])
        self.assert_status(reply, 403)
        self.assertEqual(reply.error()["type"], "key_model_access_denied")
        self.assertIn("Tried to access gpt-4", reply.error()["message"])
        listed = self.gateway.get("/v1/models", key=made["key"]).json()["data"]
        self.assertEqual([model["id"] for model in listed], ["my-free-tier"])

    def test_unknown_deleted_and_blocked_keys(self):
        self.assert_status(self.gateway.chat("gpt-4", key="sk-nobody"), 401)
        made = self.generate()
        self.assert_status(self.gateway.chat("gpt-4", key=made["key"]), 200)
        self.assert_status(self.gateway.post("/key/block", {"key": made["key"]}), 200)
        reply = self.gateway.chat("gpt-4", key=made["key"])
        self.assert_status(reply, 401)
        self.assertIn("Key is blocked", reply.error()["message"])
        self.assert_status(self.gateway.post("/key/unblock", {"key": made["key"]}), 200)
        self.assert_status(self.gateway.chat("gpt-4", key=made["key"]), 200)
        self.assert_status(self.gateway.post("/key/delete", {"keys": [made["key"]]}), 200)
        self.assert_status(self.gateway.chat("gpt-4", key=made["key"]), 401)

    def test_keys_cannot_manage(self):
        made = self.generate()
        self.assertIn(self.gateway.post("/key/generate", {}, key=made["key"]).status, (401, 403))
        self.assertIn(self.gateway.get("/spend/keys", key=made["key"]).status, (401, 403))

    def test_spend_of_streams_equals_spend_of_answers(self):
        one, two = self.generate(), self.generate()
        reply = self.gateway.chat("gpt-4", key=one["key"])
        self.assertEqual(reply.headers["x-litellm-response-cost"], "0.0005")
        stream = self.gateway.stream("gpt-4", headers={"Authorization": f"Bearer {two['key']}"})
        self.assertIn("[DONE]", str(stream.all()))
        self.assertEqual(self.info(one["key"])["spend"], 0.0005)
        self.assertEqual(self.info(two["key"])["spend"], 0.0005)

    def test_every_request_has_one_row(self):
        made = self.generate(metadata={"spend_logs_metadata": {"hello": "world"}})
        reply = self.gateway.chat("gpt-4", key=made["key"], user="ada", metadata={"tags": ["a", "b"]})
        rows = self.gateway.get(f"/spend/logs?request_id={reply.json()['id']}").json()
        self.assertEqual(len(rows), 1, rows)
        row = rows[0]
        self.assertEqual(row["spend"], 0.0005)
        self.assertEqual((row["prompt_tokens"], row["completion_tokens"]), (10, 20))
        self.assertEqual(row["call_type"], "acompletion")
        self.assertEqual(row["end_user"], "ada")
        self.assertEqual(row["metadata"]["spend_logs_metadata"], {"hello": "world"})
        self.assertLessEqual({"a", "b"}, set(row["request_tags"]))


class Budgets(PlaneCase):
    def test_the_next_request_is_refused(self):
        made = self.generate(max_budget=0.0004)
        self.assert_status(self.gateway.chat("gpt-4", key=made["key"], max_tokens=20), 200)
        reply = self.gateway.chat("gpt-4", key=made["key"], max_tokens=20)
        self.assert_status(reply, 400)
        self.assertEqual(reply.error()["type"], "budget_exceeded")
        self.assertIsNone(reply.error()["param"])
        self.assertIn("Budget has been exceeded! Current cost: 0.0005, Max budget: 0.0004", reply.error()["message"])

    def test_alone_overshoots_by_one_request_at_most(self):
        made = self.generate(max_budget=0.002)
        together([lambda: self.gateway.chat("slow", key=made["key"])] * 60)
        self.assertLessEqual(self.info(made["key"])["spend"], 0.0025)

    def test_rpm_and_parallel_limits(self):
        made = self.generate(rpm_limit=5)
        replies = together([lambda: self.gateway.chat("gpt-4", key=made["key"])] * 40)
        self.assertEqual(sum(reply.status == 200 for reply in replies), 5)
        refused = next(reply for reply in replies if reply.status != 200)
        self.assert_status(refused, 429)
        self.assertIn("retry-after", refused.headers)
        made = self.generate(max_parallel_requests=3)
        replies = together([lambda: self.gateway.chat("slow", key=made["key"])] * 20)
        self.assertTrue(3 <= sum(reply.status == 200 for reply in replies) < 20)

    def test_tpm_is_never_passed(self):
        made = self.generate(tpm_limit=100)
        replies = together([lambda: self.gateway.chat("gpt-4", key=made["key"], max_tokens=20)] * 200)
        passed = [reply for reply in replies if reply.status == 200]
        self.assertLessEqual(30 * len(passed), 100)
        self.assertGreater(len(passed), 0)

    def test_team_budget(self):
        team = self.gateway.post("/team/new", {"team_alias": "blue", "max_budget": 0.0004}).json()
        made = self.generate(team_id=team["team_id"])
        self.assert_status(self.gateway.chat("gpt-4", key=made["key"]), 200)
        reply = self.gateway.chat("gpt-4", key=made["key"])
        self.assert_status(reply, 400)
        self.assertIn("Budget has been exceeded! Team=", reply.error()["message"])


class Strict(PlaneCase):
    @classmethod
    def config(cls, mock):
        document = super().config(mock)
        document["general_settings"]["budget_policy"] = "strict"
        document["model_list"].append(mock.row("held", "delay-4000+usage-10-20", **PRICED))
        return document

    def test_exactly_what_the_budget_is_worth(self):
        body = {"model": "held", "max_tokens": 20, "messages": [{"role": "user", "content": "hello"}]}
        worst = len(json.dumps(body)) * 0.00001 + 20 * 0.00002
        made = self.generate(max_budget=worst * 10 + worst / 2)
        replies = together([lambda: self.gateway.post("/v1/chat/completions", body, key=made["key"])] * 100)
        self.assertEqual(sum(reply.status == 200 for reply in replies), 10)


class KeysOnPostgres(Keys):
    @classmethod
    def setUpClass(cls):
        cls.postgres = Postgres()
        cls.addClassCleanup(cls.postgres.close)
        cls.postgres.start()
        super().setUpClass()

    @classmethod
    def config(cls, mock):
        document = super().config(mock)
        document["general_settings"]["database_url"] = cls.postgres.url
        return document


if __name__ == "__main__":
    unittest.main()
