"""Mixed load with aborts for a long time against one proxy: memory must not grow."""

import json
import pathlib
import statistics
import subprocess
import tempfile
import time

import procs
import scenarios

# Arguments of load, and whether it streams. Together about half of one core.
MIX = [
    (["--connections", 32, "--rate", 4000], False),
    (["--connections", 16, "--rate", 500, "--model", "mock-delay-20", "--abort-percent", 10], False),
    (["--connections", 32, "--abort-percent", 10, "--model", "mock-stream-50x4ms"], True),
    (["--connections", 8, "--rate", 100, "--abort-percent", 30, "--model", "mock-stream-50"], True),
    (["--connections", 64, "--rate", 8, "--model", "mock-status-500"], False),  # each waits for its retries
]
EMBEDDING = {"model": "text-embedding-3-small", "input": ["one", "two"]}


def start_mix(bench, seconds, folder):
    body = pathlib.Path(folder) / "embedding.json"
    body.write_text(json.dumps(EMBEDDING))
    commands = [bench.load_command(*arguments, "--seconds", seconds, stream=streams) for arguments, streams in MIX]
    embed = bench.load_command("--connections", 4, "--rate", 50, "--body", body, "--seconds", seconds)
    embed[embed.index("--url") + 1] = embed[embed.index("--url") + 1].replace("/chat/completions", "/embeddings")
    return [procs.Pinned(command, bench.options.load_cpu, stdout=subprocess.PIPE, text=True)
            for command in commands + [embed]]


def window(samples, begin, end):
    """Median RSS (MB) of that part of the samples."""
    part = samples[int(len(samples) * begin):max(int(len(samples) * end), int(len(samples) * begin) + 1)]
    return statistics.median(part) / 1024


def run(options, start, log):
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bench = scenarios.Bench(options, start, folder, log)
        try:
            files_before = bench.proxy.open_files()
            children = start_mix(bench, options.soak, folder)
            samples = []
            while any(child.child.poll() is None for child in children):
                samples.append(bench.proxy.rss_kb())
                time.sleep(1)
            results = [json.loads(child.child.communicate()[0]) for child in children]
            time.sleep(1)
            early, late = window(samples, 0.2, 0.3), window(samples, 0.9, 1.0)
            return {"seconds": options.soak, "rss_mb_early": early, "rss_mb_late": late, "growth_mb": late - early,
                    "peak_mb": max(samples) / 1024, "requests": sum(r["requests"] for r in results),
                    "aborted": sum(r["aborted"] for r in results), "unfinished": sum(r["unfinished"] for r in results),
                    "broken": sum(sum(r["errors"].values()) for r in results),
                    "files_before": files_before, "files_after": bench.proxy.open_files(),
                    "status": [r["status"] for r in results], "samples_mb": [round(s / 1024, 1) for s in samples[::10]]}
        finally:
            bench.stop()
