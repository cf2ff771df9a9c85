// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// scale_c4, scale_c7
