# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Calls like one before.

A loop calls a kernel on arrays of the same shapes again and again. The first call
leaves its block of memory here; one on NumPy arrays of the same dtypes, shapes and
flags writes the addresses of the data into it and nothing else.
"""

from __future__ import annotations

import ctypes
from typing import Any, Optional, Sequence

from attnc._tensor import CONTIGUOUS, flags_and_data

# The kernel was not called.
MISS = object()


class Repeat:
    """A call on compact NumPy arrays, ready to be made with others like them."""

    __slots__ = ("_likes", "_made", "_base", "_slots", "_array")

    def __init__(
        self, arrays: Sequence[Any], num_outputs: int, block: Any, offset: int, step: int
    ) -> None:
        import numpy

        self._array = numpy.ndarray
        self._likes = [(a.dtype, a.shape, flags_and_data(a)[0]) for a in arrays]
        first = len(arrays) - num_outputs
        self._made = [(dtype, shape) for dtype, shape, _ in self._likes[first:]]
        self._base = ctypes.addressof(block)
        # Where the addresses are; they keep the block.
        self._slots = [
            ctypes.c_uint64.from_buffer(block, offset + step * i)
            for i in range(len(arrays))
        ]

    @staticmethod
    def is_possible(arrays: Sequence[Any]) -> bool:
        """Whether all are compact arrays of NumPy, and of no class derived from it."""
        return all(
            type(a).__module__ == "numpy"
            and type(a).__name__ == "ndarray"
            and bool(flags_and_data(a)[0] & CONTIGUOUS)
            for a in arrays
        )

    def call(
        self, function: Any, handle: Any, inputs: tuple[Any, ...], out: Optional[Any]
    ) -> Any:
        """The status and the outputs, or MISS if the arrays are others."""
        if not self._place(0, inputs):
            return MISS
        if out is None:
            outputs = tuple([self._array(shape, dtype) for dtype, shape in self._made])
        else:
            outputs = out if type(out) is tuple else (out,)
        if not self._place(len(inputs), outputs):
            return MISS
        return function(handle, self._base, len(self._likes)), outputs

    def _place(self, first: int, arrays: tuple[Any, ...]) -> bool:
        """Writes the addresses of arrays, which have to be like those before."""
        end = first + len(arrays)
        likes = self._likes[first:end]
        if len(likes) != len(arrays) or (first and end != len(self._likes)):
            return False
        for array, slot, (dtype, shape, flags) in zip(
            arrays, self._slots[first:end], likes
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
