//===- Emptiness.h - is there an integer point? -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The emptiness test of this library: mlir::presburger's, kept from the inputs
// on which it takes very long.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_ANALYSIS_EMPTINESS_H
#define ATTNC_LIB_ANALYSIS_EMPTINESS_H

#include "mlir/Analysis/Presburger/IntegerRelation.h"
#include "mlir/Analysis/Presburger/Simplex.h"

namespace attnc {

/// Whether `relation` is known to have no integer point. Exact unless there are
/// many divisions: the integer test branches, in time exponential in their
/// number, where a rational point does not settle the question.
inline bool isKnownEmpty(const mlir::presburger::IntegerRelation &relation) {
  constexpr unsigned maxBranchedDivisions = 3;
  if (mlir::presburger::Simplex(relation).isEmpty())
    return true;
  return relation.getNumLocalVars() <= maxBranchedDivisions &&
         relation.isIntegerEmpty();
}

} // namespace attnc

#endif // ATTNC_LIB_ANALYSIS_EMPTINESS_H
