#!/usr/bin/env python3
"""Tests of the load generator against mock_upstream: test_load.py MOCK LOAD."""

import json
import subprocess
import sys
import unittest
import urllib.request

MOCK, LOAD = sys.argv.pop(1), sys.argv.pop(1)


class Load(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mock = subprocess.Popen([MOCK, "--port", "0"], stdout=subprocess.PIPE, text=True)
        cls.port = cls.mock.stdout.readline().split()[-1]
        cls.addClassCleanup(cls.end)

    @classmethod
    def end(cls):
        cls.mock.terminate()
        cls.mock.wait(10)
        cls.mock.stdout.close()

    def load(self, *options, path="/v1/chat/completions"):
        command = [LOAD, "--url", f"http://127.0.0.1:{self.port}{path}", "--seconds", "0.4", "--connections", "8", *options]
        return json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)

    def stats(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/__mock/stats") as reply:
            return json.loads(reply.read())

    def test_closed_loop_counts_what_the_server_counts(self):
        before = self.stats()["requests"]
        result = self.load("--header", "Authorization: Bearer sk-1234")
        self.assertEqual(result["requests"], self.stats()["requests"] - before)
        self.assertEqual(result["status"], {"200": result["requests"]})
        self.assertEqual(result["unfinished"], 0)

    def test_the_body_is_295_bytes(self):
        """From the bytes the server received: two heads of known length apart from the body."""
        before = self.stats()
        result = self.load()
        after = self.stats()
        head = (f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
                "Content-Type: application/json\r\nContent-Length: 295\r\n\r\n")
        received = after["bytes"]["in"] - before["bytes"]["in"] - result["requests"] * (len(head) + 295)
        self.assertGreaterEqual(received, 0)
        self.assertLess(received, 1000)  # the second request for the statistics

    def test_open_loop_counts_waiting_from_the_due_time(self):
        """8 connections and 100 ms per reply serve 80/s; at 200/s most of the latency is waiting for a connection."""
        result = self.load("--rate", "200", "--model", "mock-delay-100")
        self.assertAlmostEqual(result["requests"], 80, delta=1)
        self.assertGreater(result["latency_ms"]["max"], 400)

    def test_errors_by_status(self):
        result = self.load("--model", "mock-status-503")
        self.assertEqual(list(result["status"]), ["503"])

    def test_streams(self):
        result = self.load("--stream", "--model", "mock-stream-5x10ms")
        self.assertEqual(result["events"], result["requests"] * 9)  # role, 5, finish, usage, [DONE]
        self.assertGreaterEqual(result["latency_ms"]["p50"], 39)
        self.assertLess(result["first_byte_ms"]["p50"], result["latency_ms"]["p50"])

    def test_dribbled_replies_are_read(self):
        result = self.load("--stream", "--model", "mock-stream-2+dribble-150")
        self.assertEqual((result["errors"], result["events"]), ({"connect": 0, "closed_early": 0, "bad_reply": 0}, result["requests"] * 6))

    def test_broken_replies_are_errors(self):
        for word, kind in (("truncated", "closed_early"), ("bad-chunked", "bad_reply"), ("bad-status-line", "bad_reply")):
            self.assertGreater(self.load("--model", "mock-" + word)["errors"][kind], 0, word)

    def test_aborts(self):
        before = len(self.stats()["aborts"])
        result = self.load("--stream", "--model", "mock-stream-20x5ms", "--abort-percent", "50")
        self.assertGreater(result["aborted"], 0)
        self.assertGreater(len(self.stats()["aborts"]), before)
        self.assertEqual(result["errors"]["closed_early"], 0)

    def test_closed_loop_goes_on_when_the_server_closes(self):
        result = self.load("--model", "mock-close")
        self.assertGreater(result["requests"], 8)
        self.assertEqual(result["errors"], {"connect": 0, "closed_early": 0, "bad_reply": 0})


if __name__ == "__main__":
    unittest.main()
