"""Streams that survive their upstream: failures before content are invisible, after content a fallback goes on
(spec router.md 3.2, 3.3, 4.4)."""

import json
import re
import time
import unittest

import web
from case import GatewayCase
from processes import SLOW, wait_until

FAILS_HOLLOW = "stream-10x1ms+stream-fail-after-0+stream-role-first"
FAILS_LATE = "stream-10x20ms+stream-fail-after-3"
DIES_LATE = "stream-10x20ms+stream-abort-after-3"
STALLS_LATE = "stream-10x20ms+stream-stall-after-3"
SAID = " t0000 t0001 t0002"


class Case(GatewayCase):
    def ask(self, model, **fields):
        """The stream's events; the status is 200."""
        stream = self.gateway.stream(model, **fields)
        self.assertEqual(stream.status, 200)
        return stream.all()

    def chunks(self, events):
        """The chunks of a stream that ended well."""
        self.assertEqual(events[-1], "[DONE]")
        self.assertEqual(events.count("[DONE]"), 1)
        chunks = [json.loads(event) for event in events[:-1]]
        self.assertFalse([chunk for chunk in chunks if "error" in chunk])
        return chunks

    def late_error(self, events):
        """The one error frame that ends a stream."""
        self.assertNotIn("[DONE]", events)
        errors = [event for event in events if '"error"' in event]
        self.assertEqual(errors, events[-1:])
        return json.loads(errors[0])["error"]


class BeforeContent(Case):
    @classmethod
    def config(cls, mock):
        return {
            "model_list": [
                mock.row("role-fails", FAILS_HOLLOW), mock.row("good", "stream-3+as-good"),
                mock.row("role-dies", "stream-5+stream-abort-after-0+stream-role-first"),
                mock.row("role-stalls", "stream-5+stream-stall-after-0+stream-role-first", stream_timeout=0.3),
                mock.row("pings", "stream-400x50ms+stream-pings", stream_timeout=0.3),
                mock.row("hollow", "stream-400x50ms+stream-hollow", stream_timeout=0.3),
                mock.row("alone", FAILS_HOLLOW + "+as-alone"),
                mock.row("alone-pings", "stream-400x50ms+stream-pings+as-alone", stream_timeout=0.3),
                mock.row("slow-steady", "stream-10x100ms", stream_timeout=0.3),
            ],
            "router_settings": {"num_retries": 0, "disable_cooldowns": True, "fallbacks": [
                {name: ["good"]} for name in ("role-fails", "role-dies", "role-stalls", "pings", "hollow")]},
        }

    def test_failures_behind_the_role_chunk_are_invisible(self):
        for model in ("role-fails", "role-dies", "role-stalls", "pings", "hollow"):
            with self.subTest(model=model):
                stream = self.gateway.stream(model)
                self.assertEqual(stream.status, 200)
                self.assertEqual(stream.headers["x-litellm-attempted-fallbacks"], "1")
                chunks = self.chunks(stream.all())
                self.assertEqual(web.text_of(chunks), SAID)
                self.assertEqual({chunk["model"] for chunk in chunks}, {"good"})
                roles = [c["delta"]["role"] for chunk in chunks for c in chunk["choices"] if c["delta"].get("role")]
                self.assertEqual(roles, ["assistant"])

    def test_responses_begin_with_their_output(self):
        """response.created is no content; text completions begin with their text."""
        stream = self.gateway.stream("role-fails", path="/v1/responses", input="x")
        self.assertEqual(stream.headers["x-litellm-attempted-fallbacks"], "1")
        kinds = [json.loads(event)["type"] for event in stream.all()]
        self.assertEqual(kinds.count("response.created"), 1)
        self.assertEqual(kinds[-1], "response.completed")
        stream = self.gateway.stream("role-fails", path="/v1/completions", prompt="x")
        self.assertEqual(stream.headers["x-litellm-attempted-fallbacks"], "1")
        self.assertEqual(stream.all()[-1], "[DONE]")

    def test_without_a_fallback_it_is_an_ordinary_error(self):
        stream = self.gateway.stream("alone")
        self.assertEqual(stream.status, 500)
        self.assertIn("message", json.loads(stream.body())["error"])
        stream.close()

    def test_heartbeats_do_not_count_as_an_answer(self):
        started = time.monotonic()
        stream = self.gateway.stream("alone-pings")
        self.assertEqual(stream.status, 408)
        self.assertIn("no content within 0.3 s", json.loads(stream.body())["error"]["message"])
        self.assertLess(time.monotonic() - started, 5 * SLOW)
        self.assertGreater(time.monotonic() - started, 0.25)
        stream.close()
        wait_until(lambda: len(self.mock.aborts()) == 1, what="the upstream to be let go")

    def test_content_lifts_the_limit(self):
        """The stream as a whole may take longer than stream_timeout."""
        self.chunks(self.ask("slow-steady"))


