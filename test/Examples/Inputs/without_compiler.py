# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Finds the kernel of a spec in the cache, and none that is not there.

without_compiler.py LIBRARIES PACKAGE SPEC.mlir
"""

import os
import sys

os.environ["ATTNC_LIBRARY"] = sys.argv[1]
sys.path.insert(0, sys.argv[2])
import attnc

module = attnc.compile(sys.argv[3])
(name,) = module
print(module[name])
try:
    attnc.compile(attnc.attention(16))
except attnc.Error as error:
    print(error)
else:
    sys.exit("a kernel was compiled")
