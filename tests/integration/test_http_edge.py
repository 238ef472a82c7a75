"""HTTP/1.1 as clients really use it: keep-alive, pipelining, chunked and compressed bodies, 100-continue, HEAD,
multipart, TLS (issue 2, section 3)."""

import gzip
import json
import pathlib
import signal
import socket
import ssl
import subprocess
import tempfile
import unittest
import zlib

import web
from case import GatewayCase
from processes import SLOW, Gateway, Mock, wait_until

BODY = json.dumps({"model": "named", "messages": [{"role": "user", "content": "x"}]}).encode()


class Edge(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("named", "as-upstream"), mock.row("echo", "echo"),
                               mock.row("big", "big-3000000")]}

    def head(self, *lines, path="/v1/chat/completions", version="1.1"):
        fixed = [f"POST {path} HTTP/{version}", "Host: x", f"Authorization: Bearer {self.key}",
                 "Content-Type: application/json"]
        return ("\r\n".join([*fixed, *lines]) + "\r\n\r\n").encode()

    def test_keep_alive(self):
        connection = web.connect(self.gateway.port)
        self.addCleanup(connection.close)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        sockets = set()
        for _ in range(20):
            connection.request("POST", "/v1/chat/completions", BODY, headers)
            reply = connection.getresponse()
            self.assertEqual(reply.status, 200)
            reply.read()
            sockets.add(connection.sock)
        self.assertEqual(len(sockets - {None}), 1)

    def test_connection_close_is_honoured(self):
        received, closed = web.raw(self.gateway.port, self.head(f"Content-Length: {len(BODY)}", "Connection: close") + BODY)
        self.assertEqual(web.status_of(received), 200)
        self.assertTrue(closed)

    def test_http_1_0_closes(self):
        received, closed = web.raw(self.gateway.port, self.head(f"Content-Length: {len(BODY)}", version="1.0") + BODY)
        self.assertEqual(web.status_of(received), 200)
        self.assertTrue(closed)

    def test_pipelining_keeps_the_order(self):
        requests = b""
        for number in range(10):
            requests += (f"GET /v1/models/named HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.key}\r\n"
                         f"x-litellm-call-id: call-{number}\r\n\r\n").encode()
        requests += b"GET /health/liveliness HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        received, closed = web.raw(self.gateway.port, requests)
        self.assertTrue(closed)
        self.assertEqual(received.count(b"HTTP/1.1 200"), 11)
        places = [received.find(f"call-{number}".encode()) for number in range(10)]
        self.assertEqual(places, sorted(places))
        self.assertNotIn(-1, places)

    def test_pipelined_posts(self):
        one = self.head(f"Content-Length: {len(BODY)}") + BODY
        last = self.head(f"Content-Length: {len(BODY)}", "Connection: close") + BODY
        received, _ = web.raw(self.gateway.port, one * 5 + last)
        self.assertEqual(received.count(b"HTTP/1.1 200"), 6)

    def test_chunked_request_body(self):
        chunks = b"".join(b"%x;ext=1\r\n%s\r\n" % (len(piece), piece) for piece in (BODY[:7], BODY[7:20], BODY[20:]))
        data = self.head("Transfer-Encoding: chunked", "Connection: close") + chunks + b"0\r\nTrailer: x\r\n\r\n"
        received, _ = web.raw(self.gateway.port, data)
        self.assertEqual(web.status_of(received), 200)

    def test_head_in_single_bytes(self):
        with socket.create_connection(("127.0.0.1", self.gateway.port), timeout=10 * SLOW) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in self.head(f"Content-Length: {len(BODY)}") + BODY:
                sock.sendall(bytes([byte]))
            self.assertEqual(web.status_of(sock.recv(65536)), 200)

    def test_100_continue(self):
        with socket.create_connection(("127.0.0.1", self.gateway.port), timeout=10 * SLOW) as sock:
            sock.sendall(self.head(f"Content-Length: {len(BODY)}", "Expect: 100-continue"))
            self.assertEqual(sock.recv(100), b"HTTP/1.1 100 Continue\r\n\r\n")
            sock.sendall(BODY)
            self.assertEqual(web.status_of(sock.recv(65536)), 200)

    def test_no_100_continue_for_a_refused_request(self):
        data = (f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {len(BODY)}\r\n"
                "Expect: 100-continue\r\n\r\n").encode()
        with socket.create_connection(("127.0.0.1", self.gateway.port), timeout=10 * SLOW) as sock:
            sock.sendall(data)
            self.assertEqual(web.status_of(sock.recv(65536)), 401)

    def test_head_has_no_body(self):
        received, _ = web.raw(self.gateway.port, b"HEAD /health/liveliness HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        self.assertIn(web.status_of(received), (200, 405))
        self.assertTrue(received.endswith(b"\r\n\r\n"))

    def test_compressed_request_bodies(self):
        deflate = zlib.compress(BODY)
        for encoding, data in (("gzip", gzip.compress(BODY)), ("deflate", deflate), ("identity", BODY)):
            with self.subTest(encoding=encoding):
                reply = self.gateway.post("/v1/chat/completions", data, headers={
                    "Content-Encoding": encoding, "Content-Type": "application/json"})
                self.assert_status(reply, 200)

    def test_encodings_it_cannot_read(self):
        for encoding, data, status in (("rot13", BODY, 415), ("gzip", b"not gzip at all", 400)):
            with self.subTest(encoding=encoding):
                reply = self.gateway.post("/v1/chat/completions", data, headers={
                    "Content-Encoding": encoding, "Content-Type": "application/json"})
                self.assert_status(reply, status)

    def test_gzip_bomb_stops_at_the_cap(self):
        bomb = gzip.compress(b'{"model":"named","x":"' + b" " * (300 << 20) + b'"}', 9)
        reply = self.gateway.post("/v1/chat/completions", bomb, headers={"Content-Encoding": "gzip"})
        self.assert_status(reply, 413)
        self.assert_alive()

    def test_a_body_of_ten_megabytes(self):
        text = "x" * (10 << 20)
        reply = self.gateway.post("/v1/chat/completions",
                                  {"model": "named", "messages": [{"role": "user", "content": text}]})
        self.assert_status(reply, 200)

    def test_a_large_answer(self):
        self.assertGreaterEqual(len(self.gateway.chat("big").text()), 3000000)

    def test_multipart_bytes_pass_through(self):
        data = bytes(range(256)) * 300 + b"\r\n--boundary"
        body, kind = web.multipart({"model": "echo", "temperature": "0"}, {"file": ("speech.wav", data)})
        reply = self.gateway.post("/v1/audio/transcriptions", body, headers={"Content-Type": kind})
        self.assert_status(reply, 200)
        seen = reply.json()
        self.assertIn("speech.wav", seen["body"])
        self.assertIn('name="model"\r\n\r\nmock-echo\r\n', seen["body"])
        self.assertIn(data.decode("latin-1"), seen["body"])

    def test_paths_with_query_and_escapes(self):
        self.assert_status(self.gateway.get("/v1/models?x=%20&y"), 200)
        self.assert_status(self.gateway.get("/v1/model%73"), 200)

    def test_absolute_form(self):
        received, _ = web.raw(self.gateway.port, b"GET http://x/health/liveliness HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        self.assertEqual(web.status_of(received), 200)


class Sizes(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("named", "as-upstream"), mock.row("big", "big-3000000")],
                "general_settings": {"max_request_size_mb": 1, "max_response_size_mb": 1}}

    def test_max_request_size(self):
        reply = self.gateway.chat("named", user="x" * (2 << 20))
        self.assert_status(reply, 400)
        self.assertEqual(reply.error()["param"], "content-length")
        self.assertIn("Request size is too large", reply.error()["message"])

    def test_max_response_size(self):
        reply = self.gateway.chat("big")
        self.assert_status(reply, 400)
        self.assertIn("Response size is too large", reply.error()["message"])


class Tls(unittest.TestCase):
    def test_listener(self):
        with tempfile.TemporaryDirectory() as folder:
            key, certificate = pathlib.Path(folder) / "key.pem", pathlib.Path(folder) / "cert.pem"
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                            "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost"],
                           check=True, capture_output=True)
            mock = Mock()
            self.addCleanup(mock.stop)
            gateway = Gateway({"model_list": [mock.row("named", "as-upstream")]}, tls=True, key=None,
                              args=("--ssl_keyfile_path", str(key), "--ssl_certfile_path", str(certificate)))
            self.addCleanup(gateway.stop)
            self.assertEqual(gateway.chat("named").status, 200)
            self.assertEqual(gateway.stream("named").all()[-1], "[DONE]")
            self.check_handshakes(gateway.port, certificate)
            received, _ = web.raw(gateway.port, b"GET /health/liveliness HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertNotIn(b"alive", received)
            self.assertEqual(gateway.get("/health/liveliness").status, 200)

    def make(self, folder, name):
        """A certificate for `name` in the folder's cert.pem and key.pem, renamed into place."""
        fresh = [pathlib.Path(folder) / file for file in ("key.new", "cert.new")]
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", fresh[0], "-out", fresh[1], "-days", "2", "-subj", f"/CN={name}"],
                       check=True, capture_output=True)
        return [file.replace(file.with_suffix(".pem")) for file in fresh]

    def name_of(self, port):
        with socket.create_connection(("127.0.0.1", port)) as plain:
            with ssl._create_unverified_context().wrap_socket(plain) as secure:
                return secure.getpeercert(binary_form=True)

    def test_a_renewed_certificate_is_taken_up(self):
        """By SIGHUP and by the files' change alone; running connections stay, broken files change nothing."""
        with tempfile.TemporaryDirectory() as folder:
            key, certificate = self.make(folder, "first")
            mock = Mock()
            self.addCleanup(mock.stop)
            gateway = Gateway({"model_list": [mock.row("paced", "stream-20x30ms")]}, tls=True, key=None,
                              args=("--ssl_keyfile_path", str(key), "--ssl_certfile_path", str(certificate)))
            self.addCleanup(gateway.stop)
            first = self.name_of(gateway.port)
            stream = gateway.stream("paced")
            stream.next()
            self.make(folder, "second")
            gateway.send(signal.SIGHUP)
            wait_until(lambda: self.name_of(gateway.port) != first, what="the second certificate")
            self.assertEqual(stream.all()[-1], "[DONE]")
            second = self.name_of(gateway.port)
            certificate.write_text("no certificate")
            gateway.wait_line("reload.refused.*cert.pem")
            self.assertEqual(self.name_of(gateway.port), second)
            self.make(folder, "third")
            wait_until(lambda: self.name_of(gateway.port) != second, what="the third certificate")

    def check_handshakes(self, port, certificate):
        """TLS 1.2 and 1.3, ALPN http/1.1, resumption; older versions are refused."""
        context = ssl.create_default_context(cafile=str(certificate))
        context.set_alpn_protocols(["h2", "http/1.1"])
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with socket.create_connection(("127.0.0.1", port)) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as secure:
                self.assertEqual(secure.version(), "TLSv1.2")
                self.assertEqual(secure.selected_alpn_protocol(), "http/1.1")
                session = secure.session
        with socket.create_connection(("127.0.0.1", port)) as plain:
            with context.wrap_socket(plain, server_hostname="localhost", session=session) as secure:
                self.assertTrue(secure.session_reused)


if __name__ == "__main__":
    unittest.main()
