//===- HostTensor.cpp - Dense tensors in host memory ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Conversions, checked allocation and reproducible random numbers. The build
// compiles this file without contraction to fused operations, which is what
// makes the random numbers the same on every machine.
//
//===----------------------------------------------------------------------===//

#include "attnc/Support/HostTensor.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/raw_ostream.h"

#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>

using namespace attnc;

namespace {

struct DTypeRow {
  DType dtype;
  const char *name;
  uint8_t code;
  uint8_t bytes;
};

/// In the order of the enumeration, so that a DType is an index.
constexpr DTypeRow dtypeTable[] = {
    {DType::F32, "f32", kDLFloat, 4},    {DType::F16, "f16", kDLFloat, 2},
    {DType::BF16, "bf16", kDLBfloat, 2}, {DType::F64, "f64", kDLFloat, 8},
    {DType::I8, "i8", kDLInt, 1},        {DType::I16, "i16", kDLInt, 2},
    {DType::I32, "i32", kDLInt, 4},      {DType::I64, "i64", kDLInt, 8},
    {DType::U8, "u8", kDLUInt, 1},       {DType::U16, "u16", kDLUInt, 2},
    {DType::U32, "u32", kDLUInt, 4},     {DType::U64, "u64", kDLUInt, 8},
    {DType::Bool, "bool", kDLBool, 1},
};

} // namespace

static const DTypeRow &row(DType dtype) {
  const DTypeRow &found = dtypeTable[static_cast<size_t>(dtype)];
  assert(found.dtype == dtype && "the table is not in enumeration order");
  return found;
}

llvm::StringRef attnc::getName(DType dtype) { return row(dtype).name; }

std::optional<DType> attnc::parseDType(llvm::StringRef name) {
  for (const DTypeRow &candidate : dtypeTable)
    if (name == candidate.name)
      return candidate.dtype;
  return std::nullopt;
}

int64_t attnc::getByteSize(DType dtype) { return row(dtype).bytes; }

bool attnc::isFloat(DType dtype) {
  uint8_t code = row(dtype).code;
  return code == kDLFloat || code == kDLBfloat;
}

DLDataType attnc::getDLDataType(DType dtype) {
  return {row(dtype).code, static_cast<uint8_t>(row(dtype).bytes * 8), 1};
}

std::optional<DType> attnc::getDType(DLDataType type) {
  for (const DTypeRow &candidate : dtypeTable)
    if (type.code == candidate.code && type.bits == candidate.bytes * 8 &&
        type.lanes == 1)
      return candidate.dtype;
  return std::nullopt;
}

float attnc::decodeF16(uint16_t bits) {
  uint32_t sign = uint32_t(bits & 0x8000) << 16;
  uint32_t exponent = (bits >> 10) & 0x1f;
  uint32_t mantissa = bits & 0x3ff;
  if (exponent == 0x1f)
    return llvm::bit_cast<float>(sign | 0x7f800000u | mantissa << 13);
  if (exponent != 0) // Rebias from 15 to 127.
    return llvm::bit_cast<float>(sign | (exponent + 112) << 23 |
                                 mantissa << 13);
  // A subnormal counts units of 2^-24, exactly.
  float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
  return llvm::bit_cast<float>(sign | llvm::bit_cast<uint32_t>(magnitude));
}

float attnc::decodeBF16(uint16_t bits) {
  return llvm::bit_cast<float>(uint32_t(bits) << 16);
}

