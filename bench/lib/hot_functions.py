#!/usr/bin/env python3
"""Writes cmake/hot_functions.txt, the order in which the linker lays out what runs per request: the real binary under
callgrind, plain, streamed, translated and with a virtual key. Started by bench/hot_functions.sh; counts instructions, so
that the machine's load does not matter."""

import pathlib
import re
import subprocess
import sys
import tempfile
import time
import types
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import proxies  # noqa: E402
import scenarios  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "cmake" / "hot_functions.txt"
RUNS = [("plain", "gpt-4o-mini", []), ("stream", "mock-stream-50", ["--stream"]),
        ("translated", "claude-sonnet-4-5", []), ("key", "gpt-4o-mini", [])]
HEAD = """# Sections of functions that run per request, hottest first: ld.gold's --section-ordering-file. A name that is gone does no
# harm, a new one only stands elsewhere. Made by bench/hot_functions.sh.
"""


def costs_of(path, binary):
    """Self cost of each function of the binary in a callgrind file."""
    names, costs, current, ours, skip = {}, {}, None, False, False
    for line in path.read_text(errors="replace").splitlines():
        if line.startswith(("fn=", "ob=")):
            kind, text = line.split("=", 1)
            number, _, name = text.partition(" ")
            if name:
                names[kind + number] = name
            if kind == "ob":
                ours = names.get("ob" + number, "").endswith(binary)
            else:
                current = names.get("fn" + number)
        elif line.startswith(("cfn=", "cob=")):
            number, _, name = line.split("=", 1)[1].partition(" ")
            if name:
                names[line[1:3] + number] = name
        elif line.startswith("calls="):
            skip = True  # the next line is the callee's
        elif re.match(r"[+\-*\d]", line):
            if not skip and ours and current:
                costs[current] = costs.get(current, 0) + int(line.split()[-1])
            skip = False
    return costs


def measured(build, name, model, arguments, folder):
    """Requests and costs of one kind of request."""
    out = pathlib.Path(folder) / f"{name}.callgrind"
    wrapper = pathlib.Path(folder) / "switchyard"
    wrapper.write_text("#!/bin/sh\nexec valgrind --tool=callgrind --fair-sched=yes --demangle=no --instr-atstart=no "
                       f"--callgrind-out-file={out} {build}/switchyard \"$@\"\n")
    wrapper.chmod(0o755)
    options = types.SimpleNamespace(build=build, switchyard=str(wrapper), proxy_cpu=0, load_cpu=1)
    with open(f"{folder}/log", "w") as log:
        bench = scenarios.Bench(options, proxies.keys if name == "key" else proxies.switchyard, folder, log)
        try:
            command = bench.load_command("--connections", 8, "--model", model, *arguments)
            subprocess.run([*command, "--seconds", "2"], check=True, stdout=subprocess.DEVNULL)
            pid = str(bench.proxy.child.pid)
            subprocess.run(["callgrind_control", "-i", "on", pid], check=True, stdout=subprocess.DEVNULL)
            subprocess.run([*command, "--seconds", "6"], check=True, stdout=subprocess.DEVNULL)
            subprocess.run(["callgrind_control", "-i", "off", pid], check=True, stdout=subprocess.DEVNULL)
        finally:
            bench.stop()
    return costs_of(out, "/switchyard")


def main():
    build = str((ROOT / (sys.argv[1] if len(sys.argv) > 1 else "build/release")).resolve())
    shares = {}
    for name, model, arguments in RUNS:
        with tempfile.TemporaryDirectory(prefix="hot-") as folder:
            costs = measured(build, name, model, arguments, folder)
        total = sum(costs.values())
        print(f"{name}: {len(costs)} functions, {total} instructions", file=sys.stderr)
        for function, cost in costs.items():
            shares[function] = max(shares.get(function, 0), cost / total)
    hot = sorted((f for f, share in shares.items() if share > 2e-5), key=lambda f: (-shares[f], f))
    OUT.write_text(HEAD + "".join(f".text.{function}\n" for function in hot if function.startswith("_Z")))
    print(f"{len(hot)} functions in {OUT}", file=sys.stderr)


if __name__ == "__main__":
    main()
