//===- Lengths.h - how long sequences get -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A distribution of lengths as points of equal probability: the numbers of a
// trace, or quantiles of a formula. Nothing is drawn at random, so that a plan
// is the same each time.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_PLAN_LENGTHS_H
#define ATTNC_PLAN_LENGTHS_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>
#include <vector>

namespace attnc::plan {

/// The most points of a formula, and the most numbers of a trace.
inline constexpr size_t mostQuantiles = 4096;
inline constexpr size_t mostTraceLengths = size_t(1) << 20;

/// Lengths of whole sequences, prompt and answer together.
struct Lengths {
  /// What was asked for.
  std::string text;
  /// In ascending order.
  std::vector<uint64_t> points;
  /// The share of sequences that `cut` shortened.
  double shareCut = 0;

  /// fixed:N, uniform:A:B (both ends included), lognormal:MEAN:SIGMA (the mean
  /// of the lengths, the standard deviation of their logarithm), or the name of
  /// a file with whole numbers.
  static llvm::Expected<Lengths> parse(llvm::StringRef text);

  /// Makes no sequence longer than `longest`.
  void cut(uint64_t longest);

  double getMean() const;
};

/// The quantile `probability`, between 0 and 1, of the normal distribution.
double getNormalQuantile(double probability);

} // namespace attnc::plan

#endif // ATTNC_PLAN_LENGTHS_H
