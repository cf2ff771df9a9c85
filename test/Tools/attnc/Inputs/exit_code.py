# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a command, checks its exit code and passes its output on.

exit_code.py CODE COMMAND...

In the command, ELSEWHERE is a processor of an architecture that this machine
does not have. Standard error follows standard output. A stack trace is a failure whatever the
code is.
"""

import platform
import subprocess
import sys

expected, command = int(sys.argv[1]), sys.argv[2:]
elsewhere = "cortex-a76" if platform.machine() == "x86_64" else "x86-64-v3"
command = [part.replace("ELSEWHERE", elsewhere) for part in command]
result = subprocess.run(command, capture_output=True, text=True, errors="replace")
text = result.stdout + result.stderr
print(text, end="")
if "Stack dump" in text or "PLEASE submit a bug report" in text:
    sys.exit("a stack trace was printed")
if result.returncode != expected:
    sys.exit(f"exit code {result.returncode}, expected {expected}: {command}")
