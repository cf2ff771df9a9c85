# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""PyTorch's FlexAttention, compiled for the case, with block masks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from peers.cases import SOFT_CAP, WINDOW, Case
from peers.peer import Prepared
from peers.torch_sdpa import calling, set_threads, to_torch

if TYPE_CHECKING:
    from peers.inputs import Inputs


def _score_mod(case: Case, inputs: Inputs) -> Callable | None:
    import torch

    if case.score == "softcap":
        return lambda score, b, h, q, k: SOFT_CAP * torch.tanh(score / SOFT_CAP)
    if case.score == "alibi":
        slopes = to_torch(inputs.slopes)
        return lambda score, b, h, q, k: score - slopes[h] * (q - k)
    return None


def _mask_mod(case: Case, inputs: Inputs) -> Callable | None:
    if case.mask == "causal":
        return lambda b, h, q, k: q >= k
    if case.mask == "window":
        return lambda b, h, q, k: (q >= k) & (q - k < WINDOW)
    if case.mask == "document":
        ids = to_torch(inputs.ids)
        return lambda b, h, q, k: (q >= k) & (ids[q] == ids[k])
    return None


class Flex:
    name = "flex"
    about = "PyTorch FlexAttention through torch.compile, block masks and score mods"

    def version(self) -> str:
        import torch

        return f"torch {torch.__version__}"

    def supports(self, case: Case) -> str | None:
        return None

    def prepare(self, case: Case, inputs: Inputs, threads: int) -> Prepared:
        import torch
        from torch.nn.attention import flex_attention as flex

        set_threads(threads)
        torch._dynamo.reset()
        mask_mod = _mask_mod(case, inputs)
        block_mask = mask_mod and flex.create_block_mask(
            mask_mod, None, None, case.queries, case.keys, device="cpu"
        )
        prepared = calling(
            torch.compile(flex.flex_attention, dynamic=False, fullgraph=True),
            *map(to_torch, (inputs.query, inputs.key, inputs.value)),
            score_mod=_score_mod(case, inputs),
            block_mask=block_mask,
            enable_gqa=case.group > 1,
        )
        # The first call compiles.
        prepared.call()
        return prepared
