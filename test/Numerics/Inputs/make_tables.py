# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the tables that masks read in masks-of-run-time-values.mlir.

make_tables.py FOLDER
"""

import sys
from pathlib import Path

import numpy as np

folder = Path(sys.argv[1])
random = np.random.default_rng(7)
i32 = np.iinfo(np.int32)
i64 = np.iinfo(np.int64)
arrays = {
    # Windows.
    "minus_5": np.array(-5, np.int64),
    "0": np.array(0, np.int64),
    "40": np.array(40, np.int64),
    "2_to_62": np.array(2**62, np.int64),
    "least": np.array(i64.min, np.int64),
    "greatest": np.array(i64.max, np.int64),
    "rank_1": np.array([3], np.int64),
    # Lengths of two sequences.
    "odd_lengths": np.array([-7, i32.max], np.int32),
    "no_lengths": np.zeros(2, np.int32),
    "three_lengths": np.array([1, 2, 3], np.int32),
    # Documents at 150 positions.
    "shuffled": random.integers(-3, 3, 150).astype(np.int32),
    "extreme": random.choice(np.array([i32.min, 0, i32.max], np.int32), 150),
    "same": np.full(150, 5, np.int32),
    "descending": -np.arange(150, dtype=np.int32),
    "short": np.zeros(149, np.int32),
    "rank_2": np.zeros((1, 150), np.int32),
    "i64": np.zeros(150, np.int64),
    "f32": np.zeros(150, np.float32),
    # Results where nothing is seen.
    "zeros": np.zeros((2, 1, 70, 16), np.float32),
    "minus_infinities": np.full((2, 1, 70), -np.inf, np.float32),
}
for name, array in arrays.items():
    np.save(folder / f"{name}.npy", array)
