"""Runs openai.test.mjs (OpenAI's Node SDK) against the real binary and shows what node says when it fails."""

import os
import pathlib
import subprocess
import unittest

from sdk_case import SdkCase

HERE = pathlib.Path(__file__).resolve().parent


class Node(SdkCase):
    def test_openai_sdk(self):
        env = {"PATH": os.environ["PATH"], "BASE_URL": self.base_url, "KEY": self.key, "MOCK_URL": self.mock.url,
               "GATEWAY_URL": f"http://127.0.0.1:{self.gateway.port}"}
        done = subprocess.run(["node", "--test", str(HERE / "openai.test.mjs")], env=env, cwd=HERE,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, text=True)
        print(done.stdout)
        self.assertEqual(done.returncode, 0, "node --test failed")
        self.assertRegex(done.stdout, r"# pass [1-9]|pass [1-9]")


if __name__ == "__main__":
    unittest.main()
