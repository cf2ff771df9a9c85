# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks what a GPU makes of caches whose contents nobody has checked.

Entries of a block table that are no page count as a page of zeros, lengths as the
nearest one that there is room for, and what is behind the last token as nothing, not
a number or not. A result has the same bits either way, and what is appended to no page
changes none.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

BATCH, HEADS, DIM, PAGES, BLOCKS = 3, 2, 64, 40, 12
LEAST, GREATEST = np.iinfo(np.int32).min, np.iinfo(np.int32).max


def run(gpu, spec, entry, folder, inputs, outputs):
    command = ["attnc", "run", spec, f"--entry={entry}", f"--target=emulate:{gpu}"]
    command += [f"--out={name}={folder}/out_{name}.npy" for name in outputs]
    for name, array in inputs.items():
        np.save(folder / f"{name}.npy", array)
        command.append(f"--in={name}={folder}/{name}.npy")
    subprocess.run(command, check=True)
    return [np.load(folder / f"out_{name}.npy") for name in outputs]


def make_pages(random, page):
    """Pages of which the first is of zeros."""
    pages = random.standard_normal((PAGES, page, HEADS, DIM)).astype(np.float16)
    pages[0] = 0
    return pages


def fill_behind(pages, table, lengths, page):
    """Puts what is no number where no token is."""
    filled = np.full_like(pages, np.nan)
    filled[0] = 0
    for row, length in zip(table, lengths):
        for position in range(length):
            at = (row[position // page], position % page)
            filled[at] = pages[at]
    return filled


def check(gpu, spec, folder, page, queries):
    random = np.random.default_rng(page)
    table = 1 + random.permutation(PAGES - 1)[: BATCH * BLOCKS].reshape(BATCH, BLOCKS)
    table[0, 1] = table[2, 0] = table[2, 5] = 0
    broken = table.copy()
    broken[0, 1], broken[2, 0], broken[2, 5] = -1, GREATEST, LEAST
    lengths = np.array([page * BLOCKS, 0, page * BLOCKS - page // 2 - 1])
    impossible = np.array([GREATEST, LEAST, lengths[2]])
    inputs = {
        "q": random.standard_normal((BATCH, 4, queries, DIM)).astype(np.float16),
        "kd": make_pages(random, page),
        "vd": make_pages(random, page),
        "t": table.astype(np.int32),
        "n": lengths.astype(np.int32),
    }
    (result,) = run(gpu, spec, "attend", folder, inputs, ["o"])
    if np.isnan(result).any() or not result[0].any() or not result[2].any():
        sys.exit("the result is not what it should be without any of this")
    changed = dict(inputs, t=broken.astype(np.int32), n=impossible.astype(np.int32))
    for name in ("kd", "vd"):
        changed[name] = fill_behind(inputs[name], table, lengths, page)
    (again,) = run(gpu, spec, "attend", folder, changed, ["o"])
    if again.tobytes() != result.tobytes():
        sys.exit(f"pages of {page}, {queries} queries: another result")

    new = random.standard_normal((BATCH, HEADS, 3, DIM)).astype(np.float16)
    changed = {"kd": inputs["kd"], "t": broken.astype(np.int32), "x": new}
    changed["t"][:] = broken[0, 1]
    changed["n"] = impossible.astype(np.int32)
    (after,) = run(gpu, spec, "append", folder, changed, ["kd"])
    if after.tobytes() != inputs["kd"].tobytes():
        sys.exit(f"pages of {page}: something was appended")


def main():
    text = Path(sys.argv[1]).read_text()
    with tempfile.TemporaryDirectory() as folder:
        for page in (16, 5):
            spec = Path(folder) / "spec.mlir"
            spec.write_text(text.replace("PAGE", str(page)))
            for gpu in ("sm_90a", "sm_80"):
                for queries in (40, 2):
                    check(gpu, spec, Path(folder), page, queries)
    print("the same bits")


main()
