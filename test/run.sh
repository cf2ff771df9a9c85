#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Installs what is missing, builds, and runs all tests, cheap ones first. Stops
# at the first phase that fails. The last line reads `N passed, N failed` and
# counts each lit test and each unit test.
#
#   test/run.sh
#   ATTNC_PRESET=asan test/run.sh      another preset of CMakePresets.json
#   ATTNC_BUILD_DIR=DIR test/run.sh    another build directory than build/
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
preset=${ATTNC_PRESET:-default}
build=${ATTNC_BUILD_DIR:-$root/build}
[[ $preset == default || -n ${ATTNC_BUILD_DIR:-} ]] || build=$root/build-$preset
mkdir -p "$build"
build=$(cd "$build" && pwd)
export ATTNC_BUILD_DIR=$build
results=$build/test/results
jobs=$(nproc)

# phase NAME COMMAND... runs the command and says how long it took. If it fails,
# what ran so far is counted, and the phase with it unless its tests are.
phase() {
  local name=$1 start=$SECONDS
  shift
  echo "== $name"
  if "$@"; then
    echo "== $name: $((SECONDS - start)) s"
    return 0
  fi
  echo "== $name: failed after $((SECONDS - start)) s"
  if [[ $1 == run_ctest ]]; then
    tally || true
  else
    tally --failed "$name" || true
  fi
  exit 1
}

tally() {
  # It is the setup that installs Python: before that nothing was counted.
  command -v python3 >/dev/null || { echo "0 passed, 1 failed" && return 1; }
  python3 test/tally.py "$results" "$@"
}

check_format() {
  find lib include tools test examples \( -name '*.cpp' -o -name '*.h' \) -print0 |
    xargs -0 --no-run-if-empty clang-format-22 --dry-run --Werror
}

# run_ctest NAME OPTIONS...: the tests that the options select. They do not see the
# variables of this script, which the library would warn of: it knows its own.
run_ctest() {
  local name=$1
  shift
  env -u ATTNC_BUILD_DIR -u ATTNC_PRESET ctest --test-dir "$build" \
    --output-on-failure --no-tests=error -j "$jobs" --output-junit \
    "$results/ctest-$name.xml" "$@"
}

rm -rf "$results"
mkdir -p "$results"
phase setup scripts/setup.sh --aarch64
phase format check_format
phase configure cmake --preset "$preset" -B "$build"
phase structure run_ctest structure -L '^structure$'
phase build cmake --build "$build" -j "$jobs"
phase tests run_ctest rest -LE '^structure$'
tally
