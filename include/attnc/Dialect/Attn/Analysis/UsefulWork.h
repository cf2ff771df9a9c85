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

#include "attnc/Analysis/MaskSet.h"
#include "attnc/Support/LLVM.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace attnc::attn {

/// The extents of the positions that a mask is a predicate over.
struct MaskExtents {
  int64_t batch = 0, heads = 0, queryLength = 0, keyLength = 0;
};

/// The number of (b, h, q, k) that `mask` allows, query row i being at position
/// i + keyLength - queryLength. Exact. The time is that of one visit per row
/// for masks whose rows are few contiguous runs of keys, and of one per
/// position for others.
int64_t countAllowedPairs(const MaskSet &mask, MLIRContext *context,
                          const MaskExtents &extents);

/// Floating-point operations of the attn ops in `function`, an addition and a
/// multiplication counting as two:
///
///   attend   2 (dim + value_dim) for each allowed pair of query and key
///   scan     4 dim value_dim for each batch, head and position
///
/// `getExtent` gives the extent of a tensor of the body along an axis. Upstream
/// ops beside them count nothing.
double countUsefulFlops(mlir::func::FuncOp function,
                        function_ref<int64_t(Value, int64_t)> getExtent);

} // namespace attnc::attn

#endif // ATTNC_DIALECT_ATTN_ANALYSIS_USEFULWORK_H
