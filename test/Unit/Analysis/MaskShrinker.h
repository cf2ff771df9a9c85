//===- MaskShrinker.h - the smallest mask that still fails ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Makes a counterexample readable: parts of the predicate are dropped and
// numbers are brought towards 0 for as long as the failure stays.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_TEST_UNIT_ANALYSIS_MASKSHRINKER_H
#define ATTNC_TEST_UNIT_ANALYSIS_MASKSHRINKER_H

#include "MaskProof.h"

namespace attnc::test {

/// Simplifies both as long as `fails` holds of them, greedily.
void shrinkCounterexample(
    MaskClaim &claim, QueryTile &tile,
    function_ref<bool(const MaskClaim &, const QueryTile &)> fails);

} // namespace attnc::test

#endif // ATTNC_TEST_UNIT_ANALYSIS_MASKSHRINKER_H
