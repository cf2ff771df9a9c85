//===- Convert.cpp - conversions of numbers -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cvt in general goes through an integer or a double, which holds each source
// exactly; the conversions that inner loops consist of have handlers of their
// own.
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"
#include <algorithm>

namespace attnc::emulator {

namespace {

/// How a conversion is done, for the general handler.
struct Conversion {
  Type to, from;
  unsigned toBits, fromBits;
  Rounding rounding;
  bool toInteger, saturates, satfinite, relu, flush;
};

bool isFloat(Type type) {
  return type == Type::F16 || type == Type::BF16 || type == Type::F32 ||
         type == Type::F64 || type == Type::TF32 || type == Type::E4M3 ||
         type == Type::E5M2;
}

Format formatOf(Type type) {
  switch (type) {
  case Type::F16:
    return f16Format;
  case Type::BF16:
    return bf16Format;
  case Type::TF32:
    return tf32Format;
  case Type::E4M3:
  case Type::E4M3x2:
    return e4m3Format;
  case Type::E5M2:
  case Type::E5M2x2:
    return e5m2Format;
  default:
    return f32Format;
  }
}

double toDouble(uint64_t bits, Type type, bool flush) {
  if (type == Type::F64)
    return bitCast<double>(bits);
  if (type == Type::F32) {
    auto value = bitCast<float>(uint32_t(bits));
    return flush ? flushSubnormal(value) : value;
  }
  return decode(uint32_t(bits), formatOf(type));
}

double roundInteger(double value, Rounding rounding) {
  switch (rounding) {
  case Rounding::Nearest:
    return std::nearbyint(value);
  case Rounding::Zero:
    return std::trunc(value);
  case Rounding::Down:
    return std::floor(value);
  case Rounding::Up:
    return std::ceil(value);
  case Rounding::NearestAway:
    return std::round(value);
  }
  return value;
}

/// A float as an integer of `bits`, clamped to what that holds; NaN is 0.
uint64_t clampToInteger(double value, Type to) {
  unsigned bits = bitsOf(to);
  if (value != value)
    return 0;
  if (isSigned(to)) {
    double limit = std::ldexp(1.0, int(bits) - 1);
    if (value >= limit)
      return (uint64_t(1) << (bits - 1)) - 1;
    if (value < -limit)
      return uint64_t(1) << (bits - 1);
    return uint64_t(int64_t(value));
  }
  if (value <= -1)
    return 0;
  if (value >= std::ldexp(1.0, int(bits)))
    return bits == 64 ? ~uint64_t(0) : (uint64_t(1) << bits) - 1;
  return uint64_t(value);
}

int64_t extend(uint64_t bits, Type type) {
  unsigned unused = 64 - bitsOf(type);
  uint64_t top = bits << unused;
  return isSigned(type) ? int64_t(top) >> unused : int64_t(top >> unused);
}

uint64_t saturateInteger(int64_t value, const Conversion &conversion) {
  unsigned bits = bitsOf(conversion.to);
  bool fromUnsigned64 = conversion.from == Type::U64 && value < 0;
  if (isSigned(conversion.to)) {
    int64_t top = bits == 64 ? INT64_MAX : (int64_t(1) << (bits - 1)) - 1;
    if (fromUnsigned64)
      return uint64_t(top);
    return uint64_t(std::clamp(value, -top - 1, top));
  }
  if (fromUnsigned64)
    return bits == 64 ? uint64_t(value) : (uint64_t(1) << bits) - 1;
  if (value < 0)
    return 0;
  return bits == 64 ? uint64_t(value)
                    : std::min(uint64_t(value), (uint64_t(1) << bits) - 1);
}

uint64_t encodeFloat(double value, const Conversion &conversion) {
  if (conversion.relu && (value < 0 || (value == 0 && std::signbit(value))))
    value = 0;
  if (conversion.saturates)
    value = value > 0 ? std::min(value, 1.0) : 0;
  if (conversion.to == Type::F64)
    return bitCast<uint64_t>(value);
  if (conversion.to == Type::F32 && conversion.rounding == Rounding::Nearest) {
    auto rounded = float(value);
    if (conversion.flush)
      rounded = flushSubnormal(rounded);
    return value != value ? 0x7fffffff : bitCast<uint32_t>(rounded);
  }
  uint32_t bits = encode(value, formatOf(conversion.to), conversion.rounding,
                         conversion.satfinite);
  // tf32 is kept in the upper bits of 32.
  return conversion.to == Type::TF32 ? bits << 13 : bits;
}

uint64_t convert(uint64_t bits, const Conversion &conversion) {
  if (!isFloat(conversion.from)) {
    int64_t value = extend(bits, conversion.from);
    if (!isFloat(conversion.to))
      return conversion.saturates ? saturateInteger(value, conversion)
                                  : uint64_t(value);
    if (conversion.from == Type::U64)
      return encodeFloat(double(uint64_t(value)), conversion);
    return encodeFloat(double(value), conversion);
  }
  double value = toDouble(bits, conversion.from, conversion.flush);
  if (!isFloat(conversion.to))
    return clampToInteger(roundInteger(value, conversion.rounding),
                          conversion.to);
  if (conversion.toInteger) {
    double whole = roundInteger(value, conversion.rounding);
    Conversion exact = conversion;
    exact.rounding = Rounding::Nearest;
    return encodeFloat(whole, exact);
  }
  return encodeFloat(value, conversion);
}

uint64_t readLane(const Execution &x, uint32_t slot, unsigned bits,
                  unsigned lane) {
  switch (bits) {
  case 16:
    return x.at<uint16_t>(slot)[lane];
  case 32:
    return x.at<uint32_t>(slot)[lane];
  default:
    return x.at<uint64_t>(slot)[lane];
  }
}

void writeLane(const Execution &x, uint32_t slot, unsigned bits, unsigned lane,
               uint64_t value) {
  switch (bits) {
  case 16:
    x.at<uint16_t>(slot)[lane] = uint16_t(value);
    break;
  case 32:
    x.at<uint32_t>(slot)[lane] = uint32_t(value);
    break;
  default:
    x.at<uint64_t>(slot)[lane] = value;
    break;
  }
}

/// What the general handler needs is packed into the numbers of an
/// instruction.
Conversion conversionOf(const Instruction &instruction) {
  Conversion conversion;
  conversion.to = instruction.shape.d;
  conversion.from = instruction.shape.a;
  conversion.toBits = instruction.shape.m;
  conversion.fromBits = instruction.shape.n;
  conversion.rounding = Rounding(instruction.variant);
  conversion.toInteger = instruction.count & 1;
  conversion.saturates = instruction.count & 2;
  conversion.satfinite = instruction.count & 4;
  conversion.relu = instruction.count & 8;
  conversion.flush = instruction.count & 16;
  return conversion;
}

void convertLanes(Execution &x) {
  Conversion conversion = conversionOf(x.instruction);
  x.forLanes([&](unsigned lane) {
    uint64_t value =
        readLane(x, x.instruction.slots[1], conversion.fromBits, lane);
    uint64_t result = convert(value, conversion);
    unsigned bits = bitsOf(conversion.to);
    // A register that is wider than the type is filled with the sign.
    if (!isFloat(conversion.to) && conversion.toBits > bits)
      result = uint64_t(extend(result, conversion.to));
    writeLane(x, x.instruction.slots[0], conversion.toBits, lane, result);
  });
}

/// cvt.rn.bf16x2.f32 d, a, b and its like: a becomes the upper half.
void packLanes(Execution &x) {
  Conversion conversion = conversionOf(x.instruction);
  const auto *high = x.lanes<float>(1), *low = x.lanes<float>(2);
  unsigned bits = bitsOf(conversion.to);
  x.forLanes([&](unsigned lane) {
    uint64_t value = encodeFloat(high[lane], conversion) << bits |
                     encodeFloat(low[lane], conversion);
    writeLane(x, x.instruction.slots[0], 2 * bits, lane, value);
  });
}

template <typename Number>
void packNearest(Execution &x) {
  auto *result = x.lanes<Pair<Number>>(0);
  const auto *high = x.lanes<float>(1), *low = x.lanes<float>(2);
  x.forLanes([&](unsigned lane) {
    result[lane] = {Number(low[lane]), Number(high[lane])};
  });
}

/// Pairs of 8-bit floats to and from pairs of halves.
void convertPairs(Execution &x) {
  Conversion conversion = conversionOf(x.instruction);
  unsigned from = bitsOf(conversion.from), to = bitsOf(conversion.to);
  x.forLanes([&](unsigned lane) {
    uint64_t source = readLane(x, x.instruction.slots[1], 2 * from, lane);
    uint64_t mask = (uint64_t(1) << from) - 1;
    uint64_t low = convert(source & mask, conversion),
             high = convert(source >> from & mask, conversion);
    writeLane(x, x.instruction.slots[0], 2 * to, lane, high << to | low);
  });
}

template <typename To, typename From>
void castLanes(Execution &x) {
  auto *result = x.lanes<To>(0);
  const auto *a = x.lanes<From>(1);
  x.forLanes([&](unsigned lane) { result[lane] = To(a[lane]); });
}

/// The handlers of conversions that are frequent; null for all others.
Handler frequentHandler(const Conversion &conversion) {
  if (conversion.saturates || conversion.relu || conversion.flush ||
      conversion.toBits != bitsOf(conversion.to) ||
      conversion.fromBits != bitsOf(conversion.from))
    return nullptr;
  Type to = conversion.to, from = conversion.from;
  bool toWide = to == Type::U64 || to == Type::S64;
  if (toWide && from == Type::U32)
    return castLanes<uint64_t, uint32_t>;
  if (toWide && from == Type::S32)
    return castLanes<int64_t, int32_t>;
  if ((to == Type::U32 || to == Type::S32) &&
      (from == Type::U64 || from == Type::S64))
    return castLanes<uint32_t, uint64_t>;
  if (to == Type::F32 && from == Type::BF16)
    return castLanes<float, BFloat>;
  if (to == Type::F32 && from == Type::F16)
    return castLanes<float, Half>;
  if (conversion.rounding != Rounding::Nearest || conversion.toInteger)
    return nullptr;
  if (to == Type::F32 && from == Type::S32)
    return castLanes<float, int32_t>;
  if (to == Type::F32 && from == Type::U32)
    return castLanes<float, uint32_t>;
  if (to == Type::BF16 && from == Type::F32)
    return castLanes<BFloat, float>;
  if (to == Type::F16 && from == Type::F32)
    return castLanes<Half, float>;
  return nullptr;
}

void decodeRounding(Decoder &decoder, Conversion &conversion) {
  static const struct {
    const char *name;
    Rounding rounding;
    bool toInteger;
  } modes[] = {{"rn", Rounding::Nearest, false},
               {"rz", Rounding::Zero, false},
               {"rm", Rounding::Down, false},
               {"rp", Rounding::Up, false},
               {"rna", Rounding::NearestAway, false},
               {"rni", Rounding::Nearest, true},
               {"rzi", Rounding::Zero, true},
               {"rmi", Rounding::Down, true},
               {"rpi", Rounding::Up, true}};
  conversion.rounding = Rounding::Nearest;
  conversion.toInteger = false;
  for (const auto &mode : modes)
    if (decoder.has(mode.name)) {
      conversion.rounding = mode.rounding;
      conversion.toInteger = mode.toInteger;
    }
  conversion.saturates = decoder.has("sat");
  conversion.relu = decoder.has("relu");
  conversion.flush = decoder.has("ftz");
  conversion.satfinite = decoder.has("satfinite");
}

void store(Instruction &instruction, const Conversion &conversion) {
  instruction.shape.d = conversion.to;
  instruction.shape.a = conversion.from;
  instruction.shape.m = conversion.toBits;
  instruction.shape.n = conversion.fromBits;
  instruction.variant = uint8_t(conversion.rounding);
  instruction.count =
      uint32_t(conversion.toInteger) | uint32_t(conversion.saturates) << 1 |
      uint32_t(conversion.satfinite) << 2 | uint32_t(conversion.relu) << 3 |
      uint32_t(conversion.flush) << 4;
}

Type elementOf(Type pair) {
  switch (pair) {
  case Type::F16x2:
    return Type::F16;
  case Type::BF16x2:
    return Type::BF16;
  case Type::E4M3x2:
    return Type::E4M3;
  case Type::E5M2x2:
    return Type::E5M2;
  default:
    return Type::None;
  }
}

/// Results that are pairs.
bool decodePairs(Decoder &decoder, Type to, Type from, Conversion conversion) {
  Instruction &instruction = decoder.instruction;
  conversion.to = elementOf(to);
  if (from == Type::F32) {
    decoder.expect(3, 3);
    conversion.from = Type::F32;
    instruction.slots = {decoder.target(size_t(0), to),
                         decoder.source(1, Type::F32),
                         decoder.source(2, Type::F32)};
    bool isPlain = conversion.rounding == Rounding::Nearest &&
                   !conversion.relu && !conversion.satfinite;
    instruction.execute = packLanes;
    if (isPlain && to == Type::BF16x2)
      instruction.execute = packNearest<BFloat>;
    if (isPlain && to == Type::F16x2)
      instruction.execute = packNearest<Half>;
  } else {
    conversion.from = elementOf(from);
    if (conversion.from == Type::None)
      return false;
    decoder.expect(2, 2);
    instruction.slots = {decoder.target(size_t(0), to),
                         decoder.source(1, from)};
    instruction.execute = convertPairs;
  }
  store(instruction, conversion);
  return true;
}

} // namespace

bool decodeConvert(Decoder &decoder) {
  if (decoder.part(0) != "cvt")
    return false;
  std::vector<Type> types = decoder.types();
  if (types.size() != 2 || decoder.has("rs"))
    decoder.unknown();
  Conversion conversion;
  decodeRounding(decoder, conversion);
  if (elementOf(types[0]) != Type::None) {
    if (!decodePairs(decoder, types[0], types[1], conversion))
      decoder.unknown();
    return true;
  }
  decoder.expect(2, 2);
  Instruction &instruction = decoder.instruction;
  conversion.to = types[0];
  conversion.from = types[1];
  if (conversion.to == Type::Pred || conversion.from == Type::Pred)
    decoder.unknown();
  // From a float to an integer the rounding is .rzi and its like, always; from
  // a float to one of the same type without rounding it keeps the value.
  uint32_t to = decoder.loose(decoder.operands[0], conversion.to,
                              conversion.toBits),
           from = decoder.loose(decoder.operands[1], conversion.from,
                                conversion.fromBits);
  if (conversion.toBits < bitsOf(conversion.to) ||
      conversion.fromBits < bitsOf(conversion.from))
    decoder.fail("a register is narrower than the type of the conversion");
  instruction.slots = {to, from};
  store(instruction, conversion);
  Handler frequent = frequentHandler(conversion);
  instruction.execute = frequent ? frequent : convertLanes;
  return true;
}

} // namespace attnc::emulator
