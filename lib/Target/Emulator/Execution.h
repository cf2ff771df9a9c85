//===- Execution.h - an instruction at work ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a handler gets: the warp, the lanes that take part, and the places of
// the operands as arrays of 32 lanes.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_TARGET_EMULATOR_EXECUTION_H
#define ATTNC_LIB_TARGET_EMULATOR_EXECUTION_H

#include "Block.h"

namespace attnc::emulator {

struct Execution {
  Block &block;
  Warp &warp;
  const Instruction &instruction;
  /// The lanes whose guard holds.
  uint32_t mask;
  uint8_t *registers;
  /// The instruction's own place; the path is already at the next one.
  uint32_t pc;

  template <typename T>
  T *at(uint32_t slot) const {
    return reinterpret_cast<T *>(registers + slot);
  }
  template <typename T>
  T *lanes(size_t operand) const {
    return at<T>(instruction.slots[operand]);
  }
  uint32_t &predicate(size_t operand) const {
    return *at<uint32_t>(instruction.slots[operand]);
  }
  /// Writes the bits of a predicate for the lanes that take part.
  void setPredicate(uint32_t &predicate, uint32_t bits) const {
    predicate = (predicate & ~mask) | (bits & mask);
  }

  template <typename Function>
  void forLanes(Function function) const {
    if (mask == ~0u) {
      for (unsigned lane = 0; lane < 32; ++lane)
        function(lane);
      return;
    }
    for (unsigned lane = 0; lane < 32; ++lane)
      if (mask >> lane & 1)
        function(lane);
  }
  /// As forLanes, for what may fail: messages name the lane.
  template <typename Function>
  void forCheckedLanes(Function function) const {
    for (unsigned lane = 0; lane < 32; ++lane)
      if (mask >> lane & 1) {
        block.where.lane = int(lane);
        function(lane);
      }
    block.where.lane = -1;
  }

  unsigned firstLane() const { return unsigned(__builtin_ctz(mask)); }

  uint64_t address(const Address &operand, unsigned lane) const {
    uint64_t base = operand.isWide ? at<uint64_t>(operand.slot)[lane]
                                   : at<uint32_t>(operand.slot)[lane];
    return base + uint64_t(operand.offset);
  }
  /// An address in shared memory, given with or without the window.
  uint64_t sharedAddress(const Address &operand, unsigned lane) const {
    uint64_t value = address(operand, lane);
    if (value >> 60 == uint64_t(Space::Shared))
      return value - windowOf(Space::Shared);
    if (operand.space == Space::Generic && value >> 32)
      throw Fault("not an address of shared memory: " + hex(value));
    return operand.isWide ? value : uint32_t(value);
  }

  [[noreturn]] void fail(const std::string &why) const { throw Fault(why); }
  /// What `.aligned` asks for: all lanes of the warp, none returned.
  void requireFullWarp() const {
    if (mask != warp.lanes)
      fail("executed by a part of the warp: lanes " + hex(mask) + " of " +
           hex(warp.lanes));
  }
  /// Waits and executes the instruction again afterwards.
  void retryWhen(std::function<bool()> isReady, std::string waitsFor) const {
    warp.isReady = std::move(isReady);
    warp.waitsFor = std::move(waitsFor);
    warp.paths.back().pc = pc;
  }
};

/// Whether an instruction ends the function or the thread.
bool isReturn(const Instruction &instruction);

} // namespace attnc::emulator

#endif // ATTNC_LIB_TARGET_EMULATOR_EXECUTION_H
