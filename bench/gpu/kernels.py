# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiled functions, called with tensors of PyTorch."""

from __future__ import annotations

import ctypes
import os

import torch

_CODES = {
    torch.int32: (0, 32),
    torch.float16: (2, 16),
    torch.float32: (2, 32),
    torch.bfloat16: (4, 16),
}


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


def describe(tensor):
    """The DLTensor of a tensor, which must live as long."""
    code, bits = _CODES[tensor.dtype]
    extents = ctypes.c_int64 * tensor.dim()
    return DLTensor(
        data=tensor.data_ptr(),
        device_type=2 if tensor.is_cuda else 1,
        device_id=tensor.device.index or 0,
        ndim=tensor.dim(),
        code=code,
        bits=bits,
        lanes=1,
        shape=extents(*tensor.shape),
        strides=extents(*tensor.stride()),
    )


class KernelError(RuntimeError):
    pass


class Kernel:
    """The function `name` of the library of that name in a folder."""

    # Kept loaded: the libraries of kernels find it by its name.
    _runtimes = {}

    def __init__(self, folder, name, device):
        runtime = os.path.join(folder, "libattnc_rt.so")
        if runtime not in self._runtimes and os.path.exists(runtime):
            self._runtimes[runtime] = ctypes.CDLL(runtime)
        # A library may contain a runtime of its own, so that its functions are
        # looked up here: this finds those of the runtime that the kernel calls.
        library = ctypes.CDLL(os.path.join(folder, name + ".so"))
        self.function = getattr(library, name)
        self.function.restype = ctypes.c_int32
        self.last_error = library.attnc_last_error
        self.last_error.restype = ctypes.c_char_p
        if device == "cuda":
            stream = ctypes.c_void_p(torch.cuda.current_stream().cuda_stream)
            library.attnc_rt_gpu_set_stream(stream)

    def prepare(self, *tensors):
        """A call with these tensors, which must live as long."""
        descriptions = [describe(tensor) for tensor in tensors]
        arguments = [ctypes.byref(description) for description in descriptions]

        def call():
            status = self.function(*arguments)
            if status != 0:
                text = self.last_error().decode(errors="replace")
                raise KernelError(f"status {status}: {text}")

        return call
