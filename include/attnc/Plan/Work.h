//===- Work.h - the arithmetic of a sequence --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Multiplications and additions. They are doubles: up to 1e30 for the longest
// sequences, and exact up to 2^53. Exponentials of the softmax are not counted,
// as in the papers that docs/plan.md cites.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_PLAN_WORK_H
#define ATTNC_PLAN_WORK_H

#include "attnc/Plan/CacheSize.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace attnc::plan {

/// How many pairs of query and key a causal layer of a head has in `tokens`
/// tokens: of all of them in prefill, of the last one in decoding.
double getPairs(const Layer &layer, uint64_t tokens, Phase phase);

/// The operations of one layer along the sequence: those on pairs, or those of
/// the recurrence.
double getSequenceFlops(const Layer &layer, uint64_t tokens, Phase phase);

/// The operations of a model.
struct Work {
  /// Along the sequence, by attention and by scans.
  double attention = 0, scan = 0;
  /// Products with weights: two for each weight that a token meets.
  double weights = 0;

  double getSequence() const { return attention + scan; }
  double getTotal() const { return attention + scan + weights; }
};

/// The operations to read `tokens` tokens, or to go on by the last of them.
Work getWork(const Model &model, uint64_t tokens, Phase phase);

/// From which number of tokens on something takes less than something else, up
/// to `mostTokens`; none if it does not take less there.
struct Crossover {
  std::optional<uint64_t> memory, decodeFlops, prefillFlops;
};

/// One layer in the place of another.
Crossover getLayerCrossover(const Layer &candidate, const Layer &other,
                            const CacheFormat &format);

/// One model in the place of another, weights left out.
Crossover getModelCrossover(const Model &candidate, const Model &other,
                            const CacheFormat &format);

/// The least number from which on `difference` is negative up to `mostTokens`.
/// It is convex or concave between neighbouring `breaks`.
std::optional<uint64_t>
findLastingNegative(llvm::function_ref<double(uint64_t)> difference,
                    std::vector<uint64_t> breaks);

} // namespace attnc::plan

#endif // ATTNC_PLAN_WORK_H
