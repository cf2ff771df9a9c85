//===- Products.cpp - the arithmetic of matrix instructions ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The inner loop is over columns, so that a compiler vectorises it.
//
//===----------------------------------------------------------------------===//

#include "Products.h"

#include "Numbers.h"
#include <algorithm>

namespace attnc::emulator {

namespace {

/// The values of all encodings of an 8-bit format.
struct ByteTable {
  explicit ByteTable(Format format) {
    for (unsigned bits = 0; bits < 256; ++bits)
      values[bits] = decode(bits, format);
  }
  double values[256];
};

template <typename T, typename Convert>
void readAs(const uint8_t *from, unsigned count, double *to, size_t stride,
            Convert convert) {
  for (unsigned i = 0; i < count; ++i) {
    T bits;
    memcpy(&bits, from + i * sizeof(T), sizeof(T));
    to[i * stride] = convert(bits);
  }
}

} // namespace

bool isMatrixElement(Type type) {
  switch (type) {
  case Type::F16:
  case Type::BF16:
  case Type::TF32:
  case Type::E4M3:
  case Type::E5M2:
  case Type::S8:
  case Type::U8:
    return true;
  default:
    return false;
  }
}

void readElements(const uint8_t *from, Type type, unsigned count, double *to,
                  size_t stride) {
  static const ByteTable e4m3(e4m3Format), e5m2(e5m2Format);
  switch (type) {
  case Type::F16:
    readAs<Half>(from, count, to, stride, [](Half x) { return float(x); });
    break;
  case Type::BF16:
    readAs<BFloat>(from, count, to, stride, [](BFloat x) { return float(x); });
    break;
  case Type::TF32:
    // The low bits are not looked at.
    readAs<uint32_t>(from, count, to, stride, [](uint32_t bits) {
      return bitCast<float>(bits & 0xffffe000);
    });
    break;
  case Type::E4M3:
    readAs<uint8_t>(from, count, to, stride,
                    [](uint8_t bits) { return e4m3.values[bits]; });
    break;
  case Type::E5M2:
    readAs<uint8_t>(from, count, to, stride,
                    [](uint8_t bits) { return e5m2.values[bits]; });
    break;
  case Type::S8:
    readAs<int8_t>(from, count, to, stride, [](int8_t x) { return x; });
    break;
  default:
    readAs<uint8_t>(from, count, to, stride, [](uint8_t x) { return x; });
    break;
  }
}

namespace {

/// Blocks of columns stay in registers over the whole depth.
template <unsigned Block>
inline __attribute__((always_inline)) void
multiplyBlock(const double *a, const double *b, double *sums, unsigned depth,
              unsigned columns) {
  double local[Block];
  for (unsigned n = 0; n < Block; ++n)
    local[n] = sums[n];
  for (unsigned k = 0; k < depth; ++k) {
    double factor = a[k];
    const double *row = b + size_t(k) * columns;
    for (unsigned n = 0; n < Block; ++n)
      local[n] += factor * row[n];
  }
  for (unsigned n = 0; n < Block; ++n)
    sums[n] = local[n];
}

inline __attribute__((always_inline)) void
multiplyAll(const double *a, const double *b, double *sums, unsigned rows,
            unsigned depth, unsigned columns) {
  // Every number of columns is a multiple of eight.
  for (unsigned row = 0; row < rows; ++row)
    for (unsigned n = 0; n < columns; n += 8)
      multiplyBlock<8>(a + size_t(row) * depth, b + n,
                       sums + size_t(row) * columns + n, depth, columns);
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) void
multiplyWide(const double *a, const double *b, double *sums, unsigned rows,
             unsigned depth, unsigned columns) {
  multiplyAll(a, b, sums, rows, depth, columns);
}
#endif

} // namespace

void multiplyAdd(const double *a, const double *b, double *sums, unsigned rows,
                 unsigned depth, unsigned columns) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return multiplyWide(a, b, sums, rows, depth, columns);
#endif
  multiplyAll(a, b, sums, rows, depth, columns);
}

bool parseShape(std::string_view text, MatrixShape &shape) {
  unsigned *numbers[] = {&shape.m, &shape.n, &shape.k};
  const char letters[] = "mnk";
  size_t at = 0;
  for (unsigned i = 0; i < 3; ++i) {
    if (at >= text.size() || text[at++] != letters[i])
      return false;
    unsigned value = 0;
    size_t start = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9' &&
           value < 1000)
      value = value * 10 + unsigned(text[at++] - '0');
    if (at == start)
      return false;
    *numbers[i] = value;
  }
  return at == text.size();
}

} // namespace attnc::emulator
