"""The two processes of an integration test: the scripted upstream and the real gateway, both on port 0.
Readiness is read from their output and confirmed over HTTP; nothing here waits for a fixed time."""

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
import time

import web

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build" / "release"
GATEWAY_BINARY = os.environ.get("SWITCHYARD_BIN", str(BUILD / "switchyard"))
MOCK_BINARY = os.environ.get("MOCK_UPSTREAM_BIN", str(BUILD / "mock_upstream"))
SLOW = float(os.environ.get("SWITCHYARD_TEST_SLOWNESS", "1"))  # sanitizer builds set more
KEY = "sk-1234"
UPSTREAM_KEY = "sk-upstream-0123456789abcdef"
SANITIZER = re.compile(r"ERROR: (Address|Leak)Sanitizer|runtime error:")


def wait_until(predicate, timeout=10.0, what="condition"):
    """The first true value of predicate(); fails the test when it stays false."""
    pause = threading.Event()
    end = time.monotonic() + timeout * SLOW
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"timed out waiting for {what}")
        pause.wait(0.005)


class Process:
    """A child process whose output is collected line by line."""

    def __init__(self, command, env=None, cwd=None):
        self.lines = []
        self._arrived = threading.Condition()
        self._ended = False
        self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, env=env, cwd=cwd)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for raw in self.child.stdout:
            with self._arrived:
                self.lines.append(raw.decode("utf-8", "replace").rstrip("\n"))
                self._arrived.notify_all()
        with self._arrived:
            self._ended = True
            self._arrived.notify_all()

    def log(self):
        with self._arrived:
            return "\n".join(self.lines)

    def wait_line(self, pattern, timeout=15.0, start=0):
        """The match of the first line from number `start` on in which `pattern` is found."""
        end = time.monotonic() + timeout * SLOW
        seen = start
        with self._arrived:
            while True:
                for line in self.lines[seen:]:
                    found = re.search(pattern, line)
                    if found:
                        return found
                seen = max(seen, len(self.lines))
                left = end - time.monotonic()
                if self._ended or left <= 0:
                    raise AssertionError(f"no line matches {pattern!r} in:\n" + "\n".join(self.lines))
                self._arrived.wait(left)

    def send(self, number):
        self.child.send_signal(number)

    def stop(self, number=signal.SIGTERM, timeout=20.0):
        """Ends the process and returns its exit code."""
        if self.child.poll() is None:
            self.send(number)
        return self.wait_end(timeout)

    def wait_end(self, timeout=20.0):
        """The exit code; a process that does not end by itself is killed and fails the test."""
        try:
            code = self.child.wait(timeout * SLOW)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise AssertionError(f"did not end within {timeout} s:\n{self.log()}") from None
        self._reader.join()
        self.child.stdout.close()
        return code


class Mock(Process):
    """bench/mock_upstream: behaviour by model name ("mock-delay-250+status-429"), counters under /__mock/."""

    def __init__(self, *args):
        super().__init__([MOCK_BINARY, "--port", "0", "--record", "100", *args])
        self.port = int(self.wait_line(r"listening on (\d+)").group(1))
        self.url = f"http://127.0.0.1:{self.port}"

    def stats(self):
        return web.request(self.port, "GET", "/__mock/stats").json()

    def reset(self):
        web.request(self.port, "POST", "/__mock/reset")

    def script(self, model, *steps):
        """Behaviours consumed one per request of `model`, e.g. {"status": 500, "times": 2}."""
        body = [{"model": model, **step} for step in steps]
        reply = web.request(self.port, "POST", "/__mock/script", body)
        assert reply.status == 200, reply.body

    def requests(self):
        return self.stats()["requests"]

    def count(self, model):
        """Requests for one upstream model name."""
        return self.stats()["by_model"].get(model, {}).get("requests", 0)

    def bytes_out(self):
        return self.stats()["bytes"]["out"]

    def aborts(self):
        """Unix times at which the mock noticed that its client had left before the reply was complete."""
        return [abort["at_unix_ms"] / 1000 for abort in self.stats()["aborts"]]

    def last(self):
        """The last request as it arrived here."""
        return Echo(web.request(self.port, "GET", "/__mock/requests").json()[-1])

    def row(self, name, words, info=None, **params):
        """A model_list row whose upstream is this mock; `words` is the behaviour without "mock-"."""
        row = {"model_name": name, "litellm_params": {
            "model": f"openai/mock-{words}", "api_base": f"{self.url}/v1", "api_key": UPSTREAM_KEY, **params}}
        if info:
            row["model_info"] = info
        return row


