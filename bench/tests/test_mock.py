#!/usr/bin/env python3
"""Tests of mock_upstream itself: test_mock.py PATH_TO_BINARY. The integration tests trust what is checked here."""

import base64
import json
import socket
import struct
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request

BINARY = sys.argv.pop(1)


class Mock:
    def __init__(self, *options):
        self.child = subprocess.Popen([BINARY, "--port", "0", *options], stdout=subprocess.PIPE, text=True)
        self.port = int(self.child.stdout.readline().split()[-1])

    def stop(self):
        self.child.terminate()
        self.child.stdout.close()
        assert self.child.wait(10) == 0, "mock_upstream did not end cleanly"

    def call(self, path, body=None, headers=None):
        """(status, headers, bytes) of one request."""
        data = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers or {})
        try:
            with urllib.request.urlopen(request, timeout=20) as reply:
                return reply.status, reply.headers, reply.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def chat(self, model, **fields):
        return self.call("/v1/chat/completions", {"model": model, "messages": [], **fields})

    def stats(self):
        return json.loads(self.call("/__mock/stats")[2])

    def raw(self, *pieces):
        """Sends the pieces, returns the open socket."""
        client = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        for piece in pieces:
            client.sendall(piece)
        return client


def read_all(client):
    data = b""
    while piece := client.recv(65536):
        data += piece
    client.close()
    return data


def post(body, extra=b"", path=b"/v1/chat/completions"):
    return b"POST " + path + b" HTTP/1.1\r\nHost: x\r\n" + extra + b"Content-Length: %d\r\n\r\n" % len(body) + body


def events(body):
    return [line[6:] for line in body.decode().splitlines() if line.startswith("data: ")]


class MockCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mock = Mock("--record", "2")
        cls.addClassCleanup(cls.mock.stop)

    def setUp(self):
        self.mock.call("/__mock/reset", b"")

    def wait_for(self, condition):
        end = time.monotonic() + 10
        while not condition():
            self.assertLess(time.monotonic(), end, "waited in vain")


