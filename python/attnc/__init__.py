# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""attnc: a compiler for attention.

Compiles a spec and calls it on arrays:

    module = attnc.compile("causal.mlir")
    out = module.causal(q, k, v)

Specs may be written in MLIR, or made of a mask that is a Python expression:
`attnc.attention(64, mask=k <= q)`. `attnc.torch` has operators for PyTorch.
"""

from attnc import masks
from attnc._context import Context, build_id, version
from attnc._errors import Diagnostic, Error
from attnc._kernel import Argument, Kernel
from attnc._library import get_num_threads, set_num_threads
from attnc._module import Module, compile, emit
from attnc._spec import attention
from attnc.masks import Mask, number, positions, table

__version__ = "0.1.0"

__all__ = [
    "Argument",
    "Context",
    "Diagnostic",
    "Error",
    "Kernel",
    "Mask",
    "Module",
    "attention",
    "build_id",
    "compile",
    "emit",
    "get_num_threads",
    "masks",
    "number",
    "positions",
    "set_num_threads",
    "table",
    "version",
]
