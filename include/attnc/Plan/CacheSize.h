//===- CacheSize.h - the memory of a sequence -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a sequence keeps: keys and values, which grow with its tokens until they
// fill a window, and the states of recurrences, which do not grow. All counts
// are exact; Model.h says why they stay in 64 bits. Models have passed `check`,
// and no number of tokens is above `mostTokens`.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_PLAN_CACHESIZE_H
#define ATTNC_PLAN_CACHESIZE_H

#include "attnc/Plan/Model.h"

namespace attnc::plan {

/// The most tokens of a page.
inline constexpr uint64_t mostPageTokens = uint64_t(1) << 16;

/// What one token adds while no window is full.
uint64_t getBytesPerToken(const Model &model, const CacheFormat &format);

/// The states of the scans.
uint64_t getStateBytes(const Model &model);

/// What a sequence of `tokens` tokens keeps.
uint64_t getSequenceBytes(const Model &model, const CacheFormat &format,
                          uint64_t tokens);

/// The same in pages of `page` tokens, of which each layer takes whole ones.
uint64_t getPagedBytes(const Model &model, const CacheFormat &format,
                       uint64_t tokens, uint64_t page);

/// A step from full multi-head attention to what the model has.
struct Reduction {
  std::string what;
  /// What a sequence keeps from this step on.
  uint64_t bytes = 0;
  /// By what the step divided it; 1 for the first.
  double factor = 1;
};

/// The steps that change something, one after the other; the first is
/// multi-head attention in f16 without windows in the place of all layers. None
/// for a model without attention.
std::vector<Reduction>
getReductions(const Model &model, const CacheFormat &format, uint64_t tokens);

/// The scores of all pairs of a layer, as a matrix for each head. Up to 2^80,
/// and exact up to 2^53.
double getScoreMatrixBytes(const Layer &layer, uint64_t tokens,
                           NumberType type);

} // namespace attnc::plan

#endif // ATTNC_PLAN_CACHESIZE_H
