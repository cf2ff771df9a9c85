#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Decoding on one core, as a table; see README.md beside this file.
#
#   bench/decode.sh [TARGET [QUERIES]]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
attnc=${ATTNC_BUILD_DIR:-$root/build}/bin/attnc
target=${1:-cpu}
queries=${2:-1}
[[ -x $attnc ]] || { echo "$attnc is not built; run test/run.sh" >&2; exit 1; }

figures() {
  python3 -c 'import json, sys
run = json.load(sys.stdin)
print(*(run[key] for key in sys.argv[1:]))' "$@"
}

# Keys and values of 128 MiB or more, far beyond any cache.
printf '%-5s %8s %6s %10s %8s %8s %8s %8s\n' \
  type keys heads median_ms gbytes of_read gflops of_peak
for type in f32 f16 bf16; do
  for keys in 16384 65536; do
    for group in 1 2 4 8; do
      spec=$(sed "s/TYPE/$type/g" "$root/bench/specs/decode_128.mlir")
      kv_heads=$((keys == 16384 ? 8 : 2))
      shape=1x${kv_heads}x${keys}x128
      read -r seconds gbytes of_read gflops of_peak < <(
        "$attnc" bench - --target="$target" --threads 1 --json \
          --dims "q=1x$((kv_heads * group))x${queries}x128" \
          --dims "k=$shape" --dims "v=$shape" <<<"$spec" 2>/dev/null |
          figures median_seconds gbytes_per_second bandwidth_fraction \
            gflops peak_fraction)
      awk -v type="$type" -v keys="$keys" -v group="$group" -v s="$seconds" \
        -v b="$gbytes" -v r="$of_read" -v f="$gflops" -v p="$of_peak" \
        'BEGIN { printf "%-5s %8d %6d %10.2f %8.1f %7.1f%% %8.1f %7.1f%%\n",
                 type, keys, group, s * 1000, b, r * 100, f, p * 100 }'
    done
  done
done
