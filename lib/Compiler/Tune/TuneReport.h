//===- TuneReport.h - what attnc tune tells ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What was measured, as the tuning file, as JSON and as a table.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_COMPILER_TUNE_TUNEREPORT_H
#define ATTNC_LIB_COMPILER_TUNE_TUNEREPORT_H

#include "PlanSearch.h"

namespace attnc {

/// One plan of an op.
struct ReportedPlan {
  /// `schedule` or `decode`.
  std::string kind;
  FoundPlan found;
  /// The shapes of the inputs that it was measured with.
  std::vector<std::string> dims;
};

/// An op that was tuned.
struct ReportedOp {
  uint64_t number = 0;
  std::string operation;
  /// What the file says; `decode` may be null, and both are if the op has
  /// them by hand.
  Attribute schedule, decode;
  std::vector<ReportedPlan> plans;
};

/// One function.
struct TuneReport {
  std::string spec, function, definition;
  /// As on the command line, and as `#attn.cpu`.
  std::string target, description;
  unsigned threads = 1;
  std::vector<ReportedOp> ops;
  std::vector<std::string> warnings;
};

/// Text of an attribute.
std::string printPlan(Attribute plan);

/// "0.942 (0.931 to 0.950)".
std::string printRatio(const Ratio &ratio);

/// The tuning file. `others` is the text of a valid one, or empty: what it says
/// of other functions stays.
std::string emitTuningFile(const TuneReport &report, StringRef others);

/// One JSON object with all alternatives.
std::string emitTuneJson(const TuneReport &report);

/// The model's plans beside the best, for people.
void printTuneTable(raw_ostream &os, const TuneReport &report);

} // namespace attnc

#endif // ATTNC_LIB_COMPILER_TUNE_TUNEREPORT_H
