//===- ReadElements.h - numbers of any element type as f32 ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_TILETOCPU_READELEMENTS_H
#define ATTNC_LIB_CONVERSION_TILETOCPU_READELEMENTS_H

#include "attnc/Support/LLVM.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace attnc::cpu {

/// The `count` elements along the last axis at `address`, or the one there if
/// `count` is 0, as f32. `encoding` is what the bytes of a memory of i8 stand
/// for; of i4 the last index counts elements, and a vector begins at an even
/// one. Unless they are to be `scaled`, elements may lack `factorOf(encoding)`,
/// which costs less once for a sum of products than for each of them.
Value readElements(mlir::ImplicitLocOpBuilder &builder, Value memory,
                   ArrayRef<Value> address, int64_t count, Type encoding,
                   bool scaled = true);

/// The power of two that elements which are not scaled stand for.
float factorOf(Type encoding);

} // namespace attnc::cpu

#endif // ATTNC_LIB_CONVERSION_TILETOCPU_READELEMENTS_H
