#!/usr/bin/env python3
"""Interleaved rounds of every proxy and scenario, then tables and a verdict. Started by bench/compare.sh.
Exit code: 0 all required figures hold, 1 one does not, 3 the machine was too noisy to judge."""

import argparse
import json
import pathlib
import platform
import sys
import tempfile
import time

import proxies
import report
import scenarios
import soak

EXIT = {"pass": 0, "fail": 1, "noisy": 3}


def arguments():
    parser = argparse.ArgumentParser(prog="bench/compare.sh", description=__doc__)
    parser.add_argument("--build", default="build/release", help="where mock_upstream, load and switchyard are (set by BUILD)")
    parser.add_argument("--switchyard", help="the binary under test (BUILD/switchyard)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3, help="per measured run")
    parser.add_argument("--proxies", default="haproxy,nginx,switchyard", help="also: direct (no proxy)")
    parser.add_argument("--proxy", action="append", default=[], metavar="NAME=COMMAND",
                        help="one more proxy; {port} and {upstream} are filled in")
    parser.add_argument("--scenarios", default=",".join(scenarios.ALL))
    parser.add_argument("--subject", default="switchyard", help="whose figures are judged and who soaks")
    parser.add_argument("--soak", type=float, default=0, metavar="SECONDS", help="mixed load with aborts afterwards")
    parser.add_argument("--proxy_cpu", type=int, default=0)
    parser.add_argument("--load_cpu", type=int, default=1)
    parser.add_argument("--json", help="write all figures to this file")
    parser.add_argument("--markdown", help="write the tables to this file too")
    parser.add_argument("--log", default="/dev/null", help="output of the proxies")
    options = parser.parse_args()
    options.switchyard = options.switchyard or f"{options.build}/switchyard"
    return options


def chosen(options):
    starts = {name: proxies.BUILT_IN[name] for name in options.proxies.split(",") if name}
    starts.update(proxies.custom(text) for text in options.proxy)
    return starts


def one_round(options, name, start, log):
    """Every scenario of one proxy on a fresh mock and a fresh proxy."""
    figures = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bench = scenarios.Bench(options, start, folder, log)
        try:
            for scenario in options.scenarios.split(","):
                if name == "direct" and scenario in ("idle", "startup"):
                    continue
                if scenario in scenarios.GATEWAY_ONLY and name not in ("switchyard", "keys", options.subject):
                    continue
                row = {"proxy": name, "scenario": scenario, **scenarios.ALL[scenario](bench)}
                figures.append(row)
                print(json.dumps(row), file=sys.stderr)
        finally:
            bench.stop()
    return figures


def all_rounds(options, starts, log):
    figures = []
    names = list(starts)
    for number in range(options.rounds):
        turn = number % max(1, len(names))
        for name in names[turn:] + names[:turn]:  # nobody always goes first
            figures += one_round(options, name, starts[name], log)
    return figures


def machine_text(options):
    model = [line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
             if line.startswith("model name")]
    return (f"{time.strftime('%Y-%m-%d')}, {len(model)} CPUs, {model[0] if model else platform.machine()}, Linux "
            f"{platform.release()}. Proxy on core {options.proxy_cpu}, mock and load on core {options.load_cpu}, "
            f"medians of {options.rounds} interleaved rounds of {options.seconds:g} s.\n")


def main():
    options = arguments()
    starts = chosen(options)
    with open(options.log, "a", encoding="utf-8") as log:
        figures = all_rounds(options, starts, log)
        soaked = soak.run(options, starts[options.subject], log) if options.soak else None
    text, verdict = report.markdown(report.Data(figures), list(starts), options.subject, machine_text(options), soaked)
    print(text)
    print(f"verdict: {verdict}")
    if options.markdown:
        pathlib.Path(options.markdown).write_text(text)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps({"rounds": figures, "soak": soaked, "verdict": verdict}, indent=1))
    return EXIT[verdict]


if __name__ == "__main__":
    sys.exit(main())
