#!/usr/bin/env bash
# Overload, hedging and coalescing on the real binary, as tables. usage: bench/reliability.sh [options of
# bench/lib/reliability.py]
set -euo pipefail
cd "$(dirname "$0")/.."
exec python3 bench/lib/reliability.py "$@"
