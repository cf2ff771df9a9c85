# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Attention of models of Hugging Face Transformers, on the CPU.

    attnc.transformers.register()
    model = AutoModelForCausalLM.from_pretrained(name, attn_implementation="attnc")

A model describes its mask as a function of positions. It is called here with symbols,
and becomes a mask of attnc: causal, windows, chunks, packed sequences, padding. What it
reads from tensors, such as which tokens are padding, is read by the kernel, so that a
kernel serves all lengths and batches. No mask is made that has an element for each pair.
"""

from __future__ import annotations

from typing import Any, Callable, Mapping, Optional, Sequence, Union

import torch

from attnc.masks import Mask, Term, number, positions, table
from attnc.torch import _apply, _check, _check_heads, scaled_dot_product_attention

# Arguments of attention functions that change the result and have no counterpart here.
_REFUSED = ("softcap", "s_aux", "position_bias", "score_mod")

_Verdict = Union[Term, Mask, bool]


class SeenKeys:
    """Which keys queries see: what a model of Transformers passes on as its mask.

    `mask` is None where every query sees every key; `tables` are what it reads.
    """

    # A model asks this of a mask before it makes one, and finds one that is made.
    ndim = 4

    def __init__(self, mask: Mask | None, tables: Mapping[str, torch.Tensor]) -> None:
        self.mask = mask
        self.tables = dict(tables)

    def __repr__(self) -> str:
        return f"<attnc.transformers.SeenKeys {self.mask}>"


class _Tracer:
    """The tables that a mask function reads, and where positions begin.

    Key 0 of a call is the position `kv_offset` of the sequence, and its first query
    `q_offset`. attnc counts from the first key and has the last query at the last key:
    `shift` is what the queries of a model are ahead of that.
    """

    def __init__(
        self, q_length: int, kv_length: int, q_offset: int, kv_offset: int
    ) -> None:
        self.kv_length = kv_length
        self.kv_offset = kv_offset
        self.shift = q_offset + q_length - kv_offset - kv_length
        self.tables: dict[str, torch.Tensor] = {}
        self._terms: dict[tuple[int, str], Term] = {}

    def positions(self) -> tuple[_Traced, _Traced, _Traced, _Traced]:
        """Batch, head, query and key, as a mask function takes them."""
        q, k, h, b = positions()
        query, key = q, k
        if self.kv_offset:
            # Numbers that the kernel reads: they differ from call to call.
            start = self._number("kv_start", self.kv_offset)
            query, key = q + start, k + start
        if self.shift:
            query = query + self._number("q_shift", self.shift)
        return (
            _Traced(self, b, "b"),
            _Traced(self, h, "h"),
            _Traced(self, query, "q"),
            _Traced(self, key, "k"),
        )

    def _number(self, name: str, value: int) -> Term:
        self.tables[name] = torch.tensor(value, dtype=torch.int64)
        return number(name)

    def read(self, tensor: torch.Tensor, indices: Sequence[Any]) -> _Traced:
        """A tensor at some positions, as a table of the mask."""
        if len(indices) != tensor.dim() or not all(
            isinstance(index, _Traced) and index.position for index in indices
        ):
            raise NotImplementedError(
                "the mask reads a tensor at something else than positions, which"
                " attnc does not do"
            )
        is_bool = tensor.dtype == torch.bool
        where = "".join(index.position for index in indices)
        term = self._terms.get((id(tensor), where))
        if term is None:
            term = self._terms[id(tensor), where] = self._add_table(tensor, where)
        return _Traced(self, term != 0 if is_bool else term)

    def _add_table(self, tensor: torch.Tensor, where: str) -> Term:
        is_bool = tensor.dtype == torch.bool
        held = tensor.to(torch.int32 if is_bool else torch.int64)
        for axis, position in enumerate(where):
            if position in "qk":
                shift = self.shift if position == "q" else 0
                held = self._window(held, axis, self.kv_offset + shift)
        name = f"table_{len(self.tables)}"
        self.tables[name] = held
        symbols = dict(zip("qkhb", positions()))
        return table(name, "i32" if is_bool else "i64")[
            tuple(symbols[position] for position in where)
        ]

    def _window(self, tensor: torch.Tensor, axis: int, begin: int) -> torch.Tensor:
        """The part [begin, begin + kv_length) of an axis, zeros where it has none."""
        begin_pad = max(-begin, 0)
        first, end = max(begin, 0), min(tensor.shape[axis], begin + self.kv_length)
        part = tensor.narrow(axis, first, max(end - first, 0))
        end_pad = self.kv_length - begin_pad - part.shape[axis]
        if not begin_pad and not end_pad:
            return part.contiguous()
        pads = [0, 0] * (tensor.dim() - 1 - axis) + [begin_pad, end_pad]
        return torch.nn.functional.pad(part, pads)


class _Traced:
    """A position, a term of positions, or a mask, where a mask function expects a
    tensor. Has the operators and methods that such functions use."""

    __slots__ = ("tracer", "value", "position", "is_distance")
    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self,
        tracer: _Tracer,
        value: _Verdict,
        position: str = "",
        is_distance: bool = False,
    ) -> None:
        self.tracer, self.value, self.position = tracer, value, position
        # Whether this stands for the absolute value of the term.
        self.is_distance = is_distance

    @classmethod
    def __torch_function__(
        cls,
        function: Callable[..., Any],
        types: Any,
        arguments: tuple[Any, ...] = (),
        named: Optional[dict[str, Any]] = None,
    ) -> Any:
        if function is torch.Tensor.__getitem__:
            tensor, indices = arguments
            indices = indices if isinstance(indices, tuple) else (indices,)
            traced = next(i for i in indices if isinstance(i, _Traced))
            return traced.tracer.read(tensor, indices)
        name = getattr(function, "__name__", str(function))
        raise NotImplementedError(
            f"the mask applies {name} to positions, which attnc does not do"
        )

    # What functions ask of a tensor to join masks.
    device = torch.device("cpu")

    def to(self, *_: Any, **__: Any) -> _Traced:
        return self

    def new_ones(self, *_: Any, **__: Any) -> _Traced:
        return _Traced(self.tracer, True)

    def new_zeros(self, *_: Any, **__: Any) -> _Traced:
        return _Traced(self.tracer, False)

    def _operand(self, other: object) -> Any:
        if isinstance(other, torch.Tensor) and other.dim() == 0:
            other = other.item()
        if isinstance(other, _Traced):
            if other.is_distance:
                raise NotImplementedError(
                    "the mask has abs() in a sum, which attnc does not do"
                )
            return other.value
        return other

    def _apply(self, name: str, other: object) -> _Traced:
        if self.is_distance:
            raise NotImplementedError(
                "the mask has abs() in a sum, which attnc does not do"
            )
        result = getattr(self.value, name)(self._operand(other))
        if result is NotImplemented:
            raise NotImplementedError(
                f"the mask has {name} of {self.value} and {other}, which attnc does"
                " not do"
            )
        return _Traced(self.tracer, result)

    def __add__(self, other: object) -> _Traced:
        return self._apply("__add__", other)

    def __radd__(self, other: object) -> _Traced:
        return self._apply("__radd__", other)

    def __sub__(self, other: object) -> _Traced:
        return self._apply("__sub__", other)

    def __rsub__(self, other: object) -> _Traced:
        return self._apply("__rsub__", other)

    def __mul__(self, other: object) -> _Traced:
        return self._apply("__mul__", other)

    __rmul__ = __mul__

    def __floordiv__(self, other: object) -> _Traced:
        return self._apply("__floordiv__", other)

    def __mod__(self, other: object) -> _Traced:
        return self._apply("__mod__", other)

    def __abs__(self) -> _Traced:
        return _Traced(self.tracer, self.value, is_distance=True)

    def _below(self, name: str, other: object) -> _Traced:
        if not self.is_distance:
            return self._apply(name, other)
        # |x| <= w where x <= w and -x <= w.
        bound = self._operand(other)
        assert isinstance(self.value, Term)
        first, second = (getattr(x, name)(bound) for x in (self.value, -self.value))
        return _Traced(self.tracer, first & second)

    def __lt__(self, other: object) -> _Traced:
        return self._below("__lt__", other)

    def __le__(self, other: object) -> _Traced:
        return self._below("__le__", other)

    def __gt__(self, other: object) -> _Traced:
        return self._apply("__gt__", other)

    def __ge__(self, other: object) -> _Traced:
        return self._apply("__ge__", other)

    def __eq__(self, other: object) -> _Traced:  # type: ignore[override]
        return self._apply("__eq__", other)

    def __ne__(self, other: object) -> _Traced:  # type: ignore[override]
        return self._apply("__ne__", other)

    def __and__(self, other: object) -> _Traced:
        for one, another in ((self, other), (other, self)):
            value = self._operand(one)
            if isinstance(value, bool):
                chosen = self._operand(another) if value else False
                return _Traced(self.tracer, chosen)
        return self._apply("__and__", other)

    __rand__ = __and__

    def __or__(self, other: object) -> _Traced:
        for one, another in ((self, other), (other, self)):
            value = self._operand(one)
            if isinstance(value, bool):
                chosen = True if value else self._operand(another)
                return _Traced(self.tracer, chosen)
        return self._apply("__or__", other)

    __ror__ = __or__

    def __invert__(self) -> _Traced:
        if isinstance(self.value, bool):
            return _Traced(self.tracer, not self.value)
        assert isinstance(self.value, Mask)
        return _Traced(self.tracer, ~self.value)


def seen_keys(
    batch_size: int,
    q_length: int,
    kv_length: int,
    q_offset: Union[int, torch.Tensor] = 0,
    kv_offset: int = 0,
    mask_function: Optional[Callable[..., Any]] = None,
    attention_mask: Union[torch.Tensor, SeenKeys, None] = None,
    **_: Any,
) -> SeenKeys:
    """The mask function of Transformers' AttentionMaskInterface.

    `attention_mask` has an element for each token of the sequences, false where a
    token is padding, or is a mask that this function has made before.
    """
    if isinstance(attention_mask, SeenKeys):
        return attention_mask
    tracer = _Tracer(q_length, kv_length, int(q_offset), kv_offset)
    b, h, q, k = tracer.positions()
    seen = _Traced(tracer, True)
    if mask_function is None:
        seen = k <= q
    else:
        seen = seen & mask_function(b, h, q, k)
    if attention_mask is not None and not bool(attention_mask.all()):
        kept = attention_mask.to(torch.bool).expand(batch_size, -1)
        seen = seen & tracer.read(kept, (b, k))
    if seen.value is True:
        return SeenKeys(None, {})
    if not isinstance(seen.value, Mask):
        raise NotImplementedError(f"the mask function returned {seen.value!r}")
    names = [bound.name for bound in seen.value.bound]
    return SeenKeys(seen.value, {name: tracer.tables[name] for name in names})


def attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: Union[SeenKeys, torch.Tensor, None],
    dropout: float = 0.0,
    scaling: Optional[float] = None,
    is_causal: Optional[bool] = None,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    """The attention function of Transformers' AttentionInterface."""
    for name in _REFUSED:
        if kwargs.get(name) is not None:
            raise NotImplementedError(
                f"this model's attention has {name}, and attnc.transformers has not;"
                " use another attn_implementation"
            )
    if kwargs.get("output_attentions"):
        raise NotImplementedError(
            "attnc keeps no attention weights; output_attentions needs 'eager'"
        )
    if isinstance(attention_mask, torch.Tensor):
        raise NotImplementedError(
            "attnc takes no mask that is a tensor with an element for each pair; pass"
            " one of [batch, length] for padding, or none"
        )
    if attention_mask is None:
        causal = getattr(module, "is_causal", True) if is_causal is None else is_causal
        out = scaled_dot_product_attention(
            query,
            key,
            value,
            dropout_p=dropout,
            # One query is the last, which sees all keys.
            is_causal=bool(causal) and query.shape[2] > 1,
            scale=scaling,
            enable_gqa=True,
        )
        return out.transpose(1, 2).contiguous(), None
    if dropout:
        raise NotImplementedError("attnc has no dropout; call model.eval()")
    _check(query, key, value)
    _check_heads(query, key, enable_gqa=True)
    text = attention_mask.mask.text if attention_mask.mask is not None else ""
    out = _apply(query, key, value, text, attention_mask.tables, scaling)
    return out.transpose(1, 2).contiguous(), None


def register(name: str = "attnc") -> str:
    """Makes `attn_implementation="attnc"` known to Transformers; returns the name."""
    from transformers import AttentionInterface, AttentionMaskInterface

    AttentionInterface.register(name, attention)
    AttentionMaskInterface.register(name, seen_keys)
    return name
