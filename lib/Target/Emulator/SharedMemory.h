//===- SharedMemory.h - the shared memory of a block ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bytes, and for each word of four what the checks need: which bytes are
// written, by whom and when, who has read them, and which asynchronous
// operations are on their way.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_TARGET_EMULATOR_SHAREDMEMORY_H
#define ATTNC_LIB_TARGET_EMULATOR_SHAREDMEMORY_H

#include "Clocks.h"
#include "Fault.h"
#include <cstring>

namespace attnc::emulator {

class SharedMemory {
public:
  /// For blocks of `warps` warps and more agents whose memory ends at `end`.
  /// Clocks of a new block begin above those of the one before, so that nothing
  /// but the state of the bytes needs to be forgotten between blocks.
  void reset(uint32_t end, unsigned warps, unsigned agents);
  /// The clock at which the agents of the block begin.
  uint32_t startClock() const { return start; }
  /// Tells the highest clock of the block that ends.
  void finish(uint32_t highest) { start = highest + 1; }

  // Each throws Fault if the access is wrong; `address` counts from the
  // beginning of the window.
  void checkBounds(uint64_t address, uint64_t size) const;
  /// Checks a read and notes it.
  void read(uint64_t address, uint32_t size, const Agent &by, Proxy proxy);
  /// Checks a write and notes it.
  void write(uint64_t address, uint32_t size, const Agent &by);

  /// An asynchronous read: nobody may write until it has ended.
  void beginRead(uint64_t address, uint32_t size, const Agent &by);
  void endRead(uint64_t address, uint32_t size, const Agent &by);
  /// An asynchronous write: nobody may access until it has ended.
  void beginWrite(uint64_t address, uint32_t size, const Agent &by,
                  Proxy proxy);
  void endWrite(uint64_t address, uint32_t size, unsigned writer,
                uint32_t clock, Proxy proxy);

  uint8_t *at(uint64_t address) { return bytes.data() + address; }
  uint32_t size() const { return uint32_t(bytes.size()); }

private:
  struct Cell {
    uint32_t clock = 0;
    uint16_t writer = 0;
    uint16_t pendingReads = 0;
    uint8_t pendingWrites = 0;
    /// A bit per byte.
    uint8_t written = 0, writtenLast = 0, readSince = 0;
    bool isGeneric = true;
  };

  template <typename Function>
  void forWords(uint64_t address, uint64_t size, Function function);
  template <bool Begins>
  void readWords(uint64_t address, uint32_t size, const Agent &by, Proxy proxy);
  void checkWrite(uint32_t word, Cell &cell, uint8_t mask, const Agent &by,
                  const char *what);
  [[noreturn]] void failRead(uint32_t word, const Cell &cell, uint8_t mask,
                             const Agent &by) const;
  std::string nameOf(unsigned agent) const;

  std::vector<uint8_t> bytes;
  std::vector<Cell> cells;
  /// For each word, the clock of each agent's last read.
  std::vector<uint32_t> reads;
  unsigned warps = 0, agents = 0;
  uint32_t start = 1;
};

} // namespace attnc::emulator

#endif // ATTNC_LIB_TARGET_EMULATOR_SHAREDMEMORY_H
