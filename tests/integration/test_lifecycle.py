"""Start, reload and end of the process (issue 2, sections 2 and 3)."""

import signal
import socket
import threading
import time
import unittest

from processes import KEY, SLOW, Gateway, Mock, wait_until


class Lifecycle(unittest.TestCase):
    def setUp(self):
        self.mock = Mock()
        self.addCleanup(self.mock.stop)

    def serve(self, *rows, **options):
        gateway = Gateway(self.config(*rows), **options)
        self.addCleanup(gateway.stop)
        return gateway

    def config(self, *rows, **settings):
        return {"model_list": list(rows), "general_settings": {"master_key": KEY}, **settings}

    def names(self, gateway):
        return [model["id"] for model in gateway.get("/v1/models").json()["data"]]


class Drain(Lifecycle):
    def test_a_running_stream_finishes(self):
        gateway = self.serve(self.mock.row("paced", "stream-20x40ms"))
        idle = socket.create_connection(("127.0.0.1", gateway.port), timeout=10 * SLOW)
        self.addCleanup(idle.close)
        stream = gateway.stream("paced")
        stream.next()
        gateway.send(signal.SIGTERM)
        self.assertEqual(idle.recv(10), b"", "an idle connection is closed at once")
        wait_until(lambda: self.refused(gateway.port), what="new connections to be refused")
        self.assertIsNone(gateway.child.poll(), "the stream still runs")
        self.assertEqual(stream.all()[-1], "[DONE]")
        self.assertEqual(gateway.wait_end(), 0)

    def refused(self, port):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return False
        except ConnectionRefusedError:
            return True

    def test_a_running_call_finishes_and_closes(self):
        gateway = self.serve(self.mock.row("slow", "delay-500"))
        replies = []
        thread = threading.Thread(target=lambda: replies.append(gateway.chat("slow")))
        thread.start()
        wait_until(lambda: self.mock.requests() == 1, what="the call at the upstream")
        gateway.send(signal.SIGTERM)
        thread.join()
        self.assertEqual(replies[0].status, 200)
        self.assertEqual(replies[0].headers.get("connection"), "close")
        self.assertEqual(gateway.wait_end(), 0)

    def test_ends_at_once_when_idle(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            gateway = self.serve(self.mock.row("one", "as-one"))
            started = time.monotonic()
            self.assertEqual(gateway.stop(number), 0)
            self.assertLess(time.monotonic() - started, 2 * SLOW)

    def test_a_second_signal_does_not_wait(self):
        gateway = self.serve(self.mock.row("slow", "delay-20000"))
        thread = threading.Thread(target=self.ignore_errors, args=(gateway,))
        thread.start()
        self.addCleanup(thread.join)
        wait_until(lambda: self.mock.requests() == 1, what="the call at the upstream")
        gateway.send(signal.SIGTERM)
        wait_until(lambda: self.refused(gateway.port), what="the listener to close")
        started = time.monotonic()
        gateway.stop(signal.SIGTERM)
        self.assertLess(time.monotonic() - started, 10 * SLOW)

    def ignore_errors(self, gateway):
        try:
            gateway.chat("slow")
        except OSError:
            pass


class Reload(Lifecycle):
    def test_sighup_applies_a_valid_file(self):
        gateway = self.serve(self.mock.row("old", "as-old"))
        gateway.write(self.config(self.mock.row("new", "as-new")))
        gateway.send(signal.SIGHUP)
        wait_until(lambda: self.names(gateway) == ["new"], what="the new models")
        self.assertEqual(gateway.chat("new").status, 200)
        self.assertEqual(gateway.chat("old").status, 400)
        gateway.wait_line(r"\bold\b.*removed|removed.*\bold\b")

    def test_a_changed_file_is_noticed(self):
        gateway = self.serve(self.mock.row("old", "as-old"))
        gateway.write(self.config(self.mock.row("old", "as-old"), self.mock.row("added", "as-added")))
        wait_until(lambda: "added" in self.names(gateway), timeout=20, what="the added model")
        self.assertEqual(gateway.chat("added").status, 200)

    def test_in_flight_requests_keep_the_old_graph(self):
        gateway = self.serve(self.mock.row("paced", "stream-30x30ms"), self.mock.row("stays", "as-stays"))
        stream = gateway.stream("paced")
        stream.next()
        gateway.write(self.config(self.mock.row("stays", "as-stays")))
        gateway.send(signal.SIGHUP)
        wait_until(lambda: self.names(gateway) == ["stays"], what="the reload")
        self.assertEqual(stream.all()[-1], "[DONE]")

    def test_an_invalid_file_changes_nothing_and_says_why(self):
        gateway = self.serve(self.mock.row("old", "as-old"))
        for text, reason in (("model_list: [", r"config\.yaml:\d+"), ("just text", r"config\.yaml"),
                             ("router_settings: {num_retries: many}", r"num_retries")):
            with self.subTest(text=text):
                start = len(gateway.lines)
                gateway.write(text)
                gateway.send(signal.SIGHUP)
                gateway.wait_line(reason, start=start)
                self.assertEqual(self.names(gateway), ["old"])
                self.assertEqual(gateway.chat("old").status, 200)

    def test_settings_are_reloaded_too(self):
        gateway = self.serve(self.mock.row("bad", "status-500"), self.mock.row("good", "as-good"))
        self.assertEqual(gateway.chat("bad", num_retries=0).status, 500)
        gateway.write(self.config(self.mock.row("bad", "status-500"), self.mock.row("good", "as-good"),
                                  router_settings={"fallbacks": [{"bad": ["good"]}], "num_retries": 0}))
        gateway.send(signal.SIGHUP)
        wait_until(lambda: gateway.chat("bad", num_retries=0).status == 200, what="the fallback")

    def test_the_log_of_a_reload_holds_no_secret(self):
        gateway = self.serve(self.mock.row("one", "as-one", api_key="sk-first-secret-0123456789"))
        gateway.write(self.config(self.mock.row("one", "as-one", api_key="sk-second-secret-0123456789")))
        start = len(gateway.lines)
        gateway.send(signal.SIGHUP)
        gateway.wait_line("(?i)reload", start=start)
        self.assertNotIn("first-secret", gateway.log())
        self.assertNotIn("second-secret", gateway.log())

    def test_a_reload_never_opens_a_server_that_listens_everywhere(self):
        """With a key it listens on all addresses; a file that lost its key must not turn that into an open proxy."""
        gateway = self.serve(self.mock.row("one", "as-one"))
        gateway.write({"model_list": [self.mock.row("one", "as-one"), self.mock.row("two", "as-two")]})
        start = len(gateway.lines)
        gateway.send(signal.SIGHUP)
        gateway.wait_line("master_key", start=start)
        self.assertEqual(gateway.chat("one", key=None).status, 401)
        self.assertEqual(gateway.chat("one").status, 200)

    def test_many_reloads_under_load(self):
        """No request fails while the graph is replaced again and again."""
        gateway = self.serve(self.mock.row("stays", "as-stays"), self.mock.row("n0", "as-n"))
        stop = threading.Event()
        statuses = []

        def call():
            while not stop.is_set():
                statuses.append(gateway.chat("stays").status)
        threads = [threading.Thread(target=call) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            for number in range(1, 8):
                name = f"n{number}"
                gateway.write(self.config(self.mock.row("stays", "as-stays"), self.mock.row(name, "as-n")))
                gateway.send(signal.SIGHUP)
                wait_until(lambda wanted=name: wanted in self.names(gateway), what=name)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertGreater(len(statuses), 10)
        self.assertEqual(set(statuses), {200})


if __name__ == "__main__":
    unittest.main()
