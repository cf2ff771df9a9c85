# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Contexts: where kernels are kept, and whether they may be compiled."""

from __future__ import annotations

import ctypes
import functools
import os
import weakref

from attnc._library import checked, decode, encode, library


class Context:
    """Where kernels are kept, and whether they may be compiled.

    Without arguments as the environment says: ATTNC_JIT, ATTNC_CACHE_DIR and
    others of docs/embedding.md. `jit` is "auto", "off" or "require-cache";
    `cache_dir` is a folder, or "" for no cache.
    """

    def __init__(
        self,
        jit: str | None = None,
        cache_dir: str | os.PathLike[str] | None = None,
    ) -> None:
        lib = library()
        handle = ctypes.c_void_p()
        checked(lib.attnc_context_create, ctypes.byref(handle))
        self._handle = handle
        finalizer = weakref.finalize(self, lib.attnc_context_destroy, handle)
        finalizer.atexit = False
        for key, value in (("jit", jit), ("cache-dir", cache_dir)):
            if value is not None:
                checked(
                    lib.attnc_context_set, handle, key.encode(), encode(value, key)
                )

    def _get(self, key: bytes) -> str:
        return decode(library().attnc_context_get(self._handle, key))

    @property
    def jit(self) -> str:
        """Whether kernels may be compiled: "auto", "off" or "require-cache"."""
        return self._get(b"jit")

    @property
    def cache_dir(self) -> str:
        """The folder of the cache; "" if nothing is cached."""
        return self._get(b"cache-dir")

    @property
    def cache_problem(self) -> str:
        """Why nothing is cached; "" if it is."""
        return self._get(b"cache-problem")

    def __repr__(self) -> str:
        return f"attnc.Context(jit={self.jit!r}, cache_dir={self.cache_dir!r})"


@functools.lru_cache(maxsize=None)
def default_context() -> Context:
    return Context()


def version() -> str:
    """The release of libattnc, such as "0.1.0"."""
    return decode(library().attnc_version())


def build_id() -> str:
    """Identifies the build of the compiler, in hexadecimal."""
    return decode(library().attnc_build_id())
