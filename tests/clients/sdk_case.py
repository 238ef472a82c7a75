"""Base class of the client tests: the real binary in front of the mock, with the rows that the SDK tests name."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))

from case import GatewayCase  # noqa: E402  the folder above is on the path only from here on
from processes import Gateway, Mock, wait_until  # noqa: E402

__all__ = ["Gateway", "Mock", "SdkCase", "wait_until"]

TOOL_CALL = {"role": "assistant", "content": None, "tool_calls": [
    {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Paris"}'}}]}


def completion(message, finish_reason="stop"):
    """A whole chat completion of the upstream, for the mock's script."""
    return {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "upstream",
            "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}}


def completion_stream(*deltas, finish_reason="stop"):
    """The text of an event stream with these deltas."""
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "upstream"}
    rows = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    rows.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": finish_reason}]})
    return "".join(f"data: {json.dumps(row)}\n\n" for row in rows) + "data: [DONE]\n\n"


class SdkCase(GatewayCase):
    @classmethod
    def config(cls, mock):
        rows = ["as-plain", "echo", "stream-10x30ms", "stream-1000x20ms", "delay-30000", "status-400", "status-401",
                "status-403", "status-404", "status-422", "status-429", "status-500", "status-503", "retry-after-1",
                "as-scripted", "stream-10x1ms+stream-fail-after-3", "delay-20"]
        return {"model_list": [mock.row(words, words) for words in rows] + [mock.row("gpt-4o", "as-gpt-4o")],
                "router_settings": {"num_retries": 0, "disable_cooldowns": True}}

    @property
    def base_url(self):
        return f"http://127.0.0.1:{self.gateway.port}/v1"
