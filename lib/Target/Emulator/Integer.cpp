//===- Integer.cpp - integer arithmetic -----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Arithmetic wraps; it is done on unsigned numbers wherever the sign does not
// matter.
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"

namespace attnc::emulator {

namespace {

struct Add {
  template <typename T>
  static T apply(T a, T b) {
    return T(a + b);
  }
};
struct Subtract {
  template <typename T>
  static T apply(T a, T b) {
    return T(a - b);
  }
};
struct MultiplyLow {
  template <typename T>
  static T apply(T a, T b) {
    return T(uint64_t(a) * uint64_t(b));
  }
};
struct MultiplyHigh {
  template <typename T>
  static T apply(T a, T b) {
    return T((__int128(a) * __int128(b)) >> widthOf<T>);
  }
};
template <typename Wide>
struct MultiplyWide {
  template <typename T>
  static Wide apply(T a, T b) {
    return Wide(a) * Wide(b);
  }
};
struct MultiplyAddLow {
  template <typename T>
  static T apply(T a, T b, T c) {
    return T(uint64_t(a) * uint64_t(b) + uint64_t(c));
  }
};
struct MultiplyAddHigh {
  template <typename T>
  static T apply(T a, T b, T c) {
    return T(MultiplyHigh::apply(a, b) + c);
  }
};
template <typename Wide>
struct MultiplyAddWide {
  template <typename T>
  static Wide apply(T a, T b, Wide c) {
    return Wide(uint64_t(Wide(a) * Wide(b)) + uint64_t(c));
  }
};
struct AbsoluteDifferenceAdd {
  template <typename T>
  static T apply(T a, T b, T c) {
    return T((a > b ? uint64_t(a) - uint64_t(b) : uint64_t(b) - uint64_t(a)) +
             uint64_t(c));
  }
};
/// Division by zero gives all ones, as the hardware does.
struct Divide {
  template <typename T>
  static T apply(T a, T b) {
    if (!b)
      return T(~T(0));
    if (b == T(-1) && T(-1) < T(0))
      return T(uint64_t(0) - uint64_t(a));
    return T(a / b);
  }
};
struct Remainder {
  template <typename T>
  static T apply(T a, T b) {
    if (!b)
      return a;
    return b == T(-1) && T(-1) < T(0) ? T(0) : T(a % b);
  }
};
struct Minimum {
  template <typename T>
  static T apply(T a, T b) {
    return a < b ? a : b;
  }
};
/// `Order`, and 0 instead of what is negative.
template <typename Order>
struct Clamped {
  template <typename T>
  static T apply(T a, T b) {
    T value = Order::apply(a, b);
    return value < T(0) ? T(0) : value;
  }
};
struct Maximum {
  template <typename T>
  static T apply(T a, T b) {
    return a > b ? a : b;
  }
};
struct Negate {
  template <typename T>
  static T apply(T a) {
    return T(uint64_t(0) - uint64_t(a));
  }
};
struct Absolute {
  template <typename T>
  static T apply(T a) {
    return a < 0 ? Negate::apply(a) : a;
  }
};
template <typename Operation>
Handler binarySigned(Decoder &decoder, Type type) {
  switch (type) {
  case Type::S16:
    return binaryLanes<Operation, int16_t>;
  case Type::S32:
    return binaryLanes<Operation, int32_t>;
  case Type::S64:
    return binaryLanes<Operation, int64_t>;
  default:
    return binaryBits<Operation>(decoder, type);
  }
}

template <typename Operation>
Handler ternarySigned(Decoder &decoder, Type type) {
  switch (type) {
  case Type::S16:
    return ternaryLanes<Operation, int16_t>;
  case Type::S32:
    return ternaryLanes<Operation, int32_t>;
  case Type::S64:
    return ternaryLanes<Operation, int64_t>;
  case Type::U16:
    return ternaryLanes<Operation, uint16_t>;
  case Type::U32:
  case Type::B32:
    return ternaryLanes<Operation, uint32_t>;
  case Type::U64:
    return ternaryLanes<Operation, uint64_t>;
  default:
    return refuse(decoder);
  }
}

template <typename Operation>
Handler unarySigned(Decoder &decoder, Type type) {
  switch (type) {
  case Type::S16:
    return unaryLanes<Operation, int16_t>;
  case Type::S32:
    return unaryLanes<Operation, int32_t>;
  case Type::S64:
    return unaryLanes<Operation, int64_t>;
  default:
    return refuse(decoder);
  }
}

//===----------------------------------------------------------------------===//
// Decoding
//===----------------------------------------------------------------------===//

template <template <typename> class Operation>
Handler wide(Decoder &decoder, Type type, bool isTernary);

template <>
Handler wide<MultiplyWide>(Decoder &decoder, Type type, bool) {
  switch (type) {
  case Type::U16:
    return binaryLanes<MultiplyWide<uint32_t>, uint32_t, uint16_t>;
  case Type::S16:
    return binaryLanes<MultiplyWide<int32_t>, int32_t, int16_t>;
  case Type::U32:
    return binaryLanes<MultiplyWide<uint64_t>, uint64_t, uint32_t>;
  case Type::S32:
    return binaryLanes<MultiplyWide<int64_t>, int64_t, int32_t>;
  default:
    return refuse(decoder);
  }
}

template <>
Handler wide<MultiplyAddWide>(Decoder &decoder, Type type, bool) {
  switch (type) {
  case Type::U16:
    return ternaryLanes<MultiplyAddWide<uint32_t>, uint32_t, uint16_t>;
  case Type::S16:
    return ternaryLanes<MultiplyAddWide<int32_t>, int32_t, int16_t>;
  case Type::U32:
    return ternaryLanes<MultiplyAddWide<uint64_t>, uint64_t, uint32_t>;
  case Type::S32:
    return ternaryLanes<MultiplyAddWide<int64_t>, int64_t, int32_t>;
  default:
    return refuse(decoder);
  }
}

bool decodeMultiplication(Decoder &decoder, bool adds) {
  Type type = decoder.type();
  Instruction &instruction = decoder.instruction;
  unsigned count = adds ? 3 : 2;
  if (decoder.has("wide")) {
    Type result = bitsOf(type) == 16 ? Type::U32 : Type::U64;
    decoder.expect(count + 1, count + 1);
    instruction.slots = {decoder.target(size_t(0), result),
                         decoder.source(1, type), decoder.source(2, type)};
    if (adds)
      instruction.slots.push_back(decoder.source(3, result));
    instruction.execute = adds ? wide<MultiplyAddWide>(decoder, type, true)
                               : wide<MultiplyWide>(decoder, type, false);
    return true;
  }
  uniformOperands(decoder, count, type);
  if (decoder.has("hi"))
    instruction.execute = adds ? ternarySigned<MultiplyAddHigh>(decoder, type)
                               : binarySigned<MultiplyHigh>(decoder, type);
  else
    instruction.execute = adds ? ternarySigned<MultiplyAddLow>(decoder, type)
                               : binaryBits<MultiplyLow>(decoder, type);
  return true;
}

} // namespace

bool decodeInteger(Decoder &decoder) {
  std::string_view name = decoder.part(0);
  Type type = decoder.type();
  if (!isIntegerType(type))
    return false;
  if (decoder.has("cc") || decoder.has("sat"))
    return false;
  if (name == "mul" || name == "mad")
    return decodeMultiplication(decoder, name == "mad");
  Handler &execute = decoder.instruction.execute;
  bool isClamped = decoder.has("relu");
  unsigned count = 2;
  if (name == "add")
    execute = binaryBits<Add>(decoder, type);
  else if (name == "sub")
    execute = binaryBits<Subtract>(decoder, type);
  else if (name == "div")
    execute = binarySigned<Divide>(decoder, type);
  else if (name == "rem")
    execute = binarySigned<Remainder>(decoder, type);
  else if (name == "min")
    execute = isClamped ? binarySigned<Clamped<Minimum>>(decoder, type)
                        : binarySigned<Minimum>(decoder, type);
  else if (name == "max")
    execute = isClamped ? binarySigned<Clamped<Maximum>>(decoder, type)
                        : binarySigned<Maximum>(decoder, type);
  else if (name == "sad")
    execute = ternarySigned<AbsoluteDifferenceAdd>(decoder, type), count = 3;
  else if (name == "neg")
    execute = unarySigned<Negate>(decoder, type), count = 1;
  else if (name == "abs")
    execute = unarySigned<Absolute>(decoder, type), count = 1;
  else
    return false;
  uniformOperands(decoder, count, type);
  return true;
}

} // namespace attnc::emulator
