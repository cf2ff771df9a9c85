//===- Quantise.h - numbers as elements of a cache --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_APPENDTOLOOPS_QUANTISE_H
#define ATTNC_LIB_CONVERSION_APPENDTOLOOPS_QUANTISE_H

#include "attnc/Support/LLVM.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace attnc::attn {

/// The least and the greatest number that an element type has.
struct ElementRange {
  double least, greatest;
};
ElementRange getElementRange(Type element);

/// `number`, an f32, as the element: i8 whose bits are those of the nearest
/// element, ties to even, or of the range's end for what is beyond it. Of i4
/// the low half counts. NaN is 0 as an integer, and NaN as f8.
Value quantise(mlir::ImplicitLocOpBuilder &builder, Value number, Type element);

} // namespace attnc::attn

#endif // ATTNC_LIB_CONVERSION_APPENDTOLOOPS_QUANTISE_H
