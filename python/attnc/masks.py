# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Masks as Python expressions.

    q, k, h, b = attnc.positions()
    local = (k <= q) & (q - k < 4096)
    by_head = masks.causal() & ((h % 4 == 3) | masks.window(63, 0))

A mask says which keys a query sees: a set of batch, head, query position and key
position. Terms are sums of positions, numbers read at run time and constants, with
`//` and `%` by positive constants; comparisons of terms are masks, and masks combine by
`&`, `|` and `~`. docs/masks.md lists the patterns of the library, each a function here.
`str(mask)` is its text, `mask.attribute` the attribute `#attn.mask<...>`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Callable, Union

_POSITIONS = ("b", "h", "q", "k")
_KEYWORDS = (*_POSITIONS, "and", "or", "not", "floordiv", "mod")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_MAX_CONSTANT = 2**63 - 1
# How tightly a term binds: sums, products, and what needs no parentheses.
_SUM, _PRODUCT, _ATOM = 1, 2, 3
# Likewise masks.
_OR, _AND, _NOT, _SINGLE = 1, 2, 3, 4


@dataclass(frozen=True)
class Bound:
    """A name that a mask reads: what has to be passed for it."""

    name: str
    dtype: str
    rank: int

    @property
    def type(self) -> str:
        """The type of the argument in a spec, such as "tensor<?xi32>"."""
        return f"tensor<{'?x' * self.rank}{self.dtype}>"


def _merge(*parts: tuple[Bound, ...]) -> tuple[Bound, ...]:
    """The names of several parts, each once; ValueError if two differ."""
    found: dict[str, Bound] = {}
    for bound in (b for part in parts for b in part):
        if found.setdefault(bound.name, bound) != bound:
            raise ValueError(
                f"'{bound.name}' is read as {found[bound.name].type} and as {bound.type}"
            )
    return tuple(found.values())


def _check_name(name: str) -> str:
    if not isinstance(name, str) or not _NAME.match(name) or name in _KEYWORDS:
        raise ValueError(
            f"{name!r} is no name for a table: use letters, digits and '_', and none"
            f" of {', '.join(_KEYWORDS)}"
        )
    return name


def _check_dtype(dtype: str) -> str:
    if dtype not in ("i32", "i64"):
        raise ValueError(f"tables are of i32 or i64, not {dtype!r}")
    return dtype


def _constant(value: object) -> int | None:
    """An integer of Python or NumPy; None if it is something else."""
    if isinstance(value, (bool, float)) or not hasattr(value, "__index__"):
        return None
    number = value.__index__()
    if abs(number) > _MAX_CONSTANT:
        raise ValueError(f"{number} does not fit in 64 bits")
    return number


class Term:
    """An integer: a position, a number read at run time, or made of them."""

    __slots__ = ("_text", "_power", "_bound", "_position")
    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self,
        text: str,
        power: int,
        bound: tuple[Bound, ...] = (),
        is_position: bool = False,
    ) -> None:
        self._text, self._power, self._bound = text, power, bound
        self._position = is_position

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"<attnc term {self._text}>"

    def __bool__(self) -> bool:
        raise TypeError(f"'{self._text}' has no value before it is compared")

    def _in(self, power: int) -> str:
        return self._text if self._power >= power else f"({self._text})"

    def _sum(self, other: object, sign: str) -> Term:
        term = _as_term(other)
        if term is None:
            return NotImplemented
        constant = _constant(other)
        if constant is not None and constant < 0:
            sign, term = "-" if sign == "+" else "+", Term(str(-constant), _ATOM)
        text = f"{self._in(_SUM)} {sign} {term._in(_PRODUCT)}"
        return Term(text, _SUM, _merge(self._bound, term._bound))

    def __add__(self, other: object) -> Term:
        return self._sum(other, "+")

    def __sub__(self, other: object) -> Term:
        return self._sum(other, "-")

    def __radd__(self, other: object) -> Term:
        term = _as_term(other)
        return NotImplemented if term is None else term._sum(self, "+")

    def __rsub__(self, other: object) -> Term:
        term = _as_term(other)
        return NotImplemented if term is None else term._sum(self, "-")

    def __neg__(self) -> Term:
        return Term(f"-{self._in(_ATOM)}", _PRODUCT, self._bound)

    def __mul__(self, other: object) -> Term:
        factor = _constant(other)
        if factor is None:
            if isinstance(other, Term):
                raise TypeError(
                    f"'{self}' * '{other}': a term is multiplied by a constant only"
                )
            return NotImplemented
        shown = str(factor) if factor >= 0 else f"({factor})"
        return Term(f"{self._in(_PRODUCT)} * {shown}", _PRODUCT, self._bound)

    __rmul__ = __mul__

    def _divide(self, other: object, sign: str, word: str) -> Term:
        divisor = _constant(other)
        if divisor is None or divisor <= 0:
            raise TypeError(f"'{self}' {sign} {other}: needs a positive constant")
        return Term(f"{self._in(_PRODUCT)} {word} {divisor}", _PRODUCT, self._bound)

    def __floordiv__(self, other: object) -> Term:
        return self._divide(other, "//", "floordiv")

    def __mod__(self, other: object) -> Term:
        return self._divide(other, "%", "mod")

    def _compare(self, other: object, sign: str) -> Mask:
        term = _as_term(other)
        if term is None:
            raise TypeError(
                f"'{self}' {sign} {other!r}: a term is compared with a term or an"
                " integer"
            )
        text = f"{self._in(_SUM)} {sign} {term._in(_SUM)}"
        return Mask(text, _SINGLE, _merge(self._bound, term._bound), True)

    def __lt__(self, other: object) -> Mask:
        return self._compare(other, "<")

    def __le__(self, other: object) -> Mask:
        return self._compare(other, "<=")

    def __gt__(self, other: object) -> Mask:
        return self._compare(other, ">")

    def __ge__(self, other: object) -> Mask:
        return self._compare(other, ">=")

    def __eq__(self, other: object) -> Mask:  # type: ignore[override]
        return self._compare(other, "==")

    def __ne__(self, other: object) -> Mask:  # type: ignore[override]
        return self._compare(other, "!=")


