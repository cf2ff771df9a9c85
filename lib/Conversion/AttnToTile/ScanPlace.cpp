//===- ScanPlace.cpp - where an instance of a scan works ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See ScanPlace.h.
//
//===----------------------------------------------------------------------===//

#include "ScanPlace.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace attnc;
using namespace attnc::attn;
namespace arith = mlir::arith;

/// What `buildPrologue` leaves in CarryContext::stationary.
enum Stationary { kBatch, kKeyHead, kBegin, kEnd, kStates, kStationary };

ScanPlace::ScanPlace(ScanOp op, const CarryContext &context)
    : batch(context.stationary[kBatch]), sequence(context.grid[0]),
      head(context.grid[1]), keyHead(context.stationary[kKeyHead]),
      begin(context.stationary[kBegin]), end(context.stationary[kEnd]), op(op),
      states(context.stationary[kStates]), length(context.keyLength) {}

SmallVector<Value> ScanPlace::buildGrid(ScanOp op, OpBuilder &builder) {
  mlir::ImplicitLocOpBuilder b(op.getLoc(), builder);
  auto dim = [&](Value tensor, int64_t axis) -> Value {
    return b.createOrFold<mlir::tensor::DimOp>(tensor, axis);
  };
  Value sequences = dim(op.getValue(), 0);
  if (op.getStarts())
    sequences = arith::MaxUIOp::create(b, dim(op.getStarts(), 0),
                                       arith::ConstantIndexOp::create(b, 1));
  return {sequences, dim(op.getValue(), 1)};
}

Value ScanPlace::buildPositionCount(ScanOp op, OpBuilder &builder) {
  mlir::ImplicitLocOpBuilder b(op.getLoc(), builder);
  Value length = b.createOrFold<mlir::tensor::DimOp>(op.getValue(), 2);
  if (!op.getStarts())
    return length;
  auto index = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, value);
  };
  Value sequences = mlir::tensor::DimOp::create(b, op.getStarts(), 0);
  Value some = arith::MaxUIOp::create(b, sequences, index(1));
  Value isNone =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ult, sequences, some);
  return arith::SelectOp::create(b, isNone,
                                 index(std::numeric_limits<int64_t>::max()),
                                 arith::CeilDivUIOp::create(b, length, some));
}

SmallVector<Value> ScanPlace::buildTables(ScanOp op, OpBuilder &builder) {
  Value starts = op.getStarts();
  if (!starts)
    return {};
  mlir::ImplicitLocOpBuilder b(op.getLoc(), builder);
  auto index = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, value);
  };
  Type i64 = b.getI64Type();
  auto asInteger = [&](Value value) -> Value {
    return arith::IndexCastOp::create(b, i64, value);
  };
  Value count = mlir::tensor::DimOp::create(b, starts, 0);
  Value length = mlir::tensor::DimOp::create(b, op.getValue(), 2);
  Value last = arith::MaxUIOp::create(b, count, index(1));
  Value size = arith::AddIOp::create(b, last, index(1));
  Value zero = asInteger(index(0));
  Value table = mlir::tensor::EmptyOp::create(b, mlir::OpFoldResult(size), i64);
  table = mlir::tensor::InsertOp::create(b, zero, table, index(0));
  auto loop = mlir::scf::ForOp::create(
      b, index(1), count, index(1), ValueRange{table, index(0)},
      [&](OpBuilder &, Location, Value s, ValueRange carried) {
        Value read = mlir::tensor::ExtractOp::create(b, starts, s);
        Value start = arith::IndexCastOp::create(b, b.getIndexType(), read);
        start = arith::MaxSIOp::create(b, start, carried[1]);
        start = arith::MinSIOp::create(b, start, length);
        Value next =
            mlir::tensor::InsertOp::create(b, asInteger(start), carried[0], s);
        mlir::scf::YieldOp::create(b, ValueRange{next, start});
      });
  return {mlir::tensor::InsertOp::create(b, asInteger(length),
                                         loop.getResult(0), last)};
}

void ScanPlace::buildPrologue(ScanOp op, CarryContext &context,
                              TileBuilder &b) {
  startWithoutRows(context, b);
  context.stationary.resize(kStationary);
  Value begin = b.index(0), end = context.keyLength;
  context.stationary[kBatch] = context.grid[0];
  context.stationary[kKeyHead] = context.grid[1];
  if (op.getStarts()) {
    auto read = [&](Value at) -> Value {
      Value bound =
          mlir::memref::LoadOp::create(b, context.prepared.front(), at);
      return arith::IndexCastOp::create(b, b.getIndexType(), bound);
    };
    begin = read(context.grid[0]);
    end = read(arith::AddIOp::create(b, context.grid[0], b.index(1)));
    context.stationary[kBatch] = b.index(0);
    if (!context.hasFewSteps)
      context.stationary[kStates] =
          arith::MinUIOp::create(b, b.dim(context.inputs[3], 0), b.index(1));
  }
  int64_t heads = op.getValue().getType().getDimSize(1);
  int64_t keyHeads = op.getQuery().getType().getDimSize(1);
  if (heads != keyHeads || mlir::ShapedType::isDynamic(heads)) {
    Value group = arith::DivUIOp::create(b, b.dim(context.inputs[2], 1),
                                         b.dim(context.inputs[0], 1));
    context.stationary[kKeyHead] =
        arith::DivUIOp::create(b, context.grid[1], group);
  }
  if (op.getReverse()) {
    for (Value &memory : MutableArrayRef(context.inputs).take_front(3))
      memory = b.reversed(memory, 2);
    context.outputs[0] = b.reversed(context.outputs[0], 2);
    Value first = arith::SubIOp::create(b, context.keyLength, end);
    end = arith::SubIOp::create(b, context.keyLength, begin);
    begin = first;
  }
  context.stationary[kBegin] = begin;
  context.stationary[kEnd] = end;
}

ScanPlace::StateAccess ScanPlace::getState(TileBuilder &b,
                                           ArrayRef<int64_t> extents) const {
  StateAccess access = {{sequence, head}, {}};
  for (int64_t extent : extents) {
    access.offsets.push_back(b.index(0));
    access.extents.push_back(b.index(extent));
  }
  if (states)
    access.extents[0] = arith::MulIOp::create(b, access.extents[0], states);
  return access;
}

Value ScanPlace::loadState(TileBuilder &b, Value memory,
                           ArrayRef<int64_t> extents,
                           ArrayRef<int64_t> shape) const {
  StateAccess access = getState(b, extents);
  Value state = b.load(memory, access.offsets, access.extents, shape);
  if (!states)
    return state;
  Value exists =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ne, states, b.index(0));
  return b.select(b.splat(exists, shape), state, b.constant(0, shape));
}

void ScanPlace::storeState(TileBuilder &b, Value state, Value memory,
                           ArrayRef<int64_t> extents) const {
  StateAccess access = getState(b, extents);
  tile::StoreOp::create(b, state, memory, access.offsets, access.extents);
}

Value ScanPlace::getPosition(TileBuilder &b, Value key) const {
  if (!ScanOp(op).getReverse())
    return key;
  Value behind = arith::SubIOp::create(b, length, key);
  return arith::SubIOp::create(b, behind, b.index(1));
}

TileAxis ScanPlace::getPositions(TileBuilder &b, Value key, Value count,
                                 int64_t size) const {
  TileAxis axis = {size, key, count};
  if (ScanOp(op).getReverse())
    axis.last = getPosition(b, key);
  return axis;
}
