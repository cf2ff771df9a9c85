# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints a mask, for which no library is needed."""

import attnc

q, k, h, b = attnc.positions()
print((k <= q).attribute)
