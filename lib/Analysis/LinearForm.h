//===- LinearForm.h - linear forms over growing columns ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A linear form with unlimited integers, used while new columns (divisions) are
// still being appended: its list of coefficients may be shorter than the number
// of columns.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_ANALYSIS_LINEARFORM_H
#define ATTNC_LIB_ANALYSIS_LINEARFORM_H

#include "attnc/Support/LLVM.h"
#include "llvm/ADT/DynamicAPInt.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

namespace attnc {

/// The sum of coefficients[i] * column i, plus a constant.
struct LinearForm {
  using Integer = llvm::DynamicAPInt;

  SmallVector<Integer> coefficients;
  Integer constant;

  static LinearForm column(unsigned position) {
    LinearForm form;
    form.coefficients.resize(position + 1);
    form.coefficients.back() = 1;
    return form;
  }

  Integer getCoefficient(unsigned column) const {
    return column < coefficients.size() ? coefficients[column] : Integer(0);
  }

  /// Whether the columns [begin, end) do not occur.
  bool isFreeOf(unsigned begin, unsigned end) const {
    for (unsigned i = begin; i < end && i < coefficients.size(); ++i)
      if (coefficients[i] != 0)
        return false;
    return true;
  }
  bool isConstant() const { return isFreeOf(0, coefficients.size()); }

  /// Whether the two differ in their constants at most.
  bool hasCoefficientsOf(const LinearForm &other) const {
    size_t common = std::min(coefficients.size(), other.coefficients.size());
    return std::equal(coefficients.begin(), coefficients.begin() + common,
                      other.coefficients.begin()) &&
           isFreeOf(common, coefficients.size()) &&
           other.isFreeOf(common, other.coefficients.size());
  }

  void addScaled(const LinearForm &other, const Integer &factor) {
    if (coefficients.size() < other.coefficients.size())
      coefficients.resize(other.coefficients.size());
    for (auto [i, coefficient] : llvm::enumerate(other.coefficients))
      coefficients[i] += factor * coefficient;
    constant += factor * other.constant;
  }

  /// As a row of `numColumns` entries, the constant last.
  SmallVector<Integer> toRow(unsigned numColumns) const {
    SmallVector<Integer> row(coefficients);
    row.resize(numColumns);
    row.back() = constant;
    return row;
  }
};

} // namespace attnc

#endif // ATTNC_LIB_ANALYSIS_LINEARFORM_H
