//===- UsefulWork.h - the arithmetic a function cannot avoid ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Counts the multiplications and additions that the attn ops of a function need
// by definition, for given extents: what a rate in FLOP/s is divided by, so
// that work on masked keys never looks like speed.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_DIALECT_ATTN_ANALYSIS_USEFULWORK_H
#define ATTNC_DIALECT_ATTN_ANALYSIS_USEFULWORK_H

#include "attnc/Dialect/Attn/Analysis/MaskValues.h"
#include "attnc/Support/LLVM.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace attnc::attn {

/// The extents of the positions that a mask is a predicate over.
struct MaskExtents {
  int64_t batch = 0, heads = 0, queryLength = 0, keyLength = 0;
};

/// The number of (b, h, q, k) that the mask of `op` allows, query row i being
/// at position i + keyLength - queryLength. Exact; nothing if the op has a
/// where region (raise it first), the mask reads values that are not known, or
/// counting would take too long (PairCount.h).
std::optional<double> countAllowedPairs(AttendOp op, const MaskExtents &extents,
                                        const MaskValues &values);

/// Floating-point operations of the attn ops in `function`, an addition and a
/// multiplication counting as two:
///
///   attend   2 (dim + value_dim) for each allowed pair of query and key
///   scan     4 dim value_dim for each batch, head and position
///
/// `getExtent` gives the extent of a tensor of the body along an axis, and
/// `getTable` what masks read. Upstream ops beside them count nothing. Nothing
/// if the pairs of a mask were not counted.
std::optional<double>
countUsefulFlops(mlir::func::FuncOp function,
                 function_ref<int64_t(Value, int64_t)> getExtent,
                 GetTable getTable);

} // namespace attnc::attn

#endif // ATTNC_DIALECT_ATTN_ANALYSIS_USEFULWORK_H