class Endpoints(MockCase):
    def test_chat_of_the_benchmark_is_663_bytes(self):
        status, _, body = self.mock.chat("gpt-4o-mini-2024-07-18")
        self.assertEqual((status, len(body)), (200, 663))
        self.assertEqual(json.loads(body)["usage"]["total_tokens"], 73)

    def test_messages(self):
        body = {"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": []}
        status, _, answer = self.mock.call("/v1/messages", body)
        answer = json.loads(answer)
        self.assertEqual((status, answer["type"], answer["stop_reason"]), (200, "message", "end_turn"))
        self.assertEqual(answer["usage"]["input_tokens"] + answer["usage"]["output_tokens"], 73)
        _, _, stream = self.mock.call("/v1/messages", {**body, "stream": True})
        kinds = [json.loads(line[6:])["type"] for line in stream.decode().splitlines() if line.startswith("data: ")]
        self.assertEqual((kinds[0], kinds[-1]), ("message_start", "message_stop"))
        self.assertIn("content_block_delta", kinds)

    def test_prefixes(self):
        for prefix in ("", "/v1", "/openai/deployments/gpt-x", "/a/b"):
            status, _, body = self.mock.call(prefix + "/chat/completions", {"messages": []})
            self.assertEqual(status, 200)
        self.assertEqual(json.loads(self.mock.call("/engines/m-7/completions", {"prompt": "x"})[2])["model"], "m-7")

    def test_stream_counts_up_and_honours_include_usage(self):
        _, headers, body = self.mock.chat("mock-stream-3", stream=True)
        self.assertIn("text/event-stream", headers["content-type"])
        chunks = [json.loads(e) for e in events(body)[:-1]]
        self.assertEqual([c["choices"][0]["delta"].get("content") for c in chunks], ["", " t0000", " t0001", " t0002", None])
        self.assertEqual(events(body)[-1], "[DONE]")
        _, _, body = self.mock.chat("mock-stream-3", stream=True, stream_options={"include_usage": True})
        self.assertEqual(json.loads(events(body)[-2])["usage"]["prompt_tokens"], 42)

    def test_tools_and_structured_output(self):
        schema = {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "array", "items": {"enum": [7]}}}}
        tools = [{"type": "function", "function": {"name": "weather", "parameters": schema}}]
        choice = json.loads(self.mock.chat("m", tools=tools)[2])["choices"][0]
        self.assertEqual(choice["finish_reason"], "tool_calls")
        call = choice["message"]["tool_calls"][0]["function"]
        self.assertEqual((call["name"], json.loads(call["arguments"])), ("weather", {"city": "mock", "days": [7]}))
        after = [{"role": "user", "content": "?"}, {"role": "tool", "content": "sunny"}]
        self.assertEqual(json.loads(self.mock.chat("m", tools=tools, messages=after)[2])["choices"][0]["finish_reason"], "stop")
        form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
        text = "".join(json.loads(e)["choices"][0]["delta"].get("content", "")
                       for e in events(self.mock.chat("m", stream=True, response_format=form)[2])[:-1])
        self.assertEqual(json.loads(text), {"city": "mock", "days": [7]})

    def test_embeddings(self):
        _, _, body = self.mock.call("/v1/embeddings", {"model": "e", "input": ["a", "b"], "dimensions": 4})
        floats = [row["embedding"] for row in json.loads(body)["data"]]
        _, _, body = self.mock.call("/v1/embeddings", {"model": "e", "input": "a", "dimensions": 4, "encoding_format": "base64"})
        packed = base64.b64decode(json.loads(body)["data"][0]["embedding"])
        self.assertEqual(struct.pack("<4f", *floats[0]), packed)
        self.assertNotEqual(floats[0], floats[1])
        self.assertEqual(len(json.loads(self.mock.call("/embeddings", {"model": "e", "input": [1, 2]})[2])["data"][0]["embedding"]), 1536)

    def test_other_json_endpoints(self):
        rerank = json.loads(self.mock.call("/v2/rerank", {"documents": ["a", "b", "c"], "top_n": 2, "return_documents": True})[2])
        self.assertEqual([r["document"]["text"] for r in rerank["results"]], ["a", "b"])
        self.assertTrue(json.loads(self.mock.call("/moderations", {"input": "kill"})[2])["results"][0]["flagged"])
        self.assertEqual(len(json.loads(self.mock.call("/images/generations", {"n": 2, "prompt": "x"})[2])["data"]), 2)
        self.assertEqual(json.loads(self.mock.call("/v1/models/gpt-x")[2])["id"], "gpt-x")
        self.assertEqual(json.loads(self.mock.call("/v1/models")[2])["object"], "list")
        self.assertEqual(self.mock.call("/v1/nothing", {})[0], 404)

    def test_responses_stream(self):
        _, _, body = self.mock.call("/v1/responses", {"model": "mock-stream-2", "input": "x", "stream": True})
        seen = [json.loads(e) for e in events(body)]
        self.assertEqual([e["sequence_number"] for e in seen], list(range(len(seen))))
        self.assertEqual(seen[-1]["type"], "response.completed")
        self.assertEqual(seen[-1]["response"]["output"][0]["content"][0]["text"], " t0000 t0001")

    def test_audio(self):
        form = (b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n\xff\x00\r\n'
                b'--B\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n--B--\r\n')
        kind = {"Content-Type": "multipart/form-data; boundary=B"}
        self.assertIn("text", json.loads(self.mock.call("/v1/audio/transcriptions", form, kind)[2]))
        self.assertEqual(self.mock.stats()["by_model"]["whisper-1"]["requests"], 1)
        _, headers, sound = self.mock.call("/audio/speech", {"input": "x", "model": "tts"})
        self.assertEqual((headers["content-type"], len(sound)), ("audio/mpeg", 16384))

    def test_echo_and_record(self):
        _, _, body = self.mock.call("/v1/chat/completions?a=b", {"model": "mock-echo", "x": 1}, {"X-One": "two"})
        echo = json.loads(json.loads(body)["choices"][0]["message"]["content"])
        self.assertEqual((echo["method"], echo["path"], echo["query"]), ("POST", "/v1/chat/completions", "a=b"))
        self.assertEqual((echo["headers"]["x-one"], echo["json"]["x"]), ("two", 1))
        self.assertEqual(json.loads(echo["body"]), echo["json"])
        self.assertEqual(json.loads(self.mock.call("/__mock/requests")[2])[-1], echo)


