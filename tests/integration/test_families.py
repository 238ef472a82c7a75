"""Own-format providers on the real binary: any client API reaches any provider, whole and streamed (issue 5)."""

import http.server
import json
import subprocess
import threading
import unittest

import web
from case import GatewayCase, together
from formats import event_stream, lines, sse, whole

SAID = "Hello from afar"


ANTHROPIC = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "stop_reason": "end_turn",
             "stop_sequence": None, "content": [{"type": "text", "text": SAID}],
             "usage": {"input_tokens": 11, "output_tokens": 5}}
GEMINI = {"candidates": [{"content": {"role": "model", "parts": [{"text": SAID}]}, "finishReason": "STOP", "index": 0}],
          "usageMetadata": {"promptTokenCount": 11, "candidatesTokenCount": 5, "totalTokenCount": 16}}
# path part -> (whole answer, streamed answer)
ANSWERS = {
    "/v1/messages": (whole(ANTHROPIC), sse(
        ("message_start", {"type": "message_start", "message": {**ANTHROPIC, "content": [], "stop_reason": None,
                                                                "usage": {"input_tokens": 11, "output_tokens": 1}}}),
        ("content_block_start", {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        ("content_block_delta", {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello "}}),
        ("content_block_delta", {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "from afar"}}),
        ("content_block_stop", {"type": "content_block_stop", "index": 0}),
        ("message_delta", {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
                           "usage": {"output_tokens": 5}}),
        ("message_stop", {"type": "message_stop"}))),
    "/converse": (whole({"output": {"message": {"role": "assistant", "content": [{"text": SAID}]}},
                         "stopReason": "end_turn", "usage": {"inputTokens": 11, "outputTokens": 5, "totalTokens": 16}}),
                  event_stream(("messageStart", {"role": "assistant"}),
                               ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "Hello "}}),
                               ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "from afar"}}),
                               ("contentBlockStop", {"contentBlockIndex": 0}),
                               ("messageStop", {"stopReason": "end_turn"}),
                               ("metadata", {"usage": {"inputTokens": 11, "outputTokens": 5, "totalTokens": 16}}))),
    "/invoke": (whole(ANTHROPIC), ("", b"")),
    "enerateContent": (whole(GEMINI), sse((None, GEMINI))),
    "/v2/chat": (whole({"id": "c1", "finish_reason": "COMPLETE", "message": {"role": "assistant", "content": [
        {"type": "text", "text": SAID}]}, "usage": {"tokens": {"input_tokens": 11, "output_tokens": 5}}}), sse(
        ("message-start", {"type": "message-start", "id": "c1", "delta": {"message": {"role": "assistant"}}}),
        ("content-delta", {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": SAID}}}}),
        ("message-end", {"type": "message-end", "delta": {"finish_reason": "COMPLETE",
                                                          "usage": {"tokens": {"input_tokens": 11, "output_tokens": 5}}}}))),
    "/api/chat": (whole({"model": "m", "message": {"role": "assistant", "content": SAID}, "done": True,
                         "done_reason": "stop", "prompt_eval_count": 11, "eval_count": 5}), lines(
        {"model": "m", "message": {"role": "assistant", "content": "Hello "}, "done": False},
        {"model": "m", "message": {"role": "assistant", "content": "from afar"}, "done": False},
        {"model": "m", "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop",
         "prompt_eval_count": 11, "eval_count": 5})),
}


def service_account(token_uri):
    """Google's credentials file, with a key of its own."""
    key = subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], check=True,
                         capture_output=True, text=True).stdout
    return {"type": "service_account", "project_id": "proj", "private_key_id": "k1", "private_key": key,
            "client_email": "gateway@proj.iam.gserviceaccount.com", "token_uri": token_uri}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen, all = [], []  # of the test that runs; of the class
    jobs, made = {}, 0

    def log_message(self, *_):
        pass

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        for log in (Handler.seen, Handler.all):
            log.append((self.path, dict(self.headers), body))
        if "/predictions" in self.path:
            Handler.made += 1
            base = f"http://127.0.0.1:{self.server.server_port}/v1"
            urls = {"get": f"{base}/jobs/{Handler.made}"}
            if json.loads(body).get("stream"):
                urls["stream"] = f"{base}/streams/{Handler.made}"
            return self.answer(201, "application/json", json.dumps(
                {"id": "1", "status": "starting", "urls": urls, "output": None}).encode())
        if self.path == "/token":
            return self.answer(200, *whole({"access_token": "ya29.fetched", "expires_in": 3600, "token_type": "Bearer"}))
        if "count_tokens" in self.path:
            return self.answer(200, *whole({"input_tokens": 42}))
        asked = json.loads(body) if body.startswith(b"{") else {}
        if "refuse" in body.decode("utf-8", "replace"):
            return self.answer(400, "application/json", b'{"type":"error","error":{"type":"invalid_request_error",'
                                                        b'"message":"prompt is too long: 300000 tokens > 200000 maximum"}}')
        if "titan-embed" in self.path:
            text = asked["inputText"]
            return self.answer(200, *whole({"embedding": [len(text)], "inputTextTokenCount": 2}))
        stream = bool(asked.get("stream")) or "stream" in self.path
        for part, answers in ANSWERS.items():
            if part in self.path:
                return self.answer(200, *answers[stream])
        self.answer(404, "application/json", b'{"error":{"message":"no such path"}}')

    def do_GET(self):
        for log in (Handler.seen, Handler.all):
            log.append((self.path, dict(self.headers), b""))
        if "/streams/" in self.path:
            return self.answer(200, "text/event-stream", b"event: output\ndata: Hello \n\nevent: output\ndata: from afar\n\n"
                                                         b"event: done\ndata: {}\n\n")
        if "/jobs/" in self.path:
            count = Handler.jobs[self.path] = Handler.jobs.get(self.path, 0) + 1
            return self.answer(200, *whole({"id": "1", "status": "succeeded" if count % 2 == 0 else "processing",
                                            "output": ["Hello ", "from afar"], "urls": {
                                                "get": f"http://127.0.0.1:{self.server.server_port}{self.path}"}}))
        self.answer(200, *whole({"path": self.path}))

    do_DELETE = do_GET


