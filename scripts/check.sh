#!/usr/bin/env bash
# Everything about the sources that needs no running: format, include directions, text, generated files, clang-tidy.
# usage: scripts/check.sh [STEP...]     steps: format includes text generated tidy (default: all)
# Runs all steps, names those that failed, exit code 1 when one did. TIDY_SECONDS (default 120) bounds clang-tidy.
set -uo pipefail
cd "$(dirname "$0")/.."

check_format() {
  local unformatted
  unformatted=$(git ls-files -co --exclude-standard '*.cpp' '*.hpp' | xargs -r -P2 -n8 clang-format --dry-run 2>&1 |
    sed -n 's/^\([^:]*\):[0-9]*:[0-9]*: warning: code should be clang-formatted.*/\1/p' | sort -u)
  [ -z "$unformatted" ] || { echo "not formatted (clang-format -i FILE):"; echo "$unformatted"; return 1; }
}

check_includes() { python3 scripts/check_includes.py; }

check_text() { python3 scripts/check_text.py; }

check_generated() {
  local binary=build/release/switchyard
  [ -x "$binary" ] || { echo "$binary is not built: scripts/run.sh builds it"; return 1; }
  diff -u docs/config.md <("$binary" --print-config-reference) ||
    { echo "docs/config.md is stale: $binary --print-config-reference > docs/config.md"; return 1; }
  diff -u docs/provider_table.md <("$binary" --print-provider-table) ||
    { echo "docs/provider_table.md is stale: $binary --print-provider-table > docs/provider_table.md"; return 1; }
}

check_tidy() { scripts/tidy.sh "${TIDY_SECONDS:-120}"; }

steps=("$@")
[ "${#steps[@]}" -gt 0 ] || steps=(format includes text generated tidy)
failed=()
for step in "${steps[@]}"; do
  declare -F "check_$step" >/dev/null || { echo "no such step: $step" >&2; exit 2; }
  echo "-- check $step"
  "check_$step" || failed+=("$step")
done
if [ "${#failed[@]}" -gt 0 ]; then
  echo "check: FAILED: ${failed[*]}"
  exit 1
fi
echo "check: ok (${steps[*]})"
