//===- HostTensor.h - Dense tensors in host memory --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Element types and owning tensors for everything that feeds a kernel or
// judges its result: files, random inputs, references, comparisons. Sizes are
// checked before memory is asked for, since shapes come from files and command
// lines. Needs LLVM's Support library only.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_SUPPORT_HOSTTENSOR_H
#define ATTNC_SUPPORT_HOSTTENSOR_H

#include "attnc-c/dlpack.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

namespace attnc {

/// The element types that tensors in host memory may have.
enum class DType : uint8_t {
  F32,
  F16,
  BF16,
  F64,
  I8,
  I16,
  I32,
  I64,
  U8,
  U16,
  U32,
  U64,
  Bool
};

/// The name in specifications and messages: "f32", "bf16", "i8", "u16", "bool".
llvm::StringRef getName(DType dtype);

/// The inverse of getName; none for any other string.
std::optional<DType> parseDType(llvm::StringRef name);

/// The size of one element in bytes.
int64_t getByteSize(DType dtype);

/// Whether elements are floating-point numbers.
bool isFloat(DType dtype);

/// The type as DLPack writes it, with one lane.
DLDataType getDLDataType(DType dtype);

/// The inverse of getDLDataType; none for types that have no DType.
std::optional<DType> getDType(DLDataType type);

/// Exact conversions from the 16-bit formats. The bits of a NaN are kept.
float decodeF16(uint16_t bits);
float decodeBF16(uint16_t bits);

/// Conversions to the 16-bit formats, rounding once, to nearest and ties to
/// even; above the largest finite number to infinity. A NaN becomes a quiet
/// NaN of the same sign.
uint16_t encodeF16(double value);
uint16_t encodeBF16(double value);

/// Limits of every tensor: far above any memory, far below overflow.
constexpr int64_t maxTensorElements = int64_t(1) << 40;
constexpr int64_t maxTensorBytes = int64_t(1) << 46;
constexpr size_t maxTensorRank = 32;

/// The number of elements of a shape, computed without overflow. Fails on
/// negative extents, on a rank above maxTensorRank, and when the extents that
/// are not zero multiply to more than maxTensorElements.
llvm::Expected<int64_t> getCheckedNumElements(llvm::ArrayRef<int64_t> shape);

/// A shape as text, such as "2x8x128"; "scalar" for rank 0.
std::string formatShape(llvm::ArrayRef<int64_t> shape);

/// A dense row-major tensor that owns its memory. Move-only; a moved-from
/// tensor may only be assigned to or destroyed.
class HostTensor {
public:
  /// Memory starts at a multiple of this many bytes.
  static constexpr size_t alignment = 64;

  /// A tensor of zeros. Fails when the shape breaks a limit or the memory
  /// cannot be had. Untouched pages of large tensors cost no physical memory.
  static llvm::Expected<HostTensor> create(DType dtype,
                                           llvm::ArrayRef<int64_t> shape);

  /// A copy with memory of its own; fails like create.
  llvm::Expected<HostTensor> clone() const;

  /// A copy with each element converted as by set(at()); fails like create.
  llvm::Expected<HostTensor> convertTo(DType target) const;

  DType getDType() const { return dtype; }
  llvm::ArrayRef<int64_t> getShape() const { return shape; }
  int64_t getRank() const { return static_cast<int64_t>(shape.size()); }
  int64_t getNumElements() const { return numElements; }
  int64_t getNumBytes() const { return numElements * getByteSize(dtype); }

  /// The first element; never null, also when there are no elements.
  void *getData() { return aligned; }
  const void *getData() const { return aligned; }

  /// All elements as bytes in memory order.
  llvm::MutableArrayRef<char> getBytes();
  llvm::ArrayRef<char> getBytes() const;

  /// The element at a linear (row-major) index below getNumElements(). Exact
  /// except for 64-bit integers beyond 2^53, which are rounded to nearest.
  double at(int64_t index) const;

  /// Stores a number, rounded to nearest, ties to even. Integers saturate and
  /// take NaN as 0; a bool is whether the number differs from 0.
  void set(int64_t index, double value);

  /// Sets every element to `value`.
  void fill(double value);

  /// Fills the tensor with normally distributed numbers. Element i depends on
  /// `seed` and i only, so a shape or a dtype can change without changing the
  /// values (up to rounding), and the bits are the same on every platform.
  void fillNormal(uint64_t seed, double mean = 0.0, double deviation = 1.0);

  /// A view for kernels, compact and with explicit strides. It points into
  /// this object and is valid until the tensor is moved or destroyed.
  DLTensor getDLTensor();

private:
  struct Deallocate {
    void operator()(void *memory) const { std::free(memory); }
  };

  HostTensor() = default;

  DType dtype = DType::F32;
  int64_t numElements = 0;
  llvm::SmallVector<int64_t, 4> shape;
  llvm::SmallVector<int64_t, 4> strides;
  std::unique_ptr<void, Deallocate> memory;
  /// The first multiple of alignment inside `memory`.
  void *aligned = nullptr;
};

} // namespace attnc

#endif // ATTNC_SUPPORT_HOSTTENSOR_H
