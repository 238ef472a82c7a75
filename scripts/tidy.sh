#!/usr/bin/env bash
# clang-tidy (.clang-tidy's small set) over src/, newest change first, for at most SECONDS. A file that was clean
# before is not looked at again until it, a header or the set changes. Says how many files were not reached.
# usage: scripts/tidy.sh [SECONDS]
set -uo pipefail
cd "$(dirname "$0")/.."
limit=${1:-300}

# The dev preset compiles with clang; without precompiled headers: flags that clang-tidy understands. Nothing is built.
cmake --preset dev -B build/tidy_flags -DSWITCHYARD_PCH=OFF >/dev/null || exit 1
cache=build/tidy
mkdir -p "$cache"
rm -f "$cache"/*.log
headers=$({ cat .clang-tidy; git ls-files -co --exclude-standard 'include/*.hpp' 'src/*.hpp' | sort | xargs cat; } | sha256sum)

check_one() {
  local file=$1 stamp
  stamp=$cache/$({ echo "$headers"; cat "$file"; } | sha256sum | cut -c1-32)
  [ -f "$stamp" ] && return 0
  local left=$((deadline - $(date +%s)))
  [ "$left" -gt 0 ] || { echo "$file" >>"$cache/not_reached.log"; return 0; }
  local log
  log=$cache/$(echo "$file" | tr / _).log
  timeout "$left" clang-tidy --quiet -p build/tidy_flags "$file" >"$log" 2>/dev/null
  case $? in
    0) touch "$stamp"; rm -f "$log" ;;
    124) echo "$file" >>"$cache/not_reached.log"; rm -f "$log" ;;
    *) mv "$log" "$log.failed.log" ;;
  esac
}
export -f check_one
export cache headers
deadline=$(($(date +%s) + limit))
export deadline

by_age() { # newest commit first; files not in git yet come first of all
  git ls-files -o --exclude-standard 'src/*.cpp'
  git log --format= --name-only -- 'src/*.cpp' | awk 'NF && !seen[$0]++'
}
by_age | while read -r file; do [ -f "$file" ] && echo "$file"; done |
  xargs -r -P2 -I{} bash -c 'check_one {}'

missed=$(cat "$cache/not_reached.log" 2>/dev/null | wc -l)
[ "$missed" -eq 0 ] || echo "clang-tidy: $missed files not reached in ${limit}s (TIDY_SECONDS=900 scripts/check.sh tidy)"
shopt -s nullglob
failures=("$cache"/*.failed.log)
[ "${#failures[@]}" -eq 0 ] || { cat "${failures[@]}"; echo "clang-tidy: ${#failures[@]} files with errors"; exit 1; }
