"""Time-outs: config, row, request body and headers; whole answers and streams (issue 2, section 4)."""

import time
import unittest

from case import GatewayCase
from processes import SLOW, wait_until


class Timeouts(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {
            "model_list": [
                mock.row("slow", "delay-20000"), mock.row("slow-row", "delay-20000", timeout=0.2),
                mock.row("slow-head", "slow-headers-20000"), mock.row("slow-body", "slow-body-20000"),
                mock.row("stall", "stream-9x1ms+stream-stall-after-2"),
                mock.row("stall-row", "stream-9x1ms+stream-stall-after-2", stream_timeout=0.2),
                mock.row("late-stream", "delay-20000", stream_timeout=0.2), mock.row("quick", "delay-50"),
                mock.row("steady", "stream-8x100ms"),
            ],
            "router_settings": {"num_retries": 0, "timeout": 0.4, "disable_cooldowns": True},
        }

    def check_timeout(self, reply, started, least=0.15, most=5.0):
        took = time.monotonic() - started
        self.assert_status(reply, 408)
        error = reply.error()
        self.assertIn("Timeout", error["message"])
        self.assertEqual(error["code"], "408")
        self.assertGreater(took, least)
        self.assertLess(took, most * SLOW)

    def timed(self, model, **options):
        started = time.monotonic()
        return self.gateway.chat(model, **options), started

    def test_router_timeout(self):
        self.check_timeout(*self.timed("slow"), least=0.35)

    def test_row_timeout(self):
        self.check_timeout(*self.timed("slow-row"))

    def test_body_timeout(self):
        self.check_timeout(*self.timed("slow", timeout=0.2))
        self.check_timeout(*self.timed("slow", request_timeout=0.2))

    def test_header_timeout(self):
        reply, started = self.timed("slow", headers={"x-litellm-timeout": "0.2"})
        self.check_timeout(reply, started)
        self.assertEqual(float(reply.headers["x-litellm-timeout"]), 0.2)

    def test_body_beats_row(self):
        self.check_timeout(*self.timed("slow-row", timeout=0.6), least=0.55)

    def test_slow_head_and_body(self):
        self.check_timeout(*self.timed("slow-head"))
        self.check_timeout(*self.timed("slow-body"))

    def test_in_time(self):
        self.assert_status(self.gateway.chat("quick"), 200)

    def test_the_upstream_is_let_go(self):
        self.timed("slow")
        wait_until(lambda: len(self.mock.aborts()) == 1, what="the upstream to notice")

    def test_stream_that_does_not_begin(self):
        started = time.monotonic()
        stream = self.gateway.stream("late-stream")
        self.assertEqual(stream.status, 408)
        self.assertIn(b"Timeout", stream.body())
        self.assertLess(time.monotonic() - started, 5 * SLOW)
        stream.close()

    def test_stream_timeout_header(self):
        stream = self.gateway.stream("slow", headers={"x-litellm-stream-timeout": "0.2"})
        self.assertEqual(stream.status, 408)
        stream.close()

    def test_stream_that_stalls(self):
        """After the first event the status is sent: the time-out is one error event, and no [DONE]."""
        for model, fields in (("stall-row", {}), ("stall", {"stream_timeout": 0.2})):
            with self.subTest(model=model):
                stream = self.gateway.stream(model, **fields)
                self.assertEqual(stream.status, 200)
                events = stream.all()
                self.assertIn('"error"', events[-1])
                self.assertIn("408", events[-1])
                self.assertNotIn("[DONE]", events)

    def test_a_steady_stream_may_last_longer_than_its_gap(self):
        stream = self.gateway.stream("steady", stream_timeout=0.6)
        self.assertEqual(stream.all()[-1], "[DONE]")


if __name__ == "__main__":
    unittest.main()
