# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The arrays of a case, and rows of its result computed in float64."""

from __future__ import annotations

from functools import cached_property

import ml_dtypes
import numpy as np

from peers.cases import SOFT_CAP, Case

DTYPES = {"f32": np.float32, "f16": np.float16, "bf16": ml_dtypes.bfloat16}


class Inputs:
    """Query `[1, heads, queries, dim]`, key and value `[1, kv_heads, keys, dim]`,
    and what peers without masks of their own need, made when first asked for."""

    def __init__(self, case: Case):
        random = np.random.default_rng(0)

        def make(heads: int, length: int) -> np.ndarray:
            values = random.standard_normal((1, heads, length, case.dim), np.float32)
            return values.astype(DTYPES[case.dtype])

        self.case = case
        self.query = make(case.heads, case.queries)
        self.key = make(case.kv_heads, case.keys)
        self.value = make(case.kv_heads, case.keys)

    @cached_property
    def ids(self) -> np.ndarray:
        """The number of each position's document, `[keys]`."""
        return np.array(self.case.document_ids(), np.int32)

    @cached_property
    def slopes(self) -> np.ndarray:
        """ALiBi's, `[heads]`."""
        heads = np.arange(1, self.case.heads + 1, dtype=np.float32)
        return np.exp2(-8 * heads / self.case.heads)

    def allowed(self, rows: slice) -> np.ndarray:
        """Whether the mask allows a pair, `[rows, keys]`."""
        case = self.case
        query = np.arange(case.queries)[rows, None] + case.keys - case.queries
        key = np.arange(case.keys)[None, :]
        if case.mask == "full":
            return np.ones((len(query), case.keys), bool)
        first = np.array(case.first_keys())[query]
        return (key >= first) & (key <= query)

    @cached_property
    def dense_mask(self) -> np.ndarray:
        """`[queries, keys]`, true where a pair is allowed."""
        mask = np.empty((self.case.queries, self.case.keys), bool)
        for start in range(0, self.case.queries, 256):
            rows = slice(start, start + 256)
            mask[rows] = self.allowed(rows)
        return mask

    @cached_property
    def dense_bias(self) -> np.ndarray:
        """`[heads or 1, queries, keys]` of f32, to be added to the scores."""
        bias = np.where(self.dense_mask, np.float32(0), np.float32(-np.inf))[None]
        if self.case.score == "alibi":
            n = np.arange(self.case.keys, dtype=np.float32)
            distance = n[:, None] - n[None, :]
            bias = bias - self.slopes[:, None, None] * distance
        return bias

    def reference(self, rows: slice) -> np.ndarray:
        """Rows of the result, straight from the definition, `[1, heads, rows, dim]`."""
        case = self.case
        query = self.query[:, :, rows].astype(np.float64)
        key, value = (
            np.repeat(x.astype(np.float64), case.group, axis=1)
            for x in (self.key, self.value)
        )
        score = query @ key.swapaxes(2, 3) / np.sqrt(case.dim)
        if case.score == "softcap":
            score = SOFT_CAP * np.tanh(score / SOFT_CAP)
        if case.score == "alibi":
            position = np.arange(case.keys, dtype=np.float64)
            distance = position[rows, None] - position[None, :]
            score -= self.slopes[:, None, None] * distance
        score = np.where(self.allowed(rows), score, -np.inf)
        weight = np.exp(score - score.max(-1, keepdims=True))
        return weight / weight.sum(-1, keepdims=True) @ value
