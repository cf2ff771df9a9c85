# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is checked and timed, as a table.

A case is a compiled function `name` of the library `name.so`, which takes the
tensors query, key, value, the tables, the output and, where it has one, the
logarithm of the sums. To add one: a spec in specs/ and a line in CASES.

Positions: query i of n is at i + (m - n) where there are m keys, so that the last
query sees the last key. Masks and scores are written once, in operations on tensors
of positions, for the reference as well as for FlexAttention.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, Optional

WINDOW = 4096
SOFT_CAP = 50.0


@dataclass(frozen=True)
class Shape:
    batch: int
    heads: int
    kv_heads: int
    queries: int
    keys: int
    # Heads of a position side by side, as projections leave them.
    interleaved: bool = False

    def __str__(self):
        heads, length = str(self.heads), str(self.keys)
        if self.heads != self.kv_heads:
            heads += f"/{self.kv_heads}"
        if self.queries != self.keys:
            length = f"{self.queries}:{length}"
        return f"{self.batch} x {heads} x {length}" + (" bnhd" if self.interleaved else "")


@dataclass(frozen=True)
class Case:
    name: str
    dtype: str
    dim: int
    # visible(b, h, q, k, *tables) is what the mask allows; None is everything.
    visible: Optional[Callable] = None
    # score(s, b, h, q, k, heads, *tables) replaces the scaled product s.
    score: Optional[Callable] = None
    # tables(shape, make) lists the tables; make(values) is a tensor of i32.
    tables: Callable = lambda shape, make: []
    has_lse: bool = False
    # is_causal of scaled_dot_product_attention, or None where it cannot do the case.
    sdpa_causal: Optional[bool] = None
    flex: bool = False
    decode: bool = False
    timed: tuple = field(default=())

    def bytes_read(self, shape):
        """Of keys and values, for decoding."""
        return 2 * shape.batch * shape.kv_heads * shape.keys * self.dim * 2


def causal(b, h, q, k, *tables):
    return k <= q


def window(b, h, q, k, *tables):
    return (k <= q) & (q - k < WINDOW)


def short_window(b, h, q, k, *tables):
    return (k <= q) & (q - k < 128)


def same_document(b, h, q, k, ids):
    return (k <= q) & (ids[q] == ids[k])


def document_ids(shape, make):
    """Documents of 64 to 1500 positions, shorter ones where there are few."""
    ids, number = [], 0
    while len(ids) < shape.keys:
        length = 64 + (number * 7919 + 541) % 1437
        ids += [number] * min(length, max(5, shape.keys // 3))
        number += 1
    return [make(ids[: shape.keys])]


def alibi(s, b, h, q, k, heads, *tables):
    return s - (q - k) * 2.0 ** (-8.0 * (h + 1) / heads)


def soft_cap(s, b, h, q, k, heads, *tables):
    return SOFT_CAP * (s / SOFT_CAP).tanh()


# Lengths that divide no tile, and those that do.
CHECKED = (
    Shape(1, 1, 1, 1, 1),
    Shape(2, 3, 3, 17, 17),
    Shape(1, 2, 2, 1, 100),
    Shape(2, 2, 2, 100, 129, interleaved=True),
    Shape(1, 4, 4, 128, 128),
    Shape(1, 4, 2, 129, 129),
    Shape(1, 6, 1, 65, 300, interleaved=True),
    Shape(3, 2, 2, 255, 257),
    Shape(1, 8, 4, 1000, 1000, interleaved=True),
    Shape(1, 2, 1, 7, 2049),
    Shape(1, 2, 2, 1111, 4500),
    Shape(2, 2, 2, 0, 33),
    Shape(1, 2, 2, 20, 0),
)


def training(dim, interleaved=False):
    """16384 tokens at three lengths, 2048 channels, as FlashAttention's own
    benchmark has them."""
    heads = 2048 // dim
    return tuple(
        Shape(16384 // length, heads, heads, length, length, interleaved)
        for length in (2048, 8192, 16384)
    )


def long(heads, kv_heads, length=16384):
    return (Shape(1, heads, kv_heads, length, length),)


CASES = (
    Case("full_bf16_d128", "bf16", 128, sdpa_causal=False, timed=training(128)),
    Case("causal_bf16_d128", "bf16", 128, causal, sdpa_causal=True, timed=training(128)),
    Case("full_bf16_d64", "bf16", 64, sdpa_causal=False, timed=training(64)),
    Case("causal_f16_d64", "f16", 64, causal, sdpa_causal=True, timed=training(64)),
    Case("full_bf16_d256", "bf16", 256, sdpa_causal=False, timed=training(256)[1:]),
    Case(
        "gqa_bf16_d128",
        "bf16",
        128,
        causal,
        has_lse=True,
        sdpa_causal=True,
        timed=long(32, 8, 8192),
    ),
    Case("window_bf16_d128", "bf16", 128, window, flex=True, timed=long(16, 16)),
    Case("short_window_bf16_d128", "bf16", 128, short_window, flex=True, timed=long(16, 16)),
    Case(
        "document_bf16_d128",
        "bf16",
        128,
        same_document,
        tables=document_ids,
        flex=True,
        timed=long(16, 16),
    ),
    Case("alibi_bf16_d128", "bf16", 128, causal, alibi, flex=True, timed=long(16, 16)),
    Case("softcap_bf16_d128", "bf16", 128, causal, soft_cap, flex=True, timed=long(16, 16)),
    Case(
        "decode_bf16_d128",
        "bf16",
        128,
        sdpa_causal=False,
        decode=True,
        timed=(Shape(1, 32, 8, 1, 65536), Shape(16, 32, 8, 1, 8192), Shape(64, 32, 8, 1, 4096)),
    ),
)
