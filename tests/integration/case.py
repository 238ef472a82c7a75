"""Base class of the integration tests: one mock and one gateway per class, stopped and checked at the end."""

import concurrent.futures
import unittest

from processes import KEY, Gateway, Mock


def together(calls):
    """The results of all calls, made at the same time."""
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def ids(replies):
    """The rows that answered."""
    return [reply.headers["x-litellm-model-id"] for reply in replies]


class GatewayCase(unittest.TestCase):
    """Subclasses give config(mock) and, when they need them, `args` and `env`."""

    args = ()
    env = None
    key = KEY
    maxDiff = None

    @classmethod
    def config(cls, mock):
        raise NotImplementedError

    @classmethod
    def document(cls, mock):
        """The config with the class's master key, unless the class is keyless or sets its own."""
        document = cls.config(mock)
        if cls.key:
            document.setdefault("general_settings", {}).setdefault("master_key", cls.key)
        return document

    @classmethod
    def setUpClass(cls):
        cls.mock = Mock()
        cls.addClassCleanup(cls.mock.stop)
        cls.gateway = Gateway(cls.document(cls.mock), cls.args, cls.env, cls.key)
        cls.addClassCleanup(cls.end_gateway)

    @classmethod
    def end_gateway(cls):
        code = cls.gateway.stop()
        if code != 0:
            raise AssertionError(f"the gateway ended with {code}:\n{cls.gateway.log()[-8000:]}")

    def setUp(self):
        self.mock.reset()

    def assert_alive(self):
        """After something hostile: the server still answers."""
        self.assertEqual(self.gateway.get("/health/liveliness").status, 200)

    def assert_status(self, reply, status):
        self.assertEqual(reply.status, status, reply.body[:2000])
