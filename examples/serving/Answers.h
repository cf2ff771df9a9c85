//===- Answers.h - What sessions were answered ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The results of attention from which tokens would be generated. Those of the
// first server that answers are kept, those of the others compared with them,
// and the last one of each session with attention from its definition.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_EXAMPLES_SERVING_ANSWERS_H
#define ATTNC_EXAMPLES_SERVING_ANSWERS_H

#include "Workload.h"

#include <vector>

namespace serving {

class Answers {
public:
  /// The largest difference of two results that agree. Results are means of
  /// values in [-1, 1), summed in f32 and in tiles: another order changes them
  /// by some 1e-7, another key or value by far more.
  static constexpr double tolerance = 1e-4;

  explicit Answers(const Workload &workload)
      : workload(workload), rows(workload.size()) {}

  /// A result, [queryHeads, headDim], for token `index` of the answer. Head h
  /// begins at `result` + h * headStride.
  void record(int64_t session, int64_t index, const float *result,
              int64_t headStride);

  /// The largest difference among results recorded for the same token since the
  /// last call; no number if there was one among the results.
  double takeLargestDifference();

  /// The largest difference of the last result of each session from attention
  /// in double over the made-up keys and values.
  double differenceFromDefinition() const;

private:
  const Workload &workload;
  /// By session: the results one after the other.
  std::vector<std::vector<float>> rows;
  double largest = 0;
};

} // namespace serving

#endif // ATTNC_EXAMPLES_SERVING_ANSWERS_H
