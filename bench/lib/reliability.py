#!/usr/bin/env python3
"""What limits, waiting, hedging and coalescing do under load: one gateway per case in front of the same mock.
Prints markdown tables. Started by bench/reliability.sh."""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import urllib.request

import procs
import proxies
import scenarios

KEY = "sk-1234"
ROOM, DELAY_MS, OVERLOAD = 100, 100, 10
CAPACITY = ROOM * 1000 / DELAY_MS  # requests per second that the rows take


def row(upstream, words, **params):
    return {"model_name": "gpt-4o-mini", "litellm_params": {
        "model": f"openai/mock-{words}", "api_base": f"http://127.0.0.1:{upstream}/v1", "api_key": "sk-upstream", **params}}


def four_rows(upstream, **router):
    """Room for 100 requests that take 100 ms each: 1000 per second."""
    return {"model_list": [row(upstream, f"delay-{DELAY_MS}", max_parallel_requests=ROOM // 4) for _ in range(4)],
            "router_settings": {"num_retries": 0, "routing_strategy": "least-busy", **router}}


def slow_tail(upstream, **router):
    """Nineteen of twenty requests take 20 ms, the others 400 ms."""
    return {"model_list": [row(upstream, "delay-20", weight=95), row(upstream, "delay-20", weight=95),
                           row(upstream, "delay-400", weight=10)],
            "router_settings": {"num_retries": 0, **router}}


class Case:
    """A mock and a gateway with its own config."""

    def __init__(self, options, config, folder):
        self.options = options
        self.mock = procs.Pinned([f"{options.build}/mock_upstream", "--port", "0"], options.load_cpu,
                                 stdout=subprocess.PIPE, text=True)
        self.upstream = int(self.mock.child.stdout.readline().split()[-1])
        document = {**config(self.upstream), "general_settings": {"master_key": KEY}}
        path = pathlib.Path(folder) / "config.yaml"
        path.write_text(json.dumps(document))
        port = procs.free_port()
        command = [options.switchyard, "--config", str(path), "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
        self.proxy = proxies.Proxy("switchyard", command, options.proxy_cpu, port, log=subprocess.DEVNULL)
        scenarios.Bench.first_answer(self)

    def key_header(self):
        return scenarios.KEY_HEADER

    def load(self, *arguments):
        command = [f"{self.options.build}/load", "--url", f"http://127.0.0.1:{self.proxy.port}{scenarios.PATH}",
                   "--header", self.key_header(), *map(str, arguments)]
        child = procs.Pinned(command, self.options.load_cpu, stdout=subprocess.PIPE, text=True)
        return json.loads(child.child.communicate()[0])

    def upstream_calls(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.upstream}/__mock/stats") as reply:
            return json.load(reply)["requests"]

    def rss_mb(self):
        return self.proxy.rss_kb() / 1024

    def stop(self):
        self.proxy.stop()
        self.mock.stop()
        self.mock.child.stdout.close()


def with_case(options, config, measure):
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        case = Case(options, config, folder)
        try:
            return measure(case)
        finally:
            case.stop()


def overload(options, **router):
    def measure(case):
        calm = case.load("--connections", ROOM, "--seconds", options.seconds)
        before = case.rss_mb()
        storm = case.load("--connections", 3000, "--rate", CAPACITY * OVERLOAD, "--warmup", 2, "--seconds", options.seconds)
        middle = case.rss_mb()
        again = case.load("--connections", 3000, "--rate", CAPACITY * OVERLOAD, "--warmup", 1, "--seconds", options.seconds)
        served = [run["status"].get("200", 0) / options.seconds for run in (storm, again)]
        refused = storm["status"].get("429", 0)
        return {"capacity": calm["rps"], "offered": storm["requests"] / options.seconds, "served": sum(served) / 2,
                "refused_per_s": refused / options.seconds, "refused_ms": storm["refused_ms"],
                "rss_mb": (before, middle, case.rss_mb()), "status": storm["status"], "errors": storm["errors"]}
    return with_case(options, lambda upstream: four_rows(upstream, **router), measure)


def print_overload(options):
    print(f"| {OVERLOAD}x overload | offered/s | served/s | of capacity | refused/s | refusal p50 ms | p99 ms | RSS MB before, during, after |")
    print("|---|---|---|---|---|---|---|---|")
    cases = (("refused at once (`max_queued_requests: 0`)", {"max_queued_requests": 0}),
             ("waiting up to 1 s (`queue_timeout: 1`, 100 places)", {"max_queued_requests": 100, "queue_timeout": 1}))
    for name, router in cases:
        r = overload(options, **router)
        rss = ", ".join(f"{mb:.1f}" for mb in r["rss_mb"])
        print(f"| {name} | {r['offered']:.0f} | {r['served']:.0f} | {r['served'] / r['capacity']:.0%} | {r['refused_per_s']:.0f} | "
              f"{r['refused_ms']['p50']:.2f} | {r['refused_ms']['p99']:.2f} | {rss} |", flush=True)
        print(json.dumps(r), file=sys.stderr)


def hedging(options, **router):
    def measure(case):
        case.load("--connections", 16, "--rate", 400, "--seconds", 1)
        before = case.upstream_calls()
        r = case.load("--connections", 64, "--rate", 400, "--seconds", options.seconds * 2)
        return {"ms": r["latency_ms"], "calls": (case.upstream_calls() - before) / max(1, r["requests"])}
    return with_case(options, lambda upstream: slow_tail(upstream, **router), measure)


def print_hedging(options):
    print("\n| 1 of 20 requests takes 400 ms instead of 20 | p50 ms | p90 ms | p99 ms | upstream calls per request |")
    print("|---|---|---|---|---|")
    for name, router in (("off", {}), ("`hedged_requests`, `hedge_delay: 0.05`", {"hedged_requests": True, "hedge_delay": 0.05}),
                         ("`hedged_requests`, lowest 95th percentile of the rows", {"hedged_requests": True})):
        r = hedging(options, **router)
        print(f"| {name} | {r['ms']['p50']:.1f} | {r['ms']['p90']:.1f} | {r['ms']['p99']:.1f} | {r['calls']:.3f} |", flush=True)


def coalescing(options, **router):
    def config(upstream):
        return {"model_list": [row(upstream, "delay-50")], "router_settings": router}

    def measure(case):
        before = case.upstream_calls()
        r = case.load("--connections", 64, "--seconds", options.seconds)
        return {"rps": r["rps"], "calls": (case.upstream_calls() - before) / max(1, r["requests"])}
    return with_case(options, config, measure)


def print_coalescing(options):
    print("\n| 64 clients, one prompt, 50 ms | answered/s | upstream calls per request |")
    print("|---|---|---|")
    for name, router in (("off", {}), ("`coalesce_requests`", {"coalesce_requests": True})):
        r = coalescing(options, **router)
        print(f"| {name} | {r['rps']:.0f} | {r['calls']:.3f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="bench/reliability.sh", description=__doc__)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--switchyard")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--proxy_cpu", type=int, default=0)
    parser.add_argument("--load_cpu", type=int, default=1)
    parser.add_argument("--only", default="overload,hedging,coalescing")
    options = parser.parse_args()
    options.switchyard = options.switchyard or f"{options.build}/switchyard"
    tables = {"overload": print_overload, "hedging": print_hedging, "coalescing": print_coalescing}
    for name in options.only.split(","):
        tables[name](options)


if __name__ == "__main__":
    main()
