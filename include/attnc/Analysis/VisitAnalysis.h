//===- VisitAnalysis.h - the key visits of a function -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An analysis of the pass manager: passes ask for KeyVisits of the same masks,
// one to choose a schedule and the next to emit the loops, and finding them is
// most of what they do.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_ANALYSIS_VISITANALYSIS_H
#define ATTNC_ANALYSIS_VISITANALYSIS_H

#include "attnc/Analysis/KeyVisits.h"
#include "mlir/Pass/AnalysisManager.h"

namespace attnc {

/// The key visits of masks, each found once. One for each function, so that
/// functions may be compiled by different threads.
class VisitAnalysis {
public:
  /// Masks are found when they are asked for.
  explicit VisitAnalysis(mlir::Operation * = nullptr) {}

  /// Fails as `KeyVisits::get` does. The reference lives as long as the
  /// analysis.
  llvm::Expected<const KeyVisits &> get(const Mask &mask, MLIRContext *context);

  /// Nothing that happens to a function changes what is known of a mask.
  bool isInvalidated(const mlir::AnalysisManager::PreservedAnalyses &) {
    return false;
  }

private:
  std::vector<std::unique_ptr<const KeyVisits>> known;
};

} // namespace attnc

#endif // ATTNC_ANALYSIS_VISITANALYSIS_H
