"""OpenAI's Python SDK and its realtime client through the gateway, in front of a scripted upstream."""

import unittest

import openai
from sdk_case import SdkCase
from websocket import Upstream


class Realtime(SdkCase):
    @classmethod
    def setUpClass(cls):
        cls.upstream = Upstream()
        cls.addClassCleanup(cls.upstream.stop)
        super().setUpClass()

    @classmethod
    def config(cls, mock):
        return {"model_list": [cls.upstream.row("voice", "talker")]}

    def client(self, key):
        client = openai.OpenAI(api_key=key, base_url=self.base_url, max_retries=0)
        self.addCleanup(client.close)
        return client

    def test_a_conversation(self):
        with self.client(self.key).realtime.connect(model="voice") as connection:
            self.assertEqual(connection.recv().type, "session.created")
            connection.response.create()
            events = []
            for event in connection:
                events.append(event)
                if event.type == "response.done":
                    break
            self.assertEqual([event.type for event in events],
                             ["response.created", "response.output_text.delta", "response.done"])
            self.assertEqual(events[1].delta, "Hello")
            self.assertEqual(events[2].response.usage.total_tokens, 30)
        self.assertEqual(self.upstream.sessions[-1].headers["authorization"], "Bearer sk-upstream-0123456789abcdef")

    def test_a_wrong_key(self):
        with self.assertRaises(Exception) as caught:
            with self.client("sk-wrong").realtime.connect(model="voice"):
                pass
        self.assertIn("401", str(caught.exception))


if __name__ == "__main__":
    unittest.main()
