"""Beyond LiteLLM, off by default: hedged requests and coalesced requests (issue 3, section 8; docs/routing.md)."""

import threading
import time
import unittest

import web
from case import GatewayCase, together
from processes import SLOW, wait_until


class Hedged(GatewayCase):
    @classmethod
    def config(cls, mock):
        def pair(name, slow, fast):
            return [mock.row(name, slow, info={"id": f"{name}-1"}, weight=1),
                    mock.row(name, fast, info={"id": f"{name}-2"}, weight=0)]
        return {
            "model_list": [
                *pair("late", "delay-3000", "as-fast"), *pair("quick", "as-quick", "as-unused"),
                *pair("later", "stream-5x1ms+delay-3000", "stream-5x1ms"),
                *pair("stalls", "stream-stall-after-0", "stream-5x1ms"),
                *pair("both", "delay-300+status-500", "delay-200+status-503"),
                *pair("loses", "delay-200", "delay-2000"),
                mock.row("alone", "delay-300"),
            ],
            "router_settings": {"hedged_requests": True, "hedge_delay": 0.05, "num_retries": 0},
        }

    def in_flight(self):
        return sum(row["in_flight"] for group in self.gateway.get("/router/state").json()["data"]
                   for row in group["deployments"])

    def tearDown(self):
        wait_until(lambda: self.in_flight() == 0, what="every grant to be reported")

    def test_the_second_row_answers_for_a_late_one(self):
        started = time.monotonic()
        reply = self.gateway.chat("late")
        self.assert_status(reply, 200)
        self.assertLess(time.monotonic() - started, 2.5)
        self.assertEqual(reply.headers["x-litellm-model-id"], "late-2")
        self.assertEqual(self.mock.count("mock-delay-3000"), 1)
        wait_until(self.mock.aborts, what="the loser's upstream to see it leave")

    def test_streams(self):
        for model in ("later", "stalls"):
            with self.subTest(model=model):
                stream = self.gateway.stream(model)
                self.assertEqual(stream.all()[-1], "[DONE]")
                self.assertEqual(stream.headers["x-litellm-model-id"], f"{model}-2")

    def test_a_quick_row_is_not_hedged(self):
        for _ in range(5):
            self.assert_status(self.gateway.chat("quick"), 200)
        self.assertEqual(self.mock.count("mock-as-unused"), 0)

    def test_the_first_may_still_win(self):
        reply = self.gateway.chat("loses")
        self.assertEqual(reply.headers["x-litellm-model-id"], "loses-1")
        self.assertEqual(self.mock.count("mock-delay-2000"), 1)

    def test_both_fail(self):
        reply = self.gateway.chat("both")
        self.assert_status(reply, 500)
        self.assertEqual(self.mock.requests(), 2)

    def test_a_group_of_one_row(self):
        self.assert_status(self.gateway.chat("alone"), 200)
        self.assertEqual(self.mock.count("mock-delay-300"), 1)

    def test_the_client_leaves_both(self):
        connection = web.connect(self.gateway.port)
        data, headers = web.encode({"model": "late", "messages": [{"role": "user", "content": "x"}]},
                                   {"Authorization": f"Bearer {self.key}"})
        self.mock.script("mock-as-fast", {"behaviour": "delay-3000"})
        connection.request("POST", "/v1/chat/completions", data, headers)
        wait_until(lambda: self.mock.requests() == 2, what="both tries")
        connection.close()
        wait_until(lambda: len(self.mock.aborts()) == 2, what="both upstreams to see it leave")

    def test_they_are_counted(self):
        self.gateway.chat("late")
        text = self.gateway.get("/metrics").body.decode()
        self.assertRegex(text, r'switchyard_hedged_attempts_total\{requested_model="late"\} [1-9]')


class Coalesced(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {
            "model_list": [mock.row("slow", "delay-300"), mock.row("bad", "delay-300+status-400"),
                           mock.row("held", "as-held"), mock.row("flow", "stream-3x50ms")],
            "router_settings": {"coalesce_requests": True, "num_retries": 0},
        }

    def test_identical_requests_share_one_attempt(self):
        replies = together([lambda: self.gateway.chat("slow")] * 20)
        self.assertEqual({reply.status for reply in replies}, {200})
        self.assertEqual(self.mock.count("mock-delay-300"), 1)
        self.assertEqual(len({reply.body for reply in replies}), 1)
        shared = [reply for reply in replies if "x-switchyard-coalesced" in reply.headers]
        self.assertEqual(len(shared), 19)
        self.assertEqual(len({reply.headers["x-litellm-call-id"] for reply in replies}), 20)
        self.assert_status(self.gateway.chat("slow"), 200)
        self.assertEqual(self.mock.count("mock-delay-300"), 2, "one after the other: asked again")

    def test_different_requests_do_not(self):
        replies = together([lambda n=n: self.gateway.chat("slow", seed=n) for n in range(5)])
        self.assertEqual({reply.status for reply in replies}, {200})
        self.assertEqual(self.mock.count("mock-delay-300"), 5)

    def test_an_error_is_shared_too(self):
        replies = together([lambda: self.gateway.chat("bad")] * 5)
        self.assertEqual({reply.status for reply in replies}, {400})
        self.assertEqual(self.mock.count("mock-delay-300+status-400"), 1)

    def test_a_leader_that_leaves_hands_over(self):
        self.mock.script("mock-as-held", {"behaviour": "delay-5000"}, {"status": 200, "times": 9})
        body = {"model": "held", "messages": [{"role": "user", "content": "hello"}]}
        data, headers = web.encode(body, {"Authorization": f"Bearer {self.key}"})
        leader = web.connect(self.gateway.port)
        leader.request("POST", "/v1/chat/completions", data, headers)
        wait_until(lambda: self.mock.count("mock-as-held") == 1, what="the leader's call")
        statuses = []
        followers = [threading.Thread(target=lambda: statuses.append(self.gateway.chat("held").status))
                     for _ in range(4)]
        for follower in followers:
            follower.start()
        threading.Event().wait(0.2 * SLOW)  # lets them join; when they are late they share the next attempt
        leader.close()
        for follower in followers:
            follower.join()
        self.assertEqual(statuses, [200] * 4)

    def test_streams_are_not_shared(self):
        streams = together([lambda: self.gateway.stream("flow").all()] * 4)
        self.assertTrue(all(events[-1] == "[DONE]" for events in streams))
        self.assertEqual(self.mock.count("mock-stream-3x50ms"), 4)


class NotCoalesced(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("slow", "delay-200")]}

    def test_off_by_default(self):
        together([lambda: self.gateway.chat("slow")] * 4)
        self.assertEqual(self.mock.count("mock-delay-200"), 4)


if __name__ == "__main__":
    unittest.main()
