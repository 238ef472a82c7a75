"""Background health checks, health-driven routing and the live view (issue 3, sections 3 and 9;
spec router.md 2.9)."""

import time
import unittest

import web
from case import GatewayCase
from processes import Gateway, Mock, wait_until

ROUND = 0.2


def general(**more):
    return {"master_key": "sk-1234", "background_health_checks": True, "health_check_interval": ROUND, **more}


def ids(endpoints):
    return sorted(endpoint["model_id"] for endpoint in endpoints)


class HealthCase(GatewayCase):
    """A class whose rows are checked in the background; each test begins with all of them healthy."""

    healthy_rows = ()

    def setUp(self):
        super().setUp()
        wait_until(lambda: ids(self.health()["healthy_endpoints"]) == sorted(self.healthy_rows), what="healthy rows")

    def health(self, query=""):
        return self.gateway.get("/health" + query).json()

    def fail_row(self, row, status=500, **more):
        """Every call of the row's upstream fails from now on, until reset()."""
        self.mock.script(f"mock-as-{row}", {"status": status, "times": 100000, **more})
        wait_until(lambda: row in ids(self.health()["unhealthy_endpoints"]), what=f"{row} to be unhealthy")

    def state(self, row):
        for group in self.gateway.get("/router/state").json()["data"]:
            for deployment in group["deployments"]:
                if deployment["model_id"] == row:
                    return deployment
        raise AssertionError(f"no row {row}")


class Routing(HealthCase):
    healthy_rows = ("a", "b", "voice")

    @classmethod
    def config(cls, mock):
        return {
            "model_list": [
                mock.row("pair", "as-a", info={"id": "a"}), mock.row("pair", "as-b", info={"id": "b"}),
                mock.row("quiet", "as-quiet", info={"id": "quiet", "disable_background_health_check": True}),
                mock.row("speech", "as-voice", info={"id": "voice", "mode": "audio_speech", "health_check_voice": "coral"}),
                mock.row("files", "as-files", info={"id": "files", "mode": "audio_transcription"}),
            ],
            "general_settings": general(enable_health_check_routing=True, model_list_healthy_only=True,
                                        health_check_staleness_threshold=60),
            "router_settings": {"num_retries": 0, "cooldown_time": 0},
        }

    def served_by(self, model, calls=12):
        replies = [self.gateway.chat(model) for _ in range(calls)]
        self.assertEqual({reply.status for reply in replies}, {200})
        return {reply.headers["x-litellm-model-id"] for reply in replies}

    def test_a_failing_row_is_left_out_and_comes_back(self):
        self.assertEqual(self.served_by("pair"), {"a", "b"})
        self.fail_row("a")
        self.assertFalse(self.state("a")["healthy"])
        self.assertEqual(self.served_by("pair"), {"b"})
        self.gateway.wait_line(r"health_check.failed .*model_id=a ")
        self.mock.reset()
        wait_until(lambda: self.state("a")["healthy"], what="a to be healthy again")
        self.gateway.wait_line(r"health_check.recovered .*model_id=a$")
        self.assertEqual(self.served_by("pair", 40), {"a", "b"})

    def test_when_no_row_is_healthy_all_are_used(self):
        self.fail_row("a")
        self.fail_row("b")
        seen = set()
        for _ in range(40):
            reply = self.gateway.chat("pair")
            self.assert_status(reply, 500)
            seen.add(reply.headers.get("x-litellm-model-id"))
        self.assertEqual(seen, {"a", "b"})

    def test_the_model_list_leaves_out_groups_without_a_healthy_row(self):
        def names():
            return {model["id"] for model in self.gateway.get("/v1/models").json()["data"]}
        self.assertEqual(names(), {"pair", "quiet", "speech", "files"})
        self.fail_row("a")
        self.assertIn("pair", names())
        self.fail_row("b")
        self.assertEqual(names(), {"quiet", "speech", "files"})

    def test_rows_that_are_not_checked(self):
        """One is left alone by its own setting, one has a mode that needs a file: no call, no bad mark."""
        report = self.health()
        self.assertNotIn("quiet", ids(report["healthy_endpoints"] + report["unhealthy_endpoints"]))
        self.assertIn("files", ids(report["unhealthy_endpoints"]))
        self.assertTrue(self.state("files")["healthy"])
        for row in ("quiet", "files"):
            self.assertEqual(self.mock.count(f"mock-as-{row}"), 0)

    def test_the_call_is_small_and_by_mode(self):
        self.mock.reset()
        wait_until(lambda: self.mock.count("mock-as-voice"), what="a check")
        requests = {}
        for seen in web.request(self.mock.port, "GET", "/__mock/requests").json():
            requests[seen["json"]["model"]] = seen
        self.assertEqual(requests["mock-as-voice"]["path"], "/v1/audio/speech")
        self.assertEqual(requests["mock-as-voice"]["json"]["voice"], "coral")
        chat = requests["mock-as-a"]["json"]
        self.assertEqual(chat["messages"], [{"role": "user", "content": "test from litellm"}])
        self.assertEqual(chat["max_tokens"], 5)

    def test_cached_answers_make_no_calls_and_narrow_down(self):
        before = self.mock.requests()
        for _ in range(50):
            self.health()
        self.assertLess(self.mock.requests() - before, 50)
        self.assertEqual(ids(self.health("?model=pair")["healthy_endpoints"]), ["a", "b"])
        self.assertEqual(ids(self.health("?model_id=b")["healthy_endpoints"]), ["b"])
        self.assert_status(self.gateway.get("/health?model_id=nobody"), 404)
        self.assertLess(self.health()["checked_seconds_ago"], 10)


