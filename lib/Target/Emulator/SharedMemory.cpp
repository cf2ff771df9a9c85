//===- SharedMemory.cpp - the shared memory of a block --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The last writer of a word is kept with the bytes it wrote. Where two agents
// write different bytes of a word the older one is forgotten, so that a race
// with it is missed; none is reported that is not there.
//
//===----------------------------------------------------------------------===//

#include "SharedMemory.h"

#include "Program.h"
#include "Shadow.h"
#include <algorithm>

namespace attnc::emulator {

namespace {

std::string place(uint32_t word) {
  return " at shared address " + hex(uint64_t(word) * 4);
}

} // namespace

void SharedMemory::reset(uint32_t end, unsigned newWarps, unsigned newAgents) {
  warps = newWarps;
  uint32_t words = (end + 3) / 4;
  bool isSame = newAgents == agents && cells.size() == words;
  if (!isSame || start > (1u << 31)) {
    start = 1;
    agents = newAgents;
    reads.assign(size_t(words) * agents, 0);
  }
  bytes.assign(end, 0xff);
  cells.assign(words, Cell());
}

template <typename Function>
void SharedMemory::forWords(uint64_t address, uint64_t size,
                            Function function) {
  uint64_t end = address + size;
  for (uint64_t word = address / 4; word * 4 < end; ++word) {
    uint8_t mask = bytesOfWord(word, address, end);
    function(uint32_t(word), cells[word], mask);
  }
}

void SharedMemory::checkBounds(uint64_t address, uint64_t size) const {
  if (address < sharedBase || size > bytes.size() ||
      address > bytes.size() - size)
    throw Fault("out of bounds of shared memory: " + std::to_string(size) +
                " bytes at " + hex(address) + ", the block has " +
                hex(sharedBase) + " to " + hex(bytes.size()));
}

std::string SharedMemory::nameOf(unsigned agent) const {
  if (agent < warps)
    return "warp " + std::to_string(agent);
  return "a copy that completes on mbarrier " + std::to_string(agent - warps);
}

void SharedMemory::failRead(uint32_t word, const Cell &cell, uint8_t mask,
                            const Agent &by) const {
  if (cell.pendingWrites)
    throw Fault("read of shared memory while a copy to it is in flight" +
                place(word));
  if ((cell.written & mask) != mask)
    throw Fault("read of shared memory that nobody has written" + place(word));
  if (cell.writer != by.id && by.clocks.seen[cell.writer] < cell.clock)
    throw Fault("race: read without synchronisation after the write by " +
                nameOf(cell.writer) + place(word));
  throw Fault("no fence.proxy.async between an ordinary write and an "
              "asynchronous read" +
              place(word));
}

template <bool Begins>
void SharedMemory::readWords(uint64_t address, uint32_t size, const Agent &by,
                             Proxy proxy) {
  checkBounds(address, size);
  const Clocks &clocks = by.clocks;
  const uint32_t *seen = clocks.seen.data(), *proxied = clocks.proxied.data();
  uint32_t now = by.now();
  forWords(address, size, [&](uint32_t word, Cell &cell, uint8_t mask) {
    bool unordered = cell.writer != by.id && (cell.writtenLast & mask) &&
                     seen[cell.writer] < cell.clock;
    bool unfenced = proxy == Proxy::Async && cell.isGeneric &&
                    proxied[cell.writer] < cell.clock;
    if (cell.pendingWrites || (cell.written & mask) != mask || unordered ||
        unfenced)
      failRead(word, cell, mask, by);
    reads[size_t(word) * agents + by.id] = now;
    cell.readSince |= mask;
    if (Begins)
      ++cell.pendingReads;
  });
}

void SharedMemory::read(uint64_t address, uint32_t size, const Agent &by,
                        Proxy proxy) {
  readWords<false>(address, size, by, proxy);
}

void SharedMemory::checkWrite(uint32_t word, Cell &cell, uint8_t mask,
                              const Agent &by, const char *what) {
  if (cell.pendingWrites)
    throw Fault(std::string(what) +
                " of shared memory while a copy to it is in flight" +
                place(word));
  if (cell.pendingReads)
    throw Fault(std::string(what) +
                " of shared memory that an asynchronous operation still reads" +
                place(word));
  const auto &seen = by.clocks.seen;
  if (cell.writer != by.id && (cell.writtenLast & mask) &&
      seen[cell.writer] < cell.clock)
    throw Fault(std::string("race: ") + what +
                " without synchronisation after the write by " +
                nameOf(cell.writer) + place(word));
  if (!(cell.readSince & mask))
    return;
  const uint32_t *readers = reads.data() + size_t(word) * agents;
  bool isUnseen = false;
  for (unsigned agent = 0; agent < agents; ++agent)
    isUnseen |= readers[agent] > seen[agent];
  for (unsigned agent = 0; isUnseen && agent < agents; ++agent)
    if (agent != by.id && readers[agent] > seen[agent])
      throw Fault(std::string("race: ") + what +
                  " without synchronisation after the read by " +
                  nameOf(agent) + place(word));
  cell.readSince &= uint8_t(~mask);
}

void SharedMemory::write(uint64_t address, uint32_t size, const Agent &by) {
  checkBounds(address, size);
  uint32_t now = by.now();
  forWords(address, size, [&](uint32_t word, Cell &cell, uint8_t mask) {
    checkWrite(word, cell, mask, by, "write");
    bool isMine = cell.writer == by.id && cell.clock == now && cell.isGeneric;
    cell.writtenLast = uint8_t(isMine ? cell.writtenLast | mask : mask);
    cell.writer = uint16_t(by.id);
    cell.clock = now;
    cell.written |= mask;
    cell.isGeneric = true;
  });
}

void SharedMemory::beginRead(uint64_t address, uint32_t size, const Agent &by) {
  readWords<true>(address, size, by, Proxy::Async);
}

void SharedMemory::endRead(uint64_t address, uint32_t size, const Agent &by) {
  uint32_t now = by.now();
  forWords(address, size, [&](uint32_t word, Cell &cell, uint8_t mask) {
    --cell.pendingReads;
    reads[size_t(word) * agents + by.id] = now;
    cell.readSince |= mask;
  });
}

void SharedMemory::beginWrite(uint64_t address, uint32_t size, const Agent &by,
                              Proxy proxy) {
  checkBounds(address, size);
  forWords(address, size, [&](uint32_t word, Cell &cell, uint8_t mask) {
    checkWrite(word, cell, mask, by, "asynchronous write");
    if (proxy == Proxy::Async && cell.isGeneric && cell.written &&
        by.clocks.proxied[cell.writer] < cell.clock)
      throw Fault("no fence.proxy.async between an ordinary write and an "
                  "asynchronous write" +
                  place(word));
    ++cell.pendingWrites;
  });
}

void SharedMemory::endWrite(uint64_t address, uint32_t size, unsigned writer,
                            uint32_t clock, Proxy proxy) {
  forWords(address, size, [&](uint32_t, Cell &cell, uint8_t mask) {
    --cell.pendingWrites;
    cell.written |= mask;
    cell.writtenLast = mask;
    cell.writer = uint16_t(writer);
    cell.clock = clock;
    cell.isGeneric = proxy == Proxy::Generic;
  });
}

} // namespace attnc::emulator
