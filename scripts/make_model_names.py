#!/usr/bin/env python3
"""Makes src/providers/model_names.inc: which provider a bare model name belongs to.

Usage: scripts/make_model_names.py MODEL_PRICES_JSON > src/providers/model_names.inc

Names that a rule of src/providers/model_prefixes.inc already covers are left out, which keeps the
list small; `--all` keeps them (for checking the rules).
"""
import json
import pathlib
import re
import sys

FOLD = {"bedrock_converse": "bedrock", "fireworks_ai-embedding-models": "fireworks_ai", "ai21": "ai21_chat"}
# Prices of these are listed under names that LiteLLM itself does not resolve without a prefix.
PREFIX_ONLY = {"gemini", "volcengine", "together_ai", "deepseek", "fireworks_ai", "azure", "jina_ai", "sample"}
PREFIXES = pathlib.Path(__file__).parent.parent / "src/providers/model_prefixes.inc"
RULES = re.findall(r'\{"([^"]+)", "([^"]+)"\}', PREFIXES.read_text(encoding="utf-8"))


def provider_of(label):
    if label.startswith("vertex_ai"):
        return "vertex_ai"
    return FOLD.get(label, label)


def by_rule(name):
    best = max((rule for rule in RULES if name.startswith(rule[0])), key=lambda rule: len(rule[0]), default=None)
    return best[1] if best else ""


def main():
    prices = json.load(open(sys.argv[1], encoding="utf-8"))
    rows = []
    for name, row in prices.items():
        provider = provider_of(row.get("litellm_provider", ""))
        if "/" in name or " " in provider or not provider or provider in PREFIX_ONLY:
            continue
        if by_rule(name) != provider or "--all" in sys.argv:
            rows.append((name, provider))
    print("// Made by scripts/make_model_names.py from LiteLLM's price map; sorted. Do not edit.")
    for name, provider in sorted(rows):
        print(f'{{"{name}", "{provider}"}},')


main()
