#!/usr/bin/env python3
"""Makes tests/golden/prices/litellm.tsv: what LiteLLM itself says that random calls cost.

Usage, in a venv with litellm (1.106.2 made the present file):
  LITELLM_LOCAL_MODEL_COST_MAP=True scripts/make_price_golden.py MODEL_PRICES_JSON > tests/golden/prices/litellm.tsv
The JSON replaces LiteLLM's own copy of the map, in memory only.
"""
import json
import random
import sys

import litellm
from litellm import utils
from litellm.types.utils import (CompletionTokensDetailsWrapper, EmbeddingResponse, ModelResponse, PromptTokensDetailsWrapper,
                                 Usage)

FIELDS = ("prompt completion total read write write1h audio_in image_in reasoning audio_out image_out search_units "
          "characters audio_ms").split()
RATE = ("input_cost_per_token", "output_cost_per_token", "tiered_pricing")


def use_map(path):
    prices = json.load(open(path, encoding="utf-8"))
    prices.pop("sample_spec", None)
    litellm.model_cost.clear()
    litellm.model_cost.update(prices)
    litellm.add_known_models()
    utils._invalidate_model_cost_lowercase_map()
    return prices


def random_usage(rng, row):
    longest = rng.choice([300, 20_000, 150_000, 300_000])
    use = dict.fromkeys(FIELDS, 0)
    use["prompt"], use["completion"] = rng.randint(1, longest), rng.randint(0, 9_000)
    left = use["prompt"]
    for part, field in (("read", "cache_read_input_token_cost"), ("write", "cache_creation_input_token_cost"),
                        ("audio_in", "input_cost_per_audio_token"), ("image_in", "input_cost_per_image_token")):
        if rng.random() < (0.5 if field in row else 0.1):
            use[part] = rng.randint(0, left)
            left -= use[part]
    if use["write"] and rng.random() < 0.5:
        use["write1h"] = rng.randint(0, use["write"])
    left = use["completion"]
    for part, field in (("reasoning", "supports_reasoning"), ("audio_out", "output_cost_per_audio_token"),
                        ("image_out", "output_cost_per_image_token")):
        if field in row and rng.random() < 0.5:
            use[part] = rng.randint(0, left)
            left -= use[part]
    use["total"] = use["prompt"] + use["completion"]
    return use


def usage_object(use):
    creation = {"ephemeral_5m_input_tokens": use["write"] - use["write1h"], "ephemeral_1h_input_tokens": use["write1h"]}
    prompt = PromptTokensDetailsWrapper(
        cached_tokens=use["read"], cache_creation_tokens=use["write"], audio_tokens=use["audio_in"],
        image_tokens=use["image_in"], cache_creation_token_details=creation if use["write"] else None)
    completion = CompletionTokensDetailsWrapper(
        reasoning_tokens=use["reasoning"], audio_tokens=use["audio_out"], image_tokens=use["image_out"])
    return Usage(prompt_tokens=use["prompt"], completion_tokens=use["completion"], total_tokens=use["total"],
                 prompt_tokens_details=prompt, completion_tokens_details=completion)


def chat_cost(name, provider, use, tier):
    answer = ModelResponse(model=name, usage=usage_object(use))
    return litellm.completion_cost(completion_response=answer, model=name, custom_llm_provider=provider,
                                   service_tier=tier or None)


def batch_cost(name, provider, use):
    cost = litellm.cost_per_token(model=name, custom_llm_provider=provider, usage_object=usage_object(use),
                                  call_type="aretrieve_batch")
    return sum(cost)


def unit_cost(name, provider, mode, use):
    if mode == "rerank":
        cost = litellm.cost_per_token(model=name, custom_llm_provider=provider, call_type="rerank",
                                      rerank_billed_units={"search_units": use["search_units"]})
    elif mode == "audio_transcription":
        cost = litellm.cost_per_token(model=name, custom_llm_provider=provider, call_type="transcription",
                                      audio_transcription_file_duration=use["audio_ms"] / 1000)
    else:
        cost = litellm.cost_per_token(model=name, custom_llm_provider=provider, call_type="speech",
                                      prompt_characters=use["characters"])
    return sum(cost)


def one(rng, name, row):
    provider, mode = row["litellm_provider"], row.get("mode", "")
    use, tier = dict.fromkeys(FIELDS, 0), ""
    if mode in ("rerank", "audio_transcription", "audio_speech"):
        use[{"rerank": "search_units", "audio_transcription": "audio_ms", "audio_speech": "characters"}[mode]] = \
            rng.randint(1, 90_000 if mode != "rerank" else 5)
        return use, tier, unit_cost(name, provider, mode, use)
    use = random_usage(rng, row)
    if mode == "embedding":
        use = {**dict.fromkeys(FIELDS, 0), "prompt": use["prompt"], "total": use["prompt"]}
        answer = EmbeddingResponse(model=name, usage=Usage(prompt_tokens=use["prompt"], total_tokens=use["prompt"]))
        return use, tier, litellm.completion_cost(completion_response=answer, model=name, custom_llm_provider=provider,
                                                  call_type="embedding")
    tiers = [t for t in ("flex", "priority") if f"input_cost_per_token_{t}" in row]
    tier = rng.choice(["", *tiers]) if tiers else ""
    return use, tier, chat_cost(name, provider, use, tier)


def main():
    prices, rng = use_map(sys.argv[1]), random.Random(4)
    modes = ("chat", "responses", "completion", "embedding", "rerank", "audio_transcription", "audio_speech")
    names = sorted(n for n, row in prices.items() if row.get("mode") in modes and not n.startswith("wandb/"))
    special = [n for n in names if any("above_" in f or f.endswith(("_flex", "_priority")) or f == "tiered_pricing"
                                       for f in prices[n])]
    units = [n for n in names if prices[n]["mode"] in modes[4:]]
    print("# name\tprovider\ttier\t" + "\t".join(FIELDS) + "\tdollars (LiteLLM " + litellm._version.version + ")")
    for pool, count in ((names, 110), (special, 110), (units, 40)):
        for name in rng.sample(pool, count):
            try:
                use, tier, cost = one(rng, name, prices[name])
            except Exception as problem:  # what LiteLLM cannot price is no sample
                print(f"{name}: {type(problem).__name__} {str(problem)[:80]}", file=sys.stderr)
                continue
            print("\t".join([name, prices[name]["litellm_provider"], tier, *(str(use[f]) for f in FIELDS), repr(cost)]))


main()
