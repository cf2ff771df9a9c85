//===- MemoryType.h - the memory behind a tensor ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one memref type by which kernels see tensors: at entry points, and in the
// bodies of tile kernels.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_SUPPORT_MEMORYTYPE_H
#define ATTNC_SUPPORT_MEMORYTYPE_H

#include "attnc/Support/LLVM.h"
#include "mlir/IR/BuiltinTypes.h"

namespace attnc {

/// Memory of the shape and element type of `type`, of any offset and strides
/// but a unit innermost one.
inline MemRefType getMemoryType(RankedTensorType type) {
  SmallVector<int64_t> strides(type.getRank(), mlir::ShapedType::kDynamic);
  if (!strides.empty())
    strides.back() = 1;
  auto layout = mlir::StridedLayoutAttr::get(
      type.getContext(), mlir::ShapedType::kDynamic, strides);
  return MemRefType::get(type.getShape(), type.getElementType(), layout);
}

} // namespace attnc

#endif // ATTNC_SUPPORT_MEMORYTYPE_H
