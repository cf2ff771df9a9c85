//===- Compare.cpp - comparisons and selections ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// setp, set, selp and slct.
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"

namespace attnc::emulator {

namespace {

/// The relations; those with `Or` also hold if an operand is not a number.
enum Relation : uint8_t {
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  OrEqual,
  OrNotEqual,
  OrLess,
  OrLessEqual,
  OrGreater,
  OrGreaterEqual,
  IsNumber,
  IsNaN
};

bool findRelation(std::string_view name, Relation &relation) {
  static const std::map<std::string_view, Relation> names = {
      {"eq", Equal},      {"ne", NotEqual},
      {"lt", Less},       {"le", LessEqual},
      {"gt", Greater},    {"ge", GreaterEqual},
      {"lo", Less},       {"ls", LessEqual},
      {"hi", Greater},    {"hs", GreaterEqual},
      {"equ", OrEqual},   {"neu", OrNotEqual},
      {"ltu", OrLess},    {"leu", OrLessEqual},
      {"gtu", OrGreater}, {"geu", OrGreaterEqual},
      {"num", IsNumber},  {"nan", IsNaN}};
  auto found = names.find(name);
  if (found == names.end())
    return false;
  relation = found->second;
  return true;
}

template <typename T>
bool holds(Relation relation, T a, T b) {
  bool unordered = a != a || b != b;
  switch (relation) {
  case Equal:
    return a == b;
  case NotEqual:
    return !unordered && a != b;
  case Less:
    return a < b;
  case LessEqual:
    return a <= b;
  case Greater:
    return a > b;
  case GreaterEqual:
    return a >= b;
  case OrEqual:
    return unordered || a == b;
  case OrNotEqual:
    return unordered || a != b;
  case OrLess:
    return unordered || a < b;
  case OrLessEqual:
    return unordered || a <= b;
  case OrGreater:
    return unordered || a > b;
  case OrGreaterEqual:
    return unordered || a >= b;
  case IsNumber:
    return !unordered;
  case IsNaN:
    return unordered;
  }
  return false;
}

/// How the result is combined with a predicate that is an operand.
enum Combination : uint8_t { Alone, WithAnd, WithOr, WithXor };

/// The bits of slots 2 and 3 compared; `variant` is the relation.
template <typename T, typename Number>
uint32_t compareLanes(Execution &x, size_t first) {
  const T *a = x.lanes<T>(first), *b = x.lanes<T>(first + 1);
  auto relation = Relation(x.instruction.variant);
  uint32_t bits = 0;
  x.forLanes([&](unsigned lane) {
    bits |= uint32_t(holds(relation, Number(a[lane]), Number(b[lane]))) << lane;
  });
  return bits;
}

/// Slots: p, q, a, b, and c if `width` tells a combination. `count` flips c.
template <typename T, typename Number = T>
void setPredicates(Execution &x) {
  uint32_t bits = compareLanes<T, Number>(x, 2), inverse = ~bits;
  if (x.instruction.width != Alone) {
    uint32_t other = x.predicate(4) ^ x.instruction.count;
    auto combine = [&](uint32_t value) {
      switch (x.instruction.width) {
      case WithAnd:
        return value & other;
      case WithOr:
        return value | other;
      default:
        return value ^ other;
      }
    };
    bits = combine(bits), inverse = combine(inverse);
  }
  x.setPredicate(x.predicate(0), bits);
  if (x.instruction.slots[1] != noSlot)
    x.setPredicate(x.predicate(1), inverse);
}

/// setp of pairs: p of the low halves, q of the high ones.
template <typename Number>
void setPairPredicates(Execution &x) {
  const auto *a = x.lanes<Pair<Number>>(2), *b = x.lanes<Pair<Number>>(3);
  auto relation = Relation(x.instruction.variant);
  uint32_t low = 0, high = 0;
  x.forLanes([&](unsigned lane) {
    low |= uint32_t(holds<float>(relation, a[lane].low, b[lane].low)) << lane;
    high |= uint32_t(holds<float>(relation, a[lane].high, b[lane].high))
            << lane;
  });
  x.setPredicate(x.predicate(0), low);
  if (x.instruction.slots[1] != noSlot)
    x.setPredicate(x.predicate(1), high);
}

/// set.f32 gives 1.0 and set.u32 all ones; `count` is what is true.
template <typename T, typename Number = T>
void setWords(Execution &x) {
  uint32_t bits = compareLanes<T, Number>(x, 1);
  auto *result = x.lanes<uint32_t>(0);
  x.forLanes([&](unsigned lane) {
    result[lane] = bits >> lane & 1 ? x.instruction.count : 0;
  });
}

Handler setpHandler(Decoder &decoder, Type type) {
  switch (type) {
  case Type::F16:
    return setPredicates<Half, float>;
  case Type::BF16:
    return setPredicates<BFloat, float>;
  case Type::F16x2:
    return setPairPredicates<Half>;
  case Type::BF16x2:
    return setPairPredicates<BFloat>;
  case Type::F32:
    return setPredicates<float>;
  case Type::F64:
    return setPredicates<double>;
  case Type::S16:
    return setPredicates<int16_t>;
  case Type::S32:
    return setPredicates<int32_t>;
  case Type::S64:
    return setPredicates<int64_t>;
  default:
    switch (bitsOf(type)) {
    case 16:
      return setPredicates<uint16_t>;
    case 32:
      return setPredicates<uint32_t>;
    case 64:
      return setPredicates<uint64_t>;
    }
    decoder.unknown();
  }
}

void decodeSetp(Decoder &decoder) {
  Type type = decoder.type();
  Instruction &instruction = decoder.instruction;
  decoder.expect(3, 4);
  const Operand &results = decoder.operands[0];
  uint32_t first, second = noSlot;
  if (results.kind == Operand::List) {
    if (results.elements.size() != 2)
      decoder.fail("setp has one result or two");
    first = decoder.target(results.elements[0], Type::Pred);
    second = decoder.target(results.elements[1], Type::Pred);
  } else {
    first = decoder.target(results, Type::Pred);
  }
  instruction.slots = {first, second, decoder.source(1, type),
                       decoder.source(2, type)};
  if (decoder.operands.size() == 4) {
    bool flipped;
    instruction.slots.push_back(
        decoder.predicate(decoder.operands[3], flipped));
    instruction.count = flipped ? ~0u : 0;
    instruction.width = decoder.has("and")  ? WithAnd
                        : decoder.has("or") ? WithOr
                                            : WithXor;
  }
  instruction.execute = setpHandler(decoder, type);
}

void decodeSet(Decoder &decoder) {
  std::vector<Type> types = decoder.types();
  decoder.expect(3, 3);
  if (types.size() != 2 || bitsOf(types[0]) != 32)
    decoder.unknown();
  Instruction &instruction = decoder.instruction;
  instruction.count = types[0] == Type::F32 ? bitCast<uint32_t>(1.0f) : ~0u;
  instruction.slots = {decoder.target(size_t(0), types[0]),
                       decoder.source(1, types[1]),
                       decoder.source(2, types[1])};
  switch (types[1]) {
  case Type::F32:
    instruction.execute = setWords<float>;
    break;
  case Type::S32:
    instruction.execute = setWords<int32_t>;
    break;
  case Type::U32:
  case Type::B32:
    instruction.execute = setWords<uint32_t>;
    break;
  default:
    decoder.unknown();
  }
}

template <typename T>
void selectByPredicate(Execution &x) {
  T *result = x.lanes<T>(0);
  const T *a = x.lanes<T>(1), *b = x.lanes<T>(2);
  uint32_t bits = x.predicate(3) ^ x.instruction.count;
  x.forLanes([&](unsigned lane) {
    result[lane] = bits >> lane & 1 ? a[lane] : b[lane];
  });
}

/// slct: the sign of the third operand selects.
template <typename T, typename Number>
void selectBySign(Execution &x) {
  T *result = x.lanes<T>(0);
  const T *a = x.lanes<T>(1), *b = x.lanes<T>(2);
  const Number *c = x.lanes<Number>(3);
  x.forLanes([&](unsigned lane) {
    result[lane] = c[lane] >= Number(0) ? a[lane] : b[lane];
  });
}

void decodeSelect(Decoder &decoder, bool bySign) {
  std::vector<Type> types = decoder.types();
  decoder.expect(4, 4);
  if (types.size() != (bySign ? 2 : 1))
    decoder.unknown();
  Instruction &instruction = decoder.instruction;
  instruction.slots = {decoder.target(size_t(0), types[0]),
                       decoder.source(1, types[0]),
                       decoder.source(2, types[0])};
  unsigned bits = bitsOf(types[0]);
  if (!bySign) {
    bool flipped;
    instruction.slots.push_back(
        decoder.predicate(decoder.operands[3], flipped));
    instruction.count = flipped ? ~0u : 0;
    instruction.execute = bits == 16   ? selectByPredicate<uint16_t>
                          : bits == 32 ? selectByPredicate<uint32_t>
                                       : selectByPredicate<uint64_t>;
    return;
  }
  instruction.slots.push_back(decoder.source(3, types[1]));
  bool isFloat = types[1] == Type::F32;
  if (bits == 32)
    instruction.execute = isFloat ? selectBySign<uint32_t, float>
                                  : selectBySign<uint32_t, int32_t>;
  else
    instruction.execute = isFloat ? selectBySign<uint64_t, float>
                                  : selectBySign<uint64_t, int32_t>;
}

} // namespace

bool decodeCompare(Decoder &decoder) {
  std::string_view name = decoder.part(0);
  if (name == "selp" || name == "slct") {
    decodeSelect(decoder, name == "slct");
    return true;
  }
  if (name != "setp" && name != "set")
    return false;
  Relation relation;
  if (!findRelation(decoder.part(1), relation))
    decoder.unknown();
  // An integer is always a number: .lo, .ne and so on compare as they stand.
  decoder.instruction.variant = relation;
  if (name == "setp")
    decodeSetp(decoder);
  else
    decodeSet(decoder);
  return true;
}

} // namespace attnc::emulator
