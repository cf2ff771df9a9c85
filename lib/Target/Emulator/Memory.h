//===- Memory.h - access by a lane ------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What loads, stores and atomic operations have in common.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_TARGET_EMULATOR_MEMORY_H
#define ATTNC_LIB_TARGET_EMULATOR_MEMORY_H

#include "Execution.h"

namespace attnc::emulator {

enum class AccessKind : uint8_t { Read, Write, Update };

/// Checks an access of `bytes`, a power of two, and returns where they are.
/// Throws Fault.
uint8_t *access(const Execution &x, Space space, uint64_t address,
                unsigned bytes, unsigned lane, AccessKind kind);

/// The warp meets all others that were here before at `address`.
void meetAt(const Execution &x, Space space, uint64_t address);

/// The handler of instructions without an effect here.
void doNothing(Execution &x);

} // namespace attnc::emulator

#endif // ATTNC_LIB_TARGET_EMULATOR_MEMORY_H
