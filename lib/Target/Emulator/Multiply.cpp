//===- Multiply.cpp - mma.sync --------------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All shapes m16n8 have one layout once it is counted in bytes: with g = lane /
// 4 and t = lane % 4, register i of A holds four bytes of row g + 8 * (i % 2)
// at byte 16 * (i / 2) + 4 * t, and register i of B four bytes of column g at
// byte 16 * i + 4 * t. C and D have rows g and g + 8, columns 2 * t and the
// next.
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"
#include "Products.h"
#include <algorithm>

namespace attnc::emulator {

namespace {

constexpr unsigned maxDepth = 32;

/// Groups: D, A, B, C.
void multiplyMatrices(Execution &x) {
  x.requireFullWarp();
  const Instruction &instruction = x.instruction;
  const MatrixShape &shape = instruction.shape;
  double a[16 * maxDepth], b[maxDepth * 8], sums[16 * 8];
  unsigned bytes = bitsOf(shape.a) / 8, perWord = 4 / bytes;
  for (size_t i = 0; i < instruction.groups[1].size(); ++i) {
    const auto *words = x.at<uint8_t>(instruction.groups[1][i]);
    for (unsigned lane = 0; lane < 32; ++lane) {
      size_t row = lane / 4 + 8 * (i % 2);
      size_t k = (16 * (i / 2) + 4 * (lane % 4)) / bytes;
      readElements(words + lane * 4, shape.a, perWord, a + row * shape.k + k,
                   1);
    }
  }
  for (size_t i = 0; i < instruction.groups[2].size(); ++i) {
    const auto *words = x.at<uint8_t>(instruction.groups[2][i]);
    for (unsigned lane = 0; lane < 32; ++lane) {
      size_t k = (16 * i + 4 * (lane % 4)) / bytes;
      readElements(words + lane * 4, shape.b, perWord, b + k * 8 + lane / 4, 8);
    }
  }
  for (double &sum : sums)
    sum = 0;
  multiplyAdd(a, b, sums, 16, shape.k, 8);
  const auto &results = instruction.groups[0], &addends = instruction.groups[3];
  for (unsigned lane = 0; lane < 32; ++lane)
    for (unsigned i = 0; i < 4; ++i) {
      unsigned row = lane / 4 + 8 * (i / 2), column = lane % 4 * 2 + i % 2;
      double sum = sums[row * 8 + column];
      if (shape.d == Type::F32) {
        sum += double(x.at<float>(addends[i])[lane]);
        x.at<float>(results[i])[lane] = float(sum);
      } else if (shape.d == Type::S32) {
        auto total = int64_t(sum) + x.at<int32_t>(addends[i])[lane];
        if (instruction.variant)
          total = std::clamp<int64_t>(total, INT32_MIN, INT32_MAX);
        x.at<int32_t>(results[i])[lane] = int32_t(total);
      } else {
        Half *c = x.at<Half>(addends[i / 2]) + lane * 2 + i % 2;
        sum += double(float(*c));
        x.at<Half>(results[i / 2])[lane * 2 + i % 2] = Half(sum);
      }
    }
}

} // namespace

bool decodeMultiply(Decoder &decoder) {
  if (decoder.part(0) != "mma" || !decoder.has("sync"))
    return false;
  Instruction &instruction = decoder.instruction;
  MatrixShape &shape = instruction.shape;
  bool hasShape = false;
  for (std::string_view part : decoder.parts)
    hasShape |= parseShape(part, shape);
  std::vector<Type> types = decoder.types();
  decoder.expect(4, 4);
  // The types of D, A, B and C; rows of A, columns of B.
  if (!hasShape || types.size() != 4 || !decoder.has("row") ||
      !decoder.has("col") || shape.m != 16 || shape.n != 8)
    decoder.unknown();
  shape.d = types[0], shape.a = types[1], shape.b = types[2];
  unsigned depthBytes = shape.k * bitsOf(shape.a) / 8;
  bool isInteger = shape.d == Type::S32;
  bool isByte = shape.a == Type::S8 || shape.a == Type::U8;
  if (!isMatrixElement(shape.a) || !isMatrixElement(shape.b) ||
      bitsOf(shape.a) != bitsOf(shape.b) || types[3] != shape.d ||
      (depthBytes != 16 && depthBytes != 32) || isInteger != isByte ||
      (!isInteger && shape.d != Type::F32 && shape.d != Type::F16))
    decoder.unknown();
  Type accumulator = Type::B32;
  instruction.groups = {
      decoder.targets(0, accumulator), decoder.sources(1, Type::B32),
      decoder.sources(2, Type::B32), decoder.sources(3, accumulator)};
  size_t results = shape.d == Type::F16 ? 2 : 4;
  if (instruction.groups[0].size() != results ||
      instruction.groups[1].size() != depthBytes / 8 ||
      instruction.groups[2].size() != depthBytes / 16 ||
      instruction.groups[3].size() != results)
    decoder.fail("the number of registers is not that of the shape");
  instruction.variant = decoder.has("satfinite");
  instruction.execute = multiplyMatrices;
  return true;
}

} // namespace attnc::emulator
