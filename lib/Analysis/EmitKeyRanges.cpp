//===- EmitKeyRanges.cpp - masks and key ranges as IR -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Translates quasi-affine expressions, predicates and key ranges to arith
// operations, on scalars or elementwise on shaped values. Division rounds down
// throughout, also for negative positions: a shift where the divisor is a power
// of two.
//
//===----------------------------------------------------------------------===//
#include "attnc/Analysis/KeyRanges.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

namespace arith = mlir::arith;
using mlir::AffineBinaryOpExpr;
using mlir::AffineConstantExpr;
using mlir::AffineDimExpr;
using mlir::AffineExprKind;

namespace attnc {
namespace {

arith::CmpIPredicate toArith(ComparePredicate predicate) {
  switch (predicate) {
  case ComparePredicate::eq:
    return arith::CmpIPredicate::eq;
  case ComparePredicate::ne:
    return arith::CmpIPredicate::ne;
  case ComparePredicate::lt:
    return arith::CmpIPredicate::slt;
  case ComparePredicate::le:
    return arith::CmpIPredicate::sle;
  case ComparePredicate::gt:
    return arith::CmpIPredicate::sgt;
  case ComparePredicate::ge:
    return arith::CmpIPredicate::sge;
  }
  llvm_unreachable("every predicate is handled above");
}

/// Emits expressions over a fixed list of values, each distinct one once.
class Emitter {
public:
  Emitter(OpBuilder &builder, Location loc, ArrayRef<Value> dims)
      : builder(builder), loc(loc), dims(dims) {}

  Value emit(AffineExpr expr) {
    auto [position, isNew] = affineValues.try_emplace(expr);
    if (!isNew)
      return position->second;
    // The recursion may grow the map, so the entry is looked up again.
    Value value = emitNew(expr);
    affineValues[expr] = value;
    return value;
  }

  Value emit(const MaskExpr &expr, bool negated);
  Value emit(const KeyExpr &expr);

private:
  template <typename OpTy, typename... Args>
  Value create(Args &&...args) {
    return builder.createOrFold<OpTy>(loc, std::forward<Args>(args)...);
  }
  /// A scalar of `elementType`, or as many copies as the operands have
  /// elements.
  Value createConstant(mlir::Type elementType, int64_t value);
  Value createIndex(int64_t value) {
    return createConstant(builder.getIndexType(), value);
  }

  Value emitNew(AffineExpr expr);
  Value emitSum(AffineBinaryOpExpr expr);
  Value emitDivision(AffineBinaryOpExpr expr);
  Value emitNew(const KeyExpr &expr);

