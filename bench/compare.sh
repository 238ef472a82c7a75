#!/usr/bin/env bash
# Runs haproxy, nginx and switchyard in turns in front of the same mock upstream, one pinned core each, and judges the
# figures. usage: bench/compare.sh [options of bench/lib/compare.py]; see bench/README.md
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
for pair in haproxy:haproxy nginx:nginx-light python3:python3; do
  PATH="$PATH:/usr/sbin" command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
done
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" != 0 ]; then
    echo "missing: ${missing[*]}; install them or run this as root" >&2
    exit 1
  fi
  apt-get update -q
  # RUNLEVEL=1: the packages' own services do not start, their CPU time would be in the measurement.
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
fi

# BUILD names a build directory that is already built; without it build/release is brought up to date.
if [ -z "${BUILD:-}" ]; then
  BUILD=build/release
  cmake --preset release >/dev/null
  cmake --build "$BUILD" --target mock_upstream load switchyard
fi
exec python3 bench/lib/compare.py --build "$BUILD" "$@"
