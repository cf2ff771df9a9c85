# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Specs of softmax attention, as text."""

from __future__ import annotations

import math
import operator
from typing import Union

from attnc.masks import Mask

_DTYPES = ("f32", "f16", "bf16")
_Extent = Union[int, None]


def _extent(value: _Extent, what: str) -> str:
    if value is None:
        return "?"
    number = operator.index(value)
    if number <= 0:
        raise ValueError(f"{what} is {number} and must be positive")
    return str(number)


def attention(
    head_dim: int,
    *,
    mask: Mask | None = None,
    dtype: str = "f32",
    value_dim: int | None = None,
    heads: int | None = None,
    kv_heads: int | None = None,
    scale: float | None = None,
    return_lse: bool = False,
    name: str = "attention",
) -> str:
    """The text of a spec of softmax attention.

    Its function takes q [batch, heads, query_length, head_dim], k [batch, kv_heads,
    kv_length, head_dim], v [batch, kv_heads, kv_length, value_dim], and then what the
    mask reads at run time, by name, in the order in which the mask names it. It
    returns out [batch, heads, query_length, value_dim] and, with `return_lse`, the
    log-sum-exp.

    Extents that are None are those of the arrays of a call. The heads are any
    multiple of kv_heads: equal for multi-head attention, 1 for multi-query. `dtype`
    is "f32", "f16" or "bf16". `scale` is 1 / sqrt(head_dim) if not given.
    """
    if dtype not in _DTYPES:
        raise ValueError(f"dtype is {dtype!r} and must be one of {', '.join(_DTYPES)}")
    if mask is not None and not isinstance(mask, Mask):
        raise TypeError(f"the mask is a {type(mask).__name__} and must be a Mask")
    if heads is not None and kv_heads is not None and heads % kv_heads:
        raise ValueError(f"heads, {heads}, are no multiple of kv_heads, {kv_heads}")
    if not name.isidentifier() or not name.isascii():
        raise ValueError(f"{name!r} is no name of a function")
    dim = _extent(head_dim, "head_dim")
    width = _extent(head_dim if value_dim is None else value_dim, "value_dim")
    h, g = _extent(heads, "heads"), _extent(kv_heads, "kv_heads")
    query = f"tensor<?x{h}x?x{dim}x{dtype}>"
    key = f"tensor<?x{g}x?x{dim}x{dtype}>"
    value = f"tensor<?x{g}x?x{width}x{dtype}>"
    out = f"tensor<?x{h}x?x{width}x{dtype}>"
    operands = [("q", query), ("k", key), ("v", value)]
    results = [("out", out)] + [("lse", f"tensor<?x{h}x?xf32>")] * return_lse

    clauses = ""
    if mask is not None:
        clauses += f" mask({mask.attribute})"
        taken = {"v", "out", "lse"} & {bound.name for bound in mask.bound}
        if taken:
            raise ValueError(f"'{taken.pop()}' is an array; rename what the mask reads")
        operands += [(bound.name, bound.type) for bound in mask.bound]
        if mask.bound:
            pairs = ", ".join(f"{b.name} = %{b.name}" for b in mask.bound)
            clauses += f"\n    tables({pairs})"
    if scale is not None:
        if not math.isfinite(scale):
            raise ValueError(f"scale is {scale} and must be finite")
        clauses += f" scale {float(scale):.17e}"

    parameters = ",\n    ".join(f"%{n}: {t}" for n, t in operands)
    operand_types = ", ".join(t for _, t in operands)
    result_types = ", ".join(t for _, t in results)
    values = ", ".join(f"%{n}" for n, _ in results)
    return (
        f"func.func @{name}(\n    {parameters})\n    -> ({result_types}) {{\n"
        f"  {values} = attn.attend %q, %k, %v{clauses}\n"
        f"    : ({operand_types})\n    -> ({result_types})\n"
        f"  return {values} : {result_types}\n}}\n"
    )
