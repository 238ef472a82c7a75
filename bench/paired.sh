#!/usr/bin/env bash
# Ratios to haproxy and nginx that stand on a noisy machine. usage: bench/paired.sh [options of bench/lib/paired.py]
set -euo pipefail
cd "$(dirname "$0")/.."
exec python3 bench/lib/paired.py "$@"
