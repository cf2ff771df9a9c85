# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Inspects the one entry of a cache, as text and as JSON: inspect_entry.py FOLDER."""

import pathlib
import subprocess
import sys

(path,) = pathlib.Path(sys.argv[1]).glob("*.kernel")
for options in ([], ["--json"]):
    subprocess.run(["attnc", "inspect", *options, path], check=True)
