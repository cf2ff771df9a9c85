#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Attention on a GPU: every spec of specs/ compiled, checked against its definition
# and timed beside PyTorch; see README.md one folder up. The Python needs PyTorch.
#
#   bench/gpu/run.sh [TARGET] [--json FILE] [--seconds N] [--only NAME,...]
#
# With COMPILE_ONLY=DIR in the environment the kernels are compiled to DIR, to be
# carried to another machine together with the Python files of this folder:
#
#   python3 run.py --kernels DIR
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${ATTNC_BUILD_DIR:-$root/build}
attnc=${ATTNC:-$build/bin/attnc}
[[ -x $attnc ]] || { echo "$attnc is not built; run test/run.sh" >&2; exit 1; }
target=cuda:sm_90a
[[ $# -gt 0 && $1 != -* ]] && { target=$1; shift; }

kernels=${COMPILE_ONLY:-$(mktemp -d)}
[[ ${COMPILE_ONLY:-} ]] || trap 'rm -rf "$kernels"' EXIT
mkdir -p "$kernels"
status=0
for spec in "$root"/bench/gpu/specs/*.mlir; do
  "$attnc" compile "$spec" --emit=shared --target="$target" \
    -o "$kernels/$(basename "$spec" .mlir).so" || status=1
done
# Of what does not compile run.py says that there is no library.
[[ ${COMPILE_ONLY:-} ]] && exit $status

for python in "$build"/peers-venv/bin/python3 python3; do
  command -v "$python" > /dev/null && break
done
device=cuda
[[ $target == cpu* || $target == reference ]] && device=cpu
"$python" "$root/bench/gpu/run.py" --kernels "$kernels" --device "$device" "$@"
