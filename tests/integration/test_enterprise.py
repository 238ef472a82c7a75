"""Seed 003 word for word: audit rows, tags, spend metadata, enforced params, route control (issue 4)."""

import json
import time
import unittest

from case import GatewayCase
from postgres import Postgres
from processes import SLOW, Gateway, Mock, wait_until

PRICED = {"input_cost_per_token": 0.00001, "output_cost_per_token": 0.00002}


def models(mock):
    return [mock.row("gpt-3.5-turbo", "usage-10-20", **PRICED), mock.row("fake-openai-endpoint", "usage-10-20", **PRICED),
            mock.row("gpt-4", "usage-10-20", **PRICED)]


class SpendByTag(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": models(mock), "litellm_settings": {"store_audit_logs": True}}

    def test_tags_of_key_team_and_request(self):
        for route in ("/key/generate", "/team/new"):
            reply = self.gateway.post(route, {"metadata": {"tags": ["tag1", "tag2", "tag3"]}})
            self.assert_status(reply, 200)
        tags = ["model-anthropic-claude-v2.1", "app-ishaan-prod"]
        for _ in range(2):
            self.assert_status(self.gateway.chat("gpt-3.5-turbo", metadata={"tags": tags}), 200)
        seen = {row["individual_request_tag"]: row for row in self.gateway.get("/spend/tags").json()}
        for tag in tags:
            self.assertEqual((seen[tag]["log_count"], seen[tag]["total_spend"]), (2, 0.001))

    def test_custom_metadata_is_in_the_row(self):
        reply = self.gateway.chat("gpt-3.5-turbo", metadata={"spend_logs_metadata": {"hello": "world"}})
        rows = self.gateway.get(f"/spend/logs?request_id={reply.json()['id']}").json()
        self.assertEqual(rows[0]["metadata"]["spend_logs_metadata"], {"hello": "world"})
        self.assertEqual(rows[0]["call_type"], "acompletion")

    def test_audit_row_of_a_new_team(self):
        team = self.gateway.post("/team/new", {"max_budget": 2}).json()
        rows = self.gateway.get(f"/audit?object_id={team['team_id']}").json()["audit_logs"]
        self.assertEqual(len(rows), 1, rows)
        self.assertEqual((rows[0]["action"], rows[0]["table_name"]), ("created", "LiteLLM_TeamTable"))
        self.assertIsNone(rows[0]["before_value"])
        self.assertEqual(rows[0]["updated_values"]["max_budget"], 2.0)


class EnforcedParams(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": models(mock),
                "general_settings": {"enforced_params": ["user", "metadata.generation_name"]}}

    def test_the_seeds_three_requests(self):
        key = self.gateway.post("/key/generate", {}).json()["key"]
        reply = self.gateway.chat("gpt-3.5-turbo", key=key)
        self.assert_status(reply, 401)
        self.assertEqual(reply.error()["message"], "Authentication Error, BadRequest please pass param=user in request "
                                                   "body. This is a required param")
        reply = self.gateway.chat("gpt-3.5-turbo", key=key, user="gm", metadata={})
        self.assert_status(reply, 401)
        self.assertIn("param=[metadata][generation_name]", reply.error()["message"])
        self.assert_status(self.gateway.chat("gpt-3.5-turbo", key=key, user="gm",
                                             metadata={"generation_name": "prod-app"}), 200)

    def test_set_on_a_key(self):
        made = self.gateway.post("/key/generate", {"enforced_params": ["user", "metadata.generation_name"]})
        self.assert_status(made, 200)


class RouteControl(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": models(mock), "general_settings": {
            "public_routes": ["LiteLLMRoutes.public_routes", "/spend/calculate"],
            "admin_only_routes": ["/key/generate"],
            "allowed_routes": ["/chat/completions", "/v1/chat/completions", "/spend/calculate", "/key/generate",
                               "LiteLLMRoutes.public_routes"]}}

    def test_public_route_needs_no_key(self):
        body = {"model": "gpt-4", "messages": [{"role": "user", "content": "Hey, how's it going?"}]}
        reply = self.gateway.post("/spend/calculate", body, key=None)
        self.assert_status(reply, 200)
        self.assertGreater(reply.json()["cost"], 0)

    def test_admin_only_route(self):
        made = self.gateway.post("/key/generate", {})
        self.assert_status(made, 200)
        reply = self.gateway.post("/key/generate", {"user_role": "internal_user"}, key=made.json()["key"])
        self.assert_status(reply, 403)
        self.assertEqual(reply.error(), {
            "message": "user not allowed to access this route. Route=/key/generate is an admin only route",
            "type": "auth_error", "param": "None", "code": "403"})

    def test_routes_that_are_not_exposed(self):
        reply = self.gateway.post("/embeddings", {"model": "gpt-4", "input": ["write a litellm poem"]})
        self.assert_status(reply, 403)
        self.assertEqual(reply.error()["message"], "Route /embeddings not allowed")


class TwoGateways(unittest.TestCase):
    """Two processes at one Postgres."""

    @classmethod
    def setUpClass(cls):
        cls.postgres = Postgres()
        cls.addClassCleanup(cls.postgres.close)
        cls.postgres.start()
        cls.mock = Mock()
        cls.addClassCleanup(cls.mock.stop)
        document = {"model_list": models(cls.mock), "general_settings": {
            "master_key": "sk-1234", "database_url": cls.postgres.url, "proxy_batch_write_at": 0.2,
            "store_model_in_db": True}}
        cls.one, cls.two = Gateway(document), Gateway(document)
        cls.addClassCleanup(cls.one.stop)
        cls.addClassCleanup(cls.two.stop)

    def test_a_key_made_here_works_there_and_a_block_too(self):
        made = self.one.post("/key/generate", {}).json()
        self.assertEqual(self.two.chat("gpt-4", key=made["key"]).status, 200)
        delays = []
        for path, status in (("/key/block", 401), ("/key/unblock", 200)) * 3:
            self.assertEqual(self.one.post(path, {"key": made["key"]}).status, 200)
            start = time.monotonic()
            wait_until(lambda: self.two.chat("gpt-4", key=made["key"]).status == status, timeout=5, what=path)
            delays.append(time.monotonic() - start)
        self.assertLess(sorted(delays)[len(delays) // 2], 0.1 * SLOW, delays)  # LISTEN/NOTIFY, not the poll
        delay = [line for line in self.two.get("/metrics").body.decode().splitlines()
                 if line.startswith("switchyard_key_delay_seconds ")]
        self.assertLess(float(delay[0].split()[1]), 1, delay)

    def test_spend_of_both_is_one_sum(self):
        made = self.one.post("/key/generate", {}).json()
        for gateway in (self.one, self.two) * 3:
            self.assertEqual(gateway.chat("gpt-4", key=made["key"]).status, 200)

        def spend():
            self.two.get(f"/key/info?key={made['key']}")
            return self.one.get(f"/key/info?key={made['key']}").json()["info"]["spend"] == 0.003
        wait_until(spend, what="six requests' spend")

    def test_a_model_made_at_run_time(self):
        params = self.mock.row("new-model", "usage-10-20", **PRICED)["litellm_params"]
        reply = self.one.post("/model/new", {"model_name": "new-model", "litellm_params": params})
        self.assertEqual(reply.status, 200, reply.body)
        self.assertEqual(self.one.chat("new-model").status, 200)
        wait_until(lambda: self.two.chat("new-model").status == 200, timeout=15, what="the model elsewhere")


if __name__ == "__main__":
    unittest.main()
