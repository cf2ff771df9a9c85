# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Attention over quantised caches on a GPU, in the emulator, against the definition.

A spec for each element type, scale and layout, with and without zero points; each runs
with many queries and with few, on lengths that divide neither tiles nor pages. An
argument N/M takes the specs whose number leaves N modulo M; --append appends instead.
"""

import itertools
import subprocess
import sys
import tempfile
from pathlib import Path

ELEMENTS = ("i8", "i4", "f8E4M3FN", "f8E5M2")
SCALES = ("tensor", "channel", "token", "group")
LAYOUTS = ("contiguous", "nhd", "hnd", "rolling")
POSITIONS = 170


class Form:
    """The types of one cache, and what its data are with extents."""

    def __init__(self, element, scale, zeros, layout, dim, group, page):
        stored = dim // 2 if element == "i4" else dim
        kind = f", paged<{page}>" if layout == "nhd" else ""
        kind = f", paged<{page}, hnd>" if layout == "hnd" else kind
        kind = ", rolling<50>" if layout == "rolling" else kind
        data = {"contiguous": "?x2x?x", "nhd": f"?x{page}x2x", "hnd": f"?x2x{page}x"}
        data = data.get(layout, "?x2x50x")
        numbers = {"tensor": "f32", "channel": f"2x{dim}xf32", "token": data + "f32"}
        self.scales = f"tensor<{numbers.get(scale, f'{data}{dim // group}xf32')}>"
        parameter = f"group = {group}" if scale == "group" else scale
        parameter += ", zeros" if zeros else ""
        self.type = f"!attn.kv<2x{dim}x{element}{kind}, scale<{parameter}>>"
        self.data = f"tensor<{data}{stored}xi8>"
        pages = POSITIONS // page
        self.extents = {
            "contiguous": [f"kd=2x2x{POSITIONS}x{stored}"],
            "nhd": [f"kd={3 * pages}x{page}x2x{stored}", f"t=2x{pages}"],
            "hnd": [f"kd={3 * pages}x2x{page}x{stored}", f"t=2x{pages}"],
            "rolling": [],
        }[layout]


def write_cache(name, form, zeros, layout):
    """The op that makes a cache, and its function's arguments."""
    arguments = {f"%{name}d": form.data, f"%{name}s": form.scales}
    table = " table(%t)" if layout in ("nhd", "hnd") else ""
    types = [form.data] + (["tensor<?x?xi32>"] if table else [])
    types += ["tensor<?xi32>", form.scales]
    ending = ""
    if zeros:
        arguments[f"%{name}z"] = form.scales
        ending = f" zeros(%{name}z)"
        types.append(form.scales)
    line = f"  %{name} = attn.cache %{name}d{table} lengths(%n) scales(%{name}s){ending}"
    return f"{line} : ({', '.join(types)}) -> {form.type}\n", arguments


def write_attend(form, zeros, layout, dim, query):
    tensor = f"tensor<?x?x?x{dim}x{query}>"
    arguments, body = {"%q": tensor}, ""
    for name in "kv":
        line, more = write_cache(name, form, zeros, layout)
        arguments.update(more)
        body += line
    if layout in ("nhd", "hnd"):
        arguments["%t"] = "tensor<?x?xi32>"
    arguments["%n"] = "tensor<?xi32>"
    mask = "window<33, 0>" if layout == "rolling" else "causal"
    results = f"({tensor}, tensor<?x?x?xf32>)"
    body += f"  %o, %l = attn.attend %q, %k, %v mask(#attn.mask<{mask}>)"
    body += f" : ({tensor}, {form.type}, {form.type}) -> {results}\n"
    body += f"  return %o, %l : {results[1:-1]}\n"
    return write_function(arguments, body, f" -> {results}")


def write_append(form, zeros, layout, dim, query):
    tensor = f"tensor<?x2x?x{dim}x{query}>"
    line, arguments = write_cache("k", form, zeros, layout)
    arguments = {"%x": tensor, **arguments}
    if layout in ("nhd", "hnd"):
        arguments["%t"] = "tensor<?x?xi32>"
    arguments["%n"] = "tensor<?xi32>"
    line += f"  attn.append %x to %k : {tensor}, {form.type}\n  return\n"
    return write_function(arguments, line, "")


def write_function(arguments, body, results):
    names = ", ".join(f"{name}: {type}" for name, type in arguments.items())
    return f"func.func @f({names}){results} {{\n{body}}}\n"


def run(spec, extents, what):
    command = ["attnc", "run", spec, "--target=emulate:sm_90a", "--random", "--check"]
    command += [word for extent in extents for word in ("--dims", extent)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    print(what, *extents, "ok" if result.returncode == 0 else "FAILED", flush=True)
    if result.returncode != 0:
        print(result.stdout, result.stderr, spec.read_text(), sep="\n")
    return result.returncode == 0


def main():
    appends = "--append" in sys.argv
    part, parts = map(int, sys.argv[-1].split("/"))
    forms = list(itertools.product(ELEMENTS, SCALES, (False, True), LAYOUTS))
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder) / "spec.mlir"
        for number, (element, scale, zeros, layout) in enumerate(forms):
            if number % parts != part:
                continue
            dim, page = (64, 128, 40)[number % 3], (16, 7, 1)[number // 2 % 3]
            group = (8, dim // 2, 4)[number // 4 % 3]
            query = ("bf16", "f16")[number // 3 % 2]
            form = Form(element, scale, zeros, layout, dim, group, page)
            write = write_append if appends else write_attend
            spec.write_text(write(form, zeros, layout, dim, query))
            calls = [f"x=2x2x{rows}x{dim}" for rows in (5,)] if appends else [
                f"q=2x4x40x{dim}", f"q=2x4x3x{dim}"]
            for call in calls:
                failed += not run(spec, [call] + form.extents, form.type)
    print(failed, "failed")


main()
