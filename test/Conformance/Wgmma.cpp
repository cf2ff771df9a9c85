//===- Wgmma.cpp - matrices of a warpgroup --------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An image of shared memory is laid out here as the PTX manual describes the
// canonical layouts; the kernel multiplies what the descriptors say.
//
//===----------------------------------------------------------------------===//

#include "Bench.h"
#include "Formats.h"

namespace conformance {

namespace {

enum class Kind { BFloat, Half, Tf32, E4M3, E5M2, S8 };

int bytesOf(Kind kind) {
  return kind == Kind::Tf32                           ? 4
         : kind == Kind::BFloat || kind == Kind::Half ? 2
                                                      : 1;
}

/// Numbers are quarters of -1 to 1, or small integers: every sum is exact.
uint32_t encodeSmall(int value, Kind kind) {
  auto single = float(value) / 4;
  auto find = [&](const FloatFormat &format) {
    for (uint32_t bits = 0; bits < (1u << format.bits); ++bits)
      if (decodeFloat(bits, format) == double(single))
        return bits;
    return 0u;
  };
  switch (kind) {
  case Kind::BFloat:
    return asBits(single) >> 16;
  case Kind::Half:
    return find(halfFormat);
  case Kind::Tf32:
    return asBits(single);
  case Kind::E4M3:
    return find(e4m3Format);
  case Kind::E5M2:
    return find(e5m2Format);
  case Kind::S8:
    return uint32_t(value) & 255;
  }
  return 0;
}

struct Matrix {
  /// Along M or N, and along K.
  int rows = 0, depth = 0;
  std::vector<int> values;

  int at(int row, int k) const { return values[size_t(row * depth + k)]; }
};

Matrix randomMatrix(Bench &bench, int rows, int depth) {
  Matrix matrix{rows, depth, {}};
  for (int i = 0; i < rows * depth; ++i)
    matrix.values.push_back(int(bench.randomWord() % 9) - 4);
  return matrix;
}

/// How a matrix lies in shared memory.
struct Layout {
  int swizzleBytes = 0;
  bool alongRows = false;
  /// Where in the row of a swizzled pattern the sixteen columns begin: K is cut
  /// into steps that advance the descriptor's start.
  int advanceBytes = 0;
};

class Image {
public:
  std::vector<uint8_t> bytes = std::vector<uint8_t>(96 * 1024, 0x11);