def _as_term(value: object) -> Term | None:
    if isinstance(value, Term):
        return value
    number = _constant(value)
    if number is None:
        return None
    return Term(str(number), _ATOM if number >= 0 else _PRODUCT)


class Mask:
    """Which keys a query sees. Immutable.

    `text` is what stands in `#attn.mask<...>`, `bound` what the mask reads at run
    time.
    """

    __slots__ = ("_inner", "_power", "_is_predicate", "bound", "text")

    def __init__(
        self, inner: str, power: int, bound: tuple[Bound, ...], is_predicate: bool
    ) -> None:
        self._inner, self._power, self._is_predicate = inner, power, is_predicate
        self.bound = bound
        self.text = f'"{inner}"' if is_predicate else inner

    @property
    def attribute(self) -> str:
        """The attribute of a spec: "#attn.mask<causal>"."""
        return f"#attn.mask<{self.text}>"

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<attnc.Mask {self.text}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mask):
            return NotImplemented
        return self.text == other.text and self.bound == other.bound

    def __hash__(self) -> int:
        return hash((self.text, self.bound))

    def __bool__(self) -> bool:
        raise TypeError(
            "a mask is no truth value: write & for 'and', | for 'or', ~ for 'not', and"
            " (a <= b) & (b < c) for 'a <= b < c'"
        )

    def _combine(self, other: object, word: str, power: int) -> Mask:
        if not isinstance(other, Mask):
            return NotImplemented
        # Predicates are joined inside one string; beside a pattern each has its own.
        joined = self._is_predicate and other._is_predicate
        text = f" {word} ".join(part._in(power, joined) for part in (self, other))
        return Mask(text, power, _merge(self.bound, other.bound), joined)

    def _in(self, power: int, bare: bool) -> str:
        if self._is_predicate and not bare:
            return self.text
        return self._inner if self._power >= power else f"({self._inner})"

    def __and__(self, other: object) -> Mask:
        return self._combine(other, "and", _AND)

    def __or__(self, other: object) -> Mask:
        return self._combine(other, "or", _OR)

    def __invert__(self) -> Mask:
        text = f"not {self._in(_SINGLE, self._is_predicate)}"
        return Mask(text, _NOT, self.bound, self._is_predicate)


@dataclass(frozen=True)
class Table:
    """A table of integers, read at positions: `ids[q] == ids[k]`, `lengths[b]`."""

    name: str
    dtype: str = "i32"
    per_batch: bool = False

    def __getitem__(self, index: Any) -> Term:
        indices = index if isinstance(index, tuple) else (index,)
        for i in indices:
            if not isinstance(i, Term) or not i._position:
                raise TypeError(
                    f"table '{self.name}' is read at {i}: write positions as its indices"
                )
        text = f"{self.name}({', '.join(map(str, indices))})"
        return Term(text, _ATOM, (self._bound(len(indices)),))

    def _bound(self, indices: int) -> Bound:
        return Bound(self.name, self.dtype, indices + self.per_batch)


def positions() -> tuple[Term, Term, Term, Term]:
    """Query position, key position, head and batch: `q, k, h, b = positions()`.

    Positions are absolute: the last query is at the last key.
    """
    q, k, h, b = (Term(name, _ATOM, is_position=True) for name in "qkhb")
    return q, k, h, b


