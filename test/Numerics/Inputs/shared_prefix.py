# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks attention over sequences that share a prompt against the float64 reference,
which reads the prompt for each of them.

The heads of a group and the sequences are rows of one attend then; numbers of both
divide no tile, and one has a single row.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

HEADS, DIM, PAGE, BLOCKS = 2, 24, 4, 9

SPEC = f"""
!q = tensor<?xQHEADSx1x{DIM}xf32>
!pages = tensor<?x{PAGE}x{HEADS}x{DIM}xELEMENT>
!kv = !attn.kv<{HEADS}x{DIM}xELEMENT, paged<{PAGE}>SCALE>
func.func @f(%q: !q, %keys: !pages, %values: !pages, %t: tensor<?x?xi32>,
             %n: tensor<?xi32>, %p: tensor<i32>PARAMETERS)
    -> (!q, tensor<?xQHEADSx1xf32>) {{
  %k = attn.cache %keys table(%t) lengths(%n) OPERANDS prefix(%p)
    : (!pages, tensor<?x?xi32>, tensor<?xi32>, TYPES tensor<i32>) -> !kv
  %v = attn.cache %values table(%t) lengths(%n) OPERANDS prefix(%p)
    : (!pages, tensor<?x?xi32>, tensor<?xi32>, TYPES tensor<i32>) -> !kv
  %o, %l = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (!q, !kv, !kv) -> (!q, tensor<?xQHEADSx1xf32>)
  return %o, %l : !q, tensor<?xQHEADSx1xf32>
}}
"""


def write_spec(query_heads, element):
    scales = f"tensor<?x{PAGE}x{HEADS}xf32>"
    is_scaled = element == "i8"
    words = {
        "QHEADS": query_heads,
        "ELEMENT": element,
        "SCALE": ", scale<token>" if is_scaled else "",
        "PARAMETERS": f", %s: {scales}" if is_scaled else "",
        "OPERANDS": "scales(%s)" if is_scaled else "",
        "TYPES": f"{scales}," if is_scaled else "",
    }
    text = SPEC
    for word, by in words.items():
        text = text.replace(word, by)
    return text


def make_inputs(random, element, batch, heads, prefix):
    own = BLOCKS - prefix // PAGE
    pages = BLOCKS + batch * own
    # Whole pages of the prompt are those of all; a page that the prompt begins has
    # copies, as sequences that are forked within it have.
    order = random.permutation(pages)
    table = np.empty((batch, BLOCKS), np.int32)
    whole = prefix // PAGE
    table[:, :whole] = order[:whole]
    table[:, whole:] = order[whole : whole + batch * own].reshape(batch, own)
    shape = (pages, PAGE, HEADS, DIM)
    inputs = {"q": random.standard_normal((batch, heads, 1, DIM), np.float32)}
    for name in ("keys", "values"):
        if element == "i8":
            data = random.integers(-127, 128, shape, np.int8)
        else:
            data = random.standard_normal(shape, np.float32).astype(np.float16)
        for row in table[1:]:
            data[row[whole : whole + 1], : prefix % PAGE] = data[
                table[0, whole : whole + 1], : prefix % PAGE
            ]
        inputs[name] = data
    inputs["t"] = table
    inputs["n"] = random.integers(prefix, BLOCKS * PAGE + 1, batch).astype(np.int32)
    inputs["p"] = np.array(prefix, np.int32)
    if element == "i8":
        # The scales of copies are those of what they are copies of.
        inputs["s"] = np.full((pages, PAGE, HEADS), 0.02, np.float32)
    return inputs


def main():
    random = np.random.default_rng(0)
    cells = [
        ("?", "f16", [(1, 2, 0), (3, 6, 13), (17, 2, 32), (0, 2, 4)]),
        ("6", "f16", [(1, 6, 36), (5, 6, 1), (13, 6, 16)]),
        ("?", "i8", [(7, 8, 17), (2, 4, 8)]),
    ]
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder) / "shared.mlir"
        for query_heads, element, shapes in cells:
            spec.write_text(write_spec(query_heads, element))
            for batch, heads, prefix in shapes:
                command = ["attnc", "run", spec, "--check"]
                inputs = make_inputs(random, element, batch, heads, prefix)
                for name, array in inputs.items():
                    np.save(Path(folder) / f"{name}.npy", array)
                    command.append(f"--in={name}={folder}/{name}.npy")
                cell = f"{element}, {batch} x {heads}, prefix {prefix}"
                if subprocess.run(command).returncode != 0:
                    sys.exit(f"failed: {cell}")
                print("ok:", cell)
    print("all agree")


if __name__ == "__main__":
    main()
