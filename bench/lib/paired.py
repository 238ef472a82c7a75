#!/usr/bin/env python3
"""Ratios that stand on a noisy machine: all proxies live at once and take turns in slices of half a second, in random
order; each slice is divided by the reference's slice of the same round. Started by bench/paired.sh.
Exit code: 0 all required ratios hold, 1 one does not, 3 one cannot be told (its interval covers the limit)."""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time

import procs
import proxies
import scenarios

CHUNKS = ["--connections", 128, "--model", "mock-stream-50x4ms", "--stream"]
PLAIN = ["--connections", 64]
# name -> (proxy, load arguments, what a unit of work is)
ROWS = {
    "haproxy": ("haproxy", PLAIN, "requests"), "nginx": ("nginx", PLAIN, "requests"),
    "plain": ("switchyard", PLAIN, "requests"), "keys": ("keys", PLAIN, "requests"),
    "anthropic": ("switchyard", [*PLAIN, "--model", "claude-sonnet-4-5"], "requests"),
    "nginx paced": ("nginx", CHUNKS, "events"), "haproxy paced": ("haproxy", CHUNKS, "events"),
    "paced": ("switchyard", CHUNKS, "events"),
}
# row, reference, figure, limit
REQUIRED = [("plain", "haproxy", "rate", ">=", 0.75), ("plain", "haproxy", "cpu", "<=", 1.35),
            ("paced", "nginx paced", "cpu", "<=", 1.2), ("anthropic", "plain", "cpu", "<=", 1.3),
            ("keys", "haproxy", "rate", ">=", 0.65), ("keys", "haproxy", "cpu", "<=", 1.6),
            ("keys", "haproxy", "shard_cpu", "<=", 1.6)]


def arguments():
    parser = argparse.ArgumentParser(prog="bench/paired.sh", description=__doc__)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--switchyard", help="the binary under test (BUILD/switchyard)")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=0.5, help="per slice")
    parser.add_argument("--rows", default="haproxy,nginx,plain,anthropic", help="of: " + ", ".join(ROWS))
    parser.add_argument("--proxy_cpu", type=int, default=0)
    parser.add_argument("--load_cpu", type=int, default=1)
    options = parser.parse_args()
    options.switchyard = options.switchyard or f"{options.build}/switchyard"
    return options


def shard_ns(proxy):
    """CPU time of the shard's own thread; of all threads where there are no shards."""
    return proxy.cpu_ns(lambda name: name.startswith("shard-")) or proxy.cpu_ns()


def slice_of(options, proxy, load, unit):
    """CPU time per unit, of all threads and of the shard, and units per second."""
    stream = unit == "events"
    port = proxy.stream_port if stream else proxy.port
    key = getattr(proxy, "key_header", scenarios.KEY_HEADER)
    command = [f"{options.build}/load", "--url", f"http://127.0.0.1:{port}{scenarios.PATH}", "--header", key,
               "--seconds", str(options.seconds), *map(str, load)]
    cpu, shard = proxy.cpu_ns(), shard_ns(proxy)
    child = procs.Pinned(command, options.load_cpu, stdout=subprocess.PIPE, text=True)
    result = json.loads(child.child.communicate()[0])
    if scenarios.failures(result):
        raise RuntimeError(f"{proxy.name}: {result['status']} {result['errors']}")
    done = max(1, result[unit])
    return {"cpu": (proxy.cpu_ns() - cpu) / done, "shard_cpu": (shard_ns(proxy) - shard) / done,
            "rate": done / options.seconds}


def measured(options, live):
    """Per row the figures of every round."""
    out = {name: [] for name in live}
    for number in range(options.rounds + 1):
        for name in random.sample(list(live), len(live)):
            figures = slice_of(options, live[name], *ROWS[name][1:])
            if number > 0:  # the first round warms up
                out[name].append(figures)
        time.sleep(0.1)  # writers come to rest between rounds
    return out


def interval(values):
    """Median and its interval of 95 %, by order statistics."""
    values = sorted(values)
    reach = int(len(values) ** 0.5 * 0.98) + 1
    middle = len(values) // 2
    return statistics.median(values), values[max(0, middle - reach)], values[min(len(values) - 1, middle + reach)]


def judged(figures, row, reference, figure, sign, limit):
    base = "cpu" if figure == "shard_cpu" else figure
    median, low, high = interval([a[figure] / b[base] for a, b in zip(figures[row], figures[reference])])
    holds = [value <= limit if sign == "<=" else value >= limit for value in (low, median, high)]
    verdict = "PASS" if all(holds) else "FAIL" if not any(holds) else "not certain"
    name = {"cpu": "CPU", "rate": "throughput", "shard_cpu": "CPU of the shard's thread"}[figure]
    print(f"| {row}: {name} / {reference} | {median:.2f} | {low:.2f} to {high:.2f} | {sign} {limit} | {verdict} |")
    return verdict


def main():
    options = arguments()
    names = options.rows.split(",")
    started = {}
    with tempfile.TemporaryDirectory(prefix="paired-") as folder, open("/dev/null", "w") as log:
        mock = procs.Pinned([f"{options.build}/mock_upstream", "--port", "0"], options.load_cpu, stdout=subprocess.PIPE,
                            text=True)
        upstream = int(mock.child.stdout.readline().split()[-1])
        try:
            for kind in dict.fromkeys(ROWS[name][0] for name in names):
                home = tempfile.mkdtemp(dir=folder)
                started[kind] = proxies.BUILT_IN[kind](options, home, upstream, log)
            time.sleep(1.5)
            figures = measured(options, {name: started[ROWS[name][0]] for name in names})
        finally:
            for proxy in [*started.values(), mock]:
                proxy.stop()
    print(f"{options.rounds} rounds of slices of {options.seconds} s, in random order; medians\n")
    print("| row | us of CPU per request or chunk | least | of them the shard's |\n|---|---|---|---|")
    for name in names:
        cpu = [row["cpu"] / 1e3 for row in figures[name]]
        print(f"| {name} | {statistics.median(cpu):.1f} | {min(cpu):.1f} | "
              f"{statistics.median(row['shard_cpu'] / 1e3 for row in figures[name]):.1f} |")
    print("\n| ratio | median | 95 % of medians | required | |\n|---|---|---|---|---|")
    verdicts = [judged(figures, *row) for row in REQUIRED if row[0] in names and row[1] in names]
    sys.exit(1 if "FAIL" in verdicts else 3 if "not certain" in verdicts else 0)


if __name__ == "__main__":
    main()
