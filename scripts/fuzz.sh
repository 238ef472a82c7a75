#!/usr/bin/env bash
# Runs one fuzz target from its corpus. New inputs go to build/fuzz_work/NAME; a crash is kept there and named.
# usage: scripts/fuzz.sh NAME [SECONDS]     NAME as in tests/fuzz/NAME.cpp
set -euo pipefail
cd "$(dirname "$0")/.."
name=${1:?usage: scripts/fuzz.sh NAME [SECONDS]}
target=build/dev/tests/fuzz/fuzz_$name
[ -x "$target" ] || { echo "$target is not built: cmake --preset dev && cmake --build build/dev" >&2; exit 1; }

work=build/fuzz_work/$name
mkdir -p "$work"
corpus=tests/fuzz/corpus/$name
seeds=()
[ -d "$corpus" ] && seeds=("$corpus")
exec "$target" -max_total_time="${2:-20}" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
  -artifact_prefix="$work/" "$work" "${seeds[@]}"
