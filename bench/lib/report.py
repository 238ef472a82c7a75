"""Medians, ratios and the verdict. Figures with failures are dropped, and said so."""

import statistics

NOISE_LIMIT = 0.15  # haproxy against itself between rounds
COLUMNS = {
    "plain": [("rps", "requests/s", "{:.0f}"), ("cpu_100k", "CPU-s/100k", "{:.3f}"), ("p50_ms", "p50 ms", "{:.2f}"),
              ("p99_ms", "p99 ms", "{:.2f}"), ("load_core", "load core busy", "{:.2f}")],
    "anthropic": [("rps", "requests/s", "{:.0f}"), ("cpu_100k", "CPU-s/100k", "{:.3f}"), ("p50_ms", "p50 ms", "{:.2f}"),
                  ("p99_ms", "p99 ms", "{:.2f}")],
    "paced": [("chunks_per_s", "chunks/s", "{:.0f}"), ("cpu_100k", "CPU-s/100k chunks", "{:.3f}"),
              ("stream_p50_ms", "stream p50 ms", "{:.1f}"), ("stream_p99_ms", "stream p99 ms", "{:.1f}"),
              ("first_byte_p50_ms", "first byte p50 ms", "{:.2f}")],
    "burst": [("chunks_per_s", "chunks/s", "{:.0f}"), ("cpu_100k", "CPU-s/100k chunks", "{:.4f}"),
              ("stream_p50_ms", "stream p50 ms", "{:.2f}")],
    "idle": [("rss_mb", "RSS MB, 512 connections", "{:.1f}"), ("wakeups_per_s", "wake-ups/s", "{:.1f}"),
             ("idle_cpu_ms_per_s", "CPU ms/s", "{:.2f}")],
    "startup": [("first_answer_ms", "first answer ms", "{:.1f}"), ("rss_mb", "RSS MB", "{:.1f}")],
}
TITLES = {"plain": "64 connections, POST 295 B, reply 663 B",
          "anthropic": "The same by Anthropic's Messages: request and answer translated", "paced": "SSE, 128 streams of 50 chunks, 4 ms apart",
          "burst": "SSE, 64 connections, 50 chunks at once", "idle": "512 keep-alive connections, silent",
          "startup": "Start to first answer"}
# what, scenario, figure, reference (another proxy; "=scenario": the subject's own other scenario; None = absolute),
# limit, True = at most
REQUIRED = [
    ("throughput", "plain", "rps", "haproxy", 0.75, False),
    ("CPU per request", "plain", "cpu_100k", "haproxy", 1.35, True),
    ("CPU per paced chunk", "paced", "cpu_100k", "nginx", 1.2, True),
    ("RSS MB at 512 connections", "idle", "rss_mb", None, 30, True),
    ("wake-ups/s when idle", "idle", "wakeups_per_s", None, 2, True),
    ("first answer ms", "startup", "first_answer_ms", None, 100, True),
]
REPORTED = [("p50", "plain", "p50_ms", "haproxy", 1.3, True), ("p99", "plain", "p99_ms", "haproxy", 2.0, True),
            ("paced CPU", "paced", "cpu_100k", "haproxy", 1.5, True),
            ("CPU per translated request", "anthropic", "cpu_100k", "=plain", 1.3, True),
            ("burst chunks/s", "burst", "chunks_per_s", "nginx", 0.8, False)]


class Data:
    """rounds: [{"proxy", "scenario", figures...}]"""

    def __init__(self, rounds):
        self.rounds = [r for r in rounds if not r.get("failures")]
        self.dropped = [r for r in rounds if r.get("failures")]

    def values(self, proxy, scenario, figure):
        return [r[figure] for r in self.rounds if r["proxy"] == proxy and r["scenario"] == scenario]

    def median(self, proxy, scenario, figure):
        values = self.values(proxy, scenario, figure)
        return statistics.median(values) if values else None

    def spread(self, proxy, scenario, figure):
        values = self.values(proxy, scenario, figure)
        return (max(values) - min(values)) / statistics.median(values) if len(values) > 1 and max(values) > 0 else 0.0


