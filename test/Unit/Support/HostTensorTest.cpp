//===- HostTensorTest.cpp - Dense tensors in host memory ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The 16-bit conversions against llvm::APFloat, over every bit pattern and at
// every rounding boundary; checked sizes; the random numbers bit for bit.
//
//===----------------------------------------------------------------------===//

#include "attnc/Support/HostTensor.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/Compiler.h"

#include "gtest/gtest.h"

#include <cmath>
#include <limits>

using namespace attnc;

/// Ends the test program on an error that no case expects.
static llvm::ExitOnError exitOnError("unexpected error: ");

static HostTensor makeTensor(DType dtype, llvm::ArrayRef<int64_t> shape) {
  return exitOnError(HostTensor::create(dtype, shape));
}

static std::string messageOf(llvm::Expected<HostTensor> tensor) {
  return tensor ? "no error" : llvm::toString(tensor.takeError());
}

static constexpr DType allDTypes[] = {
    DType::F32, DType::F16, DType::BF16, DType::F64, DType::I8,
    DType::I16, DType::I32, DType::I64,  DType::U8,  DType::U16,
    DType::U32, DType::U64, DType::Bool};

/// What APFloat makes of a double in the 16-bit format.
static uint16_t encodeByOracle(const llvm::fltSemantics &semantics,
                               double value) {
  llvm::APFloat number(value);
  bool losesInfo;
  number.convert(semantics, llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return static_cast<uint16_t>(number.bitcastToAPInt().getZExtValue());
}

namespace {

struct Format {
  const char *name;
  const llvm::fltSemantics &semantics;
  float (*decode)(uint16_t);
  uint16_t (*encode)(double);
  uint16_t infinity;
};

class FormatTest : public testing::TestWithParam<Format> {};

TEST_P(FormatTest, DecodesEveryBitPattern) {
  const Format &format = GetParam();
  for (uint32_t bits = 0; bits <= 0xffff; ++bits) {
    llvm::APFloat number(format.semantics, llvm::APInt(16, bits));
    float actual = format.decode(static_cast<uint16_t>(bits));
    if (number.isNaN()) {
      ASSERT_TRUE(std::isnan(actual)) << bits;
      continue;
    }
    bool losesInfo;
    number.convert(llvm::APFloat::IEEEsingle(),
                   llvm::APFloat::rmNearestTiesToEven, &losesInfo);
    ASSERT_FALSE(losesInfo);
    ASSERT_EQ(llvm::bit_cast<uint32_t>(actual),
              number.bitcastToAPInt().getZExtValue())
        << bits;
  }
}

TEST_P(FormatTest, EncodesEveryNumberBackToItself) {
  const Format &format = GetParam();
  for (uint32_t bits = 0; bits <= 0xffff; ++bits) {
    uint16_t encoded =
        format.encode(format.decode(static_cast<uint16_t>(bits)));
    bool isNaN = (bits & 0x7fff) > format.infinity;
    if (!isNaN)
      ASSERT_EQ(encoded, bits);
    else // A quiet NaN of the same sign.
      ASSERT_EQ(encoded & ~0x3f, (bits & 0x8000) | format.infinity |
                                     (format.infinity == 0x7c00 ? 0x200 : 0x40))
          << bits;
  }
}

// Between each number and the next: the midpoint, and the nearest doubles on
// both sides of it. An implementation that rounds twice, by way of float,
// takes the outer two for the midpoint.
TEST_P(FormatTest, RoundsAsTheOracleAtEveryBoundary) {
  const Format &format = GetParam();
  for (uint32_t bits = 0; bits < format.infinity; ++bits) {
    double low = format.decode(static_cast<uint16_t>(bits));
    double high =
        bits + 1 == format.infinity
            ? low + (low - format.decode(static_cast<uint16_t>(bits - 1)))
            : format.decode(static_cast<uint16_t>(bits + 1));
    double middle = low + (high - low) / 2;
    for (double value : {middle, std::nextafter(middle, low),
                         std::nextafter(middle, high), (low + middle) / 2})
      for (double sign : {1.0, -1.0})
        ASSERT_EQ(format.encode(sign * value),
                  encodeByOracle(format.semantics, sign * value))
            << llvm::bit_cast<uint64_t>(value);
  }
}

TEST_P(FormatTest, EncodesNumbersOutOfRange) {
  const Format &format = GetParam();
  using Limits = std::numeric_limits<double>;
  for (double value : {Limits::max(), Limits::min(), Limits::denorm_min(),
                       Limits::infinity(), 1e30, 1e39, 1e-30, 0x1p-134,
                       0x1.8p-134, 0x1p-135, 0x1p-25, 0x1.8p-25, 0x1p-26}) {
    ASSERT_EQ(format.encode(value), encodeByOracle(format.semantics, value))
        << value;
    ASSERT_EQ(format.encode(-value), encodeByOracle(format.semantics, -value))
        << value;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Formats, FormatTest,
    testing::Values(Format{"f16", llvm::APFloat::IEEEhalf(), decodeF16,
                           encodeF16, 0x7c00},
                    Format{"bf16", llvm::APFloat::BFloat(), decodeBF16,
                           encodeBF16, 0x7f80}),
    [](const auto &info) { return info.param.name; });

TEST(HostTensorTest, NamesAndDLPackTypesAreInverted) {
  for (DType dtype : allDTypes) {
    EXPECT_EQ(parseDType(getName(dtype)), dtype);
    EXPECT_EQ(getDType(getDLDataType(dtype)), dtype);
    EXPECT_EQ(getDLDataType(dtype).bits, getByteSize(dtype) * 8);
  }
  for (const char *name : {"", "f", "F32", "f32 ", "float", "f8", "i128"})
    EXPECT_EQ(parseDType(name), std::nullopt) << name;
  EXPECT_EQ(getDType({kDLFloat, 32, 2}), std::nullopt);
  EXPECT_EQ(getDType({kDLComplex, 64, 1}), std::nullopt);
  EXPECT_TRUE(isFloat(DType::BF16));
  EXPECT_FALSE(isFloat(DType::Bool));
}

TEST(HostTensorTest, IsAlignedZeroedAndRowMajor) {
  for (DType dtype : allDTypes) {
    HostTensor tensor = makeTensor(dtype, {3, 1, 5});
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.getData()) %
                  HostTensor::alignment,
              0u);
    EXPECT_EQ(tensor.getNumElements(), 15);
    EXPECT_EQ(tensor.getNumBytes(), 15 * getByteSize(dtype));
    for (char byte : tensor.getBytes())
      ASSERT_EQ(byte, 0);
    tensor.set(14, 1.0);
    EXPECT_EQ(tensor.at(14), 1.0);
    EXPECT_EQ(tensor.at(13), 0.0);
  }
}

TEST(HostTensorTest, EmptyAndScalarShapes) {
  HostTensor empty = makeTensor(DType::F16, {4, 0, 8});
  EXPECT_EQ(empty.getNumElements(), 0);
  EXPECT_NE(empty.getData(), nullptr);
  EXPECT_TRUE(empty.getBytes().empty());
  HostTensor scalar = makeTensor(DType::F64, {});
  EXPECT_EQ(scalar.getNumElements(), 1);
  EXPECT_EQ(formatShape(scalar.getShape()), "scalar");
  EXPECT_EQ(formatShape(empty.getShape()), "4x0x8");
}

TEST(HostTensorTest, RefusesImpossibleShapes) {
  EXPECT_EQ(messageOf(HostTensor::create(DType::F32, {2, -1})),
            "shape 2x-1 has a negative extent");
  const char *tooMany = "shape %s has more than 2^40 elements, the largest "
                        "supported number";
  auto expected = [&](const char *shape) {
    return llvm::toString(llvm::createStringError(tooMany, shape));
  };
  EXPECT_EQ(messageOf(HostTensor::create(DType::F32, {1048576, 1048577})),
            expected("1048576x1048577"));
  EXPECT_EQ(messageOf(HostTensor::create(DType::I8, {4294967296, 4294967296})),
            expected("4294967296x4294967296"));
  EXPECT_EQ(messageOf(HostTensor::create(DType::F32, {0, INT64_MAX})),
            expected("0x9223372036854775807"));
  EXPECT_EQ(messageOf(HostTensor::create(DType::F32,
                                         llvm::SmallVector<int64_t>(33, 1))),
            "rank 33 is above the largest supported rank 32");
}

TEST(HostTensorTest, LargeTensorsCostNoMemoryUntilUsed) {
  // 2^33 bytes, of which two pages are touched.
  HostTensor tensor = makeTensor(DType::I8, {2, int64_t(1) << 32});
  tensor.set(tensor.getNumElements() - 1, 7);
  EXPECT_EQ(tensor.at(tensor.getNumElements() - 1), 7);
  EXPECT_EQ(tensor.at(0), 0);
}

// AddressSanitizer ends the process instead of failing the allocation.
#if !LLVM_ADDRESS_SANITIZER_BUILD
TEST(HostTensorTest, ReportsFailedAllocation) {
  EXPECT_EQ(messageOf(HostTensor::create(DType::F64, {int64_t(1) << 40})),
            "cannot allocate 8796093022208 bytes for a tensor of shape "
            "1099511627776 and dtype f64");
}
#endif

TEST(HostTensorTest, IntegersAreRoundedAndSaturate) {
  HostTensor i8 = makeTensor(DType::I8, {1});
  auto stored = [](HostTensor &tensor, double value) {
    tensor.set(0, value);
    return tensor.at(0);
  };
  EXPECT_EQ(stored(i8, 2.5), 2.0);
  EXPECT_EQ(stored(i8, 3.5), 4.0);
  EXPECT_EQ(stored(i8, -3.6), -4.0);
  EXPECT_EQ(stored(i8, 1e9), 127.0);
  EXPECT_EQ(stored(i8, -1e9), -128.0);
  EXPECT_EQ(stored(i8, std::nan("")), 0.0);
  HostTensor u64 = makeTensor(DType::U64, {1});
  EXPECT_EQ(stored(u64, -1.0), 0.0);
  u64.set(0, 1e30);
  EXPECT_EQ(*static_cast<uint64_t *>(u64.getData()), UINT64_MAX);
  HostTensor i64 = makeTensor(DType::I64, {1});
  i64.set(0, 0x1p63);
  EXPECT_EQ(*static_cast<int64_t *>(i64.getData()), INT64_MAX);
  i64.set(0, -0x1p63);
  EXPECT_EQ(*static_cast<int64_t *>(i64.getData()), INT64_MIN);
  HostTensor boolean = makeTensor(DType::Bool, {1});
  EXPECT_EQ(stored(boolean, -0.25), 1.0);
  EXPECT_EQ(stored(boolean, -0.0), 0.0);
}

TEST(HostTensorTest, CloneAndConvertAreIndependentCopies) {
  HostTensor original = makeTensor(DType::F32, {2, 3});
  original.fillNormal(1);
  HostTensor copy = exitOnError(original.clone());
  EXPECT_EQ(copy.getBytes(), original.getBytes());
  HostTensor half = exitOnError(original.convertTo(DType::F16));
  original.fill(9.0);
  EXPECT_NE(copy.at(5), 9.0);
  EXPECT_EQ(half.getShape(), original.getShape());
  for (int64_t index = 0; index < 6; ++index)
    EXPECT_EQ(half.at(index), decodeF16(encodeF16(copy.at(index))));
}

TEST(HostTensorTest, ViewDescribesTheTensorAfterAMove) {
  HostTensor source = makeTensor(DType::BF16, {2, 3, 4});
  source.set(23, 1.5);
  HostTensor tensor = std::move(source);
  DLTensor view = tensor.getDLTensor();
  EXPECT_EQ(view.data, tensor.getData());
  EXPECT_EQ(view.device.device_type, kDLCPU);
  EXPECT_EQ(view.dtype.code, kDLBfloat);
  EXPECT_EQ(view.dtype.bits, 16);
  EXPECT_EQ(view.dtype.lanes, 1);
  ASSERT_EQ(view.ndim, 3);
  EXPECT_EQ(llvm::ArrayRef<int64_t>(view.shape, 3), tensor.getShape());
  EXPECT_EQ(llvm::ArrayRef<int64_t>(view.strides, 3),
            llvm::ArrayRef<int64_t>({12, 4, 1}));
  EXPECT_EQ(view.byte_offset, 0u);
  EXPECT_EQ(decodeBF16(static_cast<uint16_t *>(view.data)[23]), 1.5f);
}

TEST(HostTensorTest, NormalNumbersAreTheSameEverywhere) {
  HostTensor tensor = makeTensor(DType::F64, {4});
  tensor.fillNormal(42);
  const uint64_t expected[] = {0x3fbac6cd8ef62bd6, 0xbff17f3220d6fa8a,
                               0xbfda57d443370d6b, 0x3ffaf4ac1db56a31};
  for (int64_t index = 0; index < 4; ++index)
    EXPECT_EQ(llvm::bit_cast<uint64_t>(tensor.at(index)), expected[index])
        << index;
}

TEST(HostTensorTest, NormalNumbersDependOnSeedAndIndexOnly) {
  HostTensor wide = makeTensor(DType::F64, {64});
  HostTensor narrow = makeTensor(DType::F16, {2, 16});
  HostTensor other = makeTensor(DType::F64, {64});
  wide.fillNormal(7);
  narrow.fillNormal(7);
  other.fillNormal(8);
  for (int64_t index = 0; index < 32; ++index) {
    EXPECT_EQ(narrow.at(index), decodeF16(encodeF16(wide.at(index))));
    EXPECT_NE(other.at(index), wide.at(index));
  }
  other.fillNormal(7, 10.0, 0.5);
  for (int64_t index = 0; index < 64; ++index)
    EXPECT_DOUBLE_EQ(other.at(index), 10.0 + 0.5 * wide.at(index));
}

// Moments, tails and the correlation of neighbours of 2^20 numbers. The limits
// are six standard errors.
TEST(HostTensorTest, NormalNumbersAreNormal) {
  constexpr int64_t count = 1 << 20;
  HostTensor tensor = makeTensor(DType::F64, {count});
  tensor.fillNormal(2024);
  double sum = 0, squares = 0, cubes = 0, fourths = 0, neighbours = 0;
  int64_t aboveTwo = 0;
  for (int64_t index = 0; index < count; ++index) {
    double x = tensor.at(index);
    sum += x;
    squares += x * x;
    cubes += x * x * x;
    fourths += x * x * x * x;
    aboveTwo += std::fabs(x) > 2.0;
    if (index > 0)
      neighbours += x * tensor.at(index - 1);
  }
  double error = 6.0 / std::sqrt(double(count));
  EXPECT_NEAR(sum / count, 0.0, error);
  EXPECT_NEAR(squares / count, 1.0, error * std::sqrt(2.0));
  EXPECT_NEAR(cubes / count, 0.0, error * std::sqrt(15.0));
  EXPECT_NEAR(fourths / count, 3.0, error * std::sqrt(96.0));
  EXPECT_NEAR(neighbours / count, 0.0, error);
  EXPECT_NEAR(double(aboveTwo) / count, 0.0455, error * 0.21);
}

} // namespace
