"""The official SDKs through the real binary to an upstream that speaks each provider's own format (issue 5): every SDK
reaches every provider, and its own provider's answers come back as that provider gave them."""

import json
import unittest

import anthropic
import cohere
import google.genai
import groq
import openai
import sdks
from mistralai.client.errors import SDKError
from sdk_case import GatewayCase  # it puts the folder of formats.py on the path
import formats

NO_IDS = {"gemini", "ollama"}  # calls have no ids in these formats
WHOLE_CALLS = {"gemini", "ollama", "mistral"}  # streams that do not cut calls
LIBRARIES = {"openai": openai, "responses": openai, "anthropic": anthropic, "groq": groq}
PROVIDERS = [name for name in formats.PROVIDERS]


class FormatCase(GatewayCase):
    kinds = sdks.ALL

    @classmethod
    def setUpClass(cls):
        cls.upstream = formats.Upstream()
        cls.addClassCleanup(cls.upstream.stop)
        super().setUpClass()
        cls.root = f"http://127.0.0.1:{cls.gateway.port}"
        cls.sdks = {name: kind(cls.root, cls.key) for name, kind in cls.kinds.items()}
        for sdk in cls.sdks.values():
            cls.addClassCleanup(sdk.close)

    @classmethod
    def config(cls, mock):
        return {"model_list": cls.upstream.rows(), "router_settings": {"num_retries": 0, "disable_cooldowns": True}}

    def setUp(self):
        super().setUp()
        self.upstream.seen.clear()

    def pairs(self, providers=PROVIDERS):
        for name, sdk in self.sdks.items():
            for provider in providers:
                if (name, provider) != ("responses", "openai"):  # relayed: the upstream has no /responses
                    for stream in (False, True):
                        yield name, sdk, provider, stream


    def check(self, name):
        scene = formats.SCENES[name]
        for sdk_name, sdk, provider, stream in self.pairs():
            if stream and scene.calls and not sdk.joins_calls and provider not in WHOLE_CALLS:
                continue
            with self.subTest(sdk=sdk_name, provider=provider, stream=stream):
                heard = sdk.ask(provider, name, stream)
                self.assertEqual(heard.text, scene.text)
                if sdk.thinks:
                    self.assertEqual(heard.thinking, scene.thinking)
                self.assertEqual([call[1:] for call in heard.calls], [call[1:] for call in scene.calls])
                if sdk.ids and provider not in NO_IDS:
                    self.assertEqual([call[0] for call in heard.calls], [call[0] for call in scene.calls])
                self.assertEqual(heard.end, sdk.ends[1 if scene.calls else 2 if scene.cut else 0])
                if sdk.counts_streams or not stream:
                    self.assertEqual(heard.usage, (scene.usage[0], scene.usage[2]))


class Scenes(FormatCase):
    """Each scene means the same through every SDK and every provider, whole and streamed."""

    def test_text(self):
        self.check("say")

    def test_cut_by_the_limit(self):
        self.check("cut")

    def test_thinking(self):
        self.check("think")

    def test_tool_call(self):
        self.check("call")

    def test_parallel_tool_calls_behind_text(self):
        self.check("calls")


class Requests(FormatCase):
    def test_an_image_arrives(self):
        for sdk_name, sdk, provider, stream in self.pairs():
            with self.subTest(sdk=sdk_name, provider=provider, stream=stream):
                sdk.ask(provider, "say", stream, image=True)
                asked = json.dumps(self.upstream.seen[-1][2])
                # Google's SDK writes base64's URL alphabet, which only Google reads.
                self.assertIn(sdks.PIXEL, asked.replace("-", "+") if provider == "gemini" else asked)

    def test_the_system_text_and_the_tool_arrive(self):
        for sdk_name, sdk, provider, stream in self.pairs():
            with self.subTest(sdk=sdk_name, provider=provider, stream=stream):
                sdk.ask(provider, "say", stream)
                asked = json.dumps(self.upstream.seen[-1][2])
                for text in (sdks.SYSTEM, '"weather"', '"city"', "2000"):
                    self.assertIn(text, asked)


    def test_the_result_of_a_tool_arrives(self):
        for sdk_name, sdk, provider, stream in self.pairs():
            if stream or not hasattr(sdk, "go_on"):
                continue
            with self.subTest(sdk=sdk_name, provider=provider):
                self.assertEqual(sdk.go_on(provider), formats.SAID)
                asked = json.dumps(self.upstream.seen[-1][2]).replace("\\", "")
                for text in (sdks.RESULT, '"weather"', '"city"'):
                    self.assertIn(text, asked)
                self.assertEqual(asked.count("call_1") + asked.count("call_weather"), 0 if provider in NO_IDS else 2, asked)


