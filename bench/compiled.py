# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels compiled to shared libraries, for the benchmarks that call them.

The environment variable ATTNC says where the compiler is.
"""

import ctypes
import os
import subprocess
import sys


def compile_library(text, spec, target):
    """The library of `text`, which is written to the file `spec`."""
    spec.write_text(text)
    library = spec.with_suffix(".so")
    compiled = subprocess.run(
        [os.environ["ATTNC"], "compile", spec, "--emit=shared"]
        + [f"--target={target}", "-o", library]
    )
    if compiled.returncode != 0:
        sys.exit(compiled.returncode)
    return ctypes.CDLL(str(library))
