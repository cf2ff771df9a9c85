//===- Emptiness.cpp - is there an integer point? -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A rational relaxation is asked first, then the same with cuts. What makes the
// sets of masks empty over the integers only are quotients of neighbouring
// positions, as in
//
//     128 l <= x <= 128 m + 127 and m < l
//
// of which the left gives 128 l <= 128 m + 127, hence l <= m: a cut, found by
// eliminating one variable from two constraints and rounding.
//
//===----------------------------------------------------------------------===//
#include "Emptiness.h"
#include "attnc/Support/LLVM.h"
#include "mlir/Analysis/Presburger/Simplex.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir::presburger;
using llvm::DynamicAPInt;

namespace attnc {
namespace {

/// The integer test branches, in time exponential in the number of divisions,
/// where nothing else settles the question.
constexpr unsigned maxBranchedDivisions = 3;

/// Constraints with larger numbers make no cuts, so that 64 bits are enough.
constexpr int64_t maxCoefficient = int64_t(1) << 24;
constexpr int64_t maxConstant = int64_t(1) << 36;

/// Coefficients and a constant, of a form that is not negative.
using Row = SmallVector<int64_t, 24>;

class CutFinder {
public:
  explicit CutFinder(const IntegerRelation &relation) {
    for (unsigned i = 0, e = relation.getNumInequalities(); i < e; ++i)
      addRow(relation.getInequality(i), /*sign=*/1);
    for (unsigned i = 0, e = relation.getNumEqualities(); i < e; ++i)
      for (int64_t sign : {1, -1})
        addRow(relation.getEquality(i), sign);
    for (unsigned i = 0, e = relation.getNumVars(); i < e; ++i)
      eliminate(i);
  }

  const std::vector<Row> &getCuts() const { return cuts; }

private:
  void addRow(ArrayRef<DynamicAPInt> constraint, int64_t sign) {
    Row row;
    for (const DynamicAPInt &entry : constraint) {
      if (abs(entry) > maxConstant)
        return;
      row.push_back(int64_t(entry) * sign);
    }
    for (int64_t coefficient : ArrayRef(row).drop_back())
      if (std::abs(coefficient) > maxCoefficient)
        return;
    rows.push_back(std::move(row));
  }

  void eliminate(unsigned variable) {
    for (const Row &lower : rows)
      if (lower[variable] > 0)
        for (const Row &upper : rows)
          if (upper[variable] < 0)
            combine(lower, upper, variable);
  }

  void combine(const Row &lower, const Row &upper, unsigned variable) {
    int64_t common = std::gcd(lower[variable], upper[variable]);
    int64_t ofLower = -upper[variable] / common;
    int64_t ofUpper = lower[variable] / common;
    Row sum(lower.size());
    int64_t divisor = 0;
    for (size_t i = 0, e = lower.size() - 1; i < e; ++i) {
      sum[i] = ofLower * lower[i] + ofUpper * upper[i];
      divisor = std::gcd(divisor, sum[i]);
      if (divisor == 1)
        return;
    }
    sum.back() = ofLower * lower.back() + ofUpper * upper.back();
    if (divisor == 0 || sum.back() % divisor == 0)
      return;
    for (int64_t &coefficient : sum)
      coefficient = llvm::divideFloorSigned(coefficient, divisor);
    if (!llvm::is_contained(cuts, sum))
      cuts.push_back(std::move(sum));
  }

  std::vector<Row> rows, cuts;
};

} // namespace

bool isKnownEmpty(const IntegerRelation &relation) {
  Simplex simplex(relation);
  if (simplex.isEmpty())
    return true;
  if (simplex.getSamplePointIfIntegral())
    return false;
  CutFinder finder(relation);
  for (const Row &cut : finder.getCuts()) {
    simplex.addInequality(getDynamicAPIntVec(cut));
    if (simplex.isEmpty())
      return true;
  }
  if (!finder.getCuts().empty() && simplex.getSamplePointIfIntegral())
    return false;
  return relation.getNumLocalVars() <= maxBranchedDivisions &&
         relation.isIntegerEmpty();
}

} // namespace attnc
