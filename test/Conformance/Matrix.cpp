//===- Matrix.cpp - matrices of 8 x 8 and mma.sync ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The layouts as the PTX manual draws them: which lane holds which element.
//
//===----------------------------------------------------------------------===//

#include "Bench.h"
#include "Formats.h"

namespace conformance {

namespace {

//===----------------------------------------------------------------------===//
// ldmatrix and stmatrix
//===----------------------------------------------------------------------===//

/// What lane `lane` holds of a matrix: `element(row, column)`.
template <typename Element>
uint32_t fragment(int lane, bool transposed, Element element) {
  int row = lane / 4, column = 2 * (lane % 4);
  uint32_t low = transposed ? element(column, row) : element(row, column);
  uint32_t high =
      transposed ? element(column + 1, row) : element(row, column + 1);
  return high << 16 | low;
}

uint32_t element16(const Words &words, size_t index) {
  return words[index / 2] >> (index % 2 * 16) & 0xffff;
}

void runLoads(Bench &bench) {
  for (int count : {1, 2, 4})
    for (bool transposed : {false, true}) {
      Words in = bench.randomWords(128), expected(size_t(count) * 32);
      for (int matrix = 0; matrix < count; ++matrix)
        for (int lane = 0; lane < 32; ++lane)
          expected[size_t(matrix * 32 + lane)] =
              fragment(lane, transposed, [&](int row, int column) {
                return element16(in, size_t(matrix * 64 + row * 8 + column));
              });
      std::string name =
          std::string(transposed ? "load_transposed_" : "load_") +
          std::to_string(count);
      bench.compare("matrix/" + name,
                    bench.run("matrix", name, 32, in, Words(expected.size())),
                    expected);
    }
}

void runStores(Bench &bench) {
  for (int count : {1, 2, 4})
    for (bool transposed : {false, true}) {
      Words in = bench.randomWords(size_t(count) * 32), expected(128, 0);
      for (int matrix = 0; matrix < count; ++matrix)
        for (int lane = 0; lane < 32; ++lane)
          for (int i : {0, 1}) {
            int row = lane / 4, column = lane % 4 * 2 + i;
            if (transposed)
              std::swap(row, column);
            size_t index = size_t(matrix * 64 + row * 8 + column);
            uint32_t value =
                in[size_t(matrix * 32 + lane)] >> (16 * i) & 0xffff;
            expected[index / 2] |= value << (index % 2 * 16);
          }
      std::string name =
          std::string(transposed ? "store_transposed_" : "store_") +
          std::to_string(count);
      bench.compare("matrix/" + name,
                    bench.run("matrix", name, 32, in, Words(128)), expected);
    }
}

void runTranspose(Bench &bench) {
  Words in = bench.randomWords(96), expected(32);
  for (int lane = 0; lane < 32; ++lane)
    expected[size_t(lane)] = fragment(lane, true, [&](int row, int column) {
      return in[size_t(row * 4 + column / 2)] >> (column % 2 * 16) & 0xffff;
    });
  bench.compare("matrix/movmatrix",
                bench.run("matrix", "transpose", 32, in, Words(32)), expected);
}

//===----------------------------------------------------------------------===//
// mma
//===----------------------------------------------------------------------===//

enum class Kind { Half, BFloat, Tf32, E4M3, E5M2, S8, U8 };

int bytesOf(Kind kind) {
  return kind == Kind::Tf32                           ? 4
         : kind == Kind::Half || kind == Kind::BFloat ? 2
                                                      : 1;
}

/// A small number, as bits: sums of products are exact in any order.
uint32_t smallNumber(Bench &bench, Kind kind) {
  int value = int(bench.randomWord() % 9) - 4;
  auto single = float(value) / 2;
  switch (kind) {
  case Kind::Half:
    // Halves of -2 to 2, from the top of the float.
    return value == 0 ? 0
                      : ((asBits(single) >> 16 & 0x8000) |
                         (((asBits(single) >> 23 & 255) - 112) << 10) |
                         (asBits(single) >> 13 & 0x3ff));
  case Kind::BFloat:
    return asBits(single) >> 16;
  case Kind::Tf32:
    return asBits(single);
  case Kind::E4M3:
  case Kind::E5M2: {
    const FloatFormat &format = kind == Kind::E4M3 ? e4m3Format : e5m2Format;
    for (uint32_t bits = 0; bits < 256; ++bits)
      if (decodeFloat(bits, format) == double(single))
        return bits;
    return 0;
  }
  case Kind::S8:
    return bench.randomWord() & 255;
  case Kind::U8:
    return bench.randomWord() & 255;
  }
  return 0;
}

double numberOf(uint32_t bits, Kind kind) {
  switch (kind) {
  case Kind::Half:
    return decodeFloat(bits, halfFormat);
  case Kind::BFloat:
    return decodeFloat(bits, bfloatFormat);
  case Kind::Tf32:
    return asFloat(bits);
  case Kind::E4M3:
    return decodeFloat(bits, e4m3Format);
  case Kind::E5M2:
    return decodeFloat(bits, e5m2Format);
  case Kind::S8:
    return int8_t(bits);
  case Kind::U8:
    return uint8_t(bits);
  }
  return 0;
}

struct MmaCase {
  const char *name;
  Kind a, b;
  int depth;
  bool halfResult;
};

/// Where element (row, k) of A is: its register, lane and place in the word.
void placeOfA(int row, int k, int bytes, int &reg, int &lane, int &part) {
  int perWord = 4 / bytes, perHalf = 4 * perWord;
  reg = (row >= 8 ? 1 : 0) + (k >= perHalf ? 2 : 0);
  lane = row % 8 * 4 + k % perHalf / perWord;
  part = k % perWord;
}

void runMmaCase(Bench &bench, const MmaCase &form) {
  int bytes = bytesOf(form.a), bits = bytes * 8, perWord = 4 / bytes;
  int registersA = form.depth * bytes / 8, registersB = registersA / 2;
  int registersC = form.halfResult ? 2 : 4;
  Words in(size_t(registersA + registersB + registersC) * 32, 0);
  std::vector<double> a(16 * 32), b(32 * 8), c(16 * 8);
  for (int row = 0; row < 16; ++row)
    for (int k = 0; k < form.depth; ++k) {
      int reg, lane, part;
      placeOfA(row, k, bytes, reg, lane, part);
      uint32_t number = smallNumber(bench, form.a);
      a[size_t(row * 32 + k)] = numberOf(number, form.a);
      in[size_t(reg * 32 + lane)] |= number << part * bits;
    }
  for (int column = 0; column < 8; ++column)
    for (int k = 0; k < form.depth; ++k) {
      int perHalf = 4 * perWord;
      int reg = registersA + k / perHalf;
      int lane = column * 4 + k % perHalf / perWord;
      uint32_t number = smallNumber(bench, form.b);
      b[size_t(k * 8 + column)] = numberOf(number, form.b);
      in[size_t(reg * 32 + lane)] |= number << k % perWord * bits;
    }
  bool isInteger = form.a == Kind::S8 || form.a == Kind::U8;
  auto wordOf = [&](double value) {
    return isInteger ? uint32_t(int32_t(value)) : asBits(float(value));
  };
  Words expected(size_t(registersC) * 32, 0);
  for (int row = 0; row < 16; ++row)
    for (int column = 0; column < 8; ++column) {
      int lane = row % 8 * 4 + column / 2, index = row / 8 * 2 + column % 2;
      uint32_t addend =
          smallNumber(bench, form.halfResult ? Kind::Half : Kind::Tf32);
      double sum = numberOf(addend, form.halfResult ? Kind::Half : Kind::Tf32);
      size_t place = size_t(registersA + registersB) * 32;
      if (form.halfResult)
        in[place + size_t(index / 2 * 32 + lane)] |= addend << index % 2 * 16;
      else
        in[place + size_t(index * 32 + lane)] = wordOf(std::trunc(sum));
      if (!form.halfResult)
        sum = std::trunc(sum);
      for (int k = 0; k < form.depth; ++k)
        sum += a[size_t(row * 32 + k)] * b[size_t(k * 8 + column)];
      if (!form.halfResult) {
        expected[size_t(index * 32 + lane)] = wordOf(sum);
        continue;
      }
      for (uint32_t half = 0; half < 0x10000; ++half)
        if (half != 0x8000 && decodeFloat(half, halfFormat) == sum) {
          expected[size_t(index / 2 * 32 + lane)] |= half << index % 2 * 16;
          break;
        }
    }
  bench.compare(std::string("mma/") + form.name,
                bench.run("mma", form.name, 32, in, Words(expected.size())),
                expected);
}

} // namespace

void runMatrix(Bench &bench) {
  runLoads(bench);
  runStores(bench);
  runTranspose(bench);
}

void runMma(Bench &bench) {
  const MmaCase cases[] = {
      {"mma_bf16", Kind::BFloat, Kind::BFloat, 16, false},
      {"mma_f16", Kind::Half, Kind::Half, 16, false},
      {"mma_f16_f16", Kind::Half, Kind::Half, 16, true},
      {"mma_bf16_k8", Kind::BFloat, Kind::BFloat, 8, false},
      {"mma_f16_k8", Kind::Half, Kind::Half, 8, false},
      {"mma_tf32", Kind::Tf32, Kind::Tf32, 8, false},
      {"mma_tf32_k4", Kind::Tf32, Kind::Tf32, 4, false},
      {"mma_e4m3", Kind::E4M3, Kind::E4M3, 32, false},
      {"mma_e5m2", Kind::E5M2, Kind::E4M3, 32, false},
      {"mma_s8", Kind::S8, Kind::S8, 32, false},
      {"mma_u8", Kind::U8, Kind::S8, 16, false}};
  for (const MmaCase &form : cases)
    runMmaCase(bench, form);
}

} // namespace conformance