/// Rounds to the 16-bit format with these field widths. Works on the bits of
/// the double: going by way of float would round twice.
template <int ExponentBits, int MantissaBits>
static uint16_t encode16(double value) {
  static_assert(ExponentBits + MantissaBits == 15, "not a 16-bit format");
  constexpr int bias = (1 << (ExponentBits - 1)) - 1;
  constexpr int minExponent = 1 - bias;
  constexpr uint64_t infinity = uint64_t((1 << ExponentBits) - 1)
                                << MantissaBits;
  auto bits = llvm::bit_cast<uint64_t>(value);
  auto sign = static_cast<uint16_t>((bits >> 48) & 0x8000);
  int exponent = static_cast<int>((bits >> 52) & 0x7ff) - 1023;
  uint64_t mantissa = bits & ((uint64_t(1) << 52) - 1);
  if (exponent == 1024 && mantissa != 0)
    return sign | infinity | uint64_t(1) << (MantissaBits - 1);
  if (exponent > bias)
    return sign | infinity;

  // What has to go: the surplus mantissa bits, and more for a subnormal. From
  // 54 bits on, less than half a unit remains (also of a subnormal double,
  // whose missing leading one does not matter then).
  int surplus = 52 - MantissaBits;
  if (exponent < minExponent)
    surplus += minExponent - exponent;
  if (surplus >= 54)
    return sign;
  uint64_t significand = mantissa | uint64_t(1) << 52;
  uint64_t rounded = significand >> surplus;
  uint64_t rest = significand & ((uint64_t(1) << surplus) - 1);
  uint64_t half = uint64_t(1) << (surplus - 1);
  if (rest > half || (rest == half && (rounded & 1)))
    ++rounded;
  // The leading one of `rounded` adds one to the exponent field, and so does
  // a carry out of the mantissa: into the next binade or into infinity.
  if (exponent >= minExponent)
    rounded += uint64_t(exponent - minExponent) << MantissaBits;
  return sign | static_cast<uint16_t>(rounded);
}

uint16_t attnc::encodeF16(double value) { return encode16<5, 10>(value); }
uint16_t attnc::encodeBF16(double value) { return encode16<8, 7>(value); }

llvm::Expected<int64_t>
attnc::getCheckedNumElements(llvm::ArrayRef<int64_t> shape) {
  if (shape.size() > maxTensorRank)
    return llvm::createStringError(
        "rank %zu is above the largest supported rank %zu", shape.size(),
        maxTensorRank);
  int64_t product = 1;
  for (int64_t extent : shape) {
    if (extent < 0)
      return llvm::createStringError("shape %s has a negative extent",
                                     formatShape(shape).c_str());
    // A zero must not hide what the other extents multiply to: strides are
    // computed from them.
    std::optional<int64_t> next =
        llvm::checkedMul(product, extent ? extent : int64_t(1));
    if (!next || *next > maxTensorElements)
      return llvm::createStringError(
          "shape %s has more than 2^40 elements, the largest supported number",
          formatShape(shape).c_str());
    product = *next;
  }
  return llvm::is_contained(shape, 0) ? 0 : product;
}

std::string attnc::formatShape(llvm::ArrayRef<int64_t> shape) {
  if (shape.empty())
    return "scalar";
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleave(shape, os, "x");
  return text;
}

llvm::Expected<HostTensor> HostTensor::create(DType dtype,
                                              llvm::ArrayRef<int64_t> shape) {
  llvm::Expected<int64_t> numElements = getCheckedNumElements(shape);
  if (!numElements)
    return numElements.takeError();
  // At most 2^40 elements of 8 bytes, hence below maxTensorBytes.
  static_assert(maxTensorElements * 8 <= maxTensorBytes, "limits disagree");
  int64_t numBytes = *numElements * getByteSize(dtype);

  HostTensor tensor;
  tensor.dtype = dtype;
  tensor.numElements = *numElements;
  tensor.shape.assign(shape.begin(), shape.end());
  tensor.strides.resize(shape.size());
  int64_t stride = 1;
  for (size_t dimension = shape.size(); dimension-- > 0;) {
    tensor.strides[dimension] = stride;
    stride *= shape[dimension] ? shape[dimension] : 1;
  }
  // Unlike an aligned allocation, calloc knows fresh pages to be zero.
  size_t capacity = static_cast<size_t>(numBytes) + alignment;
  tensor.memory.reset(std::calloc(capacity, 1));
  if (!tensor.memory)
    return llvm::createStringError(
        std::errc::not_enough_memory,
        "cannot allocate %lld bytes for a tensor of shape %s and dtype %s",
        static_cast<long long>(numBytes), formatShape(shape).c_str(),
        getName(dtype).data());
  tensor.aligned = tensor.memory.get();
  std::align(alignment, static_cast<size_t>(numBytes), tensor.aligned,
             capacity);
  return tensor;
}

