# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares useful_flops of `attnc bench --json` with enumeration, and checks
that the other figures are consistent.

check_bench.py FOLDER, where it writes the specs.
"""

import itertools
import json
import subprocess
import sys
from pathlib import Path

ATTEND = """func.func @f(%q: tensor<?x?x?x16xf32>, %k: tensor<?x?x?x16xf32>,
             %v: tensor<?x?x?x{dim}xf32>) -> tensor<?x?x?x{dim}xf32> {{
  %o = attn.attend %q, %k, %v {mask}
    : (tensor<?x?x?x16xf32>, tensor<?x?x?x16xf32>, tensor<?x?x?x{dim}xf32>)
    -> tensor<?x?x?x{dim}xf32>
  return %o : tensor<?x?x?x{dim}xf32>
}}
"""
SCAN = """func.func @f(%q: tensor<?x?x?x16xf32>, %v: tensor<?x?x?x24xf32>)
    -> tensor<?x?x?x24xf32> {
  %o = attn.scan %q, %q, %v transition identity
    : tensor<?x?x?x16xf32>, tensor<?x?x?x16xf32>, tensor<?x?x?x24xf32>
    -> tensor<?x?x?x24xf32>
  return %o : tensor<?x?x?x24xf32>
}
"""
# The mask in the language of specs and in Python; value dim; extents of batch,
# heads, queries and keys.
CASES = [
    ("", lambda b, h, q, k: True, 24, (2, 3, 5, 9)),
    ("window<9, 3>", lambda b, h, q, k: q - 9 <= k <= q + 3, 16, (1, 2, 37, 41)),
    ("window<9, 3>", lambda b, h, q, k: q - 9 <= k <= q + 3, 16, (1, 2, 41, 7)),
    (
        'causal and (window<12, 0> or "k < 4")',
        lambda b, h, q, k: k <= q and (q - 12 <= k or k < 4),
        16,
        (2, 1, 37, 37),
    ),
    (
        'causal and "(q - k) mod 4 == 0"',
        lambda b, h, q, k: k <= q and (q - k) % 4 == 0,
        16,
        (1, 1, 30, 37),
    ),
    (
        "axial<4, 5, both>",
        lambda b, h, q, k: q // 20 == k // 20 and (q // 5 == k // 5 or q % 5 == k % 5),
        16,
        (1, 2, 47, 61),
    ),
    (
        '"h < 1 or k <= q and b + k > 2"',
        lambda b, h, q, k: h < 1 or (k <= q and b + k > 2),
        16,
        (3, 2, 11, 13),
    ),
]


def shape(*extents):
    return "x".join(map(str, extents))


def bench(spec, dims):
    path = Path(sys.argv[1], "f.mlir")
    path.write_text(spec)
    command = ["attnc", "bench", path, "--json", "--threads=1", "--min-time=0"]
    for name, value in dims.items():
        command += ["--dims", f"{name}={value}"]
    output = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    return json.loads(output)


def check(name, actual, expected):
    if abs(actual - expected) > 1e-9 * abs(expected):
        sys.exit(f"{name}: {actual}, expected {expected}")


def check_figures(result):
    seconds, flops = result["median_seconds"], result["useful_flops"]
    check("gflops", result["gflops"], flops / seconds * 1e-9)
    fraction = result["gflops"] / result["peak_gflops"]
    check("peak_fraction", result["peak_fraction"], fraction)
    fraction = result["gbytes_per_second"] / result["peak_gbytes_per_second"]
    check("bandwidth_fraction", result["bandwidth_fraction"], fraction)
    if not 0 < result["min_seconds"] <= seconds or result["threads"] != 1:
        sys.exit(f"implausible: {result}")
    # Any machine with the vectors that attnc needs, and none that exists.
    if not 1 < result["peak_gflops"] < 5000:
        sys.exit(f"implausible peak: {result['peak_gflops']}")


for mask, allows, dim, (b, h, q, k) in CASES:
    pairs = sum(
        allows(i, j, row + k - q, key)
        for i, j, row, key in itertools.product(*map(range, (b, h, q, k)))
    )
    text = f"mask(#attn.mask<{mask}>)" if mask else ""
    dims = {"q": shape(b, h, q, 16), "k": shape(b, h, k, 16), "v": shape(b, h, k, dim)}
    result = bench(ATTEND.format(mask=text, dim=dim), dims)
    check(f"{mask} {dims}", result["useful_flops"], 2 * pairs * (16 + dim))
    check_figures(result)

# What a mask reads is random, and its pairs are counted all the same.
table = ATTEND.replace("%v: tensor<?x?x?x{dim}xf32>", "%v: tensor<?x?x?x{dim}xf32>, %w: tensor<i64>")
table = table.replace("tensor<?x?x?x{dim}xf32>)\n    ->", "tensor<?x?x?x{dim}xf32>, tensor<i64>)\n    ->")
spec = table.format(mask="mask(#attn.mask<window<w, 0>>) tables(w = %w)", dim=16)
result = bench(spec, {name: shape(1, 1, 40, 16) for name in "qkv"})
pairs = result["useful_flops"] / (2 * (16 + 16))
counts = [sum(min(q, w) + 1 for q in range(40)) if w >= 0 else 0 for w in range(-1, 40)]
if pairs not in counts:
    sys.exit(f"{pairs} pairs are those of no window")
check_figures(result)

# A mask whose number is computed by the function has a time, and no rate.
computed = table.replace("  %o =", "  %c = arith.addi %w, %w : tensor<i64>\n  %o =")
spec = computed.format(mask="mask(#attn.mask<window<w, 0>>) tables(w = %c)", dim=16)
result = bench(spec, {name: shape(1, 1, 40, 16) for name in "qkv"})
for key in ("useful_flops", "gflops", "peak_fraction", "best_peak_fraction"):
    if result[key] is not None:
        sys.exit(f"{key}: {result[key]}, expected null")

result = bench(SCAN, {"q": shape(2, 3, 19, 16), "v": shape(2, 3, 19, 24)})
check("scan", result["useful_flops"], 4 * 16 * 24 * 2 * 3 * 19)
check("scan bytes", result["useful_bytes"], 4 * 2 * 3 * 19 * (16 + 24 + 24))
check_figures(result)
