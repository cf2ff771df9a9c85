# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares useful_flops of `attnc bench --json` with enumeration, and checks
that the other figures are consistent.

check_bench.py masks_for_bench.mlir
"""

import itertools
import json
import subprocess
import sys

MASKS = {
    "full": lambda b, h, q, k: True,
    "window": lambda b, h, q, k: q - 9 <= k <= q + 3,
    "sinks": lambda b, h, q, k: k <= q and (q - 12 <= k or k < 4),
    "dilated": lambda b, h, q, k: k <= q and (q - k) % 4 == 0,
    "heads": lambda b, h, q, k: h < 1 or (k <= q and b + k > 2),
}
# batch, heads, query length, key length
EXTENTS = [(2, 3, 37, 37), (1, 2, 5, 41), (2, 2, 41, 7)]


def shape(*extents):
    return "x".join(map(str, extents))


def bench(function, dims):
    command = ["attnc", "bench", sys.argv[1], f"--entry={function}", "--json"]
    command += ["--threads=1", "--min-time=0"]
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


for function, allows in MASKS.items():
    value_dim = 24 if function == "full" else 16
    for b, h, q, k in EXTENTS:
        pairs = sum(
            allows(i, j, row + k - q, key)
            for i, j, row, key in itertools.product(*map(range, (b, h, q, k)))
        )
        dims = {"q": shape(b, h, q, 16), "k": shape(b, h, k, 16)}
        dims["v"] = shape(b, h, k, value_dim)
        result = bench(function, dims)
        check(f"{function} {dims}", result["useful_flops"], 2 * pairs * (16 + value_dim))
        check_figures(result)

result = bench("scan", {"q": shape(2, 3, 19, 16), "v": shape(2, 3, 19, 24)})
check("scan", result["useful_flops"], 4 * 16 * 24 * 2 * 3 * 19)
check("scan bytes", result["useful_bytes"], 4 * 2 * 3 * 19 * (16 + 16 + 24 + 24))
