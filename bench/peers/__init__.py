# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares attnc's kernels with other attention on CPUs; see ../README.md."""
