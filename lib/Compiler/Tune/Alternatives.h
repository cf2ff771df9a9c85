//===- Alternatives.h - plans near a plan -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A plan is a `#attn.schedule` or a `#attn.decode`. The model is rarely far
// off, so that what is worth measuring are its neighbours: the same plan with
// one number a step smaller or larger.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_COMPILER_TUNE_ALTERNATIVES_H
#define ATTNC_LIB_COMPILER_TUNE_ALTERNATIVES_H

#include "attnc/Dialect/Attn/IR/Attn.h"

namespace attnc {

/// A number of a plan.
enum class PlanParameter { Lanes, QueryTile, KeyTile, KeysPerSplit, Rows };

/// The numbers of a plan that are worth changing, the most telling first.
SmallVector<PlanParameter> getParameters(Attribute plan,
                                         const attn::CarryFootprint &footprint);

/// The plan with a number one step smaller or larger: lanes by a vector, the
/// others by a factor of two. Null where that is no plan that the op can have
/// on a target with `width` f32 elements in a vector, or none that is sensible.
Attribute step(Attribute plan, PlanParameter parameter, bool isLarger,
               const attn::CarryFootprint &footprint, int64_t width);

} // namespace attnc

#endif // ATTNC_LIB_COMPILER_TUNE_ALTERNATIVES_H
