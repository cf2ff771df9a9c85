# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Changes a byte in the middle of each entry of a cache: damage.py FOLDER."""

import pathlib
import sys

for path in pathlib.Path(sys.argv[1]).glob("*.kernel"):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x10
    path.write_bytes(content)
