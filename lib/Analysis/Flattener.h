//===- Flattener.h - from expressions to linear forms -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Turns quasi-affine expressions into linear forms over the columns of a
// polyhedron, to which it adds a variable per division. This is also where
// expressions that are not quasi-affine, or not computable in 64 bits, are
// refused; upstream's flattening of affine expressions checks neither.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_ANALYSIS_FLATTENER_H
#define ATTNC_LIB_ANALYSIS_FLATTENER_H

#include "LinearForm.h"
#include "attnc/Analysis/MaskSet.h"
#include "mlir/Analysis/Presburger/IntegerRelation.h"
#include "llvm/Support/raw_ostream.h"

namespace attnc {

/// An error whose message is the concatenation of `parts`.
template <typename... Parts>
llvm::Error makeError(const Parts &...parts) {
  std::string message;
  llvm::raw_string_ostream os(message);
  (os << ... << parts);
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

/// Flattens expressions over one polyhedron, which receives a local variable
/// (and its two defining inequalities) for every division.
class Flattener {
public:
  explicit Flattener(const SetLayout &layout)
      : layout(layout), poly(layout.space),
        bounds(layout.space.getNumVars(), LinearForm::Integer(maxPosition)) {}

  llvm::Expected<LinearForm> flatten(AffineExpr expr);
  /// What is 0 where `lhs predicate rhs` for `eq`, and not negative there for
  /// the other predicates; `ne` is none of them.
  llvm::Expected<LinearForm>
  flattenComparison(AffineExpr lhs, ComparePredicate predicate, AffineExpr rhs);
  /// Restricts the polyhedron to `form >= 0` or to `form == 0`.
  void addInequality(const LinearForm &form) {
    poly.addInequality(form.toRow(poly.getNumCols()));
  }
  void addEquality(const LinearForm &form) {
    poly.addEquality(form.toRow(poly.getNumCols()));
  }
  mlir::presburger::IntegerPolyhedron takePolyhedron() {
    return std::move(poly);
  }

  /// A division and its column.
  struct Quotient {
    LinearForm dividend;
    LinearForm::Integer divisor;
    unsigned column;
  };
  /// Those of all expressions so far, each behind those in its dividend.
  ArrayRef<Quotient> getQuotients() const { return quotients; }

private:
  llvm::Expected<LinearForm> flattenDim(unsigned position);
  llvm::Expected<LinearForm> flattenProduct(mlir::AffineBinaryOpExpr expr);
  llvm::Expected<LinearForm> flattenDivision(mlir::AffineBinaryOpExpr expr);
  llvm::Expected<LinearForm> checkMagnitude(LinearForm form, AffineExpr expr);
  LinearForm::Integer getMagnitude(const LinearForm &form) const;
  /// The column of `dividend floordiv divisor`, shared between equal ones.
  unsigned getQuotient(const LinearForm &dividend,
                       const LinearForm::Integer &divisor);
  std::string quote(AffineExpr expr) const;

  const SetLayout &layout;
  mlir::presburger::IntegerPolyhedron poly;
  /// The magnitude every column can reach.
  SmallVector<LinearForm::Integer> bounds;
  SmallVector<Quotient> quotients;
};

} // namespace attnc

#endif // ATTNC_LIB_ANALYSIS_FLATTENER_H
