//===- AttendRows.cpp - the query rows of a kernel instance ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A tile has rows of one head, or with few queries those of all heads that read
// the same keys.
//
//===----------------------------------------------------------------------===//

#include "AttendRows.h"

namespace attnc::attn {

/// A tile of the rows of one head; `position` is that of query 0.
void placeRows(AttendOp op, CarryContext &context, TileBuilder &b,
               Value position) {
  Value query = context.inputs[kQueryMemory];
  Value row = mlir::arith::MulIOp::create(b, context.grid.back(),
                                          b.index(context.queryTile));
  Value left = mlir::arith::SubIOp::create(b, b.dim(query, 2), row);
  context.count =
      mlir::arith::MinSIOp::create(b, left, b.index(context.queryTile));
  // The last tile of a class may have no rows.
  if (op.getLattice())
    context.count = mlir::arith::MaxSIOp::create(b, context.count, b.index(0));
  context.first = mlir::arith::AddIOp::create(b, row, position);
  context.positions = context.count;
  context.stationary[kRow] = row;
  context.stationary[kHead] = context.grid[1];
  Value group = mlir::arith::DivUIOp::create(
      b, b.dim(query, 1), KVStream(op, context, kKeyMemory).buildHeads(b));
  context.stationary[kKeyHead] =
      mlir::arith::DivUIOp::create(b, context.grid[1], group);
}

/// A tile of the rows of all heads of a group, head by head.
void placePackedRows(AttendOp op, CarryContext &context, TileBuilder &b,
                     Value position) {
  namespace arith = mlir::arith;
  Value query = context.inputs[kQueryMemory];
  Value queries = b.dim(query, 2), keyHead = context.grid[1];
  Value group = arith::DivUIOp::create(
      b, b.dim(query, 1), KVStream(op, context, kKeyMemory).buildHeads(b));
  context.stationary[kKeyHead] = keyHead;
  context.stationary[kHead] = arith::MulIOp::create(b, keyHead, group);
  Value row =
      arith::MulIOp::create(b, context.grid.back(), b.index(context.queryTile));
  Value left =
      arith::SubIOp::create(b, arith::MulIOp::create(b, group, queries), row);
  context.count = arith::MinSIOp::create(b, left, b.index(context.queryTile));
  context.count = arith::MaxSIOp::create(b, context.count, b.index(0));

  // A residue class may have no queries, and then no rows.
  Value divisor = arith::MaxSIOp::create(b, queries, b.index(1));
  Value rows = b.iota(row, context.queryTile);
  Value divisors = b.splat(divisor, {context.queryTile});
  context.stationary[kRowHeads] = arith::DivUIOp::create(b, rows, divisors);
  Value number = arith::RemUIOp::create(b, rows, divisors);
  context.stationary[kRowQueries] = number;
  context.stationary[kRowPositions] =
      arith::AddIOp::create(b, number, b.splat(position, {context.queryTile}));

  // Rows of one head are consecutive; those of several are anywhere.
  Value first = arith::RemUIOp::create(b, row, divisor);
  Value last = arith::AddIOp::create(b, first, context.count);
  Value isOneHead =
      arith::CmpIOp::create(b, arith::CmpIPredicate::sle, last, queries);
  Value own = context.stationary[kQueryLength];
  context.positions = b.select(isOneHead, context.count, own ? own : queries);
  first = b.select(isOneHead, first, b.index(0));
  context.first = arith::AddIOp::create(b, first, position);
}

/// Where the rows of the tile are in memory of [batch, heads, queries].
RowAccess getRowAccess(const CarryContext &context, TileBuilder &b) {
  RowAccess access;
  access.offsets = {context.grid[0], context.stationary[kHead]};
  if (!context.packsHeads) {
    access.offsets.push_back(context.stationary[kRow]);
    return access;
  }
  access.offsets.push_back(b.index(0));
  access.gather = {context.stationary[kRowHeads],
                   context.stationary[kRowQueries]};
  access.axes = {1, 2};
  return access;
}

/// What `lengths` has for the sequence of this instance.
static Value loadInteger(CarryContext &context, TileBuilder &b, Value lengths) {
  Value length =
      mlir::memref::LoadOp::create(b, lengths, ValueRange(context.grid[0]));
  return mlir::arith::IndexCastOp::create(b, b.getIndexType(), length);
}

/// The number that `lengths` has for the sequence of this instance, from 0 to
/// `most`; `most` where there are none.
static Value loadLength(CarryContext &context, TileBuilder &b, Value lengths,
                        Value most) {
  if (!lengths)
    return most;
  Value length = loadInteger(context, b, lengths);
  length = mlir::arith::MaxSIOp::create(b, length, b.index(0));
  return mlir::arith::MinSIOp::create(b, length, most);
}

/// The memory of an operand that may be absent.
static Value getMemory(const CarryContext &context, AttendOp op,
                       Value operand) {
  for (mlir::OpOperand &each : op->getOpOperands())
    if (operand && each.get() == operand)
      return context.inputs[each.getOperandNumber()];
  return {};
}

/// Fixes the numbers of keys and queries. Returns the position of query row
/// 0. Bottom-right alignment: the last query is at the last key's position.
Value buildLengths(AttendOp op, CarryContext &context, TileBuilder &b) {
  Value lengths = getMemory(context, op, op.getLengths());
  auto cache = context.caches.find(kKeyMemory);
  bool isRing =
      cache != context.caches.end() && cache->second.type.getLayout().isRing();
  Value capacity = KVStream(op, context, kKeyMemory).buildCapacity(b);
  context.keyLength = loadLength(context, b, lengths, capacity);
  if (isRing) {
    Value written = loadInteger(context, b, cache->second.lengths);
    Value gone = mlir::arith::SubIOp::create(b, written, capacity);
    context.stationary[kRingBase] =
        mlir::arith::MaxSIOp::create(b, gone, b.index(0));
  }
  Value queries = b.dim(context.inputs[kQueryMemory], 2);
  if (Value own = getMemory(context, op, op.getQueryLengths())) {
    queries = loadLength(context, b, own, queries);
    context.stationary[kQueryLength] = queries;
  }
  return mlir::arith::SubIOp::create(b, context.keyLength, queries);
}

/// Which rows are no queries of their sequence.
Value buildIsBeyond(CarryContext &context, TileBuilder &b) {
  int64_t count = context.queryTile;
  Value number = context.packsHeads ? context.stationary[kRowQueries]
                                    : b.iota(context.stationary[kRow], count);
  return mlir::arith::CmpIOp::create(
      b, mlir::arith::CmpIPredicate::sge, number,
      b.splat(context.stationary[kQueryLength], {count}));
}

} // namespace attnc::attn
