//===- DecodeWords.h - numbers of any element type as f32 -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_TILETOGPU_DECODEWORDS_H
#define ATTNC_LIB_CONVERSION_TILETOGPU_DECODEWORDS_H

#include "PtxBuilder.h"

namespace attnc::gpu {

/// Bits of a number of `type` in memory.
int64_t getStoredBits(Type type);

/// The numbers of `type` (f32, f16, bf16, i8, i4, f8E4M3FN, f8E5M2) in words of
/// 32 bits, the first in the lowest bits of each.
SmallVector<Value> decodeWords(PtxBuilder &b, ArrayRef<Value> words, Type type);

} // namespace attnc::gpu

#endif // ATTNC_LIB_CONVERSION_TILETOGPU_DECODEWORDS_H
