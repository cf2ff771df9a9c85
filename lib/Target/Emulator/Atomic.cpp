//===- Atomic.cpp - atom, red and fences ----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lanes act one after another. Every atomic operation orders what is around it,
// whatever its semantics, so that a missing fence beside one is not found.
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"
#include "Memory.h"
#include <algorithm>

namespace attnc::emulator {

namespace {

enum Update : uint8_t {
  AddTo,
  MinOf,
  MaxOf,
  AndWith,
  OrWith,
  XorWith,
  Exchange,
  CompareAndSwap,
  Increment,
  Decrement
};

bool findUpdate(const Decoder &decoder, Update &update) {
  static const struct {
    const char *name;
    Update update;
  } names[] = {{"add", AddTo},     {"min", MinOf},          {"max", MaxOf},
               {"and", AndWith},   {"or", OrWith},          {"xor", XorWith},
               {"exch", Exchange}, {"cas", CompareAndSwap}, {"inc", Increment},
               {"dec", Decrement}};
  for (const auto &entry : names)
    if (decoder.has(entry.name)) {
      update = entry.update;
      return true;
    }
  return false;
}

template <typename T>
T updateInteger(Update update, T old, T a, T b) {
  using Unsigned = std::make_unsigned_t<T>;
  switch (update) {
  case AddTo:
    return T(Unsigned(old) + Unsigned(a));
  case MinOf:
    return std::min(old, a);
  case MaxOf:
    return std::max(old, a);
  case AndWith:
    return old & a;
  case OrWith:
    return old | a;
  case XorWith:
    return old ^ a;
  case Exchange:
    return a;
  case CompareAndSwap:
    return old == a ? b : old;
  case Increment:
    return old >= a ? T(0) : T(old + 1);
  case Decrement:
    return old == 0 || old > a ? a : T(old - 1);
  }
  return old;
}

/// .NaN is not among the modifiers: the number wins.
template <typename T>
T updateFloat(Update update, T old, T a) {
  switch (update) {
  case AddTo:
    return T(old + a);
  case MinOf:
    return T(std::fmin(old, a));
  case MaxOf:
    return T(std::fmax(old, a));
  case Exchange:
    return a;
  default:
    throw Fault("no such atomic operation on floating-point numbers");
  }
}

template <typename T>
struct Updating {
  static T apply(Update update, T old, T a, T b) {
    if constexpr (std::is_integral_v<T>)
      return updateInteger(update, old, a, b);
    else
      return updateFloat(update, old, a);
  }
};
template <typename T>
struct Updating<Pair<T>> {
  static Pair<T> apply(Update update, Pair<T> old, Pair<T> a, Pair<T>) {
    return {T(updateFloat<float>(update, old.low, a.low)),
            T(updateFloat<float>(update, old.high, a.high))};
  }
};
template <>
struct Updating<Half> {
  static Half apply(Update update, Half old, Half a, Half) {
    return Half(updateFloat<float>(update, old, a));
  }
};
template <>
struct Updating<BFloat> {
  static BFloat apply(Update update, BFloat old, BFloat a, BFloat) {
    return BFloat(updateFloat<float>(update, old, a));
  }
};

/// Groups: results (none of red), operands, and the second ones of cas.
template <typename T>
void updateLanes(Execution &x) {
  const Instruction &instruction = x.instruction;
  const Address &operand = instruction.addresses[0];
  const auto &results = instruction.groups[0];
  const auto &values = instruction.groups[1], &others = instruction.groups[2];
  auto update = Update(instruction.variant);
  x.forCheckedLanes([&](unsigned lane) {
    uint64_t address = operand.space == Space::Shared
                           ? x.sharedAddress(operand, lane)
                           : x.address(operand, lane);
    meetAt(x, operand.space, address);
    auto *memory = reinterpret_cast<T *>(
        access(x, operand.space, address, unsigned(sizeof(T) * values.size()),
               lane, AccessKind::Update));
    for (size_t i = 0; i < values.size(); ++i) {
      T old = memory[i];
      T other = others.empty() ? T() : x.at<T>(others[i])[lane];
      memory[i] =
          Updating<T>::apply(update, old, x.at<T>(values[i])[lane], other);
      if (i < results.size())
        x.at<T>(results[i])[lane] = old;
    }
    // What follows is later than the meeting; publish it for the next one.
    meetAt(x, operand.space, address);
  });
  // Others may be waiting for it in a loop.
  if (!results.empty())
    x.block.yield(x.warp, "a value in memory");
}

Handler updateHandler(Decoder &decoder, Type type) {
  switch (type) {
  case Type::F32:
    return updateLanes<float>;
  case Type::F64:
    return updateLanes<double>;
  case Type::F16:
    return updateLanes<Half>;
  case Type::BF16:
    return updateLanes<BFloat>;
  case Type::F16x2:
    return updateLanes<Pair<Half>>;
  case Type::BF16x2:
    return updateLanes<Pair<BFloat>>;
  case Type::S32:
    return updateLanes<int32_t>;
  case Type::S64:
    return updateLanes<int64_t>;
  default:
    switch (bitsOf(type)) {
    case 16:
      return updateLanes<uint16_t>;
    case 32:
      return updateLanes<uint32_t>;
    case 64:
      return updateLanes<uint64_t>;
    }
    decoder.unknown();
  }
}

void decodeUpdate(Decoder &decoder, bool returns) {
  Update update;
  if (!findUpdate(decoder, update))
    decoder.unknown();
  Type type = decoder.type();
  Instruction &instruction = decoder.instruction;
  size_t first = returns ? 1 : 0;
  bool isSwap = update == CompareAndSwap;
  decoder.expect(first + (isSwap ? 3 : 2), first + (isSwap ? 4 : 3));
  instruction.groups.resize(3);
  if (returns && decoder.operands[0].kind != Operand::Sink)
    instruction.groups[0] = decoder.targets(0, type);
  instruction.addresses = {decoder.address(first, decoder.space())};
  instruction.groups[1] = decoder.sources(first + 1, type);
  if (isSwap)
    instruction.groups[2] = decoder.sources(first + 2, type);
  instruction.variant = update;
  instruction.execute = updateHandler(decoder, type);
}

/// fence.proxy.async: what was seen so far is visible to the async proxy.
void fenceProxy(Execution &x) {
  Clocks &clocks = x.warp.clocks;
  clocks.proxied = clocks.seen;
  ++clocks.seen[x.warp.id];
}

} // namespace

bool decodeAtomic(Decoder &decoder) {
  std::string_view name = decoder.part(0);
  Instruction &instruction = decoder.instruction;
  if (name == "fence" || name == "membar") {
    bool isProxy = decoder.has("proxy") && !decoder.has("alias");
    bool tensormap = decoder.has("tensormap::generic");
    instruction.execute = isProxy && !tensormap ? fenceProxy : doNothing;
    // mbarrier_init makes the barriers known to copies; they are no data.
    return true;
  }
  if ((name != "atom" && name != "red") || decoder.has("async"))
    return false;
  decodeUpdate(decoder, name == "atom");
  return true;
}

} // namespace attnc::emulator
