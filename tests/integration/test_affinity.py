"""Who stays on which row: sessions, keys, prompts that begin alike, chains of responses, encrypted content (issue 3;
spec router.md 2.7)."""

import json
import unittest

from case import GatewayCase, ids
from scripted import Scripted


class Sticky(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {
            "model_list": [mock.row("chat", f"as-row{i}", info={"id": f"row{i}"}) for i in range(4)] + [
                mock.row("cache", f"as-row{i}", info={"id": f"cache{i}"}) for i in range(4)],
            "router_settings": {
                "optional_pre_call_checks": ["session_affinity"],
                "routing_groups": [{"group_name": "c", "models": ["cache"], "routing_strategy": "prefix-affinity"}],
            },
        }

    def chosen(self, session):
        replies = [self.gateway.chat("chat", headers={"x-litellm-session-id": session}) for _ in range(5)]
        return set(ids(replies))

    def test_a_session_stays(self):
        rows = [self.chosen(f"session-{i}") for i in range(12)]
        self.assertTrue(all(len(row) == 1 for row in rows), rows)
        self.assertGreater(len(set().union(*rows)), 1, "sessions are spread")

    def test_without_a_session_all_rows_serve(self):
        self.assertGreater(len(set(ids([self.gateway.chat("chat") for _ in range(30)]))), 1)

    def test_prompts_that_begin_alike_stay_together(self):
        def chosen(system):
            replies = [self.gateway.chat("cache", messages=[{"role": "system", "content": system},
                                                            {"role": "user", "content": f"question {i}"}])
                       for i in range(5)]
            return set(ids(replies))
        rows = [chosen(f"You are helper number {i}.") for i in range(12)]
        self.assertTrue(all(len(row) == 1 for row in rows), rows)
        self.assertGreater(len(set().union(*rows)), 1)


class ResponseChains(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("chat", f"as-r{i}", info={"id": f"r{i}"}) for i in range(4)],
                "router_settings": {"optional_pre_call_checks": ["responses_api_deployment_check"]}}

    def ask(self, **fields):
        return self.gateway.post("/v1/responses", {"model": "chat", "input": "hello", **fields})

    def test_a_chain_stays_on_its_row(self):
        rows = set()
        for _ in range(6):
            first = self.ask()
            self.assert_status(first, 200)
            row, last = first.headers["x-litellm-model-id"], first.json()["id"]
            rows.add(row)
            for _ in range(4):
                reply = self.ask(previous_response_id=last)
                self.assertEqual(ids([reply]), [row])
                last = reply.json()["id"]
        self.assertGreater(len(rows), 1)

    def test_the_upstream_sees_its_own_id(self):
        last = self.ask().json()["id"]
        self.assertTrue(last.startswith("resp_bGl0ZWxsbTpjdXN0b21fbGxtX3Byb3ZpZGVyOm9wZW5haT"), last)
        self.ask(previous_response_id=last)
        sent = self.mock.last().body["previous_response_id"]
        self.assertTrue(sent.startswith("resp_") and sent != last, sent)
        self.ask(previous_response_id="resp_plain")
        self.assertEqual(self.mock.last().body["previous_response_id"], "resp_plain")

    def test_streams_too(self):
        stream = self.gateway.stream("chat", path="/v1/responses", input="hello")
        row = stream.headers["x-litellm-model-id"]
        events = [json.loads(event) for event in stream.all() if event != "[DONE]"]
        found = {event["response"]["id"] for event in events if "response" in event}
        self.assertEqual(len(found), 1)
        self.assertEqual(ids([self.ask(previous_response_id=found.pop())]), [row])


class EncryptedContent(GatewayCase):
    """Reasoning that only the row (or its account) can read that wrote it goes back to it (LiteLLM's marks)."""

    @classmethod
    def setUpClass(cls):
        def response(seen):
            number = seen.headers["authorization"][-1]
            return 200, {"id": "resp_1", "object": "response", "status": "completed", "model": "m", "output": [
                {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": f"gAAA{number}"},
                {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "hi"}]}],
                "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}}
        cls.upstream = Scripted()
        cls.upstream.routes["/v1/responses"] = response
        cls.addClassCleanup(cls.upstream.stop)
        super().setUpClass()

    @classmethod
    def config(cls, mock):
        def row(name, number, **info):
            return {"model_name": name, "model_info": {"id": f"{name}{number}"}, "litellm_params": {
                "model": "openai/gpt-5", "api_base": f"{cls.upstream.url}/v1", "api_key": f"sk-account-{number}"}}
        return {"model_list": [row("chat", i) for i in range(4)] + [row("other", i) for i in range(4)],
                "router_settings": {"optional_pre_call_checks": ["encrypted_content_affinity"], "num_retries": 0}}

    def ask(self, model="chat", **fields):
        reply = self.gateway.post("/v1/responses", {"model": model, "input": "hello", **fields})
        self.assert_status(reply, 200)
        return reply

    def test_it_goes_back_to_its_row(self):
        rows = set()
        for _ in range(6):
            first = self.ask()
            row, items = first.headers["x-litellm-model-id"], first.json()["output"]
            rows.add(row)
            self.assertTrue(items[0]["encrypted_content"].startswith("litellm_enc:"), items)
            for _ in range(4):
                self.assertEqual(ids([self.ask(input=[*items, {"role": "user", "content": "go on"}])]), [row])
                sent = self.upstream.last("/v1/responses").json()["input"]
                self.assertEqual(sent[0], {"type": "reasoning", "id": "rs_1", "summary": [],
                                           "encrypted_content": f"gAAA{row[-1]}"})
            theirs = self.ask("other", input=items)
            self.assertEqual(ids([theirs]), [f"other{row[-1]}"], "the row of the same account")
        self.assertGreater(len(rows), 1, "first requests are spread")


class Affinity(GatewayCase):
    """Checks per group, marked prompts, the prefix of routing tags."""

    @classmethod
    def config(cls, mock):
        rows = [mock.row(name, f"as-{name}{i}", info={"id": f"{name}{i}"})
                for name in ("marked", "sticky", "free") for i in range(4)]
        return {"model_list": rows,
                "router_settings": {"optional_pre_call_checks": ["prompt_caching"],
                                    "model_group_affinity_config": {"sticky": ["session_affinity"]}}}

    def chosen(self, model, count=8, **options):
        return set(ids([self.gateway.chat(model, **options) for _ in range(count)]))

    def test_a_marked_prompt_stays_on_one_row(self):
        def marked(text):
            return [{"role": "system", "content": [{"type": "text", "text": text * 1500,
                                                    "cache_control": {"type": "ephemeral"}}]},
                    {"role": "user", "content": "hello"}]
        rows = [self.chosen("marked", messages=marked(f"word{i} ")) for i in range(8)]
        self.assertTrue(all(len(row) == 1 for row in rows), rows)
        self.assertGreater(len(set().union(*rows)), 1, "prompts are spread")
        self.assertGreater(len(self.chosen("marked", count=30)), 1, "others go anywhere")

    def test_affinity_is_the_groups_own(self):
        session = {"metadata": {"session_id": "a-conversation"}}
        self.assertEqual(len(self.chosen("sticky", **session)), 1)
        self.assertGreater(len(self.chosen("free", count=30, **session)), 1)


if __name__ == "__main__":
    unittest.main()
