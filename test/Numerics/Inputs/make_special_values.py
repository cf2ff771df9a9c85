# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes inputs of causal attention at the edges of float arithmetic, and what
is known of the results, to a folder."""

import sys
from pathlib import Path

import numpy as np

HEADS, DIM = 2, 64
random = np.random.default_rng(7)


def save(case, **arrays):
    for name, array in arrays.items():
        np.save(Path(sys.argv[1], f"{case}_{name}.npy"), array.astype(np.float32))


def normal(length):
    return random.standard_normal((1, HEADS, length, DIM))


# The last query sees the last key: the first 100 of 130 queries see none. The
# first that does sees one key, and repeats its value.
q, k, v = normal(130), normal(30), normal(30)
save("masked", q=q, k=k, v=v)
scores = np.einsum("bhid,bhkd->bhik", *(x.astype(np.float32).astype(float) for x in (q, k)))
scores = scores / np.sqrt(DIM)
position = np.arange(130)[:, None] - 100
weights = np.where(np.arange(30) <= position, np.exp(scores), 0)
total = weights.sum(-1, keepdims=True)
out = weights / np.where(total == 0, 1, total) @ v.astype(np.float32).astype(float)
assert not out[:, :, :100].any()
with np.errstate(divide="ignore"):
    save("masked", out=out, lse=np.log(total[..., 0]))

# Query i matches key i with a logit of 8e6 / 8 and every other one with 0.
length = 61
key = np.zeros((1, HEADS, length, DIM))
key[:, :, np.arange(length), np.arange(length)] = 1
v = normal(length)
save("saturated", q=8e6 * key, k=key, v=v, out=v.astype(np.float32))

q, k, v = normal(97), normal(97), normal(97)
q[0, 0, 11, 5] = k[0, 1, 60, 63] = v[0, 0, 0, 3] = np.nan
save("nan", q=q, k=k, v=v)

q, k, v = normal(70), normal(70), normal(70)
v[0, 0, 0, 7], v[0, 1, 0, 9] = np.inf, -np.inf
save("infinite", q=q, k=k, v=v)

save("denormal", q=normal(33) * 1e-39, k=normal(33) * 1e-20, v=normal(33) * 1e-30)