class Refusals(FormatCase):
    """A provider's refusal is an exception of the class that the SDK has for it."""

    def classes(self, library):
        kinds = {400: "BadRequestError", 401: "AuthenticationError", 403: "PermissionDeniedError", 404: "NotFoundError",
                 429: "RateLimitError", 500: "InternalServerError"}
        return {status: getattr(library, kind) for status, kind in kinds.items()}

    def test_classes(self):
        for name in self.sdks.keys() & LIBRARIES.keys():
            for status, kind in self.classes(LIBRARIES[name]).items():
                for provider in ("anthropic", "gemini", "cohere", "mistral"):
                    for stream in (False, True):
                        with self.subTest(sdk=name, provider=provider, status=status, stream=stream):
                            with self.assertRaises(kind) as caught:
                                self.sdks[name].ask(provider, f"refuse{status}", stream)
                            self.assertIn(f"refused with {status}", str(caught.exception))

    def test_classes_of_mistral_and_cohere(self):
        for provider in ("mistral", "bedrock"):
            with self.assertRaises(SDKError) as caught:
                self.sdks["mistral"].ask(provider, "refuse429", False)
            self.assertEqual(caught.exception.status_code, 429)
        passed_on = cohere.ClientV2(api_key=self.key, base_url=self.root + "/cohere")
        with self.assertRaises(cohere.TooManyRequestsError):
            passed_on.chat(model="command-a", messages=[{"role": "user", "content": "scene:refuse429"}],
                           request_options={"max_retries": 0})

    def test_overloaded(self):
        with self.assertRaises(anthropic.InternalServerError):
            self.sdks["anthropic"].ask("anthropic", "refuse529", False)

    def test_google(self):
        for provider in ("gemini", "anthropic", "bedrock"):
            for status in (400, 403, 429):
                with self.subTest(provider=provider, status=status):
                    with self.assertRaises(google.genai.errors.ClientError) as caught:
                        self.sdks["google"].ask(provider, f"refuse{status}", status == 429)
                    self.assertIn(f"refused with {status}", str(caught.exception))


class Groq(Refusals):
    """Groq's SDK asks for /openai/v1/chat/completions: a gateway below /openai serves that for every provider."""
    kinds = {"groq": sdks.Groq}
    env = {"SERVER_ROOT_PATH": "/openai"}
    test_google = test_overloaded = test_classes_of_mistral_and_cohere = None

    def test_scenes(self):
        for name in formats.SCENES:
            self.check(name)


class OwnFormat(FormatCase):
    """What only a provider's own SDK asks for."""

    def test_anthropic(self):
        client = self.sdks["anthropic"].client
        counted = client.messages.count_tokens(model="anthropic", messages=[{"role": "user", "content": "Hi"}])
        self.assertEqual(counted.input_tokens, 42)
        answer = client.messages.create(model="anthropic", max_tokens=2000, thinking={"type": "enabled", "budget_tokens": 1024},
                                        messages=[{"role": "user", "content": "scene:think"}])
        self.assertEqual(answer.content[0].signature, formats.SIGNATURE)
        self.assertEqual((answer.id, answer.model), ("msg_01", "anthropic"))

    def test_google(self):
        client = self.sdks["google"].client
        self.assertEqual(client.models.count_tokens(model="gemini", contents="Hi").total_tokens, 42)
        answer = client.models.generate_content(model="gemini", contents="scene:call")
        self.assertTrue(answer.candidates[0].content.parts[0].thought_signature)

    def test_cohere(self):
        """Chat and embed are passed on; rerank is a route of its own."""
        client = cohere.ClientV2(api_key=self.key, base_url=self.root + "/cohere")
        said = client.chat(model="command-a", messages=[{"role": "user", "content": "scene:calls"}])
        self.assertEqual([call.function.name for call in said.message.tool_calls], ["weather", "weather"])
        text = "".join(event.delta.message.content.text for event in client.chat_stream(
            model="command-a", messages=[{"role": "user", "content": "scene:say"}]) if event.type == "content-delta")
        self.assertEqual(text, formats.SAID)
        vectors = client.embed(model="embed-v4.0", texts=["a", "b"], input_type="search_query", embedding_types=["float"])
        self.assertEqual(vectors.embeddings.float_, [formats.VECTOR] * 2)
        ranked = cohere.ClientV2(api_key=self.key, base_url=self.root).rerank(model="rerank", query="q", documents=["a", "b"])
        self.assertEqual([row.index for row in ranked.results], [1, 0])

    def test_mistral(self):
        client = self.sdks["mistral"].client
        vectors = client.embeddings.create(model="mistral", inputs=["a", "b"])
        self.assertEqual(vectors.data[1].embedding, formats.VECTOR)
        own = sdks.MistralSdk(self.root, self.key, "/mistral")
        self.addCleanup(own.close)
        filled = own.client.fim.complete(model="codestral-latest", prompt="def add(a, b):", suffix="")
        self.assertEqual(filled.choices[0].message.content, "return a + b")
        thought = own.client.chat.complete(model="magistral-medium-2506", messages=[{"role": "user", "content": "scene:think"}])
        self.assertEqual(thought.choices[0].message.content[0].thinking[0].text, formats.SCENES["think"].thinking)

    def test_embeddings_of_another_provider(self):
        vectors = self.sdks["openai"].client.embeddings.create(model="embed", input=["a", "b"], encoding_format="float")
        self.assertEqual([row.embedding for row in vectors.data], [formats.VECTOR] * 2)


if __name__ == "__main__":
    unittest.main()
