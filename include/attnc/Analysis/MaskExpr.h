//===- MaskExpr.h - a mask as a predicate -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The predicate behind a mask, as the dialect hands it over: and, or, not of
// quasi-affine comparisons of positions and of numbers that are read at run
// time. It is the definition of what a mask means; sets, key ranges, pictures
// and generated code derive from it and are tested against it.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_ANALYSIS_MASKEXPR_H
#define ATTNC_ANALYSIS_MASKEXPR_H

#include "attnc/Support/LLVM.h"
#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/Attributes.h"
#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/SmallVector.h"
#include <string>
#include <vector>

namespace attnc {

/// The comparison in the leaf of a mask.
enum class ComparePredicate { eq, ne, lt, le, gt, ge };

/// The comparison that holds exactly when `predicate` does not.
ComparePredicate negate(ComparePredicate predicate);

/// Whether `lhs predicate rhs`.
bool evaluateComparison(int64_t lhs, ComparePredicate predicate, int64_t rhs);

/// A predicate over integer variables: and, or and not of comparisons between
/// quasi-affine expressions (+, -, * constant, and floordiv, ceildiv, mod by a
/// positive constant). The dims of the expressions are the variables. For a
/// mask: d0 = b, d1 = h, d2 = q and d3 = k, all absolute positions, then the
/// terms of its MaskTerms in order.
///
/// A plain value: copying copies the tree; the expressions belong to their
/// MLIRContext, which must outlive it.
struct MaskExpr {
  enum class Kind { And, Or, Not, Compare };

  Kind kind = Kind::And;
  /// Operands of And and Or (any number: an empty And is true, an empty Or is
  /// false), the single operand of Not, nothing for Compare.
  std::vector<MaskExpr> children;
  /// Compare only.
  AffineExpr lhs, rhs;
  ComparePredicate predicate = ComparePredicate::eq;

  static MaskExpr conjunction(std::vector<MaskExpr> operands);
  static MaskExpr disjunction(std::vector<MaskExpr> operands);
  static MaskExpr negation(MaskExpr operand);
  static MaskExpr compare(AffineExpr lhs, ComparePredicate predicate,
                          AffineExpr rhs);

  /// What always holds, or never.
  static MaskExpr truth(bool value) {
    return value ? conjunction({}) : disjunction({});
  }
  /// Whether this is `truth(value)`, as it is written.
  bool isTruth(bool value) const {
    return kind == (value ? Kind::And : Kind::Or) && children.empty();
  }

  /// Whether one of the comparisons is about dim `dim`.
  bool isFunctionOfDim(unsigned dim) const;

  /// The truth at one point: `values[i]` is the value of dim i. Only for
  /// expressions that convert to a set.
  bool evaluate(ArrayRef<int64_t> values) const;
  /// The same for a mask.
  bool evaluate(int64_t b, int64_t h, int64_t q, int64_t k) const;

  /// Whether the trees are the same.
  bool operator==(const MaskExpr &other) const;
};

llvm::hash_code hash_value(const MaskExpr &expr);

/// The value of a quasi-affine expression; `values[i]` is the value of dim i.
int64_t evaluateAffine(AffineExpr expr, ArrayRef<int64_t> values);

/// Prints a quasi-affine expression with `names[i]` in the place of dim i.
void printAffine(raw_ostream &os, AffineExpr expr, ArrayRef<StringRef> names);

/// Prints a predicate the way a mask is written in a program.
void printPredicate(raw_ostream &os, const MaskExpr &expr,
                    ArrayRef<StringRef> names);

/// The position of the first term among the dims of a mask's expressions.
inline constexpr unsigned firstTermDim = 4;

/// A number that a mask reads at run time: an element of a table of integers,
/// or a scalar, which is a table without indices.
struct MaskTerm {
  /// The name under which the op that uses the mask binds the table.
  std::string table;
  /// Where to read, as quasi-affine expressions of d0 = b, d1 = h, d2 = q and
  /// d3 = k.
  SmallVector<AffineExpr> indices;
  /// Null for a table that the user provides; else the pattern that computes it
  /// (MaskAttrInterface::buildTableValue).
  mlir::Attribute source;
  /// The name of the user's table, of rank 1, that the pattern computes it
  /// from; empty for none.
  std::string operand = {};
  /// Bounds of its values, if there are known ones; a value that a table holds
  /// outside of them is read as the nearer bound.
  int64_t lowest = -(int64_t(1) << 40), highest = int64_t(1) << 40;

  /// The name that the op which uses the mask has to bind: of the table, or of
  /// what the pattern computes it from. Empty if there is nothing to bind.
  StringRef getBoundName() const { return source ? operand : table; }

  /// The term as it is written in a predicate, such as "doc(q)".
  std::string getName() const;

  bool operator==(const MaskTerm &other) const {
    return table == other.table && indices == other.indices &&
           source == other.source && operand == other.operand;
  }
};

/// The terms of a mask, in the order in which they were first used.
class MaskTerms {
public:
  /// The dim that stands for `term` in the mask's expressions.
  AffineExpr get(const MaskTerm &term, MLIRContext *context);

  ArrayRef<MaskTerm> getTerms() const { return terms; }
  bool empty() const { return terms.empty(); }

private:
  SmallVector<MaskTerm, 2> terms;
};

/// A predicate over positions, and the terms it reads.
struct Mask {
  MaskExpr predicate;
  MaskTerms terms;

  /// Whether the predicates are written the same way, about the same terms.
  bool operator==(const Mask &other) const;
};

/// Prints a predicate of a mask with these terms.
void printPredicate(raw_ostream &os, const MaskExpr &expr,
                    const MaskTerms &terms);

/// The table under which `reindexMask` has the residue class as a term: not a
/// name that a user can write.
inline constexpr StringRef residueTerm = "residue class";

/// The mask in the coordinates of a residue class: with q = modulus * q' + r
/// and k = modulus * k' + r, a predicate over q' and k'. The residue r is its
/// first term, without indices. No term of `mask` may be read at q or k.
Mask reindexMask(const Mask &mask, int64_t modulus, MLIRContext *context);

} // namespace attnc

#endif // ATTNC_ANALYSIS_MASKEXPR_H
