//===- AttendMask.cpp - the mask of an attend op as code ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The loops of KeyVisits.h as scf ops around the closed forms, and the
// predicate on tiles.
//
//===----------------------------------------------------------------------===//

#include "AttendMask.h"
#include "KVStream.h"
#include "TermReads.h"
#include "attnc/Analysis/VisitCost.h"
#include "attnc/Dialect/Attn/Analysis/MaskValues.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace attnc::attn {

namespace arith = mlir::arith;
using arith::CmpIPredicate;

AttendMask::AttendMask(AttendOp op)
    : op(op), mask(op.getEffectiveMask()), roles(mask.terms) {
  if (!op.getLattice())
    return;
  mask = reindexMask(mask, *op.getLattice(), op.getContext());
  roles = TermRoles(mask.terms);
}

bool AttendMask::dependsOnHead() const {
  constexpr unsigned headDim = 1;
  return mask.predicate.isFunctionOfDim(headDim) ||
         llvm::any_of(mask.terms.getTerms(), [](const MaskTerm &term) {
           return llvm::any_of(term.indices, [](AffineExpr index) {
             return index.isFunctionOfDim(headDim);
           });
         });
}

SmallVector<double>
AttendMask::estimateRowCosts(ArrayRef<int64_t> lanes,
                             VisitAnalysis &analysis) const {
  AttendOp attend = op;
  SmallVector<double> costs(lanes.size(), 1);
  if (!attend.getMask())
    return costs;
  llvm::Expected<const KeyVisits &> visits =
      analysis.get(mask, attend.getContext());
  if (!visits) {
    llvm::consumeError(visits.takeError());
    return costs;
  }
  int64_t keys =
      cast<RankedTensorType>(attend.getKey().getType()).getDimSize(2);
  if (mlir::ShapedType::isDynamic(keys))
    keys = assumedKeys;
  MaskValues values = MaskValues::getComputed(attend, keys);
  auto read = [&](const MaskTerm &term, ArrayRef<int64_t> indices) {
    return values.readIfKnown(term, /*batch=*/0, indices);
  };
  keys = llvm::divideCeil(keys, attend.getLattice().value_or(1));
  for (auto [cost, count] : llvm::zip_equal(costs, lanes))
    cost = estimateRowCost(*visits, keys, count, read);
  return costs;
}

//===----------------------------------------------------------------------===//
// Before the kernel
//===----------------------------------------------------------------------===//

namespace {

/// Builds the tensors that are computed once per call.
class TableBuilder {
public:
  TableBuilder(AttendOp op, OpBuilder &builder)
      : op(op), b(op.getLoc(), builder) {
    batch = dim(op.getQuery(), 0);
    heads = dim(op.getQuery(), 1);
    keys = dim(op.getKey(), 2);
  }

  /// One number for each value that the last index of the term can have.
  Value buildDerived(const MaskTerm &term) {
    int64_t divisor = 1;
    if (auto quotient = dyn_cast<mlir::AffineBinaryOpExpr>(term.indices.back()))
      divisor = cast<mlir::AffineConstantExpr>(quotient.getRHS()).getValue();
    Value size = arith::CeilDivUIOp::create(b, keys, constant(divisor));
    Value operand = op.getTable(term.operand);
    return generate({getBlocks(divisor)}, size, [&](ValueRange indices) {
      return cast<MaskAttrInterface>(term.source)
          .buildTableValue(b, b.getLoc(), term.table, indices[0], keys,
                           operand);
    });
  }