llvm::Expected<HostTensor> HostTensor::clone() const {
  llvm::Expected<HostTensor> copy = create(dtype, shape);
  if (copy)
    std::memcpy(copy->aligned, aligned, static_cast<size_t>(getNumBytes()));
  return copy;
}

llvm::Expected<HostTensor> HostTensor::convertTo(DType target) const {
  if (target == dtype)
    return clone();
  llvm::Expected<HostTensor> converted = create(target, shape);
  if (converted)
    for (int64_t index = 0; index < numElements; ++index)
      converted->set(index, at(index));
  return converted;
}

llvm::MutableArrayRef<char> HostTensor::getBytes() {
  return {static_cast<char *>(aligned), static_cast<size_t>(getNumBytes())};
}

llvm::ArrayRef<char> HostTensor::getBytes() const {
  return {static_cast<const char *>(aligned),
          static_cast<size_t>(getNumBytes())};
}

template <typename T>
static double load(const void *data, int64_t index) {
  return static_cast<double>(static_cast<const T *>(data)[index]);
}

template <typename T>
static void store(void *data, int64_t index, T value) {
  static_cast<T *>(data)[index] = value;
}

/// The nearest integer in the range of T. The upper limit of the 64-bit types
/// is no double, so compare with the power of two above it.
template <typename T>
static T saturate(double value) {
  double limit = std::ldexp(1.0, std::numeric_limits<T>::digits);
  double lowest = std::numeric_limits<T>::is_signed ? -limit : 0.0;
  if (std::isnan(value))
    return 0;
  double rounded = std::nearbyint(value);
  if (rounded >= limit)
    return std::numeric_limits<T>::max();
  return rounded <= lowest ? std::numeric_limits<T>::min()
                           : static_cast<T>(rounded);
}

template <typename T>
static void storeSaturated(void *data, int64_t index, double value) {
  store(data, index, saturate<T>(value));
}

double HostTensor::at(int64_t index) const {
  assert(index >= 0 && index < numElements && "index out of range");
  switch (dtype) {
  case DType::F32:
    return load<float>(aligned, index);
  case DType::F16:
    return decodeF16(static_cast<const uint16_t *>(aligned)[index]);
  case DType::BF16:
    return decodeBF16(static_cast<const uint16_t *>(aligned)[index]);
  case DType::F64:
    return load<double>(aligned, index);
  case DType::I8:
    return load<int8_t>(aligned, index);
  case DType::I16:
    return load<int16_t>(aligned, index);
  case DType::I32:
    return load<int32_t>(aligned, index);
  case DType::I64:
    return load<int64_t>(aligned, index);
  case DType::U8:
  case DType::Bool:
    return load<uint8_t>(aligned, index);
  case DType::U16:
    return load<uint16_t>(aligned, index);
  case DType::U32:
    return load<uint32_t>(aligned, index);
  case DType::U64:
    return load<uint64_t>(aligned, index);
  }
  llvm_unreachable("covered switch");
}

void HostTensor::set(int64_t index, double value) {
  assert(index >= 0 && index < numElements && "index out of range");
  switch (dtype) {
  case DType::F32:
    return store(aligned, index, static_cast<float>(value));
  case DType::F16:
    return store(aligned, index, encodeF16(value));
  case DType::BF16:
    return store(aligned, index, encodeBF16(value));
  case DType::F64:
    return store(aligned, index, value);
  case DType::I8:
    return storeSaturated<int8_t>(aligned, index, value);
  case DType::I16:
    return storeSaturated<int16_t>(aligned, index, value);
  case DType::I32:
    return storeSaturated<int32_t>(aligned, index, value);
  case DType::I64:
    return storeSaturated<int64_t>(aligned, index, value);
  case DType::U8:
    return storeSaturated<uint8_t>(aligned, index, value);
  case DType::U16:
    return storeSaturated<uint16_t>(aligned, index, value);
  case DType::U32:
    return storeSaturated<uint32_t>(aligned, index, value);
  case DType::U64:
    return storeSaturated<uint64_t>(aligned, index, value);
  case DType::Bool:
    return store(aligned, index, static_cast<uint8_t>(value != 0.0));
  }
  llvm_unreachable("covered switch");
}

