#!/usr/bin/env python3
"""Writes src/core/unicode_classes.inc: what a tokenizer's pre-tokenizer must know of each code point.

Runs by hand, with PyPI's `regex` (its Unicode version is newer than Python's). One number per run of code points of one
class: first code point * 8 + class.
"""
import sys

import regex

CLASSES = [  # the first that matches
    (1, r"[\p{Lu}\p{Lt}]"),
    (2, r"\p{Ll}"),
    (3, r"[\p{Lm}\p{Lo}]"),
    (4, r"\p{M}"),
    (5, r"\p{N}"),
    (6, r"\p{White_Space}"),
]
PATTERNS = [(number, regex.compile(pattern)) for number, pattern in CLASSES]


def class_of(code):
    if 0xD800 <= code < 0xE000:
        return 0
    text = chr(code)
    return next((number for number, pattern in PATTERNS if pattern.match(text)), 0)


runs, last = [], None
for code in range(0x110000):
    found = class_of(code)
    if found != last:
        runs.append(code * 8 + found)
        last = found
line = ""
print("// Made by scripts/make_unicode_classes.py: runs of code points, first * 8 + class.")
for run in runs:
    if len(line) + len(str(run)) > 118:
        print(line)
        line = ""
    line += f"{run},"
print(line)
print(len(runs), "runs", file=sys.stderr)
