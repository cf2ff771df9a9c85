# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Attention from its definition, in float64, for the tests of the Python package."""

import numpy as np


def attention(q, k, v, sees=None, scale=None):
    """`sees(q, k, h, b)` gives truth values of positions, as a mask's expression
    does; the last query is at the last key."""
    q, k, v = (np.asarray(x, dtype=np.float64) for x in (q, k, v))
    batch, heads, length, dim = q.shape
    k, v = (np.repeat(x, heads // x.shape[1], axis=1) for x in (k, v))
    keys = k.shape[2]
    scores = q @ k.swapaxes(-1, -2) * (dim**-0.5 if scale is None else scale)
    b, h, i, j = np.ix_(*map(np.arange, (batch, heads, length, keys)))
    allowed = np.ones(scores.shape, bool)
    if sees is not None:
        allowed = np.broadcast_to(sees(i + keys - length, j, h, b), scores.shape)
    scores = np.where(allowed, scores, -np.inf)
    top = scores.max(-1, keepdims=True, initial=-np.inf)
    weights = np.where(allowed, np.exp(scores - np.where(np.isfinite(top), top, 0)), 0)
    total = weights.sum(-1, keepdims=True)
    return weights @ v / np.where(total == 0, 1, total)


def draw(*shape, seed=0, dtype=np.float32):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)