void HostTensor::fill(double value) {
  for (int64_t index = 0; index < numElements; ++index)
    set(index, value);
}

/// The output function of splitmix64 (Steele, Lea, Flood, OOPSLA 2014), a
/// bijection of 64-bit words.
static uint64_t mix(uint64_t word) {
  word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9u;
  word = (word ^ word >> 27) * 0x94d049bb133111ebu;
  return word ^ word >> 31;
}

/// The number with this counter in the splitmix64 sequence of `key`.
static uint64_t randomBits(uint64_t key, uint64_t counter) {
  return mix(key + (counter + 1) * 0x9e3779b97f4a7c15u);
}

/// The natural logarithm for 0 < x <= 1. The C library's functions differ
/// between platforms in the last bit; basic operations in a fixed order do
/// not. With x = m * 2^e and m within a factor sqrt(2) of 1, the series of
/// 2 atanh((m-1)/(m+1)) reaches full precision at its twelfth term.
static double reproducibleLog(double x) {
  int exponent;
  double m = std::frexp(x, &exponent);
  if (m < 0x1.6a09e667f3bcdp-1) {
    m *= 2.0;
    --exponent;
  }
  double s = (m - 1.0) / (m + 1.0);
  double square = s * s;
  double sum = 0.0;
  for (int term = 23; term >= 1; term -= 2)
    sum = sum * square + 1.0 / term;
  return exponent * 0x1.62e42fefa39efp-1 + 2.0 * s * sum;
}

/// cos(2 pi x) for 0 <= x < 1, by the nearest quarter turn and a Taylor series
/// for the remaining angle of at most an eighth of a turn.
static double reproducibleCosTurns(double x) {
  double quarters = x * 4.0;
  int quadrant = static_cast<int>(quarters + 0.5);
  double angle = (quarters - quadrant) * 0x1.921fb54442d18p+0;
  double square = angle * angle;
  bool isSine = quadrant & 1;
  double sum = 1.0;
  for (int n = isSine ? 19 : 18; n >= 2; n -= 2)
    sum = 1.0 - sum * square / (n * (n - 1));
  if (isSine)
    sum *= angle;
  return quadrant == 1 || quadrant == 2 ? -sum : sum;
}

void HostTensor::fillNormal(uint64_t seed, double mean, double deviation) {
  // Neighbouring seeds must not give shifted copies of one sequence.
  uint64_t key = mix(seed ^ 0x6a09e667f3bcc908u);
  for (int64_t index = 0; index < numElements; ++index) {
    auto counter = static_cast<uint64_t>(index) * 2;
    // Box-Muller: u in (0, 1], so that its logarithm is finite; v in [0, 1).
    double u = static_cast<double>((randomBits(key, counter) >> 11) + 1);
    double v = static_cast<double>(randomBits(key, counter + 1) >> 11);
    double radius = std::sqrt(-2.0 * reproducibleLog(u * 0x1p-53));
    set(index, mean + deviation * (radius * reproducibleCosTurns(v * 0x1p-53)));
  }
}

DLTensor HostTensor::getDLTensor() {
  DLTensor view = {};
  view.data = aligned;
  view.device = {kDLCPU, 0};
  view.ndim = static_cast<int32_t>(shape.size());
  view.dtype = getDLDataType(dtype);
  view.shape = shape.data();
  view.strides = strides.data();
  return view;
}
