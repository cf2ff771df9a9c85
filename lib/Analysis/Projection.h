//===- Projection.h - eliminating everything but the key --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integer variable elimination (Fourier-Motzkin with the refinements of the
// Omega test) from a convex piece of a mask, restricted to a symbolic tile,
// until only the key and what is known per tile are left.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_ANALYSIS_PROJECTION_H
#define ATTNC_LIB_ANALYSIS_PROJECTION_H

#include "LinearForm.h"
#include "mlir/Analysis/Presburger/IntegerRelation.h"
#include "mlir/IR/AffineExpr.h"
#include <optional>
#include <vector>

namespace attnc {

/// A polyhedron over the columns [k, q, terms..., divisions..., tile symbols
/// and parameters...], from which the variables between k and the symbols are
/// eliminated. Divisions of symbols, which elimination introduces, are appended
/// as further columns and count as symbols.
class Projection {
public:
  /// Expects the dims q, k and any more, and one symbol per TileSymbol and
  /// parameter.
  explicit Projection(const mlir::presburger::IntegerRelation &tile);

  /// Eliminates everything but k. Returns false if it grows too large.
  bool run();
  /// Whether a real shadow was taken where the integer one differs.
  bool isExact() const { return exact; }

  /// What is left: forms that are not negative, in k and symbols.
  const std::vector<LinearForm> &getInequalities() const {
    return inequalities;
  }
  /// `form floordiv divisor`, for a form without variables.
  LinearForm floorDivide(LinearForm form, const LinearForm::Integer &divisor);
  /// A form without variables in terms of TileSymbols, if it fits 64 bits.
  std::optional<AffineExpr> toAffine(const LinearForm &form,
                                     MLIRContext *context) const;

private:
  bool isSymbolic(const LinearForm &form) const {
    return form.isFreeOf(0, numVariables);
  }
  LinearForm getRemainder(const LinearForm &form, unsigned variable) const;
  LinearForm getDivisionColumn(const LinearForm &dividend,
                               const LinearForm::Integer &divisor);
  void addInequality(LinearForm form);
  bool substituteByEquality();
  void splitEqualities();
  /// A pair of bounds for a variable, and what it leaves behind.
  struct Shadow {
    enum class Kind { Trivial, Integer, DivideLower, DivideUpper, Rational };
    Kind kind;
    LinearForm::Integer a, b;
    LinearForm l, u, rational;
  };
  Shadow getShadow(const LinearForm &lower, const LinearForm &upper,
                   unsigned variable) const;
  void addShadow(Shadow shadow);
  unsigned countInexactShadows(unsigned variable) const;
  void eliminate(unsigned variable);

  unsigned numVariables, numSymbols;
  std::vector<LinearForm> equalities, inequalities;
  /// Variables that still have to go.
  SmallVector<unsigned> pending;
  struct Division {
    LinearForm dividend;
    LinearForm::Integer divisor;
  };
  std::vector<Division> divisions;
  bool exact = true;
};

} // namespace attnc

#endif // ATTNC_LIB_ANALYSIS_PROJECTION_H
