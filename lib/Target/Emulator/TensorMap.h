//===- TensorMap.h - what cuTensorMapEncodeTiled writes ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The driver's 128 bytes are opaque; these are the emulator's own.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_TARGET_EMULATOR_TENSORMAP_H
#define ATTNC_LIB_TARGET_EMULATOR_TENSORMAP_H

#include <cstdint>

namespace attnc::emulator {

struct TensorMap {
  static constexpr uint32_t expectedMagic = 0x706d7461;

  uint32_t magic = expectedMagic;
  uint8_t rank = 0, elementBytes = 0;
  /// The bytes of the innermost box that are swizzled together, 0 if none.
  uint8_t swizzle = 0;
  uint8_t padding = 0;
  uint64_t base = 0;
  uint64_t strides[4] = {};
  uint32_t sizes[5] = {}, box[5] = {}, steps[5] = {};

  uint64_t rowBytes() const { return uint64_t(box[0]) * elementBytes; }
  uint64_t rows() const {
    uint64_t count = 1;
    for (unsigned i = 1; i < rank; ++i)
      count *= box[i];
    return count;
  }
  /// The bytes that a copy of a box moves and completes.
  uint64_t boxBytes() const { return rows() * rowBytes(); }
  /// From one row in shared memory to the next: a row that is narrower than the
  /// swizzle takes all of its width.
  uint64_t pitch() const { return swizzle ? swizzle : rowBytes(); }
  /// The bytes that a box needs in shared memory.
  uint64_t sharedBytes() const { return rows() * pitch(); }
};
static_assert(sizeof(TensorMap) <= 128, "a tensor map has 128 bytes");

} // namespace attnc::emulator

#endif // ATTNC_LIB_TARGET_EMULATOR_TENSORMAP_H
