# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What PyTorch has for a case."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel


def sdpa(backend):
    def prepare(case, shape, query, key, value, tables):
        # The causal mask of PyTorch starts with the first query at the first key.
        is_causal = case.sdpa_causal and shape.queries > 1
        if is_causal and shape.queries != shape.keys:
            raise NotImplementedError("its causal mask is another one")

        def call():
            with sdpa_kernel(backend):
                return F.scaled_dot_product_attention(
                    query,
                    key,
                    value,
                    is_causal=bool(is_causal),
                    enable_gqa=shape.heads != shape.kv_heads,
                )

        return call

    return prepare


def flex(case, shape, query, key, value, tables):
    """Compiled for the case, with a block mask."""
    from torch.nn.attention import flex_attention as flex

    torch._dynamo.reset()
    offset = shape.keys - shape.queries
    block_mask = score_mod = None
    if case.visible:
        mask_mod = lambda b, h, q, k: case.visible(b, h, q + offset, k, *tables)
        block_mask = flex.create_block_mask(
            mask_mod, None, None, shape.queries, shape.keys, device=query.device
        )
    if case.score:
        heads = shape.heads
        score_mod = lambda s, b, h, q, k: case.score(s, b, h, q + offset, k, heads, *tables)
    compiled = torch.compile(flex.flex_attention, dynamic=False, fullgraph=True)

    def call():
        return compiled(
            query,
            key,
            value,
            score_mod=score_mod,
            block_mask=block_mask,
            enable_gqa=shape.heads != shape.kv_heads,
        )

    return call


PEERS = {
    "flash": sdpa(SDPBackend.FLASH_ATTENTION),
    "cudnn": sdpa(SDPBackend.CUDNN_ATTENTION),
    "math": sdpa(SDPBackend.MATH),
    "flex": flex,
}

