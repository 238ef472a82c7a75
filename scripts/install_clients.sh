#!/usr/bin/env bash
# Installs OpenAI's Python SDK (newest) and Node SDK (package-lock.json) for tests/clients. Idempotent.
set -euo pipefail
cd "$(dirname "$0")/../tests/clients"

if ! .venv/bin/python -c 'import openai, anthropic, google.genai, cohere, mistralai, groq, websockets' 2>/dev/null; then
  rm -rf .venv
  python3 -m venv .venv
  .venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
fi
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --silent --no-audit --no-fund
  touch node_modules/.package-lock.json
fi
.venv/bin/python -c 'import openai; print("openai for Python", openai.__version__)'
node -e 'console.log("openai for Node", require("./node_modules/openai/package.json").version, "on", process.version)'
