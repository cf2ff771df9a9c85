# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes .npy files that attnc must refuse or find wrong.

make_arrays.py FOLDER RIGHT.npy
"""

import sys
from pathlib import Path

import numpy as np

folder, right = Path(sys.argv[1]), np.load(sys.argv[2])


def header(text):
    text = text.ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


one_wrong = right.copy()
one_wrong[0, 3, 5, 7] += 0.01
nan = right.copy()
nan[0, 0, 0, 0] = np.nan
query = np.zeros((1, 12, 9, 32), np.float32)
np.save(folder / "one_wrong.npy", one_wrong)
np.save(folder / "nan.npy", nan)
np.save(folder / "short.npy", right[:, :, :-1])
np.save(folder / "float64.npy", query.astype(np.float64))
np.save(folder / "fortran.npy", np.asfortranarray(query))
np.save(folder / "big_endian.npy", query.astype(">f4"))
np.save(folder / "object.npy", np.array([{}], dtype=object), allow_pickle=True)
np.save(folder / "rank3.npy", query[0])
np.save(folder / "two_batches.npy", np.zeros((2, 12, 9, 32), np.float32))
np.save(folder / "whole.npy", query)
whole = (folder / "whole.npy").read_bytes()
(folder / "truncated.npy").write_bytes(whole[:-100])
(folder / "text.npy").write_text("these are not the numbers you are looking for\n")
(folder / "overflow.npy").write_bytes(
    header(
        "{'descr': '<f4', 'fortran_order': False,"
        " 'shape': (4611686018427387904, 4, 1, 32), }"
    )
)
