# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks attention over caches against the float64 reference, pair by pair.

Every pair of a layout, an element type, a scale, a mask, a phase and a group
size occurs in some spec; each spec is run on random shapes, lengths and block
tables. What the compiler refuses has to be what is listed here as refused.
"""

import argparse
import itertools
import random
import subprocess
import sys

DIM = 32
LAYOUTS = {
    "contiguous": ("", "tensor<?xHEADSx?xWIDTHxSTORED>", "?xHEADSx?", False, False),
    "lengths": ("", "tensor<?xHEADSx?xWIDTHxSTORED>", "?xHEADSx?", False, True),
    "paged 1": (", paged<1>", "tensor<?x1xHEADSxWIDTHxSTORED>", "?x1xHEADS", True, True),
    "paged 16": (", paged<16>", "tensor<?x16xHEADSxWIDTHxSTORED>", "?x16xHEADS", True, True),
    "paged 7 hnd": (
        ", paged<7, hnd>",
        "tensor<?xHEADSx7xWIDTHxSTORED>",
        "?xHEADSx7",
        True,
        True,
    ),
    "rolling 40": (
        ", rolling<40>",
        "tensor<?xHEADSx40xWIDTHxSTORED>",
        "?xHEADSx40",
        False,
        True,
    ),
}
FLOATS = ["f32", "f16", "bf16"]
ELEMENTS = FLOATS + ["i8", "i4", "f8E4M3FN", "f8E5M2"]
SCALES = ["none", "tensor", "channel", "token", "group = 8", "token, zeros",
          "group = 16, zeros", "channel, zeros", "tensor, zeros"]  # fmt: skip
MASKS = {
    "none": "",
    "causal": "mask(#attn.mask<causal>)",
    "window": "mask(#attn.mask<window<9, 0>>)",
    "sink and window": 'mask(#attn.mask<"k < 3 or q - k < 20"> )',
    "dilated": "mask(#attn.mask<dilated<4, 3>>)",
}
PHASES = {"prefill": "?", "decode": "1", "chunk": "5", "ragged": "?"}
GROUPS = ["1", "3", "8"]
FACTORS = [list(LAYOUTS), ELEMENTS, SCALES, list(MASKS), list(PHASES), GROUPS]


def is_meant(cell):
    """Floats have no scale, integers need one; f8 may have one."""
    _, element, scale, *_ = cell
    if element in FLOATS:
        return scale == "none"
    return scale != "none" or element.startswith("f8")


def is_refused(cell):
    # A ring counts positions from the oldest token.
    return cell[0].startswith("rolling") and cell[3] == "sink and window"


def choose_cells():
    """Cells that cover every pair of values which goes together."""

    def pairs(cell):
        return {
            (i, cell[i], j, cell[j])
            for i, j in itertools.combinations(range(len(FACTORS)), 2)
        }

    cells = [c for c in itertools.product(*FACTORS) if is_meant(c)]
    random.Random(0).shuffle(cells)
    missing = set().union(*(pairs(cell) for cell in cells))
    chosen = []
    while missing:
        sample = random.Random(len(chosen)).sample(cells, min(len(cells), 400))
        best = max(sample, key=lambda cell: len(pairs(cell) & missing))
        if not pairs(best) & missing:
            best = next(cell for cell in cells if pairs(cell) & missing)
        chosen.append(best)
        missing -= pairs(best)
    return chosen


def scale_shape(scale, axes):
    kind = scale.split(",")[0]
    if kind == "tensor":
        return "tensor<f32>"
    if kind == "channel":
        return f"tensor<HEADSx{DIM}xf32>"
    if kind == "token":
        return f"tensor<{axes}xf32>"
    return f"tensor<{axes}x{DIM // int(kind.split('=')[1])}xf32>"


def write_spec(cell):
    layout, element, scale, mask, phase, group = cell
    suffix, data, axes, has_table, has_lengths = LAYOUTS[layout]
    stored = element if element in FLOATS else "i8"
    width = DIM // 2 if element == "i4" else DIM
    heads = 2
    query_type = f"tensor<?x{heads * int(group)}x{PHASES[phase]}x{DIM}x"
    query_type += (element if element in FLOATS else "f32") + ">"
    arguments, caches = [f"%q: {query_type}"], []
    if has_table:
        arguments.append("%t: tensor<?x?xi32>")
    if has_lengths:
        arguments.append("%n: tensor<?xi32>")
    if phase == "ragged":
        arguments.append("%m: tensor<?xi32>")
    kv = f"!attn.kv<HEADSx{DIM}x{element}{suffix}"
    kv += ">" if scale == "none" else f", scale<{scale}>>"
    for side in "kv":
        arguments.append(f"%{side}: {data}")
        operands, types = f"%{side}", [data]
        if has_table:
            operands += " table(%t)"
            types.append("tensor<?x?xi32>")
        if has_lengths:
            operands += " lengths(%n)"
            types.append("tensor<?xi32>")
        for name in ["scales"] * (scale != "none") + ["zeros"] * ("zeros" in scale):
            shape = scale_shape(scale, axes)
            arguments.append(f"%{side}{name}: {shape}")
            operands += f" {name}(%{side}{name})"
            types.append(shape)
        caches.append(
            f"  %{side}c = attn.cache {operands} : ({', '.join(types)}) -> {kv}"
        )
    ragged = "query_lengths(%m) " if phase == "ragged" else ""
    types = [query_type, kv, kv] + ["tensor<?xi32>"] * (phase == "ragged")
    text = "\n".join(
        [
            f"func.func @f({', '.join(arguments)}) -> {query_type} {{",
            *caches,
            f"  %o = attn.attend %q, %kc, %vc {ragged}{MASKS[mask]}",
            f"    : ({', '.join(types)}) -> {query_type}",
            f"  return %o : {query_type}",
            "}",
        ]
    )
    for name, value in [("HEADS", heads), ("WIDTH", width), ("STORED", stored)]:
        text = text.replace(name, str(value))
    return text


def run(cell, repeat):
    command = ["attnc", "run", "-", "--random", "--check", f"--repeat={repeat}"]
    return subprocess.run(
        command, input=write_spec(cell), capture_output=True, text=True, check=False
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=6)
    parser.add_argument("--print", type=int, metavar="CELL")
    parser.add_argument("--part", default="0/1", help="i/n: every n-th cell from i on")
    arguments = parser.parse_args()
    cells = choose_cells()
    if arguments.print is not None:
        print(write_spec(cells[arguments.print]))
        return
    first, step = map(int, arguments.part.split("/"))
    failed = 0
    for number in range(first, len(cells), step):
        cell = cells[number]
        result = run(cell, arguments.repeat)
        expected = "refused" if is_refused(cell) else "ok"
        actual = "ok" if result.returncode == 0 else "failed"
        if result.returncode == 1 and "rolling cache does not keep" in result.stderr:
            actual = "refused"
        print(f"{number:4d} {actual:8s} {' | '.join(cell)}", flush=True)
        if actual != expected:
            failed += 1
            print(result.stdout[-600:], result.stderr[-1200:], sep="\n")
    print(f"{len(cells)} cells, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
