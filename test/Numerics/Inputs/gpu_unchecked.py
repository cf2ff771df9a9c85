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


def quantise(inputs):
    """The same inputs with codes, and scales and zero points of tokens."""
    codes = {name: inputs[name] for name in ("q", "t", "n")}
    for name in "kv":
        pages = inputs[f"{name}d"]
        codes[f"{name}d"] = np.clip(40 * pages, -127, 127).astype(np.int8)
        codes[f"{name}s"] = np.where(pages[..., 0] != 0, 0.02, 0).astype(np.float32)
        codes[f"{name}z"] = np.trunc(9 * pages[..., 1]).astype(np.float32)
    return codes


def fill_behind(pages, table, lengths, page):
    """Puts what is no number where no token is."""
    nothing = 77 if pages.dtype == np.int8 else np.nan
    filled = np.full_like(pages, nothing)
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
    impossible = {"t": broken.astype(np.int32), "n": impossible.astype(np.int32)}
    places = (table, lengths, page)
    compare(gpu, spec, "attend", folder, inputs, impossible, places)
    if gpu == "sm_90a":
        compare(gpu, spec, "quantised", folder, quantise(inputs), impossible, places)

    new = random.standard_normal((BATCH, HEADS, 3, DIM)).astype(np.float16)
    changed = {"kd": inputs["kd"], "x": new, **impossible}
    changed["t"] = np.full_like(impossible["t"], broken[0, 1])
    (after,) = run(gpu, spec, "append", folder, changed, ["kd"])
    if after.tobytes() != inputs["kd"].tobytes():
        sys.exit(f"pages of {page}: something was appended")


def compare(gpu, spec, entry, folder, inputs, impossible, places):
    """Whether neither what is behind tokens nor impossible numbers change a bit."""
    (result,) = run(gpu, spec, entry, folder, inputs, ["o"])
    if np.isnan(result).any() or not result[0].any() or not result[2].any():
        sys.exit("the result is not what it should be without any of this")
    changed = dict(inputs, **impossible)
    for name in inputs:
        if name not in ("q", "t", "n"):
            changed[name] = fill_behind(inputs[name], *places)
    (again,) = run(gpu, spec, entry, folder, changed, ["o"])
    if again.tobytes() != result.tobytes():
        sys.exit(f"{entry}, pages of {places[2]}: another result")


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
