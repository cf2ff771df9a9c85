//===- Float.cpp - arithmetic on floating-point numbers -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The approximations (.approx) are computed as exactly as the host can: their
// errors are not modelled. Subnormal numbers are flushed where .ftz says so.
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"
#include <algorithm>

namespace attnc::emulator {

namespace {

/// The type that one operation is computed in, so that rounding its result to
/// T is rounding the exact result.
template <typename T>
struct Computed {
  using Type = T;
};
template <>
struct Computed<Half> {
  using Type = float;
};
template <>
struct Computed<BFloat> {
  using Type = float;
};

struct Add {
  template <typename T>
  static T apply(T a, T b) {
    return a + b;
  }
};
struct Subtract {
  template <typename T>
  static T apply(T a, T b) {
    return a - b;
  }
};
struct Multiply {
  template <typename T>
  static T apply(T a, T b) {
    return a * b;
  }
};
struct Divide {
  template <typename T>
  static T apply(T a, T b) {
    return a / b;
  }
};
/// min and max return the operand that is a number; -0 is less than +0.
struct Minimum {
  template <typename T>
  static T apply(T a, T b) {
    if (a != a || b != b)
      return a != a ? b : a;
    return a < b || (a == b && std::signbit(a)) ? a : b;
  }
};
struct Maximum {
  template <typename T>
  static T apply(T a, T b) {
    if (a != a || b != b)
      return a != a ? b : a;
    return a > b || (a == b && !std::signbit(a)) ? a : b;
  }
};
/// .NaN: if either is not a number, neither is the result.
template <typename Operation>
struct WithNaN {
  template <typename T>
  static T apply(T a, T b) {
    if (a != a || b != b)
      return std::numeric_limits<T>::quiet_NaN();
    return Operation::apply(a, b);
  }
};
struct Negate {
  template <typename T>
  static T apply(T a) {
    return -a;
  }
};
struct Absolute {
  template <typename T>
  static T apply(T a) {
    return std::fabs(a);
  }
};
struct Exp2 {
  template <typename T>
  static T apply(T a) {
    return std::exp2(a);
  }
};
struct Log2 {
  template <typename T>
  static T apply(T a) {
    return std::log2(a);
  }
};
struct Reciprocal {
  template <typename T>
  static T apply(T a) {
    return T(1) / a;
  }
};
struct SquareRoot {
  template <typename T>
  static T apply(T a) {
    return std::sqrt(a);
  }
};
struct ReciprocalSquareRoot {
  template <typename T>
  static T apply(T a) {
    return T(1.0 / std::sqrt(double(a)));
  }
};
struct Sine {
  template <typename T>
  static T apply(T a) {
    return std::sin(a);
  }
};
struct Cosine {
  template <typename T>
  static T apply(T a) {
    return std::cos(a);
  }
};
struct HyperbolicTangent {
  template <typename T>
  static T apply(T a) {
    return std::tanh(a);
  }
};

/// Lifts an operation to the type T of registers: computes, rounds, flushes.
template <typename Operation, bool Flush, bool Saturate>
struct Rounded {
  template <typename T>
  static T finish(typename Computed<T>::Type value) {
    if (Saturate)
      value = value > 0 ? std::min(value, decltype(value)(1)) : 0;
    if constexpr (std::is_same_v<T, float>)
      return Flush ? flushSubnormal(value) : value;
    else
      return T(value);
  }
  template <typename T>
  static typename Computed<T>::Type start(T value) {
    if constexpr (std::is_same_v<T, float>)
      return Flush ? flushSubnormal(value) : value;
    else
      return typename Computed<T>::Type(value);
  }

