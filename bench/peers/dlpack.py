# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""DLPack tensors of numpy arrays, for C functions."""

from __future__ import annotations

import ctypes

import numpy as np

_INTEGER, _FLOAT, _BFLOAT = 0, 2, 4


class DLTensor(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    ]


def describe(array: np.ndarray) -> DLTensor:
    """The tensor of an array, which must live as long."""
    kind = {"f": _FLOAT, "i": _INTEGER}.get(array.dtype.kind, _BFLOAT)
    strides = None
    if not array.flags.c_contiguous:
        steps = [step // array.itemsize for step in array.strides]
        strides = (ctypes.c_int64 * array.ndim)(*steps)
    return DLTensor(
        data=array.ctypes.data,
        device_type=1,
        ndim=array.ndim,
        code=kind,
        bits=array.itemsize * 8,
        lanes=1,
        shape=(ctypes.c_int64 * array.ndim)(*array.shape),
        strides=strides,
    )