class TransientErrors(HealthCase):
    healthy_rows = ("a",)

    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("one", "as-a", info={"id": "a"})],
                "general_settings": general(enable_health_check_routing=True, health_check_ignore_transient_errors=True,
                                            health_check_details=False, health_check_staleness_threshold=60)}

    def test_429_is_shown_and_does_not_count(self):
        self.fail_row("a", 429)
        self.assertTrue(self.state("a")["healthy"])
        self.mock.reset()
        self.fail_row("a", 500)
        wait_until(lambda: not self.state("a")["healthy"], what="a bad mark")

    def test_without_details(self):
        self.fail_row("a", 500)
        (row,) = self.health()["unhealthy_endpoints"]
        self.assertEqual(row.keys(), {"model", "model_id", "exception_status"})
        self.assertEqual((row["model"], row["exception_status"]), ("openai/mock-as-a", 500))


class Rounds(unittest.TestCase):
    """Concurrency, time-outs, reload and the end of the process."""

    def serve(self, rows, env=None, **settings):
        mock = Mock()
        self.addCleanup(mock.stop)
        gateway = Gateway({"model_list": rows(mock), "general_settings": general(**settings)}, env=env)
        self.addCleanup(gateway.stop)
        return mock, gateway

    def test_as_many_at_a_time_as_allowed(self):
        def rows(mock):
            return [mock.row(f"m{n}", f"delay-100+as-{n}") for n in range(6)]
        for concurrency, least in ((2, 0.3), (0, 0.1)):
            with self.subTest(concurrency=concurrency):
                started = time.monotonic()
                _, gateway = self.serve(rows, health_check_concurrency=concurrency, health_check_interval=300)
                wait_until(lambda: gateway.get("/health").json()["healthy_count"] == 6, what="the first round")
                self.assertGreaterEqual(time.monotonic() - started, least)

    def test_a_hanging_row_fails_in_its_own_time(self):
        def rows(mock):
            return [mock.row("m", "delay-20000", info={"id": "h", "health_check_timeout": 0.3}),
                    mock.row("n", "as-n", info={"id": "n", "health_check_max_tokens": 3})]
        mock, gateway = self.serve(rows, env={"DEFAULT_HEALTH_CHECK_PROMPT": 'say "ok"'})
        report = wait_until(lambda: (r := gateway.get("/health").json())["unhealthy_count"] and r, what="a time-out")
        self.assertEqual(ids(report["unhealthy_endpoints"]), ["h"])
        self.assertEqual(report["unhealthy_endpoints"][0]["exception_status"], 408)
        self.assertIn("state", report["unhealthy_endpoints"][0])
        bodies = [seen["json"] for seen in web.request(mock.port, "GET", "/__mock/requests").json()]
        checked = [body for body in bodies if body["model"] == "mock-as-n"]
        self.assertEqual(checked[0]["messages"][0]["content"], 'say "ok"')
        self.assertEqual(checked[0]["max_tokens"], 3)

    def test_the_name_that_checks_call(self):
        def rows(mock):
            return [mock.row("m", "as-m", info={"health_check_model": "openai/mock-as-other"}),
                    mock.row("n", "as-n", info={"health_check_model": "meta-llama/mock-as-n"})]
        mock, gateway = self.serve(rows, health_check_interval=300)
        wait_until(lambda: "checked_seconds_ago" in gateway.get("/health").json(), what="the first round")
        called = {seen["json"]["model"] for seen in web.request(mock.port, "GET", "/__mock/requests").json()}
        self.assertEqual(called, {"mock-as-other", "meta-llama/mock-as-n"})

    def test_a_reload_restarts_and_ends_them(self):
        mock, gateway = self.serve(lambda mock: [mock.row("m", "as-m", info={"id": "m"})], health_check_interval=300)
        wait_until(lambda: mock.count("mock-as-m") == 1, what="the first round")
        document = {"model_list": [mock.row("n", "as-n", info={"id": "n"})],
                    "general_settings": general(health_check_interval=300)}
        gateway.write(document)
        wait_until(lambda: ids(gateway.get("/health").json()["healthy_endpoints"]) == ["n"], what="the new row")
        self.assertEqual(mock.count("mock-as-m"), 1)
        document["general_settings"]["background_health_checks"] = False
        gateway.write(document)
        wait_until(lambda: "checked_seconds_ago" not in gateway.get("/health").json(), what="live checks")

    def test_the_process_does_not_wait_for_a_check(self):
        mock, gateway = self.serve(lambda mock: [mock.row("m", "delay-20000")])
        wait_until(lambda: mock.count("mock-delay-20000") == 1, what="a check")
        started = time.monotonic()
        self.assertEqual(gateway.stop(), 0)
        self.assertLess(time.monotonic() - started, 5)

    def test_live_checks_end_with_their_client(self):
        mock, gateway = self.serve(lambda mock: [mock.row("m", "delay-20000")], background_health_checks=False)
        client = web.connect(gateway.port)
        client.request("GET", "/health", headers={"Authorization": "Bearer sk-1234"})
        wait_until(lambda: mock.count("mock-delay-20000") == 1, what="a check")
        client.close()
        wait_until(mock.aborts, what="the end of the check")

    def test_routing_without_checks_is_warned_about(self):
        _, gateway = self.serve(lambda mock: [mock.row("m", "as-m")], background_health_checks=False,
                                enable_health_check_routing=True)
        gateway.wait_line("enable_health_check_routing: has no effect")


