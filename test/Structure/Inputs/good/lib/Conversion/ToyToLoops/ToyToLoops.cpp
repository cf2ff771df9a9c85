// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define GEN_PASS_DEF_TOYTOLOOPSPASS
#include "attnc/Conversion/Passes.h.inc"
