"""OpenAI's Python SDK, newest release: what its users do, against the real binary (issue 2, section 7)."""

import asyncio
import json
import time
import typing
import unittest

import openai
import pydantic
from sdk_case import TOOL_CALL, SdkCase, completion, completion_stream, wait_until

HELLO = [{"role": "user", "content": "hello"}]
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}


class Event(pydantic.BaseModel):
    name: str
    guests: typing.List[str]


class PythonCase(SdkCase):
    def client(self, **options):
        client = openai.OpenAI(**{"api_key": self.key, "base_url": self.base_url, "max_retries": 0, **options})
        self.addCleanup(client.close)
        return client


class Answers(PythonCase):
    def test_chat(self):
        answer = self.client().chat.completions.create(model="as-plain", messages=HELLO)
        self.assertTrue(answer.choices[0].message.content)
        self.assertEqual(answer.model, "as-plain")
        self.assertGreater(answer.usage.total_tokens, 0)

    def test_raw_response_headers(self):
        raw = self.client().chat.completions.with_raw_response.create(model="as-plain", messages=HELLO)
        self.assertTrue(raw.headers["x-litellm-call-id"])
        self.assertTrue(raw.parse().choices)

    def test_extra_body(self):
        answer = self.client().chat.completions.create(model="echo", messages=HELLO, extra_body={"top_k": 3})
        self.assertEqual(json.loads(answer.choices[0].message.content)["json"]["top_k"], 3)

    def test_stream(self):
        stream = self.client().chat.completions.create(model="stream-10x30ms", messages=HELLO, stream=True,
                                                       stream_options={"include_usage": True})
        times, text, usage = [], "", None
        for chunk in stream:
            times.append(time.monotonic())
            text += (chunk.choices[0].delta.content or "") if chunk.choices else ""
            usage = chunk.usage or usage
        self.assertTrue(text)
        self.assertGreater(usage.total_tokens, 0)
        self.assertGreater(times[-1] - times[0], 0.15)

    def test_stream_helper(self):
        with self.client().chat.completions.stream(model="stream-10x30ms", messages=HELLO) as stream:
            kinds = [event.type for event in stream]
            final = stream.get_final_completion()
        self.assertIn("content.delta", kinds)
        self.assertTrue(final.choices[0].message.content)

    def test_tools(self):
        self.mock.script("mock-as-scripted", {"status": 200, "body": completion(TOOL_CALL, "tool_calls")})
        answer = self.client().chat.completions.create(model="as-scripted", messages=HELLO, tools=[WEATHER])
        call = answer.choices[0].message.tool_calls[0]
        self.assertEqual((call.function.name, json.loads(call.function.arguments)), ("weather", {"city": "Paris"}))
        self.assertEqual(answer.choices[0].finish_reason, "tool_calls")

    def test_streamed_tools(self):
        parts = [{"role": "assistant", "tool_calls": [{"index": 0, "id": "call_1", "type": "function",
                                                       "function": {"name": "weather", "arguments": ""}}]}]
        parts += [{"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in ('{"ci', 'ty":"P', 'aris"}')]
        self.mock.script("mock-as-scripted", {"status": 200, "content_type": "text/event-stream",
                                              "body": completion_stream(*parts, finish_reason="tool_calls")})
        with self.client().chat.completions.stream(model="as-scripted", messages=HELLO, tools=[WEATHER]) as stream:
            call = stream.get_final_completion().choices[0].message.tool_calls[0]
        self.assertEqual(json.loads(call.function.arguments), {"city": "Paris"})

    def test_structured_output(self):
        message = {"role": "assistant", "content": '{"name":"Science fair","guests":["Ada","Alan"]}'}
        self.mock.script("mock-as-scripted", {"status": 200, "body": completion(message)})
        answer = self.client().chat.completions.parse(model="as-scripted", messages=HELLO, response_format=Event)
        self.assertEqual(answer.choices[0].message.parsed, Event(name="Science fair", guests=["Ada", "Alan"]))

    def test_completions(self):
        answer = self.client().completions.create(model="as-plain", prompt="hello")
        self.assertTrue(answer.choices[0].text)

    def test_embeddings_are_base64_on_the_wire(self):
        answer = self.client().embeddings.create(model="as-plain", input=["a", "b"])
        self.assertEqual(len(answer.data), 2)
        self.assertIsInstance(answer.data[0].embedding[0], float)
        floats = self.client().embeddings.create(model="as-plain", input="a", encoding_format="float")
        self.assertIsInstance(floats.data[0].embedding[0], float)

    def test_responses(self):
        answer = self.client().responses.create(model="as-plain", input="hello")
        self.assertTrue(answer.output_text)
        with self.client().responses.stream(model="as-plain", input="hello") as stream:
            self.assertIn("response.completed", [event.type for event in stream])

    def test_models(self):
        client = self.client()
        self.assertIn("gpt-4o", [model.id for model in client.models.list()])
        self.assertEqual(client.models.retrieve("gpt-4o").id, "gpt-4o")

    def test_images(self):
        client = self.client()
        self.assertTrue(client.images.generate(model="as-plain", prompt="a cat").data)
        picture = ("cat.png", b"\x89PNG\r\n\x1a\n" + bytes(300), "image/png")
        self.assertTrue(client.images.edit(model="as-plain", image=picture, prompt="a hat").data)
        self.assertTrue(client.images.create_variation(model="as-plain", image=picture).data)

    def test_audio(self):
        client = self.client()
        sound = ("speech.wav", b"RIFF" + bytes(4000), "audio/wav")
        self.assertTrue(client.audio.transcriptions.create(model="as-plain", file=sound).text)
        self.assertTrue(client.audio.translations.create(model="as-plain", file=sound).text)
        speech = client.audio.speech.create(model="as-plain", voice="alloy", input="hello")
        self.assertGreater(len(speech.content), 100)
        with client.audio.speech.with_streaming_response.create(model="as-plain", voice="alloy", input="x") as reply:
            self.assertGreater(sum(len(piece) for piece in reply.iter_bytes()), 100)

    def test_moderations(self):
        self.assertTrue(self.client().moderations.create(model="as-plain", input="hello").results)


class Errors(PythonCase):
    CLASSES = {"status-400": openai.BadRequestError, "status-401": openai.AuthenticationError,
               "status-403": openai.PermissionDeniedError, "status-404": openai.NotFoundError,
               "status-422": openai.UnprocessableEntityError, "status-429": openai.RateLimitError,
               "status-500": openai.InternalServerError, "status-503": openai.InternalServerError}

    def create(self, model, **options):
        return self.client(**options).chat.completions.create(model=model, messages=HELLO)

    def test_classes(self):
        for model, kind in self.CLASSES.items():
            with self.subTest(model=model):
                with self.assertRaises(kind) as caught:
                    self.create(model)
                self.assertIn("litellm.", caught.exception.message)
                self.assertTrue(caught.exception.response.headers["x-litellm-call-id"])

    def test_own_errors(self):
        with self.assertRaises(openai.AuthenticationError):
            self.create("as-plain", api_key="sk-wrong")
        with self.assertRaises(openai.BadRequestError) as caught:
            self.create("no-such-model")
        self.assertEqual(caught.exception.code, "400")
        with self.assertRaises(openai.NotFoundError):
            self.client().models.retrieve("no-such-model")

    def test_retry_after_is_honoured(self):
        """The SDK waits the second it is told to, then the scripted second answer succeeds."""
        self.mock.script("mock-as-scripted", {"status": 429, "retry_after": 1, "times": 1}, {"status": 200})
        started = time.monotonic()
        self.assertTrue(self.create("as-scripted", max_retries=1).choices)
        self.assertGreater(time.monotonic() - started, 0.95)
        with self.assertRaises(openai.RateLimitError) as caught:
            self.create("retry-after-1")
        self.assertEqual(caught.exception.response.headers["retry-after"], "1")

    def test_timeout(self):
        with self.assertRaises(openai.APITimeoutError):
            self.create("delay-30000", timeout=0.3)
        wait_until(lambda: self.mock.aborts(), what="the upstream to be let go")

    def test_late_error_of_a_stream(self):
        stream = self.client().chat.completions.create(model="stream-10x1ms+stream-fail-after-3", messages=HELLO,
                                                       stream=True)
        with self.assertRaises(openai.APIError):
            list(stream)

    def test_abort_in_the_middle_of_a_stream(self):
        stream = self.client().chat.completions.create(model="stream-1000x20ms", messages=HELLO, stream=True)
        next(iter(stream))
        stream.close()
        wait_until(lambda: self.mock.aborts(), what="the upstream to be let go")


class Azure(PythonCase):
    def azure(self, **options):
        endpoint = f"http://127.0.0.1:{self.gateway.port}"
        client = openai.AzureOpenAI(**{"azure_endpoint": endpoint, "api_version": "2024-06-01", "api_key": self.key,
                                       "max_retries": 0, **options})
        self.addCleanup(client.close)
        return client

    def test_deployment_is_the_model(self):
        answer = self.azure().chat.completions.create(model="as-plain", messages=HELLO)
        self.assertTrue(answer.choices[0].message.content)

    def test_stream_and_embeddings(self):
        chunks = list(self.azure().chat.completions.create(model="stream-10x30ms", messages=HELLO, stream=True))
        self.assertGreater(len(chunks), 5)
        self.assertEqual(len(self.azure().embeddings.create(model="as-plain", input="a").data), 1)

    def test_fixed_deployment(self):
        answer = self.azure(azure_deployment="as-plain").chat.completions.create(model="whatever", messages=HELLO)
        self.assertTrue(answer.choices)

    def test_token_instead_of_key(self):
        client = self.azure(api_key=None, azure_ad_token=self.key)
        self.assertTrue(client.chat.completions.create(model="as-plain", messages=HELLO).choices)

    def test_wrong_key(self):
        with self.assertRaises(openai.AuthenticationError):
            self.azure(api_key="sk-wrong").chat.completions.create(model="as-plain", messages=HELLO)


class Asynchronous(PythonCase):
    def test_fifty_at_once(self):
        async def calls():
            async with openai.AsyncOpenAI(api_key=self.key, base_url=self.base_url, max_retries=0) as client:
                return await asyncio.gather(*[
                    client.chat.completions.create(model="delay-20", messages=HELLO) for _ in range(50)])
        self.assertEqual(len([answer for answer in asyncio.run(calls()) if answer.choices]), 50)

    def test_fifty_streams_at_once(self):
        async def one(client):
            stream = await client.chat.completions.create(model="stream-10x30ms", messages=HELLO, stream=True)
            return [chunk async for chunk in stream]

        async def calls():
            async with openai.AsyncOpenAI(api_key=self.key, base_url=self.base_url, max_retries=0) as client:
                return await asyncio.gather(*[one(client) for _ in range(50)])
        self.assertEqual({len(chunks) > 5 for chunks in asyncio.run(calls())}, {True})

    def test_cancelled_task_lets_the_upstream_go(self):
        async def call():
            async with openai.AsyncOpenAI(api_key=self.key, base_url=self.base_url, max_retries=0) as client:
                await asyncio.wait_for(client.chat.completions.create(model="delay-30000", messages=HELLO), 0.3)
        with self.assertRaises(asyncio.TimeoutError):
            asyncio.run(call())
        wait_until(lambda: self.mock.aborts(), what="the upstream to be let go")


if __name__ == "__main__":
    unittest.main()