  /// The least or greatest value of the term in each block of keys:
  /// [batch or 1, heads or 1, blocks].
  Value buildSummary(const MaskTerm &term, Value table, bool isLeast) {
    int64_t rank = cast<RankedTensorType>(table.getType()).getRank();
    bool hasBatchAxis = rank > static_cast<int64_t>(term.indices.size());
    auto uses = [&](unsigned position) {
      return llvm::any_of(term.indices, [&](AffineExpr index) {
        return index.isFunctionOfDim(position);
      });
    };
    bool usesBatch = hasBatchAxis || uses(0), usesHeads = uses(1);
    Value size = constant(KeyVisits::blockSize);
    SmallVector<int64_t> shape = {usesBatch ? getExtent(op.getQuery(), 0) : 1,
                                  usesHeads ? getExtent(op.getQuery(), 1) : 1,
                                  getBlocks(KeyVisits::blockSize)};
    Value extents[] = {batch, heads, arith::CeilDivUIOp::create(b, keys, size)};
    auto reduce = [&](ValueRange place) -> Value {
      Value begin = arith::MulIOp::create(b, place[2], size);
      Value next = arith::AddIOp::create(b, begin, size);
      Value end = arith::MinUIOp::create(b, next, keys);
      Value nothing = constant(isLeast ? maxPosition : -maxPosition);
      auto loop = mlir::scf::ForOp::create(b, begin, end, constant(1), nothing);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      Value zero = constant(0);
      Value dims[] = {place[0], place[1], zero, loop.getInductionVar()};
      SmallVector<Value> indices;
      if (hasBatchAxis)
        indices.push_back(place[0]);
      for (AffineExpr index : term.indices)
        indices.push_back(emitAffine(b, b.getLoc(), index, dims));
      Value value = mlir::tensor::ExtractOp::create(b, table, indices);
      value = arith::IndexCastOp::create(b, b.getIndexType(), value);
      Value carried = loop.getRegionIterArgs()[0];
      Value best = isLeast ? Value(arith::MinSIOp::create(b, carried, value))
                           : Value(arith::MaxSIOp::create(b, carried, value));
      mlir::scf::YieldOp::create(b, best);
      return loop.getResult(0);
    };
    return generate(shape, extents, reduce);
  }

private:
  Value dim(Value tensor, int64_t axis) {
    return buildExtent(b, b.getLoc(), tensor, axis);
  }
  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  }
  static int64_t getExtent(Value tensor, int64_t axis) {
    return cast<RankedTensorType>(tensor.getType()).getDimSize(axis);
  }
  /// The number of blocks of `size` keys, as far as it is static.
  int64_t getBlocks(int64_t size) {
    int64_t length = getExtent(op.getKey(), 2);
    return mlir::ShapedType::isDynamic(length)
               ? length
               : int64_t(llvm::divideCeil(length, size));
  }
  /// A tensor of i64 whose elements are index values made by `body`; `extents`
  /// has a value for each axis.
  Value generate(ArrayRef<int64_t> shape, ValueRange extents,
                 function_ref<Value(ValueRange indices)> body) {
    auto type = RankedTensorType::get(shape, b.getI64Type());
    SmallVector<Value> dynamic;
    for (auto [size, extent] : llvm::zip_equal(shape, extents))
      if (mlir::ShapedType::isDynamic(size))
        dynamic.push_back(extent);
    auto op = mlir::tensor::GenerateOp::create(
        b, type, dynamic,
        [&](OpBuilder &builder, Location loc, ValueRange indices) {
          OpBuilder::InsertionGuard guard(b);
          b.setInsertionPoint(builder.getInsertionBlock(),
                              builder.getInsertionPoint());
          Value value = body(indices);
          value = arith::IndexCastOp::create(b, b.getI64Type(), value);
          mlir::tensor::YieldOp::create(b, value);
        });
    return op;
  }

  AttendOp op;
  mlir::ImplicitLocOpBuilder b;
  Value batch, heads, keys;
};

} // namespace

SmallVector<Value> AttendMask::buildTables(OpBuilder &builder) const {
  SmallVector<Value> tables;
  TableBuilder tableBuilder(op, builder);
  for (auto [term, role] :
       llvm::zip_equal(mask.terms.getTerms(), roles.roles)) {
    if (term.source)
      tables.push_back(tableBuilder.buildDerived(term));
    if (role != TermRole::key)
      continue;
    Value table =
        term.source ? tables.back() : AttendOp(op).getTable(term.table);
    for (bool isLeast : {true, false})
      tables.push_back(tableBuilder.buildSummary(term, table, isLeast));
  }
  return tables;
}

//===----------------------------------------------------------------------===//
// The keys to visit
//===----------------------------------------------------------------------===//

/// Emits the loops of `KeyVisits` for one tile of rows.
class VisitEmitter {
public:
  VisitEmitter(const AttendMask &mask, const KeyVisits &visits, TileBuilder &b,
               const CarryContext &context, const MaskPlace &place)
      : visits(visits), b(b), place(place), reads(mask, b, context, place) {}

