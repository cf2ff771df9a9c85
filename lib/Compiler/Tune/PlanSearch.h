//===- PlanSearch.h - the best plan near the model's ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A greedy search along one number after the other. It starts from the model's
// plan, which runs in every round, and leaves it only for what is faster beyond
// the noise, twice: when it was found and in a last run against the model
// alone.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_COMPILER_TUNE_PLANSEARCH_H
#define ATTNC_LIB_COMPILER_TUNE_PLANSEARCH_H

#include "Alternatives.h"
#include "Contest.h"

namespace attnc {

/// The median of paired ratios, and the quartiles around it.
struct Ratio {
  double median = 1, lowerQuartile = 1, upperQuartile = 1;
};

/// A plan that was measured.
struct MeasuredPlan {
  Attribute plan;
  /// Of its times to the model's.
  Ratio ratio;
  bool isFaster = false;
};

/// What the last run measured at one shape.
struct MeasuredShape {
  double seconds = 0, modelSeconds = 0;
  Ratio ratio;
  size_t rounds = 0;
};

/// What a search has found.
struct FoundPlan {
  Attribute model, best;
  std::vector<MeasuredPlan> alternatives;
  /// In the order of the contestants' shapes.
  std::vector<MeasuredShape> shapes;
};

/// What a search needs.
struct PlanSearchSetup {
  Attribute model;
  attn::CarryFootprint footprint;
  /// f32 elements in a vector.
  int64_t width;
  /// Seconds for each plan and shape of a run.
  double minSeconds;
  /// Compiles the function with a plan.
  llvm::unique_function<llvm::Expected<Contestant>(Attribute)> compile;
  /// Is told of each alternative.
  llvm::unique_function<void(const MeasuredPlan &)> report;
};

llvm::Expected<FoundPlan> searchPlan(PlanSearchSetup &setup);

} // namespace attnc

#endif // ATTNC_LIB_COMPILER_TUNE_PLANSEARCH_H