class AfterContent(Case):
    @classmethod
    def config(cls, mock):
        going_on = "stream-2+usage-200-20+as-second"
        return {
            "model_list": [
                mock.row("fails", FAILS_LATE), mock.row("dies", DIES_LATE),
                mock.row("stalls", STALLS_LATE, stream_timeout=0.3),
                mock.row("second", going_on), mock.row("fails-twice", FAILS_LATE + "+as-twice"),
                mock.row("to-late", FAILS_LATE + "+as-to-late"),
                mock.row("to-bad", FAILS_LATE + "+as-to-bad"), mock.row("bad", "status-500"),
                mock.row("to-bad-and-good", FAILS_LATE + "+as-to-both"),
                mock.row("to-whole", FAILS_LATE + "+as-to-whole"), mock.row("no-fallback", FAILS_LATE + "+as-none"),
                mock.row("to-slow", FAILS_LATE + "+as-to-slow"), mock.row("slow", "delay-30000"),
                mock.row("to-local", FAILS_LATE + "+as-to-local"),
                mock.row("local", "as-local", mock_response="the rest"),
                mock.row("tools", "stream-5+dribble-20+stream-fail-after-1+as-tools"),
                mock.row("whole", "as-whole"), mock.row("to-nick", FAILS_LATE + "+as-to-nick"),
                mock.row("to-id", FAILS_LATE + "+as-to-id"),
                mock.row("late-too", FAILS_LATE + "+as-late-too", info={"id": "late-id"}),
                mock.row("stops", "as-stops"), mock.row("stops-alone", "as-stops-alone"),
                mock.row("no-done", "stream-3+stream-no-done+as-no-done"),
            ],
            "router_settings": {"num_retries": 0, "disable_cooldowns": True, "model_group_alias": {"nick": "late-too"},
                                "fallbacks": [
                {"to-nick": ["nick"]}, {"to-id": ["late-id"]}, {"late-too": ["second"]}, {"stops": ["second"]},
                {"no-done": ["second"]},
                {"fails": ["second"]}, {"dies": ["second"]}, {"stalls": ["second"]}, {"fails-twice": ["to-late"]},
                {"to-late": ["second"]}, {"to-bad": ["bad"]}, {"to-bad-and-good": ["bad", "second"]},
                {"to-slow": ["slow"]}, {"to-local": ["local"]}, {"tools": ["second"]}, {"to-whole": ["whole"]}]},
        }

    def test_another_model_goes_on(self):
        for model in ("fails", "dies", "stalls"):
            with self.subTest(model=model):
                chunks = self.chunks(self.ask(model))
                self.assertEqual(web.text_of(chunks), SAID + " t0000 t0001")
                for key in ("id", "created", "model"):
                    self.assertEqual(len({chunk[key] for chunk in chunks}), 1, key)
                self.assertEqual(chunks[0]["model"], model)
                choices = [choice for chunk in chunks for choice in chunk["choices"]]
                self.assertEqual([c["delta"]["role"] for c in choices if c["delta"].get("role")], ["assistant"])
                self.assertEqual([c["finish_reason"] for c in choices if c["finish_reason"]], ["stop"])
        wait_until(lambda: re.search(r"fallback.*from=dies to=second|\"from\":\"dies\"", self.gateway.log()), what="the log line")

    def test_what_the_second_model_is_asked(self):
        asked = [{"role": "system", "content": "be \"brief\""}, {"role": "user", "content": "héllo\n"}]
        self.chunks(self.ask("fails", messages=asked, temperature=0.5))
        body = self.mock.last().body
        self.assertEqual(body["messages"][:2], asked)
        note, said = body["messages"][2:]
        self.assertEqual(note["role"], "system")
        self.assertEqual(said, {"role": "assistant", "content": SAID})
        self.assertEqual(body["temperature"], 0.5)
        self.assertTrue(body["stream"])

    def test_a_fallback_object_keeps_its_own_fields(self):
        messages = [{"role": "user", "content": "other"}]
        chunks = self.chunks(self.ask("no-fallback", fallbacks=[
            {"model": "second", "temperature": 0.1, "messages": messages}]))
        self.assertEqual(web.text_of(chunks), SAID + " t0000 t0001")
        body = self.mock.last().body
        self.assertEqual(body["temperature"], 0.1)
        self.assertEqual(body["messages"][0], messages[0])
        self.assertEqual(body["messages"][2], {"role": "assistant", "content": SAID})

    def test_a_fallback_object_cannot_make_it_another_stream(self):
        chunks = self.chunks(self.ask("no-fallback", fallbacks=[
            {"model": "second", "n": 3, "stream": False, "messages": "other", "seed": 4}]))
        self.assertEqual(web.text_of(chunks), SAID + " t0000 t0001")
        body = self.mock.last().body
        self.assertNotIn("n", body)
        self.assertEqual((body["stream"], body["seed"]), (True, 4))
        self.assertEqual(body["messages"][0], {"role": "user", "content": "hello"})
        self.assertEqual(len(body["messages"]), 3)

    def test_aliases_and_deployments_have_the_fallbacks_of_their_group(self):
        for model in ("to-nick", "to-id"):
            with self.subTest(model=model):
                self.assertEqual(web.text_of(self.chunks(self.ask(model))), SAID + SAID + " t0000 t0001")

    def stop_in_the_middle(self, model):
        chunk = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "x",
                 "choices": [{"index": 0, "delta": {"role": "assistant", "content": "Hello"}, "finish_reason": None}]}
        self.mock.script(f"mock-as-{model}", {"body": f"data: {json.dumps(chunk)}\n\n",
                                              "content_type": "text/event-stream"})
        return self.chunks(self.ask(model))

    def test_an_answer_without_its_end_is_continued(self):
        """The body ends as bodies should, the answer does not: no finish reason, no [DONE]."""
        self.assertEqual(web.text_of(self.stop_in_the_middle("stops")), "Hello t0000 t0001")
        self.assertEqual(self.mock.last().body["messages"][-1], {"role": "assistant", "content": "Hello"})
        self.assertEqual(web.text_of(self.stop_in_the_middle("stops-alone")), "Hello")

    def test_with_a_finish_reason_only_the_done_is_missing(self):
        self.assertEqual(web.text_of(self.chunks(self.ask("no-done"))), SAID)
        self.assertEqual(self.mock.requests(), 1)

    def test_usage_is_of_both(self):
        chunks = self.chunks(self.ask("fails", stream_options={"include_usage": True}))
        with_usage = [chunk for chunk in chunks if chunk.get("usage")]
        self.assertEqual(len(with_usage), 1)
        usage = with_usage[0]["usage"]
        self.assertGreater(usage["prompt_tokens"], 200)
        self.assertLess(usage["prompt_tokens"], 400)
        self.assertEqual(usage["completion_tokens"], 20 + -(-len(SAID) // 4))
        self.assertEqual(usage["total_tokens"], usage["prompt_tokens"] + usage["completion_tokens"])

    def test_the_second_may_break_too(self):
        chunks = self.chunks(self.ask("fails-twice"))
        self.assertEqual(web.text_of(chunks), SAID + SAID + " t0000 t0001")
        self.assertEqual(self.mock.last().body["messages"][-1], {"role": "assistant", "content": SAID + SAID})
        self.assertEqual(len({chunk["id"] for chunk in chunks}), 1)

    def test_the_next_target_is_asked_when_one_fails_before_content(self):
        self.assertEqual(web.text_of(self.chunks(self.ask("to-bad-and-good"))), SAID + " t0000 t0001")

    def test_all_fail(self):
        error = self.late_error(self.ask("to-bad"))
        self.assertIn("The server had an error", error["message"])
        self.assertIn("Received Model Group=to-bad", error["message"])
        self.assertIn("Error doing the fallback: ", error["message"])

    def test_no_fallback(self):
        self.assertNotIn("Received Model Group", self.late_error(self.ask("no-fallback"))["message"])
        self.late_error(self.ask("fails", disable_fallbacks=True))
        self.late_error(self.ask("fails", fallbacks=[]))
        self.assertEqual(self.mock.count("mock-stream-2+usage-200-20+as-second"), 0)

    def test_several_choices_are_not_continued(self):
        self.late_error(self.ask("fails", n=2))

    def test_tool_calls_are_not_continued(self):
        function = {"name": "look", "parameters": {"type": "object", "properties": {"x": {"type": "string"}}}}
        self.late_error(self.ask("tools", tools=[{"type": "function", "function": function}]))
        self.assertEqual(self.mock.requests(), 1)

    def test_text_completions_are_not_continued(self):
        self.late_error(self.gateway.stream("fails", path="/v1/completions", prompt="x").all())

    def test_a_local_answer_goes_on(self):
        chunks = self.chunks(self.ask("to-local"))
        self.assertEqual(web.text_of(chunks), SAID + "the rest")
        self.assertEqual(len({chunk["id"] for chunk in chunks}), 1)

    def test_a_whole_answer_cannot_go_on(self):
        self.mock.script("mock-as-whole", {"body": {"choices": []}})
        self.assertIn("did not answer with a stream", self.late_error(self.ask("to-whole"))["message"])

    def test_a_client_that_leaves_cancels_the_continuation(self):
        stream = self.gateway.stream("to-slow")
        self.assertEqual(stream.status, 200)
        wait_until(lambda: self.mock.count("mock-delay-30000") == 1, what="the continuation's request")
        before = len(self.mock.aborts())
        stream.close()
        wait_until(lambda: len(self.mock.aborts()) > before, what="the continuation to be cancelled")
        self.assert_alive()


class Reported(Case):
    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("fails", FAILS_LATE), mock.row("second", "stream-2+usage-200-20")],
                "router_settings": {"num_retries": 0, "allowed_fails": 0, "cooldown_time": 60,
                                    "fallbacks": [{"fails": ["second"]}]}}

    def test_the_row_that_broke_off_cools_and_the_metrics_count(self):
        self.chunks(self.ask("fails", stream_options={"include_usage": True}))
        again = self.gateway.stream("fails")
        self.assertEqual(again.headers["x-litellm-attempted-fallbacks"], "1")
        self.assertEqual(web.text_of(self.chunks(again.all())), " t0000 t0001")
        self.assertEqual(self.mock.count("mock-" + FAILS_LATE), 1)
        wait_until(lambda: self.value("fallbacks") == 2, what="the metrics")
        # Both streams of `second` told their usage (it is always asked for), plus what `fails` had said.
        self.assertEqual(self.value("output_tokens"), 20 + 20 + -(-len(SAID) // 4))

    def value(self, word):
        """The sum of the requested model's metrics whose name holds `word`."""
        lines = self.gateway.get("/metrics").body.decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines if word in line.split("{")[0] and '"fails"' in line)


class Depth(Case):
    @classmethod
    def config(cls, mock):
        rows = [mock.row(name, f"{FAILS_LATE}+as-{name}") for name in ("a", "b", "c")]
        return {"model_list": [*rows, mock.row("d", "stream-1+as-d")],
                "router_settings": {"num_retries": 0, "max_fallbacks": 2, "disable_cooldowns": True,
                                    "fallbacks": [{"a": ["b"]}, {"b": ["c"]}, {"c": ["d"]}]}}

    def test_max_fallbacks_counts_continuations(self):
        events = self.ask("a")
        self.late_error(events)
        self.assertEqual(web.text_of([json.loads(event) for event in events]), SAID * 3)
        self.assertEqual(web.text_of(self.chunks(self.ask("b"))), SAID * 2 + " t0000")


class Caps(Case):
    env = {"LITELLM_MAX_STREAMING_DURATION_SECONDS": "0.5", "REPEATED_STREAMING_CHUNK_LIMIT": "50"}

    @classmethod
    def config(cls, mock):
        return {
            "model_list": [
                mock.row("endless", "stream-400x50ms"), mock.row("hollow", "stream-400x50ms+stream-hollow"),
                mock.row("flood", "stream-2000000"),
                mock.row("good", "stream-3+as-good"), mock.row("hung", "delay-60000"),
                mock.row("hung-too", "delay-60000+as-too"), mock.row("to-hung", FAILS_LATE + "+as-to-hung"),
                mock.row("mocked", "as-mocked", mock_timeout=True), mock.row("to-mocked", FAILS_LATE + "+as-to-mocked"),
                mock.row("busy", "status-429+retry-after-30", num_retries=2),
                mock.row("to-busy", FAILS_LATE + "+as-to-busy"),
            ],
            "router_settings": {"num_retries": 0, "disable_cooldowns": True, "fallbacks": [
                {"endless": ["good"]}, {"to-hung": ["hung-too"]}, {"to-mocked": ["mocked"]},
                {"to-busy": ["busy"]}]},
        }

    def failures(self, group):
        """Of the group's only row, once its calls are over."""
        def idle():
            (found,) = self.gateway.get(f"/router/state?model_group={group}").json()["data"]
            (row,) = found["deployments"]
            return row if row["in_flight"] == 0 else None
        return wait_until(idle, what=f"the end of {group}'s calls")["total"]["failure"]

    def test_a_continuation_that_never_begins_is_cut_off(self):
        """No reply, a local row that waits, a refusal that asks for patience: the client's stream ends in time."""
        for model, to in (("to-hung", "hung-too"), ("to-mocked", "mocked"), ("to-busy", "busy")):
            with self.subTest(model=model):
                started = time.monotonic()
                error = self.late_error(self.ask(model))
                self.assertLess(time.monotonic() - started, 8 * SLOW)
                if to != "busy":
                    self.assertIn("LITELLM_MAX_STREAMING_DURATION_SECONDS", error["message"])
                    self.assertEqual(self.failures(to), 0, "others had used its time up")
                self.assertEqual(self.failures(model), 1)

    def test_so_is_a_stream_without_a_reply(self):
        started = time.monotonic()
        stream = self.gateway.stream("hung")
        self.assertEqual(stream.status, 408)
        self.assertIn("LITELLM_MAX_STREAMING_DURATION_SECONDS", json.loads(stream.body())["error"]["message"])
        self.assertLess(time.monotonic() - started, 8 * SLOW)
        stream.close()
        self.assertEqual(self.failures("hung"), 1, "it had all the time there is")

    def test_rows_are_not_blamed_for_the_cap(self):
        self.late_error(self.ask("endless"))
        self.assertEqual(self.failures("endless"), 0)
        self.gateway.stream("hollow").close()
        self.assertGreaterEqual(self.failures("hollow"), 1)

    def test_a_stream_has_a_longest_duration(self):
        for model in ("endless", "flood"):
            with self.subTest(model=model):
                started = time.monotonic()
                error = self.late_error(self.ask(model))
                self.assertEqual(error["code"], "408")
                self.assertIn("LITELLM_MAX_STREAMING_DURATION_SECONDS", error["message"])
                self.assertGreater(time.monotonic() - started, 0.4)
                self.assertLess(time.monotonic() - started, 8 * SLOW)
        self.assertEqual(self.mock.count("mock-stream-3+as-good"), 0, "there is no time left to go on")

    def test_before_content_it_is_an_ordinary_timeout(self):
        stream = self.gateway.stream("hollow")
        self.assertEqual(stream.status, 408)
        stream.close()


class Loops(Case):
    """Apart from Caps: a busy machine may take longer than its half a second for an honest stream."""

    env = {"REPEATED_STREAMING_CHUNK_LIMIT": "50"}

    @classmethod
    def config(cls, mock):
        return {
            "model_list": [mock.row("loop", "stream-200x2ms+big-20000"), mock.row("blanks", "stream-200x1ms+big-400"),
                           mock.row("good", "stream-3+as-good")],
            "router_settings": {"num_retries": 0, "disable_cooldowns": True, "fallbacks": [{"loop": ["good"]}]},
        }

    def test_a_model_that_repeats_itself_is_stopped(self):
        events = self.ask("loop")
        error = self.late_error(events)
        self.assertIn("InternalServerError", error["message"])
        self.assertIn("repeating", error["message"])
        self.assertEqual(len(events), 1 + 50 + 1)

    def test_short_chunks_may_repeat(self):
        self.chunks(self.ask("blanks"))


if __name__ == "__main__":
    unittest.main()
