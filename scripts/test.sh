#!/usr/bin/env bash
# Installs what is missing, builds release (GCC) and dev (clang: ASan+UBSan and the fuzz targets), then runs every test (the unit
# tests in dev only: one compile less, and the sanitizers see more) and scripts/check.sh as ONE ctest run, whose
# summary is the last thing printed.
# usage: scripts/test.sh [ctest arguments, e.g. -R routes or -L integration]
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s (%ds)\n' "$*" "$SECONDS"; }

step packages
scripts/install_deps.sh test
scripts/install_tokenizers.sh "$PWD/build/tokenizers"
step build release
cmake --preset release -DSWITCHYARD_TESTS=ON -DSWITCHYARD_UNIT_TESTS=OFF >/dev/null
cmake --build build/release
step build dev
cmake --preset dev -DSWITCHYARD_TESTS=ON -DSWITCHYARD_UNIT_TESTS=ON >/dev/null
cmake --build build/dev
# ctest reads this file as if CMake had made it: the tests of both builds, the checks and the fuzz smoke runs.
mkdir -p build/all
{
  printf 'subdirs("../release" "../dev")\n'
  printf 'add_test(check "%s/scripts/check.sh")\n' "$PWD"
  printf 'set_tests_properties(check PROPERTIES TIMEOUT 900 RUN_SERIAL FALSE)\n'
  for target in build/dev/tests/fuzz/fuzz_*; do
    [ -x "$target" ] && [ -f "$target" ] || continue
    name=${target##*/fuzz_}
    printf 'add_test(fuzz.%s "%s/scripts/fuzz.sh" "%s" "10")\n' "$name" "$PWD" "$name"
    printf 'set_tests_properties(fuzz.%s PROPERTIES LABELS fuzz TIMEOUT 120)\n' "$name"
  done
} >build/all/CTestTestfile.cmake

step test
ctest --test-dir build/all --output-on-failure -j2 "$@"
