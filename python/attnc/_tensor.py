# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Arrays of other libraries as DLPack describes tensors, without copies.

NumPy arrays are read through `__array_struct__`, which also describes read-only
arrays and dtypes that NumPy exports to no one, such as bfloat16 of ml_dtypes;
PyTorch tensors through their methods, everything else through `__dlpack__`.
"""

from __future__ import annotations

import ctypes
import functools
import struct
import sys
from ctypes import c_int32, c_int64, c_uint8, c_uint16, c_uint64, c_void_p, py_object
from typing import Any, NamedTuple, Optional

CPU = 1
_INT, _UINT, _FLOAT, _BFLOAT, _BOOL = 0, 1, 2, 4, 6
# Kernels refuse what is of another dtype than theirs; these have names at least.
CODES: dict[str, tuple[int, int]] = {
    "float16": (_FLOAT, 16),
    "float32": (_FLOAT, 32),
    "float64": (_FLOAT, 64),
    "bfloat16": (_BFLOAT, 16),
    "float8_e4m3fn": (10, 8),
    "float8_e5m2": (12, 8),
    "bool": (_BOOL, 8),
    **{f"int{bits}": (_INT, bits) for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": (_UINT, bits) for bits in (8, 16, 32, 64)},
}
# The names of arguments' dtypes, and those of NumPy and PyTorch.
NAMES = {
    "f16": "float16",
    "f32": "float32",
    "f64": "float64",
    "bf16": "bfloat16",
    "f8E4M3FN": "float8_e4m3fn",
    "f8E5M2": "float8_e5m2",
    **{f"i{bits}": f"int{bits}" for bits in (8, 16, 32, 64)},
}
_SCALARS: dict[str, Any] = {"i32": c_int32, "i64": c_int64, "f32": ctypes.c_float}


class View(NamedTuple):
    """What a DLTensor says, and what keeps the memory."""

    data: int
    code: int
    bits: int
    lanes: int
    shape: tuple[int, ...]
    strides: Optional[tuple[int, ...]]
    """In elements; None for a compact tensor."""
    offset: int
    is_writable: bool
    owner: object


class Unusable(Exception):
    """Why a value is no operand; the caller knows which operand it is."""


# ---- NumPy ----

CONTIGUOUS, _NATIVE, _WRITEABLE = 0x1, 0x200, 0x400


class _ArrayInterface(ctypes.Structure):
    """PyArrayInterface, which NumPy documents as its array interface in C."""

    _fields_ = [
        ("two", ctypes.c_int),
        ("nd", ctypes.c_int),
        ("typekind", ctypes.c_char),
        ("itemsize", ctypes.c_int),
        ("flags", ctypes.c_int),
        ("shape", c_void_p),
        ("strides", c_void_p),
        ("data", c_void_p),
    ]


_capsule_pointer = ctypes.PYFUNCTYPE(c_void_p, py_object, ctypes.c_char_p)(
    ("PyCapsule_GetPointer", ctypes.pythonapi)
)
_capsule_name = ctypes.PYFUNCTYPE(ctypes.c_char_p, py_object)(
    ("PyCapsule_GetName", ctypes.pythonapi)
)
_interface_at = _ArrayInterface.from_address
_string_at = ctypes.string_at
# The part of a PyArrayInterface up to the data, and of that flags and data.
_INTERFACE_SIZE = _ArrayInterface.data.offset + 8
_unpack_flags_and_data = struct.Struct(
    f"={_ArrayInterface.flags.offset}xi"
    f"{_ArrayInterface.data.offset - _ArrayInterface.flags.offset - 4}xQ"
).unpack


def flags_and_data(array: Any) -> tuple[int, int]:
    """The flags of a NumPy array, as its array interface has them, and its address."""
    capsule = array.__array_struct__
    memory = _string_at(_capsule_pointer(capsule, None), _INTERFACE_SIZE)
    return _unpack_flags_and_data(memory)  # type: ignore[return-value]


@functools.lru_cache(maxsize=64)
def _numpy_code(dtype: Any) -> tuple[int, int] | None:
    return CODES.get(dtype.name)


def _describe_numpy(array: Any) -> View:
    dtype = array.dtype
    code = _numpy_code(dtype)
    if code is None:
        raise Unusable(f"has dtype {dtype}, which no kernel takes")
    capsule = array.__array_struct__
    raw = _interface_at(_capsule_pointer(capsule, None))
    flags = raw.flags
    if not flags & _NATIVE:
        raise Unusable("its elements are big-endian; use array.astype in native order")
    strides = None
    if not flags & CONTIGUOUS:
        size = raw.itemsize
        if any(stride % size for stride in array.strides):
            raise Unusable(
                f"has strides {array.strides}, which are no multiples of the element"
                f" size {size}; copy it with numpy.ascontiguousarray"
            )
        strides = tuple(stride // size for stride in array.strides)
    return View(
        raw.data or 0,
        code[0],
        code[1],
        1,
        array.shape,
        strides,
        0,
        flags & _WRITEABLE != 0,
        array,
    )


# ---- PyTorch ----


@functools.lru_cache(maxsize=64)
def _torch_code(dtype: Any) -> tuple[int, int] | None:
    return CODES.get(str(dtype).partition(".")[2])


def _describe_torch(torch: Any, tensor: Any) -> View:
    if not tensor.is_cpu:
        raise Unusable(
            f"the tensor is on device '{tensor.device}' but this kernel reads host"
            " memory; copy the tensor to the cpu first"
        )
    code = _torch_code(tensor.dtype)
    if code is None:
        raise Unusable(f"has dtype {tensor.dtype}, which no kernel takes")
    if tensor.layout is not torch.strided or tensor.is_neg():
        raise Unusable("is sparse or a lazy negation; make it a dense tensor first")
    if tensor.requires_grad and torch.is_grad_enabled():
        raise Unusable(
            "requires a gradient, and kernels compute none; use .detach() or"
            " torch.no_grad()"
        )
    try:
        data = tensor.data_ptr()
    except RuntimeError as error:
        raise Unusable(f"has no memory: {error}".split("\n")[0]) from None
    return View(
        data, code[0], code[1], 1, tuple(tensor.shape), tensor.stride(), 0, True, tensor
    )


# ---- DLPack ----


class _DLTensor(ctypes.Structure):
    _fields_ = [
        ("data", c_void_p),
        ("device_type", c_int32),
        ("device_id", c_int32),
        ("ndim", c_int32),
        ("code", c_uint8),
        ("bits", c_uint8),
        ("lanes", c_uint16),
        ("shape", ctypes.POINTER(c_int64)),
        ("strides", ctypes.POINTER(c_int64)),
        ("byte_offset", c_uint64),
    ]


class _Versioned(ctypes.Structure):
    _fields_ = [
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("manager_ctx", c_void_p),
        ("deleter", c_void_p),
        ("flags", c_uint64),
        ("dl_tensor", _DLTensor),
    ]


_READ_ONLY, _IS_COPY = 1, 2


def _describe_dlpack(value: Any) -> View:
    device = value.__dlpack_device__()
    if device[0] != CPU:
        raise Unusable(
            f"the tensor is on device type {int(device[0])} but this kernel reads host"
            f" memory (device type {CPU}, cpu); copy the tensor to the cpu first"
        )
    try:
        try:
            capsule = value.__dlpack__(max_version=(1, 0))
        except TypeError:
            capsule = value.__dlpack__()
    except (BufferError, RuntimeError, ValueError) as error:
        raise Unusable(f"is not exported by DLPack: {error}") from None
    # Borrowed: the capsule keeps its name, and so calls the deleter when it goes.
    name = _capsule_name(capsule)
    writable = True
    if name == b"dltensor_versioned":
        managed = _Versioned.from_address(_capsule_pointer(capsule, name))
        if managed.major != 1:
            raise Unusable(f"is of version {managed.major} of DLPack, and not of 1")
        writable = not managed.flags & (_READ_ONLY | _IS_COPY)
        tensor = managed.dl_tensor
    elif name == b"dltensor":
        tensor = _DLTensor.from_address(_capsule_pointer(capsule, name))
    else:
        raise Unusable("has a __dlpack__ that returns no DLPack tensor")
    rank = tensor.ndim
    return View(
        tensor.data or 0,
        tensor.code,
        tensor.bits,
        tensor.lanes,
        tuple(tensor.shape[:rank]),
        tuple(tensor.strides[:rank]) if tensor.strides else None,
        tensor.byte_offset,
        writable,
        capsule,
    )


# ---- All of them ----

_NO_MODULE = type("Absent", (), {"ndarray": (), "Tensor": ()})


def describe(value: Any) -> View:
    """The memory of an array; Unusable if it has none that a kernel could use."""
    modules = sys.modules
    numpy = modules.get("numpy", _NO_MODULE)
    if isinstance(value, numpy.ndarray):
        return _describe_numpy(value)
    torch = modules.get("torch", _NO_MODULE)
    if isinstance(value, torch.Tensor):
        return _describe_torch(torch, value)
    if hasattr(value, "__dlpack__"):
        return _describe_dlpack(value)
    raise Unusable(
        f"is a {type(value).__name__}, and neither a NumPy array nor a tensor with"
        " __dlpack__"
    )


def describe_number(value: int | float, dtype: str) -> View:
    """The memory of a number that is made for one call."""
    kind = _SCALARS.get(dtype)
    if kind is None:
        raise Unusable(f"is a number, and the kernel takes an array of {dtype}")
    if dtype != "f32":
        if not isinstance(value, int):
            raise Unusable(f"is {value!r}, and the kernel takes an integer")
        bits = int(dtype[1:])
        if not -(1 << (bits - 1)) <= value < 1 << (bits - 1):
            raise Unusable(f"is {value}, which {dtype} cannot hold")
    cell = kind(value)
    code, bits = CODES[NAMES[dtype]]
    return View(ctypes.addressof(cell), code, bits, 1, (), None, 0, False, cell)


def allocate_like(value: Any, shape: tuple[int, ...], dtype: str) -> Any:
    """An array of the library that `value` is of, without contents."""
    name = NAMES.get(dtype)
    if name is None:
        raise Unusable(f"has dtype {dtype}; pass an array for it in `out`")
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return torch.empty(shape, dtype=getattr(torch, name))
    import numpy

    if name not in ("bfloat16", "float8_e4m3fn", "float8_e5m2"):
        return numpy.empty(shape, dtype=name)
    try:
        import ml_dtypes
    except ImportError:
        raise Unusable(
            f"has dtype {dtype}, which NumPy lacks; install ml_dtypes, or pass an array"
            " in `out`"
        ) from None
    return numpy.empty(shape, dtype=getattr(ml_dtypes, name))


def as_type_of(value: Any, array: Any) -> Any:
    """An allocated array as the library of `value` has it, without a copy where that
    library imports DLPack."""
    namespace = getattr(value, "__array_namespace__", None)
    if type(array).__module__ != "numpy" or type(value).__module__ == "numpy":
        return array
    if namespace is None or not hasattr(namespace(), "from_dlpack"):
        return array
    return namespace().from_dlpack(array)
