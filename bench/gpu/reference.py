# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Attention from its definition, in float64, and how far a result may be off."""

from __future__ import annotations

import math

import torch

# Half the distance of 1 to the next number.
UNIT_ROUNDOFF = {"bf16": 2.0**-9, "f16": 2.0**-12, "f32": 2.0**-24}


def positions(shape, rows, heads, device):
    """Batch, head, query and key positions of some rows, that broadcast."""
    make = lambda count: torch.arange(count, device=device)
    first = shape.keys - shape.queries
    return (
        make(shape.batch)[:, None, None, None],
        make(heads)[None, :, None, None],
        (torch.arange(rows.start, rows.stop, device=device) + first)[None, None, :, None],
        make(shape.keys)[None, None, None, :],
    )


def attention(case, shape, query, key, value, tables):
    """Output, sum of p |v|, and logarithm of the sums, in float64. A row that sees no
    key is 0, and its logarithm minus infinity."""
    group = shape.heads // shape.kv_heads
    key = key.double().repeat_interleave(group, dim=1)
    value = value.double().repeat_interleave(group, dim=1)
    out = torch.zeros(query.shape, dtype=torch.float64, device=query.device)
    scale_of_errors = torch.zeros_like(out)
    lse = torch.full(query.shape[:3], -math.inf, dtype=torch.float64, device=query.device)
    if shape.keys == 0:
        return out, scale_of_errors, lse
    # 2^25 scores at a time.
    step = max(1, (1 << 25) // max(1, shape.batch * shape.heads * shape.keys))
    for start in range(0, shape.queries, step):
        rows = slice(start, min(start + step, shape.queries))
        at = positions(shape, rows, shape.heads, query.device)
        s = query[:, :, rows].double() @ key.transpose(2, 3) / math.sqrt(case.dim)
        if case.score:
            s = case.score(s, *at, shape.heads, *tables)
        if case.visible:
            s = s.masked_fill(~case.visible(*at, *tables), -math.inf)
        lse[:, :, rows] = torch.logsumexp(s, dim=3)
        p = torch.softmax(s, dim=3).nan_to_num(0.0)
        out[:, :, rows] = p @ value
        scale_of_errors[:, :, rows] = p @ value.abs()
    return out, scale_of_errors, lse


def count_pairs(case, shape, tables, device):
    """Pairs of a query and a key that the mask allows, of all heads. Masks of the
    cases are the same for all of them."""
    if not case.visible:
        return shape.batch * shape.heads * shape.queries * shape.keys
    one = shape.__class__(1, 1, 1, shape.queries, shape.keys)
    pairs, step = 0, max(1, (1 << 26) // max(1, shape.keys))
    for start in range(0, shape.queries, step):
        rows = slice(start, min(start + step, shape.queries))
        at = positions(one, rows, 1, device)
        pairs += int(case.visible(*at, *tables).sum())
    return pairs * shape.batch * shape.heads


def compare(case, out, lse, expected):
    """The error as a share of what is allowed, and what is wrong if it is above 1.

    Weights and results are rounded to the element type once each; twice that is
    allowed, since the weights are not relative to the largest of the row but to the
    largest so far."""
    want, scale_of_errors, want_lse = expected
    unit = UNIT_ROUNDOFF[case.dtype]
    allowed = 2 * unit * (scale_of_errors + want.abs()) + 1e-5
    if want.numel() == 0:
        return 0.0, None
    if bool(out.isnan().any()):
        at = [int(i) for i in out.isnan().nonzero()[0]]
        return math.inf, f"{int(out.isnan().sum())} results are NaN, the first one at {at}"
    ratio = (out.double() - want).abs() / allowed
    worst = float(ratio.max())
    message = None
    if worst > 1:
        at = tuple(int(i) for i in torch.unravel_index(ratio.argmax(), ratio.shape))
        message = (
            f"{int((ratio > 1).sum())} of {ratio.numel()} results are wrong, most of all"
            f" {list(at)}: {float(out[at]):.6g} instead of {float(want[at]):.6g}"
        )
    if lse is not None:
        is_empty = want_lse == -math.inf
        wrong = (lse.double() - want_lse).abs() > 1e-3
        wrong = torch.where(is_empty, lse != -math.inf, wrong | lse.isnan())
        if bool(wrong.any()):
            at = tuple(int(i) for i in wrong.nonzero()[0])
            worst = math.inf
            message = (
                f"the logarithm at {list(at)} is {float(lse[at]):.6g} instead of"
                f" {float(want_lse[at]):.6g}"
            )
    return worst, message
