# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints the functions that headers declare with a macro, sorted:
declared_functions.py MACRO HEADER..."""

import pathlib
import re
import sys

macro, headers = sys.argv[1], sys.argv[2:]
text = "\n".join(pathlib.Path(header).read_text() for header in headers)
names = re.findall(rf"^{macro}\s[^;(]*?\b(attnc_\w+)\(", text, re.MULTILINE)
print("\n".join(sorted(names)))
