"""What is measured: each function drives one running proxy and returns a dict of figures."""

import json
import socket
import subprocess
import time

import procs

KEY_HEADER = "Authorization: Bearer sk-1234"
PATH = "/v1/chat/completions"
PROBE = json.dumps({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello"}]}).encode()


class Bench:
    """One round of one proxy: a fresh mock, a fresh proxy."""

    def __init__(self, options, start, folder, log):
        self.options = options
        self.mock = procs.Pinned([f"{options.build}/mock_upstream", "--port", "0"], options.load_cpu,
                                 stdout=subprocess.PIPE, text=True)
        self.upstream = int(self.mock.child.stdout.readline().split()[-1])
        began = time.monotonic()
        self.proxy = start(options, folder, self.upstream, log)
        try:
            self.start_ms = (self.first_answer() - began) * 1000
        except RuntimeError:
            self.stop()
            raise

    def key_header(self):
        return getattr(self.proxy, "key_header", KEY_HEADER)

    def stop(self):
        self.proxy.stop()
        self.mock.stop()
        self.mock.child.stdout.close()

    def first_answer(self):
        """When the first chat request was answered with 200."""
        request = (f"POST {PATH} HTTP/1.1\r\nHost: x\r\n{self.key_header()}\r\nContent-Type: application/json\r\n"
                   f"Connection: close\r\nContent-Length: {len(PROBE)}\r\n\r\n").encode() + PROBE
        end = time.monotonic() + 10
        answer = b""
        while time.monotonic() < end:
            try:
                with socket.create_connection(("127.0.0.1", self.proxy.port), timeout=5) as client:
                    client.sendall(request)
                    answer = client.recv(4096)
                if answer.startswith(b"HTTP/1.1 200"):
                    return time.monotonic()
            except OSError:
                pass
            time.sleep(0.001)
        raise RuntimeError(f"{self.proxy.name} does not answer (see --log): {answer[:300]!r}")

    def load_command(self, *arguments, stream=False):
        port = self.proxy.stream_port if stream else self.proxy.port
        return [f"{self.options.build}/load", "--url", f"http://127.0.0.1:{port}{PATH}", "--header", self.key_header(),
                *(["--stream"] if stream else []), *map(str, arguments)]

    def load(self, *arguments, stream=False):
        """Runs load to its end: its report plus CPU figures of the same time span."""
        command = self.load_command(*arguments, stream=stream)
        busy, began = procs.busy_ns(), time.monotonic()
        cpu, mock_cpu = self.proxy.cpu_ns(), self.mock.cpu_ns()
        child = procs.Pinned(command, self.options.load_cpu, stdout=subprocess.PIPE, text=True)
        output = child.child.communicate()[0]
        result = json.loads(output)
        wall = time.monotonic() - began
        result["proxy_cpu_s"] = (self.proxy.cpu_ns() - cpu) / 1e9
        mock_cpu_s = (self.mock.cpu_ns() - mock_cpu) / 1e9
        ours = result["proxy_cpu_s"] + mock_cpu_s + result["cpu_s"]
        result["load_core"] = (mock_cpu_s + result["cpu_s"]) / wall
        result["foreign_cpu"] = max(0.0, (procs.busy_ns() - busy) / 1e9 - ours) / wall
        return result


def failures(result):
    """Answers other than 200 and broken connections; a figure with failures counts for nothing."""
    wrong = sum(count for status, count in result["status"].items() if status != "200")
    return wrong + sum(result["errors"].values()) + result["unfinished"]


def common(result):
    return {"failures": failures(result), "foreign_cpu": result["foreign_cpu"], "load_core": result["load_core"]}


def plain(bench, *more):
    bench.load("--connections", 64, "--seconds", 0.7, *more)
    r = bench.load("--connections", 64, "--seconds", bench.options.seconds, *more)
    return {"rps": r["rps"], "cpu_100k": r["proxy_cpu_s"] / max(1, r["requests"]) * 1e5,
            "p50_ms": r["latency_ms"]["p50"], "p99_ms": r["latency_ms"]["p99"], **common(r)}


def anthropic(bench):
    """plain, by a row whose upstream speaks Anthropic's Messages: what translating costs end to end."""
    return plain(bench, "--model", "claude-sonnet-4-5")


def stream(bench, model, connections):
    bench.load("--connections", connections, "--seconds", 0.4, "--model", model, stream=True)
    r = bench.load("--connections", connections, "--seconds", bench.options.seconds, "--model", model, stream=True)
    return {"chunks_per_s": r["events_per_s"], "cpu_100k": r["proxy_cpu_s"] / max(1, r["events"]) * 1e5,
            "stream_p50_ms": r["latency_ms"]["p50"], "stream_p99_ms": r["latency_ms"]["p99"],
            "first_byte_p50_ms": r["first_byte_ms"]["p50"], **common(r)}


def paced(bench):
    return stream(bench, "mock-stream-50x4ms", 128)


def burst(bench):
    return stream(bench, "mock-stream-50", 64)


def idle(bench):
    """512 keep-alive connections that have just been busy, then silent: memory and wake-ups."""
    command = bench.load_command("--connections", 512, "--seconds", 2, "--hold", 7)
    child = procs.Pinned(command, bench.options.load_cpu, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    child.child.stderr.readline()
    time.sleep(1)
    rss, before = bench.proxy.rss_kb(), bench.proxy.voluntary_switches()
    cpu = bench.proxy.cpu_ns()
    time.sleep(5)
    switches, used = bench.proxy.voluntary_switches() - before, bench.proxy.cpu_ns() - cpu
    result = json.loads(child.child.communicate()[0])
    return {"rss_mb": rss / 1024, "wakeups_per_s": switches / 5, "idle_cpu_ms_per_s": used / 5e6,
            "closed": result["closed_while_held"], "failures": failures(result)}


def startup(bench):
    return {"first_answer_ms": bench.start_ms, "rss_mb": bench.proxy.rss_kb() / 1024}


ALL = {"startup": startup, "plain": plain, "anthropic": anthropic, "paced": paced, "burst": burst, "idle": idle}
# What the other proxies have no row for.
GATEWAY_ONLY = {"anthropic"}
