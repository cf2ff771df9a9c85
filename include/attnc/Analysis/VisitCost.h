//===- VisitCost.h - what it costs to visit keys ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The part of the cost model that depends on the mask: how many pairs of a
// query and a key strips of some height visit, and how often they start anew.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_ANALYSIS_VISITCOST_H
#define ATTNC_ANALYSIS_VISITCOST_H

#include "attnc/Analysis/KeyVisits.h"
#include <optional>

namespace attnc {

/// The number of keys that is weighed where it is not known.
inline constexpr int64_t assumedKeys = 16384;

/// Reads one element of a term's table, if it is known before run time.
using KnownTermReader = function_ref<std::optional<int64_t>(
    const MaskTerm &term, ArrayRef<int64_t> indices)>;

/// The cost of one query row, in pairs without mask code, if `length` queries
/// and keys are visited in strips of `lanes` rows. Pairs that are tested, steps
/// and rows have a price in pairs. A number that is not known is taken to be
/// 1024.
double estimateRowCost(const KeyVisits &visits, int64_t length, int64_t lanes,
                       KnownTermReader readKnown);

} // namespace attnc

#endif // ATTNC_ANALYSIS_VISITCOST_H
