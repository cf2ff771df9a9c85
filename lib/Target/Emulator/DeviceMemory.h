//===- DeviceMemory.h - global memory ---------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Allocations are memory of the process, so that an address in a kernel is a
// pointer. Between two of them is always a gap, and for each word of four bytes
// there is what the checks need.
//
// Blocks run one after another, so a race between two of them never shows in
// the results. It is a conflict all the same: what a block has written in a
// launch another one may touch only after both have met at an atomic operation.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_TARGET_EMULATOR_DEVICEMEMORY_H
#define ATTNC_LIB_TARGET_EMULATOR_DEVICEMEMORY_H

#include "Clocks.h"
#include "Fault.h"
#include "Program.h"
#include <cstring>
#include <set>

namespace attnc::emulator {

/// A block as global memory knows it.
struct BlockIdentity {
  /// Counts the blocks of the process. Those of one launch are consecutive.
  uint32_t serial = 0, launchStart = 0;
  /// The blocks of the launch whose writes are visible, by atomic operations.
  std::set<uint32_t> known;
};

class DeviceMemory : public GlobalAllocator {
public:
  ~DeviceMemory() override;

  /// Uninitialised memory of `bytes`; null if there is none.
  uint8_t *allocate(uint64_t bytes, uint64_t alignment);
  uint8_t *allocateGlobal(uint64_t bytes, uint64_t alignment) override;
  /// False if nothing was allocated at `address`.
  bool release(uint64_t address);
  /// Whether all of a range is allocated.
  bool contains(uint64_t address, uint64_t bytes);
  /// The allocation that holds `address`; false if there is none.
  bool findRange(uint64_t address, uint64_t &start, uint64_t &bytes);
  /// The host wrote: the bytes are initialised.
  void markInitialized(uint64_t address, uint64_t bytes);

  // Each throws Fault if the access is wrong.
  void checkBounds(uint64_t address, uint64_t size);
  void read(uint64_t address, uint32_t size, const Agent &by,
            const BlockIdentity &block);
  void write(uint64_t address, uint32_t size, const Agent &by,
             const BlockIdentity &block);
  /// A meeting of blocks at an atomic operation on `address`.
  void synchronize(uint64_t address, BlockIdentity &block);
  void beginLaunch() { meetings.clear(); }

private:
  struct Cell {
    uint32_t writerBlock, readerBlock;
    uint32_t writeClock, readClock;
    uint16_t writer, reader;
    /// A bit per byte.
    uint8_t written, writtenLast, readSince;
  };
  struct Allocation {
    uint64_t start = 0, bytes = 0;
    uint8_t *memory = nullptr;
    Cell *cells = nullptr;
  };

  Allocation *find(uint64_t address, uint64_t size);
  void free(Allocation &allocation);

  std::map<uint64_t, Allocation> allocations;
  Allocation *last = nullptr;
  /// For each address of an atomic operation, the blocks that were there.
  std::map<uint64_t, std::set<uint32_t>> meetings;
};

} // namespace attnc::emulator

#endif // ATTNC_LIB_TARGET_EMULATOR_DEVICEMEMORY_H
