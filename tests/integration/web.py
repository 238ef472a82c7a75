"""HTTP as the tests speak it: whole requests, event streams with arrival times, and raw bytes on a socket."""

import dataclasses
import http.client
import json
import socket
import ssl
import time


@dataclasses.dataclass
class Reply:
    """A whole answer. Header names are lower case; repeated ones are joined with ", "."""
    status: int
    headers: dict
    body: bytes

    def json(self):
        return json.loads(self.body)

    def error(self):
        """The fields of an OpenAI error envelope."""
        return self.json()["error"]

    def text(self):
        """The text of a chat completion."""
        return self.json()["choices"][0]["message"]["content"]


def connect(port, timeout=30.0, tls=False):
    if not tls:
        return http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    context = ssl._create_unverified_context()  # the tests' own certificate
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=timeout, context=context)


def encode(body, headers):
    """Bytes of a body; dicts and lists become JSON with its content type."""
    headers = dict(headers or {})
    if isinstance(body, (dict, list)):
        body = json.dumps(body).encode()
        headers.setdefault("Content-Type", "application/json")
    elif isinstance(body, str):
        body = body.encode()
        headers.setdefault("Content-Type", "application/json")
    return body, headers


def fold(message):
    headers = {}
    for name, value in message.getheaders():
        name = name.lower()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def request(port, method, path, body=None, headers=None, timeout=30.0, tls=False):
    body, headers = encode(body, headers)
    connection = connect(port, timeout, tls)
    try:
        connection.request(method, path, body, headers)
        reply = connection.getresponse()
        return Reply(reply.status, fold(reply), reply.read())
    finally:
        connection.close()


def multipart(fields, files):
    """(body, content type) of a form; files: name -> (file name, bytes)."""
    boundary = "switchyard-test-boundary"
    parts = []
    for name, value in fields.items():
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for name, (file_name, data) in files.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
        parts.append(head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + data + b"\r\n")
    parts.append(f"--{boundary}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={boundary}"


class Stream:
    """A server-sent event stream that is read event by event; each event keeps its time of arrival."""

    def __init__(self, port, path, body, headers, timeout=30.0, tls=False):
        self.connection = connect(port, timeout, tls)
        body, headers = encode(body, headers)
        self.started = time.monotonic()
        self.connection.request("POST", path, body, headers)
        self.socket = self.connection.sock
        self.reply = self.connection.getresponse()
        self.status = self.reply.status
        self.headers = fold(self.reply)
        self.times = []

    def next(self):
        """The data of the next event (comments are passed over), or None at the end of the body."""
        data = []
        while True:
            line = self.reply.readline()
            if not line:
                return None
            line = line.rstrip(b"\r\n")
            if line.startswith(b"data:"):
                data.append(line[5:].lstrip(b" ").decode())
            elif not line and data:
                self.times.append(time.monotonic())
                return "\n".join(data)

    def all(self):
        """Every event's data up to the end."""
        events = []
        while (event := self.next()) is not None:
            events.append(event)
        self.close()
        return events

    def chunks(self):
        """Every event as JSON, [DONE] left out."""
        return [json.loads(event) for event in self.all() if event != "[DONE]"]

    def body(self):
        return self.reply.read()

    def close(self):
        """Drops the connection at once, whatever is still on its way."""
        self.reply.close()
        self.connection.close()


def text_of(chunks):
    """The text that the deltas of chat chunks spell."""
    return "".join(choice.get("delta", {}).get("content") or "" for c in chunks for choice in c.get("choices", []))


def raw(port, data, timeout=5.0, half_close=False, limit=1 << 20):
    """Sends bytes as they are and returns everything until the peer closes, or until `timeout` of silence."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as sock:
        received = b""
        try:
            sock.sendall(data)
            if half_close:
                sock.shutdown(socket.SHUT_WR)
            while len(received) < limit:
                piece = sock.recv(65536)
                if not piece:
                    return received, True
                received += piece
        except socket.timeout:
            return received, False
        except (ConnectionResetError, BrokenPipeError):
            return received, True
        return received, False


def status_of(received):
    """Status code of the first response in raw bytes; 0 when there is none."""
    parts = received.split(b" ", 2)
    return int(parts[1]) if len(parts) > 2 and parts[0].startswith(b"HTTP/1.") else 0
