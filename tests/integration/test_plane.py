"""What keys and budgets owe their operator beyond a single request (issue 4): windows that outlive the process, limits
per model on every level, keys that rotate, the way out of LiteLLM's database."""

import json
import subprocess
import tempfile
import unittest

from case import GatewayCase, together
from postgres import Postgres
from processes import GATEWAY_BINARY, KEY, Gateway, Mock, base_env, wait_until
from scripted import Scripted

PRICED = {"input_cost_per_token": 0.00001, "output_cost_per_token": 0.00002}  # usage-10-20 costs 0.0005


class Windows(unittest.TestCase):
    def test_a_restart_begins_no_window_anew(self):
        mock = Mock()
        self.addCleanup(mock.stop)
        folder = tempfile.TemporaryDirectory(prefix="switchyard-windows-")
        self.addCleanup(folder.cleanup)
        document = {"model_list": [mock.row("gpt", "usage-10-20", **PRICED), mock.row("other", "usage-10-20", **PRICED)],
                    "general_settings": {"master_key": KEY, "proxy_batch_write_at": 0.2}}
        budget = {"budget_limit": 0.0004, "time_period": "30d"}
        gateway = Gateway(document, data=folder.name)
        windows = gateway.post("/key/generate", {"budget_limits": [{"budget_duration": "7d", "max_budget": 0.0004}]}).json()
        model = gateway.post("/key/generate", {"key_alias": "ci", "model_max_budget": {"gpt": budget}}).json()
        for key in (windows["key"], model["key"]):
            self.assertEqual(gateway.chat("gpt", key=key).status, 200)
        for kill in (False, True):
            with self.subTest(kill=kill):
                if kill:
                    gateway.child.kill()
                    gateway.child.wait()
                else:
                    gateway.stop()
                gateway = Gateway(document, data=folder.name)
                reply = gateway.chat("gpt", key=windows["key"])
                self.assertEqual(reply.status, 400, reply.body)
                self.assertIn("ExceededBudget: Key over 7d budget. Spend=$0.0005", reply.error()["message"])
                reply = gateway.chat("gpt", key=model["key"])
                self.assertEqual(reply.status, 400, reply.body)
                self.assertIn("key_alias: ci, exceeded budget for model=gpt", reply.error()["message"])
                self.assertEqual(gateway.chat("other", key=model["key"]).status, 200)
        self.assertEqual(gateway.stop(), 0)


class ModelLimits(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("gpt", "usage-10-20", **PRICED), mock.row("other", "usage-10-20", **PRICED)]}

    def made(self, path, body):
        reply = self.gateway.post(path, body)
        self.assert_status(reply, 200)
        return reply.json()

    def check(self, words, status, **call):
        self.assert_status(self.gateway.chat("gpt", **call), 200)
        reply = self.gateway.chat("gpt", **call)
        self.assert_status(reply, status)
        self.assertIn(words, reply.error()["message"])
        self.assert_status(self.gateway.chat("other", **call), 200)

    def test_of_organizations_projects_members_and_customers(self):
        self.made("/organization/new", {"organization_id": "o", "organization_alias": "O", "model_rpm_limit": {"gpt": 1}})
        self.made("/team/new", {"team_id": "t"})
        self.made("/project/new", {"project_id": "p", "project_alias": "P", "team_id": "t", "model_rpm_limit": {"gpt": 1}})
        budget = {"gpt": {"budget_limit": 0.0004, "time_period": "1d"}}
        self.made("/budget/new", {"budget_id": "b", "model_max_budget": budget})
        self.made("/customer/new", {"user_id": "crm:7", "budget_id": "b"})
        key = self.made("/key/generate", {"organization_id": "o"})["key"]
        self.check("Rate limit exceeded for model_per_organization: o:gpt", 429, key=key)
        key = self.made("/key/generate", {"team_id": "t", "project_id": "p"})["key"]
        self.check("Rate limit exceeded for model_per_project: p:gpt", 429, key=key)
        key = self.made("/key/generate", {})["key"]
        self.check("LiteLLM End User: crm:7, exceeded budget for model=gpt", 400, key=key, user="crm:7")
        user = self.made("/user/new", {"user_id": "ada", "model_max_budget": budget})
        self.check("LiteLLM User: ada, exceeded budget for model=gpt", 400, key=user["key"])


class Clamp(GatewayCase):
    """budget_policy clamp: an answer is as long as what is left pays for."""

    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("gpt", "echo", **PRICED)], "general_settings": {"budget_policy": "clamp"}}

    def test_max_tokens_is_lowered_to_what_is_left(self):
        body = {"model": "gpt", "messages": [{"role": "user", "content": "hello"}], "max_tokens": 1000}
        prompt = len(json.dumps(body)) * PRICED["input_cost_per_token"]
        key = self.gateway.post("/key/generate", {"max_budget": prompt + 10.5 * PRICED["output_cost_per_token"]}).json()["key"]
        self.assert_status(self.gateway.post("/v1/chat/completions", body, key=key), 200)
        self.assertEqual(self.mock.last().body["max_tokens"], 10)
        poor = self.gateway.post("/key/generate", {"max_budget": prompt}).json()["key"]
        reply = self.gateway.post("/v1/chat/completions", body, key=poor)
        self.assert_status(reply, 400)
        self.assertEqual(reply.error()["type"], "budget_exceeded")


