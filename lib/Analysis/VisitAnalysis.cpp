//===- VisitAnalysis.cpp - the key visits of a function -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A function has few masks, so they are compared one by one.
//
//===----------------------------------------------------------------------===//
#include "attnc/Analysis/VisitAnalysis.h"

namespace attnc {

llvm::Expected<const KeyVisits &> VisitAnalysis::get(const Mask &mask,
                                                     MLIRContext *context) {
  for (const auto &visits : known)
    if (visits->getSet().getMask() == mask)
      return *visits;
  llvm::Expected<KeyVisits> visits = KeyVisits::get(mask, context);
  if (!visits)
    return visits.takeError();
  known.push_back(std::make_unique<const KeyVisits>(std::move(*visits)));
  return *known.back();
}

} // namespace attnc
