"""A scripted upstream that speaks the providers' own formats: Anthropic, Gemini, Bedrock, Cohere, Ollama, OpenAI,
Mistral, Groq. One scene (what a model says) is written in each of them, whole and streamed. A request with a field
that the real API does not know is refused, as the real ones do it. Shapes: the providers' documentation."""

import dataclasses
import http.server
import json
import re
import struct
import threading
import zlib


@dataclasses.dataclass
class Scene:
    """What a model answers. `calls`: (id, name, arguments); `usage`: tokens in, of these cached, out."""
    text: str = ""
    thinking: str = ""
    calls: tuple = ()
    cut: bool = False  # max_tokens was reached
    usage: tuple = (11, 4, 5)


SAID = "Hello from afar, Zoë 🙂"
PARIS = ("toolu_01", "weather", {"city": "Paris", "days": 2})
OSLO = ("toolu_02", "weather", {"city": "Oslo \"N\"", "days": 1})
SCENES = {
    "say": Scene(SAID),
    "cut": Scene("Hello fr", cut=True),
    "think": Scene(SAID, thinking="They greet me. I greet back."),
    "call": Scene(calls=(PARIS,)),
    "calls": Scene("Both at once.", calls=(PARIS, OSLO)),
}
SIGNATURE = "EqQBCgIYAhIM"


