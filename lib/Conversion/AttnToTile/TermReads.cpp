//===- TermReads.cpp - the numbers that a mask reads ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads stay in bounds for every row of a tile: positions before 0 and beyond
// the last key are moved to the nearest one, for rows that do not exist or see
// nothing there.
//
//===----------------------------------------------------------------------===//

#include "TermReads.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace attnc::attn {

namespace arith = mlir::arith;

/// Where the tables of a term begin in `CarryContext::prepared`.
static unsigned getPreparedIndex(const Mask &mask, const TermRoles &roles,
                                 unsigned term) {
  unsigned index = 0;
  for (unsigned i = 0; i < term; ++i) {
    index += mask.terms.getTerms()[i].source ? 1 : 0;
    index += roles.roles[i] == TermRole::key ? 2 : 0;
  }
  return index;
}

Value TermReads::constantLike(int64_t value, Value like) const {
  if (auto type = dyn_cast<RankedTensorType>(like.getType()))
    return arith::ConstantOp::create(
        b, mlir::DenseElementsAttr::get(type, b.getIndexAttr(value)));
  return b.index(value);
}

Value TermReads::getMemory(unsigned term) const {
  if (getTerm(term).source)
    return context.prepared[getPreparedIndex(mask.mask, mask.roles, term)];
  AttendOp op = mask.op;
  Value table = op.getTable(getTerm(term).table);
  for (mlir::OpOperand &operand : op->getOpOperands())
    if (operand.get() == table)
      return context.inputs[operand.getOperandNumber()];
  llvm_unreachable("the verifier has seen the table");
}

bool TermReads::hasBatchAxis(unsigned term, Value memory) const {
  auto type = dyn_cast<MemRefType>(memory.getType());
  return type &&
         type.getRank() > static_cast<int64_t>(getTerm(term).indices.size());
}

Value TermReads::clamp(unsigned term, Value value) const {
  if (getTerm(term).source)
    return value;
  value = arith::MaxSIOp::create(b, value,
                                 constantLike(getTerm(term).lowest, value));
  return arith::MinSIOp::create(b, value,
                                constantLike(getTerm(term).highest, value));
}

Value TermReads::read(unsigned term, Value q, Value k) const {
  if (isResidue(term))
    return place.residue;
  Value memory = getMemory(term);
  if (memory.getType().isIndex())
    return clamp(term, memory);
  Value zero = b.index(0);
  Value dims[] = {place.batch, place.head,
                  q ? Value(arith::MaxSIOp::create(b, q, zero)) : zero,
                  k ? k : zero};
  SmallVector<Value> indices;
  if (hasBatchAxis(term, memory))
    indices.push_back(place.batch);
  for (AffineExpr index : getTerm(term).indices)
    indices.push_back(emitAffine(b, b.getLoc(), index, dims));
  Value value = mlir::memref::LoadOp::create(b, memory, indices);
  return clamp(term, arith::IndexCastOp::create(b, b.getIndexType(), value));
}

std::pair<Value, Value> TermReads::readRows(unsigned term, Value first,
                                            Value count) const {
  Value zero = b.index(0), one = b.index(1);
  Value begin = arith::MaxSIOp::create(b, first, zero);
  Value last = arith::AddIOp::create(b, first, count);
  Value end = arith::MaxSIOp::create(b, last, one);
  Value nothing[] = {b.index(maxPosition), b.index(-maxPosition)};
  auto loop = mlir::scf::ForOp::create(b, begin, end, one, nothing);
  mlir::OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value value = read(term, loop.getInductionVar(), {});
  Value least = arith::MinSIOp::create(b, loop.getRegionIterArgs()[0], value);
  Value greatest =
      arith::MaxSIOp::create(b, loop.getRegionIterArgs()[1], value);
  mlir::scf::YieldOp::create(b, ValueRange{least, greatest});
  return {loop.getResult(0), loop.getResult(1)};
}

std::pair<Value, Value> TermReads::readBlock(unsigned term, Value block) const {
  unsigned index = getPreparedIndex(mask.mask, mask.roles, term) +
                   (getTerm(term).source ? 1 : 0);
  auto load = [&](Value summary) -> Value {
    // An axis of extent 1 stands for a position that the term does not use.
    auto place0 = [&](int64_t axis, Value position) -> Value {
      return cast<MemRefType>(summary.getType()).getDimSize(axis) == 1
                 ? b.index(0)
                 : position;
    };
    Value value = mlir::memref::LoadOp::create(
        b, summary,
        ValueRange{place0(0, place.batch), place0(1, place.head), block});
    return arith::IndexCastOp::create(b, b.getIndexType(), value);
  };
  Value least = load(context.prepared[index]);
  return {least, load(context.prepared[index + 1])};
}

Value TermReads::readTile(unsigned term, Value first, Value key,
                          ArrayRef<int64_t> shape) const {
  TermRole role = mask.roles.roles[term];
  if (role == TermRole::value)
    return b.splat(read(term, {}, {}), shape);
  int64_t axis = role == TermRole::key ? 1 : 0;
  Value positions =
      axis == 1 ? b.iota(key, shape[1]) : place.getRows(b, first, shape[0]);
  auto asTile = [&](Value scalar) { return b.splat(scalar, {shape[axis]}); };
  Value last = arith::SubIOp::create(b, place.keyLength, b.index(1));
  positions = arith::MinSIOp::create(b, positions, asTile(last));
  positions = arith::MaxSIOp::create(b, positions, constantLike(0, positions));
  Value zero = b.index(0);
  Value none = asTile(zero);
  Value dims[] = {asTile(place.batch), asTile(place.head),
                  axis == 0 ? positions : none, axis == 1 ? positions : none};
  Value memory = getMemory(term);
  Value scalars[] = {place.batch, place.head, zero, zero};
  SmallVector<Value> leading;
  if (hasBatchAxis(term, memory))
    leading.push_back(place.batch);
  ArrayRef<AffineExpr> indices = getTerm(term).indices;
  for (AffineExpr index : indices.drop_back())
    leading.push_back(emitAffine(b, b.getLoc(), index, scalars));
  Value at = emitAffine(b, b.getLoc(), indices.back(), dims);
  Value values = tile::GatherOp::create(b, memory, at, leading);
  return b.broadcast(clamp(term, values), axis, shape);
}

} // namespace attnc::attn
