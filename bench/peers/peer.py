# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What every peer is, and which there are.

A peer imports its packages when it is asked for something, never when its
module is loaded: listing them needs no packages.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable, Protocol

from peers.cases import Case

if TYPE_CHECKING:
    import numpy as np

    from peers.inputs import Inputs


@dataclass
class Prepared:
    """A case, ready to be called any number of times."""

    call: Callable[[], object]
    # The result of the last call, `[1, heads, queries, dim]`, of any float type.
    output: Callable[[], np.ndarray]


class Peer(Protocol):
    # A word, the head of the peer's column.
    name: str
    # What it is, for --list.
    about: str

    def version(self) -> str: ...

    def supports(self, case: Case) -> str | None:
        """None, or in a few words why it cannot run the case."""

    def prepare(self, case: Case, inputs: Inputs, threads: int) -> Prepared:
        """Compiles, and converts the inputs to what the peer likes best; none of
        this is timed. May raise: the table then shows the exception."""


_MODULES = {
    "attnc": ["Attnc"],
    "torch_sdpa": ["Sdpa", "SdpaMasked"],
    "torch_flex": ["Flex"],
    "onnx_runtime": ["OnnxAttention", "OnnxContrib"],
    "ggml_flash": ["Ggml"],
    "iree_llvm_cpu": ["Iree"],
    "numpy_blas": ["Numpy"],
}


def all_peers() -> list[Peer]:
    """attnc first."""
    return [
        getattr(importlib.import_module(f"peers.{module}"), name)()
        for module, names in _MODULES.items()
        for name in names
    ]