def number(name: str, dtype: str = "i64") -> Term:
    """A number that is read when the kernel is called: `q - k <= number("w")`."""
    bound = Bound(_check_name(name), _check_dtype(dtype), 0)
    return Term(name, _ATOM, (bound,))


def table(name: str, dtype: str = "i32", per_batch: bool = False) -> Table:
    """A table that is read when the kernel is called: `table("ids")[q]`.

    With `per_batch` it has one axis more, in front, for the batch.
    """
    return Table(_check_name(name), _check_dtype(dtype), per_batch)


def from_function(mask_mod: Callable[[Term, Term, Term, Term], Mask]) -> Mask:
    """The mask of a function of batch, head, query and key position, in the order of
    FlexAttention's mask_mod: `lambda b, h, q, k: k <= q`."""
    q, k, h, b = positions()
    mask = mask_mod(b, h, q, k)
    if not isinstance(mask, Mask):
        raise TypeError(f"the mask function returned a {type(mask).__name__}")
    return mask


# ---- The library ----

_Number = Union[int, Term]


def _pattern(name: str, *parameters: Any, reads: int | None = None) -> Mask:
    """A pattern of the library. `reads` is how many axes a table has there."""
    words, bound = [], []
    for parameter in parameters:
        if isinstance(parameter, Table):
            words.append(parameter.name)
            bound.append((parameter._bound(reads or 0),))
        elif isinstance(parameter, Term):
            if len(parameter._bound) != 1 or parameter._text != parameter._bound[0].name:
                raise TypeError(f"{name} takes a number, not the term '{parameter}'")
            words.append(parameter._text)
            bound.append(parameter._bound)
        elif isinstance(parameter, str):
            words.append(parameter)
        else:
            constant = _constant(parameter)
            if constant is None:
                raise TypeError(f"{name} takes integers, not {parameter!r}")
            words.append(str(constant))
    text = f"{name}<{', '.join(words)}>" if words else name
    return Mask(text, _SINGLE, _merge(*bound), False)


def _as_table(value: str | Table) -> Table:
    return table(value) if isinstance(value, str) else value


def causal() -> Mask:
    """`k <= q`."""
    return _pattern("causal")


def window(left: _Number, right: _Number = 0) -> Mask:
    """`q - left <= k <= q + right`."""
    return _pattern("window", left, right)


def prefix(n: _Number) -> Mask:
    """`k < n or k <= q`."""
    return _pattern("prefix", n)


def strided(n: int) -> Mask:
    """`(q - k) % n == 0`."""
    return _pattern("strided", n)


def dilated(window: int, stride: int) -> Mask:
    """Every `stride`th of the last `window * stride` keys."""
    return _pattern("dilated", window, stride)


def global_tokens(tokens: _Number) -> Mask:
    """`q < tokens or k < tokens`."""
    return _pattern("global", tokens)


def block(size: int) -> Mask:
    """`q // size == k // size`."""
    return _pattern("block", size)


def chunked(size: int) -> Mask:
    """`block(size)`, causal."""
    return _pattern("chunked", size)


def longformer(window: int, global_tokens: int) -> Mask:
    """A window around the query, or global tokens."""
    return _pattern("longformer", window, global_tokens)


def random_blocks(size: int, per_row: int, seed: int) -> Mask:
    """`per_row` random blocks of keys for each block of queries."""
    return _pattern("random_blocks", size, per_row, seed)


def bigbird(block: int, window: int, global_blocks: int, random: int, seed: int) -> Mask:
    """Blocks in a window, global blocks, random blocks."""
    return _pattern("bigbird", block, window, global_blocks, random, seed)


def axial(height: int, width: int, axes: str) -> Mask:
    """The keys in the "row", the "column" or "both" of the query in an image."""
    if axes not in ("row", "column", "both"):
        raise ValueError(f'axes are "row", "column" or "both", not {axes!r}')
    return _pattern("axial", height, width, axes)


def neighborhood2d(height: int, width: int, radius: int) -> Mask:
    """At most `radius` rows and columns away in an image."""
    return _pattern("neighborhood2d", height, width, radius)


def document(ids: str | Table) -> Mask:
    """`ids[q] == ids[k]`."""
    return _pattern("document", _as_table(ids), reads=1)


def packed(offsets: str | Table) -> Mask:
    """The keys between the same two of increasing offsets."""
    return _pattern("packed", _as_table(offsets), reads=1)


def padding(lengths: str | Table) -> Mask:
    """`k < lengths[b]`."""
    return _pattern("padding", _as_table(lengths), reads=1)