class LiveView(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {
            "model_list": [
                mock.row("m", "as-a", info={"id": "a", "max_input_tokens": 100, "supports_vision": True}, rpm=50, tpm=9000),
                mock.row("m", "as-b", info={"id": "b", "max_input_tokens": 200}, rpm=7, max_parallel_requests=3),
                mock.row("slow", "stream-1000x20ms", info={"id": "s"}),
            ],
            "router_settings": {"num_retries": 0, "cooldown_time": 60},
        }

    def rows(self, query=""):
        return {row["model_id"]: row for group in self.gateway.get("/router/state" + query).json()["data"]
                for row in group["deployments"]}

    def test_needs_the_key(self):
        for key in (None, "sk-wrong"):
            self.assert_status(self.gateway.get("/router/state", key=key), 401)

    def test_numbers_follow_the_calls(self):
        before = self.rows()
        for _ in range(10):
            self.assert_status(self.gateway.chat("a"), 200)
        after = self.rows()["a"]
        self.assertEqual(after["rpm"]["used"] - before["a"]["rpm"]["used"], 10)
        self.assertEqual(after["total"]["success"] - before["a"]["total"]["success"], 10)
        self.assertGreater(after["tpm"]["used"], before["a"]["tpm"]["used"])
        self.assertEqual((after["rpm"]["limit"], after["tpm"]["limit"]), (50, 9000))
        self.assertGreaterEqual(after["minute"]["success"], 10)
        self.assertGreater(after["latency"]["p95"], 0)
        self.assertLessEqual(after["latency"]["p50"], after["latency"]["p95"])
        self.assertEqual((after["in_flight"], after["breaker"], after["cooldown_left"]), (0, "closed", 0))
        self.assertEqual(self.rows("?model_group=slow").keys(), {"s"})
        self.assertEqual(self.rows()["b"]["parallel_limit"], 3)

    def test_in_flight(self):
        stream = self.gateway.stream("slow")
        self.addCleanup(stream.close)
        wait_until(lambda: self.rows()["s"]["in_flight"] == 1, what="the call")
        stream.close()
        wait_until(lambda: self.rows()["s"]["in_flight"] == 0, what="the end of the call")

    def test_a_401_cools_the_row(self):
        self.mock.script("mock-as-b", {"status": 401, "times": 1})
        self.assert_status(self.gateway.chat("b"), 401)
        row = self.rows()["b"]
        self.assertGreater(row["cooldown_left"], 50)
        self.assertLessEqual(row["cooldown_left"], 60)
        self.assertEqual(row["total"]["cooldowns"], 1)
        (group,) = self.gateway.get("/model_group/info?model_group=m").json()["data"]
        self.assertEqual((group["live"]["deployments"], group["live"]["cooling"]), (2, 1))

    def test_group_info(self):
        (group,) = self.gateway.get("/model_group/info?model_group=m").json()["data"]
        self.assertEqual(group["max_input_tokens"], 200)
        self.assertIsNone(group["max_output_tokens"])
        self.assertEqual((group["rpm"], group["tpm"]), (57, 9000))
        self.assertTrue(group["supports_vision"])
        self.assertFalse(group["supports_reasoning"])
        self.assertIn("temperature", group["supported_openai_params"])

    def test_live_health_feeds_no_routing(self):
        self.mock.script("mock-as-a", {"status": 500, "times": 1})
        report = self.gateway.get("/health?model_id=a").json()
        self.assertEqual(report["unhealthy_count"], 1)
        self.assertEqual(report["unhealthy_endpoints"][0]["state"]["model_id"], "a")
        self.assertTrue(self.rows()["a"]["healthy"])


if __name__ == "__main__":
    unittest.main()
