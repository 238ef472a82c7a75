#!/usr/bin/env python3
"""Checks who includes whom, as ARCHITECTURE.md says: folders of src/ meet only in include/ and core/, and every
third-party library has its place. Prints file:line for each violation; exit code 1 when there is one."""

import fnmatch
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')

# Third-party header (regex on the include's path) -> files that may name it.
PLACES = {
    r"boost/asio\b|boost/asio\.hpp": [
        "include/switchyard/aio.hpp", "include/switchyard/ask.hpp", "src/http/*", "src/actors/scheduler*",
        "src/actors/run_queue*"],
    r"boost/beast\b": ["src/http/*"],
    r"caf/": ["src/actors/*", "src/storage/*", "include/switchyard/messages*.hpp"],
    r"yaml-cpp/": ["src/config/*"],
    r"simdjson": ["src/core/json*", "src/http/body*", "src/providers/*"],
    r"libpq|sqlite3|hiredis": ["src/storage/*"],
    r"sodium": ["src/management/*"],
    r"CLI/": ["src/config/*"],
    r"ares\.h": ["src/http/*"],
}


def folder(path):
    """The folder of src/ that a file belongs to; "" for src/*.cpp, the composition root."""
    parts = path.parts
    return parts[1] if parts[0] == "src" and len(parts) > 2 else ""


def folder_problem(path, quote, target):
    """A quoted include is "folder/file.hpp" under src/, or a sibling in the same directory."""
    if quote == "<":
        return None
    if path.parts[0] == "include":
        return "include/ may not include src/ or use quoted includes"
    mine = folder(path)
    if not mine or "/" not in target:
        return None
    theirs = target.split("/")[0]
    if theirs in (mine, "core") or (ROOT / path.parent / target).exists():
        return None
    if not (ROOT / "src" / theirs).is_dir():
        return None
    return f"src/{mine} may include only include/, core/ and itself, not src/{theirs}"


def place_problem(path, target):
    if path.parts[0] == "src" and not folder(path):
        return None  # the composition root may know everything
    for pattern, allowed in PLACES.items():
        if re.match(pattern, target) and not any(fnmatch.fnmatch(str(path), glob) for glob in allowed):
            return f"<{target}> belongs only in {', '.join(allowed)}"
    return None


def problems(path):
    for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        quote, target = found.groups()
        for problem in (folder_problem(path, quote, target), place_problem(path, target)):
            if problem:
                yield f"{path}:{number}: {problem}"


def main():
    sources = [p.relative_to(ROOT) for top in ("include", "src") for p in sorted((ROOT / top).rglob("*"))
               if p.suffix in (".hpp", ".cpp", ".h")]
    found = [problem for path in sources for problem in problems(path)]
    for line in found:
        print(line)
    print(f"includes: {len(sources)} files, {len(found)} violations")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
