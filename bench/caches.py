# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times attention over KV caches of several layouts and element types.

Each kernel is compiled to a shared library and called in this process, in turns
with the others of its table, so that ratios mean something on a machine whose
clock moves. Called by caches.sh; the environment variable ATTNC says where the
compiler is.
"""

import argparse
import ctypes
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from cache_peers import PEERS
from compiled import compile_library
from peers.dlpack import describe
from tables import add_options, report

DIM = 128
KV_HEADS = 2
PAGE = 16


@dataclass(frozen=True)
class Cache:
    """How keys and values are kept."""

    element: str
    layout: str = ""
    scale: str = ""

    @property
    def name(self):
        return ", ".join(p for p in (self.element, self.layout, self.scale) if p)

    @property
    def type(self):
        return f"!attn.kv<{KV_HEADS}x{DIM}x{self.name}>"

    @property
    def slots(self):
        """The tokens of a page or ring, or None."""
        return int(self.layout.split("<")[1][:-1]) if self.layout else None

    @property
    def is_paged(self):
        return self.layout.startswith("paged")


def on_huge_pages(array):
    """A copy in memory that the system is asked to map in large pages, as the
    arena of a server is; elsewhere each page of tokens costs a table walk."""
    libc = ctypes.CDLL(None)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3
    libc.mmap.argtypes += [ctypes.c_long]
    read_write, private_anonymous, advise_huge, large = 3, 0x22, 14, 2 << 20
    size = (array.nbytes // large + 2) * large
    memory = libc.mmap(None, size, read_write, private_anonymous, -1, 0)
    start = (memory + large - 1) // large * large
    libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(size - large), advise_huge)
    copy = np.ctypeslib.as_array((ctypes.c_uint8 * array.nbytes).from_address(start))
    copy = copy.view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


def numpy_of(element):
    return {"f32": np.float32, "f16": np.float16}.get(element, np.int8)


def mlir_of(element):
    return element if element in ("f32", "f16", "bf16") else "i8"


class Sequences:
    """A batch of sequences of the same length in a cache, and their tensors."""

    def __init__(self, cache, tokens, batch=1, sides=None):
        """`sides` are the numbers and scales of keys and of values, instead of
        random ones."""
        self.cache, self.tokens, self.batch = cache, tokens, batch
        width = DIM // 2 if cache.element == "i4" else DIM
        if cache.is_paged:
            blocks = tokens // cache.slots
            place = [batch * blocks, cache.slots, KV_HEADS]
        else:
            blocks = 1
            place = [batch, KV_HEADS, cache.slots or tokens]
        self.arrays, self.types, self.names = [], [], []
        random = np.random.default_rng(0)
        for i, side in enumerate(("k", "v")):
            if sides:
                values, scales = sides[i].numbers, sides[i].scales
            else:
                values = self.make_numbers(random, place + [width])
                scales = self.make_scales(place) if cache.scale else None
            self.add(side, values, self.spell(values.shape, mlir_of(cache.element)))
            if scales is not None:
                self.add(side + "s", scales, self.spell(scales.shape, "f32"))
        if cache.is_paged:
            table = random.permutation(batch * blocks).astype(np.int32)
            self.add("t", table.reshape(batch, blocks), "tensor<?x?xi32>")
        if cache.slots:
            self.add("n", np.full([batch], tokens, np.int32), "tensor<?xi32>")

    def make_numbers(self, random, shape):
        data = numpy_of(self.cache.element)
        if self.cache.element == "bf16":
            return random.integers(0x3E00, 0x3F80, shape).astype("V2")
        if data == np.int8:
            return random.integers(-127, 128, shape, dtype=np.int8)
        return random.standard_normal(shape, np.float32).astype(data)

    def make_scales(self, place):
        shape = list(place)
        if "group" in self.cache.scale:
            shape.append(DIM // int(self.cache.scale.split("=")[1].strip(" >")))
        return np.full(shape, 1 / 73, np.float32)

    def spell(self, shape, element):
        known = {DIM, DIM // 2, KV_HEADS, self.cache.slots, DIM // 32}
        # Scales of channels are numbers of each head.
        axes = (0, 1) if len(shape) == 2 else self.fixed_axes()
        fixed = [
            str(s) if s in known and i in axes else "?" for i, s in enumerate(shape)
        ]
        return f"tensor<{'x'.join(fixed)}x{element}>"

    def fixed_axes(self):
        return (1, 2, 3) if self.cache.slots else (1, 3)

    def add(self, name, array, type):
        self.names.append(name)
        self.arrays.append(on_huge_pages(np.asarray(array, order="C")))
        self.types.append(type)

    def write_caches(self):
        lines = []
        types = dict(zip(self.names, self.types))
        for side in ("k", "v"):
            operands, used = f"%{side}", [types[side]]
            for word, name in (
                ("table", "t"),
                ("lengths", "n"),
                ("scales", side + "s"),
                ("prefix", "p"),
            ):
                if name in types:
                    operands += f" {word}(%{name})"
                    used.append(types[name])
            lines.append(
                f"  %{side}c = attn.cache {operands}"
                f" : ({', '.join(used)}) -> {self.cache.type}\n"
            )
        return "".join(lines)


class Kernel:
    """Attention over a cache, compiled."""

    count = 0

    def __init__(self, sequences, target, folder, query="f32", queries="?", mask=""):
        cache = sequences.cache.type
        tensor = f"tensor<?x?x{queries}x{DIM}x{query}>"
        mask = f"mask(#attn.mask<{mask}>)" if mask else ""
        inputs = ", ".join(
            f"%{n}: {t}" for n, t in zip(sequences.names, sequences.types)
        )
        text = (
            f"func.func @f(%q: {tensor}, {inputs}) -> {tensor} {{\n"
            f"{sequences.write_caches()}"
            f"  %o = attn.attend %q, %kc, %vc {mask}\n"
            f"    : ({tensor}, {cache}, {cache}) -> {tensor}\n"
            f"  return %o : {tensor}\n}}\n"
        )
        self.query = query
        Kernel.count += 1
        spec = folder / f"kernel{Kernel.count}.mlir"
        self.library = compile_library(text, spec, target)
        self.sequences = sequences

    def prepare(self, heads, queries):
        """A function that calls the kernel once and returns how long that took."""
        q = make_query(self.sequences.batch, heads, queries)
        if self.query == "bf16":
            q = (q.view(np.uint32) >> 16).astype(np.uint16).view("V2")
        return self.prepare_of(q, np.empty_like(q))

    def prepare_of(self, query, out):
        return prepare_call(self.library, [query, *self.sequences.arrays, out])


def make_query(batch, heads, queries):
    shape = [batch, heads, queries, DIM]
    return np.random.default_rng(1).standard_normal(shape).astype(np.float32)


def prepare_call(library, arrays):
    tensors = [describe(array) for array in arrays]
    arguments = [ctypes.byref(tensor) for tensor in tensors]

    def call(arrays=arrays, tensors=tensors):
        start = time.thread_time()
        status = library.f(*arguments)
        seconds = time.thread_time() - start
        if status != 0:
            library.attnc_last_error.restype = ctypes.c_char_p
            sys.exit(f"the kernel returned {status}: {library.attnc_last_error()}")
        return seconds

    return call


def compare(calls, rounds, repeat=3):
    """Median seconds of each call, and its median share of the first one's time."""
    for call in calls:
        call()
    samples = [
        [min(call() for _ in range(repeat)) for call in calls] for _ in range(rounds)
    ]
    seconds = [statistics.median(s) for s in zip(*samples)]
    speed = [statistics.median(row[0] / row[i] for row in samples)
             for i in range(len(calls))]  # fmt: skip
    return seconds, speed


