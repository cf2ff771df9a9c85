# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints the release of the library and of the package."""

import attnc

print("release", attnc.version(), attnc.__version__)
