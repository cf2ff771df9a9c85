//===- Warp.h - the state of a warp -----------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A warp executes an instruction for 32 lanes at once. Lanes that part are kept
// on a stack, the ones that run on its top, with the place where they meet.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_TARGET_EMULATOR_WARP_H
#define ATTNC_LIB_TARGET_EMULATOR_WARP_H

#include "Clocks.h"
#include "Program.h"
#include <deque>
#include <functional>

namespace attnc::emulator {

/// Lanes that run together.
struct Path {
  uint32_t pc, meeting, mask, frame;
};

/// A function that is being executed.
struct Frame {
  const Function *function = nullptr;
  std::vector<uint8_t> registers;
  /// Where its variables begin in the local memory of each lane.
  uint32_t localBase = 0;
  /// The call, null for the kernel.
  const Instruction *call = nullptr;
};

/// A cp.async of one lane.
struct LaneCopy {
  uint64_t shared, global;
  uint8_t size, sourceSize;
};

/// A wgmma of one warp.
struct PendingMultiply {
  const Instruction *instruction;
  uint32_t frame;
  uint64_t descriptorA, descriptorB;
  bool accumulates;
};

/// A part of shared memory that a bulk copy reads or writes.
struct SharedPart {
  uint64_t address;
  uint32_t bytes;
};

/// A bulk store; `write` moves the data, once.
struct BulkStore {
  std::vector<SharedPart> reads;
  std::function<void()> write;
  const Instruction *instruction;
  bool hasRead = false;
};

/// Counts of uses, by the slot of a register.
class RegisterCounts {
public:
  void add(uint32_t slot) {
    if (slot / 64 >= counts.size())
      counts.resize(slot / 64 + 1);
    ++counts[slot / 64];
  }
  void remove(uint32_t slot) { --counts[slot / 64]; }
  bool contains(uint32_t slot) const {
    return slot / 64 < counts.size() && counts[slot / 64];
  }

private:
  // The places of a frame are multiples of 64.
  std::vector<uint16_t> counts;
};

struct Warp {
  unsigned id = 0;
  /// The lanes that the block has, and those that have not returned.
  uint32_t lanes = 0, live = 0;
  std::vector<Path> paths;
  std::deque<Frame> frames;
  std::vector<uint8_t> local[32];
  Clocks clocks;

  /// Not null while the warp waits; true when it may go on.
  std::function<bool()> isReady;
  /// What it waits for.
  std::string waitsFor;
  /// It has polled something that has not come; others should run.
  bool yields = false;

  std::vector<LaneCopy> openCopies;
  std::deque<std::vector<LaneCopy>> copyGroups;
  std::vector<PendingMultiply> openMultiplies;
  std::deque<std::vector<PendingMultiply>> multiplyGroups;
  /// Of each slot, the wgmma in flight that use it as accumulator or as A.
  RegisterCounts accumulatorsInFlight, fragmentsInFlight;
  std::vector<BulkStore> openStores;
  std::deque<std::vector<BulkStore>> storeGroups;

  Agent agent() { return {id, clocks}; }
  Frame &frame() { return frames[paths.back().frame]; }
};

} // namespace attnc::emulator

#endif // ATTNC_LIB_TARGET_EMULATOR_WARP_H
