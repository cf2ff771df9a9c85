//===- Bits.cpp - instructions on bits ------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Logic, shifts, counts and fields.
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"

#include <algorithm>

namespace attnc::emulator {

namespace {

struct And {
  template <typename T>
  static T apply(T a, T b) {
    return a & b;
  }
};
struct Or {
  template <typename T>
  static T apply(T a, T b) {
    return a | b;
  }
};
struct Xor {
  template <typename T>
  static T apply(T a, T b) {
    return a ^ b;
  }
};
struct Not {
  template <typename T>
  static T apply(T a) {
    return T(~a);
  }
};
struct CountNot {
  template <typename T>
  static T apply(T a) {
    return a == 0;
  }
};
/// Shifts by the width or more give zeros or signs.
struct ShiftLeft {
  template <typename T>
  static T apply(T a, uint32_t by) {
    return by >= widthOf<T> ? T(0) : T(a << by);
  }
};
struct ShiftRight {
  template <typename T>
  static T apply(T a, uint32_t by) {
    if (by >= widthOf<T>)
      return a < 0 ? T(-1) : T(0);
    return T(a >> by);
  }
};
struct CountOnes {
  template <typename T>
  static uint32_t apply(T a) {
    return uint32_t(__builtin_popcountll(a));
  }
};
struct CountLeadingZeros {
  template <typename T>
  static uint32_t apply(T a) {
    return a ? uint32_t(__builtin_clzll(a)) - (64 - widthOf<T>) : widthOf<T>;
  }
};
/// The highest bit that differs from the sign, -1 if none does.
struct FindBit {
  template <typename T>
  static uint32_t apply(T a) {
    using Unsigned = std::make_unsigned_t<T>;
    auto bits = Unsigned(a < 0 ? ~a : a);
    return bits ? widthOf<T> - 1 - CountLeadingZeros::apply(bits) : ~0u;
  }
};
/// The shift that brings that bit to the top.
struct FindShift {
  template <typename T>
  static uint32_t apply(T a) {
    uint32_t bit = FindBit::apply(a);
    return bit == ~0u ? bit : widthOf<T> - 1 - bit;
  }
};
struct Reverse {
  template <typename T>
  static T apply(T a) {
    T result = 0;
    for (unsigned bit = 0; bit < widthOf<T>; ++bit)
      result |= T((a >> bit & 1) << (widthOf<T> - 1 - bit));
    return result;
  }
};
struct ExtractField {
  template <typename T>
  static T apply(T a, uint32_t position, uint32_t length) {
    position &= 255, length &= 255;
    bool isSigned = T(-1) < T(0);
    unsigned width = widthOf<T>;
    uint64_t field = position < width ? uint64_t(a) >> position : 0;
    if (isSigned && position >= width)
      return a < 0 && length ? T(-1) : T(0);
    if (!length)
      return 0;
    if (position + length > width) {
      // What is above the number are copies of its sign.
      return isSigned ? ShiftRight::apply(a, position)
                      : T(uint64_t(std::make_unsigned_t<T>(a)) >> position);
    }
    if (length < 64)
      field &= (uint64_t(1) << length) - 1;
    if (isSigned && length < width && (field >> (length - 1) & 1))
      field |= ~uint64_t(0) << length;
    return T(field);
  }
};

//===----------------------------------------------------------------------===//
// Predicates as operands
//===----------------------------------------------------------------------===//

struct PredicateOperation {
  enum { And, Or, Xor, Not };
};

void combinePredicates(Execution &x) {
  uint32_t a = x.predicate(1), b = 0;
  if (x.instruction.slots.size() > 2)
    b = x.predicate(2);
  a ^= x.instruction.count & 1 ? ~0u : 0;
  b ^= x.instruction.count & 2 ? ~0u : 0;
  uint32_t bits = 0;
  switch (x.instruction.variant) {
  case PredicateOperation::And:
    bits = a & b;
    break;
  case PredicateOperation::Or:
    bits = a | b;
    break;
  case PredicateOperation::Xor:
    bits = a ^ b;
    break;
  case PredicateOperation::Not:
    bits = ~a;
    break;
  }
  x.setPredicate(x.predicate(0), bits);
}

void decodePredicates(Decoder &decoder, uint8_t operation) {
  bool isUnary = operation == PredicateOperation::Not;
  decoder.expect(isUnary ? 2 : 3, isUnary ? 2 : 3);
  Instruction &instruction = decoder.instruction;
  instruction.slots.push_back(decoder.target(size_t(0), Type::Pred));
  for (size_t i = 1; i < decoder.operands.size(); ++i) {
    bool flipped;
    instruction.slots.push_back(
        decoder.predicate(decoder.operands[i], flipped));
    instruction.count |= flipped << (i - 1);
  }
  instruction.variant = operation;
  instruction.execute = combinePredicates;
}

//===----------------------------------------------------------------------===//
// Bit fields, permutations, logic of three operands
//===----------------------------------------------------------------------===//

template <typename T>
void extractFields(Execution &x) {
  T *result = x.lanes<T>(0);
  const T *a = x.lanes<T>(1);
  const auto *position = x.lanes<uint32_t>(2), *length = x.lanes<uint32_t>(3);
  x.forLanes([&](unsigned lane) {
    result[lane] = ExtractField::apply(a[lane], position[lane], length[lane]);
  });
}

template <typename T>
void insertFields(Execution &x) {
  T *result = x.lanes<T>(0);
  const T *from = x.lanes<T>(1), *into = x.lanes<T>(2);
  const auto *position = x.lanes<uint32_t>(3), *length = x.lanes<uint32_t>(4);
  x.forLanes([&](unsigned lane) {
    uint32_t at = position[lane] & 255, bits = length[lane] & 255;
    T ones = bits >= widthOf<T> ? T(-1) : T((T(1) << bits) - 1);
    T mask = ShiftLeft::apply(ones, at);
    result[lane] =
        T((into[lane] & ~mask) | (ShiftLeft::apply(from[lane], at) & mask));
  });
}

void permuteBytes(Execution &x) {
  auto *result = x.lanes<uint32_t>(0);
  const auto *a = x.lanes<uint32_t>(1), *b = x.lanes<uint32_t>(2),
             *selectors = x.lanes<uint32_t>(3);
  x.forLanes([&](unsigned lane) {
    uint64_t bytes = uint64_t(b[lane]) << 32 | a[lane];
    uint32_t value = 0;
    for (unsigned i = 0; i < 4; ++i) {
      uint32_t selector = selectors[lane] >> (4 * i) & 15;
      auto byte = uint8_t(bytes >> (8 * (selector & 7)));
      // The top bit asks for copies of the byte's sign.
      if (selector & 8)
        byte = byte & 0x80 ? 0xff : 0;
      value |= uint32_t(byte) << (8 * i);
    }
    result[lane] = value;
  });
}

void combineByTable(Execution &x) {
  auto *result = x.lanes<uint32_t>(0);
  const auto *a = x.lanes<uint32_t>(1), *b = x.lanes<uint32_t>(2),
             *c = x.lanes<uint32_t>(3);
  uint32_t table = x.instruction.count;
  x.forLanes([&](unsigned lane) {
    uint32_t value = 0;
    for (unsigned row = 0; row < 8; ++row)
      if (table >> row & 1)
        value |= (row & 4 ? a[lane] : ~a[lane]) &
                 (row & 2 ? b[lane] : ~b[lane]) &
                 (row & 1 ? c[lane] : ~c[lane]);
    result[lane] = value;
  });
}

/// shf: a shift of the 64 bits of two registers; count is 1 to clamp, variant 1
/// to the right.
void shiftFunnel(Execution &x) {
  auto *result = x.lanes<uint32_t>(0);
  const auto *low = x.lanes<uint32_t>(1), *high = x.lanes<uint32_t>(2),
             *amount = x.lanes<uint32_t>(3);
  x.forLanes([&](unsigned lane) {
    uint32_t by =
        x.instruction.count ? std::min(amount[lane], 32u) : amount[lane] & 31;
    uint64_t value = uint64_t(high[lane]) << 32 | low[lane];
    result[lane] =
        uint32_t(x.instruction.variant ? value >> by : (value << by) >> 32);
  });
}

bool decodeFields(Decoder &decoder) {
  std::string_view name = decoder.part(0);
  Type type = decoder.type();
  Instruction &instruction = decoder.instruction;
  if (name == "bfe") {
    decoder.expect(4, 4);
    instruction.slots = {decoder.target(size_t(0), type),
                         decoder.source(1, type), decoder.source(2, Type::U32),
                         decoder.source(3, Type::U32)};
    instruction.execute = type == Type::U32   ? extractFields<uint32_t>
                          : type == Type::S32 ? extractFields<int32_t>
                          : type == Type::U64 ? extractFields<uint64_t>
                          : type == Type::S64 ? extractFields<int64_t>
                                              : refuse(decoder);
    return true;
  }
  if (name == "bfi") {
    decoder.expect(5, 5);
    instruction.slots = {decoder.target(size_t(0), type),
                         decoder.source(1, type), decoder.source(2, type),
                         decoder.source(3, Type::U32),
                         decoder.source(4, Type::U32)};
    instruction.execute =
        bitsOf(type) == 64 ? insertFields<uint64_t> : insertFields<uint32_t>;
    return true;
  }
  if (name == "prmt" && decoder.parts.size() == 2) {
    uniformOperands(decoder, 3, Type::B32);
    instruction.execute = permuteBytes;
    return true;
  }
  if (name == "lop3") {
    decoder.expect(5, 5);
    instruction.count = uint32_t(decoder.constant(4));
    decoder.operands.pop_back();
    uniformOperands(decoder, 3, Type::B32);
    instruction.execute = combineByTable;
    return true;
  }
  if (name == "shf") {
    uniformOperands(decoder, 3, Type::B32);
    instruction.variant = decoder.has("r");
    instruction.count = decoder.has("clamp");
    instruction.execute = shiftFunnel;
    return true;
  }
  return false;
}

//===----------------------------------------------------------------------===//
// Decoding
//===----------------------------------------------------------------------===//

bool decodeLogic(Decoder &decoder) {
  std::string_view name = decoder.part(0);
  Type type = decoder.type();
  if (type == Type::Pred &&
      (name == "and" || name == "or" || name == "xor" || name == "not")) {
    decodePredicates(decoder, name == "and"   ? PredicateOperation::And
                              : name == "or"  ? PredicateOperation::Or
                              : name == "xor" ? PredicateOperation::Xor
                                              : PredicateOperation::Not);
    return true;
  }
  Handler &execute = decoder.instruction.execute;
  if (name == "and")
    execute = binaryBits<And>(decoder, type);
  else if (name == "or")
    execute = binaryBits<Or>(decoder, type);
  else if (name == "xor")
    execute = binaryBits<Xor>(decoder, type);
  else if (name == "not" || name == "cnot" || name == "brev") {
    execute = name == "not"    ? unaryBits<Not>(decoder, type)
              : name == "cnot" ? unaryBits<CountNot>(decoder, type)
                               : unaryBits<Reverse>(decoder, type);
    uniformOperands(decoder, 1, type);
    return true;
  } else if (name == "shl" || name == "shr") {
    decoder.expect(3, 3);
    decoder.instruction.slots = {decoder.target(size_t(0), type),
                                 decoder.source(1, type),
                                 decoder.source(2, Type::U32)};
    unsigned bits = bitsOf(type);
    if (name == "shl")
      execute =
          bits == 16   ? binaryLanes<ShiftLeft, uint16_t, uint16_t, uint32_t>
          : bits == 32 ? binaryLanes<ShiftLeft, uint32_t, uint32_t, uint32_t>
                       : binaryLanes<ShiftLeft, uint64_t, uint64_t, uint32_t>;
    else if (isSigned(type))
      execute = bits == 16 ? binaryLanes<ShiftRight, int16_t, int16_t, uint32_t>
                : bits == 32
                    ? binaryLanes<ShiftRight, int32_t, int32_t, uint32_t>
                    : binaryLanes<ShiftRight, int64_t, int64_t, uint32_t>;
    else
      execute =
          bits == 16   ? binaryLanes<ShiftRight, uint16_t, uint16_t, uint32_t>
          : bits == 32 ? binaryLanes<ShiftRight, uint32_t, uint32_t, uint32_t>
                       : binaryLanes<ShiftRight, uint64_t, uint64_t, uint32_t>;
    return true;
  } else {
    return false;
  }
  uniformOperands(decoder, 2, type);
  return true;
}

template <typename Operation>
Handler findHandler(Type type) {
  switch (type) {
  case Type::S32:
    return unaryLanes<Operation, uint32_t, int32_t>;
  case Type::S64:
    return unaryLanes<Operation, uint32_t, int64_t>;
  case Type::U64:
    return unaryLanes<Operation, uint32_t, uint64_t>;
  default:
    return unaryLanes<Operation, uint32_t, uint32_t>;
  }
}

bool decodeCounting(Decoder &decoder) {
  std::string_view name = decoder.part(0);
  Type type = decoder.type();
  if (name != "popc" && name != "clz" && name != "bfind")
    return false;
  bool is64 = bitsOf(type) == 64;
  decoder.expect(2, 2);
  decoder.instruction.slots = {decoder.target(size_t(0), Type::U32),
                               decoder.source(1, type)};
  Handler &execute = decoder.instruction.execute;
  if (name == "popc")
    execute = is64 ? unaryLanes<CountOnes, uint32_t, uint64_t>
                   : unaryLanes<CountOnes, uint32_t, uint32_t>;
  else if (name == "clz")
    execute = is64 ? unaryLanes<CountLeadingZeros, uint32_t, uint64_t>
                   : unaryLanes<CountLeadingZeros, uint32_t, uint32_t>;
  else if (decoder.has("shiftamt"))
    execute = findHandler<FindShift>(type);
  else
    execute = findHandler<FindBit>(type);
  return true;
}

} // namespace

bool decodeBits(Decoder &decoder) {
  return isIntegerType(decoder.type()) &&
         (decodeLogic(decoder) || decodeCounting(decoder) ||
          decodeFields(decoder));
}

} // namespace attnc::emulator
