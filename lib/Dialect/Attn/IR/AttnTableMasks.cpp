//===- AttnTableMasks.cpp - the general form of masks of tables -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `expand` and the verifier of every pattern of AttnTableMasks.td, and the
// tables that are computed from what the user binds.
//
//===----------------------------------------------------------------------===//
#include "MaskSyntax.h"
#include "attnc/Dialect/Attn/IR/Attn.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace attnc;
using namespace attnc::attn;
namespace arith = mlir::arith;

namespace {

using EmitError = function_ref<mlir::InFlightDiagnostic()>;
using P = ComparePredicate;

AffineExpr getQuery(MLIRContext *context) {
  return mlir::getAffineDimExpr(2, context);
}

AffineExpr getKey(MLIRContext *context) {
  return mlir::getAffineDimExpr(3, context);
}

/// The element of a table that the user provides.
AffineExpr getElement(mlir::StringAttr table, AffineExpr index,
                      MaskTerms &terms) {
  MaskTerm element;
  element.table = table.str();
  element.indices.push_back(index);
  return terms.get(element, table.getContext());
}

} // namespace

//===----------------------------------------------------------------------===//
// Documents and lengths
//===----------------------------------------------------------------------===//

LogicalResult DocumentMaskAttr::verify(EmitError emitError,
                                       mlir::StringAttr ids) {
  return verifyMaskName(emitError, ids.getValue());
}

MaskExpr DocumentMaskAttr::expand(MaskTerms &terms) const {
  AffineExpr queryId = getElement(getIds(), getQuery(getContext()), terms);
  AffineExpr keyId = getElement(getIds(), getKey(getContext()), terms);
  return MaskExpr::compare(queryId, P::eq, keyId);
}

LogicalResult PaddingMaskAttr::verify(EmitError emitError,
                                      mlir::StringAttr lengths) {
  return verifyMaskName(emitError, lengths.getValue());
}

MaskExpr PaddingMaskAttr::expand(MaskTerms &terms) const {
  AffineExpr length =
      getElement(getLengths(), mlir::getAffineDimExpr(0, getContext()), terms);
  return MaskExpr::compare(getKey(getContext()), P::lt, length);
}

//===----------------------------------------------------------------------===//
// Documents by their offsets
//===----------------------------------------------------------------------===//

namespace {

/// The tables of a position's document; no names that a user can write.
std::string getBeginTable(PackedMaskAttr mask) {
  return "begin in " + mask.getOffsets().str();
}
std::string getEndTable(PackedMaskAttr mask) {
  return "end in " + mask.getOffsets().str();
}

/// Halvings that find a place among as many numbers as there are positions.
constexpr int64_t kHalvings = 40;

/// The number of elements of `offsets`, ascending, that are at most `position`.
Value buildUpperBound(mlir::ImplicitLocOpBuilder &b, Value offsets,
                      Value position, Value size) {
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, value);
  };
  Value zero = constant(0), one = constant(1);
  auto search = mlir::scf::ForOp::create(b, zero, constant(kHalvings), one,
                                         ValueRange{zero, size});
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(search.getBody());
  // The bound is in [low, high].
  Value low = search.getRegionIterArgs()[0];
  Value high = search.getRegionIterArgs()[1];
  Value sum = arith::AddIOp::create(b, low, high);
  Value middle = arith::DivUIOp::create(b, sum, constant(2));
  Value isOpen = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, low, high);
  Value last = arith::SubIOp::create(b, size, one);
  Value at = arith::MinSIOp::create(b, middle, last);
  Value offset = arith::IndexCastOp::create(
      b, b.getIndexType(), mlir::tensor::ExtractOp::create(b, offsets, at));
  Value isBelow =
      arith::CmpIOp::create(b, arith::CmpIPredicate::sle, offset, position);
  Value next = arith::AddIOp::create(b, middle, one);
  Value raised = arith::SelectOp::create(b, isBelow, next, low);
  Value lowered = arith::SelectOp::create(b, isBelow, high, middle);
  mlir::scf::YieldOp::create(
      b, ValueRange{arith::SelectOp::create(b, isOpen, raised, low),
                    arith::SelectOp::create(b, isOpen, lowered, high)});
  return search.getResult(0);
}

} // namespace

LogicalResult PackedMaskAttr::verify(EmitError emitError,
                                     mlir::StringAttr offsets) {
  return verifyMaskName(emitError, offsets.getValue());
}

MaskExpr PackedMaskAttr::expand(MaskTerms &terms) const {
  MLIRContext *context = getContext();
  auto read = [&](std::string table) {
    MaskTerm term;
    term.table = std::move(table);
    term.indices.push_back(getQuery(context));
    term.source = *this;
    term.operand = getOffsets().str();
    return terms.get(term, context);
  };
  AffineExpr begin = read(getBeginTable(*this));
  AffineExpr end = read(getEndTable(*this));
  return MaskExpr::conjunction(
      {MaskExpr::compare(begin, P::le, getKey(context)),
       MaskExpr::compare(getKey(context), P::lt, end)});
}

int64_t PackedMaskAttr::getTableValue(StringRef table, int64_t index,
                                      int64_t keys,
                                      ArrayRef<int64_t> offsets) const {
  const int64_t *next = llvm::upper_bound(offsets, index);
  if (table == getBeginTable(*this))
    return next == offsets.begin() ? 0 : std::max<int64_t>(next[-1], 0);
  return next == offsets.end() ? keys : std::max<int64_t>(*next, 0);
}

Value PackedMaskAttr::buildTableValue(OpBuilder &builder, Location loc,
                                      StringRef table, Value index, Value keys,
                                      Value offsets) const {
  mlir::ImplicitLocOpBuilder b(loc, builder);
  Value zero = arith::ConstantIndexOp::create(b, 0);
  Value one = arith::ConstantIndexOp::create(b, 1);
  bool isBegin = table == getBeginTable(*this);
  Value otherwise = isBegin ? zero : keys;
  Value size = mlir::tensor::DimOp::create(b, offsets, 0);
  Value hasOffsets =
      arith::CmpIOp::create(b, arith::CmpIPredicate::sgt, size, zero);
  auto branch = mlir::scf::IfOp::create(b, b.getIndexType(), hasOffsets,
                                        /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.elseBlock());
  mlir::scf::YieldOp::create(b, otherwise);
  b.setInsertionPointToStart(branch.thenBlock());
  Value next = buildUpperBound(b, offsets, index, size);
  Value at = isBegin ? Value(arith::SubIOp::create(b, next, one)) : next;
  Value exists = arith::CmpIOp::create(
      b, isBegin ? arith::CmpIPredicate::sge : arith::CmpIPredicate::slt, at,
      isBegin ? zero : size);
  Value inBounds = arith::SelectOp::create(b, exists, at, zero);
  Value offset = arith::IndexCastOp::create(
      b, b.getIndexType(),
      mlir::tensor::ExtractOp::create(b, offsets, inBounds));
  offset = arith::MaxSIOp::create(b, offset, zero);
  mlir::scf::YieldOp::create(
      b, Value(arith::SelectOp::create(b, exists, offset, otherwise)));
  return branch.getResult(0);
}
