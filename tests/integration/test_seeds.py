"""The curl examples of the LiteLLM documents that users already have (seeds/DOCUMENT-LINE.sh), run by bash and
curl word for word but for the address. Trailing commas and the comment in one of the bodies are part of the test."""

import json
import pathlib
import re
import subprocess
import unittest

from case import GatewayCase

SEEDS = pathlib.Path(__file__).resolve().parent / "seeds"
ADDRESS = re.compile(r"http://(0\.0\.0\.0|localhost):(8000|4000)")
MODELS = ["gpt-3.5-turbo", "zephyr-alpha", "zephyr-beta", "bedrock-cohere", "anthropic/*", "groq/*",
          "fake-openai-endpoint", "text-embedding-ada-002"]


def run_curl(name, gateway):
    """(status, body) of the seed's curl command against this gateway."""
    command = (SEEDS / f"{name}.sh").read_text(encoding="utf-8").rstrip("\n")
    command = ADDRESS.sub(f"http://127.0.0.1:{gateway.port}", command).replace("${LITELLM_KEY}", gateway.key or "")
    command = command.lstrip().replace("curl", 'curl --silent --noproxy "*" --write-out "\n%{http_code}"', 1)
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=True)
    body, status = done.stdout.rsplit("\n", 1)
    return int(status), body


class Seeds(GatewayCase):
    """Chat examples without an Authorization header were written for an open server; the others bring sk-1234."""

    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row(name, "as-" + re.sub("[^a-z0-9]", "", name)) for name in MODELS]}

    def check_chat(self, name, model):
        status, body = run_curl(name, self.gateway)
        self.assertEqual(status, 200, body)
        answer = json.loads(body)
        self.assertEqual(answer["object"], "chat.completion")
        self.assertEqual(answer["model"], model)
        self.assertTrue(answer["choices"][0]["message"]["content"])


class OpenSeeds(Seeds):
    key = None

    def test_trailing_comma_after_messages(self):
        self.check_chat("000-028", "gpt-3.5-turbo")
        self.check_chat("001-083", "gpt-3.5-turbo")
        self.check_chat("003-822", "gpt-3.5-turbo")

    def test_trailing_comma_first_model(self):
        self.check_chat("000-149", "zephyr-alpha")

    def test_trailing_comma_load_balanced(self):
        self.check_chat("000-360", "zephyr-beta")

    def test_dynamic_fallbacks_retries_and_timeout(self):
        self.check_chat("000-414", "zephyr-beta")

    def test_same_request_twice(self):
        self.check_chat("000-502", "gpt-3.5-turbo")
        self.check_chat("000-510", "gpt-3.5-turbo")

    def test_caching_per_request(self):
        self.check_chat("000-523", "gpt-3.5-turbo")
        self.check_chat("000-532", "gpt-3.5-turbo")

    def test_group_name_of_another_provider(self):
        self.check_chat("001-221", "bedrock-cohere")

    def test_metadata_tags(self):
        self.check_chat("003-142", "gpt-3.5-turbo")

    def test_spend_logs_metadata(self):
        self.check_chat("003-294", "gpt-3.5-turbo")

    def test_comment_in_the_body(self):
        self.check_chat("003-791", "gpt-3.5-turbo")


class KeyedSeeds(Seeds):
    def test_model_info_with_empty_data(self):
        """curl --data '' makes this a POST with an empty body."""
        status, body = run_curl("001-244", self.gateway)
        self.assertEqual(status, 200, body)
        self.assertEqual({row["model_name"] for row in json.loads(body)["data"]}, set(MODELS))

    def test_provider_wildcards(self):
        self.check_chat("001-267", "anthropic/claude-3-sonnet-20240229")
        self.check_chat("001-279", "groq/llama3-8b-8192")

    def test_fake_endpoint(self):
        self.check_chat("003-486", "fake-openai-endpoint")
        self.check_chat("003-877", "fake-openai-endpoint")

    def test_embeddings(self):
        status, body = run_curl("003-496", self.gateway)
        self.assertEqual(status, 200, body)
        self.assertEqual(json.loads(body)["data"][0]["object"], "embedding")


if __name__ == "__main__":
    unittest.main()
