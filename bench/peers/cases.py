# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is timed: shapes, masks and scores, as plain data.

Needs the standard library only, so that `--list` works everywhere. The arrays
are made in inputs.py.
"""

from __future__ import annotations

from dataclasses import dataclass

WINDOW = 512
SOFT_CAP = 50.0
# A mask of all pairs is not made beyond this size.
DENSE_LIMIT = 6 << 30


@dataclass(frozen=True)
class Case:
    """One attention: `softmax(score(query key^T / sqrt(dim))) value`.

    query is `[1, heads, queries, dim]`, key and value are
    `[1, kv_heads, keys, dim]`, and so is the result, `[1, heads, queries, dim]`.
    A query is at position `index + keys - queries`.
    """

    name: str
    queries: int
    keys: int
    dim: int
    heads: int
    kv_heads: int
    dtype: str = "f32"
    # full, causal, window (of 512 positions) or document (and causal).
    mask: str = "full"
    # none, alibi or softcap.
    score: str = "none"
    # Whether `--quick` runs it.
    quick: bool = False

    @property
    def group(self) -> int:
        """Query heads for each key head."""
        return self.heads // self.kv_heads

    @property
    def decode(self) -> bool:
        return self.queries == 1

    @property
    def kv_bytes(self) -> int:
        """What one call reads of keys and values."""
        size = 4 if self.dtype == "f32" else 2
        return 2 * self.kv_heads * self.keys * self.dim * size

    def entries(self) -> int:
        """Pairs of a query and a key that the mask allows, of all heads."""
        return self.heads * (
            self.queries * self.keys
            if self.mask == "full"
            else sum(i + 1 - first for i, first in enumerate(self.first_keys()))
        )

    def flops(self) -> int:
        return 4 * self.dim * self.entries()

    def first_keys(self) -> list[int]:
        """The first key of each query under a mask other than full, where there
        are as many queries as keys."""
        if self.mask == "window":
            return [max(0, i - WINDOW + 1) for i in range(self.keys)]
        if self.mask == "document":
            starts = self.document_starts()
            return [starts[part] for part in self.document_ids()]
        return [0] * self.keys

    def document_starts(self) -> list[int]:
        """Documents of 192 to 832 positions, in a fixed order."""
        starts, at, number = [], 0, 0
        while at < self.keys:
            starts.append(at)
            at += 192 + 64 * (number * 7 % 11)
            number += 1
        return starts

    def document_ids(self) -> list[int]:
        """The number of each position's document."""
        starts = self.document_starts()
        ends = [*starts[1:], self.keys]
        parts = enumerate(zip(starts, ends))
        return [n for n, (start, end) in parts for _ in range(start, end)]

    def too_dense(self, element_bytes: int) -> str | None:
        """Why no tensor of all pairs is made, if it would be too large."""
        heads = self.heads if self.score == "alibi" else 1
        size = self.queries * self.keys * heads * element_bytes
        return None if size <= DENSE_LIMIT else f"mask of {size >> 30} GiB"

    def shape(self) -> str:
        heads = f"{self.heads}" if self.group == 1 else f"{self.heads}/{self.kv_heads}"
        lengths = f"q 1, kv {self.keys}" if self.decode else f"{self.keys}"
        return f"{heads} heads, {lengths}, d {self.dim}, {self.dtype}"


def prefill(mask: str, dim: int, length: int, heads: int, score: str = "none", **more):
    kind = score if score != "none" else mask
    name = f"{kind}-{dim}-{length}"
    return Case(name, length, length, dim, heads, heads, "f32", mask, score, **more)


def decode(dtype: str, group: int, keys: int, **more) -> Case:
    name = f"decode-{dtype}-g{group}-{keys}"
    return Case(name, 1, keys, 128, 8 * group, 8, dtype, **more)


CASES = [
    *(
        prefill(mask, dim, length, 16384 // length, quick=length == 2048)
        for mask in ("full", "causal")
        for dim in (64, 128)
        for length in (2048, 4096, 8192, 16384)
    ),
    prefill("window", 64, 8192, 2, quick=True),
    prefill("window", 64, 32768, 1),
    prefill("causal", 64, 4096, 4, "alibi", quick=True),
    prefill("document", 64, 4096, 4, quick=True),
    prefill("causal", 64, 4096, 4, "softcap", quick=True),
    *(prefill("full", 64, length, 8, quick=True) for length in (16, 64, 128)),
    *(
        decode(dtype, group, keys, quick=keys == 8192 and group != 4)
        for keys in (8192, 65536)
        for dtype in ("f16", "bf16")
        for group in (1, 4, 8)
    ),
]
