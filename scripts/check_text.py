#!/usr/bin/env python3
"""Checks the text of tracked files: length, whitespace, opening comment, leftovers, sleeping tests.
Prints file:line for each violation; exit code 1 when there is one."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CODE = {".cpp", ".hpp", ".h", ".py", ".sh", ".mjs", ".ts"}
TEXT = CODE | {".md", ".yaml", ".yml", ".txt", ".cmake", ".json", ".service"}
MAX_LINES = 400
# Copied word for word from elsewhere, or made by a tool.
FOREIGN = ("tests/integration/seeds/", "tests/unit/config/seeds/", "tests/golden/", "tests/fuzz/corpus/",
           "tests/clients/package-lock.json", "LICENSE")
SLEEP = re.compile(r"\bsleep_(for|until)\b|\b(u|nano)?sleep\s*\(|\btime\.sleep\b|^\s*sleep\s+[0-9.]")
LEFTOVER = re.compile(r"\b(TODO|FIXME|XXX)\b|^(<{7}|>{7}) |\bDISABLED_|GTEST_SKIP|\btest\.skip\b|@unittest\.skip")
LONG_DASH = "\u2014"
# GCC 12 frees the temporary of such an expression twice.
CONDITIONAL_AWAIT = re.compile(r"\?\s*\(?co_await|[^:\s]\s+:\s+co_await")


def tracked():
    """Files in git plus new ones that are not ignored."""
    command = ["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard"]
    names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return [pathlib.Path(name) for name in sorted(set(names)) if (ROOT / name).is_file()]


def line_problems(path, lines):
    in_tests = path.parts[0] == "tests"
    me = path.name == "check_text.py"
    for number, line in enumerate(lines, 1):
        if line != line.rstrip():
            yield number, "trailing whitespace or CR"
        if "\t" in line and path.suffix in CODE:
            yield number, "tab"
        if LONG_DASH in line:
            yield number, "em-dash"
        if path.suffix in CODE and not me and LEFTOVER.search(line):
            yield number, "leftover (unfinished, switched off or conflict)"
        if in_tests and path.suffix in CODE and SLEEP.search(line):
            yield number, "a test that sleeps: wait for the event instead"


def file_problems(path, text):
    lines = text.split("\n")
    if text and not text.endswith("\n"):
        yield len(lines), "no newline at the end"
    if path.suffix in CODE and len(lines) - 1 > MAX_LINES:
        yield len(lines) - 1, f"more than {MAX_LINES} lines"
    if path.suffix in (".cpp", ".hpp"):
        for found in CONDITIONAL_AWAIT.finditer(text):
            yield text.count("\n", 0, found.start()) + 1, "co_await inside a conditional expression"
    if path.suffix in (".cpp", ".hpp") and not lines[0].startswith("//"):
        yield 1, "the file does not open with a comment that says what it is and where it runs"
    yield from line_problems(path, lines)


def main():
    files = [p for p in tracked() if (p.suffix in TEXT or p.name == "CMakeLists.txt" or p.parts[0] == ".ci")
             and not str(p).startswith(FOREIGN)]
    count = 0
    for path in files:
        try:
            text = (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            print(f"{path}:1: not UTF-8")
            count += 1
            continue
        for number, problem in file_problems(path, text):
            print(f"{path}:{number}: {problem}")
            count += 1
    print(f"text: {len(files)} files, {count} violations")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
