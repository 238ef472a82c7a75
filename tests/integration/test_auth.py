"""Who may call: the master key in every header form, wrong and missing keys, open mode, client-supplied
credentials (issue 2, section 5; LiteLLM's bodies)."""

import base64
import re
import unittest

from case import GatewayCase
from processes import KEY, UPSTREAM_KEY, Gateway, Mock, wait_until

BODY = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}


class MasterKey(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("gpt-4o", "as-one"), mock.row("echo", "echo")]}

    def call(self, headers):
        return self.gateway.post("/v1/chat/completions", BODY, headers=headers, key=None)

    def test_every_header_form(self):
        basic = base64.b64encode(f"public:{KEY}".encode()).decode()
        forms = [
            {"Authorization": f"Bearer {KEY}"}, {"Authorization": f"bearer {KEY}"},
            {"Authorization": f"Basic {basic}"},
            {"Authorization": f"AWS4-HMAC-SHA256 Credential=Bearer {KEY}/20240101/us-east-1/bedrock/aws4_request, "
                              "SignedHeaders=host, Signature=00"},
            {"Authorization": f"AWS4-HMAC-SHA256 Credential={KEY}/20240101/us-east-1/x/aws4_request"},
            {"x-litellm-api-key": KEY}, {"x-litellm-api-key": f"Bearer {KEY}"},
            {"API-Key": KEY}, {"x-api-key": KEY}, {"x-goog-api-key": KEY}, {"Ocp-Apim-Subscription-Key": KEY},
        ]
        for headers in forms:
            with self.subTest(headers=headers):
                self.assert_status(self.call(headers), 200)

    def test_litellm_header_beats_authorization(self):
        self.assert_status(self.call({"x-litellm-api-key": KEY, "Authorization": "Bearer sk-of-the-provider"}), 200)
        self.assert_status(self.call({"x-litellm-api-key": "sk-wrong", "Authorization": f"Bearer {KEY}"}), 401)

    def check_refused(self, reply, text):
        self.assert_status(reply, 401)
        error = reply.error()
        self.assertIn(text, error["message"])
        self.assertEqual(error["code"], "401")
        self.assertNotIn(KEY, reply.body.decode())

    def test_missing_key(self):
        reply = self.call({})
        self.check_refused(reply, "No api key passed in")
        self.assertEqual(reply.error()["type"], "auth_error")

    def test_wrong_keys(self):
        for key in ("sk-wrong", "sk-123", KEY + "4", KEY[:-1], KEY.upper(), "sk-" + "x" * 5000):
            with self.subTest(key=key[:20]):
                self.assert_status(self.call({"Authorization": f"Bearer {key}"}), 401)

    def test_key_without_sk(self):
        self.check_refused(self.call({"Authorization": "Bearer hello-world"}), "expected to start with 'sk-'")

    def test_malformed_header(self):
        for value in ("Bearer", "Bearer ", "Basic !!!", "Basic", "Digest x"):
            with self.subTest(value=value):
                self.assert_status(self.call({"Authorization": value}), 401)

    def test_a_wrong_key_is_not_echoed_whole(self):
        secret = "sk-verysecretverysecretverysecret"
        self.assertNotIn(secret, self.call({"Authorization": f"Bearer {secret}"}).body.decode())

    def test_every_route_but_the_public_ones_needs_the_key(self):
        for path in ("/v1/models", "/models", "/model/info", "/v1/model/info", "/model_group/info", "/health"):
            self.assertEqual(self.gateway.get(path, key=None).status, 401, path)
        for path in ("/", "/routes", "/health/liveliness", "/health/readiness", "/metrics", "/openapi.json"):
            self.assertEqual(self.gateway.get(path, key=None).status, 200, path)

    def test_the_clients_key_never_reaches_the_upstream(self):
        echo = self.gateway.echo("echo")
        self.assertEqual(echo.headers["authorization"], f"Bearer {UPSTREAM_KEY}")
        self.assertNotIn(KEY, str(echo.headers) + echo.raw)

    def test_client_supplied_credentials_are_refused(self):
        for field in ({"api_base": "http://127.0.0.1:1/v1"}, {"base_url": "http://127.0.0.1:1/v1"},
                      {"api_key": "sk-mine", "api_base": "http://127.0.0.1:1/v1"}):
            with self.subTest(field=field):
                reply = self.gateway.chat("echo", **field)
                self.assertIn(reply.status, (400, 401, 403))
                self.assertIn("is not allowed in request body", reply.error()["message"])
        self.assertEqual(self.mock.requests(), 0)


class KeyHeaderName(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("gpt-4o", "as-one")],
                "general_settings": {"litellm_key_header_name": "X-Our-Key"}}

    def test_only_the_named_header_counts(self):
        call = lambda headers: self.gateway.post("/v1/chat/completions", BODY, headers=headers, key=None)
        self.assert_status(call({"X-Our-Key": f"Bearer {KEY}"}), 200)
        self.assert_status(call({"Authorization": f"Bearer {KEY}"}), 401)


class ClientSideCredentials(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("gpt-4o", "echo")],
                "general_settings": {"allow_client_side_credentials": True}}

    def test_the_switch_that_is_not_built_is_named(self):
        self.gateway.wait_line("allow_client_side_credentials")
        self.assertEqual(self.gateway.chat("gpt-4o", api_key="sk-of-the-client").status, 400)


class OpenMode(unittest.TestCase):
    def test_no_key_needed_and_a_warning(self):
        mock = Mock()
        self.addCleanup(mock.stop)
        gateway = Gateway({"model_list": [mock.row("gpt-4o", "as-one")]}, key=None)
        self.addCleanup(gateway.stop)
        self.assertEqual(gateway.chat("gpt-4o").status, 200)
        self.assertEqual(gateway.chat("gpt-4o", key="sk-anything").status, 200)
        wait_until(lambda: re.search(r"(?i)(no master.?key|open|without a key)", gateway.log()), what="the warning")

    def test_listens_on_loopback_only(self):
        mock = Mock()
        self.addCleanup(mock.stop)
        gateway = Gateway({"model_list": [mock.row("gpt-4o", "as-one")]}, key=None)
        self.addCleanup(gateway.stop)
        self.assertEqual(listening_addresses(gateway.port), {"0100007F"})

    def test_host_given_listens_there(self):
        mock = Mock()
        self.addCleanup(mock.stop)
        gateway = Gateway({"model_list": [mock.row("gpt-4o", "as-one")]}, args=("--host", "0.0.0.0"), key=None)
        self.addCleanup(gateway.stop)
        self.assertEqual(listening_addresses(gateway.port), {"00000000"})

    def test_master_key_from_the_environment(self):
        mock = Mock()
        self.addCleanup(mock.stop)
        gateway = Gateway({"model_list": [mock.row("gpt-4o", "as-one")]}, env={"LITELLM_MASTER_KEY": "sk-env"})
        self.addCleanup(gateway.stop)
        self.assertEqual(gateway.chat("gpt-4o", key="sk-env").status, 200)
        self.assertEqual(gateway.chat("gpt-4o", key=None).status, 401)
        self.assertEqual(listening_addresses(gateway.port), {"00000000"})


def listening_addresses(port):
    """IPv4 addresses (hex, as the kernel prints them) that listen on `port`."""
    found = set()
    with open("/proc/net/tcp", encoding="ascii") as table:
        for line in table.readlines()[1:]:
            fields = line.split()
            address, hex_port = fields[1].split(":")
            if fields[3] == "0A" and int(hex_port, 16) == port:
                found.add(address)
    return found


if __name__ == "__main__":
    unittest.main()
