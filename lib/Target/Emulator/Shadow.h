//===- Shadow.h - What is kept of each word of memory -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A cell of a shadow stands for a word of four bytes.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_TARGET_EMULATOR_SHADOW_H
#define ATTNC_LIB_TARGET_EMULATOR_SHADOW_H

#include <cstdint>

namespace attnc::emulator {

/// Which bytes of a word are in [begin, end), a bit each.
inline uint8_t bytesOfWord(uint64_t word, uint64_t begin, uint64_t end) {
  uint8_t mask = 15;
  if (word * 4 < begin)
    mask &= uint8_t(15 << (begin - word * 4));
  if (word * 4 + 4 > end)
    mask &= uint8_t(15 >> (word * 4 + 4 - end));
  return mask;
}

} // namespace attnc::emulator

#endif // ATTNC_LIB_TARGET_EMULATOR_SHADOW_H
