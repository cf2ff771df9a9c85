#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Prefill on one core, as a table; see README.md beside this file.
#
#   bench/prefill.sh [TARGET]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
attnc=${ATTNC_BUILD_DIR:-$root/build}/bin/attnc
target=${1:-cpu}
[[ -x $attnc ]] || { echo "$attnc is not built; run test/run.sh" >&2; exit 1; }

figure() {
  python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

printf '%-8s %5s %6s %10s %10s %8s\n' mask dim length median_ms gflops of_peak
for mask in full causal; do
  for dim in 64 128; do
    for length in 2048 8192; do
      heads=$((length == 2048 ? 8 : 1))
      shape=1x${heads}x${length}x${dim}
      json=$("$attnc" bench "$root/bench/specs/${mask}_${dim}.mlir" \
        --target="$target" --threads 1 --json \
        --dims "q=$shape" --dims "k=$shape" --dims "v=$shape" 2>/dev/null)
      printf '%-8s %5d %6d %10.2f %10.1f %7.1f%%\n' "$mask" "$dim" "$length" \
        "$(figure median_seconds <<<"$json" | awk '{print $1 * 1000}')" \
        "$(figure gflops <<<"$json")" \
        "$(figure peak_fraction <<<"$json" | awk '{print $1 * 100}')"
    done
  done
done