  void emit(Value first, Value count) {
    visitRows({first, count, {}}, /*perRun=*/false);
    int64_t length = visits.getRunLength();
    if (length == 0)
      return;
    Value size = b.index(length), end = arith::AddIOp::create(b, first, count);
    Value firstRun = arith::FloorDivSIOp::create(b, first, size);
    Value endRun = arith::CeilDivSIOp::create(b, end, size);
    forEach(firstRun, endRun, [&](Value run) {
      Value start = arith::MulIOp::create(b, run, size);
      Value next = arith::AddIOp::create(b, start, size);
      Value partFirst = arith::MaxSIOp::create(b, first, start);
      Value partEnd = arith::MinSIOp::create(b, end, next);
      Value partCount = arith::SubIOp::create(b, partEnd, partFirst);
      Value isWhole =
          arith::CmpIOp::create(b, CmpIPredicate::eq, partCount, count);
      visitRows({partFirst, partCount, isWhole}, /*perRun=*/true);
    });
  }

private:
  /// Some rows of the tile; `isWhole` says whether they are all, or is null if
  /// they are known to be.
  struct Part {
    Value first, count, isWhole;
  };

  void forEach(Value begin, Value end, function_ref<void(Value)> body) {
    auto loop = mlir::scf::ForOp::create(b, begin, end, b.index(1));
    mlir::OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    body(loop.getInductionVar());
  }

  /// The parameters that `pieces` use; null for the others.
  SmallVector<Value> getParameters(const MaskSet &set,
                                   ArrayRef<const KeyPiece *> pieces,
                                   const Part &part, Value keyRow,
                                   bool all = false) {
    SmallVector<Value> values;
    std::pair<Value, Value> bounds;
    ArrayRef<TileParameter> parameters = set.getParameters();
    auto isUsed = [&](unsigned i) {
      return all || llvm::any_of(pieces, [i](const KeyPiece *piece) {
               return piece->usesParameter(i);
             });
    };
    for (auto [i, parameter] : llvm::enumerate(parameters)) {
      switch (parameter.kind) {
      case TileParameter::Kind::keyRow:
        values.push_back(keyRow);
        break;
      case TileParameter::Kind::queryRow:
        values.push_back(arith::FloorDivSIOp::create(
            b, part.first, b.index(set.getRowWidth())));
        break;
      case TileParameter::Kind::value:
        values.push_back(isUsed(i) ? reads.read(parameter.term, part.first, {})
                                   : Value());
        break;
      case TileParameter::Kind::least:
        bounds = {};
        if (isUsed(i) || isUsed(i + 1))
          bounds = reads.readRows(parameter.term, part.first, part.count);
        values.push_back(bounds.first);
        break;
      case TileParameter::Kind::greatest:
        values.push_back(bounds.second);
        break;
      }
    }
    return values;
  }

  SmallVector<KeyRangeValues> emitPieces(const MaskSet &set,
                                         ArrayRef<const KeyPiece *> pieces,
                                         const Part &part, Value keyRow) {
    SmallVector<KeyPiece> copies;
    for (const KeyPiece *piece : pieces)
      copies.push_back(*piece);
    SmallVector<Value> parameters = getParameters(set, pieces, part, keyRow);
    return emitKeyRanges(b, b.getLoc(), copies, place.batch, place.head,
                         part.first, part.count, place.keyLength, parameters);
  }

  /// Visits the pieces that depend on the run of rows, or the others.
  void visitRows(const Part &part, bool perRun) {
    const MaskSet &set = visits.getSet();
    SmallVector<const KeyPiece *> direct, refined;
    for (auto [i, piece] : llvm::enumerate(visits.getRanges().getPieces()))
      if (visits.getRows() && !piece.isExact)
        refined.push_back(&piece);
      else if (visits.isPerRun(i) == perRun)
        direct.push_back(&piece);
    for (const KeyRangeValues &range : emitPieces(set, direct, part, {}))
      visit(range, part);
    // Rows of keys are found for tiles within a row of queries.
    if (refined.empty() || !perRun)
      return;
    SmallVector<const KeyPiece *> ofRow;
    for (const KeyPiece &piece : visits.getRows()->ranges.getPieces())
      ofRow.push_back(&piece);
    for (const KeyRangeValues &range : emitPieces(set, refined, part, {}))
      visitKeyRows(range, ofRow, part);
  }

  void visitKeyRows(const KeyRangeValues &range,
                    ArrayRef<const KeyPiece *> pieces, const Part &part) {
    const MaskSet &set = visits.getRows()->set;
    Value width = b.index(set.getRowWidth());
    Value isNonEmpty =
        arith::CmpIOp::create(b, CmpIPredicate::slt, range.begin, range.end);
    Value firstRow = arith::DivUIOp::create(b, range.begin, width);
    Value endRow = arith::CeilDivUIOp::create(b, range.end, width);
    endRow = arith::SelectOp::create(b, isNonEmpty, endRow, firstRow);
    forEach(firstRow, endRow, [&](Value row) {
      for (const KeyRangeValues &ofRow : emitPieces(set, pieces, part, row))
        visit(ofRow, part);
    });
  }