class Behaviours(MockCase):
    def test_refusals(self):
        rows = {"status-503": 503, "retry-after-7": 429, "html-502": 502, "context-window": 400, "content-policy": 400, "status-418": 418}
        for word, status in rows.items():
            self.assertEqual(self.mock.chat("mock-" + word)[0], status, word)
        self.assertEqual(self.mock.chat("mock-retry-after-7")[1]["retry-after"], "7")
        self.assertTrue(self.mock.chat("mock-retry-after-date-30")[1]["retry-after"].endswith("GMT"))
        self.assertEqual(json.loads(self.mock.chat("mock-status-404")[2])["error"]["code"], "model_not_found")
        self.assertIn("unknown mock behaviour", self.mock.chat("mock-typo")[2].decode())
        self.assertEqual(self.mock.call("/v1/chat/completions", b'{"model":"m",}')[0], 400)

    def test_header_and_query_choose_too(self):
        self.assertEqual(self.mock.call("/chat/completions", {}, {"x-mock": "status-500"})[0], 500)
        self.assertEqual(self.mock.call("/chat/completions?mock=status-409", {})[0], 409)

    def test_delays(self):
        for word in ("delay-60", "slow-headers-60", "slow-body-60", "delay-30+slow-headers-30"):
            started = time.monotonic()
            self.assertEqual(self.mock.chat("mock-" + word)[0], 200)
            self.assertGreaterEqual(time.monotonic() - started, 0.055, word)

    def test_paced_stream(self):
        started = time.monotonic()
        self.assertEqual(len(events(self.mock.chat("mock-stream-11x10ms", stream=True)[2])), 14)
        self.assertGreaterEqual(time.monotonic() - started, 0.095)
        started = time.monotonic()
        self.assertEqual(len(events(self.mock.chat("mock-stream-10x20ms+burst-5", stream=True)[2])), 13)
        self.assertGreaterEqual(time.monotonic() - started, 0.019)

    def test_stream_cuts(self):
        _, _, body = self.mock.chat("mock-stream-5+stream-fail-after-3", stream=True)
        self.assertEqual(len(events(body)), 5)
        self.assertIn("error", json.loads(events(body)[-1]))
        self.assertEqual(len(events(self.mock.chat("mock-stream-5+stream-fail-after-0", stream=True)[2])), 1)
        data = read_all(self.mock.raw(post(b'{"model":"mock-stream-abort-after-3","stream":true}')))
        self.assertEqual(data.count(b'"content":" t'), 3)
        self.assertNotIn(b"\r\n0\r\n", data)

    def test_stream_spellings(self):
        data = self.mock.chat("mock-stream-3+stream-crlf+stream-comments+stream-no-done", stream=True)[2]
        self.assertEqual(data.count(b"\r\n\r\n"), data.count(b": ping") * 2)
        self.assertNotIn(b"[DONE]", data)
        self.assertIn(b" t0002", data)
        self.assertEqual(len(events(self.mock.chat("mock-stream-2+dribble-50", stream=True)[2])), 5)

    def test_faults(self):
        def reply(word):
            return read_all(self.mock.raw(post(b'{"model":"mock-%s"}' % word)))
        self.assertEqual(reply(b"close-before-reply"), b"")
        self.assertNotIn(b"\r\n\r\n", reply(b"close-mid-head"))
        head, body = reply(b"truncated").split(b"\r\n\r\n")
        self.assertLess(len(body), int(head.split(b"content-length: ")[1]))
        self.assertIn(b"zz\r\n", reply(b"bad-chunked"))
        self.assertFalse(reply(b"bad-status-line").startswith(b"HTTP/"))
        self.assertEqual(reply(b"two-lengths").count(b"content-length"), 2)
        self.assertIn(b"transfer-encoding", reply(b"length-and-chunked"))
        self.assertNotIn(b"content-length", reply(b"no-length"))
        self.assertTrue(reply(b"http10").startswith(b"HTTP/1.0 200"))
        self.assertTrue(reply(b"close+1xx").startswith(b"HTTP/1.1 100"))
        self.assertIn(b"\r\n0\r\nx-mock-trailer: yes\r\n\r\n", reply(b"close+trailers"))
        self.assertGreater(len(reply(b"close+huge-header-70000")), 70000)
        with self.mock.raw(post(b'{"model":"mock-reset"}')) as client, self.assertRaises(ConnectionResetError):
            client.recv(1)

    def test_limits(self):
        tokens = [self.mock.chat("mock-tpm-100")[0] for _ in range(3)]
        # The window is the minute of the mock's clock: at worst it turns over once in these three calls.
        self.assertIn(tokens, ([200, 200, 429], [200, 200, 200]))
        status, headers, _ = self.mock.chat("mock-tpm-100")
        self.assertEqual("retry-after" in headers, status == 429)

    def test_script(self):
        script = [{"model": "x", "status": 500, "times": 2}, {"model": "x", "body": {"a": 1}, "headers": {"X-A": "b"}},
                  {"behaviour": "html-503"}]
        self.assertEqual(json.loads(self.mock.call("/__mock/script", script)[2])["pending"], 3)
        self.assertEqual([self.mock.chat("x")[0] for _ in range(2)], [500, 500])
        self.assertEqual(self.mock.chat("y")[0], 503)
        _, headers, body = self.mock.chat("x")
        self.assertEqual((headers["x-a"], json.loads(body)), ("b", {"a": 1}))
        self.assertEqual(self.mock.chat("x")[0], 200)
        self.assertEqual(self.mock.call("/__mock/script", [{"typo": 1}])[0], 400)


