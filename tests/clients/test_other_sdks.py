"""The SDKs of Anthropic, Google, Cohere, Mistral and Groq, newest releases, through the real binary (issue 5)."""

import json
import unittest

import anthropic
import cohere
import google.genai
import groq
from mistralai.client import Mistral
from sdk_case import SdkCase, completion, completion_stream

TOOL = {"name": "weather", "description": "The weather", "input_schema": {
    "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}
CALL = {"role": "assistant", "content": None, "tool_calls": [
    {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Paris"}'}}]}


class OtherSdks(SdkCase):
    @property
    def root(self):
        return f"http://127.0.0.1:{self.gateway.port}"

    def script(self, answer):
        self.mock.script("mock-as-scripted", {"body": answer} if not isinstance(answer, str) else {"sse": answer})


class Anthropic(OtherSdks):
    def client(self):
        client = anthropic.Anthropic(api_key=self.key, base_url=self.root, max_retries=0)
        self.addCleanup(client.close)
        return client

    def test_message(self):
        answer = self.client().messages.create(model="gpt-4o", max_tokens=50,
                                               messages=[{"role": "user", "content": "hello"}])
        self.assertEqual(answer.type, "message")
        self.assertTrue(answer.content[0].text)
        self.assertGreater(answer.usage.input_tokens, 0)

    def test_tool_call(self):
        self.mock.script("mock-as-scripted", {"body": completion(CALL, "tool_calls")})
        answer = self.client().messages.create(model="as-scripted", max_tokens=50, tools=[TOOL],
                                               messages=[{"role": "user", "content": "weather?"}])
        self.assertEqual(answer.stop_reason, "tool_use")
        self.assertEqual((answer.content[-1].name, answer.content[-1].input), ("weather", {"city": "Paris"}))

    def test_stream_helper(self):
        with self.client().messages.stream(model="stream-10x30ms", max_tokens=50,
                                           messages=[{"role": "user", "content": "hello"}]) as stream:
            text = "".join(stream.text_stream)
            final = stream.get_final_message()
        self.assertTrue(text)
        self.assertEqual(final.content[0].text, text)
        self.assertEqual(final.stop_reason, "end_turn")

    def test_errors(self):
        with self.assertRaises(anthropic.AuthenticationError):
            anthropic.Anthropic(api_key="sk-wrong", base_url=self.root, max_retries=0).messages.create(
                model="gpt-4o", max_tokens=5, messages=[{"role": "user", "content": "x"}])
        with self.assertRaises(anthropic.RateLimitError):
            self.client().messages.create(model="status-429", max_tokens=5, messages=[{"role": "user", "content": "x"}])

    def test_count_tokens(self):
        counted = self.client().messages.count_tokens(model="gpt-4o", messages=[{"role": "user", "content": "hello you"}])
        self.assertGreater(counted.input_tokens, 1)


class Google(OtherSdks):
    def client(self):
        kept = google.genai.Client(api_key=self.key, http_options={"base_url": self.root})
        self.addCleanup(kept.close)  # one that nobody holds is closed at once
        return kept

    def test_generate(self):
        answer = self.client().models.generate_content(model="gpt-4o", contents="hello")
        self.assertTrue(answer.text)
        self.assertGreater(answer.usage_metadata.prompt_token_count, 0)

    def test_stream(self):
        chunks = list(self.client().models.generate_content_stream(model="stream-10x30ms", contents="hello"))
        self.assertTrue("".join(chunk.text or "" for chunk in chunks))

    def test_function_call(self):
        self.mock.script("mock-as-scripted", {"body": completion(CALL, "tool_calls")})
        answer = self.client().models.generate_content(model="as-scripted", contents="weather?")
        self.assertEqual(answer.function_calls[0].name, "weather")

    def test_count(self):
        self.assertGreater(self.client().models.count_tokens(model="gpt-4o", contents="hello you").total_tokens, 1)


class OpenAiShaped(OtherSdks):
    MESSAGES = [{"role": "user", "content": "hello"}]

    def test_mistral(self):
        with Mistral(api_key=self.key, server_url=self.root) as client:
            answer = client.chat.complete(model="gpt-4o", messages=self.MESSAGES)
            self.assertTrue(answer.choices[0].message.content)
            text = "".join(event.data.choices[0].delta.content or "" for event in
                           client.chat.stream(model="stream-10x30ms", messages=self.MESSAGES) if event.data.choices)
        self.assertTrue(text)

    def test_groq(self):
        client = groq.Groq(api_key=self.key, base_url=self.root + "/", max_retries=0)
        self.addCleanup(client.close)
        # Groq's SDK asks for /openai/v1/chat/completions.
        answer = client.chat.completions.create(model="gpt-4o", messages=self.MESSAGES)
        self.assertTrue(answer.choices[0].message.content)

    def test_cohere_rerank(self):
        client = cohere.ClientV2(api_key=self.key, base_url=self.root)
        answer = client.rerank(model="gpt-4o", query="q", documents=["a", "b"])
        self.assertTrue(answer.results)


if __name__ == "__main__":
    unittest.main()