DECODED = [
    Cache("f16"),
    Cache("f16", f"paged<{PAGE}>"),
    Cache("bf16", f"paged<{PAGE}>"),
    Cache("i8", "", "scale<token>"),
    Cache("i4", "", "scale<token>"),
    Cache("i4", "", "scale<group = 32>"),
    Cache("f8E4M3FN", "", "scale<token>"),
    Cache("i8", f"paged<{PAGE}>", "scale<token>"),
    Cache("i4", f"paged<{PAGE}>", "scale<token>"),
    Cache("i4", f"paged<{PAGE}>", "scale<group = 32>"),
    Cache("f8E4M3FN", f"paged<{PAGE}>", "scale<token>"),
]


def measure_decode(target, rounds, folder):
    rows = []
    for tokens in (1024, 8192, 65536):
        kernels = [
            Kernel(Sequences(c, tokens), target, folder, queries="1") for c in DECODED
        ]
        for group in (1, 4, 8):
            calls = [k.prepare(KV_HEADS * group, 1) for k in kernels]
            seconds, speed = compare(calls, rounds)
            rows += [
                {"cache": c.name, "tokens": tokens, "group": group,
                 "median_seconds": s, "of_f16": r}  # fmt: skip
                for c, s, r in zip(DECODED, seconds, speed)
            ]
    return rows


def measure_rolling(target, rounds, folder):
    cache = Cache("f16", "rolling<4096>")
    kernel = Kernel(Sequences(cache, 4096), target, folder, queries="1")
    calls = []
    lengths = (4096, 65536, 1048576)
    for length in lengths:
        kernel.sequences.arrays[-1] = np.full([1], length, np.int32)
        calls.append(kernel.prepare(KV_HEADS * 4, 1))
    seconds, speed = compare(calls, rounds)
    return [
        {"cache": cache.name, "tokens": n, "median_seconds": s, "of_shortest": r}
        for n, s, r in zip(lengths, seconds, speed)
    ]


