//===- DeviceMemory.cpp - global memory -----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Of the readers of a word only the last is kept: a write may race with an
// earlier one unseen. Shared memory, where kernels synchronise, keeps them all.
//
//===----------------------------------------------------------------------===//

#include "DeviceMemory.h"

#include "Shadow.h"
#include <algorithm>
#include <cstdlib>

namespace attnc::emulator {

namespace {

/// Bytes that belong to nobody around each allocation.
constexpr uint64_t gap = 512;

std::string place(uint64_t address) {
  return " at global address " + hex(address);
}

} // namespace

DeviceMemory::~DeviceMemory() {
  for (auto &entry : allocations)
    free(entry.second);
}

void DeviceMemory::free(Allocation &allocation) {
  ::free(allocation.memory);
  ::free(allocation.cells);
}

uint8_t *DeviceMemory::allocate(uint64_t bytes, uint64_t alignment) {
  if (!bytes || bytes > (uint64_t(1) << 40))
    return nullptr;
  alignment = std::max<uint64_t>(alignment, 256);
  Allocation allocation;
  allocation.bytes = bytes;
  allocation.memory =
      static_cast<uint8_t *>(malloc(bytes + 2 * gap + alignment));
  // Pages of it that are not touched cost nothing.
  allocation.cells = static_cast<Cell *>(calloc(bytes / 4 + 2, sizeof(Cell)));
  if (!allocation.memory || !allocation.cells) {
    free(allocation);
    return nullptr;
  }
  auto address = reinterpret_cast<uintptr_t>(allocation.memory) + gap;
  allocation.start = (address + alignment - 1) & ~(alignment - 1);
  auto *start = reinterpret_cast<uint8_t *>(allocation.start);
  memset(start, 0xff, std::min<uint64_t>(bytes, uint64_t(1) << 30));
  allocations[allocation.start] = allocation;
  return start;
}

uint8_t *DeviceMemory::allocateGlobal(uint64_t bytes, uint64_t alignment) {
  uint8_t *memory = allocate(bytes, alignment);
  if (!memory)
    throw Fault("no memory for a variable of " + std::to_string(bytes) +
                " bytes");
  memset(memory, 0, bytes);
  markInitialized(reinterpret_cast<uintptr_t>(memory), bytes);
  return memory;
}

bool DeviceMemory::release(uint64_t address) {
  auto found = allocations.find(address);
  if (found == allocations.end())
    return false;
  free(found->second);
  allocations.erase(found);
  last = nullptr;
  return true;
}

DeviceMemory::Allocation *DeviceMemory::find(uint64_t address, uint64_t size) {
  auto holds = [&](const Allocation &candidate) {
    return address >= candidate.start && size <= candidate.bytes &&
           address - candidate.start <= candidate.bytes - size;
  };
  if (last && holds(*last))
    return last;
  auto after = allocations.upper_bound(address);
  if (after == allocations.begin())
    return nullptr;
  Allocation &candidate = std::prev(after)->second;
  if (!holds(candidate))
    return nullptr;
  return last = &candidate;
}

bool DeviceMemory::contains(uint64_t address, uint64_t bytes) {
  return find(address, bytes);
}

bool DeviceMemory::findRange(uint64_t address, uint64_t &start,
                             uint64_t &bytes) {
  Allocation *allocation = find(address, 1);
  if (!allocation)
    return false;
  start = allocation->start;
  bytes = allocation->bytes;
  return true;
}

void DeviceMemory::markInitialized(uint64_t address, uint64_t bytes) {
  Allocation *allocation = find(address, bytes);
  if (!allocation)
    return;
  uint64_t from = address - allocation->start, to = from + bytes;
  for (uint64_t word = from / 4; word * 4 < to; ++word) {
    uint8_t mask = bytesOfWord(word, from, to);
    allocation->cells[word].written |= mask;
  }
}

void DeviceMemory::checkBounds(uint64_t address, uint64_t size) {
  if (find(address, size))
    return;
  std::string why = "out of bounds of global memory: " + std::to_string(size) +
                    " bytes at " + hex(address);
  auto after = allocations.upper_bound(address);
  if (after != allocations.begin()) {
    const Allocation &before = std::prev(after)->second;
    uint64_t distance = address - before.start;
    if (distance < before.bytes + gap)
      why += ", offset " + std::to_string(distance) + " of an allocation of " +
             std::to_string(before.bytes) + " bytes";
  }
  throw Fault(why);
}

void DeviceMemory::read(uint64_t address, uint32_t size, const Agent &by,
                        const BlockIdentity &block) {
  checkBounds(address, size);
  uint64_t from = address - last->start, to = from + size;
  uint32_t now = by.now();
  for (uint64_t word = from / 4; word * 4 < to; ++word) {
    uint8_t mask = bytesOfWord(word, from, to);
    Cell &cell = last->cells[word];
    if ((cell.written & mask) != mask)
      throw Fault("read of global memory that nobody has written" +
                  place(last->start + word * 4));
    if (cell.writerBlock >= block.launchStart && (cell.writtenLast & mask)) {
      if (cell.writerBlock != block.serial) {
        if (!block.known.count(cell.writerBlock))
          throw Fault("race: read of what another block of the launch has "
                      "written" +
                      place(last->start + word * 4));
      } else if (cell.writer != by.id &&
                 by.clocks.seen[cell.writer] < cell.writeClock) {
        throw Fault(
            "race: read without synchronisation after the write by warp " +
            std::to_string(cell.writer) + place(last->start + word * 4));
      }
    }
    cell.readerBlock = block.serial;
    cell.reader = uint16_t(by.id);
    cell.readClock = now;
    cell.readSince |= mask;
  }
}

void DeviceMemory::write(uint64_t address, uint32_t size, const Agent &by,
                         const BlockIdentity &block) {
  checkBounds(address, size);
  uint64_t from = address - last->start, to = from + size;
  uint32_t now = by.now();
  auto isUnordered = [&](uint32_t serial, unsigned agent, uint32_t clock) {
    if (serial < block.launchStart)
      return false;
    if (serial != block.serial)
      return !block.known.count(serial);
    return agent != by.id && by.clocks.seen[agent] < clock;
  };
  for (uint64_t word = from / 4; word * 4 < to; ++word) {
    uint8_t mask = bytesOfWord(word, from, to);
    Cell &cell = last->cells[word];
    uint64_t where = last->start + word * 4;
    if ((cell.writtenLast & mask) &&
        isUnordered(cell.writerBlock, cell.writer, cell.writeClock))
      throw Fault("race: write without synchronisation after another write of "
                  "the launch" +
                  place(where));
    if ((cell.readSince & mask) &&
        isUnordered(cell.readerBlock, cell.reader, cell.readClock))
      throw Fault("race: write without synchronisation after a read of the "
                  "launch" +
                  place(where));
    cell.readSince &= uint8_t(~mask);
    bool isMine = cell.writerBlock == block.serial && cell.writer == by.id &&
                  cell.writeClock == now;
    cell.writtenLast = uint8_t(isMine ? cell.writtenLast | mask : mask);
    cell.writerBlock = block.serial;
    cell.writer = uint16_t(by.id);
    cell.writeClock = now;
    cell.written |= mask;
  }
}

void DeviceMemory::synchronize(uint64_t address, BlockIdentity &block) {
  std::set<uint32_t> &met = meetings[address];
  block.known.insert(met.begin(), met.end());
  met.insert(block.known.begin(), block.known.end());
  met.insert(block.serial);
}

} // namespace attnc::emulator
