//===- Barrier.cpp - bar and barrier --------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The sixteen barriers of a block. A warp arrives as a whole, with the threads
// it has.
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"

namespace attnc::emulator {

namespace {

enum Kind : uint8_t { Sync, Arrive, CountVotes, AllVotes, AnyVote };

bool isVote(uint8_t kind) { return kind >= CountVotes; }

/// The value that all lanes agree on.
uint32_t uniform(const Execution &x, uint32_t slot) {
  const auto *values = x.at<uint32_t>(slot);
  uint32_t value = values[x.firstLane()];
  x.forCheckedLanes([&](unsigned lane) {
    if (values[lane] != value)
      x.fail("the lanes of a warp name different barriers");
  });
  return value;
}

/// Enters the arrival of the warp; true if it completes the barrier.
bool enter(Execution &x, NamedBarrier &barrier, uint32_t id, uint32_t count) {
  if (!count || count % 32)
    x.fail("barrier " + std::to_string(id) + " is for " +
           std::to_string(count) + " threads, not a multiple of 32");
  if (barrier.arrived && barrier.expected != count)
    x.fail("barrier " + std::to_string(id) + " is for " +
           std::to_string(count) + " threads here and for " +
           std::to_string(barrier.expected) + " elsewhere");
  barrier.expected = count;
  barrier.arrived += 32;
  barrier.arriving.join(x.warp.clocks);
  ++x.warp.clocks.seen[x.warp.id];
  return barrier.arrived == count;
}

void complete(Block &block, NamedBarrier &barrier) {
  barrier.arrived = 0;
  ++barrier.generation;
  barrier.done = barrier.arriving;
  barrier.doneVotes = barrier.votes;
  barrier.doneAll = barrier.allTrue;
  barrier.votes = 0;
  barrier.allTrue = true;
  ++block.progress;
}

/// Slots: the barrier, the threads, the result, the predicate; `count` flips
/// the last.
void giveResult(const Execution &x, const NamedBarrier &barrier) {
  uint8_t kind = x.instruction.variant;
  if (kind == CountVotes) {
    auto *result = x.lanes<uint32_t>(2);
    x.forLanes([&](unsigned lane) { result[lane] = barrier.doneVotes; });
  } else if (kind == AllVotes || kind == AnyVote) {
    bool holds = kind == AllVotes ? barrier.doneAll : barrier.doneVotes > 0;
    x.setPredicate(x.predicate(2), holds ? ~0u : 0);
  }
}

void addVotes(const Execution &x, NamedBarrier &barrier) {
  uint32_t bits = (x.predicate(3) ^ x.instruction.count) & x.mask;
  barrier.votes += uint32_t(__builtin_popcount(bits));
  barrier.allTrue &= bits == x.mask;
}

void useBarrier(Execution &x) {
  x.requireFullWarp();
  const Instruction &instruction = x.instruction;
  uint32_t id = uniform(x, instruction.slots[0]);
  uint32_t count = instruction.slots[1] == noSlot
                       ? uint32_t(x.block.warps.size()) * 32
                       : uniform(x, instruction.slots[1]);
  if (id >= 16)
    x.fail("there are sixteen barriers, not one with number " +
           std::to_string(id));
  NamedBarrier &barrier = x.block.barriers[id];
  if (isVote(instruction.variant))
    addVotes(x, barrier);
  if (enter(x, barrier, id, count)) {
    complete(x.block, barrier);
    if (instruction.variant != Arrive)
      x.warp.clocks.join(barrier.done);
    giveResult(x, barrier);
    return;
  }
  if (instruction.variant == Arrive)
    return;
  Warp &warp = x.warp;
  Execution waiting = x;
  uint64_t generation = barrier.generation;
  warp.isReady = [waiting, &warp, &barrier, generation] {
    if (barrier.generation == generation)
      return false;
    warp.clocks.join(barrier.done);
    giveResult(waiting, barrier);
    return true;
  };
  warp.waitsFor = "barrier " + std::to_string(id) + ": " +
                  std::to_string(barrier.arrived) + " of " +
                  std::to_string(count) + " threads had come";
}

} // namespace

bool decodeBarrier(Decoder &decoder) {
  std::string_view name = decoder.part(0);
  if (name != "bar" && name != "barrier")
    return false;
  if (decoder.has("cluster"))
    decoder.unknown();
  Instruction &instruction = decoder.instruction;
  bool votes = decoder.has("red");
  uint8_t kind = decoder.has("arrive") ? Arrive
                 : !votes              ? Sync
                 : decoder.has("popc") ? CountVotes
                 : decoder.has("and")  ? AllVotes
                                       : AnyVote;
  size_t first = votes ? 1 : 0;
  decoder.expect(votes ? 3 : 1, votes ? 4 : 2);
  bool hasCount = decoder.operands.size() == (votes ? 4 : 2);
  instruction.slots = {decoder.source(first, Type::U32),
                       hasCount ? decoder.source(first + 1, Type::U32)
                                : noSlot};
  if (votes) {
    bool flipped;
    instruction.slots.push_back(
        decoder.target(size_t(0), kind == CountVotes ? Type::U32 : Type::Pred));
    instruction.slots.push_back(
        decoder.predicate(decoder.operands.back(), flipped));
    instruction.count = flipped ? ~0u : 0;
  }
  instruction.variant = kind;
  instruction.execute = useBarrier;
  return true;
}

} // namespace attnc::emulator
