#!/usr/bin/env python3
"""Makes src/core/prices.tsv: what models cost, their windows and what they can do.

Usage: scripts/make_prices.py MODEL_PRICES_JSON DATE > src/core/prices.tsv

The input is a cost map in LiteLLM's format; DATE is that of its figures. Only what ModelPrice holds is kept
(src/core/price_fields.cpp has the same names).
"""
import json
import re
import sys
from decimal import Decimal

# Dollars per token in the map, dollars per million tokens in the table. The first that fits the name's
# beginning counts, so longer names come first.
RATES = {
    "cache_creation_input_token_cost_above_1hr": "write1h",
    "cache_creation_input_token_cost": "write",
    "cache_read_input_token_cost": "read",
    "input_cost_per_token": "in",
    "output_cost_per_token": "out",
    "output_cost_per_reasoning_token": "reason",
    "input_cost_per_audio_token": "audio-in",
    "output_cost_per_audio_token": "audio-out",
    "input_cost_per_image_token": "image-in",
    "output_cost_per_image_token": "image-out",
}
UNITS = {
    "input_cost_per_image": "per-image-in",
    "output_cost_per_image": "per-image",
    "input_cost_per_pixel": "per-pixel",
    "input_cost_per_character": "per-character-in",
    "output_cost_per_character": "per-character",
    "input_cost_per_second": "per-second-in",
    "output_cost_per_second": "per-second",
    "input_cost_per_query": "per-query",
}
LIMITS = ("max_tokens", "max_input_tokens", "max_output_tokens")
# Rows whose rates are off by powers of ten against the provider's own price list: beginning of the
# name, dollars per million tokens from which on a rate is taken for wrong, places to move.
CORRECTIONS = (("wandb/", 1000, -5), ("azure_ai/jais-30b-chat", 1000, -3), ("embed-multilingual-light-v3.0", 10, -3))
SUFFIX = re.compile(r"(?:_above_(\d+)k_tokens)?(?:_(flex|priority|batches))?")
HEADER = """R"tsv(# Prices of models. Made by scripts/make_prices.py from LiteLLM's public cost map (MIT); do not edit.
# date {date}
# name, provider, mode, limits (tokens: max/input/output), prices, abilities
# prices: tokens in dollars per million, "per-" in dollars; flex: priority: batch: service tiers, >200k: a longer
# prompt, 0-32000: the prompts that the rate is for
"""


def plain(number):
    text = format(number.quantize(Decimal(1).scaleb(-15)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def number_of(value):
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
        return None
    try:
        return Decimal(value)
    except ArithmeticError:
        return None


def rate_of(field):
    """"input_cost_per_token_above_200k_tokens_priority" -> (200, "priority", "in")"""
    for name, code in RATES.items():
        if field.startswith(name):
            found = SUFFIX.fullmatch(field[len(name):])
            return found and (int(found[1] or 0), found[2] or "", code)
    return None


def corrected(name, per_million):
    for beginning, least, places in CORRECTIONS:
        if name.startswith(beginning) and per_million >= least:
            return per_million.scaleb(places)
    return per_million


def price_words(name, row):
    rates, units = [], []
    for field, value in row.items():
        rate, number = rate_of(field), number_of(value)
        if number is None:
            continue
        if rate:
            above, tier, code = rate
            prefix = (f">{above}k:" if above else "") + ({"batches": "batch"}.get(tier, tier) + ":" if tier else "")
            order = (above, ["", "flex", "priority", "batches"].index(tier), list(RATES.values()).index(code))
            rates.append((order, f"{prefix}{code}={plain(corrected(name, number.scaleb(6)))}"))
        elif field in UNITS:
            units.append(f"{UNITS[field]}={plain(number)}")
    search = number_of((row.get("search_context_cost_per_query") or {}).get("search_context_size_medium"))
    if search is not None:
        units.append(f"per-search={plain(search)}")
    return [word for _, word in sorted(rates)] + tier_words(name, row) + sorted(units)


def tier_words(name, row):
    words = []
    for tier in row.get("tiered_pricing") or []:
        if "range" not in tier:
            continue  # tiers of something else than the prompt's length
        begin, end = (int(bound) for bound in tier["range"])
        rates = {field: value for field, value in tier.items() if field != "range"}
        words += [f"{begin}-{end}:{word}" for word in price_words(name, rates)]
    return words


def with_default_cache_rate(row):
    """Fireworks bills cached tokens at half the input rate unless a model's page says otherwise."""
    rate = number_of(row.get("input_cost_per_token"))
    if row["litellm_provider"] != "fireworks_ai" or rate is None or "cache_read_input_token_cost" in row:
        return row
    return {**row, "cache_read_input_token_cost": rate / 2}


def row_of(name, row):
    row = with_default_cache_rate(row)
    limits = [number_of(row.get(field)) for field in LIMITS]
    shown = "/".join(str(int(limit)) if limit else "" for limit in limits)
    abilities = sorted(field[len("supports_"):] for field, on in row.items()
                       if field.startswith("supports_") and on is True)
    return "\t".join([name, row["litellm_provider"], row.get("mode", ""), "" if shown == "//" else shown,
                      " ".join(price_words(name, row)), " ".join(abilities)])


def main():
    prices = json.load(open(sys.argv[1], encoding="utf-8"), parse_float=Decimal)
    prices.pop("sample_spec", None)
    print(HEADER.format(date=sys.argv[2]), end="")
    for name in sorted(prices, key=lambda text: text.encode()):
        print(row_of(name, prices[name]))
    print(')tsv"')


main()
