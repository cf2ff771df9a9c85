//===- RegionPredicate.h - what a where region says -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads the where region of an attend, op by op in order, as mathematics: an
// integer is quasi-affine in the positions and in numbers of tables, with
// cases; a truth value is a predicate over such integers. What is neither is
// kept as the code it is, with the first reason why.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_DIALECT_ATTN_TRANSFORMS_REGIONPREDICATE_H
#define ATTNC_LIB_DIALECT_ATTN_TRANSFORMS_REGIONPREDICATE_H

#include "RegionInteger.h"
#include "attnc/Dialect/Attn/IR/Attn.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace attnc::attn {

/// What a value of the region means.
struct RegionMeaning {
  enum class Kind { Opaque, Integer, Truth };

  Kind kind = Kind::Opaque;
  /// Integer.
  IntegerCases cases;
  /// Truth.
  MaskExpr truth;
  /// Opaque: the op that is no mathematics, and why; null for a value from
  /// outside that has the wrong type.
  Operation *culprit = nullptr;
  std::string reason;
  /// Whether it depends on the region's argument of that number.
  std::array<bool, firstTermDim> uses = {};
};

/// Reads the region of one op.
class RegionReader {
public:
  /// What the region reads at run time is bound or computed through `builder`,
  /// which stands before `op`.
  RegionReader(AttendOp op, OpBuilder &builder);

  /// Reads all ops of the region.
  void read();

  const RegionMeaning &get(Value value) const {
    return meanings.find(value)->second;
  }
  const MaskTerms &getTerms() const { return terms; }
  /// The value that the table of a term is bound to.
  Value getTable(StringRef name) const;

private:
  const RegionMeaning &readOperand(Value value);
  RegionMeaning readOutside(Value value);
  RegionMeaning readOperation(Operation &op);
  RegionMeaning readExtract(mlir::tensor::ExtractOp extract);
  RegionMeaning readSelect(mlir::arith::SelectOp select);
  RegionMeaning readCompare(mlir::arith::CmpIOp compare);
  /// For `x remsi c == 0` and `!= 0` the integer x mod c, which is 0 where the
  /// remainder is and has no cases by sign; else nothing.
  IntegerCases findDividend(mlir::arith::CmpIOp compare);
  RegionMeaning readLogic(Operation &op);
  RegionMeaning readArithmetic(Operation &op);
  RegionMeaning readCast(Operation &op);
  /// A truth that only code can say, as a table of the positions it depends on;
  /// opaque if that is the query's.
  RegionMeaning tabulate(Operation &op, RegionMeaning opaque);

  RegionMeaning makeOpaque(Operation *culprit, const Twine &reason) const;
  RegionMeaning makeInteger(Operation &op, IntegerCases cases) const;
  RegionMeaning makeTerm(Value table, ArrayRef<AffineExpr> indices, int64_t low,
                         int64_t high);
  /// The number as a scalar before the op.
  Value asIndex(Value number);
  StringRef bind(Value table);

  AttendOp op;
  OpBuilder &b;
  MaskTerms terms;
  llvm::DenseMap<Value, RegionMeaning> meanings;
  SmallVector<std::pair<std::string, Value>> bindings;
  unsigned nextName = 0, tables = 0;
  uint64_t budget;
};

} // namespace attnc::attn

#endif // ATTNC_LIB_DIALECT_ATTN_TRANSFORMS_REGIONPREDICATE_H
