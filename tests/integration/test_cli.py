"""The command line and what the process says about itself (issue 2, sections 2 and 6)."""

import json
import pathlib
import re
import socket
import subprocess
import tempfile
import unittest

from processes import GATEWAY_BINARY, ROOT, SLOW, UPSTREAM_KEY, Gateway, Mock, base_env, wait_until

ROW = {"model_name": "a", "litellm_params": {"model": "openai/x", "api_base": "http://127.0.0.1:9", "api_key": "k"}}


class CommandLine(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_binary(self, *args, env=None):
        """(exit code, everything printed) of a run that ends by itself."""
        done = subprocess.run([GATEWAY_BINARY, *map(str, args)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env=base_env(env), cwd=self.folder, timeout=30 * SLOW)
        return done.returncode, done.stdout.decode("utf-8", "replace")

    def file(self, content, name="config.yaml"):
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    def serve(self, *args, **options):
        gateway = Gateway(*args, **options)
        self.addCleanup(gateway.stop)
        return gateway

    def mock(self):
        mock = Mock()
        self.addCleanup(mock.stop)
        return mock


class OneShot(CommandLine):
    def test_version(self):
        for flag in ("--version", "-v"):
            code, text = self.run_binary(flag)
            self.assertEqual(code, 0)
            self.assertRegex(text, r"\d+\.\d+\.\d+")

    def test_help_names_every_option(self):
        code, text = self.run_binary("--help")
        self.assertEqual(code, 0)
        for option in ("config model alias host port num_workers api_base api_version temperature max_tokens "
                       "request_timeout drop_params add_function_to_prompt debug detailed_debug test health version "
                       "telemetry ssl_keyfile_path ssl_certfile_path validate_config").split():
            self.assertIn("--" + option, text)

    def test_unknown_option(self):
        code, text = self.run_binary("--no-such-option")
        self.assertNotEqual(code, 0)
        self.assertIn("no-such-option", text)

    def test_config_reference_is_the_committed_one(self):
        code, text = self.run_binary("--print-config-reference")
        self.assertEqual(code, 0)
        self.assertEqual(text, (ROOT / "docs" / "config.md").read_text(encoding="utf-8"))

    def test_validate_a_good_file(self):
        code, text = self.run_binary("--config", self.file({"model_list": [ROW]}), "--validate_config")
        self.assertEqual(code, 0, text)

    def test_validate_the_shipped_examples(self):
        for path in sorted((ROOT / "config").glob("*.yaml")):
            with self.subTest(file=path.name):
                code, text = self.run_binary("--config", path, "--validate_config", env={"LITELLM_MASTER_KEY": "sk-1"})
                self.assertEqual(code, 0, text)

    def test_validate_reports_all_errors_at_once(self):
        bad = "router_settings:\n  num_retries: many\n  timeout: soon\nlitellm_settings:\n  drop_params: [1]\n"
        code, text = self.run_binary("--config", self.file(bad), "--validate_config")
        self.assertEqual(code, 1)
        for line, key in ((2, "num_retries"), (3, "timeout"), (5, "drop_params")):
            self.assertRegex(text, rf"config\.yaml:{line}\b.*{key}")

    def test_unknown_key_gets_a_suggestion(self):
        config = {"model_list": [ROW], "router_settings": {"num_retry": 3}}
        code, text = self.run_binary("--config", self.file(config), "--validate_config")
        self.assertEqual(code, 0)
        self.assertRegex(text, r"num_retry\b.*num_retries")

    def test_keys_without_effect_yet_are_named(self):
        config = {"model_list": [ROW], "general_settings": {"alerting": ["slack"]},
                  "litellm_settings": {"success_callback": ["langfuse"]}}
        _, text = self.run_binary("--config", self.file(config), "--validate_config")
        self.assertIn("alerting", text)
        self.assertIn("success_callback", text)

    def test_bad_row_is_named_and_skipped(self):
        config = {"model_list": [ROW, {"model_name": "b", "litellm_params": {"model": "openai/x", "rpm": "six"}}]}
        gateway = self.serve(config, key=None)
        # The log has a thread of its own: it may be behind the banner.
        wait_until(lambda: re.search(r"config\.yaml:\d+.*rpm", gateway.log()), what="the row to be named")
        names = [model["id"] for model in gateway.get("/v1/models").json()["data"]]
        self.assertEqual(names, ["a"])

    def test_bad_files_stop_the_start(self):
        for text in ("model_list: [", "- just\n- a list\n", "\x00\x01\x02", "model_list: {a: 1}", "a: *unknown"):
            with self.subTest(text=text):
                code, said = self.run_binary("--config", self.file(text), "--port", "0")
                self.assertNotEqual(code, 0)
                self.assertIn("config.yaml", said)

    def test_missing_file(self):
        code, text = self.run_binary("--config", "/no/such/file.yaml", "--port", "0")
        self.assertNotEqual(code, 0)
        self.assertIn("/no/such/file.yaml", text)

    def test_missing_include(self):
        path = self.file({"include": ["other.yaml"], "model_list": []})
        code, text = self.run_binary("--config", path, "--port", "0")
        self.assertNotEqual(code, 0)
        self.assertIn("other.yaml", text)

    def test_busy_port(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            code, text = self.run_binary("--config", self.file({"model_list": [ROW]}), "--host", "127.0.0.1",
                                         "--port", port)
        self.assertNotEqual(code, 0)
        self.assertRegex(text, rf"(?i){port}.*(in use|busy)|(in use|busy).*{port}")

    def test_bad_certificate(self):
        broken = self.file("not a certificate", "cert.pem")
        code, text = self.run_binary("--config", self.file({"model_list": [ROW]}), "--port", "0",
                                     "--ssl_keyfile_path", broken, "--ssl_certfile_path", broken)
        self.assertNotEqual(code, 0)
        self.assertIn("cert.pem", text)


class Serving(CommandLine):
    def test_banner(self):
        mock = self.mock()
        gateway = self.serve({"model_list": [mock.row("gpt-4o", "as-a"), mock.row("claude", "as-b")]}, key=None)
        self.assertIn("gpt-4o", gateway.log())
        self.assertIn("claude", gateway.log())
        self.assertIn(f":{gateway.port}", gateway.log())

    def test_test_and_health_against_a_running_server(self):
        mock = self.mock()
        gateway = self.serve({"model_list": [mock.row("gpt-3.5-turbo", "as-a")]}, key=None)
        code, text = self.run_binary("--test", f"http://127.0.0.1:{gateway.port}")
        self.assertEqual(code, 0, text)
        self.assertIn("chat.completion", text)
        code, text = self.run_binary("--health", "--port", gateway.port)
        self.assertEqual(code, 0, text)
        self.assertIn("healthy_count", text)

    def test_test_against_nothing(self):
        code, _ = self.run_binary("--test", "http://127.0.0.1:1")
        self.assertNotEqual(code, 0)

    def test_model_alone_serves_any_name(self):
        mock = self.mock()
        args = ("--model", "hosted_vllm/mock-echo", "--api_base", mock.url, "--temperature", "0.3", "--max_tokens", "17")
        gateway = self.serve(args=args, key=None)
        for name in ("gpt-3.5-turbo", "anything/at-all", "hosted_vllm/mock-echo"):
            echo = gateway.echo(name)
            self.assertEqual(echo.body["model"], "mock-echo")
            self.assertEqual((echo.body["temperature"], echo.body["max_tokens"]), (0.3, 17))

    def test_model_ollama_llama2_starts(self):
        gateway = self.serve(args=("--model", "ollama/llama2"), key=None)
        self.assertEqual(gateway.get("/v1/models").status, 200)

    def test_alias(self):
        mock = self.mock()
        gateway = self.serve(args=("-m", "openai/mock-echo", "--api_base", f"{mock.url}/v1", "--alias", "my-gpt"),
                             env={"OPENAI_API_KEY": UPSTREAM_KEY}, key=None)
        names = [model["id"] for model in gateway.get("/v1/models").json()["data"]]
        self.assertEqual(names, ["my-gpt"])
        self.assertEqual(gateway.echo("my-gpt").headers["authorization"], f"Bearer {UPSTREAM_KEY}")

    def test_config_file_path_from_the_environment(self):
        gateway = self.serve(args=("--host", "127.0.0.1"), env={"CONFIG_FILE_PATH": str(self.file({"model_list": [ROW]}))},
                             key=None)
        self.assertEqual([m["id"] for m in gateway.get("/v1/models").json()["data"]], ["a"])

    def test_environment_references_and_variables(self):
        mock = self.mock()
        row = mock.row("a", "echo", api_key="os.environ/MADE_HERE", extra_body={"list": ["os.environ/IN_A_LIST"]})
        config = {"environment_variables": {"MADE_HERE": "sk-made-here"}, "model_list": [row]}
        echo = self.serve(config, env={"IN_A_LIST": "deep"}, key=None).echo("a")
        self.assertEqual(echo.headers["authorization"], "Bearer sk-made-here")
        self.assertEqual(echo.body["list"], ["deep"])

    def test_telemetry_is_accepted(self):
        self.serve({"model_list": [ROW]}, args=("--telemetry", "False"), key=None)

    def test_several_workers_share_the_port(self):
        mock = self.mock()
        gateway = self.serve({"model_list": [mock.row("a", "as-a")]}, args=("--num_workers", "3"), key=None)
        self.assertEqual({gateway.chat("a").status for _ in range(60)}, {200})

    def test_debug_prints_a_curl_with_the_key_masked(self):
        mock = self.mock()
        secret = "sk-qnWGUIW9abcdefghijklmnopqrstuvwxyz0123456789"
        gateway = self.serve({"model_list": [mock.row("a", "as-a", api_key=secret)]}, args=("--debug",), key=None)
        start = len(gateway.lines)
        self.assertEqual(gateway.chat("a").status, 200)
        gateway.wait_line("curl -X POST", start=start)
        gateway.wait_line(rf"{re.escape(mock.url)}/v1/chat/completions", start=start)
        gateway.wait_line(r"[Aa]uthorization: Bearer sk-[\w-]{0,8}\*+", start=start)
        gateway.wait_line('"content": ?"hello"', start=start)
        self.assertNotIn(secret, gateway.log())
        self.assertNotIn(secret[12:], gateway.log())

    def test_logs_hold_no_key(self):
        mock = self.mock()
        gateway = self.serve({"model_list": [mock.row("a", "status-401")], "general_settings": {"master_key": "sk-master-9876"}},
                             args=("--detailed_debug",), key="sk-master-9876")
        self.assertEqual(gateway.chat("a").status, 401)
        gateway.chat("a", key="sk-wrong-key-abcdefgh")
        for secret in ("sk-master-9876", UPSTREAM_KEY, "wrong-key-abcdefgh"):
            self.assertNotIn(secret, gateway.log())

    def test_json_logs(self):
        mock = self.mock()
        gateway = self.serve({"model_list": [mock.row("a", "status-500")], "router_settings": {"num_retries": 0}},
                             env={"JSON_LOGS": "True"}, key=None)
        gateway.chat("a")
        gateway.stop()
        lines = [line for line in gateway.lines if line.startswith("{")]
        self.assertTrue(lines)
        for line in lines:
            json.loads(line)


if __name__ == "__main__":
    unittest.main()