  /// Puts a matrix at `start` and returns its descriptor.
  uint64_t put(const Matrix &matrix, Kind kind, const Layout &layout,
               int start);

private:
  void write(int address, uint32_t bits, int count) {
    memcpy(bytes.data() + address, &bits, size_t(count));
  }
};

uint64_t Image::put(const Matrix &matrix, Kind kind, const Layout &layout,
                    int start) {
  int size = bytesOf(kind), unit = 16 / size;
  int span = layout.swizzleBytes ? layout.swizzleBytes : 16;
  // The strides between groups of eight units, and between repetitions.
  int leading = 0, stride = 0;
  if (!layout.alongRows) {
    stride = 8 * span;
    leading = layout.swizzleBytes ? 16 : matrix.rows / 8 * 128;
  } else if (layout.swizzleBytes) {
    stride = 8 * span;
    leading = matrix.depth / 8 * stride;
  } else {
    stride = 128;
    leading = matrix.rows / unit * 128;
  }
  for (int row = 0; row < matrix.rows; ++row)
    for (int k = 0; k < matrix.depth; ++k) {
      int address;
      if (!layout.alongRows) {
        address = row / 8 * stride + row % 8 * span + k % unit * size;
        address += layout.swizzleBytes ? k / unit * 16 + layout.advanceBytes
                                       : k / unit * leading;
      } else if (layout.swizzleBytes) {
        int columns = span / size;
        address = row / columns * leading + row % columns * size +
                  k / 8 * stride + k % 8 * span;
      } else {
        address = row / unit * stride + row % unit * size + k / 8 * leading +
                  k % 8 * 16;
      }
      // A pattern of eight rows exchanges its units by the row's number.
      if (layout.swizzleBytes) {
        int units = layout.swizzleBytes / 16;
        address ^= (address / 128 % units) * 16;
      }
      write(start + address, encodeSmall(matrix.at(row, k), kind), size);
    }
  uint64_t mode = layout.swizzleBytes == 128  ? 1
                  : layout.swizzleBytes == 64 ? 2
                  : layout.swizzleBytes == 32 ? 3
                                              : 0;
  return mode << 62 | uint64_t(stride / 16) << 32 |
         uint64_t(leading / 16) << 16 |
         uint64_t((start + layout.advanceBytes) / 16);
}

struct Form {
  const char *entry;
  const char *what;
  Kind a, b;
  int columns, depth;
  Layout layoutA, layoutB;
  bool fragments = false, accumulates = true, negates = false,
       halfResult = false;
};

/// A in registers: as for mma, sixteen rows for each warp.
Words fragmentsOf(const Matrix &a, Kind kind) {
  int size = bytesOf(kind), perWord = 4 / size, perHalf = 4 * perWord;
  Words words(4 * 128, 0);
  for (int row = 0; row < 64; ++row)
    for (int k = 0; k < a.depth; ++k) {
      int reg = row % 16 / 8 + (k >= perHalf ? 2 : 0);
      int thread = row / 16 * 32 + row % 8 * 4 + k % perHalf / perWord;
      words[size_t(reg * 128 + thread)] |= encodeSmall(a.at(row, k), kind)
                                           << k % perWord * size * 8;
    }
  return words;
}

uint32_t resultWord(double value, const Form &form) {
  return form.a == Kind::S8 ? uint32_t(int32_t(value)) : asBits(float(value));
}

void runForm(Bench &bench, const Form &form) {
  Matrix a = randomMatrix(bench, 64, form.depth),
         b = randomMatrix(bench, form.columns, form.depth);
  Image image;
  uint64_t descriptorA = image.put(a, form.a, form.layoutA, 0),
           descriptorB = image.put(b, form.b, form.layoutB, 32 * 1024);
  int registers = form.columns / (form.halfResult ? 4 : 2);
  Words out(size_t(registers) * 128, 0), expected = out;
  double scale = form.a == Kind::S8 ? 1 : 1.0 / 16;
  for (int row = 0; row < 64; ++row)
    for (int column = 0; column < form.columns; ++column) {
      int thread = row / 16 * 32 + row % 8 * 4 + column % 8 / 2;
      int index = column / 8 * 4 + row % 16 / 8 * 2 + column % 2;
      double before = double(bench.randomWord() % 16), sum = 0;
      for (int k = 0; k < form.depth; ++k)
        sum += a.at(row, k) * b.at(column, k) * scale;
      double value =
          (form.negates ? -sum : sum) + (form.accumulates ? before : 0.0);
      if (!form.halfResult) {
        size_t place = size_t(index * 128 + thread);
        out[place] = resultWord(before, form);
        expected[place] = resultWord(value, form);
        continue;
      }
      size_t place = size_t(index / 2 * 128 + thread);
      int shift = index % 2 * 16;
      auto half = [](double number) {
        for (uint32_t bits = 0; bits < 0x10000; ++bits)
          if (bits != 0x8000 && decodeFloat(bits, halfFormat) == number)
            return bits;
        return 0u;
      };
      out[place] |= half(before) << shift;
      expected[place] |= half(value) << shift;
    }
  uint32_t bytes = uint32_t(image.bytes.size()), accumulates = form.accumulates;
  uint64_t imageAddress = bench.upload(image.bytes),
           fragments = bench.upload(fragmentsOf(a, form.a)),
           result = bench.upload(out);
  bench.driver.launch("wgmma", form.entry, 128, bytes,
                      {&imageAddress, &fragments, &result, &bytes, &descriptorA,
                       &descriptorB, &accumulates});
  bench.compare(std::string("wgmma/") + form.entry + ", " + form.what,
                bench.download<uint32_t>(result, out.size()), expected);
}

std::vector<Form> rowForms() {
  const Kind bf = Kind::BFloat;
  return {
      {"bf16_n8", "no swizzle", bf, bf, 8, 16, {}, {}},
      {"bf16_n64", "no swizzle", bf, bf, 64, 16, {}, {}},
      {"bf16_n64", "swizzle 32", bf, bf, 64, 16, {32}, {32}},
      {"bf16_n64", "swizzle 64", bf, bf, 64, 16, {64}, {64}},
      {"bf16_n64", "swizzle 128", bf, bf, 64, 16, {128}, {128}},
      {"bf16_n64",
       "swizzle 128, second step",
       bf,
       bf,
       64,
       16,
       {128, false, 32},
       {128, false, 32}},
      {"bf16_n64",
       "swizzle 128, last step",
       bf,
       bf,
       64,
       16,
       {128, false, 96},
       {128, false, 64}},
      {"bf16_n64",
       "swizzle 64, second step",
       bf,
       bf,
       64,
       16,
       {64, false, 32},
       {64, false, 32}},
      {"bf16_n64", "swizzles 32 and 128", bf, bf, 64, 16, {32}, {128}},
      {"bf16_n256", "swizzle 128", bf, bf, 256, 16, {128}, {128}},
      {"bf16_n64",
       "without accumulation",
       bf,
       bf,
       64,
       16,
       {128},
       {128},
       false,
       false},
      {"bf16_negate_n16",
       "swizzle 128",
       bf,
       bf,
       16,
       16,
       {128},
       {128},
       false,
       true,
       true},
      {"f16_n16", "swizzle 128", Kind::Half, Kind::Half, 16, 16, {128}, {128}},
      {"f16_f16_n16",
       "swizzle 128",
       Kind::Half,
       Kind::Half,
       16,
       16,
       {128},
       {128},
       false,
       true,
       false,
       true},
      {"tf32_n16", "swizzle 128", Kind::Tf32, Kind::Tf32, 16, 8, {128}, {128}},
      {"tf32_n16", "no swizzle", Kind::Tf32, Kind::Tf32, 16, 8, {}, {}},
      {"e4m3_n16", "swizzle 128", Kind::E4M3, Kind::E4M3, 16, 32, {128}, {128}},
      {"e5m2_n16", "swizzle 64", Kind::E5M2, Kind::E4M3, 16, 32, {64}, {64}},
      {"s8_n16", "swizzle 128", Kind::S8, Kind::S8, 16, 32, {128}, {128}},
  };
}

std::vector<Form> columnForms() {
  const Kind bf = Kind::BFloat;
  const Layout none{0, true}, narrow{32, true}, middle{64, true},
      wide{128, true};
  return {
      {"bf16_tb_n64", "B along N, no swizzle", bf, bf, 64, 16, {128}, none},
      {"bf16_tb_n64", "B along N, swizzle 32", bf, bf, 64, 16, {128}, narrow},
      {"bf16_tb_n64", "B along N, swizzle 64", bf, bf, 64, 16, {128}, middle},
      {"bf16_tb_n64", "B along N, swizzle 128", bf, bf, 64, 16, {128}, wide},
      {"bf16_tb_n128", "B along N, swizzle 128", bf, bf, 128, 16, {128}, wide},
      {"bf16_tb_n128", "B along N, swizzle 64", bf, bf, 128, 16, {64}, middle},
      {"bf16_ta_n16", "A along M, no swizzle", bf, bf, 16, 16, none, {128}},
      {"bf16_ta_n16", "A along M, swizzle 32", bf, bf, 16, 16, narrow, {128}},
      {"bf16_ta_n16", "A along M, swizzle 128", bf, bf, 16, 16, wide, {128}},
      {"bf16_ta_tb_n64", "both, swizzle 128", bf, bf, 64, 16, wide, wide},
      {"bf16_rs_n64", "A in registers", bf, bf, 64, 16, {}, {128}, true},
      {"bf16_rs_tb_n64",
       "A in registers, B along N",
       bf,
       bf,
       64,
       16,
       {},
       wide,
       true},
      {"bf16_rs_tb_n64",
       "without accumulation",
       bf,
       bf,
       64,
       16,
       {},
       wide,
       true,
       false},
      {"tf32_rs_n16",
       "A in registers",
       Kind::Tf32,
       Kind::Tf32,
       16,
       8,
       {},
       {128},
       true},
      {"e4m3_rs_n16",
       "A in registers",
       Kind::E4M3,
       Kind::E4M3,
       16,
       32,
       {},
       {128},
       true},
  };
}

} // namespace

void runWgmma(Bench &bench) {
  for (const Form &form : rowForms())
    runForm(bench, form);
  for (const Form &form : columnForms())
    runForm(bench, form);
}

} // namespace conformance