def halves(text):
    return [text[:len(text) // 2], text[len(text) // 2:]]


def pieces_of(call):
    return halves(json.dumps(call[2]))


# ---- framing


def sse(*events):
    """[(event or None, object or text)] as server-sent events."""
    out = ""
    for name, data in events:
        out += (f"event: {name}\n" if name else "") + f"data: {data if isinstance(data, str) else json.dumps(data)}\n\n"
    return "text/event-stream", out.encode()


def typed(*events):
    """Events that are named as their `type`."""
    return sse(*[(event["type"], event) for event in events])


def lines(*objects):
    return "application/x-ndjson", "".join(json.dumps(item) + "\n" for item in objects).encode()


def frame(name, payload):
    """One message of AWS's event stream."""
    header = b""
    for key, value in ((":event-type", name), (":message-type", "event"), (":content-type", "application/json")):
        header += bytes([len(key)]) + key.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
    body = json.dumps(payload).encode()
    head = struct.pack(">II", 16 + len(header) + len(body), len(header))
    head += struct.pack(">I", zlib.crc32(head))
    whole_one = head + header + body
    return whole_one + struct.pack(">I", zlib.crc32(whole_one))


def event_stream(*events):
    return "application/vnd.amazon.eventstream", b"".join(frame(name, payload) for name, payload in events)


def whole(data):
    return "application/json", json.dumps(data).encode()


# ---- one scene in each format


def anthropic(scene, stream, asked):
    fresh = {"input_tokens": scene.usage[0] - scene.usage[1], "cache_read_input_tokens": scene.usage[1],
             "cache_creation_input_tokens": 0}
    stop = "tool_use" if scene.calls else "max_tokens" if scene.cut else "end_turn"
    blocks = [({"type": "thinking", "thinking": scene.thinking, "signature": SIGNATURE})] if scene.thinking else []
    blocks += [{"type": "text", "text": scene.text}] if scene.text else []
    blocks += [{"type": "tool_use", "id": i, "name": name, "input": given} for i, name, given in scene.calls]
    head = {"id": "msg_01", "type": "message", "role": "assistant", "model": asked["model"], "stop_sequence": None}
    if not stream:
        return whole({**head, "content": blocks, "stop_reason": stop, "usage": {**fresh, "output_tokens": scene.usage[2]}})
    events = [{"type": "message_start", "message": {**head, "content": [], "stop_reason": None,
                                                    "usage": {**fresh, "output_tokens": 1}}}, {"type": "ping"}]
    for index, block in enumerate(blocks):
        if block["type"] == "thinking":
            empty = {"type": "thinking", "thinking": "", "signature": ""}
            deltas = [{"type": "thinking_delta", "thinking": piece} for piece in halves(block["thinking"])]
            deltas.append({"type": "signature_delta", "signature": SIGNATURE})
        elif block["type"] == "text":
            empty = {"type": "text", "text": ""}
            deltas = [{"type": "text_delta", "text": piece} for piece in halves(block["text"])]
        else:
            empty = {**block, "input": {}}
            deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in ["", *halves(json.dumps(block["input"]))]]
        events.append({"type": "content_block_start", "index": index, "content_block": empty})
        events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", "index": index})
    events += [{"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None},
                "usage": {"output_tokens": scene.usage[2]}}, {"type": "message_stop"}]
    return typed(*events)


def gemini(scene, stream, _):
    parts = [{"text": scene.thinking, "thought": True}] if scene.thinking else []
    parts += [{"text": piece} for piece in (halves(scene.text) if stream else [scene.text]) if piece]
    parts += [{"functionCall": {"name": name, "args": given}, "thoughtSignature": SIGNATURE} for _, name, given in scene.calls]
    usage = {"promptTokenCount": scene.usage[0], "cachedContentTokenCount": scene.usage[1],
             "candidatesTokenCount": scene.usage[2], "totalTokenCount": scene.usage[0] + scene.usage[2]}

    def answer(some, **end):
        return {"candidates": [{"content": {"role": "model", "parts": some}, "index": 0, **end}], "usageMetadata": usage,
                "modelVersion": "gemini-2.5-flash", "responseId": "r1"}

    end = {"finishReason": "MAX_TOKENS" if scene.cut else "STOP"}
    if not stream:
        return whole(answer(parts, **end))
    return sse(*[(None, answer([part])) for part in parts[:-1]], (None, answer(parts[-1:], **end)))


def converse(scene, stream, _):
    stop = "tool_use" if scene.calls else "max_tokens" if scene.cut else "end_turn"
    usage = {"inputTokens": scene.usage[0] - scene.usage[1], "cacheReadInputTokens": scene.usage[1],
             "outputTokens": scene.usage[2], "totalTokens": scene.usage[0] + scene.usage[2]}
    if not stream:
        blocks = [{"reasoningContent": {"reasoningText": {"text": scene.thinking, "signature": SIGNATURE}}}] if scene.thinking else []
        blocks += [{"text": scene.text}] if scene.text else []
        blocks += [{"toolUse": {"toolUseId": i, "name": name, "input": given}} for i, name, given in scene.calls]
        return whole({"output": {"message": {"role": "assistant", "content": blocks}}, "stopReason": stop, "usage": usage,
                      "metrics": {"latencyMs": 5}})
    events, index = [("messageStart", {"role": "assistant"})], 0

    def block(deltas, start=None):
        nonlocal index
        if start:
            events.append(("contentBlockStart", {"contentBlockIndex": index, "start": start}))
        events.extend(("contentBlockDelta", {"contentBlockIndex": index, "delta": delta}) for delta in deltas)
        events.append(("contentBlockStop", {"contentBlockIndex": index}))
        index += 1

    if scene.thinking:
        block([{"reasoningContent": {"text": piece}} for piece in halves(scene.thinking)] +
              [{"reasoningContent": {"signature": SIGNATURE}}])
    if scene.text:
        block([{"text": piece} for piece in halves(scene.text)])
    for call in scene.calls:
        block([{"toolUse": {"input": piece}} for piece in pieces_of(call)], {"toolUse": {"toolUseId": call[0], "name": call[1]}})
    return event_stream(*events, ("messageStop", {"stopReason": stop}), ("metadata", {"usage": usage, "metrics": {"latencyMs": 5}}))


def cohere(scene, stream, _):
    finish = "TOOL_CALL" if scene.calls else "MAX_TOKENS" if scene.cut else "COMPLETE"
    usage = {"billed_units": {"input_tokens": 3, "output_tokens": 2},
             "tokens": {"input_tokens": scene.usage[0], "output_tokens": scene.usage[2]}}
    calls = [{"id": i, "type": "function", "function": {"name": name, "arguments": json.dumps(given)}}
             for i, name, given in scene.calls]
    content = [{"type": "thinking", "thinking": scene.thinking}] if scene.thinking else []
    content += [{"type": "text", "text": scene.text}] if scene.text else []
    if not stream:
        message = {"role": "assistant", **({"content": content} if content else {}), **({"tool_calls": calls} if calls else {})}
        return whole({"id": "c1", "finish_reason": finish, "message": message, "usage": usage})
    events = [{"type": "message-start", "id": "c1", "delta": {"message": {
        "role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}}}]
    for index, part in enumerate(content):
        kind = part["type"]
        events.append({"type": "content-start", "index": index, "delta": {"message": {"content": {"type": kind, kind: ""}}}})
        events += [{"type": "content-delta", "index": index, "delta": {"message": {"content": {kind: piece}}}}
                   for piece in halves(part[kind])]
        events.append({"type": "content-end", "index": index})
    for index, call in enumerate(calls):
        empty = {**call, "function": {**call["function"], "arguments": ""}}
        events.append({"type": "tool-call-start", "index": index, "delta": {"message": {"tool_calls": empty}}})
        events += [{"type": "tool-call-delta", "index": index, "delta": {"message": {"tool_calls": {"function": {"arguments": piece}}}}}
                   for piece in halves(call["function"]["arguments"])]
        events.append({"type": "tool-call-end", "index": index})
    events.append({"type": "message-end", "id": "c1", "delta": {"finish_reason": finish, "usage": usage}})
    return typed(*events)


def ollama(scene, stream, asked):
    calls = [{"function": {"name": name, "arguments": given}} for _, name, given in scene.calls]
    parts = [{"thinking": piece} for piece in halves(scene.thinking) if piece]
    parts += [{"content": piece} for piece in halves(scene.text) if piece] + ([{"tool_calls": calls}] if calls else [])
    head = {"model": asked["model"], "created_at": "2025-01-01T00:00:00Z"}
    end = {"done": True, "done_reason": "length" if scene.cut else "stop", "prompt_eval_count": scene.usage[0],
           "eval_count": scene.usage[2]}
    if stream:
        said = [{**head, "message": {"role": "assistant", "content": "", **part}, "done": False} for part in parts]
        return lines(*said, {**head, "message": {"role": "assistant", "content": ""}, **end})
    message = {"role": "assistant", "content": scene.text, **({"thinking": scene.thinking} if scene.thinking else {}),
               **({"tool_calls": calls} if calls else {})}
    return whole({**head, "message": message, **end})


def chat(scene, stream, asked, thinking, more_usage, calls_whole=False):
    """OpenAI's shape. `thinking(text)`: how this provider carries its thoughts; `more_usage`: its own counts;
    `calls_whole`: its streams do not cut calls, and count in their last chunk."""
    finish = "tool_calls" if scene.calls else "length" if scene.cut else "stop"
    usage = {"prompt_tokens": scene.usage[0], "completion_tokens": scene.usage[2],
             "total_tokens": scene.usage[0] + scene.usage[2], **more_usage}
    calls = [{"id": i, "type": "function", "function": {"name": name, "arguments": json.dumps(given)}}
             for i, name, given in scene.calls]
    head = {"id": "chatcmpl-1", "created": 1, "model": asked["model"]}
    if not stream:
        message = {"role": "assistant", "content": scene.text or None, **({"tool_calls": calls} if calls else {})}
        if scene.thinking:
            message = thinking(scene.thinking, message)
        return whole({**head, "object": "chat.completion", "usage": usage,
                      "choices": [{"index": 0, "message": message, "finish_reason": finish}]})
    deltas = [{"role": "assistant", "content": ""}]
    deltas += [thinking(piece, {}) for piece in halves(scene.thinking) if piece]
    deltas += [{"content": piece} for piece in halves(scene.text) if piece]
    if calls_whole and calls:
        deltas.append({"tool_calls": [{**call, "index": index} for index, call in enumerate(calls)]})
    for index, call in enumerate([] if calls_whole else calls):
        deltas.append({"tool_calls": [{**call, "index": index, "function": {**call["function"], "arguments": ""}}]})
        deltas += [{"tool_calls": [{"index": index, "function": {"arguments": piece}}]} for piece in halves(call["function"]["arguments"])]
    rows = [{**head, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
            for delta in deltas]
    rows.append({**rows[0], "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    if calls_whole:
        rows[-1]["usage"] = usage
    elif (asked.get("stream_options") or {}).get("include_usage"):
        rows.append({**rows[0], "choices": [], "usage": usage})
    return sse(*[(None, row) for row in rows], (None, "[DONE]"))


def openai(scene, stream, asked):
    return chat(scene, stream, asked, lambda text, message: {**message, "reasoning_content": text},
                {"prompt_tokens_details": {"cached_tokens": scene.usage[1]}})


def groq(scene, stream, asked):
    return chat(scene, stream, asked, lambda text, message: {**message, "reasoning": text}, {"total_time": 0.01})


def mistral(scene, stream, asked):
    def thinking(text, message):
        said = [{"type": "text", "text": message["content"]}] if message.get("content") else []
        return {**message, "content": [{"type": "thinking", "thinking": [{"type": "text", "text": text}]}, *said]}
    return chat(scene, stream, asked, thinking, {}, calls_whole=True)


# ---- refusals: status and what went wrong, in each provider's words

WORDS = {400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 404: "not_found_error",
         429: "rate_limit_error", 500: "api_error", 529: "overloaded_error"}
GOOGLE = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
          429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE"}
REFUSALS = {
    "anthropic": lambda status, why: {"type": "error", "error": {"type": WORDS.get(status, "api_error"), "message": why},
                                      "request_id": "req_1"},
    "gemini": lambda status, why: {"error": {"code": status, "message": why, "status": GOOGLE.get(status, "INTERNAL")}},
    "bedrock": lambda _, why: {"message": why},
    "cohere": lambda _, why: {"id": "e1", "message": why},
    "ollama": lambda _, why: {"error": why},
    "mistral": lambda status, why: {"object": "error", "message": why, "type": "invalid_request_error", "param": None, "code": str(status)},
}
OPENAI_REFUSAL = lambda status, why: {"error": {"message": why, "type": WORDS.get(status, "api_error"), "param": None, "code": None}}  # noqa: E731

# provider -> (a pattern of its "path model", its scenes, the top-level fields that it knows)
CHAT_FIELDS = set("""model messages max_tokens max_completion_tokens temperature top_p stop stream stream_options tools
    tool_choice response_format n seed user reasoning_effort parallel_tool_calls presence_penalty frequency_penalty""".split())
PROVIDERS = {
    "anthropic": (r"/v1/messages ", anthropic, set("""model messages max_tokens system temperature top_p top_k stop_sequences
        stream tools tool_choice thinking metadata output_config service_tier""".split())),
    "gemini": (r":(stream)?[gG]enerateContent", gemini, {"contents", "systemInstruction", "system_instruction", "tools",
                                                        "toolConfig", "generationConfig", "safetySettings"}),
    "bedrock": (r"/converse(-stream)? ", converse, {"messages", "system", "inferenceConfig", "toolConfig",
                                                    "additionalModelRequestFields"}),
    "cohere": (r"/v2/chat", cohere, set("""model messages stream tools tool_choice strict_tools max_tokens temperature p k seed
        stop_sequences response_format thinking""".split())),
    "ollama": (r"/api/chat", ollama, {"model", "messages", "stream", "tools", "options", "format", "think", "keep_alive"}),
    "mistral": (r"/v1/chat/completions (mistral|magistral)", mistral, (CHAT_FIELDS - {"max_completion_tokens", "user", "seed", "stream_options"})
                | {"random_seed", "safe_prompt", "prompt_mode"}),
    "groq": (r"/groq/.*chat/completions", groq, CHAT_FIELDS | {"reasoning_format", "include_reasoning"}),
    "openai": (r"/openai/v1/chat/completions", openai, CHAT_FIELDS),
}
VECTOR = [0.25, -0.5]
# What is not a conversation: a pattern of the path and the answer.
OTHERS = (
    (r"/v1/messages/count_tokens", lambda _: {"input_tokens": 42}),
    (r":countTokens", lambda _: {"totalTokens": 42}),
    (r"/fim/completions", lambda asked: {"id": "f1", "object": "chat.completion", "created": 1, "model": asked["model"], "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "return a + b"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 4, "completion_tokens": 5, "total_tokens": 9}}),
    (r"/v2/embed", lambda asked: {"id": "e1", "texts": asked["texts"], "embeddings": {"float": [VECTOR for _ in asked["texts"]]},
                                  "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": 3}}}),
    (r"/embeddings", lambda asked: {"id": "e1", "object": "list", "model": asked["model"], "data": [
        {"object": "embedding", "index": i, "embedding": VECTOR} for i, _ in enumerate(asked["input"])],
        "usage": {"prompt_tokens": 3, "total_tokens": 3}}),
    (r":batchEmbedContents", lambda asked: {"embeddings": [{"values": VECTOR} for _ in asked["requests"]]}),
    (r"/v2/rerank", lambda asked: {"id": "r1", "results": [{"index": i, "relevance_score": 1 / (2 + i)} for i in
                                                           reversed(range(len(asked["documents"])))],
                                   "meta": {"api_version": {"version": "2"}, "billed_units": {"search_units": 1}}}),
)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # a head and its body leave together

    def log_message(self, *_):
        pass

    def answer(self, status, kind, body, headers=()):
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(body))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, provider, status, why):
        headers = [("x-amzn-ErrorType", "ThrottlingException" if status == 429 else "ValidationException")] if provider == "bedrock" else []
        self.answer(status, *whole(REFUSALS.get(provider, OPENAI_REFUSAL)(status, why)), headers)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path, asked = self.path.split("?")[0], json.loads(body)
        self.server.seen.append((self.path, {k.lower(): v for k, v in self.headers.items()}, asked))
        for pattern, made in OTHERS:
            if re.search(pattern, path):
                return self.answer(200, *whole(made(asked)))
        for provider, (pattern, write, fields) in PROVIDERS.items():
            if re.search(pattern, f"{path} {asked.get('model')}"):
                return self.converse(provider, write, fields, asked, bool(asked.get("stream")) or "stream" in path)
        self.refuse("openai", 404, f"no such path: {path}")

    def converse(self, provider, write, fields, asked, stream):
        if unknown := set(asked) - fields:
            return self.refuse(provider, 400, f"{sorted(unknown)}: extra inputs are not permitted")
        named = re.findall(r"scene:(\w+)", json.dumps(asked))
        if named and named[-1].startswith("refuse"):
            status = int(named[-1][6:])
            return self.refuse(provider, status, f"refused with {status}")
        if not named:
            return self.refuse(provider, 400, "no scene is named")
        self.answer(200, *write(SCENES[named[-1]], stream, {"model": "up", **asked}))


class Upstream:
    """The server, on a port of its own; `seen`: (path, headers, body) of every request."""

    def __init__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.seen = self.server.seen = []
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def rows(self):
        """A model_list with a row for each provider, named after it."""
        params = {
            "anthropic": {"model": "anthropic/claude-sonnet-4-5", "api_base": self.base},
            "gemini": {"model": "gemini/gemini-2.5-flash", "api_base": self.base},
            "bedrock": {"model": "bedrock/converse/anthropic.claude-3-7-sonnet-20250219-v1:0", "api_key": "",
                        "aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "secret",
                        "aws_region_name": "us-east-1", "aws_bedrock_runtime_endpoint": self.base},
            "cohere": {"model": "cohere_chat/command-a-reasoning-08-2025", "api_base": self.base},
            "ollama": {"model": "ollama_chat/qwen3", "api_base": self.base},
            "mistral": {"model": "mistral/magistral-medium-2506", "api_base": self.base + "/v1"},
            "groq": {"model": "groq/qwen/qwen3-32b", "api_base": self.base + "/groq/openai/v1"},
            "openai": {"model": "openai/gpt-4.1", "api_base": self.base + "/openai/v1"},
            "rerank": {"model": "cohere/rerank-v3.5", "api_base": self.base},
            "embed": {"model": "cohere/embed-v4.0", "api_base": self.base},
        }
        rows = []
        for name, given in params.items():
            given.setdefault("api_key", "sk-upstream")
            rows.append({"model_name": name, "litellm_params": {k: v for k, v in given.items() if v}})
        return rows
