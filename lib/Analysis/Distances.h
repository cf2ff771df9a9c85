//===- Distances.h - masks that are bands -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Windows, causal and dilated masks depend on how far apart a query and a key
// are, and on nothing else of them. Their pairs are counted diagonal by
// diagonal.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_ANALYSIS_DISTANCES_H
#define ATTNC_LIB_ANALYSIS_DISTANCES_H

#include "attnc/Analysis/PairCount.h"

namespace attnc {

/// The number of pairs that a mask without terms allows, if it depends on q and
/// k by q - k only. Takes as many steps as there are queries and keys.
std::optional<int64_t> countByDistance(const MaskExpr &mask,
                                       const QueryPlane &plane);

} // namespace attnc

#endif // ATTNC_LIB_ANALYSIS_DISTANCES_H
