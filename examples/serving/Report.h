//===- Report.h - What a comparison of servers shows ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_EXAMPLES_SERVING_REPORT_H
#define ATTNC_EXAMPLES_SERVING_REPORT_H

#include "Server.h"

#include <cstdio>
#include <string>
#include <vector>

namespace serving {

/// The numbers that stand for a run. What is sustained is the mean over the
/// steps at which sessions were waiting, so that memory was what limits.
struct Summary {
  double sustainedBatch;
  int64_t largestBatch;
  double tokensPerSecond;
  /// By the time in the kernel's calls for decoding alone.
  double decodedPerKernelSecond;
  /// Of the memory's slots, those with a token; and of the slots that sessions
  /// reserved, those without.
  double stored;
  double wasted;
};

/// printf into a string of less than 512 characters.
template <typename... Args>
std::string format(const char *pattern, Args... args) {
  char line[512];
  std::snprintf(line, sizeof(line), pattern, args...);
  return line;
}

Summary summarise(const Record &record);

/// The table that is printed.
std::string formatTable(const std::vector<Record> &records);
/// The same as JSON, with the batch over time.
std::string formatJson(const std::vector<Record> &records);
/// A drawing of the batch over time and of the throughput.
std::string formatSvg(const std::vector<Record> &records);

} // namespace serving

#endif // ATTNC_EXAMPLES_SERVING_REPORT_H
