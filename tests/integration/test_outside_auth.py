"""Callers whom others vouch for, over sockets: JWKS, OAuth2 introspection, the hooks (issue 4)."""

import time
import unittest

from case import GatewayCase, together
from jwt_maker import Key
from processes import wait_until
from scripted import Scripted


class Outside(GatewayCase):
    """`routes` of a scripted server are there before the gateway starts."""

    @classmethod
    def setUpClass(cls):
        cls.server = Scripted()
        cls.addClassCleanup(cls.server.stop)
        cls.prepare()
        super().setUpClass()

    @classmethod
    def prepare(cls):
        raise NotImplementedError

    @classmethod
    def rows(cls, mock):
        return [mock.row("gpt", "usage-10-20", input_cost_per_token=0.00001, output_cost_per_token=0.00002)]


class Jwt(Outside):
    @classmethod
    def prepare(cls):
        cls.old, cls.new = Key("old"), Key("new")
        cls.answer = (200, {"keys": [cls.old.jwk()]})
        cls.server.routes = {
            "/discovery": lambda _: (200, {"jwks_uri": f"{cls.server.url}/jwks"}), "/jwks": lambda _: cls.answer}
        cls.env = {"JWT_PUBLIC_KEY_URL": f"{cls.server.url}/discovery", "JWT_AUDIENCE": "gateway"}
        cls.args = ("--num_workers", "1")

    @classmethod
    def config(cls, mock):
        return {"model_list": cls.rows(mock), "general_settings": {"enable_jwt_auth": True, "litellm_jwtauth": {
            "user_id_jwt_field": "sub", "user_id_upsert": True, "team_alias_jwt_field": "team",
            "org_alias_jwt_field": "org", "public_key_ttl": 1}}}

    def claims(self, **more):
        return {"sub": "ann", "team": "core", "aud": "gateway", "exp": int(time.time()) + 600, **more}

    def test_a_token_s_way_from_its_key_to_its_team(self):
        team = self.gateway.post("/team/new", {"team_alias": "core"}).json()["team_id"]
        org = self.gateway.post("/organization/new", {"organization_alias": "acme"}).json()["organization_id"]
        replies = together([lambda: self.gateway.chat("gpt", key=self.old.token(**self.claims(org="acme")))] * 8)
        self.assertEqual([reply.status for reply in replies], [200] * 8, replies[0].body)
        self.assertLess(self.server.count("/jwks"), 8)  # those who come together wait for one answer
        rows = self.gateway.get(f"/spend/logs?request_id={replies[0].json()['id']}").json()
        self.assertEqual((rows[0]["team_id"], rows[0]["user"], rows[0]["organization_id"]), (team, "ann", org))

        with self.subTest("an alias that nobody has, and one that two have"):
            reply = self.gateway.chat("gpt", key=self.old.token(**self.claims(team="nobody")))
            self.assert_status(reply, 401)
            self.assertIn("Alias=nobody", reply.error()["message"])
            for _ in range(2):
                self.assert_status(self.gateway.post("/team/new", {"team_alias": "twice"}), 200)
            self.assert_status(self.gateway.chat("gpt", key=self.old.token(**self.claims(team="twice"))), 401)

        with self.subTest("a renamed team answers to its new name only"):
            self.assert_status(self.gateway.post("/team/update", {"team_id": team, "team_alias": "kernel"}), 200)
            self.assert_status(self.gateway.chat("gpt", key=self.old.token(**self.claims(team="kernel"))), 200)
            self.assert_status(self.gateway.chat("gpt", key=self.old.token(**self.claims())), 401)
            self.assert_status(self.gateway.post("/team/update", {"team_id": team, "team_alias": "core"}), 200)

        with self.subTest("expired, for somebody else, signed by nobody"):
            for token in (self.old.token(**self.claims(exp=1)), self.old.token(**self.claims(aud="another")),
                          self.new.token(kid="old", **self.claims())):
                self.assert_status(self.gateway.chat("gpt", key=token), 401)

    def test_keys_change_and_the_server_dies(self):
        self.gateway.post("/team/new", {"team_id": "t2", "team_alias": "second"})
        claims = self.claims(team="second")
        self.assert_status(self.gateway.chat("gpt", key=self.old.token(**claims)), 200)
        # public_key_ttl is 1 s: a rotated key is there after it, and the old one is not.
        Jwt.answer = (200, {"keys": [self.new.jwk()]})
        self.addCleanup(setattr, Jwt, "answer", (200, {"keys": [self.old.jwk()]}))
        self.until_status(self.new.token(**claims), 200)
        self.until_status(self.old.token(**claims), 401)
        with self.subTest("a kid that nobody has"):
            self.assert_status(self.gateway.chat("gpt", key=self.new.token(kid="who", **claims)), 401)
        with self.subTest("a server that fails leaves the keys that are known"):
            for answer in ((503, {}), (200, b"not json"), (200, {"keys": 7})):
                Jwt.answer = answer
                count = self.server.count("/jwks")
                self.until_asked(count, self.new.token(**claims))
                self.assert_status(self.gateway.chat("gpt", key=self.new.token(**claims)), 200)
        Jwt.answer = (200, {"keys": [self.old.jwk()]})
        self.until_status(self.old.token(**claims), 200)

    def until_status(self, token, status):
        wait_until(lambda: self.gateway.chat("gpt", key=token).status == status, what=f"status {status}")

    def until_asked(self, count, token):
        def asked():
            self.gateway.chat("gpt", key=token)
            return self.server.count("/jwks") > count
        wait_until(asked, what="another fetch of the keys")


