"""Pictures by URL for providers that take bytes only, and the guard before them (issue 5)."""

import base64
import http.server
import json
import threading
import unittest

from case import GatewayCase

PNG = b"\x89PNG\r\n\x1a\n" + b"p" * 40


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, kind, body, **headers):
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Pictures(Server):
    """What the client's URLs lead to. One that is allowed, one that is not."""

    def do_GET(self):
        self.server.paths.append(self.path)
        closed = f"http://127.0.0.1:{self.server.closed_port}/cat.png"
        replies = {
            "/cat.png": (200, "image/png", PNG, {}),
            "/moved": (302, "text/plain", b"", {"Location": "/cat.png"}),
            "/round": (302, "text/plain", b"", {"Location": "/round"}),
            "/inside": (302, "text/plain", b"", {"Location": closed}),
            "/scheme": (302, "text/plain", b"", {"Location": "file:///etc/passwd"}),
            "/untyped": (200, "application/octet-stream", PNG, {}),
            "/page": (200, "text/html", b"<html>", {}),
            "/json": (200, "application/json", b"{}", {}),
            "/large": (200, "image/png", PNG + b"p" * 2_000_000, {}),
        }
        status, kind, body, headers = replies.get(self.path, (404, "text/plain", b"no", {}))
        self.answer(status, kind, body, **headers)


class Upstream(Server):
    """Ollama, which fetches nothing."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.bodies.append(json.loads(body))
        answer = {"model": "m", "message": {"role": "assistant", "content": "A cat"}, "done": True,
                  "done_reason": "stop", "prompt_eval_count": 11, "eval_count": 5}
        self.answer(200, "application/json", json.dumps(answer).encode())


def start(handler):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.paths, server.bodies, server.closed_port = [], [], 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Media(GatewayCase):
    env = {"MAX_IMAGE_URL_DOWNLOAD_SIZE_MB": "1"}

    @classmethod
    def setUpClass(cls):
        cls.upstream, cls.open, cls.closed = start(Upstream), start(Pictures), start(Pictures)
        cls.open.closed_port = cls.closed.server_port
        for server in (cls.upstream, cls.open, cls.closed):
            cls.addClassCleanup(server.shutdown)
        super().setUpClass()

    @classmethod
    def config(cls, mock):
        base = f"http://127.0.0.1:{cls.upstream.server_port}"
        return {"model_list": [{"model_name": "local", "litellm_params": {"model": "ollama_chat/llava", "api_base": base}}],
                "litellm_settings": {"user_url_allowed_hosts": [f"127.0.0.1:{cls.open.server_port}"]}}

    def ask(self, url):
        return self.gateway.post("/v1/chat/completions", {"model": "local", "messages": [{"role": "user", "content": [
            {"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": url}}]}]})

    def allowed(self, path):
        return f"http://127.0.0.1:{self.open.server_port}{path}"

    def test_bytes_reach_a_provider_that_takes_no_urls(self):
        for path in ("/cat.png", "/moved", "/untyped"):
            with self.subTest(path=path):
                self.assert_status(self.ask(self.allowed(path)), 200)
                images = self.upstream.bodies[-1]["messages"][0]["images"]
                self.assertEqual([base64.b64decode(item) for item in images], [PNG])

    def test_other_apis_too(self):
        reply = self.gateway.post("/v1/messages", {"model": "local", "max_tokens": 9, "messages": [{"role": "user", "content": [
            {"type": "image", "source": {"type": "url", "url": self.allowed("/cat.png")}}]}]})
        self.assert_status(reply, 200)
        self.assertEqual(base64.b64decode(self.upstream.bodies[-1]["messages"][0]["images"][0]), PNG)

    def test_the_guard(self):
        port = self.closed.server_port
        asked = len(self.upstream.bodies)
        urls = [f"http://127.0.0.1:{port}/cat.png", f"http://localhost:{port}/cat.png", f"http://2130706433:{port}/cat.png",
                f"http://127.1:{port}/cat.png", f"http://0x7f.1:{port}/cat.png", f"http://[::1]:{port}/cat.png",
                f"http://[::ffff:127.0.0.1]:{port}/cat.png", f"http://0.0.0.0:{port}/cat.png",
                f"http://user@127.0.0.1:{self.open.server_port}/cat.png", "http://169.254.169.254/latest/meta-data/",
                self.allowed("/inside"), self.allowed("/scheme"), self.allowed("/round")]
        for url in urls:
            with self.subTest(url=url):
                reply = self.ask(url)
                self.assert_status(reply, 400)
                self.assertIn("Unable to fetch image from URL", reply.json()["error"]["message"])
        self.assertEqual(self.closed.paths, [])
        self.assertEqual(len(self.upstream.bodies), asked)

    def test_what_is_no_picture(self):
        for path, word in (("/page", "no picture"), ("/json", "neither"), ("/large", "too large"), ("/none", "404")):
            with self.subTest(path=path):
                reply = self.ask(self.allowed(path))
                self.assert_status(reply, 400)
                self.assertIn(word, reply.json()["error"]["message"])


if __name__ == "__main__":
    unittest.main()
