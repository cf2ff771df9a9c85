//===- RaiseMasks.cpp - where regions become masks ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Moves the conjuncts of a where region into the op's mask, as far as a mask
// can say them:
//
//   attend where { k <= q and sin(q * k) > 0 }
//     =  attend mask("k <= q") where { sin(q * k) > 0 }
//
// RegionPredicate.h reads the region; here is decided what leaves it.
//
//===----------------------------------------------------------------------===//

#include "PredicateMask.h"
#include "RegionPredicate.h"
#include "attnc/Analysis/MaskSet.h"
#include "attnc/Dialect/Attn/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/RegionUtils.h"

namespace attnc::attn {
#define GEN_PASS_DEF_RAISEMASKSPASS
#include "attnc/Dialect/Attn/Transforms/Passes.h.inc"

namespace {

namespace arith = mlir::arith;
using Kind = RegionMeaning::Kind;

//===----------------------------------------------------------------------===//
// What is read
//===----------------------------------------------------------------------===//

/// Reads a number as the mask's terms are: within +-2^40.
void clampUses(Value number, OpBuilder &b, Region &region) {
  Location loc = number.getLoc();
  auto constant = [&](int64_t value) {
    auto attr = b.getIntegerAttr(number.getType(), value);
    return arith::ConstantOp::create(b, loc, cast<mlir::TypedAttr>(attr));
  };
  Value low = arith::MaxSIOp::create(b, loc, number, constant(-maxPosition));
  Value clamped = arith::MinSIOp::create(b, loc, low, constant(maxPosition));
  number.replaceUsesWithIf(clamped, [&](mlir::OpOperand &use) {
    return use.getOwner()->getParentRegion() == &region &&
           use.getOwner() != low.getDefiningOp();
  });
}

/// Clamps the 64-bit numbers that the region gets from tables and outside.
void clampReads(AttendOp op) {
  Region &region = op.getWhere();
  auto isWide = [](Value value) {
    return value.getType().isIndex() || value.getType().isInteger(64);
  };
  llvm::SetVector<Value> above;
  mlir::getUsedValuesDefinedAbove(region, above);
  OpBuilder b(op.getContext());
  for (Value value : above) {
    b.setInsertionPointToStart(&region.front());
    if (isWide(value) && !mlir::matchPattern(value, mlir::m_Constant()))
      clampUses(value, b, region);
  }
  for (auto extract :
       llvm::make_early_inc_range(region.getOps<mlir::tensor::ExtractOp>())) {
    b.setInsertionPointAfter(extract);
    if (isWide(extract.getResult()))
      clampUses(extract.getResult(), b, region);
  }
}

//===----------------------------------------------------------------------===//
// What is raised
//===----------------------------------------------------------------------===//

/// A conjunct of the region that stays code.
struct Remaining {
  Value condition;
  Operation *culprit;
  std::string reason;
};

/// The mask that an op gets, and what remains of its region.
struct Raised {
  MaskAttr mask;
  SmallVector<Remaining> remaining;
};

/// `mask and part`; `mask` may be null.
MaskAttr conjoin(MaskAttr mask, Attribute part) {
  MLIRContext *context = part.getContext();
  if (!mask)
    return MaskAttr::get(context, part);
  SmallVector<Attribute> parts = {mask.getRoot()};
  if (auto all = dyn_cast<AndMaskAttr>(mask.getRoot()))
    parts = SmallVector<Attribute>(all.getOperands());
  parts.push_back(part);
  auto root = AndMaskAttr::getChecked(
      [context] { return mlir::emitError(mlir::UnknownLoc::get(context)); },
      context, ArrayRef<Attribute>(parts));
  return root ? MaskAttr::get(context, root) : MaskAttr();
}

/// The conjuncts of the region, in order: operands of `arith.andi` as far as
/// not all of it is a predicate.
SmallVector<Value> getConjuncts(AttendOp op, const RegionReader &reader) {
  llvm::SetVector<Value> reached;
  SmallVector<Value> conjuncts,
      pending = {op.getWhere().front().getTerminator()->getOperand(0)};
  while (!pending.empty()) {
    Value value = pending.pop_back_val();
    if (!reached.insert(value))
      continue;
    auto both = value.getDefiningOp<arith::AndIOp>();
    bool isInside = both && both->getParentRegion() == &op.getWhere();
    if (isInside && reader.get(value).kind == Kind::Opaque)
      pending.append({both.getRhs(), both.getLhs()});
    else
      conjuncts.push_back(value);
  }
  return conjuncts;
}

/// Adds `predicate` to the mask, or says why it cannot be.
llvm::Expected<MaskAttr> extend(AttendOp op, MaskAttr mask,
                                const MaskExpr &predicate,
                                const MaskTerms &terms) {
  auto part = writePredicate(op.getContext(), predicate, terms);
  if (!part)
    return part.takeError();
  MaskAttr extended = conjoin(mask, *part);
  if (!extended)
    return llvm::createStringError("the mask has too many parts");
  llvm::Expected<MaskSet> set = MaskSet::get(extended.getMask());
  if (!set)
    return set.takeError();
  return extended;
}

Raised raise(AttendOp op, const RegionReader &reader) {
  Raised raised{op.getMaskAttr(), {}};
  MLIRContext *context = op.getContext();
  for (Value conjunct : getConjuncts(op, reader)) {
    const RegionMeaning &meaning = reader.get(conjunct);
    if (meaning.kind != Kind::Truth) {
      raised.remaining.push_back({conjunct, meaning.culprit, meaning.reason});
      continue;
    }
    MaskExpr predicate = simplifyPredicate(meaning.truth);
    if (predicate.isTruth(true))
      continue;
    if (predicate.isTruth(false)) {
      // Nothing is allowed, as the text of a mask.
      AffineExpr zero = mlir::getAffineConstantExpr(0, context);
      predicate = MaskExpr::compare(zero, ComparePredicate::ne, zero);
    }
    auto mask = extend(op, raised.mask, predicate, reader.getTerms());
    if (mask) {
      raised.mask = *mask;
      continue;
    }
    Operation *culprit = conjunct.getDefiningOp();
    raised.remaining.push_back(
        {conjunct, culprit ? culprit : op, llvm::toString(mask.takeError())});
  }
  return raised;
}

//===----------------------------------------------------------------------===//
// Rewriting
//===----------------------------------------------------------------------===//

/// Gives the op the mask and the tables that it reads.
void setMask(AttendOp op, MaskAttr mask, const RegionReader &reader) {
  MLIRContext *context = op.getContext();
  TableBindings bindings =
      bindTables(mask.getMask(), context,
                 [&](StringRef name) { return reader.getTable(name); });
  op.setMaskAttr(mask);
  op.getTablesMutable().assign(bindings.tables);
  op.setTableNamesAttr(bindings.getNamesAttr(context));
}

/// Leaves in the region what remains. Fails if that reads tables by the
/// position of a query or a key.
LogicalResult reduceRegion(AttendOp op, ArrayRef<Remaining> remaining) {
  Block &block = op.getWhere().front();
  if (remaining.empty()) {
    block.erase();
    return success();
  }
  Operation *yield = block.getTerminator();
  OpBuilder b(yield);
  Value all;
  for (const Remaining &part : remaining)
    all = all ? Value(arith::AndIOp::create(b, yield->getLoc(), all,
                                            part.condition))
              : part.condition;
  yield->setOperand(0, all);
  SmallVector<Operation *> inside;
  for (Operation &inner : block.without_terminator())
    inside.push_back(&inner);
  for (Operation *inner : llvm::reverse(inside))
    if (mlir::isOpTriviallyDead(inner))
      inner->erase();
  for (auto extract : block.getOps<mlir::tensor::ExtractOp>())
    for (Value index : extract.getIndices())
      if (index == block.getArgument(2) || index == block.getArgument(3)) {
        mlir::InFlightDiagnostic error =
            extract.emitOpError()
            << "reads a table by q or k in a condition that is no predicate: "
               "compare what it reads with +, -, * by a constant, floordivsi "
               "and remsi by constants only, or use k and not q";
        error.attachNote(remaining.front().culprit->getLoc())
            << "no predicate because of '"
            << remaining.front().culprit->getName()
            << "': " << remaining.front().reason;
        return error;
      }
  return success();
}

LogicalResult raiseMask(AttendOp op) {
  clampReads(op);
  OpBuilder b(op);
  RegionReader reader(op, b);
  reader.read();
  Raised raised = raise(op, reader);
  for (const Remaining &part : raised.remaining)
    part.culprit->emitRemark(
        "keys are not skipped by this condition, but tested one by one: ")
        << "'" << part.culprit->getName() << "': " << part.reason;
  if (failed(reduceRegion(op, raised.remaining)))
    return failure();
  if (raised.mask)
    setMask(op, raised.mask, reader);
  return success();
}

struct RaiseMasks : impl::RaiseMasksPassBase<RaiseMasks> {
  void runOnOperation() override {
    SmallVector<AttendOp> ops;
    getOperation().walk([&](AttendOp op) {
      if (!op.getWhere().empty())
        ops.push_back(op);
    });
    for (AttendOp op : ops)
      if (failed(raiseMask(op)))
        return signalPassFailure();
  }
};

} // namespace
} // namespace attnc::attn
