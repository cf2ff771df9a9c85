//===- Answers.cpp - What sessions were answered --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Answers.h"

#include <cmath>

namespace serving {

/// The larger one, or no number: std::max would drop that.
static double larger(double a, double b) { return a >= b ? a : b; }

void Answers::record(int64_t session, int64_t index, const float *result,
                     int64_t headStride) {
  std::vector<float> &known = rows[session];
  bool isNew = index * rowElements == int64_t(known.size());
  for (int64_t i = 0; i < rowElements; ++i) {
    float x = result[i / headDim * headStride + i % headDim];
    if (isNew)
      known.push_back(x);
    largest = larger(
        std::abs(double(x) - double(known[index * rowElements + i])), largest);
  }
}

double Answers::takeLargestDifference() {
  double result = largest;
  largest = 0;
  return result;
}

double Answers::differenceFromDefinition() const {
  double result = 0;
  for (int64_t session = 0; session < workload.size(); ++session) {
    std::vector<double> exact =
        workload.attend(session, workload[session].cacheTokens() - 1);
    const float *last =
        rows[session].data() + rows[session].size() - rowElements;
    for (int64_t i = 0; i < rowElements; ++i)
      result = larger(std::abs(double(last[i]) - exact[i]), result);
  }
  return result;
}

} // namespace serving