  template <typename T>
  static T apply(T a) {
    return finish<T>(Operation::apply(start(a)));
  }
  template <typename T>
  static T apply(T a, T b) {
    // Sums as small as that are exact, products are not.
    if constexpr (Flush && std::is_same_v<T, float> &&
                  std::is_same_v<Operation, Multiply>)
      return finish<T>(roundAndFlush(double(start(a)) * double(start(b))));
    else
      return finish<T>(Operation::apply(start(a), start(b)));
  }
  template <typename T>
  static Pair<T> apply(Pair<T> a) {
    return {apply(a.low), apply(a.high)};
  }
  template <typename T>
  static Pair<T> apply(Pair<T> a, Pair<T> b) {
    return {apply(a.low, b.low), apply(a.high, b.high)};
  }
};

template <bool Flush, bool Saturate, bool Relu = false>
struct FusedMultiplyAdd {
  template <typename T>
  static T limit(T value) {
    if (Relu && !(value > 0))
      return value != value ? value : T(0);
    return Saturate ? (value > 0 ? std::min(value, T(1)) : T(0)) : value;
  }
  static double apply(double a, double b, double c) {
    return limit(std::fma(a, b, c));
  }
  static float apply(float a, float b, float c) {
    if (!Flush)
      return limit(std::fma(a, b, c));
    return roundAndFlush(
        limit(sum(flushSubnormal(a), flushSubnormal(b), flushSubnormal(c))));
  }
  // The product is exact in double; the sum may not be.
  static double sum(double a, double b, double c) { return sumToOdd(a * b, c); }
  static Half apply(Half a, Half b, Half c) {
    return Half(limit(sum(a, b, c)));
  }
  static BFloat apply(BFloat a, BFloat b, BFloat c) {
    return BFloat(limit(sum(a, b, c)));
  }
  template <typename T>
  static Pair<T> apply(Pair<T> a, Pair<T> b, Pair<T> c) {
    return {apply(a.low, b.low, c.low), apply(a.high, b.high, c.high)};
  }
};

template <typename Operation>
Handler binaryOfType(Decoder &decoder, Type type) {
  bool flush = decoder.has("ftz"), saturate = decoder.has("sat");
  using Plain = Rounded<Operation, false, false>;
  using Saturating = Rounded<Operation, false, true>;
  switch (type) {
  case Type::F32:
    if (saturate)
      return flush ? binaryLanes<Rounded<Operation, true, true>, float>
                   : binaryLanes<Saturating, float>;
    return flush ? binaryLanes<Rounded<Operation, true, false>, float>
                 : binaryLanes<Plain, float>;
  case Type::F64:
    return binaryLanes<Plain, double>;
  case Type::F16:
    return saturate ? binaryLanes<Saturating, Half> : binaryLanes<Plain, Half>;
  case Type::BF16:
    return binaryLanes<Plain, BFloat>;
  case Type::F16x2:
    return saturate ? binaryLanes<Saturating, Pair<Half>>
                    : binaryLanes<Plain, Pair<Half>>;
  case Type::BF16x2:
    return binaryLanes<Plain, Pair<BFloat>>;
  default:
    decoder.unknown();
  }
}

template <typename Operation>
Handler unaryOfType(Decoder &decoder, Type type) {
  using Plain = Rounded<Operation, false, false>;
  switch (type) {
  case Type::F32:
    return decoder.has("ftz")
               ? unaryLanes<Rounded<Operation, true, false>, float>
               : unaryLanes<Plain, float>;
  case Type::F64:
    return unaryLanes<Plain, double>;
  case Type::F16:
    return unaryLanes<Plain, Half>;
  case Type::BF16:
    return unaryLanes<Plain, BFloat>;
  case Type::F16x2:
    return unaryLanes<Plain, Pair<Half>>;
  case Type::BF16x2:
    return unaryLanes<Plain, Pair<BFloat>>;
  default:
    decoder.unknown();
  }
}

template <bool Flush, bool Saturate, bool Relu>
Handler fusedOfType(Decoder &decoder, Type type) {
  using Operation = FusedMultiplyAdd<Flush, Saturate, Relu>;
  switch (type) {
  case Type::F32:
    return ternaryLanes<Operation, float>;
  case Type::F64:
    return ternaryLanes<Operation, double>;
  case Type::F16:
    return ternaryLanes<Operation, Half>;
  case Type::BF16:
    return ternaryLanes<Operation, BFloat>;
  case Type::F16x2:
    return ternaryLanes<Operation, Pair<Half>>;
  case Type::BF16x2:
    return ternaryLanes<Operation, Pair<BFloat>>;
  default:
    decoder.unknown();
  }
}

#if defined(__x86_64__)
/// fma.rn.f32 by the instruction of the same name; without it each lane would
/// be a call.
__attribute__((target("avx2,fma"))) void fusedByHardware(Execution &x) {
  auto *result = x.lanes<float>(0);
  const auto *a = x.lanes<float>(1), *b = x.lanes<float>(2),
             *c = x.lanes<float>(3);
  if (x.mask == ~0u) {
    for (unsigned lane = 0; lane < 32; ++lane)
      result[lane] = __builtin_fmaf(a[lane], b[lane], c[lane]);
    return;
  }
  for (unsigned lane = 0; lane < 32; ++lane)
    if (x.mask >> lane & 1)
      result[lane] = __builtin_fmaf(a[lane], b[lane], c[lane]);
}
#endif

Handler fusedHandler(Decoder &decoder, Type type) {
  bool flush = decoder.has("ftz"), saturate = decoder.has("sat"),
       relu = decoder.has("relu");
  if (relu)
    return fusedOfType<false, false, true>(decoder, type);
  if (saturate)
    return flush ? fusedOfType<true, true, false>(decoder, type)
                 : fusedOfType<false, true, false>(decoder, type);
  if (flush)
    return fusedOfType<true, false, false>(decoder, type);
#if defined(__x86_64__)
  if (type == Type::F32 && __builtin_cpu_supports("avx2") &&
      __builtin_cpu_supports("fma"))
    return fusedByHardware;
#endif
  return fusedOfType<false, false, false>(decoder, type);
}

template <typename T>
void copySigns(Execution &x) {
  auto *result = x.lanes<T>(0);
  const auto *sign = x.lanes<T>(1), *value = x.lanes<T>(2);
  x.forLanes([&](unsigned lane) {
    result[lane] = std::copysign(value[lane], sign[lane]);
  });
}

void testClass(Execution &x) {
  const auto *a = x.lanes<float>(1);
  uint32_t bits = 0;
  x.forLanes([&](unsigned lane) {
    float value = a[lane];
    bool holds = false;
    switch (x.instruction.variant) {
    case 0:
      holds = std::isfinite(value);
      break;
    case 1:
      holds = std::isinf(value);
      break;
    case 2:
      holds = !std::isnan(value);
      break;
    case 3:
      holds = std::isnan(value);
      break;
    case 4:
      holds = std::isnormal(value);
      break;
    case 5:
      holds = std::fpclassify(value) == FP_SUBNORMAL;
      break;
    }
    bits |= uint32_t(holds) << lane;
  });
  x.setPredicate(x.predicate(0), bits);
}

bool decodeClassTest(Decoder &decoder) {
  static const char *const classes[] = {"finite",     "infinite", "number",
                                        "notanumber", "normal",   "subnormal"};
  if (decoder.part(0) != "testp" || decoder.type() != Type::F32)
    return false;
  for (uint8_t i = 0; i < 6; ++i)
    if (decoder.has(classes[i]))
      decoder.instruction.variant = i;
  decoder.expect(2, 2);
  decoder.instruction.slots = {decoder.target(size_t(0), Type::Pred),
                               decoder.source(1, Type::F32)};
  decoder.instruction.execute = testClass;
  return true;
}

//===----------------------------------------------------------------------===//
// Directed rounding
//===----------------------------------------------------------------------===//

enum Directed : uint32_t {
  DirectedFma,
  DirectedAdd,
  DirectedSubtract,
  DirectedMultiply
};

/// `product + addend`, where both are exact, rounded as asked.
float roundDirected(double product, double addend, Rounding rounding,
                    bool flush) {
  double sum = sumToOdd(product, addend);
  if (!std::isfinite(sum))
    return float(sum);
  if (flush && std::fabs(sum) < double(std::numeric_limits<float>::min()))
    return std::copysign(0.0f, float(sum));
  auto nearest = float(sum);
  float infinity = std::numeric_limits<float>::infinity();
  bool towardsZero = rounding == Rounding::Zero;
  bool down = rounding == Rounding::Down || (towardsZero && nearest > 0);
  bool up = rounding == Rounding::Up || (towardsZero && nearest < 0);
  if (down && sum < double(nearest))
    return std::nextafter(nearest, -infinity);
  if (up && sum > double(nearest))
    return std::nextafter(nearest, infinity);
  return nearest;
}

/// `variant`: the rounding; `count`: the operation; `width`: flushes.
void computeDirected(Execution &x) {
  auto *result = x.lanes<float>(0);
  const auto *a = x.lanes<float>(1), *b = x.lanes<float>(2);
  const float *c = x.instruction.count == DirectedFma ? x.lanes<float>(3) : b;
  auto rounding = Rounding(x.instruction.variant);
  bool flush = x.instruction.width;
  auto in = [&](float value) {
    return double(flush ? flushSubnormal(value) : value);
  };
  x.forLanes([&](unsigned lane) {
    double product = in(a[lane]), addend = -0.0;
    switch (x.instruction.count) {
    case DirectedFma:
      product *= in(b[lane]);
      addend = in(c[lane]);
      break;
    case DirectedAdd:
      addend = in(b[lane]);
      break;
    case DirectedSubtract:
      addend = -in(b[lane]);
      break;
    default:
      product *= in(b[lane]);
      break;
    }
    result[lane] = roundDirected(product, addend, rounding, flush);
  });
}

bool decodeDirected(Decoder &decoder) {
  Instruction &instruction = decoder.instruction;
  Rounding rounding = decoder.has("rz")   ? Rounding::Zero
                      : decoder.has("rm") ? Rounding::Down
                      : decoder.has("rp") ? Rounding::Up
                                          : Rounding::Nearest;
  std::string_view name = decoder.part(0);
  bool isFma = name == "fma";
  if (rounding == Rounding::Nearest || decoder.type() != Type::F32 ||
      decoder.has("sat") ||
      (!isFma && name != "add" && name != "sub" && name != "mul"))
    return false;
  uniformOperands(decoder, isFma ? 3 : 2, Type::F32);
  instruction.count = isFma           ? DirectedFma
                      : name == "add" ? DirectedAdd
                      : name == "sub" ? DirectedSubtract
                                      : DirectedMultiply;
  instruction.variant = uint8_t(rounding);
  instruction.width = decoder.has("ftz");
  instruction.execute = computeDirected;
  return true;
}

bool isFloatType(Type type) {
  return (type >= Type::F16 && type <= Type::F64) || type == Type::F16x2 ||
         type == Type::BF16x2;
}

/// One operand; null if the mnemonic is not of this kind.
Handler unaryHandler(Decoder &decoder, Type type) {
  std::string_view name = decoder.part(0);
  if (name == "neg")
    return unaryOfType<Negate>(decoder, type);
  if (name == "abs")
    return unaryOfType<Absolute>(decoder, type);
  if (name == "ex2")
    return unaryOfType<Exp2>(decoder, type);
  if (name == "lg2")
    return unaryOfType<Log2>(decoder, type);
  if (name == "rcp")
    return unaryOfType<Reciprocal>(decoder, type);
  if (name == "sqrt")
    return unaryOfType<SquareRoot>(decoder, type);
  if (name == "rsqrt")
    return unaryOfType<ReciprocalSquareRoot>(decoder, type);
  if (name == "sin")
    return unaryOfType<Sine>(decoder, type);
  if (name == "cos")
    return unaryOfType<Cosine>(decoder, type);
  if (name == "tanh")
    return unaryOfType<HyperbolicTangent>(decoder, type);
  return nullptr;
}

Handler binaryHandler(Decoder &decoder, Type type) {
  std::string_view name = decoder.part(0);
  bool nan = decoder.has("NaN");
  if (name == "add")
    return binaryOfType<Add>(decoder, type);
  if (name == "sub")
    return binaryOfType<Subtract>(decoder, type);
  if (name == "mul")
    return binaryOfType<Multiply>(decoder, type);
  if (name == "div")
    return binaryOfType<Divide>(decoder, type);
  if (name == "min")
    return nan ? binaryOfType<WithNaN<Minimum>>(decoder, type)
               : binaryOfType<Minimum>(decoder, type);
  if (name == "max")
    return nan ? binaryOfType<WithNaN<Maximum>>(decoder, type)
               : binaryOfType<Maximum>(decoder, type);
  if (name == "copysign")
    return type == Type::F64 ? copySigns<double> : copySigns<float>;
  return nullptr;
}

} // namespace

bool decodeFloat(Decoder &decoder) {
  Type type = decoder.type();
  if (!isFloatType(type))
    return false;
  if (decodeClassTest(decoder) || decodeDirected(decoder))
    return true;
  std::string_view name = decoder.part(0);
  Instruction &instruction = decoder.instruction;
  bool isArithmetic = true;
  if (name == "fma" || name == "mad") {
    instruction.execute = fusedHandler(decoder, type);
    uniformOperands(decoder, 3, type);
  } else if (Handler handler = unaryHandler(decoder, type)) {
    instruction.execute = handler;
    uniformOperands(decoder, 1, type);
  } else if (Handler handler = binaryHandler(decoder, type)) {
    instruction.execute = handler;
    uniformOperands(decoder, 2, type);
  } else {
    isArithmetic = false;
  }
  // Only rounding to nearest is here.
  if (isArithmetic && (decoder.has("rz") || decoder.has("rm") ||
                       decoder.has("rp") || decoder.has("xorsign")))
    decoder.unknown();
  return isArithmetic;
}

} // namespace attnc::emulator
