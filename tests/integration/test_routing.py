"""Which row answers: weights, least-busy, names and aliases, wildcards, ids, organizations, defaults
(issue 2, sections 2 and 4)."""

import collections
import unittest

from case import GatewayCase
from processes import Gateway, Mock, wait_until


def row_ids(gateway, model, calls, **fields):
    """How often each row answered."""
    seen = collections.Counter()
    for _ in range(calls):
        reply = gateway.chat(model, **fields)
        assert reply.status == 200, reply.body
        seen[reply.headers["x-litellm-model-id"]] += 1
    return seen


class SimpleShuffle(GatewayCase):
    @classmethod
    def config(cls, mock):
        def row(name, identity, **params):
            return mock.row(name, f"as-{identity}", info={"id": identity}, **params)
        return {"model_list": [
            row("weighted", "w-heavy", weight=9), row("weighted", "w-light", weight=1), row("weighted", "w-none"),
            row("by-rpm", "r-heavy", rpm=900), row("by-rpm", "r-light", rpm=100),
            row("by-tpm", "t-heavy", tpm=9000), row("by-tpm", "t-light", tpm=1000),
            row("uniform", "u-one"), row("uniform", "u-two"), row("uniform", "u-three"),
            row("zero", "z-one", weight=0), row("zero", "z-two", weight=0),
        ]}

    def check_shares(self, model, heavy, light):
        seen = row_ids(self.gateway, model, 200)
        # 0.9 of 200 is 180 with a standard deviation of 4.2; 6 deviations never fail by chance
        self.assertGreater(seen[heavy], 154, seen)
        self.assertGreater(seen[light], 0, seen)

    def test_weight(self):
        self.check_shares("weighted", "w-heavy", "w-light")

    def test_a_row_without_weight_counts_zero(self):
        self.assertNotIn("w-none", row_ids(self.gateway, "weighted", 60))

    def test_rpm(self):
        self.check_shares("by-rpm", "r-heavy", "r-light")

    def test_tpm(self):
        self.check_shares("by-tpm", "t-heavy", "t-light")

    def test_uniform(self):
        seen = row_ids(self.gateway, "uniform", 150)
        for identity in ("u-one", "u-two", "u-three"):
            self.assertGreater(seen[identity], 15, seen)

    def test_all_weights_zero_is_uniform(self):
        self.assertEqual(set(row_ids(self.gateway, "zero", 60)), {"z-one", "z-two"})

    def test_a_row_id_calls_that_row(self):
        self.assertEqual(row_ids(self.gateway, "w-none", 5), {"w-none": 5})


class LeastBusy(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {
            "model_list": [mock.row("chat", "delay-60000+as-one", info={"id": "one"}),
                           mock.row("chat", "as-two", info={"id": "two"})],
            "router_settings": {"routing_strategy": "least-busy", "num_retries": 0},
        }

    def test_the_row_in_use_is_avoided(self):
        """Calls hang in the slow row (called by its id); while they do, all others go to the free row. Three of them:
        a row hears that a call has ended just after the client does, so the free row may still count its last one."""
        for _ in range(3):
            slow = self.gateway.begin_chat("one")
            self.addCleanup(slow.close)  # it hangs for as long as the others run, however slow the machine
        wait_until(lambda: self.mock.requests() >= 3, what="the slow row to be busy")
        self.assertEqual(row_ids(self.gateway, "chat", 10), {"two": 10})


class Names(GatewayCase):
    @classmethod
    def config(cls, mock):
        anthropic = mock.row("anthropic/*", "echo")
        return {
            "model_list": [
                mock.row("first", "as-first", info={"id": "first-row"}),
                mock.row("echo", "echo"),
                {"model_name": "open/*", "litellm_params": {**mock.row("", "")["litellm_params"], "model": "openai/*"}},
                {"model_name": "open/special-*", "litellm_params": {**mock.row("", "")["litellm_params"],
                                                                    "model": "openai/mock-as-special"}},
                anthropic,
                mock.row("orgs", "echo", organization=["org-a", "org-b", "org-c"]),
                mock.row("prod-only", "as-prod", info={"supported_environments": ["production"]}),
                mock.row("dev-only", "as-dev", info={"supported_environments": ["development"]}),
            ],
            "router_settings": {"model_group_alias": {"alias": "echo", "hidden": {"model": "echo", "hidden": True}}},
        }

    env = {"LITELLM_ENVIRONMENT": "production"}

    def test_no_model_means_the_first(self):
        reply = self.gateway.post("/v1/chat/completions", {"messages": [{"role": "user", "content": "x"}]})
        self.assert_status(reply, 200)
        self.assertEqual(reply.headers["x-litellm-model-id"], "first-row")

    def test_aliases(self):
        self.assertEqual(self.gateway.echo("alias").body["model"], "mock-echo")
        self.assertEqual(self.gateway.echo("hidden").body["model"], "mock-echo")

    def test_wildcard_substitutes(self):
        self.assertEqual(self.gateway.echo("open/mock-echo").body["model"], "mock-echo")

    def test_the_most_specific_wildcard_wins(self):
        self.assert_status(self.gateway.chat("open/special-7"), 200)
        self.assertEqual(self.mock.count("mock-as-special"), 1)

    def test_wildcard_with_a_fixed_model(self):
        self.assertEqual(self.gateway.echo("anthropic/claude-3-opus").body["model"], "mock-echo")

    def test_wildcards_are_anchored(self):
        self.assert_status(self.gateway.chat("xanthropic/claude"), 400)

    def test_organizations_are_rows_of_their_own(self):
        rows = [row for row in self.gateway.get("/model/info").json()["data"] if row["model_name"] == "orgs"]
        self.assertEqual(len({row["model_info"]["id"] for row in rows}), 3)
        seen = {self.gateway.echo("orgs").headers["openai-organization"] for _ in range(60)}
        self.assertEqual(seen, {"org-a", "org-b", "org-c"})

    def test_supported_environments(self):
        names = {model["id"] for model in self.gateway.get("/v1/models").json()["data"]}
        self.assertIn("prod-only", names)
        self.assertNotIn("dev-only", names)

    def test_the_upstream_model_name_reaches_a_row(self):
        self.assert_status(self.gateway.chat("openai/mock-as-first"), 200)


class ForcedModels(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("forced", "echo"), mock.row("other", "as-other")],
                "general_settings": {"completion_model": "forced", "embedding_model": "other"}}

    def test_completion_model_ignores_the_requests(self):
        self.assertEqual(self.gateway.echo("other").body["model"], "mock-echo")

    def test_embedding_model(self):
        reply = self.gateway.post("/v1/embeddings", {"model": "forced", "input": "a"})
        self.assert_status(reply, 200)
        self.assertEqual(self.mock.count("mock-as-other"), 1)


class StableIds(unittest.TestCase):
    def test_ids_survive_a_restart(self):
        mock = Mock()
        self.addCleanup(mock.stop)
        config = {"model_list": [mock.row("a", "as-one"), mock.row("a", "as-two", temperature=0.5),
                                 mock.row("b", "as-three", organization=["x", "y"])]}
        ids = []
        for _ in range(2):
            gateway = Gateway(config, key=None)
            ids.append([row["model_info"]["id"] for row in gateway.get("/model/info").json()["data"]])
            gateway.stop()
        self.assertEqual(ids[0], ids[1])
        self.assertEqual(len(set(ids[0])), 4)
        for identity in ids[0][:2]:
            self.assertRegex(identity, "^[0-9a-f]{64}$")


if __name__ == "__main__":
    unittest.main()
