# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks that a result depends on what is in a cache, and not on where it is.

Moving pages in memory, and sequences in the batch, changes no bit of a result.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

BATCH, HEADS, DIM, PAGE, BLOCKS = 3, 2, 64, 16, 5


def run(spec, folder, inputs):
    command = ["attnc", "run", spec, f"--out=out={folder}/out.npy"]
    for name, array in inputs.items():
        np.save(folder / f"{name}.npy", array)
        command.append(f"--in={name}={folder}/{name}.npy")
    subprocess.run(command, check=True)
    return np.load(folder / "out.npy")


def main():
    random = np.random.default_rng(0)
    pages = BATCH * BLOCKS
    with tempfile.TemporaryDirectory() as folder:
        # A decoding step, and prompts of several tiles' rows.
        for queries in (1, 40):
            shape = (pages, PAGE, HEADS, DIM)
            inputs = {
                "q": random.standard_normal((BATCH, 8, queries, DIM)),
                "key_pages": random.standard_normal(shape),
                "value_pages": random.standard_normal(shape),
            }
            inputs = {name: a.astype(np.float16) for name, a in inputs.items()}
            inputs["blocks"] = np.arange(pages, dtype=np.int32).reshape(BATCH, BLOCKS)
            inputs["lengths"] = np.array([PAGE * BLOCKS, 53, 1], np.int32)
            result = run(sys.argv[1], Path(folder), inputs)
            if np.isnan(result).any():
                sys.exit("the result has NaN")

            place = random.permutation(pages)
            moved = dict(inputs, blocks=place[inputs["blocks"]].astype(np.int32))
            for name in ("key_pages", "value_pages"):
                moved[name] = inputs[name][np.argsort(place)]
            again = run(sys.argv[1], Path(folder), moved)
            if again.tobytes() != result.tobytes():
                sys.exit(f"{queries} queries: pages that move change the result")

            moved = dict(inputs)
            for name in ("q", "blocks", "lengths"):
                moved[name] = np.ascontiguousarray(inputs[name][::-1])
            again = run(sys.argv[1], Path(folder), moved)
            if again[::-1].tobytes() != result.tobytes():
                sys.exit(f"{queries} queries: a sequence that moves changes its result")
    print("bit for bit the same")


if __name__ == "__main__":
    main()
