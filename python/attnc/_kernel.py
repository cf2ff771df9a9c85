# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels: what they take, and how they are called.

A call describes its arrays in one block of memory, which struct.pack_into fills:
pointers to the tensors, the tensors, then their extents and strides.
"""

from __future__ import annotations

import ctypes
import struct
import weakref
from dataclasses import dataclass
from typing import Any, Mapping, Sequence

from attnc._errors import INVALID_ARGUMENT, Error
from attnc._library import CArgument, decode, last_error, library
from attnc._repeat import MISS, Repeat, repeat_of
from attnc._tensor import (
    CPU,
    Unusable,
    View,
    allocate_like,
    as_type_of,
    describe,
    describe_number,
)

_ROLES = ("input", "output", "updated")
_TENSOR_SIZE = 48
_MAX_REPEATS = 8


@dataclass(frozen=True)
class Argument:
    """One tensor that a kernel takes."""

    name: str
    dtype: str
    """ "f32", "bf16", "i8", ..."""
    role: str
    """ "input"; "output"; or "updated": read and written."""
    shape: tuple[int | str, ...]
    """A number, or the name of a symbol: equal names stand for equal extents."""

    def __str__(self) -> str:
        dims = ", ".join(map(str, self.shape))
        return f"{self.name}: {self.dtype}[{dims}]"


class _Layout:
    """Where the parts of a call with tensors of some ranks are in its block."""

    def __init__(self, ranks: tuple[int, ...]) -> None:
        count = len(ranks)
        self.tensors = [8 * count + _TENSOR_SIZE * i for i in range(count)]
        self.dims = []
        offset = (8 + _TENSOR_SIZE) * count
        for rank in ranks:
            self.dims.append(offset)
            offset += 16 * rank
        self.pack = struct.Struct(
            f"={count}Q" + count * "QiiiBBHQQQ" + f"{2 * sum(ranks)}q"
        ).pack_into
        self.block = ctypes.c_char * max(offset, 1)


class Kernel:
    """A function of a module, called on arrays.

    `kernel(q, k, v)` or `kernel(q=q, k=k, v=v)` takes NumPy arrays, PyTorch tensors
    on the CPU and what has `__dlpack__`, in any mix, without copying them. Numbers
    may stand for arguments of rank 0. Outputs are allocated in the library of the
    first input, and returned: one array, or a tuple in the order of the results;
    None if there is none. `out` is an array to write to instead, or for several
    outputs a sequence, or a dictionary by name. The interpreter's lock is released
    while the kernel runs. Raises Error, which names the argument that does not fit.
    """

    def __init__(self, handle: ctypes.c_void_p, name: str) -> None:
        lib = library()
        self._handle = handle
        finalizer = weakref.finalize(self, lib.attnc_kernel_destroy, handle)
        finalizer.atexit = False
        self._call = lib.attnc_kernel_call
        self._name = name
        symbols = [
            decode(lib.attnc_kernel_symbol_name(handle, i))
            for i in range(lib.attnc_kernel_num_symbols(handle))
        ]
        self._arguments = tuple(
            _read_argument(handle, i, symbols)
            for i in range(lib.attnc_kernel_num_arguments(handle))
        )
        self._inputs = tuple(a for a in self._arguments if a.role != "output")
        self._outputs = tuple(a for a in self._arguments if a.role == "output")
        self._sources = [self._find_sources(output) for output in self._outputs]
        self._layouts: dict[tuple[int, ...], _Layout] = {}
        # Taken out while they are used: a call of another thread, or of a finalizer
        # that runs in between, finds none and prepares its own.
        self._repeats: list[Repeat] = []
        self.__name__ = name
        self.__doc__ = f"{self.signature}\n\n{type(self).__doc__}"

    @property
    def name(self) -> str:
        return self._name

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """What the kernel takes: inputs first, then outputs."""
        return self._arguments

    @property
    def inputs(self) -> tuple[Argument, ...]:
        return self._inputs

    @property
    def outputs(self) -> tuple[Argument, ...]:
        return self._outputs

    @property
    def signature(self) -> str:
        """One line, such as "f(q: f32[n, 64]) -> out: f32[n, 64]"."""
        inputs = ", ".join(
            f"{a} (updated)" if a.role == "updated" else str(a) for a in self._inputs
        )
        outputs = ", ".join(map(str, self._outputs)) or "None"
        return f"{self._name}({inputs}) -> {outputs}"

    def __repr__(self) -> str:
        return f"<attnc.Kernel {self.signature}>"

    def __call__(
        self,
        *inputs: Any,
        out: Any | Sequence[Any] | Mapping[str, Any] | None = None,
        **named: Any,
    ) -> Any:
        if named or len(inputs) != len(self._inputs):
            inputs = self._bind(inputs, named)
        try:
            repeat = self._repeats.pop()
        except IndexError:
            pass
        else:
            result = repeat.call(self._call, self._handle, inputs, out)
            if result is not MISS:
                self._repeats.append(repeat)
                status, outputs = result
                if status:
                    raise Error(last_error(), status)
                return outputs[0] if len(outputs) == 1 else outputs or None
        return self._call_anew(inputs, out)

    def _call_anew(self, inputs: tuple[Any, ...], out: Any) -> Any:
        views = [self._view(a, v) for a, v in zip(self._inputs, inputs)]
        if out is None:
            outputs = self._allocate(inputs, views)
        else:
            outputs = self._given(out)
        views += [self._view(a, v) for a, v in zip(self._outputs, outputs)]
        block, layout = self._run(views)
        arrays = (*inputs, *outputs)
        if len(self._repeats) < _MAX_REPEATS:
            repeat = repeat_of(
                arrays, len(outputs), block, layout.tensors[0], _TENSOR_SIZE
            )
            if repeat:
                self._repeats.append(repeat)
        if not outputs:
            return None
        if out is None:
            outputs = tuple([as_type_of(inputs[0], array) for array in outputs])
        return outputs[0] if len(outputs) == 1 else outputs

    def _bind(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """The inputs in their order, as Python binds arguments to names."""
        names = [argument.name for argument in self._inputs]
        takes = f"{self._name}() takes {len(names)} inputs ({', '.join(names)})"
        if len(inputs) > len(names):
            raise TypeError(f"{takes} but {len(inputs)} were given")
        bound = dict(zip(names, inputs))
        for name, value in named.items():
            if name in bound:
                raise TypeError(f"{takes} and got '{name}' twice")
            if name not in names:
                raise TypeError(f"{takes} and none named '{name}'")
            bound[name] = value
        missing = [name for name in names if name not in bound]
        if missing:
            raise TypeError(f"{takes} and got no {', '.join(missing)}")
        return tuple(bound[name] for name in names)

    def _error(self, argument: Argument, message: object) -> Error:
        text = f"{self._name}: argument {argument.name}: {message}"
        return Error(text, INVALID_ARGUMENT)

    def _view(self, argument: Argument, value: Any) -> View:
        try:
            if type(value) in (int, float) and not argument.shape:
                view = describe_number(value, argument.dtype)
            else:
                view = describe(value)
        except Unusable as error:
            raise self._error(argument, error) from None
        if argument.role != "input" and not view.is_writable:
            raise self._error(argument, "is read-only but this kernel writes it")
        return view

    def _find_sources(self, output: Argument) -> list[tuple[int, int] | None]:
        """For each extent of an output an input and a dimension that has it."""
        found: dict[int | str, tuple[int, int]] = {}
        for i, argument in enumerate(self._inputs):
            for dim, extent in enumerate(argument.shape):
                found.setdefault(extent, (i, dim))
        return [
            None if isinstance(extent, int) else found.get(extent, (-1, -1))
            for extent in output.shape
        ]

    def _allocate(self, inputs: Sequence[Any], views: list[View]) -> tuple[Any, ...]:
        made = []
        for output, sources in zip(self._outputs, self._sources):
            shape = []
            for extent, source in zip(output.shape, sources):
                if source is None:
                    shape.append(extent)
                    continue
                index, dim = source
                if index < 0:
                    raise self._error(
                        output, f"no input has its extent {extent}; pass it in `out`"
                    )
                argument, found = self._inputs[index], views[index].shape
                if len(found) != len(argument.shape):
                    raise self._error(
                        argument,
                        f"the rank is {len(found)} but must be {len(argument.shape)}",
                    )
                shape.append(found[dim])
            like = inputs[0] if inputs else None
            try:
                made.append(allocate_like(like, tuple(shape), output.dtype))  # type: ignore[arg-type]
            except Unusable as error:
                raise self._error(output, error) from None
        return tuple(made)

    def _given(self, out: Any) -> tuple[Any, ...]:
        """What the caller passed for the outputs, in their order."""
        names = [output.name for output in self._outputs]
        if isinstance(out, Mapping):
            if sorted(out) != sorted(names):
                raise TypeError(
                    f"{self._name}() has the outputs {', '.join(names)}, and `out` has"
                    f" {', '.join(map(str, out))}"
                )
            return tuple(out[name] for name in names)
        given = tuple(out) if isinstance(out, (tuple, list)) else (out,)
        if len(given) != len(names):
            raise TypeError(
                f"{self._name}() has {len(names)} outputs ({', '.join(names)}), and"
                f" `out` has {len(given)}"
            )
        return given

    def _run(self, views: list[View]) -> tuple[Any, _Layout]:
        """Calls the function; returns the block of the call."""
        ranks = tuple([len(view.shape) for view in views])
        layout = self._layouts.get(ranks)
        if layout is None:
            layout = self._layouts.setdefault(ranks, _Layout(ranks))
        block = layout.block()
        base = ctypes.addressof(block)
        values = [base + offset for offset in layout.tensors]
        dims: list[int] = []
        for view, place, rank in zip(views, layout.dims, ranks):
            shape = view.shape
            strides = view.strides
            values += (
                view.data,
                CPU,
                0,
                rank,
                view.code,
                view.bits,
                view.lanes,
                base + place,
                0 if strides is None else base + place + 8 * rank,
                view.offset,
            )
            dims += shape
            dims += shape if strides is None else strides
        layout.pack(block, 0, *values, *dims)
        status = self._call(self._handle, base, len(views))
        if status:
            raise Error(last_error(), status)
        return block, layout


def _read_argument(handle: ctypes.c_void_p, index: int, symbols: list[str]) -> Argument:
    raw = CArgument()
    library().attnc_kernel_get_argument(handle, index, ctypes.byref(raw))
    shape = tuple(
        extent if extent >= 0 else symbols[-1 - extent]
        for extent in raw.dims[: raw.rank]
    )
    return Argument(
        decode(raw.name), decode(raw.dtype_name), _ROLES[raw.role], shape
    )
