"""Hostile clients on raw sockets: smuggling vectors (architecture.md 6.4), floods, slow and half-open connections,
bodies that try to mean two things (issue 2, section 7). After each the server still answers."""

import json
import os
import socket
import time
import unittest

import web
from case import GatewayCase
from processes import SLOW, wait_until

BODY = b'{"model":"named","messages":[{"role":"user","content":"x"}]}'
GOOD = ["Host: x", "Authorization: Bearer sk-1234"]
POST = "POST /v1/chat/completions HTTP/1.1"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


def lines(*text, body=b"", end="\r\n"):
    return (end.join(text) + end + end).encode("latin-1") + body


CL = f"Content-Length: {len(BODY)}"
CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
# Every one of these must be answered 400 and the connection closed, with nothing behind it taken for a request.
VECTORS = {
    "te and cl": lines(POST, *GOOD, CL, "Transfer-Encoding: chunked", body=CHUNKED),
    "cl and te": lines(POST, *GOOD, "Transfer-Encoding: chunked", CL, body=CHUNKED),
    "te in 1.0": lines(POST.replace("1.1", "1.0"), *GOOD, "Transfer-Encoding: chunked", body=CHUNKED),
    "te identity": lines(POST, *GOOD, "Transfer-Encoding: identity", body=BODY),
    "te gzip, chunked": lines(POST, *GOOD, "Transfer-Encoding: gzip, chunked", body=CHUNKED),
    "te chunked, chunked": lines(POST, *GOOD, "Transfer-Encoding: chunked, chunked", body=CHUNKED),
    "te chunked, identity": lines(POST, *GOOD, "Transfer-Encoding: chunked, identity", body=CHUNKED),
    "te twice": lines(POST, *GOOD, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body=CHUNKED),
    "te xchunked": lines(POST, *GOOD, "Transfer-Encoding: xchunked", body=CHUNKED),
    "te quoted": lines(POST, *GOOD, 'Transfer-Encoding: "chunked"', body=CHUNKED),
    "te with a control character": lines(POST, *GOOD, "Transfer-Encoding: \x0bchunked", body=CHUNKED),
    "te space before colon": lines(POST, *GOOD, "Transfer-Encoding : chunked", body=CHUNKED),
    "te folded": lines(POST, *GOOD, "Transfer-Encoding:", " chunked", body=CHUNKED),
    "cl twice, different": lines(POST, *GOOD, CL, "Content-Length: 5", body=BODY),
    "cl twice, same": lines(POST, *GOOD, CL, CL, body=BODY),
    "cl list": lines(POST, *GOOD, f"{CL}, {len(BODY)}", body=BODY),
    "cl plus": lines(POST, *GOOD, f"Content-Length: +{len(BODY)}", body=BODY),
    "cl minus": lines(POST, *GOOD, "Content-Length: -1", body=BODY),
    "cl hex": lines(POST, *GOOD, f"Content-Length: 0x{len(BODY):x}", body=BODY),
    "cl empty": lines(POST, *GOOD, "Content-Length:", body=BODY),
    "cl spaces inside": lines(POST, *GOOD, "Content-Length: 6 0", body=BODY),
    "cl overflow": lines(POST, *GOOD, "Content-Length: 18446744073709551617", body=BODY),
    "cl space before colon": lines(POST, *GOOD, f"Content-Length : {len(BODY)}", body=BODY),
    "no host": lines(POST, GOOD[1], CL, body=BODY),
    "two hosts": lines(POST, *GOOD, "Host: y", CL, body=BODY),
    "two equal hosts": lines(POST, *GOOD, "Host: x", CL, body=BODY),
    "obs-fold": lines(POST, *GOOD, "X-A: b", "\tc", CL, body=BODY),
    "fold on the first line": lines(POST, " Host: x", *GOOD, CL, body=BODY),
    "bare lf": lines(POST, *GOOD, CL, body=BODY, end="\n"),
    "one bare lf": lines(POST, *GOOD, "X-A: b\nX-B: c", CL, body=BODY),
    "bare cr": lines(POST, *GOOD, "X-A: b\rX-B: c", CL, body=BODY),
    "nul in a value": lines(POST, *GOOD, "X-A: b\0c", CL, body=BODY),
    "nul in a name": lines(POST, *GOOD, "X\0A: b", CL, body=BODY),
    "control character": lines(POST, *GOOD, "X-A: b\x01", CL, body=BODY),
    "empty name": lines(POST, *GOOD, ": b", CL, body=BODY),
    "no colon": lines(POST, *GOOD, "nonsense", CL, body=BODY),
    "space in a name": lines(POST, *GOOD, "X A: b", CL, body=BODY),
    "space before colon": lines(POST, *GOOD, "X-A : b", CL, body=BODY),
    "http/2.0": lines(POST.replace("1.1", "2.0"), *GOOD, CL, body=BODY),
    "http/1.11": lines(POST.replace("1.1", "1.11"), *GOOD, CL, body=BODY),
    "no version": lines(POST[:-9], *GOOD, CL, body=BODY),
    "bad method": lines(POST.replace("POST", "P(ST"), *GOOD, CL, body=BODY),
    "space in the target": lines("POST /v1/chat completions HTTP/1.1", *GOOD, CL, body=BODY),
    "control in the target": lines("POST /v1/\x7f HTTP/1.1", *GOOD, CL, body=BODY),
    "h2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "tls hello": bytes.fromhex("160301020001000201fc0303") + os.urandom(64) + b"\r\n\r\n",
    "garbage": b"\x00\xff\xfe\r\n\r\n",
}
CHUNK_HEAD = lines(POST, *GOOD, "Transfer-Encoding: chunked")
BAD_CHUNKS = {
    "size not hex": b"zz\r\n",
    "negative size": b"-1\r\n",
    "plus size": b"+5\r\nhello\r\n",
    "hex prefix": b"0x5\r\nhello\r\n",
    "overflow": b"fffffffffffffffff\r\n",
    "missing crlf after data": b"5\r\nhelloX\r\n0\r\n\r\n",
    "bare lf after size": b"5\nhello\r\n0\r\n\r\n",
    "bare lf after data": b"5\r\nhello\n0\r\n\r\n",
    "space before size": b" 5\r\nhello\r\n0\r\n\r\n",
    "empty size": b"\r\nhello\r\n",
    "endless extension": b"5;" + b"a" * 100000 + b"\r\nhello\r\n0\r\n\r\n",
    "endless trailers": b"0\r\n" + b"X-A: b\r\n" * 20000 + b"\r\n",
}


