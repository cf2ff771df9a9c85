//===- RowPredicate.h - a predicate over many keys at once ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Counts the keys that a query may see, some hundreds at a time. What does not
// depend on the key is computed once for the query; the rest is a loop over
// numbers in arrays for each operation of the predicate.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_ANALYSIS_ROWPREDICATE_H
#define ATTNC_LIB_ANALYSIS_ROWPREDICATE_H

#include "attnc/Analysis/MaskExpr.h"

namespace attnc {

class RowPredicate {
public:
  /// `keyDims[i]` says whether dim i differs between keys; dim 3 does.
  RowPredicate(const MaskExpr &predicate, std::vector<bool> keyDims);

  /// What a key costs, in additions.
  int64_t getCost() const { return cost; }

  /// The number of keys in [begin, end) that satisfy the predicate. `values`
  /// has one number for each dim; of a dim that differs between keys the one
  /// of key k is `columns[dim][k]`, and k itself for dim 3.
  int64_t count(ArrayRef<int64_t> values, ArrayRef<const int64_t *> columns,
                int64_t begin, int64_t end);

private:
  enum class Kind { Constant, Dim, Add, Mul, FloorDiv, CeilDiv, Mod, Compare };
  /// A number for each key, or one for all of them.
  struct Step {
    Kind kind = Kind::Constant;
    /// Earlier steps; the operands.
    size_t lhs = 0, rhs = 0;
    /// The number of a constant or of a dim.
    int64_t value = 0;
    ComparePredicate predicate = ComparePredicate::eq;
    bool isPerKey = false;
  };

  size_t add(Step step);
  size_t addConstant(int64_t value);
  size_t compile(AffineExpr expr);
  size_t compile(const MaskExpr &expr);
  void compute(size_t step, ArrayRef<int64_t> values,
               ArrayRef<const int64_t *> columns, int64_t begin, size_t size);

  static constexpr size_t chunkSize = 256;

  std::vector<bool> isKeyDim;
  std::vector<Step> steps;
  /// `chunkSize` numbers for each step.
  std::vector<std::vector<int64_t>> results;
  int64_t cost = 1;
};

} // namespace attnc

#endif // ATTNC_LIB_ANALYSIS_ROWPREDICATE_H
