# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints attention in which every query sees the keys 0, 7, 14, ... alone."""

import sys

TENSOR = "tensor<?x?x?x16xf32>"
MASK = " or ".join(f"k == {7 * i}" for i in range(int(sys.argv[1])))

print(
    f"""func.func @many(%q: {TENSOR}, %k: {TENSOR}, %v: {TENSOR}) -> {TENSOR} {{
  %out = attn.attend %q, %k, %v mask(#attn.mask<"{MASK}">)
    : ({TENSOR}, {TENSOR}, {TENSOR}) -> {TENSOR}
  return %out : {TENSOR}
}}"""
)
