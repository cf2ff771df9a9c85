# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the .npy files of caches, right ones and ones that must be refused.

make_caches.py FOLDER

Two sequences of 8 heads over 5 pages of 16 tokens, three blocks of them to a
sequence; the same tokens in buffers of 48; and rings of 256.
"""

import sys
from pathlib import Path

import numpy as np

folder = Path(sys.argv[1])
random = np.random.default_rng(0)


def save(name, values, dtype):
    np.save(folder / f"{name}.npy", np.array(values, dtype))


for name, shape in {
    "q": (2, 8, 3, 64),
    "one": (2, 8, 1, 64),
    "pages": (5, 16, 2, 64),
    "ring": (2, 2, 256, 64),
}.items():
    save(name, random.standard_normal(shape), np.float16)
save("int4", random.integers(-128, 128, (2, 4, 48, 32)), np.int8)
save("wide", random.standard_normal((2, 4, 3, 64)), np.float32)

# Of the second sequence two blocks are in use; what is behind them may be anything.
table = np.array([[4, 0, 2], [1, 3, 2**31 - 1]], np.int32)
save("table", table, np.int32)
for name, (sequence, block, page) in {
    "page_beyond": (1, 1, 5),
    "page_negative": (0, 2, -1),
    "page_far": (0, 0, 2**31 - 1),
}.items():
    wrong = table.copy()
    wrong[sequence, block] = page
    save(name, wrong, np.int32)

save("lengths", [48, 17], np.int32)
save("none", [0, 0], np.int32)
save("length_negative", [3, -1], np.int32)
save("length_beyond", [49, 1], np.int32)
# So long that a sum with the size of a page is beyond 64 bits; in a ring this is
# one of many tokens that have passed.
save("ring_lengths", [2**63 - 1, 0], np.int64)
save("ring_negative", [5, -(2**63)], np.int64)

scales = random.uniform(0.1, 0.3, (4, 64))
save("scales", scales, np.float32)
for name, number in {"infinite": np.inf, "nan": np.nan}.items():
    wrong = scales.copy()
    wrong[2, 7] = number
    save(name, wrong, np.float32)
save("group_scales", random.uniform(0.1, 0.3, (2, 4, 48, 2)), np.float32)
save("group_zeros", random.integers(-2, 3, (2, 4, 48, 2)), np.float32)
