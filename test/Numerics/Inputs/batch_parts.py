# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Three sequences together and alone, for batch-invariance.test.

batch_parts.py write FOLDER HEADS KV_HEADS QUERIES KEYS
    {q,k,v}.npy of three sequences, and {q,k,v}.{0,1,2}.npy of each alone
batch_parts.py compare FOLDER
    fails if a bit of out.npy is not that of out.{0,1,2}.npy
"""

import sys
from pathlib import Path

import numpy as np

command, folder = sys.argv[1], Path(sys.argv[2])
if command == "write":
    heads, kv_heads, queries, keys = map(int, sys.argv[3:])
    random = np.random.default_rng(queries)
    for name, shape in {
        "q": (heads, queries),
        "k": (kv_heads, keys),
        "v": (kv_heads, keys),
    }.items():
        array = random.standard_normal((3, *shape, 64)).astype(np.float32)
        np.save(folder / f"{name}.npy", array)
        for i in range(3):
            np.save(folder / f"{name}.{i}.npy", array[i : i + 1])
else:
    together = np.load(folder / "out.npy").view(np.uint32)
    for i in range(3):
        alone = np.load(folder / f"out.{i}.npy").view(np.uint32)
        if not np.array_equal(together[i : i + 1], alone):
            sys.exit(f"sequence {i} differs")
