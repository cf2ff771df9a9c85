//===- Memory.cpp - loads and stores --------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each lane's access is checked by itself. Volatile, relaxed, acquire and
// release accesses are points where threads meet: they order what is around
// them more strictly than the memory model would.
//
//===----------------------------------------------------------------------===//

#include "Memory.h"

#include "Lanes.h"

namespace attnc::emulator {

namespace {

uint8_t *localPlace(const Execution &x, uint64_t address, unsigned bytes,
                    unsigned lane) {
  auto &memory = x.warp.local[lane];
  if (address > memory.size() || bytes > memory.size() - address)
    x.fail("out of bounds of local memory: " + std::to_string(bytes) +
           " bytes at " + hex(address));
  return memory.data() + address;
}

} // namespace

uint8_t *access(const Execution &x, Space space, uint64_t address,
                unsigned bytes, unsigned lane, AccessKind kind) {
  if (space == Space::Generic) {
    space = spaceOfWindow(address);
    if (space != Space::Global)
      address -= windowOf(space);
  }
  if (address & (bytes - 1))
    x.fail("misaligned access: " + std::to_string(bytes) + " bytes at " +
           hex(address));
  Agent agent = x.warp.agent();
  bool writes = kind != AccessKind::Read;
  switch (space) {
  case Space::Shared: {
    SharedMemory &shared = x.block.shared;
    if (kind != AccessKind::Write)
      shared.read(address, bytes, agent, Proxy::Generic);
    if (writes)
      shared.write(address, bytes, agent);
    return shared.at(address);
  }
  case Space::Local:
    return localPlace(x, address, bytes, lane);
  case Space::Param: {
    auto &parameters = x.block.launch.parameters;
    if (writes)
      x.fail("write to a parameter of the kernel");
    if (address > parameters.size() || bytes > parameters.size() - address)
      x.fail("out of bounds of the parameters: " + std::to_string(bytes) +
             " bytes at " + hex(address));
    return parameters.data() + address;
  }
  default: {
    DeviceMemory &global = x.block.launch.global;
    if (kind != AccessKind::Write)
      global.read(address, bytes, agent, x.block.identity);
    if (writes)
      global.write(address, bytes, agent, x.block.identity);
    return reinterpret_cast<uint8_t *>(address);
  }
  }
}

void meetAt(const Execution &x, Space space, uint64_t address) {
  if (space == Space::Generic) {
    space = spaceOfWindow(address);
    if (space != Space::Global)
      address -= windowOf(space);
  }
  if (space == Space::Global)
    x.block.launch.global.synchronize(address, x.block.identity);
  // One place for both: addresses of the two are never equal.
  Clocks &clocks = x.block.atomicClocks(address);
  x.warp.clocks.join(clocks);
  clocks = x.warp.clocks;
  ++x.warp.clocks.seen[x.warp.id];
  ++x.block.progress;
}

namespace {

/// The value of `bytes` in memory as a register of `registerBytes` holds it.
uint64_t loadValue(const uint8_t *memory, unsigned bytes, bool isSigned) {
  uint64_t value = 0;
  memcpy(&value, memory, bytes);
  if (isSigned && bytes < 8) {
    unsigned unused = 64 - bytes * 8;
    value = uint64_t(int64_t(value << unused) >> unused);
  }
  return value;
}

/// Where a load or a store is, and whether threads meet there.
uint64_t placeOf(Execution &x, const Address &operand, unsigned lane) {
  uint64_t address = operand.space == Space::Shared
                         ? x.sharedAddress(operand, lane)
                         : x.address(operand, lane);
  if (x.instruction.variant & 2)
    meetAt(x, operand.space, address);
  return address;
}

/// Groups: the registers. `width`: the bytes of an element. `count`: the bytes
/// of a register. `variant`: 1 signed, 2 a point where threads meet.
void loadLanes(Execution &x) {
  const Instruction &instruction = x.instruction;
  const auto &registers = instruction.groups[0];
  unsigned width = instruction.width, registerBytes = instruction.count;
  auto total = unsigned(width * registers.size());
  const Address &operand = instruction.addresses[0];
  x.forCheckedLanes([&](unsigned lane) {
    uint64_t address = placeOf(x, operand, lane);
    const uint8_t *memory =
        access(x, operand.space, address, total, lane, AccessKind::Read);
    for (size_t i = 0; i < registers.size(); ++i) {
      if (registers[i] == noSlot)
        continue;
      uint64_t value =
          loadValue(memory + i * width, width, instruction.variant & 1);
      memcpy(x.at<uint8_t>(registers[i]) + lane * registerBytes, &value,
             registerBytes);
    }
  });
  if (instruction.variant & 2)
    x.block.yield(x.warp, "a value in memory");
}

void storeLanes(Execution &x) {
  const Instruction &instruction = x.instruction;
  const auto &registers = instruction.groups[0];
  unsigned width = instruction.width, registerBytes = instruction.count;
  auto total = unsigned(width * registers.size());
  const Address &operand = instruction.addresses[0];
  x.forCheckedLanes([&](unsigned lane) {
    uint64_t address = placeOf(x, operand, lane);
    uint8_t *memory =
        access(x, operand.space, address, total, lane, AccessKind::Write);
    for (size_t i = 0; i < registers.size(); ++i)
      memcpy(memory + i * width,
             x.at<uint8_t>(registers[i]) + lane * registerBytes, width);
  });
}

/// Of several registers all have to be equally wide.
std::vector<uint32_t> registersOf(Decoder &decoder, const Operand &operand,
                                  Type type, unsigned &bits) {
  if (operand.kind != Operand::List)
    return {decoder.loose(operand, type, bits)};
  std::vector<uint32_t> slots;
  unsigned common = 0;
  for (const Operand &element : operand.elements) {
    slots.push_back(decoder.loose(element, type, bits));
    if (slots.back() == noSlot)
      continue;
    if (common && common != bits)
      decoder.fail("the registers of a vector have to be equally wide");
    common = bits;
  }
  bits = common ? common : bitsOf(type);
  return slots;
}

void decodeAccess(Decoder &decoder, bool isLoad) {
  Type type = decoder.type();
  if (type == Type::None || type == Type::Pred)
    decoder.unknown();
  Instruction &instruction = decoder.instruction;
  // The last operand may be a cache policy.
  decoder.expect(2, 3);
  unsigned bits = 0;
  instruction.groups = {
      registersOf(decoder, decoder.operands[isLoad ? 0 : 1], type, bits)};
  if (bits < bitsOf(type))
    decoder.fail("a register is narrower than the type of the access");
  size_t vector = decoder.has("v2")   ? 2
                  : decoder.has("v4") ? 4
                  : decoder.has("v8") ? 8
                                      : 1;
  if (instruction.groups[0].size() != vector)
    decoder.fail("the number of registers is not that of the vector");
  instruction.width = uint8_t(bitsOf(type) / 8);
  instruction.count = bits / 8;
  if (instruction.width > 8)
    decoder.unknown();
  instruction.addresses = {decoder.address(isLoad ? 1 : 0, decoder.space())};
  bool meets = decoder.has("volatile") || decoder.has("relaxed") ||
               decoder.has("acquire") || decoder.has("release");
  instruction.variant = uint8_t(isSigned(type) | (meets ? 2 : 0));
  instruction.execute = isLoad ? loadLanes : storeLanes;
}

} // namespace

void doNothing(Execution &) {}

bool decodeMemory(Decoder &decoder) {
  std::string_view name = decoder.part(0);
  if (name == "ld" || name == "ldu") {
    decodeAccess(decoder, true);
  } else if (name == "st") {
    decodeAccess(decoder, false);
  } else if (name == "prefetch" || name == "prefetchu" || name == "discard" ||
             name == "applypriority") {
    decoder.instruction.execute = doNothing;
  } else if (name == "createpolicy") {
    // A policy is a number that nothing looks at.
    decoder.instruction.slots = {decoder.target(size_t(0), Type::B64)};
    decoder.instruction.execute = doNothing;
  } else {
    return false;
  }
  return true;
}

} // namespace attnc::emulator