class JwksNeverThere(Outside):
    @classmethod
    def prepare(cls):
        dead = Scripted()
        dead.stop()
        cls.key = "sk-1234"
        cls.env = {"JWT_PUBLIC_KEY_URL": dead.url + "/jwks"}

    @classmethod
    def config(cls, mock):
        return {"model_list": cls.rows(mock), "general_settings": {"enable_jwt_auth": True}}

    def test_tokens_get_503_and_keys_go_on(self):
        reply = self.gateway.chat("gpt", key=Key("any").token(sub="x", exp=int(time.time()) + 60))
        self.assert_status(reply, 503)
        self.assertIn("public keys", reply.error()["message"])
        key = self.gateway.post("/key/generate", {}).json()["key"]
        self.assert_status(self.gateway.chat("gpt", key=key), 200)


class OAuth2(Outside):
    @classmethod
    def prepare(cls):
        tokens = {"good": {"active": True, "uid": "bob", "role": "internal_user", "exp": int(time.time()) + 600},
                  "unsaid": {"uid": "eve"}, "gone": {"active": False}}

        def introspect(request):
            name = request.form()["token"]
            if name == "down":
                return 500, {}
            return (200, tokens[name]) if name in tokens else (401, {})
        cls.server.routes = {"/introspect": introspect}
        cls.env = {"OAUTH_TOKEN_INFO_ENDPOINT": f"{cls.server.url}/introspect", "OAUTH_USER_ID_FIELD_NAME": "uid"}
        cls.args = ("--num_workers", "1")

    @classmethod
    def config(cls, mock):
        return {"model_list": cls.rows(mock), "general_settings": {"enable_oauth2_auth": True}}

    def test_tokens_are_introspected_and_kept_for_their_stated_life(self):
        for _ in range(3):
            reply = self.gateway.chat("gpt", key="good")
            self.assert_status(reply, 200)
        self.assertEqual(self.server.count("/introspect"), 1)
        seen = self.server.last("/introspect")
        self.assertEqual(seen.headers["content-type"], "application/x-www-form-urlencoded")
        rows = self.gateway.get(f"/spend/logs?request_id={reply.json()['id']}").json()
        self.assertEqual(rows[0]["user"], "bob")
        for _ in range(2):  # it says nothing about its life: asked each time
            self.assert_status(self.gateway.chat("gpt", key="unsaid"), 200)
        self.assertEqual(self.server.count("/introspect"), 3)
        for token in ("gone", "unknown+&=", "gone"):
            self.assert_status(self.gateway.chat("gpt", key=token), 401)
        self.assertEqual(self.server.last("/introspect").form()["token"], "gone")
        reply = self.gateway.chat("gpt", key="down")
        self.assert_status(reply, 503)
        self.assertEqual(reply.headers["retry-after"], "1")