  void visit(KeyRangeValues range, const Part &part) {
    if (part.isWhole) {
      // Full means full for all rows of the tile.
      range.fullBegin = arith::SelectOp::create(b, part.isWhole,
                                                range.fullBegin, range.begin);
      range.fullEnd =
          arith::SelectOp::create(b, part.isWhole, range.fullEnd, range.begin);
    }
    if (visits.getBlockTest())
      return visitBlocks(range, part);
    tile::VisitOp::create(b, range.begin, range.fullBegin, range.fullEnd,
                          range.end);
  }

  void visitBlocks(const KeyRangeValues &range, const Part &part) {
    Value size = b.index(KeyVisits::blockSize);
    SmallVector<Value> dims = {place.batch, place.head, part.first, part.count,
                               place.keyLength};
    llvm::append_range(dims, getParameters(visits.getSet(), {}, part, {},
                                           /*all=*/true));
    Value firstBlock = arith::DivUIOp::create(b, range.begin, size);
    Value endBlock = arith::CeilDivUIOp::create(b, range.end, size);
    forEach(firstBlock, endBlock, [&](Value block) {
      Value start = arith::MulIOp::create(b, block, size);
      Value next = arith::AddIOp::create(b, start, size);
      Value stop = arith::MinSIOp::create(b, next, place.keyLength);
      SmallVector<Value> values = dims;
      values.push_back(start);
      values.push_back(arith::SubIOp::create(b, stop, b.index(1)));
      for (auto [term, role] : llvm::enumerate(visits.getSet().getRoles())) {
        if (role != TermRole::key)
          continue;
        auto [least, greatest] = reads.readBlock(term, block);
        values.append({least, greatest});
      }
      Value any =
          emitPredicate(b, b.getLoc(), visits.getBlockTest()->any, values);
      auto branch = mlir::scf::IfOp::create(b, any);
      mlir::OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(branch.thenBlock());
      Value all =
          emitPredicate(b, b.getLoc(), visits.getBlockTest()->all, values);
      if (part.isWhole)
        all = arith::AndIOp::create(b, all, part.isWhole);
      Value begin = arith::MaxSIOp::create(b, start, range.begin);
      Value end = arith::MinSIOp::create(b, stop, range.end);
      Value fullEnd = arith::SelectOp::create(b, all, end, begin);
      tile::VisitOp::create(b, begin, begin, fullEnd, end);
    });
  }

  const KeyVisits &visits;
  TileBuilder &b;
  const MaskPlace &place;
  TermReads reads;
};

LogicalResult AttendMask::buildVisits(TileBuilder &b,
                                      const CarryContext &context,
                                      const MaskPlace &place, Value first,
                                      Value count) const {
  AttendOp attend = op;
  llvm::Expected<const KeyVisits &> visits =
      context.visits.get(mask, b.getContext());
  if (!visits)
    return attend.emitOpError(llvm::toString(visits.takeError()));
  if (!visits->isExact())
    attend.emitRemark("keys are not skipped as exactly as the mask allows: ")
        << visits->getReason();
  VisitEmitter emitter(*this, *visits, b, context, place);
  if (!roles.readPositions()) {
    emitter.emit(first, count);
    return success();
  }
  // Without keys the tables are empty.
  Value hasKeys =
      arith::CmpIOp::create(b, CmpIPredicate::sgt, place.keyLength, b.index(0));
  auto branch = mlir::scf::IfOp::create(b, hasKeys);
  mlir::OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  emitter.emit(first, count);
  return success();
}

//===----------------------------------------------------------------------===//
// The predicate
//===----------------------------------------------------------------------===//

Value AttendMask::buildPredicate(TileBuilder &b, const CarryContext &context,
                                 const MaskPlace &place, Value first, Value key,
                                 ArrayRef<int64_t> shape) const {
  TermReads reads(*this, b, context, place);
  SmallVector<Value> dims = {
      b.splat(place.batch, shape), b.splat(place.head, shape),
      b.broadcast(place.getRows(b, first, shape[0]), 0, shape),
      b.broadcast(b.iota(key, shape[1]), 1, shape)};
  for (unsigned term = 0; term < roles.roles.size(); ++term)
    dims.push_back(reads.readTile(term, first, key, shape));
  return emitPredicate(b, b.getLoc(), mask.predicate, dims);
}

} // namespace attnc::attn
