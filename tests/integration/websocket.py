"""WebSockets as the tests speak them (RFC 6455), client and server, with Python's standard library: frames as they
are, nothing joined, nothing answered by itself. And an upstream with a realtime API whose words its clients choose."""

import base64
import dataclasses
import hashlib
import json
import os
import socket
import ssl
import struct
import threading

from processes import SLOW, UPSTREAM_KEY

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def accept(key):
    return base64.b64encode(hashlib.sha1(key.encode() + GUID).digest()).decode()


@dataclasses.dataclass
class Frame:
    opcode: int
    payload: bytes
    fin: bool = True
    masked: bool = False

    @property
    def code(self):
        """Of a Close frame."""
        return struct.unpack(">H", self.payload[:2])[0] if self.payload else None

    @property
    def event(self):
        return json.loads(self.payload)


class Peer:
    """One end of an open WebSocket."""

    def __init__(self, sock, masks, early=b""):
        self.sock, self.masks, self.buffer = sock, masks, early

    def raw(self, data):
        self.sock.sendall(data)

    def frame(self, opcode, payload=b"", fin=True):
        mask = os.urandom(4) if self.masks else b""
        size = len(payload)
        head = bytes([(0x80 if fin else 0) | opcode])
        mark = 0x80 if mask else 0
        if size < 126:
            head += bytes([mark | size])
        else:
            head += bytes([mark | (126 if size < 65536 else 127)]) + struct.pack(">H" if size < 65536 else ">Q", size)
        return head + mask + (_xor(payload, mask) if mask else payload)

    def send(self, what, opcode=TEXT, fin=True):
        if isinstance(what, dict):
            what = json.dumps(what)
        self.raw(self.frame(opcode, what.encode() if isinstance(what, str) else what, fin))

    def close_with(self, code, reason=b""):
        self.raw(self.frame(CLOSE, struct.pack(">H", code) + reason))

    def _take(self, size):
        while len(self.buffer) < size:
            piece = self.sock.recv(65536)
            if not piece:
                return None
            self.buffer += piece
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def read(self):
        """The next frame; None at the end of the connection, however it came."""
        try:
            head = self._take(2)
            if head is None:
                return None
            size, masked = head[1] & 0x7F, bool(head[1] & 0x80)
            if size > 125:
                size = struct.unpack(">H" if size == 126 else ">Q", self._take(2 if size == 126 else 8))[0]
            mask = self._take(4) if masked else b""
            payload = self._take(size)
        except (ConnectionError, TypeError):
            return None
        if payload is None:
            return None
        return Frame(head[0] & 0x0F, _xor(payload, mask) if masked else payload, bool(head[0] & 0x80), masked)

    def drop(self):
        # A read in another thread would keep the connection open.
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()


