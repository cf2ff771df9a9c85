//===- BulkCopy.cpp - cp.async.bulk and cp.async.bulk.tensor --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Copies of the TMA unit. To shared memory they complete on an mbarrier: until
// then nobody may touch the place. From shared memory they complete in groups.
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"
#include "Memory.h"
#include "TensorMap.h"
#include <algorithm>

namespace attnc::emulator {

namespace {

/// A box of a tensor at the coordinates of one lane.
struct Box {
  TensorMap map;
  int64_t start[5] = {};
  uint64_t shared = 0;

  /// Calls with the address of each row of the box in global memory, the bytes
  /// of it before the tensor begins and those inside, and where it is in
  /// shared memory, before swizzling. Rows outside have 0 bytes inside.
  template <typename Function>
  void forRows(Function function) const {
    uint64_t rows = map.rows(), pitch = map.pitch();
    int64_t first = std::max<int64_t>(-start[0], 0);
    int64_t last =
        std::min<int64_t>(int64_t(map.sizes[0]) - start[0], map.box[0]);
    for (uint64_t row = 0; row < rows; ++row) {
      uint64_t rest = row, address = map.base;
      bool inside = first < last;
      for (unsigned i = 1; i < map.rank; ++i) {
        int64_t at = start[i] + int64_t(rest % map.box[i]);
        rest /= map.box[i];
        inside &= at >= 0 && at < int64_t(map.sizes[i]);
        address += uint64_t(at) * map.strides[i - 1];
      }
      uint64_t before = inside ? uint64_t(first) * map.elementBytes : 0;
      uint64_t bytes = inside ? uint64_t(last - first) * map.elementBytes : 0;
      address += uint64_t(start[0] + first) * map.elementBytes;
      function(address, before, bytes, shared + row * pitch);
    }
  }

  uint64_t swizzled(uint64_t address) const {
    if (!map.swizzle)
      return address;
    return address ^ ((address >> 7 & (map.swizzle / 16u - 1)) << 4);
  }

