"""The official SDKs behind one face: ask a model for a scene, whole or streamed, and say what the SDK understood."""

import dataclasses
import json

import anthropic
import google.genai
import groq
import openai
from google.genai import types
from mistralai.client import Mistral

PIXEL = ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}, "required": ["city"]}
SYSTEM = "Be brief."
FUNCTION = {"type": "function", "function": {"name": "weather", "description": "The weather", "parameters": SCHEMA}}


@dataclasses.dataclass
class Heard:
    """What the SDK's own objects say: thoughts and texts joined, calls as (id, name, arguments), tokens (in, out)."""
    text: str = ""
    thinking: str = ""
    calls: list = dataclasses.field(default_factory=list)
    end: str = ""
    usage: tuple = ()


def openai_parts(scene, image):
    text = {"type": "text", "text": f"scene:{scene}"}
    return [text, {"type": "image_url", "image_url": {"url": "data:image/png;base64," + PIXEL}}] if image else text["text"]


def openai_messages(scene, image):
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": openai_parts(scene, image)}]


def of_message(message, end, usage):
    calls = [(call.id, call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls or []]
    return Heard(message.content or "", getattr(message, "reasoning_content", None) or "", calls, end,
                 (usage.prompt_tokens, usage.completion_tokens))


def of_chunks(chunks):
    """What chat chunks spell, of any SDK in OpenAI's shape."""
    heard, calls = Heard(), {}
    for chunk in chunks:
        if chunk.usage:
            heard.usage = (chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
        for choice in chunk.choices:
            heard.text += choice.delta.content or ""
            heard.thinking += getattr(choice.delta, "reasoning_content", None) or ""
            heard.end = choice.finish_reason or heard.end
            for part in choice.delta.tool_calls or []:
                call = calls.setdefault(part.index or 0, ["", "", ""])
                call[0], call[1] = call[0] or part.id, call[1] or part.function.name
                call[2] += part.function.arguments or ""
    heard.calls = [(call[0], call[1], json.loads(call[2])) for call in calls.values()]
    return heard


CALL = {"city": "Paris"}
RESULT = "18 degrees, scene:say"


class Sdk:
    """`ask` puts one question, `go_on` answers a call of the model with RESULT. `ends`: the words for an answer that is done, that calls tools, that was cut."""
    ends = ("stop", "tool_calls", "length")
    thinks, ids = True, True  # whether its objects carry thoughts and the ids of calls
    counts_streams = joins_calls = True  # whether it can ask for a stream's usage, and knows calls that arrive in pieces

    def __init__(self, root, key, own_path=""):
        self.client = self.make(root + own_path, key)

    def close(self):
        self.client.close()


class OpenAi(Sdk):
    def make(self, root, key):
        return openai.OpenAI(api_key=key, base_url=root + "/v1", max_retries=0)

    def ask(self, model, scene, stream, image=False):
        more = {"reasoning_effort": "low"} if scene == "think" else {}
        asked = dict(model=model, messages=openai_messages(scene, image), tools=[FUNCTION], max_tokens=2000, **more)
        if stream:
            return of_chunks(self.client.chat.completions.create(stream=True, stream_options={"include_usage": True}, **asked))
        answer = self.client.chat.completions.create(**asked)
        return of_message(answer.choices[0].message, answer.choices[0].finish_reason, answer.usage)

    def go_on(self, model):
        call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": json.dumps(CALL)}}
        answer = self.client.chat.completions.create(model=model, tools=[FUNCTION], messages=[
            {"role": "user", "content": "Weather?"}, {"role": "assistant", "content": "I look.", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call_1", "content": RESULT}])
        return answer.choices[0].message.content


class Groq(Sdk):
    def make(self, root, key):
        return groq.Groq(api_key=key, base_url=root + "/", max_retries=0)

    def ask(self, model, scene, stream, image=False):
        asked = dict(model=model, messages=openai_messages(scene, image), tools=[FUNCTION], max_tokens=2000)
        if stream:
            return of_chunks(self.client.chat.completions.create(
                stream=True, extra_body={"stream_options": {"include_usage": True}}, **asked))
        answer = self.client.chat.completions.create(**asked)
        return of_message(answer.choices[0].message, answer.choices[0].finish_reason, answer.usage)


class MistralSdk(Sdk):
    thinks = False  # it has no field for reasoning_content
    counts_streams = joins_calls = False

    def make(self, root, key):
        return Mistral(api_key=key, server_url=root)

    def close(self):
        self.client.__exit__(None, None, None)

    def ask(self, model, scene, stream, image=False):
        asked = dict(model=model, messages=openai_messages(scene, image), tools=[FUNCTION], max_tokens=2000)
        if stream:
            return of_chunks(event.data for event in self.client.chat.stream(**asked))
        answer = self.client.chat.complete(**asked)
        return of_message(answer.choices[0].message, answer.choices[0].finish_reason, answer.usage)


class Responses(Sdk):
    ends = ("completed", "completed", "incomplete")

    def make(self, root, key):
        return openai.OpenAI(api_key=key, base_url=root + "/v1", max_retries=0)

    def ask(self, model, scene, stream, image=False):
        parts = [{"type": "input_text", "text": f"scene:{scene}"}]
        if image:
            parts.append({"type": "input_image", "image_url": "data:image/png;base64," + PIXEL})
        more = {"reasoning": {"effort": "low", "summary": "auto"}} if scene == "think" else {}
        asked = dict(model=model, instructions=SYSTEM, input=[{"role": "user", "content": parts}], max_output_tokens=2000,
                     tools=[{"type": "function", **FUNCTION["function"], "strict": False}], **more)
        if not stream:
            return self.heard(self.client.responses.create(**asked))
        text, thinking = "", ""
        with self.client.responses.stream(**asked) as events:
            for event in events:
                text += event.delta if event.type == "response.output_text.delta" else ""
                thinking += event.delta if event.type == "response.reasoning_summary_text.delta" else ""
                if event.type in ("response.completed", "response.incomplete"):
                    final = event.response
        heard = self.heard(final)
        assert (text, thinking) == (heard.text, heard.thinking), (text, thinking, heard)
        return heard

    def go_on(self, model):
        return self.client.responses.create(model=model, tools=[{"type": "function", **FUNCTION["function"], "strict": False}], input=[
            {"role": "user", "content": "Weather?"},
            {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": json.dumps(CALL)},
            {"type": "function_call_output", "call_id": "call_1", "output": RESULT}]).output_text

    def heard(self, answer):
        thinking = "".join(part.text for item in answer.output if item.type == "reasoning" for part in item.summary)
        calls = [(item.call_id, item.name, json.loads(item.arguments)) for item in answer.output if item.type == "function_call"]
        return Heard(answer.output_text, thinking, calls, answer.status,
                     (answer.usage.input_tokens, answer.usage.output_tokens))


class Anthropic(Sdk):
    ends = ("end_turn", "tool_use", "max_tokens")

    def make(self, root, key):
        return anthropic.Anthropic(api_key=key, base_url=root, max_retries=0)

    def ask(self, model, scene, stream, image=False):
        parts = [{"type": "text", "text": f"scene:{scene}"}]
        if image:
            parts.append({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}})
        more = {"thinking": {"type": "enabled", "budget_tokens": 1024}} if scene == "think" else {}
        asked = dict(model=model, system=SYSTEM, max_tokens=2000, messages=[{"role": "user", "content": parts}],
                     tools=[{"name": "weather", "description": "The weather", "input_schema": SCHEMA}], **more)
        if not stream:
            return self.heard(self.client.messages.create(**asked))
        with self.client.messages.stream(**asked) as events:
            text = "".join(events.text_stream)
            final = events.get_final_message()
        heard = self.heard(final)
        assert text == heard.text, (text, heard)
        return heard

    def go_on(self, model):
        answer = self.client.messages.create(
            model=model, max_tokens=50, tools=[{"name": "weather", "description": "The weather", "input_schema": SCHEMA}], messages=[
                {"role": "user", "content": "Weather?"},
                {"role": "assistant", "content": [{"type": "text", "text": "I look."},
                                                  {"type": "tool_use", "id": "call_1", "name": "weather", "input": CALL}]},
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "call_1", "content": RESULT}]}])
        return answer.content[0].text

    def heard(self, answer):
        of = {kind: [block for block in answer.content if block.type == kind] for kind in ("text", "thinking", "tool_use")}
        usage = answer.usage
        return Heard("".join(b.text for b in of["text"]), "".join(b.thinking for b in of["thinking"]),
                     [(b.id, b.name, b.input) for b in of["tool_use"]], answer.stop_reason,
                     (usage.input_tokens + (usage.cache_read_input_tokens or 0), usage.output_tokens))


class Google(Sdk):
    ends = ("STOP", "STOP", "MAX_TOKENS")
    ids = False
    TOOL = types.Tool(function_declarations=[types.FunctionDeclaration(name="weather", description="The weather",
                                                                       parameters_json_schema=SCHEMA)])

    def make(self, root, key):
        return google.genai.Client(api_key=key, http_options={"base_url": root})

    def ask(self, model, scene, stream, image=False):
        parts = [types.Part.from_text(text=f"scene:{scene}")]
        if image:
            parts.append(types.Part(inline_data=types.Blob(mime_type="image/png", data=PIXEL)))
        config = types.GenerateContentConfig(
            system_instruction=SYSTEM, max_output_tokens=2000, automatic_function_calling={"disable": True}, tools=[self.TOOL],
            thinking_config=types.ThinkingConfig(include_thoughts=True, thinking_budget=1024) if scene == "think" else None)
        asked = dict(model=model, contents=[types.Content(role="user", parts=parts)], config=config)
        answers = list(self.client.models.generate_content_stream(**asked)) if stream else [
            self.client.models.generate_content(**asked)]
        return self.heard(answers)

    def go_on(self, model):
        said = [types.Content(role="user", parts=[types.Part.from_text(text="Weather?")]),
                types.Content(role="model", parts=[types.Part.from_function_call(name="weather", args=CALL)]),
                types.Content(role="user", parts=[types.Part.from_function_response(name="weather", response={"result": RESULT})])]
        return self.client.models.generate_content(
            model=model, contents=said, config=types.GenerateContentConfig(tools=[self.TOOL])).text

    def heard(self, answers):
        heard = Heard()
        for answer in answers:
            for candidate in answer.candidates or []:
                for part in (candidate.content.parts if candidate.content else None) or []:
                    if part.function_call:
                        heard.calls.append((part.function_call.id, part.function_call.name, part.function_call.args))
                    elif part.thought:
                        heard.thinking += part.text or ""
                    else:
                        heard.text += part.text or ""
                heard.end = candidate.finish_reason.name if candidate.finish_reason else heard.end
            if answer.usage_metadata and answer.usage_metadata.prompt_token_count:
                heard.usage = (answer.usage_metadata.prompt_token_count, answer.usage_metadata.candidates_token_count)
        return heard


ALL = {"openai": OpenAi, "responses": Responses, "anthropic": Anthropic, "google": Google, "mistral": MistralSdk}
