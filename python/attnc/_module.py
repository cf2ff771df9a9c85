# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiling specs to modules, and to files."""

from __future__ import annotations

import ctypes
import json
import os
import threading
import weakref
from typing import Any, Iterator, Mapping, Union

from attnc._context import Context, default_context
from attnc._errors import Diagnostic
from attnc._kernel import Kernel
from attnc._library import checked, decode, encode, library, read_diagnostics

Spec = Union[str, bytes, "os.PathLike[str]"]


class Module:
    """A spec that has been compiled; its functions are its attributes.

    `module.causal` and `module["causal"]` are the kernel of `func.func @causal`;
    the brackets also reach functions that are named like a method of this class.
    """

    def __init__(self, handle: ctypes.c_void_p) -> None:
        lib = library()
        self._handle = handle
        finalizer = weakref.finalize(self, lib.attnc_module_destroy, handle)
        finalizer.atexit = False
        count = lib.attnc_module_num_functions(handle)
        self._names = tuple(
            decode(lib.attnc_module_function_name(handle, i)) for i in range(count)
        )
        self._kernels: dict[str, Kernel] = {}
        self._lock = threading.Lock()

    def __getitem__(self, name: str) -> Kernel:
        if name not in self._names:
            raise KeyError(f"no function '{name}'; there are {', '.join(self._names)}")
        with self._lock:
            if name not in self._kernels:
                handle = ctypes.c_void_p()
                checked(
                    library().attnc_kernel_create,
                    self._handle,
                    name.encode(),
                    ctypes.byref(handle),
                )
                self._kernels[name] = Kernel(handle, name)
        return self._kernels[name]

    def __getattr__(self, name: str) -> Kernel:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(error.args[0]) from None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._names]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return f"<attnc.Module of {', '.join(self._names)}>"

    @property
    def manifest(self) -> Mapping[str, Any]:
        """What `attnc compile --emit=manifest` writes, as a dictionary."""
        return dict(json.loads(library().attnc_module_manifest(self._handle)))

    @property
    def was_cached(self) -> bool:
        """Whether the machine code was in the cache, not compiled now."""
        return bool(library().attnc_module_was_cached(self._handle))

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Warnings and remarks about the spec."""
        lib = library()
        return read_diagnostics(
            self._handle,
            lib.attnc_module_num_diagnostics(self._handle),
            lib.attnc_module_get_diagnostic,
        )


class _Options:
    """attnc_options for the duration of a `with`."""

    def __init__(self, **values: str | os.PathLike[str] | None) -> None:
        self._values = values
        self._handle = ctypes.c_void_p()

    def __enter__(self) -> ctypes.c_void_p:
        lib = library()
        checked(lib.attnc_options_create, ctypes.byref(self._handle))
        try:
            for key, value in self._values.items():
                if value is not None:
                    data = encode(value, key)
                    checked(lib.attnc_options_set, self._handle, key.encode(), data)
        except BaseException:
            self.__exit__()
            raise
        return self._handle

    def __exit__(self, *_: object) -> None:
        library().attnc_options_destroy(self._handle)


def _is_path(spec: Spec) -> bool:
    if isinstance(spec, os.PathLike):
        return True
    return isinstance(spec, str) and "\n" not in spec and spec.endswith(".mlir")


def _read(spec: Spec) -> tuple[bytes, str | None]:
    """The text of a spec, and the name of its file if it has one."""
    if not _is_path(spec):
        return (spec.encode() if isinstance(spec, str) else bytes(spec)), None  # type: ignore[arg-type, union-attr]
    with open(spec, "rb") as file:
        return file.read(), os.path.basename(os.fspath(spec))  # type: ignore[arg-type]


def compile(
    spec: Spec,
    target: str = "cpu",
    *,
    threads: bool = True,
    tuning: str | os.PathLike[str] | None = None,
    name: str | None = None,
    format: str | None = None,
    context: Context | None = None,
) -> Module:
    """Compiles a spec, or takes it from the cache.

    `spec` is text, or a path: an os.PathLike, or one line that ends in ".mlir".

    target   "cpu" (this machine), "cpu:<processor>" or "reference"
    threads  whether kernels use OpenMP
    tuning   a file that `attnc tune` wrote
    name     what diagnostics call the spec; the file's name, or "spec.mlir"
    format   "text", or "bytecode" of MLIR, for input that is trusted
    context  where kernels are kept; one of the environment by default

    Raises Error, with `diagnostics`, if the spec has errors.
    """
    lib = library()
    chosen = context or default_context()
    handle = ctypes.c_void_p()
    switch = "on" if threads else "off"
    with _Options(
        target=target, threads=switch, tuning=tuning, name=name, format=format
    ) as options:
        if _is_path(spec) and name is None:
            checked(
                lib.attnc_compile_file,
                chosen._handle,
                encode(spec, "the path"),  # type: ignore[arg-type]
                options,
                ctypes.byref(handle),
            )
        else:
            data, _ = _read(spec)
            checked(
                lib.attnc_compile,
                chosen._handle,
                data,
                len(data),
                options,
                ctypes.byref(handle),
            )
    return Module(handle)


def emit(
    spec: Spec,
    kind: str,
    path: str | os.PathLike[str] | None = None,
    *,
    target: str = "cpu",
    threads: bool = True,
    tuning: str | os.PathLike[str] | None = None,
    name: str | None = None,
    context: Context | None = None,
) -> bytes | None:
    """Compiles a spec to what `attnc compile --emit=<kind>` writes: "obj", "shared",
    "header", "manifest", "asm", "llvm", "tile" or "attn". Returns the bytes, or
    writes them to `path`. Uses no cache."""
    lib = library()
    handle = (context or default_context())._handle
    data, file_name = _read(spec)
    switch = "on" if threads else "off"
    with _Options(
        target=target, threads=switch, tuning=tuning, name=name or file_name
    ) as options:
        common = (handle, data, len(data), options, encode(kind, "the kind"))
        if path is not None:
            checked(lib.attnc_emit_to_file, *common, encode(path, "the path"))
            return None
        buffer = ctypes.c_void_p()
        checked(lib.attnc_emit, *common, ctypes.byref(buffer))
    try:
        size = lib.attnc_buffer_size(buffer)
        return ctypes.string_at(lib.attnc_buffer_data(buffer), size)
    finally:
        lib.attnc_buffer_destroy(buffer)
