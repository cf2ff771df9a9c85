//===- Attn.td - the attn dialect, in reading order --------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_ATTN_TD
#define ATTN_ATTN_TD

include "Attn/AttnDialect.td"
include "Attn/AttnInterfaces.td"
include "Attn/AttnEnums.td"
include "Attn/AttnMasks.td"
include "Attn/AttnMaskLibrary.td"
include "Attn/AttnTableMasks.td"
include "Attn/AttnAttrs.td"
include "Attn/AttnKVTypes.td"
include "Attn/AttnOps.td"
include "Attn/AttnCacheOps.td"
include "Attn/AttnAttendOps.td"
include "Attn/AttnScanOps.td"
include "Attn/AttnConvolveOps.td"
include "Attn/AttnStateSpaceOps.td"

#endif // ATTN_ATTN_TD
