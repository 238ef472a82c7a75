"""Realtime sessions: a WebSocket relayed both ways, with keys, rows, limits and spend as for any call (issue 5,
section 5)."""

import os
import signal
import subprocess
import tempfile
import unittest

import websocket
from case import GatewayCase
from processes import KEY, UPSTREAM_KEY, wait_until
from websocket import BINARY, CONTINUATION, PING, PONG, TEXT, Client, Upstream

PRICED = {"input_cost_per_token": 0.00001, "output_cost_per_token": 0.00002}
LIMIT = 100_000


class RealtimeCase(GatewayCase):
    env = {"REALTIME_WEBSOCKET_MAX_MESSAGE_SIZE_BYTES": str(LIMIT)}

    @classmethod
    def setUpClass(cls):
        cls.upstream = Upstream()
        cls.addClassCleanup(cls.upstream.stop)
        super().setUpClass()

    @classmethod
    def config(cls, mock):
        row = cls.upstream.row
        cls.upstream.refusals = {"bad": 500, "busy": 429, "worse": 503}
        return {
            "model_list": [row("voice", "talker", **PRICED), row("short", "brief", stream_timeout=0.3),
                           row("pair", "bad", order=1), row("pair", "talker-2", order=2),
                           row("fallen", "busy"), row("none", "worse"), row("blue", "sky", "azure", api_version="v1"),
                           row("old-blue", "sky", "azure", api_version="2025-04-01-preview"),
                           row("other", "claude", "anthropic"), mock.row("chat", "as-chat")],
            "router_settings": {"num_retries": 1, "retry_after": 0, "disable_cooldowns": True,
                                "fallbacks": [{"fallen": ["voice"]}]},
            "general_settings": {"proxy_batch_write_at": 1},
        }

    def setUp(self):
        super().setUp()
        self.upstream.sessions.clear()

    def open(self, model="voice", path="/v1/realtime", key=KEY, headers=None, **options):
        client = Client(self.gateway.port, f"{path}?model={model}", key, headers, **options)
        self.addCleanup(client.drop)
        return client

    def talk(self, *args, **options):
        """A session that is open on both sides."""
        client = self.open(*args, **options)
        self.assertEqual(client.status, 101, client.body)
        client.event("session.created")
        return client, self.upstream.sessions[-1]

    def wait_codes(self, session, *codes):
        wait_until(lambda: session.codes() == list(codes), what=f"the codes {codes} at the upstream")


