"""Money where it is hard: dear fallbacks, budgets of tags, full journals, prices by URL (issue 4)."""

import json
import unittest

from case import GatewayCase, together
from processes import wait_until
from scripted import Scripted

CHEAP = {"input_cost_per_token": 0.000001, "output_cost_per_token": 0.000002}
DEAR = {"input_cost_per_token": 0.00001, "output_cost_per_token": 0.00002}


class DearFallback(GatewayCase):
    """What a fallback may cost more is reserved before it runs."""

    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("cheap", "status-500", **CHEAP), mock.row("dear", "delay-1500+usage-10-20", **DEAR),
                               mock.row("free", "status-500", input_cost_per_token=0, output_cost_per_token=0)],
                "router_settings": {"num_retries": 0, "disable_cooldowns": True,
                                    "fallbacks": [{"cheap": ["dear"]}, {"free": ["dear"]}]},
                "general_settings": {"budget_policy": "strict"}}

    def call(self, model, key):
        return self.gateway.post("/v1/chat/completions", self.body(model), key=key)

    @staticmethod
    def body(model):
        return {"model": model, "max_tokens": 20, "messages": [{"role": "user", "content": "hello"}]}

    def check(self, model):
        worst = len(json.dumps(self.body(model))) * 0.00001 + 20 * 0.00002
        made = self.gateway.post("/key/generate", {"max_budget": worst * 10 + worst / 2}).json()
        replies = together([lambda: self.call(model, made["key"])] * 100)
        good = [reply for reply in replies if reply.status == 200]
        self.assertGreaterEqual(len(good), 10, sorted({reply.status for reply in replies}))
        refused = next(reply for reply in replies if reply.status != 200)
        self.assertIn("Budget has been exceeded!", refused.error()["message"])
        info = self.gateway.get(f"/key/info?key={made['key']}").json()["info"]
        self.assertAlmostEqual(info["spend"], len(good) * 0.0005)
        self.assertLessEqual(info["spend"], info["max_budget"])  # a hundred would cost 0.05

    def test_what_a_hundred_fall_back_to_is_within_the_budget(self):
        self.check("cheap")

    def test_from_a_free_model_too(self):
        self.check("free")


class TagBudget(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("gpt", "usage-10-20", **DEAR)], "litellm_settings": {
            "tag_budget_config": {"product:bot": {"max_budget": 0.0009, "budget_duration": "1d"}}}}

    def test_two_calls_are_paid_for_the_third_is_not(self):
        tagged = {"metadata": {"tags": ["product:bot"]}}
        for _ in range(2):
            self.assert_status(self.gateway.chat("gpt", **tagged), 200)
        reply = self.gateway.chat("gpt", **tagged)
        self.assert_status(reply, 400)
        self.assertEqual(reply.error()["type"], "budget_exceeded")
        self.assertIn("product:bot", reply.error()["message"])
        self.assert_status(self.gateway.chat("gpt", metadata={"tags": ["other"]}), 200)


class CostMap(GatewayCase):
    """LITELLM_MODEL_COST_MAP_URL over http: at the start, again when asked, and when it fails."""

    @classmethod
    def setUpClass(cls):
        cls.server = Scripted()
        cls.addClassCleanup(cls.server.stop)
        cls.price = 0.001
        cls.server.routes = {"/prices.json": lambda _: cls.answer()}
        cls.env = {"LITELLM_MODEL_COST_MAP_URL": f"{cls.server.url}/prices.json"}
        super().setUpClass()

    @classmethod
    def answer(cls):
        if cls.price is None:
            return 500, {}
        row = {"input_cost_per_token": cls.price, "output_cost_per_token": 0, "litellm_provider": "openai", "mode": "chat"}
        # A map of a few rows would be taken for a broken one.
        return 200, {"mock-usage-10-20": row, **{f"model-{number}": row for number in range(3000)}}

    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("gpt", "usage-10-20")]}

    def cost(self):
        return float(self.gateway.chat("gpt").headers["x-litellm-response-cost"])

    def test_prices_of_the_url_and_their_reload(self):
        self.assertEqual(self.cost(), 0.01)
        key = self.gateway.post("/key/generate", {}).json()["key"]
        self.assertIn(self.gateway.post("/reload/model_cost_map", {}, key=key).status, (401, 403))
        CostMap.price = 0.002
        reply = self.gateway.post("/reload/model_cost_map", {})
        self.assert_status(reply, 200)
        self.assertEqual(reply.json()["status"], "success")
        self.assertGreater(reply.json()["models_count"], 1000)
        wait_until(lambda: self.cost() == 0.02, what="the new price")
        with self.subTest("a reload that fails changes nothing"):
            CostMap.price = None
            self.assert_status(self.gateway.post("/reload/model_cost_map", {}), 500)
            self.assertEqual(self.cost(), 0.02)
        source = self.gateway.get("/model/cost_map/source").json()
        self.assertEqual(source["source"], "remote")

    def test_the_schedule(self):
        path = "/schedule/model_cost_map_reload"
        self.assert_status(self.gateway.post(path + "?hours=0", {}), 400)
        reply = self.gateway.post(path + "?hours=6", {})
        self.assertEqual(reply.json()["interval_hours"], 6)
        status = self.gateway.get(path + "/status").json()
        self.assertEqual((status["scheduled"], status["interval_hours"]), (True, 6))
        self.assert_status(self.gateway.request("DELETE", path), 200)
        self.assertEqual(self.gateway.get(path + "/status").json(),
                         {"scheduled": False, "interval_hours": None, "last_run": None, "next_run": None})


class NoCostMap(GatewayCase):
    @classmethod
    def setUpClass(cls):
        dead = Scripted()
        dead.stop()
        cls.env = {"LITELLM_MODEL_COST_MAP_URL": dead.url}
        super().setUpClass()

    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("gpt", "usage-10-20", info={"base_model": "gpt-4o"})]}

    def test_the_built_in_prices_count_and_a_warning_says_so(self):
        self.gateway.wait_line("LITELLM_MODEL_COST_MAP_URL: .*built-in prices")
        self.assert_status(self.gateway.chat("gpt"), 200)


if __name__ == "__main__":
    unittest.main()
