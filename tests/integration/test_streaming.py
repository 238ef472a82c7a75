"""Streams event by event: timing, errors before and after the first event, usage (issue 2, section 3;
spec router.md 4.4, 6.5)."""

import json
import unittest

import web
from case import GatewayCase


class Streaming(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {
            "model_list": [
                mock.row("paced", "stream-10x40ms"), mock.row("burst", "stream-50"), mock.row("echo", "echo"),
                mock.row("fails-late", "stream-10x1ms+stream-fail-after-3"),
                mock.row("dies-late", "stream-10x1ms+stream-abort-after-3"),
                mock.row("fails-first", "stream-10x1ms+stream-fail-after-0"),
                mock.row("no-done", "stream-3+stream-no-done"), mock.row("crlf", "stream-5+stream-crlf"),
                mock.row("comments", "stream-5x1ms+stream-comments"), mock.row("retried", "as-retried"),
                mock.row("refused", "status-429"), mock.row("slow", "stream-400x50ms"),
                mock.row("dribble", "stream-5+dribble-1"), mock.row("image", "as-image"),
            ],
            "router_settings": {"num_retries": 1},
        }

    def test_headers(self):
        stream = self.gateway.stream("burst")
        self.assertEqual(stream.status, 200)
        self.assertTrue(stream.headers["content-type"].startswith("text/event-stream"))
        self.assertIn("x-litellm-call-id", stream.headers)
        self.assertIn("x-litellm-model-id", stream.headers)
        self.assertNotIn("content-length", stream.headers)
        self.assertEqual(stream.all()[-1], "[DONE]")

    def test_events_arrive_one_by_one(self):
        """The first event is here long before the last is sent: nothing collects them on the way."""
        stream = self.gateway.stream("paced")
        events = stream.all()
        self.assertEqual(events[-1], "[DONE]")
        gaps = [later - earlier for earlier, later in zip(stream.times, stream.times[1:])]
        self.assertGreater(stream.times[-1] - stream.times[0], 0.25)
        self.assertGreater(sum(gap > 0.02 for gap in gaps), 5, gaps)

    def test_chunks(self):
        chunks = self.gateway.stream("burst").chunks()
        self.assertGreater(len(web.text_of(chunks)), 0)
        self.assertEqual({chunk["object"] for chunk in chunks}, {"chat.completion.chunk"})
        self.assertEqual(len({chunk["id"] for chunk in chunks}), 1)
        self.assertEqual({chunk["model"] for chunk in chunks}, {"burst"})
        finished = [c["finish_reason"] for chunk in chunks for c in chunk["choices"] if c.get("finish_reason")]
        self.assertEqual(finished, ["stop"])

    def test_stream_and_whole_answer_say_the_same_to_the_upstream(self):
        whole = self.gateway.echo("echo", temperature=0.5)
        chunks = self.gateway.stream("echo", temperature=0.5).chunks()
        streamed = json.loads(json.loads(web.text_of(chunks))["body"])
        self.assertTrue(streamed.pop("stream"))
        streamed.pop("stream_options", None)
        self.assertEqual(streamed, whole.body)

    def test_no_usage_unless_asked_for(self):
        self.assertFalse([c for c in self.gateway.stream("burst").chunks() if c.get("usage")])

    def test_usage_when_asked_for(self):
        chunks = self.gateway.stream("burst", stream_options={"include_usage": True}).chunks()
        with_usage = [chunk for chunk in chunks if chunk.get("usage")]
        self.assertEqual(len(with_usage), 1)
        self.assertIs(with_usage[0], chunks[-1])
        self.assertEqual(chunks[-1]["choices"], [])
        self.assertGreater(chunks[-1]["usage"]["total_tokens"], 0)

    def check_one_late_error(self, stream, status=None):
        self.assertEqual(stream.status, 200)
        events = stream.all()
        self.assertNotIn("[DONE]", events)
        errors = [event for event in events if '"error"' in event]
        self.assertEqual(errors, events[-1:])
        error = json.loads(errors[0])["error"]
        self.assertEqual({"message", "type", "param", "code"} - set(error), set())
        self.assertIsInstance(error["code"], str)
        if status:
            self.assertEqual(error["code"], status)
        self.assertGreater(len(events), 1)

    def test_late_error_event_of_the_upstream(self):
        self.check_one_late_error(self.gateway.stream("fails-late"))

    def test_upstream_that_dies_in_the_middle(self):
        self.check_one_late_error(self.gateway.stream("dies-late"), "500")

    def test_error_instead_of_the_first_event_has_its_status(self):
        stream = self.gateway.stream("fails-first")
        self.assertGreaterEqual(stream.status, 400)
        self.assertTrue(stream.headers["content-type"].startswith("application/json"))
        self.assertIn("message", json.loads(stream.body())["error"])
        self.assertEqual(self.mock.count("mock-stream-10x1ms+stream-fail-after-0"), 2)

    def test_refusal_has_its_status(self):
        stream = self.gateway.stream("refused")
        self.assertEqual(stream.status, 429)
        self.assertIn("RateLimitError", json.loads(stream.body())["error"]["message"])

    def test_early_failure_is_retried(self):
        self.mock.script("mock-as-retried", {"status": 500, "times": 1}, {"status": 200})
        stream = self.gateway.stream("retried")
        self.assertEqual(stream.status, 200)
        self.assertEqual(stream.headers["x-litellm-attempted-retries"], "1")
        self.assertEqual(stream.all()[-1], "[DONE]")

    def test_a_missing_done_is_added(self):
        self.assertEqual(self.gateway.stream("no-done").all()[-1], "[DONE]")

    def test_other_ways_to_write_events(self):
        plain = web.text_of(self.gateway.stream("burst").chunks())
        self.assertTrue(plain)
        for model in ("crlf", "comments", "dribble"):
            with self.subTest(model=model):
                stream = self.gateway.stream(model)
                events = stream.all()
                self.assertEqual(events[-1], "[DONE]")
                self.assertTrue(web.text_of([json.loads(event) for event in events[:-1]]))

    def test_completions_and_responses_stream_too(self):
        text = self.gateway.stream("burst", path="/v1/completions", prompt="x")
        self.assertEqual(text.status, 200)
        self.assertEqual(text.all()[-1], "[DONE]")
        answer = self.gateway.stream("burst", path="/v1/responses", input="x")
        self.assertEqual(answer.status, 200)
        kinds = [json.loads(event)["type"] for event in answer.all() if event != "[DONE]"]
        self.assertEqual(kinds[0], "response.created")
        self.assertEqual(kinds[-1], "response.completed")

    def test_a_stream_of_one_event_with_usage(self):
        """Of an image: it is the answer, and nothing to ask for again."""
        event = '{"type":"image_generation.completed","b64_json":"aGk=","usage":{"input_tokens":3,"total_tokens":9}}'
        self.mock.script("mock-as-image", {"body": f"data: {event}\n\n", "content_type": "text/event-stream"})
        stream = self.gateway.stream("image", path="/v1/images/generations", prompt="x")
        self.assertEqual(stream.status, 200)
        self.assertEqual(stream.all()[0], event)
        self.assertEqual(self.mock.count("mock-as-image"), 1)

    def test_http_1_0_client_gets_the_stream_and_a_close(self):
        body = json.dumps({"model": "burst", "stream": True, "messages": [{"role": "user", "content": "x"}]})
        head = (f"POST /v1/chat/completions HTTP/1.0\r\nHost: x\r\nAuthorization: Bearer {self.key}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n")
        received, closed = web.raw(self.gateway.port, (head + body).encode())
        self.assertTrue(closed)
        self.assertNotIn(b"transfer-encoding", received.lower())
        self.assertTrue(received.endswith(b"data: [DONE]\n\n"))

    def test_many_streams_at_once(self):
        streams = [self.gateway.stream("paced") for _ in range(30)]
        for stream in streams:
            self.assertEqual(stream.all()[-1], "[DONE]")


class ForcedUsage(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("burst", "stream-5")],
                "general_settings": {"always_include_stream_usage": True}}

    def test_always_include_stream_usage(self):
        chunks = self.gateway.stream("burst").chunks()
        self.assertGreater(chunks[-1]["usage"]["total_tokens"], 0)


if __name__ == "__main__":
    unittest.main()