def _xor(data, mask):
    if not data:
        return data
    stretched = (mask * (len(data) // 4 + 1))[:len(data)]
    return (int.from_bytes(data, "big") ^ int.from_bytes(stretched, "big")).to_bytes(len(data), "big")


def read_head(sock):
    """The lines of an HTTP head and what came behind it."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = sock.recv(65536)
        if not piece:
            raise ConnectionError("closed within a head")
        data += piece
    head, rest = data.split(b"\r\n\r\n", 1)
    return head.decode("latin-1").split("\r\n"), rest


def fields(lines):
    return {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}


class Client(Peer):
    """A client's session. `status`, `headers` and, when it was refused, `body` are the answer to its upgrade."""

    def __init__(self, port, path, key=None, headers=None, buffer=None):
        sock = socket.socket()
        if buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        sock.settimeout(30 * SLOW)
        sock.connect(("127.0.0.1", port))
        nonce = base64.b64encode(os.urandom(16)).decode()
        lines = {"Host": "gateway", "Connection": "keep-alive, Upgrade", "Upgrade": "websocket",
                 "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": nonce,
                 **({"Authorization": f"Bearer {key}"} if key else {}), **(headers or {})}
        text = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
        sock.sendall(f"GET {path} HTTP/1.1\r\n{text}\r\n".encode())
        answer, early = read_head(sock)
        super().__init__(sock, True, early)
        self.status = int(answer[0].split()[1])
        self.headers = fields(answer[1:])
        self.body = None
        if self.status != 101:
            self.body = json.loads(self._take(int(self.headers["content-length"])))
        elif self.headers["sec-websocket-accept"] != accept(nonce):
            raise AssertionError("wrong Sec-WebSocket-Accept")

    def event(self, kind):
        """The next event of this type; what comes before it is passed over."""
        while (frame := self.read()) is not None:
            if frame.opcode == TEXT and frame.event.get("type") == kind:
                return frame.event
        raise AssertionError(f"the connection ended before {kind}")

    def closing(self):
        """The Close frame; what comes before it is passed over."""
        while (frame := self.read()) is not None:
            if frame.opcode == CLOSE:
                return frame
        raise AssertionError("the connection ended without a Close frame")


class Session(Peer):
    """A session at the upstream, with all that arrived."""

    def __init__(self, sock, line, headers, early):
        super().__init__(sock, False, early)
        self.line, self.headers = line, headers
        self.frames, self.ended = [], threading.Event()

    def codes(self):
        return [frame.code for frame in self.frames if frame.opcode == CLOSE]


USAGE = {"total_tokens": 30, "input_tokens": 10, "output_tokens": 20,
         "input_token_details": {"text_tokens": 6, "audio_tokens": 4, "cached_tokens": 2},
         "output_token_details": {"text_tokens": 15, "audio_tokens": 5}}


class Upstream:
    """Sends session.created, then does what the events of the client say; everything else comes back as it came.
    Models named in `refusals` are not upgraded but answered with that status. `tls`: its certificate and key."""

    def __init__(self, tls=None):
        self.sessions, self.refusals, self.tls = [], {}, None
        if tls:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*tls)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def row(self, name, model, provider="openai", **params):
        info = params.pop("info", {"id": f"row-{model}"})
        base = f"https://localhost:{self.port}" if self.tls else f"http://127.0.0.1:{self.port}"
        base += "/v1" if provider == "openai" else ""
        return {"model_name": name, "model_info": info, "litellm_params": {
            "model": f"{provider}/{model}", "api_base": base, "api_key": UPSTREAM_KEY, **params}}

    def stop(self):
        self.listener.close()
        for session in self.sessions:
            session.drop()

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        try:
            sock = self.tls.wrap_socket(sock, server_side=True) if self.tls else sock
            lines, early = read_head(sock)
            session = Session(sock, lines[0], fields(lines[1:]), early)
            for model, status in self.refusals.items():
                if f"model={model}" in session.line:
                    return self._refuse(sock, status)
            key = session.headers["sec-websocket-key"]
            self.sessions.append(session)  # before the client can hear of it
            sock.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          f"Sec-WebSocket-Accept: {accept(key)}\r\nx-request-id: req_1\r\n\r\n").encode())
            session.send({"type": "session.created", "session": {"model": "upstream-name"}})
            self._talk(session)
            session.ended.set()
        except OSError:
            pass
        finally:
            sock.close()

    @staticmethod
    def _refuse(sock, status):
        body = json.dumps({"error": {"message": "no session for you", "type": "server_error"}})
        sock.sendall(f"HTTP/1.1 {status} No\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())

    def _talk(self, session):
        while (frame := session.read()) is not None:
            session.frames.append(frame)
            if frame.opcode == CLOSE:
                session.raw(session.frame(CLOSE, frame.payload))
                return
            kind = frame.event.get("type") if frame.opcode == TEXT and frame.fin and frame.payload[:1] == b"{" else ""
            if kind == "response.create":
                self._respond(session)
            elif kind == "close":
                session.close_with(frame.event["code"], b"enough")
            elif kind == "drop":
                return
            elif kind == "raw":
                session.raw(bytes.fromhex(frame.event["bytes"]))
            elif kind == "flood":
                for _ in range(frame.event["frames"]):
                    session.send(b"x" * frame.event["size"], BINARY)
                    session.sent = getattr(session, "sent", 0) + frame.event["size"]
            else:
                session.raw(session.frame(frame.opcode, frame.payload, frame.fin))

    @staticmethod
    def _respond(session):
        session.send({"type": "response.created", "response": {"id": "resp_1"}})
        session.send({"type": "response.output_text.delta", "delta": "Hello"})
        done = json.dumps({"type": "response.done", "response": {"id": "resp_1", "object": "realtime.response",
                                                                 "status": "completed", "usage": USAGE}}).encode()
        # In two frames with a ping between them, as it may come.
        session.send(done[:40], TEXT, fin=False)
        session.send(b"alive", PING)
        session.send(done[40:], CONTINUATION)

