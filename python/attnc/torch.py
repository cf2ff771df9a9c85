# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Attention for PyTorch tensors on the CPU, forward only.

`scaled_dot_product_attention` has the signature of PyTorch's own, and
`flex_attention` takes a mask as a function of positions. Both are the operator
`attnc::sdpa`, which torch.compile keeps as one node. Kernels are compiled at the first
call with a head dim, dtype and mask, and serve all lengths, batches and heads then.
"""

from __future__ import annotations

import functools
from typing import Callable, Mapping, Optional, Sequence, Union

import torch

from attnc._kernel import Kernel
from attnc._module import compile as _compile
from attnc._spec import attention
from attnc.masks import Bound, Mask, Term, causal, from_function, number, positions

_DTYPES = {torch.float32: "f32", torch.float16: "f16", torch.bfloat16: "bf16"}
_TABLE_DTYPES = {torch.int32: "i32", torch.int64: "i64"}
# What a shorter or longer query is shifted by, see _shifted; no name of a user's.
_SHIFT = "sdpa_shift"
_NAME = "sdpa"

_q, _k, _, _ = positions()
_CAUSAL = causal()
_CAUSAL_FROM_START = _k + number(_SHIFT) <= _q


@functools.lru_cache(maxsize=None)
def _kernel(
    dim: int,
    value_dim: int,
    dtype: torch.dtype,
    mask: str,
    names: tuple[str, ...],
    tables: tuple[tuple[torch.dtype, int], ...],
    scale: float | None,
) -> Kernel:
    bound = tuple(
        Bound(name, _TABLE_DTYPES[table_dtype], rank)
        for name, (table_dtype, rank) in zip(names, tables)
    )
    spec = attention(
        dim,
        value_dim=value_dim,
        dtype=_DTYPES[dtype],
        mask=Mask(mask, 0, bound, False) if mask else None,
        scale=scale,
        name=_NAME,
    )
    return _compile(spec, name=f"{_NAME}.mlir")[_NAME]


def _readable(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor, copied only where a kernel could not follow its strides."""
    if not tensor.dim() or tensor.stride(-1) == 1 or tensor.shape[-1] <= 1:
        return tensor
    return tensor.contiguous()


def _compute(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: str,
    table_names: str,
    tables: Sequence[torch.Tensor],
    scale: Optional[float],
) -> torch.Tensor:
    """softmax(scale * query @ key^T) @ value over the keys that the mask allows.

    All are [batch, heads, length, dim]; `mask` is the text in `#attn.mask<...>`, or
    "", and `tables` are what it reads, in the order of `table_names`, which commas
    separate.
    """
    kernel = _kernel(
        query.shape[-1],
        value.shape[-1],
        query.dtype,
        mask,
        tuple(table_names.split(",")) if table_names else (),
        tuple([(t.dtype, t.dim()) for t in tables]),
        scale,
    )
    with torch.no_grad():
        return kernel(  # type: ignore[no-any-return]
            _readable(query), _readable(key), _readable(value), *map(_readable, tables)
        )


sdpa = torch.library.custom_op(
    "attnc::sdpa", _compute, mutates_args=(), device_types="cpu"
)


@sdpa.register_fake
def _(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: str,
    table_names: str,
    tables: Sequence[torch.Tensor],
    scale: Optional[float],
) -> torch.Tensor:
    return query.new_empty((*query.shape[:-1], value.shape[-1]))