def table(data, scenario, names):
    columns = COLUMNS[scenario]
    lines = [f"### {TITLES[scenario]}", "", "| proxy | " + " | ".join(title for _, title, _ in columns) + " | spread |",
             "|---" * (len(columns) + 2) + "|"]
    for name in names:
        cells = [(data.median(name, scenario, figure), form) for figure, _, form in columns]
        if all(value is None for value, _ in cells):
            continue
        spread = data.spread(name, scenario, columns[0][0])
        lines.append(f"| {name} | " + " | ".join("" if v is None else form.format(v) for v, form in cells) +
                     f" | {spread:.0%} |")
    return "\n".join(lines) + "\n"


def checks(data, rows, subject):
    """(what, value, limit, at_most, passed) for each row that could be measured."""
    out = []
    for what, scenario, figure, reference, limit, at_most in rows:
        value = data.median(subject, scenario, figure)
        own = reference and reference.startswith("=")
        base = data.median(subject if own else reference, reference[1:] if own else scenario, figure) if reference else 1
        if value is None or not base:
            continue
        value /= base
        label = f"{what} / {reference.lstrip('=')}" if reference else what
        out.append((label, value, limit, at_most, value <= limit if at_most else value >= limit))
    return out


def noise(data):
    """Why the machine cannot be trusted; empty when it can."""
    reasons = []
    for figure in ("rps", "cpu_100k"):
        spread = data.spread("haproxy", "plain", figure)
        if spread > NOISE_LIMIT:
            reasons.append(f"haproxy's own {figure} differs by {spread:.0%} between rounds (limit {NOISE_LIMIT:.0%})")
    foreign = [r["foreign_cpu"] for r in data.rounds if "foreign_cpu" in r]
    if foreign and statistics.median(foreign) > 0.1:
        reasons.append(f"other processes took {statistics.median(foreign):.2f} cores while measuring")
    return reasons


def soak_text(soak):
    grown = soak["growth_mb"]
    passed = soak_passed(soak)
    return (f"### Soak, {soak['seconds']:g} s of mixed load with aborts\n\n{soak['requests']} requests, {soak['aborted']} "
            f"aborted, {soak['broken']} broken, {soak['unfinished']} unfinished. RSS {soak['rss_mb_early']:.1f} MB after "
            f"a quarter, {soak['rss_mb_late']:.1f} MB at the end: growth {grown:+.1f} MB (peak {soak['peak_mb']:.1f}). "
            f"Open files {soak['files_before']} before, {soak['files_after']} after. **{'PASS' if passed else 'FAIL'}**\n")


def soak_passed(soak):
    """One MB is what the allocator moves about; a leak of 1 byte per request would show as more."""
    return soak["growth_mb"] <= 1.0 and soak["broken"] == 0 and soak["unfinished"] == 0


def markdown(data, names, subject, machine, soak=None):
    """(text, verdict): verdict is "pass", "fail" or "noisy"."""
    scenarios = [s for s in TITLES if any(r["scenario"] == s for r in data.rounds)]
    parts = [machine] + [table(data, scenario, names) for scenario in scenarios]
    required = checks(data, REQUIRED, subject)
    rows = ["| figure | measured | required | |", "|---|---|---|---|"]
    for label, value, limit, at_most, passed in required:
        rows.append(f"| {label} | {value:.2f} | {'<=' if at_most else '>='} {limit} | {'PASS' if passed else 'FAIL'} |")
    for label, value, limit, at_most, _ in checks(data, REPORTED, subject):
        rows.append(f"| {label} | {value:.2f} | aim {'<=' if at_most else '>='} {limit} | reported |")
    if len(rows) > 2:
        parts.append(f"### {subject} against the required figures\n\n" + "\n".join(rows) + "\n")
    parts += [f"Dropped, because answers failed: {r['proxy']} {r['scenario']} ({r['failures']})\n" for r in data.dropped]
    if soak:
        parts.append(soak_text(soak))
    reasons = noise(data)
    if reasons:
        parts.append("**The machine was too noisy to judge:** " + "; ".join(reasons) + ".\n")
    failed = any(not row[4] for row in required) or any(r["proxy"] == subject for r in data.dropped)
    failed = failed or (soak is not None and not soak_passed(soak))
    return "\n".join(parts), "noisy" if reasons else "fail" if failed else "pass"