  /// Where the box is in shared memory. Narrow rows have holes between them.
  std::vector<SharedPart> parts() const {
    if (map.sharedBytes() == map.boxBytes())
      return {{shared, uint32_t(map.boxBytes())}};
    std::vector<SharedPart> parts;
    for (uint64_t row = 0; row < map.rows(); ++row)
      for (uint64_t i = 0; i < map.rowBytes(); i += 16)
        parts.push_back({swizzled(shared + row * map.pitch() + i), 16});
    return parts;
  }
};

Box makeBox(Execution &x, unsigned lane, const Address &mapOperand,
            const std::vector<uint32_t> &coordinates, uint64_t shared) {
  Box box;
  uint64_t address = x.address(mapOperand, lane);
  if (address % 64)
    x.fail("misaligned access: a tensor map at " + hex(address));
  Space space = spaceOfWindow(address);
  // The map is read as bytes; where it is decides what is checked.
  if (space == Space::Param) {
    uint64_t offset = address - windowOf(Space::Param);
    const auto &parameters = x.block.launch.parameters;
    if (parameters.size() < 128 || offset > parameters.size() - 128)
      x.fail("out of bounds of the parameters: a tensor map at " + hex(offset));
    memcpy(&box.map, parameters.data() + offset, sizeof(box.map));
  } else if (space == Space::Global) {
    x.block.launch.global.read(address, sizeof(box.map), x.warp.agent(),
                               x.block.identity);
    memcpy(&box.map, reinterpret_cast<const void *>(address), sizeof(box.map));
  } else {
    x.fail("a tensor map is a parameter or in global memory");
  }
  if (box.map.magic != TensorMap::expectedMagic)
    x.fail("no tensor map at " + hex(address));
  if (coordinates.size() != box.map.rank)
    x.fail("the tensor map has " + std::to_string(box.map.rank) +
           " dimensions, the copy " + std::to_string(coordinates.size()));
  for (size_t i = 0; i < coordinates.size(); ++i)
    box.start[i] = x.at<int32_t>(coordinates[i])[lane];
  if (shared % 128)
    x.fail("misaligned access: a box at shared address " + hex(shared) +
           ", which has to be a multiple of 128");
  box.shared = shared;
  x.block.shared.checkBounds(shared, box.map.sharedBytes());
  return box;
}

/// Checks that what a box reads or writes is there.
template <typename Function>
void forGlobalRows(const Box &box, Function function) {
  box.forRows([&](uint64_t address, uint64_t, uint64_t bytes, uint64_t) {
    if (bytes)
      function(address, uint32_t(bytes));
  });
}

void loadBox(SharedMemory &shared, const Box &box) {
  uint8_t row[256 * 16];
  uint64_t rowBytes = box.map.rowBytes();
  box.forRows([&](uint64_t address, uint64_t before, uint64_t bytes,
                  uint64_t place) {
    memset(row, 0, rowBytes);
    if (bytes)
      memcpy(row + before, reinterpret_cast<const uint8_t *>(address), bytes);
    for (uint64_t i = 0; i < rowBytes; i += 16)
      memcpy(shared.at(box.swizzled(place + i)), row + i,
             std::min<uint64_t>(16, rowBytes - i));
  });
}

void storeBox(SharedMemory &shared, const Box &box) {
  uint8_t row[256 * 16];
  uint64_t rowBytes = box.map.rowBytes();
  box.forRows(
      [&](uint64_t address, uint64_t before, uint64_t bytes, uint64_t place) {
        for (uint64_t i = 0; i < rowBytes; i += 16)
          memcpy(row + i, shared.at(box.swizzled(place + i)),
                 std::min<uint64_t>(16, rowBytes - i));
        if (bytes)
          memcpy(reinterpret_cast<uint8_t *>(address), row + before, bytes);
      });
}

/// Starts a copy to shared memory that completes on a barrier.
void startLoad(Execution &x, std::vector<SharedPart> parts,
               uint64_t barrierAddress, std::function<void()> move) {
  Block &block = x.block;
  block.transactionBarrier(barrierAddress);
  for (const SharedPart &part : parts)
    block.shared.beginWrite(part.address, part.bytes, x.warp.agent(),
                            Proxy::Async);
  Clocks issued = x.warp.clocks;
  ++x.warp.clocks.seen[x.warp.id];
  auto land = [&block, parts = std::move(parts), barrierAddress, issued,
               move = std::move(move)] {
    move();
    TransactionBarrier &barrier = block.transactionBarrier(barrierAddress);
    uint32_t clock = ++barrier.arriving.seen[barrier.agent];
    for (const SharedPart &part : parts) {
      block.shared.endWrite(part.address, part.bytes, barrier.agent, clock,
                            Proxy::Async);
      barrier.bytes -= int64_t(part.bytes);
    }
    barrier.arriving.join(issued);
    block.settle(barrier, barrierAddress);
  };
  block.launchFlight({std::move(land), &x.instruction, x.warp.id});
}

/// Addresses: to, the map, the barrier. Groups: the coordinates.
void loadTensor(Execution &x) {
  const Instruction &instruction = x.instruction;
  x.forCheckedLanes([&](unsigned lane) {
    uint64_t shared = x.sharedAddress(instruction.addresses[0], lane);
    Box box = makeBox(x, lane, instruction.addresses[1], instruction.groups[0],
                      shared);
    Block &block = x.block;
    forGlobalRows(box, [&](uint64_t address, uint32_t bytes) {
      block.launch.global.read(address, bytes, x.warp.agent(), block.identity);
    });
    startLoad(x, box.parts(), x.sharedAddress(instruction.addresses[2], lane),
              [&block, box] { loadBox(block.shared, box); });
  });
}

/// Addresses: to, from, the barrier. Slot 0: the bytes.
void loadBytes(Execution &x) {
  const Instruction &instruction = x.instruction;
  x.forCheckedLanes([&](unsigned lane) {
    uint64_t to = x.sharedAddress(instruction.addresses[0], lane);
    uint64_t from = x.address(instruction.addresses[1], lane);
    uint32_t bytes = x.lanes<uint32_t>(0)[lane];
    if (to % 16 || from % 16 || bytes % 16)
      x.fail("misaligned access: " + std::to_string(bytes) + " bytes from " +
             hex(from) + " to " + hex(to) + ", expected multiples of 16");
    Block &block = x.block;
    block.shared.checkBounds(to, bytes);
    block.launch.global.read(from, bytes, x.warp.agent(), block.identity);
    startLoad(x, {{to, bytes}}, x.sharedAddress(instruction.addresses[2], lane),
              [&block, to, from, bytes] {
                memcpy(block.shared.at(to),
                       reinterpret_cast<const uint8_t *>(from), bytes);
              });
  });
}

void addStore(Execution &x, std::vector<SharedPart> reads,
              std::function<void()> write) {
  for (const SharedPart &part : reads)
    x.block.shared.beginRead(part.address, part.bytes, x.warp.agent());
  BulkStore store;
  store.reads = std::move(reads);
  store.instruction = &x.instruction;
  if (x.block.launch.options.isLazy)
    store.write = std::move(write);
  else
    write();
  x.warp.openStores.push_back(std::move(store));
}

/// What a store reads of a box. What is outside the tensor goes nowhere, and
/// may be anything.
std::vector<SharedPart> readsOf(const Box &box) {
  constexpr uint64_t chunk = 16;
  std::vector<SharedPart> reads;
  box.forRows([&](uint64_t, uint64_t before, uint64_t bytes, uint64_t place) {
    uint64_t end = before + bytes;
    for (uint64_t i = before / chunk * chunk; i < end; i += chunk) {
      uint64_t from = std::max(i, before), to = std::min(i + chunk, end);
      reads.push_back(
          {box.swizzled(place + i) + (from - i), uint32_t(to - from)});
    }
  });
  return reads;
}

/// Addresses: the map, from. Groups: the coordinates.
void storeTensor(Execution &x) {
  const Instruction &instruction = x.instruction;
  x.forCheckedLanes([&](unsigned lane) {
    uint64_t shared = x.sharedAddress(instruction.addresses[1], lane);
    Box box = makeBox(x, lane, instruction.addresses[0], instruction.groups[0],
                      shared);
    Block &block = x.block;
    forGlobalRows(box, [&](uint64_t address, uint32_t bytes) {
      block.launch.global.write(address, bytes, x.warp.agent(), block.identity);
    });
    addStore(x, readsOf(box), [&block, box] { storeBox(block.shared, box); });
  });
}

/// Addresses: to, from. Slot 0: the bytes.
void storeBytes(Execution &x) {
  const Instruction &instruction = x.instruction;
  x.forCheckedLanes([&](unsigned lane) {
    uint64_t to = x.address(instruction.addresses[0], lane);
    uint64_t from = x.sharedAddress(instruction.addresses[1], lane);
    uint32_t bytes = x.lanes<uint32_t>(0)[lane];
    if (to % 16 || from % 16 || bytes % 16)
      x.fail("misaligned access: " + std::to_string(bytes) + " bytes from " +
             hex(from) + " to " + hex(to) + ", expected multiples of 16");
    Block &block = x.block;
    block.shared.checkBounds(from, bytes);
    block.launch.global.write(to, bytes, x.warp.agent(), block.identity);
    addStore(x, {{from, bytes}}, [&block, to, from, bytes] {
      memcpy(reinterpret_cast<uint8_t *>(to), block.shared.at(from), bytes);
    });
  });
}

void commitStores(Execution &x) {
  x.warp.storeGroups.push_back(std::move(x.warp.openStores));
  x.warp.openStores.clear();
}

/// `variant`: .read.
void waitStores(Execution &x) {
  x.block.finishStores(x.warp, x.instruction.count, x.instruction.variant);
}

} // namespace

void Block::finishStores(Warp &warp, size_t keptGroups, bool onlyReads) {
  size_t done = warp.storeGroups.size() > keptGroups
                    ? warp.storeGroups.size() - keptGroups
                    : 0;
  Agent agent = warp.agent();
  for (size_t i = 0; i < done; ++i)
    for (BulkStore &store : warp.storeGroups[i]) {
      if (store.hasRead)
        continue;
      if (store.write)
        store.write();
      for (const SharedPart &read : store.reads)
        shared.endRead(read.address, read.bytes, agent);
      store.hasRead = true;
    }
  if (!onlyReads)
    warp.storeGroups.erase(warp.storeGroups.begin(),
                           warp.storeGroups.begin() + ptrdiff_t(done));
}

namespace {

/// A box that does not fit what `loadBox` reserves is refused by the encoder.
void decodeTensor(Decoder &decoder) {
  Instruction &instruction = decoder.instruction;
  if (decoder.has("im2col") || decoder.has("gather4") ||
      decoder.has("scatter4") || decoder.has("multicast::cluster"))
    decoder.unknown();
  bool isStore = decoder.part(4) == "global";
  size_t mapIndex = isStore ? 0 : 1;
  decoder.expect(isStore ? 2 : 3, isStore ? 3 : 4);
  const Operand &map = decoder.operands[mapIndex];
  if (map.kind != Operand::Memory || map.elements.size() != 1)
    decoder.fail("a tensor map is followed by its coordinates");
  const Operand &list = map.elements[0];
  std::vector<uint32_t> coordinates;
  if (list.kind == Operand::List)
    for (const Operand &element : list.elements)
      coordinates.push_back(decoder.source(element, Type::S32));
  else
    coordinates.push_back(decoder.source(list, Type::S32));
  instruction.groups = {coordinates};
  if (isStore) {
    instruction.addresses = {decoder.address(map, Space::Generic),
                             decoder.address(1, Space::Shared)};
    instruction.execute = storeTensor;
    return;
  }
  instruction.addresses = {decoder.address(size_t(0), Space::Shared),
                           decoder.address(map, Space::Generic),
                           decoder.address(2, Space::Shared)};
  instruction.execute = loadTensor;
}

/// Whether the first space that the parts name is global memory.
bool goesToGlobal(const Decoder &decoder) {
  for (std::string_view part : decoder.parts) {
    if (part == "global")
      return true;
    if (part.substr(0, 6) == "shared")
      return false;
  }
  return false;
}

void decodeBytes(Decoder &decoder) {
  Instruction &instruction = decoder.instruction;
  if (decoder.has("multicast::cluster") || decoder.has("cp_mask"))
    decoder.unknown();
  bool isStore = goesToGlobal(decoder);
  decoder.expect(isStore ? 3 : 4, isStore ? 4 : 5);
  instruction.slots = {decoder.source(2, Type::U32)};
  if (isStore) {
    instruction.addresses = {decoder.address(size_t(0), Space::Global),
                             decoder.address(1, Space::Shared)};
    instruction.execute = storeBytes;
    return;
  }
  instruction.addresses = {decoder.address(size_t(0), Space::Shared),
                           decoder.address(1, Space::Global),
                           decoder.address(3, Space::Shared)};
  instruction.execute = loadBytes;
}

} // namespace

bool decodeBulkCopy(Decoder &decoder) {
  if (decoder.part(0) != "cp" || decoder.part(1) != "async" ||
      decoder.part(2) != "bulk")
    return false;
  Instruction &instruction = decoder.instruction;
  std::string_view what = decoder.part(3);
  if (what == "commit_group") {
    instruction.execute = commitStores;
  } else if (what == "wait_group") {
    decoder.expect(1, 1);
    instruction.count = uint32_t(decoder.constant(0));
    instruction.variant = decoder.has("read");
    instruction.execute = waitStores;
  } else if (what == "prefetch") {
    instruction.execute = doNothing;
  } else if (what == "tensor") {
    // cp.async.bulk.tensor.<n>d.<to>.<from>
    if (decoder.parts.size() > 5) {
      decoder.parts.erase(decoder.parts.begin() + 4);
      decodeTensor(decoder);
    } else {
      decoder.unknown();
    }
  } else {
    decodeBytes(decoder);
  }
  return true;
}

} // namespace attnc::emulator
