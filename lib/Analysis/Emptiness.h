//===- Emptiness.h - is there an integer point? -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The emptiness test of this library: that of mlir::presburger, which branches
// over integers, behind cheaper ones that settle most questions.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_ANALYSIS_EMPTINESS_H
#define ATTNC_LIB_ANALYSIS_EMPTINESS_H

#include "mlir/Analysis/Presburger/IntegerRelation.h"

namespace attnc {

/// Whether `relation` is known to have no integer point. Exact unless there are
/// many divisions.
bool isKnownEmpty(const mlir::presburger::IntegerRelation &relation);

} // namespace attnc

#endif // ATTNC_LIB_ANALYSIS_EMPTINESS_H