class Hostile(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("named", "as-upstream"), mock.row("secret", "as-secret"),
                               mock.row("echo", "echo")]}

    def refused(self, data, allowed=(400,)):
        """Sends bytes plus a smuggled request; exactly one answer, one of `allowed`, then the connection ends."""
        received, closed = web.raw(self.gateway.port, data + SMUGGLED, timeout=10 * SLOW)
        self.assertIn(web.status_of(received), allowed, received[:300])
        self.assertEqual(received.count(b"HTTP/1.1 "), 1, received[:2000])
        self.assertTrue(closed, "the connection must be closed")
        self.assertEqual(self.mock.requests(), 0)
        return received

    def test_smuggling_vectors(self):
        for name, data in VECTORS.items():
            with self.subTest(vector=name):
                received = self.refused(data)
                self.assertIn("error", json.loads(received.split(b"\r\n\r\n", 1)[1]))
        self.assert_alive()

    def test_bad_chunks(self):
        for name, data in BAD_CHUNKS.items():
            with self.subTest(chunks=name):
                self.refused(CHUNK_HEAD + data, (400, 413, 431))
        self.assert_alive()

    def test_a_request_hidden_in_a_body_is_a_body(self):
        body = BODY[:-1] + b',"x":"' + SMUGGLED.replace(b"\r\n", b"\\r\\n") + b'"}'
        data = lines(POST, *GOOD, f"Content-Length: {len(body)}", "Connection: close", body=body)
        received, _ = web.raw(self.gateway.port, data, timeout=10 * SLOW)
        self.assertEqual(received.count(b"HTTP/1.1 200"), 1)

    def test_header_floods(self):
        many = lines("GET /health/liveliness HTTP/1.1", "Host: x", *[f"X-{n}: y" for n in range(5000)])
        large = lines("GET /health/liveliness HTTP/1.1", "Host: x", "X-A: " + "y" * (1 << 20))
        target = lines("GET /" + "a" * (1 << 20) + " HTTP/1.1", "Host: x")
        endless = b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"y" * (4 << 20)
        for name, data in (("many", many), ("large", large), ("target", target), ("endless", endless)):
            with self.subTest(flood=name):
                received, closed = web.raw(self.gateway.port, data, timeout=10 * SLOW)
                # who still sends when the connection closes gets a reset, and may lose the answer with it
                self.assertIn(web.status_of(received), (0, 400, 414, 431) if name == "endless" else (400, 414, 431))
                self.assertTrue(closed)
        self.assert_alive()

    def test_slowloris_does_not_hinder_others(self):
        sockets = [socket.create_connection(("127.0.0.1", self.gateway.port)) for _ in range(200)]
        for sock in sockets:
            self.addCleanup(sock.close)
            sock.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        for _ in range(5):
            for sock in sockets:
                sock.sendall(b"a")
            started = time.monotonic()
            self.assert_status(self.gateway.chat("named"), 200)
            self.assertLess(time.monotonic() - started, 2 * SLOW)

    def test_slow_head_gets_a_408(self):
        """The head's deadline is 15 s."""
        with socket.create_connection(("127.0.0.1", self.gateway.port), timeout=30 * SLOW) as sock:
            sock.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n")
            self.assertEqual(web.status_of(sock.recv(65536)), 408)

    def test_half_closed_and_vanishing_clients(self):
        for data in (b"", b"POST", lines(POST, *GOOD, CL)[:-2], lines(POST, *GOOD, CL, body=BODY[:10]), CHUNK_HEAD,
                     CHUNK_HEAD + b"5\r\nhel"):
            with self.subTest(data=data[:40]):
                received, closed = web.raw(self.gateway.port, data, half_close=True, timeout=10 * SLOW)
                self.assertIn(web.status_of(received), (0, 400))
                self.assertTrue(closed)
        self.assert_alive()

    def test_hundred_megabytes(self):
        """The default cap is 128 MB; 200 MB are refused from the Content-Length, before they are sent."""
        head = lines(POST, *GOOD, f"Content-Length: {200 << 20}")
        received, _ = web.raw(self.gateway.port, head, timeout=10 * SLOW)
        self.assertEqual(web.status_of(received), 413)
        body = BODY[:-1] + b',"x":"' + b"y" * (100 << 20) + b'"}'
        reply = self.gateway.post("/v1/chat/completions", body, timeout=60)
        self.assertIn(reply.status, (200, 413))
        wait_until(lambda: self.resident_mb() < 100 * SLOW, what="the memory to be given back")
        self.assert_alive()

    def resident_mb(self):
        with open(f"/proc/{self.gateway.child.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024

    def test_endless_chunked_body(self):
        with socket.create_connection(("127.0.0.1", self.gateway.port), timeout=30 * SLOW) as sock:
            sock.sendall(CHUNK_HEAD)
            piece = b"100000\r\n" + b"a" * 0x100000 + b"\r\n"
            sent = 0
            try:
                while sent < 400 << 20:
                    sock.sendall(piece)
                    sent += len(piece)
            except OSError:
                pass
            self.assertLess(sent, 300 << 20)
        self.assert_alive()

    def test_many_idle_connections(self):
        sockets = [socket.create_connection(("127.0.0.1", self.gateway.port)) for _ in range(500)]
        for sock in sockets:
            self.addCleanup(sock.close)
        self.assert_status(self.gateway.chat("named"), 200)


class HostileJson(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("named", "as-upstream"), mock.row("secret", "as-secret"),
                               mock.row("echo", "echo")]}

    def post_raw(self, body):
        return self.gateway.post("/v1/chat/completions", body, headers={"Content-Type": "application/json"})

    def test_refused_bodies(self):
        rest = b'"messages":[{"role":"user","content":"x"}]}'
        bodies = {
            "deep array": b'{"model":"named","x":' + b"[" * 100000 + b"]" * 100000 + b"," + rest,
            "deep object": b'{"model":"named","x":' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"," + rest,
            "unclosed depth": b'{"model":"named","x":' + b"[" * 1000000,
            "invalid utf-8": b'{"model":"named","x":"\xff\xfe",' + rest,
            "overlong utf-8": b'{"model":"named","x":"\xc0\xaf",' + rest,
            "surrogate utf-8": b'{"model":"named","x":"\xed\xa0\x80",' + rest,
            "duplicate model": b'{"model":"named","model":"secret",' + rest,
            "escaped duplicate": b'{"model":"named","\\u006dodel":"secret",' + rest,
            "two messages": b'{"model":"named","messages":[],' + rest,
            "nul byte": b'{"model":"named\x00",' + rest,
            "control in a string": b'{"model":"named","x":"\x01",' + rest,
            "bom": b"\xef\xbb\xbf" + b'{"model":"named",' + rest,
            "utf-16": '{"model":"named"}'.encode("utf-16"),
            "trailing object": b'{"model":"named",' + rest + b'{"model":"secret"}',
            "trailing nul": b'{"model":"named",' + rest + b"\x00",
            "model is a number": b'{"model":1,' + rest,
            "model is a list": b'{"model":["named"],' + rest,
            "nan": b'{"model":"named","x":NaN,' + rest,
            "single quotes": b"{'model':'named'}",
        }
        for name, body in bodies.items():
            with self.subTest(body=name):
                reply = self.post_raw(body)
                self.assert_status(reply, 400)
                self.assertTrue(reply.error()["message"])
        self.assertEqual(self.mock.requests(), 0)
        self.assert_alive()

    def test_what_is_authorised_is_what_is_forwarded(self):
        """A key with escapes is the same key: the model is found, replaced, and sent once."""
        reply = self.post_raw(b'{"\\u006dodel":"\\u0065cho","messages":[{"role":"user","content":"x"}]}')
        self.assert_status(reply, 200)
        raw = json.loads(reply.text())["body"]
        pairs = json.loads(raw, object_pairs_hook=list)
        self.assertEqual([value for name, value in pairs if name == "model"], ["mock-echo"])

    def test_nested_duplicates_are_the_upstreams_business(self):
        reply = self.post_raw(b'{"model":"named","x":{"a":1,"a":2},"messages":[{"role":"user","content":"x"}]}')
        self.assert_status(reply, 200)

    def test_names_with_odd_characters(self):
        for name in ("../../etc/passwd", "a\r\nX-Injected: 1", "%00", "\u202egpt", "a" * 100000, ""):
            with self.subTest(name=name[:20]):
                reply = self.gateway.chat(name)
                self.assertIn(reply.status, (200, 400))
                self.assertNotIn("x-injected", reply.headers)
        self.assert_alive()


if __name__ == "__main__":
    unittest.main()