class Wire(MockCase):
    def test_pipelining_and_pieces(self):
        one = post(b'{"model":"mock-delay-20"}')
        last = post(b"{}", b"Connection: close\r\n")
        data = read_all(self.mock.raw(one[:40], one[40:] + one + last[:-1], last[-1:]))
        self.assertEqual(data.count(b"HTTP/1.1 200 OK"), 3)

    def test_chunked_request_and_continue(self):
        head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
        client = self.mock.raw(head)
        self.assertEqual(client.recv(100), b"HTTP/1.1 100 Continue\r\n\r\n")
        for piece in (b"A;x=y\r\n", b'{"model":"', b"\r\n5\r\nmock-\r\n6\r\necho\"}\r", b"\n0\r\nT: v\r\n\r\n"):
            client.sendall(piece)
        self.assertIn(b'mock-echo', read_all(client))

    def test_bad_framing_is_counted(self):
        vectors = (b"Transfer-Encoding: chunked\r\n", b"Content-Length: 1\r\n", b"Transfer-Encoding: xchunked\r\n", b"no colon\r\n")
        for vector in vectors:
            self.assertIn(b" 400 ", read_all(self.mock.raw(post(b"{}", vector))))
        self.assertEqual(self.mock.stats()["bad_requests"], len(vectors))

    def test_large_bodies(self):
        big = {"model": "mock-big-3000000", "messages": [{"role": "user", "content": "y" * 5_000_000}]}
        status, _, body = self.mock.call("/v1/chat/completions", big)
        self.assertEqual(status, 200)
        self.assertGreater(len(body), 3_000_000)
        self.assertGreater(self.mock.stats()["bytes"]["in"], 5_000_000)

    def test_aborts_are_seen(self):
        waiting = self.mock.raw(post(b'{"model":"mock-delay-60000"}'))
        silent = self.mock.raw(post(b'{"model":"mock-stream-stall-after-1","stream":true}'))
        self.assertIn(b"t0000", silent.recv(65536))
        self.wait_for(lambda: self.mock.stats()["in_flight"] == 2)
        left = time.time()
        waiting.close()
        silent.close()
        self.wait_for(lambda: self.mock.stats()["in_flight"] == 0)
        aborts = self.mock.stats()["aborts"]
        self.assertEqual({a["model"] for a in aborts}, {"mock-delay-60000", "mock-stream-stall-after-1"})
        for abort in aborts:
            self.assertLess(abs(abort["at_unix_ms"] / 1000 - left), 1)
        self.assertEqual(self.mock.stats()["by_model"]["mock-delay-60000"]["aborted"], 1)

    def test_slow_reader_stops_the_writer(self):
        client = self.mock.raw(post(b'{"model":"mock-stream-2000000","stream":true}'))
        before = -1
        while (sent := self.mock.stats()["bytes"]["out"]) - before > 100_000:
            before = sent
        self.assertLess(sent, 64_000_000)
        client.close()
        self.wait_for(lambda: self.mock.stats()["in_flight"] == 0)


if __name__ == "__main__":
    unittest.main()
