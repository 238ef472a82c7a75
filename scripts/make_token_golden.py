#!/usr/bin/env python3
"""Writes tests/golden/tokens.json with PyPI's `tiktoken` and `regex`: pieces and token counts of the real thing.

Runs by hand; TIKTOKEN_CACHE_DIR must hold the vocabularies (scripts/install_tokenizers.sh fetches the same files, tiktoken
names them by the SHA-1 of their URL).
"""
import json
import os

import regex
import tiktoken

TEXTS = [
    "", "a", "hello world", "Hello, World! It's 12345 o'clock.", "I'LL we'VE don't they'Re 'sun 'x it'ſ", "  two  spaces  ",
    "tabs\t\tand\nlines\n\n\n", "line\r\nline\r\n\r\n  indented", "trailing   ", "\n", "   ", " \n \n x", "a  b   c    d",
    "1234567890", "3.14159e-10 1,000,000", "٣٤٥ ½ Ⅷ ²", "foo(bar)->baz == !qux; // comment /* x */",
    "https://example.com/a/b?c=d&e=f#g", "path//to///file", "...!!!???", "snake_case CamelCase HTTPServer XMLHttpRequest iPhone",
    "Straße École naïve ÀÉÎ", "Привет, как дела?", "你好，世界！今天天气怎么样？", "こんにちは世界。テスト", "안녕하세요 세계", "हिन्दी में पाठ",
    "مرحبا بالعالم", "ภาษาไทย", "e\u0301te\u0301 \u0301x A\u0301B", "ǅ ʰ ﬀ", "😀 👩‍👩‍👧 🇩🇪 €", "\u00a0nbsp\u3000ideographic",
    "<|endoftext|> is text", "\x1c\x7f\u0085\u00ad", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" * 8, "ab" * 100, " " * 70 + "x", "\n" * 40,
    '{"role":"user","content":[{"type":"text","text":"hi"}]}',
    "def f(x):\n    return x**2\n\n\nclass A:\n    pass\n", "DON'T we'd WE'D 'S", "a'b'c", "x'll/\n/y",
]

out = []
for text in TEXTS:
    entry = {"text": text}
    for name in ("cl100k_base", "o200k_base"):
        encoding = tiktoken.get_encoding(name)
        pieces = regex.findall(encoding._pat_str, text)
        tokens = encoding.encode(text, disallowed_special=())
        assert "".join(pieces) == text
        entry[name] = {"pieces": pieces, "tokens": tokens}
    out.append(entry)
path = os.path.join(os.path.dirname(__file__), "../tests/golden/tokens.json")
with open(path, "w", encoding="utf-8") as file:
    file.write("[\n" + ",\n".join(json.dumps(entry, ensure_ascii=True) for entry in out) + "\n]\n")
