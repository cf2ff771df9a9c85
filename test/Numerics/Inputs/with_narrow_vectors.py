# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs attnc for the least processor of this architecture that attnc supports.

with_narrow_vectors.py COMMAND...
"""

import platform
import subprocess
import sys

targets = {"x86_64": "cpu:x86-64-v3", "aarch64": "cpu:aarch64"}
command = [*sys.argv[1:], f"--target={targets[platform.machine()]}"]
sys.exit(subprocess.run(command).returncode)
