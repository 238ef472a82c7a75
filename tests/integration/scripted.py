"""A scripted HTTP server of the standard library: routes are functions of the request, requests are kept."""

import dataclasses
import http.server
import json
import threading
import urllib.parse


@dataclasses.dataclass
class Seen:
    method: str
    path: str
    headers: dict
    body: bytes

    def json(self):
        return json.loads(self.body)

    def form(self):
        return dict(urllib.parse.parse_qsl(self.body.decode()))


class Scripted:
    """`routes`: path -> function(Seen) -> (status, document or bytes[, headers]). Port 0; stop() ends it."""

    def __init__(self, **routes):
        self.routes = {}
        self.seen = []
        self._lock = threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                request = Seen(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
                with outer._lock:
                    outer.seen.append(request)
                route = outer.routes.get(self.path.split("?")[0], lambda _: (404, {}))
                status, document, *more = route(request)
                payload = document if isinstance(document, bytes) else json.dumps(document).encode()
                self.send_response(status)
                for name, value in (more[0] if more else {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def count(self, path):
        with self._lock:
            return sum(1 for request in self.seen if request.path.split("?")[0] == path)

    def last(self, path):
        with self._lock:
            return [request for request in self.seen if request.path.split("?")[0] == path][-1]

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
