//===- Block.h - the state of a block ---------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Warps, shared memory, barriers, and the copies that are in flight. The
// scheduler runs one warp at a time; a seed chooses which and for how long.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_TARGET_EMULATOR_BLOCK_H
#define ATTNC_LIB_TARGET_EMULATOR_BLOCK_H

#include "DeviceMemory.h"
#include "SharedMemory.h"
#include "Warp.h"
#include <random>

namespace attnc::emulator {

struct Options {
  /// 0 runs each warp until it waits; others interleave at random.
  uint32_t seed = 0;
  /// Asynchronous operations act as late as they may rather than at once.
  bool isLazy = true;
};

struct Dimensions {
  uint32_t x = 1, y = 1, z = 1;
  uint64_t count() const { return uint64_t(x) * y * z; }
};

/// What the blocks of a launch have in common.
struct Launch {
  const Program &program;
  const Function &function;
  DeviceMemory &global;
  SharedMemory &shared;
  Options options;
  std::vector<uint8_t> parameters;
  Dimensions grid, block;
  uint32_t dynamicSharedBytes = 0;
};

/// One of the sixteen barriers of bar.sync.
struct NamedBarrier {
  uint32_t arrived = 0, expected = 0;
  uint64_t generation = 0;
  Clocks arriving, done;
  /// The votes of bar.red.
  uint32_t votes = 0, doneVotes = 0;
  bool allTrue = true, doneAll = true;
};

struct TransactionBarrier {
  uint32_t expected = 0, pending = 0;
  int64_t bytes = 0;
  uint64_t completed = 0;
  Clocks arriving, done;
  unsigned agent = 0;
};

/// A copy to shared memory on its way.
struct Flight {
  std::function<void()> land;
  const Instruction *instruction;
  unsigned warp;
};

class Block {
public:
  static constexpr unsigned maxTransactionBarriers = 64;

  Block(Launch &launch, Dimensions position, BlockIdentity identity);

  /// Runs to the end. Throws Fault with the place in the message.
  void run();

  TransactionBarrier &transactionBarrier(uint64_t address);
  void initTransactionBarrier(uint64_t address, uint32_t count);
  void forgetTransactionBarrier(uint64_t address);
  /// Ends the phase if nothing is pending any more.
  void settle(TransactionBarrier &barrier, uint64_t address);
  /// `from` arrives at a barrier `count` times.
  void arrive(uint64_t address, uint32_t count, Clocks &from);

  /// Starts a copy: now, or some time later.
  void launchFlight(Flight flight);
  /// Lets other warps run: this one polls.
  void yield(Warp &warp, const char *waitsFor) {
    warp.yields = true;
    warp.waitsFor = waitsFor;
  }
  /// The meeting point of atomic operations on shared memory.
  Clocks &atomicClocks(uint64_t address);

  // The ends of asynchronous operations of a warp.
  void finishCopies(Warp &warp, size_t keptGroups);
  void finishMultiplies(Warp &warp, size_t keptGroups);
  void finishStores(Warp &warp, size_t keptGroups, bool onlyReads);

  Launch &launch;
  Dimensions position;
  BlockIdentity identity;
  SharedMemory &shared;
  std::vector<Warp> warps;
  NamedBarrier barriers[16];
  unsigned agents;
  uint32_t threads;
  std::mt19937 random;
  /// Counts events another warp may wait for; tells polling from progress.
  uint64_t progress = 0;

  /// What is being executed, for messages.
  struct {
    const Instruction *instruction = nullptr;
    unsigned warp = 0;
    int lane = -1;
  } where;

private:
  void makeWarp(unsigned id);
  void fillSpecials(Warp &warp, Frame &frame);
  void step(Warp &warp, uint64_t budget);
  bool landFlight();
  std::string describeDeadlock() const;
  void checkEnd();
  std::string describePlace() const;
  void runWarps();

  std::map<uint64_t, TransactionBarrier> transactionBarriers;
  unsigned transactionBarrierCount = 0;
  std::vector<Flight> flights;
  std::map<uint64_t, Clocks> atomics;
  uint64_t executed = 0;

  friend void pushFrame(Block &, Warp &, const Function &, uint32_t,
                        const Instruction *);
};

/// Enters a function with the lanes of `mask`.
void pushFrame(Block &block, Warp &warp, const Function &function,
               uint32_t mask, const Instruction *call);

} // namespace attnc::emulator

#endif // ATTNC_LIB_TARGET_EMULATOR_BLOCK_H