def base_env(extra=None):
    """The environment of a gateway: nothing of the developer's own settings or proxies."""
    env = {"PATH": os.environ.get("PATH", ""), "HOME": os.environ.get("HOME", "/"),
           "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0", "UBSAN_OPTIONS": "print_stacktrace=1"}
    env.update(extra or {})
    return env


class Gateway(Process):
    """The real binary. `config` is a dict (written as JSON, which is YAML), a text, or None for no file. `data` is a
    data directory that outlives the process; without one it has its own."""

    def __init__(self, config=None, args=(), env=None, key=KEY, tls=False, data=None):
        self.key = key
        self.tls = tls
        self.folder = tempfile.TemporaryDirectory(prefix="switchyard-test-")
        self.file = pathlib.Path(self.folder.name) / "config.yaml"
        command = [GATEWAY_BINARY]
        if config is not None:
            self.write(config)
            command += ["--config", str(self.file)]
        env = {"SWITCHYARD_DATA_DIR": data or str(pathlib.Path(self.folder.name) / "data"), **(env or {})}
        super().__init__([*command, "--port", "0", *args], env=base_env(env), cwd=self.folder.name)
        self.port = int(self.wait_line(r"https?://[^\s/]*:(\d+)").group(1))
        wait_until(self._alive, what="/health/liveliness")

    def write(self, config):
        """Writes the config file the way editors do: a new file renamed over the old one."""
        text = config if isinstance(config, str) else json.dumps(config, indent=1)
        fresh = self.file.with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(self.file)

    def _alive(self):
        if self.child.poll() is not None:
            raise AssertionError(f"the gateway ended with {self.child.returncode}:\n{self.log()}")
        try:
            return self.request("GET", "/health/liveliness").status == 200
        except OSError:
            return False

    def request(self, method, path, body=None, headers=None, key="default", timeout=30.0):
        return web.request(self.port, method, path, body, self._headers(headers, key), timeout * SLOW, self.tls)

    def _headers(self, headers, key):
        key = self.key if key == "default" else key
        auth = {"Authorization": f"Bearer {key}"} if key else {}
        return {**auth, **(headers or {})}

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body, **options):
        return self.request("POST", path, body, **options)

    def chat(self, model, headers=None, key="default", **fields):
        """POST /v1/chat/completions with one user message."""
        body = {"model": model, "messages": [{"role": "user", "content": "hello"}], **fields}
        return self.post("/v1/chat/completions", body, headers=headers, key=key)

    def begin_chat(self, model):
        """The same, but nobody waits for the reply: the open connection, which the caller closes."""
        body, headers = web.encode({"model": model, "messages": [{"role": "user", "content": "hello"}]},
                                   self._headers(None, "default"))
        connection = web.connect(self.port, 30 * SLOW, self.tls)
        connection.request("POST", "/v1/chat/completions", body, headers)
        return connection

    def stream(self, model, headers=None, path="/v1/chat/completions", **fields):
        """The same as a stream; read its events one by one."""
        body = {"model": model, "messages": [{"role": "user", "content": "hello"}], "stream": True, **fields}
        return web.Stream(self.port, path, body, self._headers(headers, "default"), 30 * SLOW, self.tls)

    def echo(self, model, headers=None, **fields):
        """What reached the upstream for one chat call to a row with the word "echo"."""
        reply = self.chat(model, headers, **fields)
        assert reply.status == 200, (reply.status, reply.body)
        return Echo(json.loads(reply.json()["choices"][0]["message"]["content"]))

    def wait_end(self, timeout=20.0):
        code = super().wait_end(timeout)
        self.folder.cleanup()
        if SANITIZER.search(self.log()):
            raise AssertionError("a sanitizer reported:\n" + self.log()[-8000:])
        return code


class Echo:
    """The request as the upstream saw it."""

    def __init__(self, seen):
        self.method, self.path, self.query = seen["method"], seen["path"], seen["query"]
        self.headers = seen["headers"]
        self.raw = seen["body"]
        self.body = seen["json"]
