#!/usr/bin/env python3
"""How a gateway with many rows behaves: 100,000 keys and a million spend rows in the embedded store, then the time from
the start to the first answered request, the time of key lookups and list pages, and what a key costs in memory.

    bench/store_size.py [BINARY] [--keys 100000] [--rows 1000000]

Limits (issue 4): start <= 2 s, lookups and pages <= 10 ms. Exit code 1 when one does not hold. Needs build/release."""

import argparse
import hashlib
import http.client
import json
import os
import pathlib
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
MASTER = "sk-master"


def fill(folder, binary, keys, rows):
    url = f"sqlite://{folder}/switchyard.db"
    subprocess.run([binary, "db", "migrate", "--url", url], check=True, stdout=subprocess.DEVNULL)
    store = sqlite3.connect(f"{folder}/switchyard.db")
    day = "strftime('%Y-%m-%d %H:%M:%f', 1790000000 + {}, 'unixepoch')"
    hashes = [(hashlib.sha256(f"sk-{n}".encode()).hexdigest(), f"sk-...{n % 10000:04}", f"key-{n}", f"user-{n % 1000}", n)
              for n in range(keys)]
    store.executemany('INSERT INTO "LiteLLM_VerificationToken" (token, key_name, key_alias, user_id, created_at, spend) '
                      f'VALUES (?, ?, ?, ?, {day.format("?")}, 1.5)', hashes)
    store.execute(f'''INSERT INTO "LiteLLM_SpendLogs" (request_id, call_type, api_key, spend, "startTime", "endTime", model, "user")
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
        SELECT 'chatcmpl-' || i, 'acompletion', (SELECT token FROM "LiteLLM_VerificationToken" WHERE rowid = 1 + i % {keys}),
               0.001, {day.format("i * 3")}, {day.format("i * 3 + 1")}, 'gpt-4', 'user-' || (i % 1000) FROM n''')
    store.commit()
    store.close()


class Gateway:
    def __init__(self, binary, folder):
        config = pathlib.Path(folder) / "config.yaml"
        config.write_text(json.dumps({"model_list": [{"model_name": "gpt", "litellm_params": {"model": "dummy/gpt"}}],
                                      "general_settings": {"master_key": MASTER}}))
        env = {**os.environ, "SWITCHYARD_DATA_DIR": folder}
        self.began = time.monotonic()
        self.child = subprocess.Popen([binary, "--config", str(config), "--port", "0", "--num_workers", "1", "--host",
                                       "127.0.0.1"], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.child.stdout:
            found = re.search(r"https?://[^\s/]*:(\d+)", line)
            if found:
                self.port = int(found.group(1))
                break

    def call(self, method, path, key=MASTER, body=None):
        self.wire = getattr(self, "wire", None) or http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.wire.request(method, path, json.dumps(body) if body else None,
                          {"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
        reply = self.wire.getresponse()
        text = reply.read()
        if reply.status != 200:
            raise SystemExit(f"{method} {path}: {reply.status} {text[:300]}")
        return json.loads(text)

    def memory_kb(self):
        return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{self.child.pid}/status").read_text()).group(1))

    def stop(self):
        self.child.terminate()
        self.child.stdout.close()
        self.child.wait()


def middle_ms(gateway, method, path, times=21):
    spans = []
    for number in range(times):
        start = time.monotonic()
        gateway.call(method, path.replace("#", str(number * 37 % 1000)))
        spans.append(time.monotonic() - start)
    return statistics.median(spans) * 1000


def first_chat(binary, folder, key):
    gateway = Gateway(binary, folder)
    gateway.call("POST", "/v1/chat/completions", key, {"model": "gpt", "messages": [{"role": "user", "content": "hi"}]})
    return gateway, time.monotonic() - gateway.began


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary", nargs="?", default=str(ROOT / "build/release/switchyard"))
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryDirectory() as full:
        gateway, _ = first_chat(options.binary, empty, MASTER)
        plain = gateway.memory_kb()
        gateway.stop()
        fill(full, options.binary, options.keys, options.rows)
        gateway, start = first_chat(options.binary, full, f"sk-{options.keys // 2}")
        figures = [("start to the first answer", start * 1000, 2000)]
        for name, method, path in (("/key/info", "GET", "/key/info?key=sk-#"), ("/key/list, a page", "GET", "/key/list?page=3&size=50"),
                                   ("/key/list of a user", "GET", "/key/list?user_id=user-#"),
                                   ("/spend/logs of a request", "GET", "/spend/logs?request_id=chatcmpl-#7"),
                                   ("/spend/logs/v2, a page of a key", "GET",
                                    f"/spend/logs/v2?api_key={hashlib.sha256(b'sk-5').hexdigest()}&page=1&page_size=50"
                                    "&start_date=2026-09-21%2000:00:00&end_date=2026-10-30%2000:00:00")):
            figures.append((name, middle_ms(gateway, method, path), 10))
        memory = (gateway.memory_kb() - plain) / options.keys * 1024
        gateway.stop()
    print(f"| {options.keys} keys, {options.rows} spend rows | ms | at most |\n|---|---|---|")
    for name, value, most in figures:
        print(f"| {name} | {value:.1f} | {most} |")
    print(f"| memory of a key | {memory:.0f} bytes | |")
    return any(value > most for _, value, most in figures)


if __name__ == "__main__":
    sys.exit(main())
