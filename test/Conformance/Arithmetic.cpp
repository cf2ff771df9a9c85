//===- Arithmetic.cpp - instructions of one lane --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The entries of arithmetic.ptx: a table of names and formulas in the order of
// their results.
//
//===----------------------------------------------------------------------===//

#include "Bench.h"
#include "Formats.h"
#include <algorithm>
#include <functional>
#include <set>

namespace conformance {

namespace {

/// Whether `actual` is right for the operands a, b and c.
using Check =
    std::function<bool(uint32_t a, uint32_t b, uint32_t c, uint32_t actual)>;
struct Form {
  const char *name;
  Check check;
};

template <typename F>
Check exactly(F formula) {
  return [formula](uint32_t a, uint32_t b, uint32_t c, uint32_t actual) {
    return actual == uint32_t(formula(a, b, c));
  };
}

template <typename F>
Check single(F formula, double relative = 0, double absolute = 0) {
  return [=](uint32_t a, uint32_t b, uint32_t c, uint32_t actual) {
    return agrees(asFloat(actual), formula(asFloat(a), asFloat(b), asFloat(c)),
                  relative, absolute);
  };
}

template <typename F>
Check truth(F formula) {
  return exactly([=](uint32_t a, uint32_t b, uint32_t) {
    return formula(asFloat(a), asFloat(b));
  });
}

/// Both halves, computed in double and rounded.
template <typename F>
Check halves(const FloatFormat &format, F formula, double relative = 0,
             double absolute = 0) {
  return [=](uint32_t a, uint32_t b, uint32_t c, uint32_t actual) {
    for (int shift : {0, 16}) {
      auto part = [&](uint32_t word) {
        return decodeFloat(word >> shift & 0xffff, format);
      };
      double expected = roundFloat(formula(part(a), part(b), part(c)), format);
      if (!agrees(part(actual), expected, relative, absolute))
        return false;
    }
    return true;
  };
}

/// The forms whose name is not among `names` are left out, if there are any;
/// `what` says which operands these are.
void runForms(Bench &bench, const char *entry, const std::vector<Form> &forms,
              const std::vector<Words> &inputs,
              const std::set<std::string> &names = {},
              const std::string &what = "") {
  std::vector<std::string> why(forms.size());
  for (const Words &in : inputs) {
    Words out = bench.run("arithmetic", entry, 32, in,
                          Words(forms.size() * 32, 0xdeadbeef));
    for (size_t form = 0; form < forms.size(); ++form)
      for (size_t lane = 0; lane < 32 && why[form].empty(); ++lane) {
        uint32_t a = in[lane], b = in[32 + lane], c = in[64 + lane],
                 actual = out[form * 32 + lane];
        if (forms[form].check(a, b, c, actual))
          continue;
        char text[120];
        snprintf(text, sizeof(text), "of 0x%08x, 0x%08x, 0x%08x: 0x%08x", a, b,
                 c, actual);
        why[form] = text;
      }
  }
  for (size_t form = 0; form < forms.size(); ++form)
    if (names.empty() || names.count(forms[form].name))
      bench.finish(std::string(entry) + "/" + forms[form].name + what,
                   why[form]);
}

/// Random words, and words from a list of hard ones.
std::vector<Words> operands(Bench &bench, const Words &hard) {
  std::vector<Words> inputs;
  for (int round = 0; round < 12; ++round) {
    Words in = bench.randomWords(96);
    if (round % 3)
      for (uint32_t &word : in)
        if (round % 3 == 1 || bench.randomWord() % 2)
          word = hard[bench.randomWord() % hard.size()];
    inputs.push_back(in);
  }
  return inputs;
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

int32_t sign(uint32_t a) { return int32_t(a); }

/// A field by its bits, one at a time.
uint32_t field(uint32_t a, uint32_t position, uint32_t length, bool isSigned) {
  uint32_t top = std::min(position + length, 32u);
  bool fill = isSigned && length && (a >> (top ? top - 1 : 0) & 1);
  if (isSigned && length && position >= 32)
    fill = a >> 31;
  uint32_t value = 0;
  for (uint32_t i = 0; i < 32; ++i) {
    bool inside = i < length && position + i < 32;
    bool bit = inside ? a >> (position + i) & 1 : fill;
    value |= uint32_t(bit) << i;
  }
  return value;
}

uint32_t inserted(uint32_t a, uint32_t b, uint32_t position, uint32_t length) {
  for (uint32_t i = 0; i < length && position + i < 32; ++i) {
    b &= ~(1u << (position + i));
    b |= (a >> i & 1) << (position + i);
  }
  return b;
}

uint32_t permuted(uint32_t a, uint32_t b, uint32_t c) {
  uint32_t result = 0;
  for (int i = 0; i < 4; ++i) {
    uint32_t selector = c >> 4 * i & 15;
    uint32_t byte = ((selector & 4 ? b : a) >> 8 * (selector & 3)) & 255;
    if (selector & 8)
      byte = byte & 128 ? 255 : 0;
    result |= byte << 8 * i;
  }
  return result;
}

uint32_t byTable(uint32_t table, uint32_t a, uint32_t b, uint32_t c) {
  uint32_t result = 0;
  for (int i = 0; i < 32; ++i) {
    uint32_t row = (a >> i & 1) << 2 | (b >> i & 1) << 1 | (c >> i & 1);
    result |= (table >> row & 1) << i;
  }
  return result;
}

/// The result of a shift by up to 32 of the 64 bits b:a.
uint32_t funnel(uint32_t a, uint32_t b, uint32_t by, bool left) {
  for (uint32_t i = 0; i < by; ++i) {
    if (left)
      b = b << 1 | a >> 31, a <<= 1;
    else
      a = a >> 1 | b << 31, b >>= 1;
  }
  return left ? b : a;
}

int highest(uint32_t a) {
  int bit = -1;
  for (int i = 0; i < 32; ++i)
    bit = a >> i & 1 ? i : bit;
  return bit;
}

uint32_t reversed(uint32_t a) {
  uint32_t result = 0;
  for (int i = 0; i < 32; ++i)
    result |= (a >> i & 1) << (31 - i);
  return result;
}

using U = uint32_t;

std::vector<Form> integerForms() {
  return {
      {"add.s32", exactly([](U a, U b, U) { return a + b; })},
      {"sub.s32", exactly([](U a, U b, U) { return a - b; })},
      {"mul.lo.s32", exactly([](U a, U b, U) { return a * b; })},
      {"mul.hi.u32",
       exactly([](U a, U b, U) { return uint64_t(a) * b >> 32; })},
      {"mul.hi.s32",
       exactly([](U a, U b, U) { return int64_t(sign(a)) * sign(b) >> 32; })},
      {"mad.lo.s32", exactly([](U a, U b, U c) { return a * b + c; })},
      {"mul.wide.u32",
       exactly([](U a, U b, U) { return uint64_t(a) * b >> 20; })},
      {"mul.wide.s32",
       exactly([](U a, U b, U) { return int64_t(sign(a)) * sign(b) >> 20; })},
      {"div.u32", exactly([](U a, U b, U) { return a / ((b & 63) | 1); })},
      {"div.s32",
       exactly([](U a, U b, U) { return sign(a) / sign((b & 63) | 1); })},
      {"rem.u32", exactly([](U a, U b, U) { return a % ((b & 63) | 1); })},
      {"rem.s32",
       exactly([](U a, U b, U) { return sign(a) % sign((b & 63) | 1); })},
      {"min.s32",
       exactly([](U a, U b, U) { return std::min(sign(a), sign(b)); })},
      {"max.s32",
       exactly([](U a, U b, U) { return std::max(sign(a), sign(b)); })},
      {"min.u32", exactly([](U a, U b, U) { return std::min(a, b); })},
      {"max.u32", exactly([](U a, U b, U) { return std::max(a, b); })},
      {"abs.s32", exactly([](U a, U, U) { return sign(a) < 0 ? 0 - a : a; })},
      {"neg.s32", exactly([](U a, U, U) { return 0 - a; })},
      {"and.b32", exactly([](U a, U b, U) { return a & b; })},
      {"or.b32", exactly([](U a, U b, U) { return a | b; })},
      {"xor.b32", exactly([](U a, U b, U) { return a ^ b; })},
      {"not.b32", exactly([](U a, U, U) { return ~a; })},
      {"shl.b32",
       exactly([](U a, U b, U) { return uint64_t(a) << (b & 63) & ~0u; })},
      {"shr.u32", exactly([](U a, U b, U) { return uint64_t(a) >> (b & 63); })},
      {"shr.s32",
       exactly([](U a, U b, U) { return int64_t(sign(a)) >> (b & 63); })},
      {"bfe.u32",
       exactly([](U a, U b, U c) { return field(a, b & 63, c & 63, false); })},
      {"bfe.s32",
       exactly([](U a, U b, U c) { return field(a, b & 63, c & 63, true); })},
      {"bfi.b32",
       exactly([](U a, U b, U c) { return inserted(a, b, b & 63, c & 63); })},
      {"popc.b32", exactly([](U a, U, U) { return __builtin_popcount(a); })},
      {"clz.b32", exactly([](U a, U, U) { return 31 - highest(a); })},
      {"bfind.u32", exactly([](U a, U, U) { return highest(a); })},
      {"bfind.s32",
       exactly([](U a, U, U) { return highest(sign(a) < 0 ? ~a : a); })},
      {"brev.b32", exactly([](U a, U, U) { return reversed(a); })},
      {"prmt.b32", exactly([](U a, U b, U c) { return permuted(a, b, c); })},
      {"lop3.b32 0x96",
       exactly([](U a, U b, U c) { return byTable(0x96, a, b, c); })},
      {"lop3.b32 0xe8",
       exactly([](U a, U b, U c) { return byTable(0xe8, a, b, c); })},
      {"lop3.b32 0x2d",
       exactly([](U a, U b, U c) { return byTable(0x2d, a, b, c); })},
      {"shf.l.wrap",
       exactly([](U a, U b, U c) { return funnel(a, b, c & 31, true); })},
      {"shf.r.wrap",
       exactly([](U a, U b, U c) { return funnel(a, b, c & 31, false); })},
      {"shf.l.clamp", exactly([](U a, U b, U c) {
         return funnel(a, b, std::min(c & 63, 32u), true);
       })},
      {"shf.r.clamp", exactly([](U a, U b, U c) {
         return funnel(a, b, std::min(c & 63, 32u), false);
       })},
      {"sad.u32",
       exactly([](U a, U b, U c) { return (a > b ? a - b : b - a) + c; })},
      {"setp.lt.s32",
       exactly([](U a, U b, U c) { return sign(a) < sign(b) ? a : c; })},
      {"setp.lt.u32", exactly([](U a, U b, U c) { return a < b ? a : c; })},
      {"setp.and", exactly([](U a, U b, U c) {
         return sign(a) > sign(b) && (c & 63) != 7;
       })},
      {"slct.s32", exactly([](U a, U b, U c) { return sign(c) >= 0 ? a : b; })},
      {"mul.lo.u16", exactly([](U a, U b, U) {
         return (a & 0xffff) * (b & 0xffff) & 0xffff;
       })},
      {"cvt.s32.s8", exactly([](U a, U, U) { return int8_t(a); })},
      {"cvt.u32.u8", exactly([](U a, U, U) { return a & 255; })},
      {"cvt.s32.s16", exactly([](U a, U, U) { return int16_t(a); })},
      {"cvt.sat.u8.s32",
       exactly([](U a, U, U) { return std::clamp(sign(a), 0, 255); })},
      {"mov.b64 join", exactly([](U a, U b, U) {
         return int64_t(uint64_t(b) << 32 | a) >> (b & 63);
       })},
      {"mov.b32 split", exactly([](U a, U, U) { return a << 16 | a >> 16; })},
  };
}

//===----------------------------------------------------------------------===//
// Floating-point numbers
//===----------------------------------------------------------------------===//

float flushed(float a) {
  return std::fpclassify(a) == FP_SUBNORMAL ? std::copysign(0.0f, a) : a;
}

template <typename T>
T least(T a, T b) {
  if (a != a || b != b)
    return a != a ? b : a;
  if (a == 0 && b == 0)
    return std::signbit(a) ? a : b;
  return a < b ? a : b;
}
template <typename T>
T greatest(T a, T b) {
  return -least(-a, -b);
}
template <typename T>
T orNaN(T a, T b, T result) {
  return a != a || b != b ? T(NAN) : result;
}

using F = float;

std::vector<Form> singleForms() {
  auto fl = flushed;
  const double e = std::ldexp(1.0, -21);
  return {
      {"add.rn.f32", single([](F a, F b, F) { return a + b; })},
      {"sub.rn.f32", single([](F a, F b, F) { return a - b; })},
      {"mul.rn.f32", single([](F a, F b, F) { return a * b; })},
      {"fma.rn.f32", single([](F a, F b, F c) { return std::fma(a, b, c); })},
      {"div.rn.f32", single([](F a, F b, F) { return a / b; })},
      {"sqrt.rn.f32", single([](F a, F, F) { return std::sqrt(a); })},
      {"rcp.rn.f32", single([](F a, F, F) { return 1 / a; })},
      {"min.f32", single([](F a, F b, F) { return least(a, b); })},
      {"max.f32", single([](F a, F b, F) { return greatest(a, b); })},
      {"min.NaN.f32",
       single([](F a, F b, F) { return orNaN(a, b, least(a, b)); })},
      {"max.NaN.f32",
       single([](F a, F b, F) { return orNaN(a, b, greatest(a, b)); })},
      {"add.ftz.f32", single([=](F a, F b, F) { return fl(fl(a) + fl(b)); })},
      {"mul.ftz.f32", single([=](F a, F b, F) {
         return roundedOrZero(double(fl(a)) * double(fl(b)));
       })},
      {"fma.ftz.f32", single([=](F a, F b, F c) {
         return roundedOrZero(fusedToOdd(fl(a), fl(b), fl(c)));
       })},
      {"add.sat.f32", single([](F a, F b, F) {
         float sum = a + b;
         return sum > 0 ? std::min(sum, 1.0f) : 0.0f;
       })},
      {"neg.f32", single([](F a, F, F) { return -a; })},
      {"abs.f32", single([](F a, F, F) { return std::fabs(a); })},
      {"setp.lt.f32", truth([](F a, F b) { return a < b; })},
      {"setp.ltu.f32", truth([](F a, F b) { return !(a >= b); })},
      {"setp.equ.f32",
       truth([](F a, F b) { return a == b || a != a || b != b; })},
      {"setp.ne.f32", truth([](F a, F b) { return a < b || a > b; })},
      {"setp.nan.f32", truth([](F a, F b) { return a != a || b != b; })},
      {"setp.num.f32", truth([](F a, F b) { return a == a && b == b; })},
      {"ex2.approx.ftz.f32",
       single([=](F a, F, F) { return fl(F(std::exp2(double(fl(a))))); }, e,
              1.2e-38)},
      {"ex2.approx.f32",
       single([](F a, F, F) { return F(std::exp2(double(a))); }, e, 3e-45)},
      {"lg2.approx.ftz.f32",
       single([=](F a, F, F) { return F(std::log2(double(fl(a)))); }, e, e)},
      {"rcp.approx.ftz.f32",
       single([=](F a, F, F) { return fl(1 / fl(a)); }, e, 1.2e-38)},
      {"rsqrt.approx.ftz.f32",
       single([=](F a, F, F) { return F(1 / std::sqrt(double(fl(a)))); }, e)},
      {"sqrt.approx.ftz.f32",
       single([=](F a, F, F) { return std::sqrt(fl(a)); }, e, 1e-38)},
      {"tanh.approx.f32", single([](F a, F, F) { return std::tanh(a); },
                                 std::ldexp(1.0, -10), 1.2e-38)},
  };
}

using D = double;

void addHalfForms(std::vector<Form> &forms, bool isHalf,
                  const FloatFormat &format) {
  auto add = [&](const char *half, const char *bfloat, Check check) {
    forms.push_back({isHalf ? half : bfloat, std::move(check)});
  };
  add("add.f16x2", "add.bf16x2",
      halves(format, [](D a, D b, D) { return a + b; }));
  add("sub.f16x2", "sub.bf16x2",
      halves(format, [](D a, D b, D) { return a - b; }));
  add("mul.f16x2", "mul.bf16x2",
      halves(format, [](D a, D b, D) { return a * b; }));
  add("min.f16x2", "min.bf16x2",
      halves(format, [](D a, D b, D) { return least(a, b); }));
  add("max.f16x2", "max.bf16x2",
      halves(format, [](D a, D b, D) { return greatest(a, b); }));
  add("min.NaN.f16x2", "min.NaN.bf16x2",
      halves(format, [](D a, D b, D) { return orNaN(a, b, least(a, b)); }));
  add("max.NaN.f16x2", "max.NaN.bf16x2",
      halves(format, [](D a, D b, D) { return orNaN(a, b, greatest(a, b)); }));
  add("fma.f16x2", "fma.bf16x2",
      halves(format, [](D a, D b, D c) { return fusedToOdd(a, b, c); }));
  add("fma.relu.f16x2", "fma.relu.bf16x2", halves(format, [](D a, D b, D c) {
        double value = fusedToOdd(a, b, c);
        return value != value || value > 0 ? value : 0.0;
      }));
  add("neg.f16x2", "neg.bf16x2", halves(format, [](D a, D, D) { return -a; }));
  add("abs.f16x2", "abs.bf16x2",
      halves(format, [](D a, D, D) { return std::fabs(a); }));
}

std::vector<Form> pairForms() {
  std::vector<Form> forms;
  addHalfForms(forms, true, halfFormat);
  addHalfForms(forms, false, bfloatFormat);
  auto exp2 = [](D a, D, D) { return std::exp2(a); };
  forms.push_back({"ex2.approx.f16x2",
                   halves(halfFormat, exp2, std::ldexp(1.0, -9), 1e-7)});
  forms.push_back({"ex2.approx.ftz.bf16x2",
                   halves(bfloatFormat, exp2, std::ldexp(1.0, -6), 1.2e-38)});
  forms.push_back({"tanh.approx.f16x2",
                   halves(
                       halfFormat, [](D a, D, D) { return std::tanh(a); },
                       std::ldexp(1.0, -9), std::ldexp(1.0, -10))});
  return forms;
}

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

template <typename Function>
Check toInteger(Function whole, double low, double high) {
  return [=](uint32_t a, uint32_t, uint32_t, uint32_t actual) {
    double value = whole(double(asFloat(a)));
    value = value != value ? 0 : std::clamp(value, low, high);
    return actual == uint32_t(int64_t(value));
  };
}

/// One number in both halves.
Check toSixteen(const FloatFormat &format, Round round) {
  return [=](uint32_t a, uint32_t, uint32_t, uint32_t actual) {
    double expected = roundFloat(asFloat(a), format, round);
    return (actual >> 16) == (actual & 0xffff) &&
           agrees(decodeFloat(actual & 0xffff, format), expected);
  };
}

/// a in the upper half, b in the lower one.
Check toPair(const FloatFormat &format, Round round, Overflow overflow,
             bool relu) {
  return [=](uint32_t a, uint32_t b, uint32_t, uint32_t actual) {
    for (bool upper : {false, true}) {
      double value = asFloat(upper ? a : b);
      if (relu && (value < 0 || value == 0))
        value = 0;
      double expected = roundFloat(value, format, round, overflow);
      uint32_t bits =
          actual >> (upper ? format.bits : 0) & ((1u << format.bits) - 1);
      if (!agrees(decodeFloat(bits, format), expected))
        return false;
    }
    return true;
  };
}

Check fromBytes(const FloatFormat &format) {
  return [=](uint32_t a, uint32_t, uint32_t, uint32_t actual) {
    for (int i : {0, 1})
      if (!agrees(decodeFloat(actual >> 16 * i & 0xffff, halfFormat),
                  decodeFloat(a >> 8 * i & 255, format)))
        return false;
    return true;
  };
}

Check fromSixteen(const FloatFormat &format) {
  return [=](uint32_t a, uint32_t, uint32_t, uint32_t actual) {
    return agrees(asFloat(actual), decodeFloat(a & 0xffff, format));
  };
}

bool isRoundedToTf32(uint32_t a, uint32_t, uint32_t, uint32_t actual) {
  float value = asFloat(a);
  if (!std::isfinite(value))
    return true;
  // Ties away from zero, on the bits.
  uint32_t rounded = (a + 0x1000) & 0xffffe000;
  return (actual & 0xffffe000) == rounded;
}

std::vector<Form> convertForms() {
  auto truncate = [](double a) { return std::trunc(a); };
  auto nearest = [](double a) { return std::nearbyint(a); };
  auto down = [](double a) { return std::floor(a); };
  auto up = [](double a) { return std::ceil(a); };
  const double low = INT32_MIN, high = INT32_MAX;
  const Overflow infinity = Overflow::Infinity, saturate = Overflow::Saturate;
  return {
      {"cvt.rzi.s32.f32", toInteger(truncate, low, high)},
      {"cvt.rni.s32.f32", toInteger(nearest, low, high)},
      {"cvt.rmi.s32.f32", toInteger(down, low, high)},
      {"cvt.rpi.s32.f32", toInteger(up, low, high)},
      {"cvt.rzi.u32.f32", toInteger(truncate, 0, UINT32_MAX)},
      {"cvt.rni.f32.f32", single([=](F a, F, F) { return F(nearest(a)); })},
      {"cvt.rzi.f32.f32", single([=](F a, F, F) { return F(truncate(a)); })},
      {"cvt.rmi.f32.f32", single([=](F a, F, F) { return F(down(a)); })},
      {"cvt.rpi.f32.f32", single([=](F a, F, F) { return F(up(a)); })},
      {"cvt.sat.f32.f32",
       single([](F a, F, F) { return a > 0 ? std::min(a, 1.0f) : 0.0f; })},
      {"cvt.rn.f32.s32",
       exactly([](U a, U, U) { return asBits(float(sign(a))); })},
      {"cvt.rz.f32.s32", exactly([](U a, U, U) {
         float rounded = float(sign(a));
         bool tooFar = std::fabs(double(rounded)) > std::fabs(double(sign(a)));
         return asBits(tooFar ? std::nextafter(rounded, 0.0f) : rounded);
       })},
      {"cvt.rn.f32.u32", exactly([](U a, U, U) { return asBits(float(a)); })},
      {"cvt.rn.f16.f32", toSixteen(halfFormat, Round::Nearest)},
      {"cvt.rz.f16.f32", toSixteen(halfFormat, Round::Zero)},
      {"cvt.rn.bf16.f32", toSixteen(bfloatFormat, Round::Nearest)},
      {"cvt.rz.bf16.f32", toSixteen(bfloatFormat, Round::Zero)},
      {"cvt.rn.f16x2.f32", toPair(halfFormat, Round::Nearest, infinity, false)},
      {"cvt.rz.f16x2.f32", toPair(halfFormat, Round::Zero, infinity, false)},
      {"cvt.rn.bf16x2.f32",
       toPair(bfloatFormat, Round::Nearest, infinity, false)},
      {"cvt.rz.bf16x2.f32", toPair(bfloatFormat, Round::Zero, infinity, false)},
      {"cvt.rn.relu.bf16x2.f32",
       toPair(bfloatFormat, Round::Nearest, infinity, true)},
      {"cvt.rn.relu.f16x2.f32",
       toPair(halfFormat, Round::Nearest, infinity, true)},
      {"cvt.rna.tf32.f32", isRoundedToTf32},
      {"cvt.rn.satfinite.e4m3x2.f32",
       toPair(e4m3Format, Round::Nearest, saturate, false)},
      {"cvt.rn.satfinite.e5m2x2.f32",
       toPair(e5m2Format, Round::Nearest, saturate, false)},
      {"cvt.rn.f16x2.e4m3x2", fromBytes(e4m3Format)},
      {"cvt.rn.f16x2.e5m2x2", fromBytes(e5m2Format)},
      {"cvt.f32.f16", fromSixteen(halfFormat)},
      {"cvt.f32.bf16", fromSixteen(bfloatFormat)},
  };
}

//===----------------------------------------------------------------------===//
// Near the least normal number
//===----------------------------------------------------------------------===//

/// Operands whose product is 2^-126 less 2^-172 times a square, or that and
/// something: what is flushed before it is rounded becomes zero.
Words operandsOfTinyResults(bool isSum) {
  Words in(96);
  for (uint32_t lane = 0; lane < 32; ++lane) {
    uint32_t step = 1 + 11 * lane, sign = lane % 3 == 1 ? 0x80000000 : 0;
    // 2^-63 (1 + step 2^-23) and 2^-63 (1 - step 2^-23), twice that for a sum.
    uint32_t exponent = isSum ? 1 << 23 : 0;
    in[lane] = (0x20000000 | step) + exponent;
    in[32 + lane] = (0x20000000 - 2 * step) | sign;
    // Less the least normal number; or nothing.
    in[64 + lane] = isSum ? 0x00800000 | (sign ^ 0x80000000) : sign;
  }
  return in;
}

} // namespace

void runArithmetic(Bench &bench) {
  Words hardIntegers = {0,          1,          2,          31,
                        32,         33,         63,         255,
                        0x7fffffff, 0x80000000, 0x80000001, 0xffffffff,
                        0xffff0000, 0x0000ffff, 0xffffff80, 0x12345678};
  Words hardFloats = {
      0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000,
      0x7fc00000, 0x00000001, 0x807fffff, 0x00800000, 0x7f7fffff, 0x3f7fffff,
      0x40490fdb, 0xc1200000, 0x42fe0000, 0xc2fe0000, 0x3f000000, 0x3fc00000,
      0x4b000001, 0x477ff000, 0x33800000, 0x43e00000, 0x43e80000, 0x3dcccccd};
  // Around one, where sums cancel and exponentials are not extreme.
  for (uint32_t i = 0; i < 24; ++i)
    hardFloats.push_back((bench.randomWord() & 0x807fffff) | (120 + i % 14)
                                                                 << 23);
  Words hardHalves = {0x00000000, 0x80008000, 0x3c003c00, 0x7c00fc00,
                      0x7e000001, 0x03ff8400, 0x7bff0400, 0x3f803f80,
                      0x7f80ff80, 0x7fc00080, 0x3555b555, 0x4248c248};
  for (int i = 0; i < 24; ++i)
    hardHalves.push_back((bench.randomWord() & 0x87ff87ff) | 0x38003800);
  std::vector<Words> floats = operands(bench, hardFloats);
  runForms(bench, "integer", integerForms(), operands(bench, hardIntegers));
  runForms(bench, "single", singleForms(), floats);
  runForms(bench, "single", singleForms(), {operandsOfTinyResults(false)},
           {"mul.rn.f32", "fma.rn.f32", "mul.ftz.f32", "fma.ftz.f32"},
           ", below the least normal number");
  runForms(bench, "single", singleForms(), {operandsOfTinyResults(true)},
           {"fma.rn.f32", "fma.ftz.f32"},
           ", a sum below the least normal number");
  runForms(bench, "pairs", pairForms(), operands(bench, hardHalves));
  runForms(bench, "convert", convertForms(), floats);
}

} // namespace conformance
