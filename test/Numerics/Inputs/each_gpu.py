# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a command for each kind of GPU: those that copy in bulk and multiply by
warpgroups, and those that do neither. GPU in its arguments is the architecture.

Usage: each_gpu.py [--also=<architecture>] <command...>
"""

import subprocess
import sys

gpus = ["sm_90a", "sm_80"]
command = sys.argv[1:]
while command[0].startswith("--also="):
    gpus.append(command.pop(0).split("=")[1])
for gpu in gpus:
    run = [argument.replace("GPU", gpu) for argument in command]
    print("+", *run, flush=True)
    status = subprocess.run(run, check=False).returncode
    if status:
        sys.exit(status)
