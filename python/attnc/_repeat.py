# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Calls like one before.

A loop calls a kernel on arrays of the same shapes again and again. The first call
leaves its block of memory here; one on arrays of the same library, dtypes, shapes and
strides writes the addresses of the data into it and nothing else.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any, Optional, Sequence

from attnc._tensor import CONTIGUOUS, flags_and_data

# The kernel was not called.
MISS = object()


class Repeat:
    """A call on arrays of one library, ready to be made with others like them."""

    __slots__ = ("_first", "_count", "_base", "_slots")

    def __init__(
        self, arrays: Sequence[Any], num_outputs: int, block: Any, offset: int, step: int
    ) -> None:
        self._first = len(arrays) - num_outputs
        self._count = len(arrays)
        self._base = ctypes.addressof(block)
        # Where the addresses are; they keep the block.
        self._slots = [
            ctypes.c_uint64.from_buffer(block, offset + step * i)
            for i in range(len(arrays))
        ]

    def call(
        self, function: Any, handle: Any, inputs: tuple[Any, ...], out: Optional[Any]
    ) -> Any:
        """The status and the outputs, or MISS if the arrays are others."""
        if not self._place(0, inputs):
            return MISS
        if out is None:
            outputs = self._make()
        else:
            outputs = out if type(out) is tuple else (out,)
            if len(outputs) != self._count - self._first:
                return MISS
        if not self._place(self._first, outputs):
            return MISS
        return function(handle, self._base, self._count), outputs

    def _make(self) -> tuple[Any, ...]:
        """New outputs."""
        raise NotImplementedError

    def _place(self, first: int, arrays: tuple[Any, ...]) -> bool:
        """Writes the addresses of arrays, which have to be like those before."""
        raise NotImplementedError


class _OfNumpy(Repeat):
    """Compact arrays of NumPy, and of no class derived from it."""

    __slots__ = ("_array", "_likes", "_made")

    def __init__(self, arrays: Sequence[Any], num_outputs: int, *place: Any) -> None:
        super().__init__(arrays, num_outputs, *place)
        self._array = type(arrays[0])
        self._likes = [(a.dtype, a.shape, flags_and_data(a)[0]) for a in arrays]
        self._made = [(dtype, shape) for dtype, shape, _ in self._likes[self._first :]]

    @staticmethod
    def takes(array: Any) -> bool:
        return bool(flags_and_data(array)[0] & CONTIGUOUS)

    def _make(self) -> tuple[Any, ...]:
        return tuple([self._array(shape, dtype) for dtype, shape in self._made])

    def _place(self, first: int, arrays: tuple[Any, ...]) -> bool:
        end = first + len(arrays)
        for array, slot, (dtype, shape, flags) in zip(
            arrays, self._slots[first:end], self._likes[first:end]
        ):
            if (
                type(array) is not self._array
                or array.dtype is not dtype
                or array.shape != shape
            ):
                return False
            found, slot.value = flags_and_data(array)
            if found != flags:
                return False
        return True


class _OfTorch(Repeat):
    """Dense tensors of PyTorch on the CPU, of no class derived from Tensor."""

    __slots__ = ("_torch", "_tensor", "_likes", "_made")

    def __init__(self, arrays: Sequence[Any], num_outputs: int, *place: Any) -> None:
        super().__init__(arrays, num_outputs, *place)
        self._torch = sys.modules["torch"]
        self._tensor = type(arrays[0])
        self._likes = [(a.dtype, a.shape, a.stride()) for a in arrays]
        self._made = [(shape, dtype) for dtype, shape, _ in self._likes[self._first :]]

    @staticmethod
    def takes(array: Any) -> bool:
        # The kernel has run on it: it is dense and on the CPU.
        return True

    def _make(self) -> tuple[Any, ...]:
        empty = self._torch.empty
        return tuple([empty(shape, dtype=dtype) for shape, dtype in self._made])

    def _place(self, first: int, arrays: tuple[Any, ...]) -> bool:
        end = first + len(arrays)
        torch = self._torch
        try:
            for tensor, slot, (dtype, shape, strides) in zip(
                arrays, self._slots[first:end], self._likes[first:end]
            ):
                if (
                    type(tensor) is not self._tensor
                    or tensor.dtype is not dtype
                    or tensor.shape != shape
                    or not tensor.is_cpu
                    or tensor.layout is not torch.strided
                    or tensor.stride() != strides
                    or tensor.is_neg()
                    or (tensor.requires_grad and torch.is_grad_enabled())
                ):
                    return False
                slot.value = tensor.data_ptr()
        except RuntimeError:
            # One without memory of its own; the call that follows says why.
            return False
        return True


_KINDS: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): _OfNumpy,
    ("torch", "Tensor"): _OfTorch,
}


def repeat_of(arrays: Sequence[Any], num_outputs: int, *place: Any) -> Optional[Repeat]:
    """A call like the one that was made on `arrays`; None if one cannot be prepared.
    `place` is the block of the call, and where in it the tensors are."""
    if not arrays:
        return None
    array = type(arrays[0])
    kind = _KINDS.get((array.__module__, array.__name__))
    if kind is None or any(type(a) is not array or not kind.takes(a) for a in arrays):
        return None
    made: Repeat = kind(arrays, num_outputs, *place)
    return made
