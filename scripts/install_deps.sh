#!/usr/bin/env bash
# Installs the Debian 12 packages that Switchyard needs and that are missing.
# usage: scripts/install_deps.sh [build|test]   build = to compile and run, test (default) = also to test.
set -euo pipefail

build_packages=(g++ cmake ninja-build ccache pkg-config libcaf-dev libboost1.81-dev libboost-url1.81-dev
  libsimdjson-dev libyaml-cpp-dev libssl-dev libcli11-dev libmimalloc-dev libre2-dev
  libsqlite3-dev libpq-dev libsodium-dev
  zlib1g-dev libbrotli-dev libzstd-dev)
test_packages=(libgtest-dev libgmock-dev libbenchmark-dev clang-16 clang-format clang-tidy libclang-rt-16-dev
  python3 python3-venv curl openssl git ca-certificates postgresql-15)

missing() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

case "${1:-test}" in
  build) wanted=$(missing "${build_packages[@]}") ;;
  test)
    wanted=$(missing "${build_packages[@]}" "${test_packages[@]}")
    # Node may come from elsewhere than Debian (then its npm does too), so ask for the commands.
    command -v node >/dev/null || wanted+=" nodejs"
    command -v npm >/dev/null || wanted+=" npm"
    ;;
  *) echo "usage: $0 [build|test]" >&2; exit 2 ;;
esac
[ -n "${wanted//[[:space:]]/}" ] || exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || { echo "missing packages, and neither root nor sudo: $wanted" >&2; exit 1; }
  as_root=(sudo)
fi
echo "installing:" $wanted
"${as_root[@]}" apt-get update -q
# shellcheck disable=SC2086  # the list is meant to be split
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $wanted
