# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints a function that returns its many arguments, three extents each.

make_many_arguments.py COUNT
"""

import sys

names = [f"%a{i}" for i in range(int(sys.argv[1]))]
tensor = "tensor<?x?x?xf32>"
types = ", ".join([tensor] * len(names))
print(f"func.func @f({', '.join(f'{n}: {tensor}' for n in names)}) -> ({types}) {{")
print(f"  return {', '.join(names)} : {types}\n}}")