class Unreserved(GatewayCase):
    """disable_budget_reservation: what runs does not count, as in older LiteLLMs."""

    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("held", "delay-1500+usage-10-20", **PRICED)],
                "general_settings": {"disable_budget_reservation": True, "budget_policy": "strict"}}

    def test_parallel_requests_overspend(self):
        key = self.gateway.post("/key/generate", {"max_budget": 0.0004}).json()["key"]
        replies = together([lambda: self.gateway.chat("held", key=key)] * 5)
        self.assertEqual([reply.status for reply in replies], [200] * 5)
        self.assert_status(self.gateway.chat("held", key=key), 400)


class Rotation(GatewayCase):
    @classmethod
    def setUpClass(cls):
        cls.hook = Scripted()
        cls.addClassCleanup(cls.hook.stop)
        cls.status = 500
        cls.hook.routes = {"/rotated": lambda _: (cls.status, {})}
        cls.env = {"LITELLM_KEY_ROTATION_ENABLED": "true", "LITELLM_KEY_ROTATION_CHECK_INTERVAL_SECONDS": "0.2",
                   "LITELLM_KEY_ROTATION_GRACE_PERIOD": "1h"}
        super().setUpClass()

    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("gpt", "as-x")], "general_settings": {
            "key_rotation_hook": cls.hook.url + "/rotated", "proxy_config_reload_interval_seconds": 0.2}}

    def test_a_new_value_counts_once_the_hook_knows_it(self):
        refused = self.gateway.post("/key/generate", {"auto_rotate": True, "rotation_interval": "1s"}).json()
        wait_until(lambda: self.hook.count("/rotated") == 1, what="the hook to be asked")
        self.gateway.wait_line("tried again at the next check")
        self.assert_status(self.gateway.chat("gpt", key=self.hook.last("/rotated").json()["key"]), 401)
        self.assert_status(self.gateway.chat("gpt", key=refused["key"]), 200)
        Rotation.status = 200
        old = self.gateway.post("/key/generate", {"auto_rotate": True, "rotation_interval": "1h", "key_alias": "ci"}).json()
        # LiteLLM wrote rows without a date, which are due at once; here a date that is over.
        self.gateway.post("/key/update", {"key": old["key"], "rotation_interval": "1s"})
        wait_until(lambda: self.hook.count("/rotated") >= 2, what="the hook to be told")
        told = self.hook.seen[1].json()
        self.assertEqual((told["event"], told["key_alias"], told["previous_token_id"]), ("key_rotated", "ci", old["token"]))
        wait_until(lambda: self.gateway.chat("gpt", key=told["key"]).status == 200, what="the new value to count")
        self.assert_status(self.gateway.chat("gpt", key=old["key"]), 200)  # its grace
        self.gateway.post("/key/update", {"key": told["key"], "auto_rotate": False})
        self.assertNotIn(told["key"], self.gateway.log())


class Import(unittest.TestCase):
    """`switchyard import`: a Postgres as LiteLLM leaves it, into the embedded store."""

    def run_command(self, *arguments, **env):
        done = subprocess.run([GATEWAY_BINARY, *arguments], capture_output=True, text=True, env=base_env(env), check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_keys_and_spend_move(self):
        postgres = Postgres()
        self.addCleanup(postgres.close)
        postgres.start()
        mock = Mock()
        self.addCleanup(mock.stop)
        folder = tempfile.TemporaryDirectory(prefix="switchyard-import-")
        self.addCleanup(folder.cleanup)
        document = {"model_list": [mock.row("gpt", "usage-10-20", **PRICED)],
                    "general_settings": {"master_key": KEY, "proxy_batch_write_at": 0.2}}
        self.assertIn("would do:", self.run_command("db", "migrate", "--dry-run", "--url", postgres.url))
        gateway = Gateway({**document, "general_settings": {**document["general_settings"], "database_url": postgres.url}})
        made = gateway.post("/key/generate", {"max_budget": 5, "key_alias": "moved"}).json()
        self.assertEqual(gateway.chat("gpt", key=made["key"]).status, 200)
        self.assertEqual(gateway.get(f"/key/info?key={made['key']}").json()["info"]["spend"], 0.0005)
        self.assertEqual(gateway.stop(), 0)
        self.assertIn("the schema is as expected", self.run_command("db", "check", "--url", postgres.url))
        self.assertRegex(self.run_command("db", "status", "--url", postgres.url), r"LiteLLM_SpendLogs: 1 rows")
        report = self.run_command("import", "--from", postgres.url, SWITCHYARD_DATA_DIR=folder.name)
        self.assertRegex(report, r"VerificationToken.*exact")
        embedded = Gateway(document, data=folder.name)
        self.addCleanup(embedded.stop)
        self.assertEqual(embedded.chat("gpt", key=made["key"]).status, 200)
        info = embedded.get(f"/key/info?key={made['key']}").json()["info"]
        self.assertEqual((info["key_alias"], info["max_budget"], info["spend"]), ("moved", 5, 0.001))
        self.assertEqual(len(embedded.get("/spend/logs").json()), 2)


if __name__ == "__main__":
    unittest.main()
