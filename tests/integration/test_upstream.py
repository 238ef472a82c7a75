"""The gateway as a client of its upstreams: TLS with verification, pooled connections, proxies (issue 2, section 3)."""

import contextlib
import http.server
import pathlib
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest

import web
from case import GatewayCase
from processes import Gateway, Mock


class Pool(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("one", "as-one"), mock.row("stream", "stream-5"), mock.row("bad", "status-500"),
                               mock.row("closes", "close")],
                "router_settings": {"num_retries": 0, "disable_cooldowns": True}}

    args = ("--num_workers", "1")

    def accepted(self):
        return self.mock.stats()["connections"]["accepted"]

    def test_connections_are_reused(self):
        """Whole answers, streams and errors all leave a connection that the next call can use."""
        self.gateway.chat("one")
        before = self.accepted()
        for _ in range(10):
            self.assert_status(self.gateway.chat("one"), 200)
            self.assertEqual(self.gateway.stream("stream").all()[-1], "[DONE]")
            self.assert_status(self.gateway.chat("bad"), 500)
        # the statistics are asked for over a connection of their own
        self.assertLessEqual(self.accepted() - before, 2)

    def test_a_closed_connection_is_not_an_error(self):
        for _ in range(10):
            self.assert_status(self.gateway.chat("closes"), 200)
            self.assert_status(self.gateway.chat("one"), 200)


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.key, cls.certificate = (str(pathlib.Path(folder.name) / name) for name in ("key.pem", "cert.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", cls.key, "-out", cls.certificate, "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)
        cls.plain = Mock()
        cls.addClassCleanup(cls.plain.stop)
        cls.mock = Mock("--tls", cls.certificate, cls.key)
        cls.addClassCleanup(cls.mock.stop)

    def chat(self, host="localhost", env=None, **settings):
        row = self.plain.row("one", "as-one", api_base=f"https://{host}:{self.mock.port}/v1")
        gateway = Gateway({"model_list": [row], "litellm_settings": settings, "router_settings": {"num_retries": 0}},
                          key=None, env=env)
        self.addCleanup(gateway.stop)
        return gateway.chat("one")

    def test_unknown_issuer_is_refused(self):
        reply = self.chat()
        self.assertEqual(reply.status, 500)
        self.assertIn("APIConnectionError", reply.error()["message"])
        self.assertRegex(reply.error()["message"], "(?i)certificate")

    def test_own_authority(self):
        self.assertEqual(self.chat(ssl_verify=self.certificate).status, 200)
        self.assertEqual(self.chat(env={"SSL_CERT_FILE": self.certificate}).status, 200)

    def test_wrong_host_is_refused(self):
        self.assertEqual(self.chat(host="127.0.0.1", ssl_verify=self.certificate).status, 500)

    def test_verification_switched_off(self):
        self.assertEqual(self.chat(ssl_verify=False).status, 200)
        self.assertEqual(self.chat(env={"SSL_VERIFY": "False"}).status, 200)


class ProxyHandler(http.server.BaseHTTPRequestHandler):
    """A forward proxy that notes what it was asked for and answers by itself."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, self.headers.get("Proxy-Authorization")))
        body = b'{"id":"p","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,' \
               b'"message":{"role":"assistant","content":"from the proxy"},"finish_reason":"stop"}]}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class TlsProxy:
    """An https:// proxy: TLS to itself, CONNECT through it."""

    def __init__(self, certificate, key):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.seen = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._context = context
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self):
        self._listener.close()

    def _serve(self):
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._tunnel, args=(plain,), daemon=True).start()

    def _tunnel(self, plain):
        with contextlib.suppress(OSError), plain, self._context.wrap_socket(plain, server_side=True) as client:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            line = head.split(b"\r\n")[0].decode()
            self.seen.append(line)
            host, port = line.split()[1].rsplit(":", 1)
            with socket.create_connection((host, int(port))) as upstream:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=self._pump, args=(upstream, client), daemon=True)
                back.start()
                self._pump(client, upstream)
                back.join()

    @staticmethod
    def _pump(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


class SecureProxy(Tls):
    """HTTPS_PROXY=https://...: the upstream's TLS inside of the proxy's."""

    def setUp(self):
        self.proxy = TlsProxy(self.certificate, self.key)
        self.addCleanup(self.proxy.stop)

    def chat(self, host="localhost", env=None, **settings):
        address = f"https://localhost:{self.proxy.port}"
        return super().chat(host, {"HTTPS_PROXY": address, **(env or {})}, **settings)

    def test_own_authority(self):
        super().test_own_authority()
        self.assertEqual(set(self.proxy.seen), {f"CONNECT localhost:{self.mock.port} HTTP/1.1"})

    def test_answers_larger_than_a_record(self):
        row = self.plain.row("big", "big-300000", api_base=f"https://localhost:{self.mock.port}/v1")
        gateway = Gateway({"model_list": [row], "litellm_settings": {"ssl_verify": self.certificate}}, key=None,
                          args=("--num_workers", "1"), env={"HTTPS_PROXY": f"https://localhost:{self.proxy.port}"})
        self.addCleanup(gateway.stop)
        for _ in range(3):
            reply = gateway.chat("big", user="x" * 100_000)
            self.assertEqual(reply.status, 200)
            self.assertGreater(len(reply.body), 300_000)
        self.assertEqual(len(self.proxy.seen), 1, "the connection is kept")


class Proxy(unittest.TestCase):
    def setUp(self):
        self.proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), ProxyHandler)
        self.proxy.daemon_threads = True
        self.proxy.seen = []
        threading.Thread(target=self.proxy.serve_forever, daemon=True).start()
        self.addCleanup(self.proxy.server_close)
        self.addCleanup(self.proxy.shutdown)
        self.mock = Mock()
        self.addCleanup(self.mock.stop)

    def chat(self, **env):
        address = f"http://user:pass@127.0.0.1:{self.proxy.server_address[1]}"
        gateway = Gateway({"model_list": [self.mock.row("one", "as-one")]}, key=None,
                          env={"HTTP_PROXY": address, **env})
        self.addCleanup(gateway.stop)
        return gateway.chat("one")

    def test_http_proxy(self):
        self.assertEqual(self.chat().text(), "from the proxy")
        path, authorization = self.proxy.seen[0]
        self.assertEqual(path, f"{self.mock.url}/v1/chat/completions")
        self.assertTrue(authorization.startswith("Basic "))
        self.assertEqual(web.request(self.mock.port, "GET", "/__mock/stats").json()["requests"], 0)

    def test_no_proxy(self):
        self.assertNotEqual(self.chat(NO_PROXY="127.0.0.1,localhost").text(), "from the proxy")
        self.assertEqual(self.proxy.seen, [])


if __name__ == "__main__":
    unittest.main()