class Hook(Outside):
    @classmethod
    def prepare(cls):
        def check(request):
            key = request.json()["api_key"]
            if key == "kept":
                return 200, {"user_id": "kim", "models": ["gpt"]}, {"Cache-Control": "max-age=300"}
            if key == "named":
                return 200, {"api_key": cls.virtual}
            if key == "guest":
                return 200, {"user_id": "guest", "models": ["other"]}
            return (500, {}) if key == "down" else (403, {"message": "not you"})
        cls.server.routes = {"/check": check}
        cls.args = ("--num_workers", "1")

    @classmethod
    def config(cls, mock):
        return {"model_list": cls.rows(mock), "general_settings": {
            "custom_auth": f"{cls.server.url}/check"}}

    def test_the_hook_decides(self):
        Hook.virtual = self.gateway.post("/key/generate", {"key_alias": "of-the-hook"}).json()["key"]
        reply = self.gateway.chat("gpt", key="named", headers={"x-tenant": "blue", "cookie": "secret"})
        self.assert_status(reply, 200)
        asked = self.server.last("/check").json()
        self.assertEqual((asked["method"], asked["path"]), ("POST", "/v1/chat/completions"))
        self.assertEqual(asked["headers"]["x-tenant"], "blue")
        self.assertNotIn("cookie", asked["headers"])
        self.assertNotIn("authorization", asked["headers"])
        rows = self.gateway.get(f"/spend/logs?request_id={reply.json()['id']}").json()
        self.assertEqual(rows[0]["metadata"]["user_api_key_alias"], "of-the-hook")
        self.assert_status(self.gateway.chat("gpt", key="guest"), 403)
        reply = self.gateway.chat("gpt", key="nobody")
        self.assert_status(reply, 403)
        self.assertEqual(reply.error()["message"], "not you")
        self.assert_status(self.gateway.chat("gpt", key="down"), 503)

    def test_an_answer_with_a_life_is_kept(self):
        before = self.server.count("/check")
        for _ in range(3):
            self.assert_status(self.gateway.chat("gpt", key="kept"), 200)
        self.assertEqual(self.server.count("/check") - before, 1)
        self.assert_status(self.gateway.get("/v1/models", key="kept"), 200)  # another path is another question
        self.assertEqual(self.server.count("/check") - before, 2)


class KeyHook(Outside):
    @classmethod
    def prepare(cls):
        def decide(request):
            alias = request.json()["data"].get("key_alias")
            if alias == "down":
                return 500, {}
            return 200, {"decision": alias == "fine", "message": "aliases are fine here, or not"}
        cls.server.routes = {"/keys": decide}

    @classmethod
    def config(cls, mock):
        return {"model_list": cls.rows(mock), "general_settings": {"custom_key_generate": f"{cls.server.url}/keys"}}

    def test_new_keys_are_asked_about(self):
        self.assert_status(self.gateway.post("/key/generate", {"key_alias": "fine", "key": "sk-secret-1"}), 200)
        asked = self.server.last("/keys").json()
        self.assertEqual((asked["user"]["user_role"], asked["data"]), ("proxy_admin", {"key_alias": "fine"}))
        reply = self.gateway.post("/key/generate", {"key_alias": "other"})
        self.assert_status(reply, 403)
        self.assertEqual(reply.error()["message"], "aliases are fine here, or not")
        self.assert_status(self.gateway.post("/key/generate", {"key_alias": "down"}), 503)
        self.assertEqual(self.gateway.get("/key/aliases").json()["aliases"], ["fine"])


if __name__ == "__main__":
    unittest.main()
