//===- ReindexLattices.cpp - dense tiles over residue classes -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rewrites an attend whose mask is, in part, a lattice. The part without a
// lattice comes first; each lattice goes on from its carry, without the pairs
// that were seen before:
//
//   attend mask(row or column)  =  %o, %l = attend mask(row)
//                                  attend mask(column and not row)
//                                    lattice 256 init(%o, %l)
//
// Whether it is worth it is decided by counting what one strip of rows visits
// either way.
//
//===----------------------------------------------------------------------===//

#include "PredicateMask.h"
#include "attnc/Analysis/Lattice.h"
#include "attnc/Analysis/VisitAnalysis.h"
#include "attnc/Analysis/VisitCost.h"
#include "attnc/Dialect/Attn/Analysis/MaskValues.h"
#include "attnc/Dialect/Attn/IR/Attn.h"
#include "attnc/Dialect/Attn/Transforms/Passes.h"
#include "mlir/IR/IRMapping.h"

namespace attnc::attn {
#define GEN_PASS_DEF_REINDEXLATTICESPASS
#include "attnc/Dialect/Attn/Transforms/Passes.h.inc"

namespace {

/// Whether one row costs less within its residue class, in strips of `lanes`
/// rows.
bool isWorthIt(AttendOp op, const Mask &mask, int64_t modulus, int64_t lanes,
               VisitAnalysis &analysis) {
  MLIRContext *context = op.getContext();
  int64_t keys = cast<RankedTensorType>(op.getKey().getType()).getDimSize(2);
  if (mlir::ShapedType::isDynamic(keys))
    keys = assumedKeys;
  // Keys of a lattice are tested wherever it is not reindexed.
  llvm::Expected<KeyVisits> direct =
      KeyVisits::getWithoutFullParts(mask, context);
  if (!direct) {
    llvm::consumeError(direct.takeError());
    return false;
  }
  llvm::Expected<const KeyVisits &> reindexed =
      analysis.get(reindexMask(mask, modulus, context), context);
  if (!reindexed) {
    llvm::consumeError(reindexed.takeError());
    return false;
  }
  auto ofClass = static_cast<int64_t>(llvm::divideCeil(keys, modulus));
  MaskValues values = MaskValues::getComputed(op, keys);
  auto read = [&](const MaskTerm &term, ArrayRef<int64_t> indices) {
    return values.readIfKnown(term, /*batch=*/0, indices);
  };
  return estimateRowCost(*reindexed, ofClass, lanes, read) <
         estimateRowCost(*direct, keys, lanes, read);
}

//===----------------------------------------------------------------------===//
// Rewriting
//===----------------------------------------------------------------------===//

/// The part with `mask`, going on from `carry` if it is not empty.
AttendOp buildPart(mlir::RewriterBase &rewriter, AttendOp op, MaskAttr mask,
                   int64_t modulus, ValueRange carry, bool isLast) {
  auto out = cast<RankedTensorType>(op.getOut().getType());
  Type f32 = rewriter.getF32Type();
  Type outType = RankedTensorType::get(out.getShape(), f32);
  Type lseType = RankedTensorType::get(out.getShape().drop_back(), f32);
  if (isLast) {
    outType = out;
    lseType = op.getLse() ? op.getLse().getType() : Type();
  }
  // Only the tables that this part reads.
  TableBindings bindings =
      bindTables(mask.getMask(), rewriter.getContext(),
                 [&](StringRef name) { return op.getTable(name); });
  auto lattice =
      modulus > 1 ? rewriter.getI64IntegerAttr(modulus) : mlir::IntegerAttr();
  auto part = AttendOp::create(
      rewriter, op.getLoc(), outType, lseType, op.getQuery(), op.getKey(),
      op.getValue(), op.getLengths(), op.getQueryLengths(), bindings.tables,
      carry.empty() ? Value() : carry[0], carry.empty() ? Value() : carry[1],
      mask, bindings.getNamesAttr(rewriter.getContext()), lattice,
      op.getScaleAttr());
  for (auto [from, to] : llvm::zip(op->getRegions(), part->getRegions())) {
    mlir::IRMapping mapping;
    from.cloneInto(&to, mapping);
  }
  return part;
}

/// Parts that are worth a lattice each, the rest together in front.
std::vector<LatticePart> chooseParts(AttendOp op, const Mask &mask,
                                     int64_t lanes, VisitAnalysis &analysis) {
  std::vector<LatticePart> chosen;
  std::vector<MaskExpr> rest;
  for (LatticePart &part : splitLattices(mask, op.getContext()))
    if (part.modulus > 1 && isWorthIt(op, {part.predicate, mask.terms},
                                      part.modulus, lanes, analysis))
      chosen.push_back(std::move(part));
    else
      rest.push_back(std::move(part.predicate));
  if (chosen.empty() || rest.empty())
    return chosen;
  MaskExpr together =
      rest.size() == 1 ? rest.front() : MaskExpr::disjunction(std::move(rest));
  chosen.insert(chosen.begin(), {1, std::move(together)});
  return chosen;
}

void reindex(mlir::RewriterBase &rewriter, AttendOp op, int64_t lanes,
             VisitAnalysis &analysis) {
  Mask mask = op.getEffectiveMask();
  // The residue classes of sequences with lengths of their own differ in
  // theirs.
  if (op.getLengths() || op.getQueryLengths() ||
      op.getKey().getDefiningOp<ReadOp>())
    return;
  // Positions of a residue class are no indices of tables.
  if (!op.getMask() || op.getLattice() || TermRoles(mask.terms).readPositions())
    return;
  std::vector<LatticePart> parts = chooseParts(op, mask, lanes, analysis);
  if (parts.empty())
    return;
  if (parts.size() == 1)
    return rewriter.modifyOpInPlace(
        op, [&] { op.setLattice(parts.front().modulus); });
  SmallVector<MaskAttr> masks;
  parts = excludeEarlier(std::move(parts));
  for (const LatticePart &part : parts) {
    auto node = writePredicate(op.getContext(), part.predicate, mask.terms);
    if (!node)
      return llvm::consumeError(node.takeError());
    masks.push_back(MaskAttr::get(op.getContext(), *node));
  }
  rewriter.setInsertionPoint(op);
  SmallVector<Value> carry;
  if (op.getInitialOut())
    carry = {op.getInitialOut(), op.getInitialLse()};
  for (size_t i = 0; i < parts.size(); ++i)
    carry = SmallVector<Value>(buildPart(rewriter, op, masks[i],
                                         parts[i].modulus, carry,
                                         /*isLast=*/i + 1 == parts.size())
                                   ->getResults());
  rewriter.replaceOp(op, carry);
}

struct ReindexLattices : impl::ReindexLatticesPassBase<ReindexLattices> {
  void runOnOperation() override {
    auto module = getOperation()->getParentOfType<ModuleOp>();
    auto target = module->getAttrOfType<CpuTargetAttr>(kTargetAttrName);
    if (!target)
      return;
    int64_t lanes = getRowLanes(target);
    SmallVector<AttendOp> ops;
    getOperation().walk([&](AttendOp op) { ops.push_back(op); });
    mlir::IRRewriter rewriter(&getContext());
    auto &analysis = getAnalysis<VisitAnalysis>();
    for (AttendOp op : ops)
      if (!op->hasAttr(kScheduleAttrName))
        reindex(rewriter, op, lanes, analysis);
  }
};

} // namespace
} // namespace attnc::attn
