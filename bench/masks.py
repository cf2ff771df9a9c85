# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times the masks of the library against the causal one, and over lengths.

Each mask is compiled to a shared library and called in this process, in turns
with the causal kernel, so that a rate relative to it means something on a
machine whose clock moves. Called by masks.sh; the environment variable ATTNC
says where the compiler is.
"""

import argparse
import ctypes
import json
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import numpy as np
from compiled import compile_library
from peers.dlpack import describe

DIM = 64
LENGTH = 32768
LENGTHS = [8192, 16384, 32768, 65536, 131072]
FLOPS_PER_ENTRY = 4 * DIM
MASK64 = (1 << 64) - 1


# How many entries a mask allows among n queries and n keys.


def band(left, right=0):
    def count(n):
        q = np.arange(n)
        return int((np.minimum(q + right, n - 1) - np.maximum(q - left, 0) + 1).sum())

    return count


def dilated(window, stride):
    return lambda n: int(np.minimum(np.arange(n) // stride + 1, window).sum())


def strided(stride):
    return lambda n: int((np.arange(n) // stride + 1).sum())


def block(size):
    return lambda n: n // size * size**2 + (n % size) ** 2


def chunked(size):
    return lambda n: int((np.arange(n) % size + 1).sum())


def prefix(tokens):
    return lambda n: int(np.maximum(np.arange(n) + 1, min(tokens, n)).sum())


def longformer(window, tokens):
    def count(n):
        q = np.arange(tokens, n)
        first = np.maximum(q - window // 2, 0)
        near = np.minimum(q + window // 2, n - 1) - first + 1
        return min(tokens, n) * n + int((near + np.minimum(first, tokens)).sum())

    return count


def splitmix64(state, index):
    x = (state + (index + 1) * 0x9E3779B97F4A7C15) & MASK64
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & MASK64
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB & MASK64
    return x ^ (x >> 31)


def bigbird(size, window, tokens, random, seed):
    """For lengths that are whole blocks."""

    def count(n):
        blocks = n // size
        seen = 0
        for row in range(blocks):
            reach = (window - 1) // 2
            keys = set(range(max(0, row - reach), min(blocks, row + reach + 1)))
            keys.update(range(min(tokens, blocks)))
            for r in range(random):
                keys.add(splitmix64(splitmix64(seed, r), row) % blocks)
            seen += blocks if row < tokens else len(keys)
        return seen * size**2

    return count


def image(height, width, count_pixel):
    """For lengths that are whole rows; `count_pixel` takes the rows, the columns,
    and how many rows the image of each pixel has."""

    def count(n):
        q = np.arange(n)
        rows = q // width
        first = rows // height * height
        present = np.minimum(first + height, n // width) - first
        return int(count_pixel(rows - first, q % width, present).sum())

    return count


def axial(height, width):
    return image(height, width, lambda row, column, rows: width + rows - 1)


def neighborhood(height, width, radius):
    def near(at, extent):
        return np.minimum(at + radius, extent - 1) - np.maximum(at - radius, 0) + 1

    return image(
        height, width, lambda row, column, rows: near(row, rows) * near(column, width)
    )


def document_ids(n):
    """Documents of 512 to 1535 tokens."""
    lengths = np.random.default_rng(1).integers(512, 1536, n // 512 + 1)
    return np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)[:n].copy()


def documents(n):
    return sum(int(c) * (int(c) + 1) // 2 for c in np.bincount(document_ids(n)))


@dataclass
class Pattern:
    mask: str
    count: Callable[[int], int]
    # What the table of the mask holds, for a length.
    table: Callable[[int], np.ndarray] | None = None


CAUSAL = Pattern("causal", band(1 << 40))
WINDOW = Pattern("window<511, 0>", band(511))
SHORT_WINDOW = Pattern("window<127, 0>", band(127))
DILATED = Pattern("dilated<512, 8>", dilated(512, 8))
BIGBIRD = Pattern("bigbird<64, 3, 1, 3, 7>", bigbird(64, 3, 1, 3, 7))
LONGFORMER = Pattern("longformer<512, 64>", longformer(512, 64))
BLOCK = Pattern("block<64>", block(64))
CHUNKED = Pattern("chunked<1024>", chunked(1024))
DOCUMENT = Pattern("document<ids> and causal", documents, document_ids)

RATES = [
    WINDOW,
    SHORT_WINDOW,
    DILATED,
    Pattern("strided<64> and causal", strided(64)),
    Pattern("axial<128, 256, both>", axial(128, 256)),
    BIGBIRD,
    LONGFORMER,
    BLOCK,
    CHUNKED,
    Pattern("neighborhood2d<128, 256, 6>", neighborhood(128, 256, 6)),
    DOCUMENT,
    Pattern("prefix<4096>", prefix(4096)),
]
# Those whose work is proportional to the length. The images have 8192 pixels, so
# that each length is whole images.
SCALING = [
    WINDOW,
    SHORT_WINDOW,
    DILATED,
    Pattern("axial<64, 128, both>", axial(64, 128)),
    BIGBIRD,
    LONGFORMER,
    BLOCK,
    CHUNKED,
    Pattern("neighborhood2d<64, 128, 6>", neighborhood(64, 128, 6)),
    DOCUMENT,
]


class Data:
    """Queries, keys, values and room for the result, for lengths up to one."""

    def __init__(self, longest):
        random = np.random.default_rng(0)
        self.arrays = [
            random.standard_normal((longest, DIM), dtype=np.float32) for _ in range(3)
        ] + [np.empty((longest, DIM), np.float32)]

    def of_length(self, n):
        return [array[:n].reshape(1, 1, n, DIM) for array in self.arrays]


class Kernel:
    """A pattern, compiled."""

    def __init__(self, pattern, target, folder):
        tensor = f"tensor<?x?x?x{DIM}xf32>"
        argument = ", %ids: tensor<?xi32>" if pattern.table else ""
        tables = " tables(ids = %ids)" if pattern.table else ""
        more = ", tensor<?xi32>" if pattern.table else ""
        name = "".join(c if c.isalnum() else "_" for c in pattern.mask)
        spec = folder / (name + ".mlir")
        text = (
            f"func.func @f(%q: {tensor}, %k: {tensor}, %v: {tensor}{argument})\n"
            f"    -> {tensor} {{\n"
            f"  %o = attn.attend %q, %k, %v mask(#attn.mask<{pattern.mask}>){tables}\n"
            f"    : ({tensor}, {tensor}, {tensor}{more}) -> {tensor}\n"
            f"  return %o : {tensor}\n}}\n"
        )
        self.pattern = pattern
        self.library = compile_library(text, spec, target)

    def prepare(self, data, n):
        """A function that calls the kernel once and returns how long that took."""
        arrays = data.of_length(n)
        if self.pattern.table:
            arrays.insert(3, self.pattern.table(n))
        tensors = [describe(array) for array in arrays]
        arguments = [ctypes.byref(tensor) for tensor in tensors]

        def call(arrays=arrays, tensors=tensors):
            # Time on the processor: what else runs on the machine counts less.
            start = time.thread_time()
            status = self.library.f(*arguments)
            seconds = time.thread_time() - start
            if status != 0:
                sys.exit(f"{self.pattern.mask}: the kernel returned {status}")
            return seconds

        return call


def measure_rates(patterns, target, rounds, folder):
    data = Data(LENGTH)
    causal = Kernel(CAUSAL, target, folder).prepare(data, LENGTH)
    causal_seconds = [causal(), causal()][1:]
    calls = [Kernel(p, target, folder).prepare(data, LENGTH) for p in patterns]
    seconds = [[] for _ in patterns]
    relative = [[] for _ in patterns]
    causal_entries = CAUSAL.count(LENGTH)
    for call in calls:
        call()
    for _ in range(rounds):
        for number, call in enumerate(calls):
            # Three runs of one kernel between two of the other.
            once = statistics.median(call() for _ in range(3))
            before = causal_seconds[-1]
            causal_seconds.append(causal())
            rate = patterns[number].count(LENGTH) / once
            causal_rate = causal_entries * 2 / (before + causal_seconds[-1])
            seconds[number].append(once)
            relative[number].append(rate / causal_rate)

    def row(pattern, seconds, relative):
        median = statistics.median(seconds)
        entries = pattern.count(LENGTH)
        return {
            "mask": pattern.mask,
            "median_seconds": median,
            "entries": entries,
            "gflops": entries * FLOPS_PER_ENTRY / median * 1e-9,
            "relative_rate": statistics.median(relative),
        }

    rows = [row(CAUSAL, causal_seconds, [1.0])]
    rows += [row(*values) for values in zip(patterns, seconds, relative)]
    window = next((r for r in rows if r["mask"] == WINDOW.mask), None)
    for r in rows:
        r["time_of_window"] = window and r["median_seconds"] / window["median_seconds"]
    return rows


def measure_scaling(patterns, target, rounds, folder):
    data = Data(max(LENGTHS))
    rows = []
    for pattern in patterns:
        kernel = Kernel(pattern, target, folder)
        calls = [kernel.prepare(data, n) for n in LENGTHS]
        for call in calls:
            call()
        samples = [[call() for call in calls] for _ in range(2 * rounds + 1)]
        median = [statistics.median(s) for s in zip(*samples)]
        entries = [pattern.count(n) for n in LENGTHS]
        rows.append(
            {
                "mask": pattern.mask,
                "lengths": LENGTHS,
                "median_seconds": median,
                "doubling": [b / a for a, b in zip(median, median[1:])],
                "entries_doubling": [b / a for a, b in zip(entries, entries[1:])],
            }
        )
    return rows


def print_rates(rows):
    print(f"{LENGTH} positions, head dim {DIM}, one core\n")
    print(
        "| mask | median ms | allowed entries"
        " | rate, causal = 1 | time, window 512 = 1 |"
    )
    print("|---|---|---|---|---|")
    for r in rows:
        ratio = r["time_of_window"]
        print(
            f"| `{r['mask']}` | {r['median_seconds'] * 1e3:.1f} | {r['entries']:,}"
            f" | {r['relative_rate']:.2f} | {f'{ratio:.2f}' if ratio else ''} |"
        )


def print_scaling(rows):
    heads = " | ".join(f"{n // 1024}k" for n in LENGTHS)
    print(f"\n| mask, ms at | {heads} | time doubles by | entries double by |")
    print("|---" * (len(LENGTHS) + 3) + "|")
    for r in rows:
        times = " | ".join(f"{s * 1e3:.1f}" for s in r["median_seconds"])
        by = ", ".join(f"{d:.2f}" for d in r["doubling"])
        entries = ", ".join(f"{d:.2f}" for d in r["entries_doubling"])
        print(f"| `{r['mask']}` | {times} | {by} | {entries} |")


def main():
    parser = argparse.ArgumentParser(prog="masks.sh")
    parser.add_argument("target", nargs="?", default="cpu")
    parser.add_argument("patterns", nargs="*", help="beginnings of masks")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=["rates", "scaling"])
    options = parser.parse_intermixed_args()

    def chosen(patterns):
        names = tuple(options.patterns) or ("",)
        return [p for p in patterns if p.mask.startswith(names)]

    result = {"schema": 1, "target": options.target, "dim": DIM, "length": LENGTH}
    with tempfile.TemporaryDirectory() as folder:
        arguments = (options.target, options.rounds, Path(folder))
        if options.only != "scaling":
            result["rates"] = measure_rates(chosen(RATES), *arguments)
        if options.only != "rates":
            result["scaling"] = measure_scaling(chosen(SCALING), *arguments)
    if options.json:
        print(json.dumps(result, indent=2))
        return
    if "rates" in result:
        print_rates(result["rates"])
    if "scaling" in result:
        print_scaling(result["scaling"])


if __name__ == "__main__":
    main()