def measure_prefill(target, rounds, folder):
    caches = [Cache("bf16", f"paged<{PAGE}>"),
              Cache("i8", f"paged<{PAGE}>", "scale<token>"),
              Cache("i4", f"paged<{PAGE}>", "scale<group = 32>")]  # fmt: skip
    tokens = 2048
    calls = [
        Kernel(Sequences(c, tokens), target, folder, "bf16", mask="causal").prepare(
            KV_HEADS * 4, tokens
        )
        for c in caches
    ]
    seconds, speed = compare(calls, rounds, repeat=1)
    return [
        {"cache": c.name, "tokens": tokens, "median_seconds": s, "of_bf16": r}
        for c, s, r in zip(caches, seconds, speed)
    ]


def measure_cascade(target, rounds, folder):
    """Sequences that share a prompt, and the same without saying so."""
    batch, prefix, own = 16, 32768, 256
    cache = Cache("f16", f"paged<{PAGE}>")

    def make(is_declared):
        pages = Sequences(cache, prefix + batch * own)
        pages.batch, shared = batch, prefix // PAGE
        order = pages.arrays[-2].ravel()
        rows = [
            np.concatenate([order[:shared], order[shared + b :: batch]])
            for b in range(batch)
        ]
        pages.arrays[-2] = np.array(rows, np.int32)
        pages.arrays[-1] = np.full([batch], prefix + own, np.int32)
        if is_declared:
            pages.add("p", np.array(prefix, np.int32), "tensor<i32>")
        return Kernel(pages, target, folder, queries="1")

    kernels = [make(False), make(True)]
    rows = []
    for group in (1, 4):
        calls = [k.prepare(KV_HEADS * group, 1) for k in kernels]
        seconds, speed = compare(calls, rounds, repeat=1)
        rows += [
            {"prefix": name, "group": group, "median_seconds": s, "speed": r}
            for name, s, r in zip(("read by each", "declared"), seconds, speed)
        ]
    return rows


def measure_peers(target, rounds, folder):
    """Speed beside other projects, over the same numbers of the same caches."""
    rows = []
    for tokens in (4096, 65536):
        random = np.random.default_rng(0)
        shape = (1, KV_HEADS, tokens, DIM)
        floats = [random.standard_normal(shape, np.float32) for _ in range(2)]
        for peer in PEERS:
            for format, (convert, element, scale) in peer.formats.items():
                sides = [convert(f) for f in floats]
                sequences = Sequences(Cache(element, "", scale), tokens, sides=sides)
                kernel = Kernel(sequences, target, folder, queries="1")
                for group in (1, 4, 8):
                    query = make_query(1, KV_HEADS * group, 1)
                    out = np.empty_like(query)
                    theirs, output = peer.prepare(format, query, *sides)
                    calls = [kernel.prepare_of(query, out), timed(theirs)]
                    seconds, speed = compare(calls, rounds)
                    error = np.abs(out - output()).max() / np.abs(out).max()
                    # Peers round the query to 8 bits, or sum in f16.
                    if not error < 0.1:
                        sys.exit(f"{peer.name}, {format}: results differ by {error}")
                    rows.append(
                        {"peer": peer.name, "cache": f"{format}, {sequences.cache.name}",
                         "tokens": tokens, "group": group, "seconds": seconds[0],
                         "peer_seconds": seconds[1], "times": 1 / speed[1],
                         "difference": float(error)}  # fmt: skip
                    )
    return rows


def timed(call):
    def run():
        start = time.thread_time()
        call()
        return time.thread_time() - start

    return run


TABLES = {
    "decode": ("one query, speed relative to f16", measure_decode),
    "rolling": ("one query, window 4096", measure_rolling),
    "prefill": ("causal, speed relative to bf16", measure_prefill),
    "cascade": ("16 sequences, 32768 shared tokens and 256 own", measure_cascade),
    "peers": ("one query, over the same numbers as a peer", measure_peers),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    # Peers are there where bench/peers.sh has been run.
    here = [name for name in TABLES if name != "peers" or find_spec("ggml")]
    add_options(parser, here)
    options = parser.parse_args()
    if "peers" in options.only.split(",") and "peers" not in here:
        sys.exit("peers are not installed: bench/peers.sh makes their environment")
    with tempfile.TemporaryDirectory() as folder:
        report(TABLES, options, options.target, options.rounds, Path(folder))


if __name__ == "__main__":
    main()
