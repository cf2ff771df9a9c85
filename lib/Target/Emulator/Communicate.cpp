//===- Communicate.cpp - between the lanes of a warp ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shuffles, votes, matches and reductions. The lanes that the mask names have
// to be those that execute the instruction together.
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"
#include "Memory.h"
#include <algorithm>

namespace attnc::emulator {

namespace {

/// Checks the member mask, a source of 32 bits, of all lanes that take part.
void checkMembers(const Execution &x, uint32_t slot) {
  const auto *members = x.at<uint32_t>(slot);
  x.forCheckedLanes([&](unsigned lane) {
    uint32_t absent = members[lane] & x.warp.lanes & ~x.mask;
    if (absent)
      x.fail("waits for lanes that do not take part: " + hex(absent));
    if (!(members[lane] >> lane & 1))
      x.fail("executed by a lane that its mask does not name");
  });
}

enum Shuffle : uint8_t { Up, Down, Butterfly, Index };

/// The lane that `lane` reads from; false if it is outside the segment.
bool sourceLane(Shuffle shuffle, unsigned lane, uint32_t by, uint32_t control,
                unsigned &source) {
  uint32_t segment = control >> 8 & 31, clamp = control & 31;
  uint32_t first = lane & segment, last = first | (clamp & ~segment);
  by &= 31;
  int from = 0;
  bool inside = false;
  switch (shuffle) {
  case Up:
    from = int(lane) - int(by), inside = from >= int(last);
    break;
  case Down:
    from = int(lane + by), inside = from <= int(last);
    break;
  case Butterfly:
    from = int(lane ^ by), inside = from <= int(last);
    break;
  case Index:
    from = int(first | (by & ~segment)), inside = from <= int(last);
    break;
  }
  source = inside ? unsigned(from) : lane;
  return inside;
}

/// Slots: result, value, b, c, members; the predicate, if wanted, is sixth.
void shuffleLanes(Execution &x) {
  checkMembers(x, x.instruction.slots[4]);
  auto *result = x.lanes<uint32_t>(0);
  uint32_t values[32], inside = 0;
  memcpy(values, x.lanes<uint32_t>(1), sizeof(values));
  const auto *by = x.lanes<uint32_t>(2), *control = x.lanes<uint32_t>(3);
  x.forCheckedLanes([&](unsigned lane) {
    unsigned source;
    inside |= uint32_t(sourceLane(Shuffle(x.instruction.variant), lane,
                                  by[lane], control[lane], source))
              << lane;
    if (!(x.mask >> source & 1))
      x.fail("reads from lane " + std::to_string(source) +
             ", which does not take part");
    result[lane] = values[source];
  });
  if (x.instruction.slots.size() > 5)
    x.setPredicate(x.predicate(5), inside);
}

void decodeShuffle(Decoder &decoder) {
  Instruction &instruction = decoder.instruction;
  decoder.expect(5, 5);
  const Operand &result = decoder.operands[0];
  bool isPair = result.kind == Operand::List;
  if (isPair && result.elements.size() != 2)
    decoder.fail("shfl has one result or two");
  instruction.slots = {
      decoder.target(isPair ? result.elements[0] : result, Type::B32),
      decoder.source(1, Type::B32), decoder.source(2, Type::B32),
      decoder.source(3, Type::B32), decoder.source(4, Type::B32)};
  if (isPair)
    instruction.slots.push_back(decoder.target(result.elements[1], Type::Pred));
  instruction.variant = decoder.has("up")     ? Up
                        : decoder.has("down") ? Down
                        : decoder.has("bfly") ? Butterfly
                                              : Index;
  instruction.execute = shuffleLanes;
}

enum Vote : uint8_t { All, Any, Uniform, Ballot };

/// Slots: result, predicate, members; `count` flips the predicate.
void vote(Execution &x) {
  checkMembers(x, x.instruction.slots[2]);
  uint32_t bits = (x.predicate(1) ^ x.instruction.count) & x.mask;
  if (x.instruction.variant == Ballot) {
    auto *result = x.lanes<uint32_t>(0);
    x.forLanes([&](unsigned lane) { result[lane] = bits; });
    return;
  }
  bool holds = x.instruction.variant == All   ? bits == x.mask
               : x.instruction.variant == Any ? bits != 0
                                              : bits == 0 || bits == x.mask;
  x.setPredicate(x.predicate(0), holds ? ~0u : 0);
}

void decodeVote(Decoder &decoder) {
  Instruction &instruction = decoder.instruction;
  decoder.expect(3, 3);
  instruction.variant = decoder.has("all")   ? All
                        : decoder.has("any") ? Any
                        : decoder.has("uni") ? Uniform
                                             : Ballot;
  bool flipped;
  uint32_t predicate = decoder.predicate(decoder.operands[1], flipped);
  instruction.slots = {decoder.target(size_t(0), instruction.variant == Ballot
                                                     ? Type::B32
                                                     : Type::Pred),
                       predicate, decoder.source(2, Type::B32)};
  instruction.count = flipped ? ~0u : 0;
  instruction.execute = vote;
}

/// match: the lanes with the same value; slots: result, value, members, and
/// for .all the predicate.
template <typename T>
void match(Execution &x) {
  checkMembers(x, x.instruction.slots[2]);
  auto *result = x.lanes<uint32_t>(0);
  const T *values = x.lanes<T>(1);
  uint32_t equal[32] = {};
  x.forLanes([&](unsigned lane) {
    x.forLanes([&](unsigned other) {
      equal[lane] |= uint32_t(values[lane] == values[other]) << other;
    });
  });
  bool all = equal[x.firstLane()] == x.mask;
  if (x.instruction.variant == All) {
    x.forLanes([&](unsigned lane) { result[lane] = all ? x.mask : 0; });
    if (x.instruction.slots.size() > 3)
      x.setPredicate(x.predicate(3), all ? ~0u : 0);
    return;
  }
  x.forLanes([&](unsigned lane) { result[lane] = equal[lane]; });
}

void decodeMatch(Decoder &decoder) {
  Instruction &instruction = decoder.instruction;
  decoder.expect(3, 3);
  Type type = decoder.type();
  const Operand &result = decoder.operands[0];
  bool isPair = result.kind == Operand::List;
  instruction.slots = {
      decoder.target(isPair ? result.elements.at(0) : result, Type::B32),
      decoder.source(1, type), decoder.source(2, Type::B32)};
  if (isPair)
    instruction.slots.push_back(
        decoder.target(result.elements.at(1), Type::Pred));
  instruction.variant = decoder.has("all") ? All : Any;
  instruction.execute = bitsOf(type) == 64 ? match<uint64_t> : match<uint32_t>;
}

enum Reduction : uint8_t { Sum, Min, Max, And, Or, Xor };

template <typename T>
T combine(Reduction reduction, T a, T b) {
  switch (reduction) {
  case Sum:
    return T(uint32_t(a) + uint32_t(b));
  case Min:
    return std::min(a, b);
  case Max:
    return std::max(a, b);
  case And:
    return a & b;
  case Or:
    return a | b;
  case Xor:
    return a ^ b;
  }
  return a;
}

/// Slots: result, value, members.
template <typename T>
void reduce(Execution &x) {
  checkMembers(x, x.instruction.slots[2]);
  auto *result = x.lanes<T>(0);
  const T *values = x.lanes<T>(1);
  unsigned first = x.firstLane();
  T total = values[first];
  x.forLanes([&](unsigned lane) {
    if (lane != first)
      total = combine(Reduction(x.instruction.variant), total, values[lane]);
  });
  x.forLanes([&](unsigned lane) { result[lane] = total; });
}

void decodeReduction(Decoder &decoder) {
  Instruction &instruction = decoder.instruction;
  Type type = decoder.type();
  if (type != Type::S32 && type != Type::U32 && type != Type::B32)
    decoder.unknown();
  decoder.expect(3, 3);
  instruction.slots = {decoder.target(size_t(0), type), decoder.source(1, type),
                       decoder.source(2, Type::B32)};
  instruction.variant = decoder.has("add")   ? Sum
                        : decoder.has("min") ? Min
                        : decoder.has("max") ? Max
                        : decoder.has("and") ? And
                        : decoder.has("or")  ? Or
                                             : Xor;
  instruction.execute = type == Type::S32 ? reduce<int32_t> : reduce<uint32_t>;
}

/// Slots: the leader's lane, the predicate, members.
void electLeader(Execution &x) {
  checkMembers(x, x.instruction.slots[2]);
  unsigned leader = x.firstLane();
  auto *result = x.lanes<uint32_t>(0);
  x.forLanes([&](unsigned lane) { result[lane] = leader; });
  x.setPredicate(x.predicate(1), 1u << leader);
}

void decodeElection(Decoder &decoder) {
  decoder.expect(2, 2);
  const Operand &result = decoder.operands[0];
  if (result.kind != Operand::List || result.elements.size() != 2)
    decoder.fail("elect.sync has two results, lane|predicate");
  decoder.instruction.slots = {decoder.target(result.elements[0], Type::B32),
                               decoder.target(result.elements[1], Type::Pred),
                               decoder.source(1, Type::B32)};
  decoder.instruction.execute = electLeader;
}

void readActiveMask(Execution &x) {
  auto *result = x.lanes<uint32_t>(0);
  x.forLanes([&](unsigned lane) { result[lane] = x.mask; });
}

void synchronizeWarp(Execution &x) { checkMembers(x, x.instruction.slots[0]); }

} // namespace

bool decodeWarp(Decoder &decoder) {
  std::string_view name = decoder.part(0);
  Instruction &instruction = decoder.instruction;
  bool isSync = decoder.has("sync");
  if (name == "shfl" && isSync) {
    decodeShuffle(decoder);
  } else if (name == "vote" && isSync) {
    decodeVote(decoder);
  } else if (name == "match" && isSync) {
    decodeMatch(decoder);
  } else if (name == "redux" && isSync) {
    decodeReduction(decoder);
  } else if (name == "elect") {
    decodeElection(decoder);
  } else if (name == "activemask") {
    decoder.expect(1, 1);
    instruction.slots = {decoder.target(size_t(0), Type::B32)};
    instruction.execute = readActiveMask;
  } else if (name == "bar" && decoder.has("warp")) {
    decoder.expect(1, 1);
    instruction.slots = {decoder.source(size_t(0), Type::B32)};
    instruction.execute = synchronizeWarp;
  } else {
    return false;
  }
  return true;
}

} // namespace attnc::emulator
