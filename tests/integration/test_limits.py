"""What refuses a row and who waits for one: enforced rpm and tpm, max_parallel_requests, priorities (issue 3;
spec router.md 2.4)."""

import json
import threading
import time
import unittest

import web
from case import GatewayCase, ids, together
from processes import wait_until


class EnforcedLimits(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {
            "model_list": [
                mock.row("rpm", "delay-5", info={"id": "rpm"}, rpm=50), mock.row("tpm", "as-tpm", tpm=1000),
                mock.row("two", "delay-2", info={"id": "small"}, rpm=3),
                mock.row("two", "delay-2", info={"id": "large"}, rpm=1000),
            ],
            "router_settings": {"num_retries": 0, "disable_cooldowns": True,
                                "optional_pre_call_checks": ["enforce_model_rate_limits"]},
        }

    def test_exactly_the_limit_passes(self):
        replies = together([lambda: self.gateway.chat("rpm")] * 200)
        self.assertEqual(sum(reply.status == 200 for reply in replies), 50)
        refused = [reply for reply in replies if reply.status != 200]
        self.assertEqual({reply.status for reply in refused}, {429})
        self.assertIn("RPM limit=50, current usage=50", refused[0].error()["message"])
        self.assertTrue(1 <= int(refused[0].headers["retry-after"]) <= 61, refused[0].headers)
        self.assertEqual(self.mock.count("mock-delay-5"), 50)

    def test_a_tpm_limit_counts_prompt_and_longest_answer(self):
        self.assertEqual(self.gateway.chat("tpm", max_tokens=600).status, 200)
        reply = self.gateway.chat("tpm", max_tokens=990)
        self.assert_status(reply, 429)
        self.assertIn("TPM limit=1000", reply.error()["message"])

    def test_the_other_row_takes_what_is_over(self):
        replies = together([lambda: self.gateway.chat("two")] * 20)
        self.assertEqual({reply.status for reply in replies}, {200})
        self.assertLessEqual(ids(replies).count("small"), 3)


class WaitingForRoom(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {
            "model_list": [mock.row("one", "as-one", max_parallel_requests=1),
                           mock.row("held", "as-held", max_parallel_requests=1)],
            "router_settings": {"num_retries": 0, "max_queued_requests": 3, "queue_timeout": 0.5},
        }

    def waiting(self, count):
        def seen():
            groups = {group["model_group"]: group for group in self.gateway.get("/router/state").json()["data"]}
            return groups["held"]["waiting"]
        wait_until(lambda: seen() == count, what=f"{count} waiting requests")

    def hold(self, ms=5000):
        """Occupies the only place of "held" until the returned socket is closed."""
        self.mock.script("mock-as-held", {"behaviour": f"delay-{ms}", "times": 1}, {"status": 200})
        before = self.mock.count("mock-as-held")
        holder = self.open("held")
        wait_until(lambda: self.mock.count("mock-as-held") > before, what="the holder's request")
        return holder

    def open(self, model, **fields):
        connection = web.connect(self.gateway.port)
        body = {"model": model, "messages": [{"role": "user", "content": "hello"}], **fields}
        data, headers = web.encode(body, {"Authorization": f"Bearer {self.key}"})
        connection.request("POST", "/v1/chat/completions", data, headers)
        return connection

    def test_a_burst_waits_its_turn(self):
        replies = together([lambda: self.gateway.chat("one")] * 4)
        self.assertEqual({reply.status for reply in replies}, {200})

    def test_one_more_than_the_room_holds_is_turned_away_at_once(self):
        self.mock.script("mock-as-one", *[{"behaviour": "delay-100", "times": 5}])
        replies = together([lambda: self.gateway.chat("one")] * 5)
        self.assertEqual(sorted(reply.status for reply in replies), [200, 200, 200, 200, 429])
        refused = next(reply for reply in replies if reply.status == 429)
        self.assertIn("max_queued_requests", refused.error()["message"])
        self.assertIn("retry-after", refused.headers)

    def test_nobody_waits_longer_than_queue_timeout(self):
        holder = self.hold()
        started = time.monotonic()
        reply = self.gateway.chat("held")
        self.assert_status(reply, 429)
        self.assertGreater(time.monotonic() - started, 0.45)
        self.assertIn("stayed full", reply.error()["message"])
        holder.close()

    def test_a_client_that_leaves_gives_its_place_up(self):
        holder = self.hold()
        waiter = self.open("held")
        self.waiting(1)
        waiter.close()
        self.waiting(0)
        holder.close()
        wait_until(lambda: self.gateway.chat("held").status == 200, what="room again")

    def test_priority_goes_first(self):
        holder = self.hold(300)

        def call(priority):
            self.assert_status(self.gateway.chat("held", priority=priority, seed=priority), 200)

        late = threading.Thread(target=call, args=(9,))
        late.start()
        self.waiting(1)
        urgent = threading.Thread(target=call, args=(0,))
        urgent.start()
        self.waiting(2)
        holder.getresponse().read()
        late.join(), urgent.join()
        served = [request["body"] for request in web.request(self.mock.port, "GET", "/__mock/requests").json()]
        self.assertEqual([json.loads(body).get("seed") for body in served[-2:]], [0, 9])
        holder.close()

    def test_wrong_priorities_are_named(self):
        for value in (-1, "high", 1.5, [1]):
            with self.subTest(value=value):
                reply = self.gateway.chat("one", priority=value)
                self.assert_status(reply, 400)
                self.assertEqual(reply.error()["param"], "priority")


if __name__ == "__main__":
    unittest.main()
