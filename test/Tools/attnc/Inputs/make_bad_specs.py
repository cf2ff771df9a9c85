# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes specs that must be refused into a folder.

Here and not as files, because many are large, and some are no text.
"""

import sys
from pathlib import Path

ATTEND = """func.func @f(%q: tensor<{q}>, %k: tensor<{k}>,
             %v: tensor<{k}>) -> tensor<{q}> {{

  %o = attn.attend %q, %k, %v{mask} : (tensor<{q}>, tensor<{k}>, tensor<{k}>) -> tensor<{q}>
  return %o : tensor<{q}>
}}
"""


def attend(q="?x?x?x8xf32", k=None, mask=""):
    return ATTEND.format(q=q, k=k or q, mask=mask)


def identity(tensor):
    return f"func.func @f(%a: {tensor}) -> {tensor} {{\n  return %a : {tensor}\n}}\n"


def constant(tensor):
    return (
        f"func.func @f() -> {tensor} {{\n"
        f"  %a = arith.constant dense<0.0> : {tensor}\n"
        f"  return %a : {tensor}\n}}\n"
    )


HUGE = "tensor<4611686018427387904x2xf32>"
SPECS = {
    "empty": "",
    "private": identity("tensor<4xf32>").replace("@f", "private @f"),
    "declaration": "func.func private @f(%a: tensor<4xf32>)\n",
    "garbage": bytes(range(128, 256)) * 9,
    "quote": '"',
    "truncated": attend()[:-40],
    "nul": "func.func @f() {\n  \0return\n}\n",
    "bytecode": b"ML\xefR\x03\x00\x00\x01",
    "unknown_op": 'func.func @f() {\n  "bogus.op"() : () -> ()\n  return\n}\n',
    "unknown_mask": attend(mask=" mask(#attn.mask<sideways>)"),
    "heads": attend(q="?x6x?x8xf32", k="?x4x?x8xf32"),
    "dtype": attend(q="?x?x?x8xf64"),
    "regions": '"a.b"() ({' * 5000,
    "attributes": "#a = " + "[" * 100000,
    "types": "func.func @f(%a: " + "tuple<" * 10000,
    "minus": "#m = affine_map<(d0) -> (" + "-" * 1000000 + "d0)>",
    "large": "// " + "x" * (17 << 20),
    "overflowing_type": identity(HUGE),
    "overflowing_splat": constant(HUGE),
    "large_constant": constant("tensor<1099511627776xf32>"),
    "mask_parentheses": '#m = #attn.mask<"' + "(" * 1000000 + 'k <= q">',
    "mask_not": "#m = #attn.mask<" + "not " * 100000 + "causal>",
}
# 300 of each: brackets in a comment and in a string, comparisons.
SPECS["not_deep"] = (
    "// " + "(" * 300 + "\n"
    "#s = affine_set<(d0) : (" + ", ".join(["d0 >= 0"] * 300) + ")>\n"
    'module attributes {a.b = "' + "[" * 300 + '", a.c = #s} {\n'
    + identity("tensor<4xf32>")
    + "}\n"
)

for name, text in SPECS.items():
    content = text if isinstance(text, bytes) else text.encode()
    Path(sys.argv[1], name + ".mlir").write_bytes(content)
