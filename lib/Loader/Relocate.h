//===- Relocate.h - the relocations of kernels ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What differs between processors: which relocations there are, and the code of
// a jump to anywhere.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_LOADER_RELOCATE_H
#define ATTNC_LIB_LOADER_RELOCATE_H

#include "attnc/Support/Problem.h"
#include <cstddef>
#include <cstdint>

namespace attnc {

/// Bytes of a stub: a jump to an address that follows it.
inline constexpr size_t stubBytes = 16;

/// Writes a jump to `target`; `place` is aligned to 8.
void writeStub(uint8_t *place, uint64_t target);

/// Whether a relocation calls a function, so that it may go by way of a stub.
bool isCall(uint32_t type);
/// Whether it refers to a word that holds the symbol's address.
bool isThroughTable(uint32_t type);

/// Applies a relocation at `place`, of which `room` bytes are left in its
/// section. `target` is the address of the symbol, of its stub, or of the word
/// that holds its address. Fails if the type is not known, if there is too
/// little room, or if the distance is too large.
Problem relocate(uint32_t type, uint8_t *place, size_t room, uint64_t target,
                 int64_t addend);

} // namespace attnc

#endif // ATTNC_LIB_LOADER_RELOCATE_H
