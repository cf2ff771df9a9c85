#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Brings a fresh Debian 12 to everything that building and testing attnc needs,
# from the distribution's own archives: LLVM and MLIR 22 are in its security
# suite. Silent and quick where everything is installed already.
#
#   scripts/setup.sh            the packages
#   scripts/setup.sh --python   also <build>/venv, for tests that need packages
#                               from PyPI (scripts/requirements.txt)
#   scripts/setup.sh --aarch64  also what tests of code for NEON need: qemu's user
#                               mode and libraries to link with; about 200 MB
#
# The build directory is $ATTNC_BUILD_DIR, or build/ in the source tree.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${ATTNC_BUILD_DIR:-$root/build}

# clang-22 brings the C and C++ headers; python3-psutil is what lit needs to
# stop a test that hangs.
packages=(
  cmake ninja-build ccache
  clang-22 lld-22 clang-format-22 libclang-rt-22-dev libomp-22-dev
  llvm-22-dev llvm-22-tools libmlir-22-dev mlir-22-tools
  nlohmann-json3-dev libgtest-dev libbenchmark-dev
  python3 python3-venv python3-numpy python3-psutil
)
# libstdc++'s headers; it depends on the libraries of C and of the compiler.
aarch64_packages=(qemu-user libstdc++-12-dev-arm64-cross)

fail() {
  echo "setup.sh: $*" >&2
  exit 1
}

# Sets `missing` to those of the packages that are not installed.
find_missing_packages() {
  local status package
  # dpkg-query fails as soon as it does not know one of the packages; the
  # others are listed all the same.
  status=$(dpkg-query -W -f='${db:Status-Status} ${Package};' \
    "${packages[@]}" 2>/dev/null || true)
  missing=()
  for package in "${packages[@]}"; do
    [[ ";$status" == *";installed $package;"* ]] || missing+=("$package")
  done
}

# Runs apt-get as root, quietly; shows its output only if it failed.
apt_get() {
  local as_root=() output
  if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null ||
      fail "cannot install packages: be root, or install sudo"
    as_root=(sudo)
  fi
  if ! output=$("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -o DPkg::Lock::Timeout=300 "$@" 2>&1); then
    echo "$output" >&2
    return 1
  fi
}

install_packages() {
  find_missing_packages
  [[ ${#missing[@]} -gt 0 ]] || return 0
  echo "setup.sh: installing ${missing[*]}"
  # One broken third-party source fails the update and need not matter here.
  apt_get update || echo "setup.sh: apt-get update failed; going on" >&2
  apt-cache show clang-22 libmlir-22-dev >/dev/null 2>&1 ||
    fail "no LLVM 22 in this machine's package sources: enable Debian 12's" \
      "bookworm-security suite"
  apt_get install --no-install-recommends -y "${missing[@]}" ||
    fail "apt-get could not install: ${missing[*]}"
  find_missing_packages
  [[ ${#missing[@]} -eq 0 ]] || fail "still not installed: ${missing[*]}"
}

# The stamp is a copy of the requirements that were installed, so that a change
# to them is noticed and an unchanged environment costs nothing.
make_venv() {
  local venv=$build/venv requirements=$root/scripts/requirements.txt
  cmp -s "$requirements" "$venv/requirements.txt" && return 0
  echo "setup.sh: creating $venv"
  mkdir -p "$build"
  /usr/bin/python3 -m venv --clear "$venv"
  "$venv/bin/python3" -m pip install --quiet --disable-pip-version-check \
    --requirement "$requirements"
  cp "$requirements" "$venv/requirements.txt"
}

python=no
for argument in "$@"; do
  case $argument in
  --python) python=yes ;;
  # On a machine that is one itself, tests run without them.
  --aarch64) [[ $(uname -m) == aarch64 ]] || packages+=("${aarch64_packages[@]}") ;;
  *) fail "unknown argument '$argument'; usage: scripts/setup.sh [--python]" \
    "[--aarch64]" ;;
  esac
done

command -v dpkg-query >/dev/null ||
  fail "this is not a Debian machine; the packages needed are: ${packages[*]}"
install_packages
[[ $python == no ]] || make_venv
