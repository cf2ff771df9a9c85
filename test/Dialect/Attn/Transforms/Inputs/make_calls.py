# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints a module of N functions, each of which calls the next: once in a chain, twice
in a tree.

  make_calls.py chain|tree N
"""

import sys

calls = {"chain": 1, "tree": 2}[sys.argv[1]]
count = int(sys.argv[2])
for i in range(count):
    print(f"func.func {'private ' if i else ''}@f{i}(%x0: f32) -> f32 {{")
    if i + 1 == count:
        print("  %x1 = arith.negf %x0 : f32")
    else:
        for j in range(calls):
            print(f"  %x{j + 1} = call @f{i + 1}(%x{j}) : (f32) -> f32")
    print(f"  return %x{1 if i + 1 == count else calls} : f32\n}}")
