#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# What the calls of the page pool cost; see README.md beside this file. Compiles
# the runtime's sources and needs no build. Arguments are those of Google
# Benchmark.
#
#   bench/pool.sh [--benchmark_filter=REGEX] [--benchmark_format=json]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
runtime=$root/lib/Runtime
program=$(mktemp)
trap 'rm -f "$program"' EXIT
"${CXX:-clang++-22}" -std=c++17 -O3 -DNDEBUG -fno-exceptions \
  -DATTNC_VERSION_STRING='"bench"' -I"$root/include" "$root/bench/pool.cpp" \
  "$runtime/LastError.cpp" "$runtime/Lock.cpp" "$runtime"/Page*.cpp \
  -lbenchmark -pthread -o "$program"
"$program" "$@"
