# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""PyTorch's scaled_dot_product_attention, with its own masks and with given ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peers.cases import Case
from peers.peer import Prepared

if TYPE_CHECKING:
    import numpy as np
    import torch

    from peers.inputs import Inputs


def to_torch(array: np.ndarray) -> torch.Tensor:
    """A tensor that shares the array's memory."""
    import torch

    if array.dtype.name == "bfloat16":
        return torch.from_numpy(array.view("int16")).view(torch.bfloat16)
    return torch.from_numpy(array)


def to_numpy(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().float().numpy()


def calling(function, *arguments, **keywords) -> Prepared:
    """The function without gradients, its last result kept."""
    import torch

    last: list[torch.Tensor] = []

    def call() -> None:
        with torch.no_grad():
            last[:] = [function(*arguments, **keywords)]

    return Prepared(call, lambda: to_numpy(last[0]))


def set_threads(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)


class Sdpa:
    name = "sdpa"
    about = "PyTorch scaled_dot_product_attention, is_causal where it applies"

    def version(self) -> str:
        import torch

        return f"torch {torch.__version__}"

    def supports(self, case: Case) -> str | None:
        if case.mask not in ("full", "causal"):
            return "no such mask"
        return None if case.score == "none" else "no scores"

    def prepare(self, case: Case, inputs: Inputs, threads: int) -> Prepared:
        from torch.nn.functional import scaled_dot_product_attention

        set_threads(threads)
        arrays = (inputs.query, inputs.key, inputs.value)
        return calling(
            scaled_dot_product_attention,
            *map(to_torch, arrays),
            is_causal=case.mask == "causal",
            enable_gqa=case.group > 1,
        )


class SdpaMasked(Sdpa):
    name = "sdpa-mask"
    about = "the same with the mask as a tensor of all pairs"

    def supports(self, case: Case) -> str | None:
        if case.score == "softcap":
            return "no scores"
        return "no mask" if case.mask == "full" else case.too_dense(4)

    def prepare(self, case: Case, inputs: Inputs, threads: int) -> Prepared:
        from torch.nn.functional import scaled_dot_product_attention

        set_threads(threads)
        arrays = (inputs.query, inputs.key, inputs.value)
        mask = inputs.dense_bias if case.score == "alibi" else inputs.dense_mask
        return calling(
            scaled_dot_product_attention,
            *map(to_torch, arrays),
            attn_mask=to_torch(mask),
        )
