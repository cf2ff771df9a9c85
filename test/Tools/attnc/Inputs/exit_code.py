# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a command, checks its exit code and passes its output on.

exit_code.py CODE COMMAND...

Standard error follows standard output. A stack trace is a failure whatever the
code is.
"""

import subprocess
import sys

expected, command = int(sys.argv[1]), sys.argv[2:]
result = subprocess.run(command, capture_output=True, text=True, errors="replace")
text = result.stdout + result.stderr
print(text, end="")
if "Stack dump" in text or "PLEASE submit a bug report" in text:
    sys.exit("a stack trace was printed")
if result.returncode != expected:
    sys.exit(f"exit code {result.returncode}, expected {expected}: {command}")
