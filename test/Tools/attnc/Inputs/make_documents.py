# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the documents of a packed sequence: i64 of shape 1 x LENGTH, a new number
every SIZE positions.

make_documents.py FILE.npy LENGTH SIZE
"""

import sys

import numpy as np

path, length, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
np.save(path, np.arange(length, dtype=np.int64).reshape(1, -1) // size)
