# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Fails unless a command prints fewer lines than allowed, and at least one.

count_lines.py LIMIT COMMAND...
"""

import subprocess
import sys

limit, command = int(sys.argv[1]), sys.argv[2:]
printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
lines = printed.count("\n")
if not 0 < lines < limit:
    sys.exit(f"{' '.join(command)}: {lines} lines, expected fewer than {limit}")