  OpBuilder &builder;
  Location loc;
  ArrayRef<Value> dims;
  llvm::DenseMap<AffineExpr, Value> affineValues;
  llvm::DenseMap<const void *, Value> keyValues;
};

Value Emitter::createConstant(mlir::Type elementType, int64_t value) {
  mlir::TypedAttr attribute = builder.getIntegerAttr(elementType, value);
  if (auto shaped = dyn_cast<mlir::ShapedType>(dims.front().getType()))
    attribute = mlir::DenseElementsAttr::get(
        cast<mlir::ShapedType>(shaped.clone(elementType)),
        static_cast<Attribute>(attribute));
  return arith::ConstantOp::create(builder, loc, attribute);
}

//===----------------------------------------------------------------------===//
// Quasi-affine expressions
//===----------------------------------------------------------------------===//

/// a + b * -1 is how affine expressions subtract.
Value Emitter::emitSum(AffineBinaryOpExpr expr) {
  auto product = dyn_cast<AffineBinaryOpExpr>(expr.getRHS());
  if (product && product.getKind() == AffineExprKind::Mul) {
    auto factor = dyn_cast<AffineConstantExpr>(product.getRHS());
    if (factor && factor.getValue() == -1)
      return create<arith::SubIOp>(emit(expr.getLHS()), emit(product.getLHS()));
  }
  return create<arith::AddIOp>(emit(expr.getLHS()), emit(expr.getRHS()));
}

/// The divisor is a positive literal, else the expression were no mask.
Value Emitter::emitDivision(AffineBinaryOpExpr expr) {
  int64_t divisor = cast<AffineConstantExpr>(expr.getRHS()).getValue();
  bool isPowerOf2 = llvm::isPowerOf2_64(divisor);
  if (expr.getKind() == AffineExprKind::Mod) {
    Value dividend = emit(expr.getLHS());
    if (isPowerOf2)
      return create<arith::AndIOp>(dividend, createIndex(divisor - 1));
    Value multiple = emit(expr.getLHS().floorDiv(divisor) * divisor);
    return create<arith::SubIOp>(dividend, multiple);
  }
  if (expr.getKind() == AffineExprKind::CeilDiv)
    return emit((expr.getLHS() + (divisor - 1)).floorDiv(divisor));
  Value dividend = emit(expr.getLHS());
  if (isPowerOf2)
    return create<arith::ShRSIOp>(dividend,
                                  createIndex(llvm::Log2_64(divisor)));
  return create<arith::FloorDivSIOp>(dividend, createIndex(divisor));
}

Value Emitter::emitNew(AffineExpr expr) {
  switch (expr.getKind()) {
  case AffineExprKind::Constant:
    return createIndex(cast<AffineConstantExpr>(expr).getValue());
  case AffineExprKind::DimId:
    return dims[cast<AffineDimExpr>(expr).getPosition()];
  case AffineExprKind::Add:
    return emitSum(cast<AffineBinaryOpExpr>(expr));
  case AffineExprKind::Mul: {
    auto product = cast<AffineBinaryOpExpr>(expr);
    return create<arith::MulIOp>(emit(product.getLHS()),
                                 emit(product.getRHS()));
  }
  case AffineExprKind::FloorDiv:
  case AffineExprKind::CeilDiv:
  case AffineExprKind::Mod:
    return emitDivision(cast<AffineBinaryOpExpr>(expr));
  case AffineExprKind::SymbolId:
    break;
  }
  llvm_unreachable("symbols do not occur in expressions that became a set");
}

//===----------------------------------------------------------------------===//
// Predicates
//===----------------------------------------------------------------------===//

/// Negation goes to the comparisons, where it costs nothing.
Value Emitter::emit(const MaskExpr &expr, bool negated) {
  switch (expr.kind) {
  case MaskExpr::Kind::Not:
    return emit(expr.children.front(), !negated);
  case MaskExpr::Kind::Compare: {
    ComparePredicate predicate =
        negated ? negate(expr.predicate) : expr.predicate;
    return create<arith::CmpIOp>(toArith(predicate), emit(expr.lhs),
                                 emit(expr.rhs));
  }
  case MaskExpr::Kind::And:
  case MaskExpr::Kind::Or:
    break;
  }
  bool isAnd = (expr.kind == MaskExpr::Kind::And) != negated;
  if (expr.children.empty())
    return createConstant(builder.getI1Type(), isAnd);
  Value result = emit(expr.children.front(), negated);
  for (const MaskExpr &child : llvm::drop_begin(expr.children)) {
    Value operand = emit(child, negated);
    result = isAnd ? create<arith::AndIOp>(result, operand)
                   : create<arith::OrIOp>(result, operand);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Functions of a tile
//===----------------------------------------------------------------------===//

Value Emitter::emit(const KeyExpr &expr) {
  if (expr.getKind() == KeyExpr::Kind::Affine)
    return emit(expr.getAffine());
  auto position = keyValues.find(expr.getIdentity());
  if (position != keyValues.end())
    return position->second;
  Value value = emitNew(expr);
  keyValues[expr.getIdentity()] = value;
  return value;
}

Value Emitter::emitNew(const KeyExpr &expr) {
  ArrayRef<KeyExpr> operands = expr.getOperands();
  if (expr.getKind() == KeyExpr::Kind::Select)
    return create<arith::SelectOp>(emit(expr.getCondition(), false),
                                   emit(operands[0]), emit(operands[1]));
  Value result = emit(operands.front());
  for (const KeyExpr &operand : operands.drop_front()) {
    Value value = emit(operand);
    result = expr.getKind() == KeyExpr::Kind::Max
                 ? create<arith::MaxSIOp>(result, value)
                 : create<arith::MinSIOp>(result, value);
  }
  return result;
}

} // namespace

SmallVector<KeyRangeValues> emitKeyRanges(OpBuilder &builder, Location loc,
                                          ArrayRef<KeyPiece> pieces, Value b,
                                          Value h, Value first, Value count,
                                          Value keys,
                                          ArrayRef<Value> parameters) {
  SmallVector<Value> dims = {b, h, first, count, keys};
  dims.append(parameters.begin(), parameters.end());
  Emitter emitter(builder, loc, dims);
  SmallVector<KeyRangeValues> values;
  for (const KeyPiece &piece : pieces)
    values.push_back({emitter.emit(piece.begin), emitter.emit(piece.fullBegin),
                      emitter.emit(piece.fullEnd), emitter.emit(piece.end)});
  return values;
}

Value emitPredicate(OpBuilder &builder, Location loc, const MaskExpr &mask,
                    ValueRange dims) {
  SmallVector<Value> values(dims);
  return Emitter(builder, loc, values).emit(mask, /*negated=*/false);
}

Value emitAffine(OpBuilder &builder, Location loc, AffineExpr expr,
                 ValueRange dims) {
  SmallVector<Value> values(dims);
  return Emitter(builder, loc, values).emit(expr);
}

} // namespace attnc
