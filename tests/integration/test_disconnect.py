"""Clients that leave and clients that read slowly (issue 2, section 3): the upstream is cancelled within 50 ms,
and its bytes stop when nobody takes them."""

import json
import socket
import struct
import time
import unittest

from case import GatewayCase
from processes import SLOW, wait_until

CANCEL_WITHIN_MS = 50


class SlowUpstreams(GatewayCase):
    """Rows that take their time."""

    @classmethod
    def config(cls, mock):
        return {"model_list": [
            mock.row("slow", "delay-30000"), mock.row("stream", "stream-1000x20ms"),
            mock.row("late-stream", "delay-30000+stream-5"), mock.row("flood", "stream-2000000"),
            mock.row("quick", "as-quick")], "router_settings": {"num_retries": 3}}

    def send(self, model, stream):
        """A raw connection on which one chat request was sent."""
        body = json.dumps({"model": model, "stream": stream, "messages": [{"role": "user", "content": "x"}]})
        head = (f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.key}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n")
        sock = socket.create_connection(("127.0.0.1", self.gateway.port), timeout=20 * SLOW)
        self.addCleanup(sock.close)
        sock.sendall((head + body).encode())
        return sock


class Disconnect(SlowUpstreams):
    def leave(self, sock, how):
        if how == "reset":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if how == "half-close":
            sock.shutdown(socket.SHUT_WR)
        else:
            sock.close()
        return time.time()

    def check_cancelled(self, sock, how):
        """Leaves, then compares the moment with the one at which the mock noticed that its client was gone."""
        before = self.mock.aborts()
        left = self.leave(sock, how)
        aborts = wait_until(lambda: self.mock.aborts()[len(before):], what="the upstream to notice")
        self.assertEqual(len(aborts), 1)
        self.assertLess((aborts[0] - left) * 1000, CANCEL_WITHIN_MS * SLOW)

    def wait_arrived(self):
        wait_until(lambda: self.mock.requests() >= 1, what="the request at the upstream")

    def test_whole_answer(self):
        for how in ("close", "reset", "half-close"):
            with self.subTest(how=how):
                self.mock.reset()
                sock = self.send("slow", False)
                self.wait_arrived()
                self.check_cancelled(sock, how)
                self.assertEqual(self.mock.requests(), 1, "a cancelled call must not be retried")

    def test_stream_in_the_middle(self):
        for how in ("close", "reset"):
            with self.subTest(how=how):
                self.mock.reset()
                sock = self.send("stream", True)
                self.assertIn(b"200", sock.recv(65536))
                self.check_cancelled(sock, how)

    def test_stream_before_its_first_event(self):
        sock = self.send("late-stream", True)
        self.wait_arrived()
        self.check_cancelled(sock, "close")

    def test_the_server_forgets_the_request(self):
        sock = self.send("slow", False)
        self.wait_arrived()
        self.check_cancelled(sock, "close")
        text = wait_until(self.no_request_in_flight, what="the in-flight gauge to fall")
        self.assertTrue(text)
        self.assert_status(self.gateway.chat("quick"), 200)

    def no_request_in_flight(self):
        for line in self.gateway.get("/metrics").body.decode().splitlines():
            # the scrape itself may count
            if line.startswith("litellm_in_flight_requests") and float(line.split()[-1]) <= 1:
                return line
        return None


class BackPressure(SlowUpstreams):
    def test_a_client_that_does_not_read_stops_the_upstream(self):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        self.addCleanup(sock.close)
        sock.settimeout(20 * SLOW)
        sock.connect(("127.0.0.1", self.gateway.port))
        body = json.dumps({"model": "flood", "stream": True, "messages": [{"role": "user", "content": "x"}]})
        sock.sendall((f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.key}\r\n"
                      f"Content-Length: {len(body)}\r\n\r\n{body}").encode())
        self.assertIn(b"200", sock.recv(4096))
        stopped = wait_until(self.steady_bytes, timeout=20, what="the upstream's bytes to stop")
        # two socket buffers on each side, and one buffer in the gateway
        self.assertLess(stopped, 40 << 20)
        self.assertLess(self.resident_mb(), 200 * SLOW)
        sock.recv(1 << 20)
        self.assert_status(self.gateway.chat("quick"), 200)

    def steady_bytes(self):
        """Bytes that the mock has sent, once they stand still while the gateway does other work."""
        first = self.mock.bytes_out()
        for _ in range(100):
            self.gateway.get("/health/liveliness")
        then = self.mock.bytes_out()
        return then if then - first < 100000 else None  # the stats themselves are bytes too

    def resident_mb(self):
        with open(f"/proc/{self.gateway.child.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


if __name__ == "__main__":
    unittest.main()