class SecureUpstream(GatewayCase):
    """The same over TLS, which is what the real ones speak."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        key, cls.certificate = (os.path.join(folder.name, name) for name in ("key.pem", "cert.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", key, "-out", cls.certificate, "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)
        cls.upstream = Upstream((cls.certificate, key))
        cls.addClassCleanup(cls.upstream.stop)
        super().setUpClass()

    @classmethod
    def config(cls, mock):
        wrong = cls.upstream.row("wrong", "talker", info={"id": "wrong"})
        wrong["litellm_params"]["api_base"] = f"https://127.0.0.1:{cls.upstream.port}/v1"  # not in its certificate
        return {"model_list": [cls.upstream.row("voice", "talker"), wrong], "router_settings": {"num_retries": 0},
                "litellm_settings": {"ssl_verify": cls.certificate}}

    def open(self, model):
        client = Client(self.gateway.port, f"/v1/realtime?model={model}", KEY)
        self.addCleanup(client.drop)
        return client

    def test_frames_of_every_size_pass_both_ways(self):
        client = self.open("voice")
        self.assertEqual(client.status, 101, client.body)
        client.event("session.created")
        for size in (0, 5, 200, 20_000, 500_000):  # within and across TLS records
            client.send(b"x" * size, BINARY)
            self.assertEqual(len(client.read().payload), size)
        client.send({"type": "close", "code": 4000})
        self.assertEqual(client.closing().code, 4000)

    def test_the_upstreams_name_is_checked(self):
        client = self.open("wrong")
        self.assertEqual(client.status, 500)
        self.assertRegex(client.body["error"]["message"], "(?i)certificate")


class Upgrades(RealtimeCase):
    def test_the_upstream_gets_its_own_key_and_model(self):
        for path in ("/realtime", "/v1/realtime", "/openai/realtime", "/openai/v1/realtime"):
            client, session = self.talk(path=path, headers={"OpenAI-Beta": "realtime=v1", "Cookie": "a=b"})
            self.assertEqual(session.line, "GET /v1/realtime?model=talker HTTP/1.1")
            self.assertEqual(session.headers["authorization"], f"Bearer {UPSTREAM_KEY}")
            self.assertEqual(session.headers["openai-beta"], "realtime=v1")
            self.assertNotIn("cookie", session.headers)
            self.assertNotIn(KEY, str(session.headers))
            self.assertEqual(client.headers["x-litellm-model-id"], "row-talker")
            self.assertEqual(client.headers["llm_provider-x-request-id"], "req_1")
            client.drop()

    def test_a_browser_has_its_key_among_the_protocols(self):
        offered = f"realtime, openai-insecure-api-key.{KEY}, openai-beta.realtime-v1"
        client, session = self.talk(key=None, headers={"Sec-WebSocket-Protocol": offered})
        self.assertEqual(client.headers["sec-websocket-protocol"], "realtime")
        self.assertEqual(session.headers["openai-beta"], "realtime=v1")
        self.assertNotIn("sec-websocket-protocol", session.headers)

    def test_azure_has_two_paths(self):
        _, session = self.talk("blue")
        self.assertEqual(session.line, "GET /openai/v1/realtime?model=sky HTTP/1.1")
        client = self.open("&deployment=old-blue", path="/openai/realtime")
        self.assertEqual(client.status, 101, client.body)
        session = self.upstream.sessions[-1]
        self.assertEqual(session.line,
                         "GET /openai/realtime?api-version=2025-04-01-preview&deployment=sky HTTP/1.1")
        self.assertEqual(session.headers["api-key"], UPSTREAM_KEY)

    def test_what_is_no_upgrade(self):
        reply = self.gateway.get("/v1/realtime?model=voice")
        self.assert_status(reply, 426)
        self.assertEqual(reply.headers["upgrade"], "websocket")
        self.assertIn("Upgrade: websocket", reply.error()["message"])
        self.assertEqual(self.open(headers={"Sec-WebSocket-Version": "8"}).status, 426)
        for headers, param in (({"Sec-WebSocket-Key": "short"}, "sec-websocket-key"),
                               ({"Content-Length": "3"}, "content-length")):
            client = self.open(headers=headers)
            self.assertEqual((client.status, client.body["error"]["param"]), (400, param))
        self.assertEqual(self.open("").body["error"]["param"], "model")

    def test_who_may_not(self):
        self.assertEqual(self.open(key=None).status, 401)
        self.assertEqual(self.open(key="sk-wrong").status, 401)
        self.assertEqual(self.open("nobody").status, 400)
        self.assertIn("does not serve /realtime", self.open("other").body["error"]["message"])
        self.assertEqual(self.upstream.sessions, [])
        made = self.gateway.post("/key/generate", {"models": ["chat"]}).json()
        self.assertEqual(self.open(key=made["key"]).status, 403)

    def test_a_refusal_goes_to_the_next_row_and_to_the_fallback(self):
        client, _ = self.talk("pair")
        self.assertEqual(client.headers["x-litellm-model-id"], "row-talker-2")
        client, _ = self.talk("fallen")
        self.assertEqual(client.headers["x-litellm-attempted-fallbacks"], "1")
        client = self.open("none")
        self.assertEqual(client.status, 503)
        self.assertIn("no session for you", client.body["error"]["message"])


class Frames(RealtimeCase):
    def test_frames_pass_as_they_are(self):
        client, session = self.talk()
        sent = [(TEXT, b'["hi"]', True), (BINARY, bytes(range(256)) * 300, True), (TEXT, b"", True), (TEXT, b"a", False),
                (PONG, b"", True), (CONTINUATION, b"b", True), (BINARY, b"x" * 126, True), (PING, b"are you there", True)]
        for opcode, payload, fin in sent:
            client.send(payload, opcode, fin)
        for opcode, payload, fin in sent:
            back = client.read()
            self.assertEqual((back.opcode, back.payload, back.fin, back.masked), (opcode, payload, fin, False))
        self.assertTrue(all(frame.masked for frame in session.frames))

    def test_bytes_of_one_frame_may_come_one_by_one(self):
        client, _ = self.talk()
        for byte in client.frame(TEXT, b'["slow"]') + client.frame(PING, b"p"):
            client.raw(bytes([byte]))
        self.assertEqual([client.read().payload for _ in range(2)], [b'["slow"]', b"p"])

    def test_the_client_closes(self):
        client, session = self.talk()
        client.close_with(4001, b"done")
        self.assertEqual(client.closing().code, 4001)
        self.assertIsNone(client.read())
        self.assertEqual(session.codes(), [4001])
        self.assertTrue(session.frames[-1].masked)

    def test_the_upstream_closes(self):
        client, session = self.talk()
        client.send({"type": "close", "code": 4002})
        closing = client.closing()
        self.assertEqual((closing.code, closing.payload[2:]), (4002, b"enough"))
        client.close_with(4002)
        self.assertIsNone(client.read())
        self.wait_codes(session, 4002)

    def test_a_side_that_is_lost_is_told_to_the_other(self):
        client, session = self.talk()
        client.drop()
        self.wait_codes(session, 1001)
        client, _ = self.talk()
        client.send({"type": "drop"})
        self.assertEqual(client.closing().code, 1011)
        self.assertIsNone(client.read())

    def test_broken_frames(self):
        for raw, code in ((b"\x81\x01a", 1001), (b"\xf1\x80\0\0\0\0", 1001)):
            client, session = self.talk()
            client.raw(raw)
            self.assertEqual(client.closing().code, 1002)
            self.wait_codes(session, code)
        client, session = self.talk()
        client.send({"type": "raw", "bytes": "8380"})
        self.assertEqual(client.closing().code, 1011)
        self.wait_codes(session, 1002)
        self.assert_alive()

    def test_messages_have_a_largest_size(self):
        client, session = self.talk()
        client.send(b"x" * LIMIT, BINARY)
        self.assertEqual(len(client.read().payload), LIMIT)
        client.raw(client.frame(BINARY, b"x" * (LIMIT + 1))[:100])
        self.assertEqual(client.closing().code, 1009)
        self.wait_codes(session, 1009)
        client, session = self.talk()
        client.send({"type": "flood", "frames": 1, "size": LIMIT + 1})
        self.assertEqual(client.closing().code, 1009)

    def test_a_slow_reader_stops_the_upstream(self):
        client, session = self.talk(buffer=8192)
        frames, size = 400, LIMIT
        client.send({"type": "flood", "frames": frames, "size": size})
        wait_until(lambda: getattr(session, "sent", 0) > 0, what="the flood")
        other, _ = self.talk()  # the gateway has had all the time to take what it takes
        for _ in range(200):
            other.send("[0]")
            self.assertEqual(other.read().payload, b"[0]")
        self.assertLess(session.sent, frames * size)
        for _ in range(frames):
            self.assertEqual(len(client.read().payload), size)
        client.send("[1]")
        self.assertEqual(client.read().payload, b"[1]")

    def test_nothing_for_too_long(self):
        client, session = self.talk("short")
        closing = client.closing()
        self.assertEqual(closing.code, 1001)
        self.assertIn(b"nothing was sent for too long", closing.payload)
        self.wait_codes(session, 1001)


class Money(RealtimeCase):
    def spend(self, made):
        def rows():
            found = self.gateway.get(f"/spend/logs?api_key={made['token']}").json()
            return found if found and found[0]["status"] else None
        return wait_until(rows, what="the spend row")

    def test_one_row_per_session(self):
        made = self.gateway.post("/key/generate", {"rpm_limit": 1}).json()
        client, _ = self.talk(key=made["key"])
        for _ in range(2):
            client.send({"type": "response.create"})
            self.assertEqual(self.done(client)["response"]["id"], "resp_1")
        client.close_with(1000)
        client.closing()
        rows = self.spend(made)
        self.assertEqual(len(rows), 1)
        row = rows[0]
        self.assertEqual((row["prompt_tokens"], row["completion_tokens"], row["total_tokens"]), (20, 40, 60))
        self.assertAlmostEqual(row["spend"], 20 * 0.00001 + 40 * 0.00002)
        self.assertEqual((row["call_type"], row["model_group"], row["model"]), ("_arealtime", "voice", "talker"))
        info = self.gateway.get(f"/key/info?key={made['key']}").json()["info"]
        self.assertAlmostEqual(info["spend"], row["spend"])
        self.assertEqual(self.open(key=made["key"]).status, 429)

    def done(self, client):
        """response.done comes in two frames here."""
        text = b""
        while (frame := client.read()) is not None:
            if frame.opcode in (TEXT, CONTINUATION):
                text = frame.payload if frame.opcode == TEXT else text + frame.payload
                if frame.fin and b'"response.done"' in text:
                    return websocket.json.loads(text)
        raise AssertionError("no response.done")

    def test_a_budget_that_runs_out_ends_the_session(self):
        made = self.gateway.post("/key/generate", {"max_budget": 0.0006}).json()
        client, session = self.talk(key=made["key"])
        client.send({"type": "response.create"})
        self.done(client)
        client.send({"type": "response.create"})
        self.done(client)
        error = client.event("error")["error"]
        self.assertEqual(error["type"], "budget_exceeded")
        self.assertIn("Budget has been exceeded", error["message"])
        self.assertEqual(client.closing().code, 1008)
        self.wait_codes(session, 1000)
        self.assertAlmostEqual(self.spend(made)[0]["spend"], 0.001)
        self.assertEqual(self.open(key=made["key"]).status, 400)

    def test_a_tpm_limit_sees_what_a_session_uses(self):
        made = self.gateway.post("/key/generate", {"tpm_limit": 40}).json()
        client, _ = self.talk(key=made["key"])
        client.send({"type": "response.create"})
        self.done(client)
        client.send({"type": "response.create"})
        self.assertEqual(client.closing().code, 1008)


class Shutdown(RealtimeCase):
    def test_a_drain_closes_both_sides(self):
        client, session = self.talk()
        os.kill(self.gateway.child.pid, signal.SIGTERM)
        closing = client.closing()
        self.assertEqual((closing.code, closing.payload[2:]), (1001, b"the server is shutting down"))
        client.close_with(1001)
        self.assertIsNone(client.read())
        self.wait_codes(session, 1001)
        self.assertEqual(self.gateway.wait_end(), 0)


if __name__ == "__main__":
    unittest.main()
