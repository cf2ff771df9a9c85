//===- AsyncCopy.cpp - cp.async -------------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Copies of 4, 8 or 16 bytes per lane. Groups are counted per warp: lanes that
// commit without each other are not told apart.
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"
#include "Memory.h"

namespace attnc::emulator {

namespace {

void moveData(Block &block, const LaneCopy &copy) {
  uint8_t *to = block.shared.at(copy.shared);
  memset(to, 0, copy.size);
  if (copy.sourceSize)
    memcpy(to, reinterpret_cast<const uint8_t *>(copy.global), copy.sourceSize);
}

/// Addresses: to, from. `width`: the bytes. Slot 0: how many of them are read,
/// if `variant` is 1, or a predicate that says to read none, if it is 2.
void startCopy(Execution &x) {
  const Instruction &instruction = x.instruction;
  Agent agent = x.warp.agent();
  unsigned size = instruction.width;
  x.forCheckedLanes([&](unsigned lane) {
    LaneCopy copy;
    copy.shared = x.sharedAddress(instruction.addresses[0], lane);
    copy.global = x.address(instruction.addresses[1], lane);
    copy.size = uint8_t(size);
    uint32_t source = size;
    if (instruction.variant == 1)
      source = x.lanes<uint32_t>(0)[lane];
    else if (instruction.variant == 2)
      source = (x.predicate(0) ^ instruction.count) >> lane & 1 ? 0 : size;
    if (source > size)
      x.fail("cp.async reads " + std::to_string(source) + " bytes and writes " +
             std::to_string(size));
    copy.sourceSize = uint8_t(source);
    if (copy.shared % size || copy.global % size)
      x.fail("misaligned access: " + std::to_string(size) + " bytes from " +
             hex(copy.global) + " to " + hex(copy.shared));
    if (source)
      x.block.launch.global.read(copy.global, source, agent, x.block.identity);
    x.block.shared.beginWrite(copy.shared, size, agent, Proxy::Generic);
    if (!x.block.launch.options.isLazy)
      moveData(x.block, copy);
    x.warp.openCopies.push_back(copy);
  });
}

void commitCopies(Execution &x) {
  x.warp.copyGroups.push_back(std::move(x.warp.openCopies));
  x.warp.openCopies.clear();
}

void waitCopies(Execution &x) {
  x.block.finishCopies(x.warp, x.instruction.count);
}

void waitAllCopies(Execution &x) {
  commitCopies(x);
  x.block.finishCopies(x.warp, 0);
}

/// The barrier is told when the copies so far are done. `variant`: noinc.
void arriveAfterCopies(Execution &x) {
  x.forCheckedLanes([&](unsigned lane) {
    uint64_t address = x.sharedAddress(x.instruction.addresses[0], lane);
    TransactionBarrier &barrier = x.block.transactionBarrier(address);
    if (!x.instruction.variant)
      ++barrier.pending;
  });
  // The copies belong to the barrier from now on.
  std::vector<LaneCopy> copies = std::move(x.warp.openCopies);
  x.warp.openCopies.clear();
  for (auto &group : x.warp.copyGroups) {
    copies.insert(copies.end(), group.begin(), group.end());
    group.clear();
  }
  std::vector<uint64_t> addresses;
  x.forLanes([&](unsigned lane) {
    addresses.push_back(x.sharedAddress(x.instruction.addresses[0], lane));
  });
  Block &block = x.block;
  Clocks issued = x.warp.clocks;
  ++x.warp.clocks.seen[x.warp.id];
  auto land = [&block, copies, addresses, issued]() mutable {
    for (const LaneCopy &copy : copies)
      if (block.launch.options.isLazy)
        moveData(block, copy);
    std::map<uint64_t, uint32_t> counts;
    for (uint64_t address : addresses)
      ++counts[address];
    for (auto [address, count] : counts) {
      TransactionBarrier &barrier = block.transactionBarrier(address);
      uint32_t clock = ++barrier.arriving.seen[barrier.agent];
      issued.seen[barrier.agent] = clock;
      // Each copy once: with several barriers the first one is told.
      for (const LaneCopy &copy : copies)
        block.shared.endWrite(copy.shared, copy.size, barrier.agent, clock,
                              Proxy::Generic);
      copies.clear();
      block.arrive(address, count, issued);
    }
  };
  block.launchFlight({land, &x.instruction, x.warp.id});
}

void decodeCopy(Decoder &decoder) {
  Instruction &instruction = decoder.instruction;
  decoder.expect(3, 5);
  instruction.addresses = {decoder.address(size_t(0), Space::Shared),
                           decoder.address(1, Space::Global)};
  int64_t size = decoder.constant(2);
  if (size != 4 && size != 8 && size != 16)
    decoder.fail("cp.async copies 4, 8 or 16 bytes");
  instruction.width = uint8_t(size);
  bool hasPolicy = decoder.has("L2::cache_hint");
  if (decoder.operands.size() > (hasPolicy ? 4u : 3u)) {
    const Operand &operand = decoder.operands[3];
    Symbol *symbol = operand.kind == Operand::Name
                         ? decoder.scopes.find(operand.name)
                         : nullptr;
    if (symbol && symbol->type == Type::Pred) {
      bool flipped;
      instruction.variant = 2;
      instruction.slots = {decoder.predicate(operand, flipped)};
      instruction.count = flipped ? ~0u : 0;
    } else {
      instruction.variant = 1;
      instruction.slots = {decoder.source(3, Type::U32)};
    }
  }
  instruction.execute = startCopy;
}

} // namespace

void Block::finishCopies(Warp &warp, size_t keptGroups) {
  while (warp.copyGroups.size() > keptGroups) {
    for (const LaneCopy &copy : warp.copyGroups.front()) {
      if (launch.options.isLazy)
        moveData(*this, copy);
      shared.endWrite(copy.shared, copy.size, warp.id, warp.agent().now(),
                      Proxy::Generic);
    }
    warp.copyGroups.pop_front();
  }
}

bool decodeAsyncCopy(Decoder &decoder) {
  if (decoder.part(0) != "cp" || decoder.part(1) != "async" ||
      decoder.has("bulk") || decoder.has("reduce"))
    return false;
  Instruction &instruction = decoder.instruction;
  std::string_view what = decoder.part(2);
  if (what == "commit_group") {
    instruction.execute = commitCopies;
  } else if (what == "wait_group") {
    decoder.expect(1, 1);
    instruction.count = uint32_t(decoder.constant(0));
    instruction.execute = waitCopies;
  } else if (what == "wait_all") {
    instruction.execute = waitAllCopies;
  } else if (what == "mbarrier") {
    decoder.expect(1, 1);
    instruction.addresses = {decoder.address(size_t(0), decoder.space())};
    instruction.variant = decoder.has("noinc");
    instruction.execute = arriveAfterCopies;
  } else {
    decodeCopy(decoder);
  }
  return true;
}

} // namespace attnc::emulator