def _check(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> None:
    for name, tensor in (("query", query), ("key", key), ("value", value)):
        if not tensor.is_cpu:
            raise ValueError(
                f"{name} is on device '{tensor.device}'; attnc computes on the cpu"
            )
        if tensor.dtype not in _DTYPES:
            raise TypeError(
                f"{name} is {tensor.dtype}; attnc takes float32, float16 and bfloat16"
            )
        if tensor.dtype != query.dtype:
            raise TypeError(f"{name} is {tensor.dtype} and query is {query.dtype}")
        if tensor.dim() not in (3, 4) or tensor.dim() != query.dim():
            raise ValueError(
                f"{name} has rank {tensor.dim()}; attnc takes [batch, heads, length,"
                " dim], or [heads, length, dim], for all three"
            )
        if tensor.requires_grad and torch.is_grad_enabled():
            raise NotImplementedError(
                f"{name} requires a gradient, and attnc computes none; use"
                " torch.no_grad() or .detach()"
            )


def _check_heads(query: torch.Tensor, key: torch.Tensor, enable_gqa: bool) -> None:
    heads, kv_heads = query.shape[-3], key.shape[-3]
    if heads == kv_heads:
        return
    if not enable_gqa:
        raise ValueError(
            f"query has {heads} heads and key has {kv_heads}; pass enable_gqa=True"
        )
    if kv_heads == 0 or heads % kv_heads:
        raise ValueError(
            f"query has {heads} heads, which is no multiple of the {kv_heads} of key"
        )


# What else may want to see an operator, by the names that PyTorch has for it; with one
# that this version lacks, something always may.
def _unknown() -> bool:
    return True


_functorch = getattr(torch._C, "_functorch", None)
_WATCHERS = (
    torch.jit.is_tracing,
    getattr(torch.autograd, "_profiler_enabled", _unknown),
    getattr(torch._C, "_len_torch_dispatch_stack", _unknown),
    getattr(torch._C, "_len_torch_function_stack", _unknown),
    getattr(_functorch, "peek_interpreter_stack", _unknown),
)


def _is_watched(*tensors: torch.Tensor) -> bool:
    """Whether the operator has to be called as one: by a compiler, a mode, a transform,
    a profiler or a class derived from Tensor. Otherwise the way through PyTorch's
    dispatcher takes longer than short attention."""
    return (
        torch.compiler.is_compiling()
        or any([type(tensor) is not torch.Tensor for tensor in tensors])
        or any([watches() for watches in _WATCHERS])
    )


def _apply(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: str,
    tables: Mapping[str, torch.Tensor],
    scale: float | None,
) -> torch.Tensor:
    batched = query.dim() == 4
    if not batched:
        query, key, value = query[None], key[None], value[None]
    names, given = ",".join(tables), list(tables.values())
    function = sdpa if _is_watched(query, key, value, *given) else _compute
    out = function(query, key, value, mask, names, given, scale)
    return out if batched else out[0]


def _tables(
    mask: Mask, given: Mapping[str, torch.Tensor] | None, shift: int
) -> dict[str, torch.Tensor]:
    """What a mask reads, in its order."""
    known = dict(given or {})
    names = [bound.name for bound in mask.bound]
    unknown = [name for name in known if name not in names]
    if unknown:
        raise ValueError(f"the mask reads no '{unknown[0]}'")
    found = {}
    for bound in mask.bound:
        if bound.name == _SHIFT:
            found[_SHIFT] = torch.tensor(shift, dtype=torch.int64)
            continue
        if bound.name not in known:
            raise ValueError(f"the mask reads '{bound.name}', and `tables` has it not")
        table = known[bound.name]
        if _TABLE_DTYPES.get(table.dtype) != bound.dtype or table.dim() != bound.rank:
            raise ValueError(
                f"table '{bound.name}' is {table.dtype} of rank {table.dim()}, and the"
                f" mask reads {bound.type}"
            )
        found[bound.name] = table
    return found


def scaled_dot_product_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attn_mask: Optional[Mask] = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: Optional[float] = None,
    enable_gqa: bool = False,
    *,
    tables: Optional[Mapping[str, torch.Tensor]] = None,
) -> torch.Tensor:
    """torch.nn.functional.scaled_dot_product_attention on the CPU, without gradients.

    `attn_mask` is a Mask of attnc.masks, not a tensor; `tables` are what it reads at
    run time. As in PyTorch, `is_causal` counts both positions from the start; in a
    Mask the last query is at the last key. The two agree for equal lengths.
    """
    if dropout_p != 0.0:
        raise NotImplementedError("attnc has no dropout; pass dropout_p=0.0")
    if isinstance(attn_mask, torch.Tensor):
        raise NotImplementedError(
            "attnc takes no mask that is a tensor; write it as a Mask of attnc.masks,"
            " such as masks.causal() or masks.padding(lengths)"
        )
    if attn_mask is not None and is_causal:
        raise ValueError("attn_mask and is_causal exclude each other")
    _check(query, key, value)
    _check_heads(query, key, enable_gqa)
    shift = key.shape[-2] - query.shape[-2]
    mask = attn_mask
    if is_causal:
        mask = _CAUSAL if shift == 0 else _CAUSAL_FROM_START
    if mask is None:
        if tables:
            raise ValueError("`tables` are what a mask reads, and there is no mask")
        return _apply(query, key, value, "", {}, scale)
    return _apply(query, key, value, mask.text, _tables(mask, tables, shift), scale)


def _shifted(
    mask_mod: Callable[[Term, Term, Term, Term], Mask], is_shifted: bool
) -> Mask:
    """The mask of a function that counts queries from the start, as FlexAttention
    does: with lengths that differ the query's position is less by their difference."""
    if not is_shifted:
        return from_function(mask_mod)
    return from_function(lambda b, h, q, k: mask_mod(b, h, q - number(_SHIFT), k))


def flex_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask_mod: Union[Mask, Callable[[Term, Term, Term, Term], Mask], None] = None,
    scale: Optional[float] = None,
    enable_gqa: bool = False,
    *,
    tables: Optional[Mapping[str, torch.Tensor]] = None,
) -> torch.Tensor:
    """Attention with a mask that is a function of (batch, head, query, key) positions.

    `mask_mod` is called with symbols: it uses comparisons, `&`, `|`, `~`, `+`,
    `-`, `*`, `//` and `%`, and tables by name (`attnc.table("ids")[q]`), which
    `tables` then has. As in FlexAttention, it counts queries and keys from the start.
    A Mask counts as in attnc, where the last query is at the last key.
    """
    if mask_mod is None or isinstance(mask_mod, Mask):
        return scaled_dot_product_attention(
            query, key, value, mask_mod, 0.0, False, scale, enable_gqa, tables=tables
        )
    _check(query, key, value)
    _check_heads(query, key, enable_gqa)
    shift = key.shape[-2] - query.shape[-2]
    mask = _shifted(mask_mod, shift != 0)
    return _apply(query, key, value, mask.text, _tables(mask, tables, shift), scale)