class Families(GatewayCase):
    @classmethod
    def setUpClass(cls):
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.server.shutdown)
        super().setUpClass()

    @classmethod
    def config(cls, mock):
        base = f"http://127.0.0.1:{cls.server.server_port}"
        rows = {
            "anthropic": {"model": "anthropic/claude-sonnet-4-20250514"},
            "bedrock": {"model": "bedrock/converse/anthropic.claude-3-5-sonnet-20241022-v2:0",
                        "aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "secret",
                        "aws_region_name": "us-east-1", "aws_bedrock_runtime_endpoint": base},
            "bedrock-invoke": {"model": "bedrock/anthropic.claude-3-5-sonnet-20241022-v2:0", "api_key": "bedrock-key",
                               "aws_region_name": "us-east-1", "aws_bedrock_runtime_endpoint": base},
            "titan": {"model": "bedrock/amazon.titan-embed-text-v2:0", "api_key": "bedrock-key",
                      "aws_region_name": "us-east-1", "aws_bedrock_runtime_endpoint": base},
            "gemini": {"model": "gemini/gemini-2.5-flash"},
            "cohere": {"model": "cohere_chat/command-r-plus"},
            "ollama": {"model": "ollama_chat/llama3"},
            "replicate": {"model": "replicate/meta/llama-3-8b"},
        }
        rows["vertex"] = {"model": "vertex_ai/gemini-2.5-pro", "vertex_project": "proj", "vertex_location": "us-central1",
                          "vertex_credentials": json.dumps(service_account(base + "/token"))}
        for params in rows.values():
            params.setdefault("api_key", "sk-upstream")
            params.setdefault("api_base", base)
        rows["bedrock"].pop("api_key")
        rows["vertex"].pop("api_key")
        rows["bedrock"].pop("api_base")
        rows["replicate"]["api_base"] = base + "/v1"
        cls.names = [name for name in rows if name not in ("replicate", "bedrock-invoke", "titan")]
        return {"model_list": [{"model_name": name, "litellm_params": params} for name, params in rows.items()],
                "general_settings": {"pass_through_endpoints": [
                    {"path": "/search", "target": base + "/engine", "headers": {"x-engine-key": "k"},
                     "include_subpath": True}]}}

    CHAT = {"messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"}]}

    def test_chat(self):
        for name in self.names:
            with self.subTest(provider=name):
                reply = self.gateway.post("/v1/chat/completions", {"model": name, **self.CHAT})
                self.assert_status(reply, 200)
                answer = reply.json()
                self.assertEqual(answer["choices"][0]["message"]["content"], SAID)
                self.assertEqual(answer["choices"][0]["finish_reason"], "stop")
                self.assertEqual(answer["model"], name)
                self.assertEqual((answer["usage"]["prompt_tokens"], answer["usage"]["completion_tokens"]), (11, 5))

    def test_chat_streams(self):
        for name in self.names:
            with self.subTest(provider=name):
                reply = self.gateway.post("/v1/chat/completions", {
                    "model": name, "stream": True, "stream_options": {"include_usage": True}, **self.CHAT})
                self.assert_status(reply, 200)
                self.assertTrue(reply.headers["content-type"].startswith("text/event-stream"))
                frames = [line[6:] for line in reply.body.decode().splitlines() if line.startswith("data: ")]
                self.assertEqual(frames[-1], "[DONE]")
                chunks = [json.loads(item) for item in frames[:-1]]
                self.assertEqual(web.text_of(chunks), SAID)
                ends = [c["choices"][0]["finish_reason"] for c in chunks if c["choices"]]
                self.assertEqual(ends[-1], "stop")
                self.assertEqual(chunks[-1]["usage"]["completion_tokens"], 5)

    def test_a_job_is_asked_again_until_it_is_done(self):
        """Replicate, polled through a bridge, and the events of a job that streams."""
        body = {"model": "replicate", "max_tokens": 100, "messages": [{"role": "user", "content": "Hi"}]}
        whole_one, streamed = together([lambda: self.gateway.post("/v1/messages", body),
                                        lambda: self.gateway.post("/v1/chat/completions", {**body, "stream": True})])
        self.assert_status(whole_one, 200)
        self.assertEqual(whole_one.json()["content"][0]["text"], SAID)
        self.assert_status(streamed, 200)
        frames = [line[6:] for line in streamed.body.decode().splitlines() if line.startswith("data: ")]
        self.assertEqual(web.text_of([json.loads(item) for item in frames[:-1]]), SAID)
        self.assertGreater(len(frames), 3)
        asked = [headers for path, headers, _ in Handler.all if "/streams/" in path]
        self.assertEqual(asked[-1]["Accept"], "text/event-stream")

    def test_messages(self):
        body = {"max_tokens": 100, "system": "Be kind.", "messages": [{"role": "user", "content": "Hi"}]}
        for name in self.names:
            with self.subTest(provider=name):
                reply = self.gateway.post("/v1/messages", {"model": name, **body})
                self.assert_status(reply, 200)
                self.assertEqual(reply.json()["content"][0]["text"], SAID)
                self.assertEqual(reply.json()["stop_reason"], "end_turn")
                reply = self.gateway.post("/v1/messages", {"model": name, "stream": True, **body})
                self.assert_status(reply, 200)
                events = [json.loads(line[6:]) for line in reply.body.decode().splitlines() if line.startswith("data: ")]
                self.assertEqual([events[0]["type"], events[-1]["type"]], ["message_start", "message_stop"])
                self.assertEqual("".join(e["delta"].get("text", "") for e in events if e["type"] == "content_block_delta"), SAID)

    def test_messages_reach_claude_on_bedrock_as_they_are(self):
        Handler.seen.clear()
        turn = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "is_error": True, "content": "no"}]}
        reply = self.gateway.post("/v1/messages", {"model": "bedrock-invoke", "max_tokens": 9, "messages": [turn]},
                                  headers={"anthropic-beta": "output-128k-2025-02-19"})
        self.assert_status(reply, 200)
        self.assertEqual(reply.json()["content"][0]["text"], SAID)
        path, headers, body = Handler.seen[-1]
        self.assertTrue(path.endswith("/invoke"), path)
        self.assertNotIn("anthropic-beta", {name.lower() for name in headers})
        sent = json.loads(body)
        self.assertEqual(sent["messages"], [turn])
        self.assertEqual(sent["anthropic_beta"], ["output-128k-2025-02-19"])

    def test_responses(self):
        for name in self.names:
            with self.subTest(provider=name):
                reply = self.gateway.post("/v1/responses", {"model": name, "input": "Hi"})
                self.assert_status(reply, 200)
                self.assertEqual(reply.json()["output"][-1]["content"][0]["text"], SAID)
                reply = self.gateway.post("/v1/responses", {"model": name, "input": "Hi", "stream": True})
                self.assert_status(reply, 200)
                events = [json.loads(line[6:]) for line in reply.body.decode().splitlines() if line.startswith("data: ")]
                self.assertEqual(events[0]["type"], "response.created")
                self.assertEqual(events[-1]["type"], "response.completed")
                self.assertNotIn(b"[DONE]", reply.body)

    def test_generate_content(self):
        body = {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}
        for name in self.names:
            with self.subTest(provider=name):
                reply = self.gateway.post(f"/v1beta/models/{name}:generateContent", body)
                self.assert_status(reply, 200)
                self.assertEqual(reply.json()["candidates"][0]["content"]["parts"][0]["text"], SAID)
                reply = self.gateway.post(f"/v1beta/models/{name}:streamGenerateContent?alt=sse", body)
                self.assert_status(reply, 200)
                events = [json.loads(line[6:]) for line in reply.body.decode().splitlines() if line.startswith("data: ")]
                texts = [p.get("text", "") for e in events for c in e.get("candidates", []) for p in c["content"]["parts"]]
                self.assertEqual("".join(texts), SAID)

    def test_legacy_completions(self):
        for name in self.names:
            with self.subTest(provider=name):
                reply = self.gateway.post("/v1/completions", {"model": name, "prompt": "Hi"})
                self.assert_status(reply, 200)
                self.assertEqual(reply.json()["choices"][0]["text"], SAID)

    def test_several_prompts_are_several_chats(self):
        for name in self.names:
            for stream in (False, True):
                with self.subTest(provider=name, stream=stream):
                    Handler.seen.clear()
                    reply = self.gateway.post("/v1/completions", {"model": name, "prompt": ["Hi", "Ho", "Ha"], "stream": stream,
                                                                  "stream_options": {"include_usage": True}})
                    self.assert_status(reply, 200)
                    chunks = [reply.json()] if not stream else [json.loads(line[6:]) for line in reply.body.decode().splitlines()
                                                                if line.startswith("data: {")]
                    texts = {}
                    for choice in (choice for chunk in chunks for choice in chunk["choices"]):
                        texts[choice["index"]] = texts.get(choice["index"], "") + choice["text"]
                    self.assertEqual(texts, {0: SAID, 1: SAID, 2: SAID})
                    self.assertEqual((chunks[-1]["usage"]["prompt_tokens"], chunks[-1]["usage"]["completion_tokens"]), (33, 15))
                    asked = [body.decode() for path, _, body in Handler.seen if path != "/token"]
                    self.assertEqual([word in body for word, body in zip(("Hi", "Ho", "Ha"), asked)], [True] * 3)

    def test_an_input_for_each_call_where_the_model_takes_one(self):
        reply = self.gateway.post("/v1/embeddings", {"model": "titan", "input": ["a", "bbb", "cc"]})
        self.assert_status(reply, 200)
        self.assertEqual([(item["index"], item["embedding"]) for item in reply.json()["data"]], [(0, [1]), (1, [3]), (2, [2])])
        self.assertEqual(reply.json()["usage"]["prompt_tokens"], 6)
        reply = self.gateway.post("/v1/embeddings", {"model": "titan", "input": ["a", "refuse", "cc"]})
        self.assert_status(reply, 400)

    def test_token_counts(self):
        body = {"messages": [{"role": "user", "content": "Hello there, how are you?"}]}
        self.assertEqual(self.gateway.post("/v1/messages/count_tokens", {"model": "anthropic", **body}).json(),
                         {"input_tokens": 42})
        counted = self.gateway.post("/v1/messages/count_tokens", {"model": "cohere", **body})
        self.assert_status(counted, 200)
        self.assertGreater(counted.json()["input_tokens"], 3)

    def test_errors_speak_the_clients_api(self):
        body = {"max_tokens": 10, "messages": [{"role": "user", "content": "refuse"}]}
        reply = self.gateway.post("/v1/messages", {"model": "anthropic", **body})
        self.assert_status(reply, 400)
        self.assertEqual(reply.json()["type"], "error")
        self.assertIn("too long", reply.json()["error"]["message"])
        reply = self.gateway.post("/v1/chat/completions", {"model": "anthropic", **body})
        self.assertIn("ContextWindowExceededError", reply.json()["error"]["message"])
        reply = self.gateway.post("/v1beta/models/gemini:nonsense", {"contents": []})
        self.assert_status(reply, 404)
        reply = self.gateway.post("/v1/messages", {"model": "anthropic", **body}, key=None)
        self.assert_status(reply, 401)
        self.assertEqual(reply.json()["error"]["type"], "authentication_error")

    def test_credentials_and_paths(self):
        Handler.seen.clear()
        for name in self.names:
            self.gateway.post("/v1/chat/completions", {"model": name, **self.CHAT})
        heads = {path: {k.lower(): v for k, v in headers.items()} for path, headers, _ in Handler.seen}
        by = {part: next(h for p, h in heads.items() if part in p) for part in ("/v1/messages", "/converse", "enerateContent")}
        self.assertEqual(by["/v1/messages"]["x-api-key"], "sk-upstream")
        self.assertEqual(by["/v1/messages"]["anthropic-version"], "2023-06-01")
        self.assertIn("Credential=AKIDEXAMPLE/", by["/converse"]["authorization"])
        self.assertEqual(by["enerateContent"]["x-goog-api-key"], "sk-upstream")
        for headers in heads.values():
            self.assertNotIn(self.key, json.dumps(headers))

    def test_a_token_is_fetched_once_for_all(self):
        calls = [lambda: self.gateway.post("/v1/chat/completions", {"model": "vertex", **self.CHAT})] * 12
        for reply in together(calls):
            self.assert_status(reply, 200)
        tokens = [headers["Authorization"] for path, headers, _ in Handler.all if "aiplatform" in path or "/projects/" in path]
        self.assertTrue(tokens)
        self.assertEqual(set(tokens), {"Bearer ya29.fetched"})
        asked = [body for path, _, body in Handler.all if path == "/token"]
        self.assertEqual(len(asked), 1)
        self.assertIn(b"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer", asked[0])

    def test_pass_through(self):
        Handler.seen.clear()
        reply = self.gateway.get("/anthropic/v1/models?limit=3")
        self.assert_status(reply, 200)
        self.assertEqual(reply.json(), {"path": "/v1/models?limit=3"})
        self.assertEqual(Handler.seen[-1][1]["x-api-key"], "sk-upstream")
        self.assertEqual(self.gateway.get("/search/deep?q=1").json(), {"path": "/engine/deep?q=1"})
        self.assertEqual(self.gateway.get("/anthropic/v1/models", key=None).status, 401)
        self.assertEqual(self.gateway.get("/search", key=None).status, 401)


if __name__ == "__main__":
    unittest.main()
