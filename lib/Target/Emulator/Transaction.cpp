//===- Transaction.cpp - mbarrier -----------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A phase ends when the expected arrivals have come and no byte is on its way.
// Who waits for it then knows what every arrival knew.
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"
#include "Memory.h"

namespace attnc::emulator {

namespace {

/// The largest number of bytes that a barrier counts.
constexpr int64_t maxBytes = (1 << 20) - 1;

std::string nameOf(uint64_t address) {
  return "the mbarrier at shared address " + hex(address);
}

} // namespace

TransactionBarrier &Block::transactionBarrier(uint64_t address) {
  auto found = transactionBarriers.find(address);
  if (found == transactionBarriers.end())
    throw Fault("use of an mbarrier that is not initialised, at shared "
                "address " +
                hex(address));
  return found->second;
}

void Block::initTransactionBarrier(uint64_t address, uint32_t count) {
  shared.checkBounds(address, 8);
  if (address % 8)
    throw Fault("misaligned access: an mbarrier at " + hex(address));
  if (!count || count >= (1u << 20))
    throw Fault("an mbarrier expects 1 to 1048575 arrivals, not " +
                std::to_string(count));
  auto [found, isNew] = transactionBarriers.try_emplace(address);
  TransactionBarrier &barrier = found->second;
  if (isNew && transactionBarrierCount == maxTransactionBarriers)
    throw Fault("more than 64 mbarriers in a block are not executed");
  unsigned agent = isNew ? unsigned(warps.size()) + transactionBarrierCount++
                         : barrier.agent;
  barrier = TransactionBarrier();
  barrier.agent = agent;
  barrier.expected = barrier.pending = count;
  barrier.arriving = barrier.done = Clocks(agents, shared.startClock());
}

void Block::forgetTransactionBarrier(uint64_t address) {
  transactionBarrier(address);
  transactionBarriers.erase(address);
}

void Block::settle(TransactionBarrier &barrier, uint64_t address) {
  if (barrier.bytes > maxBytes || barrier.bytes < -maxBytes)
    throw Fault(nameOf(address) + " counts more than 1048575 bytes");
  if (barrier.pending || barrier.bytes)
    return;
  barrier.pending = barrier.expected;
  barrier.done = barrier.arriving;
  ++barrier.completed;
  ++progress;
}

void Block::arrive(uint64_t address, uint32_t count, Clocks &from) {
  TransactionBarrier &barrier = transactionBarrier(address);
  if (count > barrier.pending)
    throw Fault("more arrivals than expected at " + nameOf(address) + ": " +
                std::to_string(count) + ", " + std::to_string(barrier.pending) +
                " of " + std::to_string(barrier.expected) + " are pending");
  barrier.pending -= count;
  barrier.arriving.join(from);
  settle(barrier, address);
}

Clocks &Block::atomicClocks(uint64_t address) {
  auto [found, isNew] = atomics.try_emplace(address);
  if (isNew)
    found->second = Clocks(agents, shared.startClock());
  return found->second;
}

namespace {

void initBarrier(Execution &x) {
  x.forCheckedLanes([&](unsigned lane) {
    x.block.initTransactionBarrier(
        x.sharedAddress(x.instruction.addresses[0], lane),
        x.lanes<uint32_t>(0)[lane]);
  });
}

void invalidateBarrier(Execution &x) {
  x.forCheckedLanes([&](unsigned lane) {
    x.block.forgetTransactionBarrier(
        x.sharedAddress(x.instruction.addresses[0], lane));
  });
}

enum Arrival : uint8_t {
  Arrives = 1,
  ExpectsBytes = 2,
  CompletesBytes = 4,
  Drops = 8,
  HasState = 16
};

/// Slots: the state that is returned, the count of arrivals or of bytes.
void arriveAtBarrier(Execution &x) {
  const Instruction &instruction = x.instruction;
  uint8_t kind = instruction.variant;
  x.forCheckedLanes([&](unsigned lane) {
    uint64_t address = x.sharedAddress(instruction.addresses[0], lane);
    TransactionBarrier &barrier = x.block.transactionBarrier(address);
    uint32_t operand = x.lanes<uint32_t>(1)[lane];
    uint64_t phase = barrier.completed;
    if (kind & ExpectsBytes)
      barrier.bytes += operand;
    if (kind & CompletesBytes)
      barrier.bytes -= operand;
    uint32_t count = kind & ExpectsBytes ? 1 : operand;
    if (kind & Drops) {
      if (count > barrier.expected)
        x.fail("more arrivals are dropped than the mbarrier expects");
      barrier.expected -= count;
    }
    if (kind & Arrives)
      x.block.arrive(address, count, x.warp.clocks);
    else
      x.block.settle(barrier, address);
    if (kind & HasState)
      x.lanes<uint64_t>(0)[lane] = phase;
  });
  ++x.warp.clocks.seen[x.warp.id];
}

/// Whether the phase that a lane waits for is over. `variant`: 1 by parity.
bool isOver(const Execution &x, const TransactionBarrier &barrier,
            unsigned lane) {
  if (x.instruction.variant & 1)
    return (barrier.completed & 1) != (x.lanes<uint32_t>(1)[lane] & 1);
  return barrier.completed > x.lanes<uint64_t>(1)[lane];
}

/// What is missing for the phase that a warp waits for.
std::string missingAt(const TransactionBarrier &barrier, uint64_t address) {
  return nameOf(address) + ", phase " + std::to_string(barrier.completed) +
         ": " + std::to_string(barrier.pending) + " of " +
         std::to_string(barrier.expected) + " arrivals and " +
         std::to_string(barrier.bytes) + " bytes are missing";
}

/// Slots: the predicate, the parity or the state. `variant`: 1 by parity, 2
/// test_wait. try_wait may wait or give up, and a kernel has to be prepared for
/// both: it gives up if operations are lazy, and now and then otherwise.
void waitForBarrier(Execution &x) {
  const Instruction &instruction = x.instruction;
  uint32_t over = 0;
  uint64_t pendingAddress = 0;
  x.forCheckedLanes([&](unsigned lane) {
    uint64_t address = x.sharedAddress(instruction.addresses[0], lane);
    TransactionBarrier &barrier = x.block.transactionBarrier(address);
    if (!isOver(x, barrier, lane)) {
      pendingAddress = address;
      return;
    }
    over |= 1u << lane;
    x.warp.clocks.join(barrier.done);
  });
  bool isAllOver = over == x.mask;
  if (!isAllOver)
    x.warp.waitsFor =
        missingAt(x.block.transactionBarrier(pendingAddress), pendingAddress);
  const Options &options = x.block.launch.options;
  bool givesUp = instruction.variant & 2 || options.isLazy ||
                 (options.seed && x.block.random() % 8 == 0);
  if (isAllOver || givesUp) {
    x.setPredicate(x.predicate(0), over);
    x.warp.yields = !isAllOver;
    return;
  }
  Block &block = x.block;
  uint64_t phase = block.transactionBarrier(pendingAddress).completed;
  x.retryWhen(
      [&block, pendingAddress, phase] {
        return block.transactionBarrier(pendingAddress).completed != phase;
      },
      x.warp.waitsFor);
}

void readPendingCount(Execution &x) {
  x.fail("the state of an mbarrier is opaque: pending_count is not executed");
}

void decodeArrival(Decoder &decoder, std::string_view what) {
  Instruction &instruction = decoder.instruction;
  uint8_t kind = 0;
  if (what == "arrive" || what == "arrive_drop")
    kind |= Arrives;
  if (what == "arrive_drop")
    kind |= Drops;
  if (decoder.has("expect_tx"))
    kind |= ExpectsBytes;
  if (what == "complete_tx")
    kind |= CompletesBytes;
  if (decoder.has("noComplete"))
    decoder.unknown();
  size_t first = 0;
  uint32_t state = noSlot;
  decoder.expect(1, 3);
  if (decoder.operands[0].kind != Operand::Memory) {
    first = 1;
    if (decoder.operands[0].kind != Operand::Sink) {
      state = decoder.target(size_t(0), Type::B64);
      kind |= HasState;
    }
  }
  instruction.addresses = {decoder.address(first, decoder.space())};
  bool hasOperand = decoder.operands.size() > first + 1;
  if (!hasOperand && kind & (ExpectsBytes | CompletesBytes))
    decoder.fail("the number of bytes is missing");
  uint32_t operand = hasOperand ? decoder.source(first + 1, Type::U32)
                                : decoder.frame.constant(1, 32);
  instruction.slots = {state, operand};
  instruction.variant = kind;
  instruction.execute = arriveAtBarrier;
}

void decodeWait(Decoder &decoder, std::string_view what) {
  Instruction &instruction = decoder.instruction;
  bool parity = decoder.has("parity");
  // A last operand is how long try_wait may wait.
  decoder.expect(3, 4);
  instruction.slots = {decoder.target(size_t(0), Type::Pred),
                       decoder.source(2, parity ? Type::U32 : Type::B64)};
  instruction.addresses = {decoder.address(1, decoder.space())};
  instruction.variant = uint8_t(parity | (what == "test_wait" ? 2 : 0));
  instruction.execute = waitForBarrier;
}

} // namespace

bool decodeTransaction(Decoder &decoder) {
  if (decoder.part(0) != "mbarrier")
    return false;
  std::string_view what = decoder.part(1);
  Instruction &instruction = decoder.instruction;
  if (what == "init") {
    decoder.expect(2, 2);
    instruction.addresses = {decoder.address(size_t(0), decoder.space())};
    instruction.slots = {decoder.source(1, Type::U32)};
    instruction.execute = initBarrier;
  } else if (what == "inval") {
    decoder.expect(1, 1);
    instruction.addresses = {decoder.address(size_t(0), decoder.space())};
    instruction.execute = invalidateBarrier;
  } else if (what == "arrive" || what == "arrive_drop" || what == "expect_tx" ||
             what == "complete_tx") {
    decodeArrival(decoder, what);
  } else if (what == "test_wait" || what == "try_wait") {
    decodeWait(decoder, what);
  } else if (what == "pending_count") {
    instruction.execute = readPendingCount;
  } else {
    return false;
  }
  return true;
}

} // namespace attnc::emulator
