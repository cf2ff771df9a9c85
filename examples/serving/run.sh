#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Compiles the kernels of the serving example with attnc, links them with the
# host program and the runtime, and runs it; see README.md beside this file.
# The runtime's sources are compiled here, so that of a build only attnc is
# needed. Arguments are those of the program.
#
#   examples/serving/run.sh [--sessions=N] [--seed=N] [--max-tokens=N]
#                           [--budget-mib=N] [--weights-mib=N]
#                           [--json=FILE] [--svg=FILE]
#
# The build directory is $ATTNC_BUILD_DIR, or build/ in the source tree; $ATTNC is
# another compiler. What is built is left in $SERVING_OUT if that is set.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
attnc=${ATTNC:-${ATTNC_BUILD_DIR:-$root/build}/bin/attnc}
llvm_lib=/usr/lib/llvm-22/lib
out=${SERVING_OUT:-}
if [[ -z $out ]]; then
  out=$(mktemp -d)
  trap 'rm -rf "$out"' EXIT
fi
mkdir -p "$out"

compile=("${CXX:-clang++-22}" -std=c++17 -O2 -DNDEBUG
  -DATTNC_VERSION_STRING='"example"' -I"$root/include" -I"$out")
if command -v ccache >/dev/null; then
  compile=(ccache "${compile[@]}")
fi

"$attnc" compile "$here/kernels.mlir" --target=cpu -o "$out/kernels.o"
objects=("$out/kernels.o")
for source in "$here"/*.cpp "$root"/lib/Runtime/*.cpp; do
  object=$out/$(basename "$source" .cpp).o
  "${compile[@]}" -c "$source" -o "$object"
  objects+=("$object")
done
"${CXX:-clang++-22}" "${objects[@]}" -L"$llvm_lib" -Wl,-rpath,"$llvm_lib" \
  -lomp -ldl -pthread -o "$out/serving"
"$out/serving" "$@"
