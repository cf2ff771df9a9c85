# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""libattnc: where it is, and its functions as ctypes sees them.

It is opened at the first use, so that masks and specs can be made without it.
ctypes.CDLL gives up the interpreter's lock during each call.
"""

from __future__ import annotations

import ctypes
import functools
import os
import warnings
from ctypes import POINTER, c_char_p, c_int32, c_int64, c_size_t, c_uint32, c_void_p
from pathlib import Path
from typing import Any, Callable, Iterator

from attnc._errors import INVALID_ARGUMENT, UNAVAILABLE, Diagnostic, Error

# ATTNC_API_MAJOR and ATTNC_API_MINOR that this package is written for.
_API_MAJOR, _API_MINOR = 0, 1
_FILE = "libattnc.so.0"
_FILES = (_FILE, "libattnc.so")
_SEVERITIES = ("error", "warning", "remark", "note")


class CDiagnostic(ctypes.Structure):
    _fields_ = [
        ("severity", c_int32),
        ("parent", c_int32),
        ("line", c_int32),
        ("column", c_int32),
        ("file", c_char_p),
        ("message", c_char_p),
    ]


class CArgument(ctypes.Structure):
    _fields_ = [
        ("name", c_char_p),
        ("dtype_name", c_char_p),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("role", c_int32),
        ("rank", c_int32),
        ("reserved", c_int32),
        ("dims", POINTER(c_int64)),
    ]


_WARNING_HANDLER = ctypes.CFUNCTYPE(None, c_char_p, c_void_p)
_HANDLE, _OUT = c_void_p, POINTER(c_void_p)

# name: (result, arguments); an attnc_error ** is the last argument of those that
# `checked` calls.
_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "attnc_api_version": (c_uint32, []),
    "attnc_version": (c_char_p, []),
    "attnc_build_id": (c_char_p, []),
    "attnc_last_error": (c_char_p, []),
    "attnc_rt_set_num_threads": (None, [c_int32]),
    "attnc_rt_get_num_threads": (c_int32, []),
    "attnc_error_destroy": (None, [_HANDLE]),
    "attnc_error_message": (c_char_p, [_HANDLE]),
    "attnc_error_num_diagnostics": (c_size_t, [_HANDLE]),
    "attnc_error_get_diagnostic": (
        c_int32,
        [_HANDLE, c_size_t, POINTER(CDiagnostic)],
    ),
    "attnc_set_warning_handler": (None, [_WARNING_HANDLER, c_void_p]),
    "attnc_context_create": (c_int32, [_OUT, _OUT]),
    "attnc_context_destroy": (None, [_HANDLE]),
    "attnc_context_set": (c_int32, [_HANDLE, c_char_p, c_char_p, _OUT]),
    "attnc_context_get": (c_char_p, [_HANDLE, c_char_p]),
    "attnc_options_create": (c_int32, [_OUT, _OUT]),
    "attnc_options_destroy": (None, [_HANDLE]),
    "attnc_options_set": (c_int32, [_HANDLE, c_char_p, c_char_p, _OUT]),
    "attnc_compile": (
        c_int32,
        [_HANDLE, c_char_p, c_size_t, _HANDLE, _OUT, _OUT],
    ),
    "attnc_compile_file": (c_int32, [_HANDLE, c_char_p, _HANDLE, _OUT, _OUT]),
    "attnc_emit": (
        c_int32,
        [_HANDLE, c_char_p, c_size_t, _HANDLE, c_char_p, _OUT, _OUT],
    ),
    "attnc_emit_to_file": (
        c_int32,
        [_HANDLE, c_char_p, c_size_t, _HANDLE, c_char_p, c_char_p, _OUT],
    ),
    "attnc_buffer_destroy": (None, [_HANDLE]),
    "attnc_buffer_data": (c_void_p, [_HANDLE]),
    "attnc_buffer_size": (c_size_t, [_HANDLE]),
    "attnc_module_destroy": (None, [_HANDLE]),
    "attnc_module_was_cached": (c_int32, [_HANDLE]),
    "attnc_module_manifest": (c_char_p, [_HANDLE]),
    "attnc_module_num_functions": (c_size_t, [_HANDLE]),
    "attnc_module_function_name": (c_char_p, [_HANDLE, c_size_t]),
    "attnc_module_num_diagnostics": (c_size_t, [_HANDLE]),
    "attnc_module_get_diagnostic": (
        c_int32,
        [_HANDLE, c_size_t, POINTER(CDiagnostic)],
    ),
    "attnc_kernel_create": (c_int32, [_HANDLE, c_char_p, _OUT, _OUT]),
    "attnc_kernel_destroy": (None, [_HANDLE]),
    "attnc_kernel_num_arguments": (c_size_t, [_HANDLE]),
    "attnc_kernel_get_argument": (c_int32, [_HANDLE, c_size_t, POINTER(CArgument)]),
    "attnc_kernel_num_symbols": (c_size_t, [_HANDLE]),
    "attnc_kernel_symbol_name": (c_char_p, [_HANDLE, c_size_t]),
    "attnc_kernel_call": (c_int32, [_HANDLE, c_void_p, c_size_t]),
}


def _candidates() -> Iterator[str]:
    """Where the library may be. What ATTNC_LIBRARY says is the only place then."""
    chosen = os.environ.get("ATTNC_LIBRARY")
    if chosen:
        path = Path(chosen)
        yield from (str(path / name) for name in _FILES) if path.is_dir() else [chosen]
        return
    folder = Path(__file__).resolve().parent
    for beside in (folder / "lib", folder):
        yield from (str(beside / name) for name in _FILES if (beside / name).exists())
    yield _FILE


def _open() -> ctypes.CDLL:
    reasons = []
    for name in _candidates():
        try:
            return ctypes.CDLL(name)
        except OSError as error:
            reasons.append(f"{name}: {error}")
    raise Error(
        "libattnc was not found; set ATTNC_LIBRARY to the file or its folder, put it"
        " in attnc/lib of the package, or in LD_LIBRARY_PATH ("
        + "; ".join(reasons)
        + ")",
        UNAVAILABLE,
    )


@_WARNING_HANDLER
def _warn(message: bytes, _: object) -> None:
    warnings.warn(message.decode(errors="replace"), RuntimeWarning, stacklevel=2)


@functools.lru_cache(maxsize=None)
def library() -> ctypes.CDLL:
    """The library, once opened; Error if there is none, or one that does not fit."""
    opened = _open()
    try:
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(opened, name)
            function.restype, function.argtypes = result, arguments
    except AttributeError as error:
        raise Error(f"{opened._name} is not libattnc: {error}", UNAVAILABLE) from None
    found = opened.attnc_api_version()
    if found >> 16 != _API_MAJOR or found & 0xFFFF < _API_MINOR:
        raise Error(
            f"{opened._name} has version {found >> 16}.{found & 0xFFFF} of the"
            f" interface, and this package needs {_API_MAJOR}.{_API_MINOR}",
            UNAVAILABLE,
        )
    opened.attnc_set_warning_handler(_warn, None)
    return opened


def encode(text: str | os.PathLike[str], what: str) -> bytes:
    """The bytes of what C takes as a string, which cannot hold a NUL."""
    data = os.fsencode(text)
    if b"\0" in data:
        raise ValueError(f"{what} contains a NUL")
    return data


def decode(data: bytes | None) -> str:
    return (data or b"").decode(errors="replace")


def last_error() -> str:
    """The message of the last failing call of this thread."""
    return decode(library().attnc_last_error())


def read_diagnostics(
    handle: int | c_void_p, count: int, get: Callable[..., int]
) -> tuple[Diagnostic, ...]:
    """The diagnostics of an error or a module, notes inside what they belong to."""
    read: list[tuple[int, Diagnostic]] = []
    notes: dict[int, list[Diagnostic]] = {}
    for index in range(count):
        raw = CDiagnostic()
        get(handle, index, ctypes.byref(raw))
        severity = _SEVERITIES[raw.severity]
        found = Diagnostic(
            severity, decode(raw.message), decode(raw.file), raw.line, raw.column
        )
        if raw.parent >= 0:
            notes.setdefault(raw.parent, []).append(found)
        else:
            read.append((index, found))
    return tuple(
        Diagnostic(d.severity, d.message, d.file, d.line, d.column, tuple(notes[i]))
        if i in notes
        else d
        for i, d in read
    )


def checked(function: Callable[..., int], *arguments: Any) -> None:
    """Calls a function whose last argument is an attnc_error **; raises its error."""
    error = c_void_p()
    status = function(*arguments, ctypes.byref(error))
    if not status:
        return
    if not error:
        raise Error(last_error(), status)
    lib = library()
    try:
        message = decode(lib.attnc_error_message(error))
        diagnostics = read_diagnostics(
            error,
            lib.attnc_error_num_diagnostics(error),
            lib.attnc_error_get_diagnostic,
        )
    finally:
        lib.attnc_error_destroy(error)
    raise Error(message, status or INVALID_ARGUMENT, diagnostics)


def set_num_threads(count: int) -> None:
    """Sets the threads of kernels; below 1, one for each processor."""
    library().attnc_rt_set_num_threads(count)


def get_num_threads() -> int:
    """The threads that a kernel called from this thread uses."""
    return int(library().attnc_rt_get_num_threads())
