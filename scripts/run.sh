#!/usr/bin/env bash
# Installs what is missing, builds the release preset and serves config/quickstart.yaml.
# Arguments are passed on: scripts/run.sh --port 8080, scripts/run.sh --config my.yaml, scripts/run.sh --help
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install_deps.sh build >&2
# The tests need more packages; a tree that is configured with them already keeps them.
[ -f build/release/CMakeCache.txt ] || cmake --preset release -DSWITCHYARD_TESTS=OFF >&2
cmake --build build/release --target switchyard >&2

config=(--config config/quickstart.yaml)
for argument in "$@"; do
  case "$argument" in
    --port|--port=*|--host|--host=*|--num_workers|--num_workers=*|--debug|--detailed_debug) ;;
    --*|-c|-m|-v|-h) config=() ;; # anything that may bring its own models, or does not serve at all
  esac
done
# The quickstart's master key is printed in its file: for this machine only, unless somebody says otherwise.
case "${config[*]-} $*" in
  *quickstart*--host*) ;;
  *quickstart*) config+=(--host 127.0.0.1) ;;
esac
exec build/release/switchyard "${config[@]}" "$@"
