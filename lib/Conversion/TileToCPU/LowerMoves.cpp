//===- LowerMoves.cpp - tiles between memory and buffers ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loads copy a tile into the layout in which it is computed with: rows, or
// transposed so that rows become lanes. Stores are the inverse. Neither touches
// an element beyond the extent.
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "ReadElements.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace attnc::cpu {

using mlir::VectorType;

//===----------------------------------------------------------------------===//
// Loads
//===----------------------------------------------------------------------===//

/// True if contractions read `tile` one scalar at a time and nothing else reads
/// it: then f32 memory can be read in place.
static bool isReadByScalars(Value tile, const IndependentAxis &axes) {
  return llvm::all_of(tile.getUses(), [&](mlir::OpOperand &use) {
    auto contract = dyn_cast<tile::ContractOp>(use.getOwner());
    if (!contract || use.getOperandNumber() > 1)
      return false;
    int64_t axis = axes.of(contract.getResult());
    int64_t laneSide = axis >= 0 ? axis : 1;
    return use.getOperandNumber() != laneSide;
  });
}

/// `size`, rounded down to whole vectors.
Value KernelEmitter::wholeVectors(Value size) {
  return mlir::arith::MulIOp::create(
      b, mlir::arith::DivSIOp::create(b, size, constant(width)),
      constant(width));
}

/// What the bytes of memory stand for, or null.
static Type encodingOf(tile::LoadOp op) {
  return op.getEncoding().value_or(Type());
}

/// Makes `view` one of gathered rows: memory as one row of elements, and where
/// in it each row of the tile starts. Of keys that the first product of a step
/// reads there are the rows of the next step, too: they are asked for ahead.
void KernelEmitter::placeRows(tile::LoadOp op, Placement &view, Scope &scope) {
  namespace arith = mlir::arith;
  int64_t rows = cast<RankedTensorType>(op.getTile().getType()).getDimSize(0);
  bool isOfDots = false;
  kernel.walk([&](tile::ContractOp contract) {
    isOfDots |= isDotProduct(contract) && rowsOf(contract.getRhs()) == op;
  });
  rows = llvm::alignTo(rows * (isOfDots ? 2 : 1), width);
  {
    OpBuilder::InsertionGuard guard(b);
    b.restoreInsertionPoint(allocationPoint);
    view.rowStarts = mlir::memref::AllocOp::create(
        b, MemRefType::get({rows}, b.getIndexType()), b.getI64IntegerAttr(64));
  }
  auto metadata =
      mlir::memref::ExtractStridedMetadataOp::create(b, view.memory);
  auto times = [&](Value factor, int64_t axis) -> Value {
    return arith::MulIOp::create(b, factor, metadata.getStrides()[axis]);
  };
  Value start = constant(0);
  for (auto [axis, offset] : llvm::enumerate(view.offsets))
    start = arith::AddIOp::create(b, start, times(offset, axis));
  // An index counts elements, of which a byte may have two.
  int64_t perUnit = view.encoding && view.encoding.isInteger(4) ? 2 : 1;
  view.memory = mlir::memref::ReinterpretCastOp::create(
      b, /*source=*/metadata.getBaseBuffer(),
      /*offset=*/mlir::OpFoldResult(metadata.getOffset()),
      /*sizes=*/
      ArrayRef<mlir::OpFoldResult>{
          constant(std::numeric_limits<int64_t>::max())},
      /*strides=*/ArrayRef<mlir::OpFoldResult>{b.getIndexAttr(1)});

  auto loop =
      mlir::scf::ForOp::create(b, constant(0), constant(rows), constant(width));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value row = loop.getInductionVar();
  Memo memo;
  Value starts = asVector(start);
  for (auto [indices, axis] :
       llvm::zip_equal(op.getGather(), *op.getGatherAxes())) {
    Value vector =
        asVector(evaluate(indices, {{row, /*isVector=*/true}}, scope, memo));
    Value stride = asVector(metadata.getStrides()[axis]);
    starts = arith::AddIOp::create(b, starts,
                                   arith::MulIOp::create(b, vector, stride));
  }
  starts = arith::MulIOp::create(b, starts, asVector(constant(perUnit)));
  mlir::vector::StoreOp::create(b, starts, view.rowStarts, row);
}

/// The tile as it is in memory.
Placement KernelEmitter::viewOf(tile::LoadOp op, Scope &scope) {
  Placement view;
  view.kind = Placement::Kind::View;
  view.memory = scalar(op.getMemory(), scope);
  view.encoding = encodingOf(op);
  for (Value offset : op.getOffsets())
    view.offsets.push_back(scalar(offset, scope));
  if (!op.getGather().empty())
    placeRows(op, view, scope);
  return view;
}

/// Whether the lanes of a strip are neighbours in memory, though they are the
/// first axis of the tile: it has no other. Lanes that are rows of a fold need
/// a value each, also those beyond the extent.
template <typename OpT>
bool KernelEmitter::runsAlongMemory(OpT op) const {
  return op.getTile().getType().getRank() == 1 && op.getGather().empty() &&
         !rowFold;
}

/// Whether the lanes of the current strip are whole vectors in memory that need
/// no conversion. Lanes that are rows of a fold may be fewer than a strip has.
bool KernelEmitter::isReadInPlace(tile::LoadOp op, const Scope &scope) const {
  Value tile = op.getTile();
  auto type = cast<RankedTensorType>(tile.getType());
  std::optional<int64_t> columns =
      mlir::getConstantIntValue(mlir::getAsOpFoldResult(op.getExtent().back()));
  return scope.strip && !rowFold && axes.of(tile) == type.getRank() - 1 &&
         op.getMemory().getType().getElementType().isF32() &&
         op.getGather().empty() && columns && *columns >= axes.getSize();
}

void KernelEmitter::lowerLoad(tile::LoadOp op, Scope &scope) {
  Value tile = op.getTile();
  // What is asked for ahead has its place already.
  if (scope.placed.count(tile))
    return;
  if (isReadByFirstStep(tile)) {
    scope.placed[tile] = placeInMemory(op, scope);
    return;
  }
  int64_t axis = axes.of(tile);
  auto type = cast<RankedTensorType>(tile.getType());
  bool isMatrix = axis < 0 && type.getRank() == 2;
  if (isMatrix && isUncut && isReadInPlace(op)) {
    scope.placed[tile] = viewOf(op, scope);
    return;
  }
  int64_t pairAxis = pairAxisOf(tile);
  bool isAsInMemory = op.getMemory().getType().getElementType().isF32() ||
                      pairAxis == type.getRank() - 1;
  if (isMatrix && !isUncut && op.getGather().empty() && isAsInMemory &&
      isReadByScalars(tile, axes)) {
    scope.placed[tile] = rowFold && pairAxis < 0 && !scope.strip
                             ? nearRows(op, scope)
                             : viewOf(op, scope);
    scope.placed[tile].pairAxis = pairAxis;
    return;
  }
  if (axis >= 0 && isReadInPlace(op, scope)) {
    Placement view = viewOf(op, scope);
    Value start =
        mlir::arith::MulIOp::create(b, scope.strip, constant(axes.getLanes()));
    view.offsets.back() =
        mlir::arith::AddIOp::create(b, view.offsets.back(), start);
    scope.placed[tile] = view;
    return;
  }
  Placement target = allocateTemporary(tile, scope);
  if (axis < 0 && pairAxis == 0)
    loadPairs(op, target, scope);
  else if (axis < 0)
    loadRows(op, target, constant(0), type.getShape().back(), scope);
  else
    forEachStrip(scope, [&](Scope &inner) {
      if (axis == 0 && !runsAlongMemory(op))
        return loadTransposed(op, target, inner);
      Value first = mlir::arith::MulIOp::create(b, inner.strip,
                                                constant(axes.getLanes()));
      loadRows(op, target, first, axes.getLanes(), inner);
    });
  scope.placed[tile] = target;
}

/// Address in memory of the element `index` of the tile that `op` moves.
template <typename OpT>
SmallVector<Value> KernelEmitter::memoryAddress(OpT op, ArrayRef<Value> index,
                                                Scope &scope) {
  SmallVector<Value> address;
  for (Value offset : op.getOffsets())
    address.push_back(scalar(offset, scope));
  auto add = [&](int64_t axis, Value value) {
    address[axis] = mlir::arith::AddIOp::create(b, address[axis], value);
  };
  bool isGathered = !op.getGather().empty();
  for (auto [at, value] : llvm::enumerate(index))
    if (at > 0 || !isGathered)
      add(address.size() - index.size() + at, value);
  if (isGathered)
    for (auto [axis, indices] :
         llvm::zip_equal(*op.getGatherAxes(), op.getGather())) {
      Memo memo;
      add(axis, evaluate(indices, {{index[0]}}, scope, memo));
    }
  return address;
}

/// Rounds f32 to `element`.
static Value fromF32(mlir::ImplicitLocOpBuilder &b, Value value, Type element) {
  if (element.isF32())
    return value;
  Type narrow = element;
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    narrow = VectorType::get(vector.getShape(), element);
  return mlir::arith::TruncFOp::create(b, narrow, value);
}

/// Copies rows of `lanes` elements from lane `firstLane` on: vectors where
/// whole vectors are valid, single elements at the end. Never reads past the
/// extent.
void KernelEmitter::loadRows(tile::LoadOp op, const Placement &target,
                             Value firstLane, int64_t lanes, Scope &scope) {
  auto type = cast<RankedTensorType>(op.getTile().getType());
  int64_t rank = type.getRank();
  Value memory = scalar(op.getMemory(), scope);
  Value valid = mlir::arith::SubIOp::create(
      b, scalar(op.getExtent().back(), scope), firstLane);
  valid = mlir::arith::MinSIOp::create(b, valid, constant(lanes));
  // Gathered numbers are no neighbours.
  bool isScattered = rank == 1 && !op.getGather().empty();
  Value whole = isScattered ? constant(0) : wholeVectors(valid);
  auto copyRow = [&](Value row) {
    auto copy = [&](Value begin, Value end, int64_t step) {
      auto loop = mlir::scf::ForOp::create(b, begin, end, constant(step));
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      Value lane = loop.getInductionVar();
      Value column = mlir::arith::AddIOp::create(b, firstLane, lane);
      SmallVector<Value> index = {column};
      TileIndex to = {{lane, /*isVector=*/step > 1}};
      if (row) {
        index.insert(index.begin(), row);
        to.insert(to.begin(), AxisIndex{row});
      }
      SmallVector<Value> address = memoryAddress(op, index, scope);
      Value value =
          readElements(b, memory, address, step > 1 ? step : 0, encodingOf(op));
      writeTile(b, b.getLoc(), target, to, scope.strip, value);
    };
    if (!isScattered)
      copy(constant(0), whole, width);
    copy(whole, valid, 1);
  };
  if (rank == 1)
    return copyRow({});
  auto loop = mlir::scf::ForOp::create(
      b, constant(0), scalar(op.getExtent()[0], scope), constant(1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  copyRow(loop.getInductionVar());
}

/// The columns of `rows`, as many vectors as a vector has lanes. Blocks beside
/// the diagonal change places, from the largest to single elements.
SmallVector<Value> KernelEmitter::transpose(ArrayRef<Value> rows) {
  SmallVector<Value> vectors(rows);
  for (int64_t distance = width / 2; distance > 0; distance /= 2) {
    // Lanes whose number has this bit, and those whose number has not, of two
    // vectors that are `distance` apart.
    SmallVector<int64_t> low, high;
    for (int64_t lane = 0; lane < width; ++lane) {
      bool isHigh = lane & distance;
      low.push_back(isHigh ? width + lane - distance : lane);
      high.push_back(isHigh ? width + lane : lane + distance);
    }
    for (int64_t i = 0; i < width; ++i) {
      if (i & distance)
        continue;
      Value x = vectors[i], y = vectors[i + distance];
      vectors[i] = mlir::vector::ShuffleOp::create(b, x, y, low);
      vectors[i + distance] = mlir::vector::ShuffleOp::create(b, x, y, high);
    }
  }
  return vectors;
}

/// Copies a strip of rows so that they become lanes. Lanes beyond the extent
/// repeat the last valid row: their results are never stored.
void KernelEmitter::loadTransposed(tile::LoadOp op, const Placement &target,
                                   Scope &scope) {
  namespace arith = mlir::arith;
  auto type = cast<RankedTensorType>(op.getTile().getType());
  Value memory = scalar(op.getMemory(), scope);
  Value last =
      arith::SubIOp::create(b, scalar(op.getExtent()[0], scope), constant(1));
  Value start =
      arith::MulIOp::create(b, scope.strip, constant(axes.getLanes()));
  auto rowOf = [&](Value lane) -> Value {
    return arith::MinSIOp::create(b, arith::AddIOp::create(b, start, lane),
                                  last);
  };
  using ReadFn = function_ref<Value(ArrayRef<Value> address)>;
  auto copy = [&](ArrayRef<Value> from, TileIndex to, ReadFn read) {
    writeTile(b, b.getLoc(), target, to, scope.strip,
              read(memoryAddress(op, from, scope)));
  };
  auto readElement = [&](ArrayRef<Value> address) {
    return readElements(b, memory, address, /*count=*/0, encodingOf(op));
  };
  auto forEachLane = [&](int64_t step, function_ref<void(Value)> body) {
    auto loop = mlir::scf::ForOp::create(
        b, constant(0), constant(axes.getLanes()), constant(step));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    body(loop.getInductionVar());
  };
  if (type.getRank() == 1)
    return forEachLane(
        1, [&](Value lane) { copy(rowOf(lane), {{lane}}, readElement); });

  // Columns are elements, or pairs of them.
  bool isPaired = target.pairAxis >= 0;
  Value size = scalar(op.getExtent()[1], scope), columns = size;
  if (isPaired)
    columns = arith::DivUIOp::create(b, size, constant(2));
  auto elementAt = [&](Value column) {
    return isPaired ? arith::MulIOp::create(b, column, constant(2)) : column;
  };
  Value whole = wholeVectors(columns);
  forEachLane(width, [&](Value lane) {
    SmallVector<Value> rows;
    for (int64_t i = 0; i < width; ++i)
      rows.push_back(rowOf(arith::AddIOp::create(b, lane, constant(i))));
    auto loop =
        mlir::scf::ForOp::create(b, constant(0), whole, constant(width));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value column = loop.getInductionVar();
    SmallVector<Value> vectors;
    for (Value row : rows) {
      SmallVector<Value> address =
          memoryAddress(op, {row, elementAt(column)}, scope);
      if (!isPaired) {
        vectors.push_back(
            readElements(b, memory, address, width, encodingOf(op)));
        continue;
      }
      auto type = VectorType::get({2 * width}, b.getBF16Type());
      vectors.push_back(
          asWords(mlir::vector::LoadOp::create(b, type, memory, address)));
    }
    for (auto [i, vector] : llvm::enumerate(transpose(vectors)))
      writeTile(b, b.getLoc(), target,
                {{lane, /*isVector=*/true},
                 {arith::AddIOp::create(b, column, constant(i))}},
                scope.strip, vector);
  });
  forEachLane(1, [&](Value lane) {
    auto copyRest = [&](Value begin, Value end, ReadFn read) {
      auto rest = mlir::scf::ForOp::create(b, begin, end, constant(1));
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(rest.getBody());
      Value column = rest.getInductionVar();
      copy({rowOf(lane), elementAt(column)}, {{lane}, {column}}, read);
    };
    if (!isPaired)
      return copyRest(whole, columns, readElement);
    copyRest(whole, columns, [&](ArrayRef<Value> address) {
      return loadWord(b, b.getLoc(), memory, address);
    });
    copyRest(
        columns, arith::CeilDivUIOp::create(b, size, constant(2)),
        [&](ArrayRef<Value> address) { return loadHalf(memory, address); });
  });
}

//===----------------------------------------------------------------------===//
// Stores
//===----------------------------------------------------------------------===//

void KernelEmitter::lowerStore(tile::StoreOp op, Scope &scope) {
  Value tile = op.getTile();
  // A carry that is kept in memory is where it goes.
  if (auto fold = tile.getDefiningOp<tile::FoldOp>())
    if (memoryOfResult(fold, cast<mlir::OpResult>(tile).getResultNumber()))
      return;
  bool hasRowsAsLanes = axes.of(tile) == 0 && !runsAlongMemory(op);
  if (axes.isShared(tile) || hasRowsAsLanes) {
    // Through a buffer: lanes of its vectors are in several rows of memory.
    materialize(tile, scope);
  }
  if (axes.isShared(tile))
    return inFirstPart([&] { storeElements(op, constant(0), scope); });
  bool isMatrix = cast<RankedTensorType>(tile.getType()).getRank() == 2;
  forEachStrip(scope, [&](Scope &inner) {
    if (hasRowsAsLanes)
      return isMatrix ? storeTransposed(op, inner)
                      : storeElements(op, constant(0), inner);
    Value first =
        mlir::arith::MulIOp::create(b, inner.strip, constant(axes.getLanes()));
    Value valid = mlir::arith::SubIOp::create(
        b, scalar(op.getExtent().back(), inner), first);
    auto storeVectors = [&](ArrayRef<AxisIndex> row) {
      for (int64_t c = 0; c < vectorsIn(axes.getLanes()); ++c) {
        TileIndex index(row.begin(), row.end());
        index.push_back(chunkIndex(c));
        Memo memo;
        Value vector = asVector(evaluate(tile, index, inner, memo));
        Value lane = index.back().index;
        storeRow(op, index, vector, mlir::arith::AddIOp::create(b, first, lane),
                 mlir::arith::SubIOp::create(b, valid, lane), inner);
      }
    };
    if (isMatrix) {
      auto rows = mlir::scf::ForOp::create(
          b, constant(0), scalar(op.getExtent()[0], inner), constant(1));
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(rows.getBody());
      storeVectors(AxisIndex{rows.getInductionVar()});
    } else {
      storeVectors({});
    }
    finishPending(inner);
  });
}

/// The lanes of the current strip that are rows to be stored.
Value KernelEmitter::validLanes(tile::StoreOp op, Value start, Scope &scope) {
  Value left =
      mlir::arith::SubIOp::create(b, scalar(op.getExtent()[0], scope), start);
  return mlir::arith::MinSIOp::create(b, left, constant(axes.getLanes()));
}

/// Stores the valid elements of a placed tile one by one, in the current strip
/// if it has the independent axis. Of a matrix the columns from `firstColumn`
/// on.
void KernelEmitter::storeElements(tile::StoreOp op, Value firstColumn,
                                  Scope &scope) {
  Value tile = op.getTile();
  auto type = cast<RankedTensorType>(tile.getType());
  const Placement placement = scope.placed.lookup(tile);
  Value memory = scalar(op.getMemory(), scope);
  Type element = op.getMemory().getType().getElementType();
  OpBuilder::InsertionGuard guard(b);
  SmallVector<Value> from, to;
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    Value begin = axis == 1 ? firstColumn : constant(0);
    Value end = scalar(op.getExtent()[axis], scope), start;
    if (axis == axes.of(tile)) {
      start = mlir::arith::MulIOp::create(b, scope.strip,
                                          constant(axes.getLanes()));
      end = validLanes(op, start, scope);
    }
    auto loop = mlir::scf::ForOp::create(b, begin, end, constant(1));
    b.setInsertionPointToStart(loop.getBody());
    Value index = loop.getInductionVar();
    from.push_back(index);
    to.push_back(start ? mlir::arith::AddIOp::create(b, start, index) : index);
  }
  TileIndex index;
  for (Value at : from)
    index.push_back({at});
  Value value = readTile(b, b.getLoc(), placement, index, scope.strip, width);
  mlir::memref::StoreOp::create(b, fromF32(b, value, element), memory,
                                memoryAddress(op, to, scope));
}

/// Stores the rows of a strip, which are lanes: squares of vectors are turned
/// around in registers, and their valid rows copied.
void KernelEmitter::storeTransposed(tile::StoreOp op, Scope &scope) {
  namespace arith = mlir::arith;
  Value memory = scalar(op.getMemory(), scope);
  Type element = op.getMemory().getType().getElementType();
  const Placement placement = scope.placed.lookup(op.getTile());
  Value start =
      arith::MulIOp::create(b, scope.strip, constant(axes.getLanes()));
  Value valid = validLanes(op, start, scope);
  Value columns = scalar(op.getExtent()[1], scope);
  Value whole = wholeVectors(columns), square = allocate({width, width});
  {
    auto lanes =
        mlir::scf::ForOp::create(b, constant(0), valid, constant(width));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(lanes.getBody());
    Value lane = lanes.getInductionVar();
    Value rows = arith::MinSIOp::create(
        b, arith::SubIOp::create(b, valid, lane), constant(width));
    auto loop =
        mlir::scf::ForOp::create(b, constant(0), whole, constant(width));
    b.setInsertionPointToStart(loop.getBody());
    Value column = loop.getInductionVar();
    SmallVector<Value> vectors;
    for (int64_t i = 0; i < width; ++i)
      vectors.push_back(
          readTile(b, b.getLoc(), placement,
                   {{lane, /*isVector=*/true},
                    {arith::AddIOp::create(b, column, constant(i))}},
                   scope.strip, width));
    for (auto [i, vector] : llvm::enumerate(transpose(vectors)))
      mlir::vector::StoreOp::create(b, vector, square,
                                    ValueRange{constant(i), constant(0)});
    auto copy = mlir::scf::ForOp::create(b, constant(0), rows, constant(1));
    b.setInsertionPointToStart(copy.getBody());
    Value row = copy.getInductionVar();
    Value vector = mlir::vector::LoadOp::create(
        b, VectorType::get({width}, b.getF32Type()), square,
        ValueRange{row, constant(0)});
    row = arith::AddIOp::create(b, arith::AddIOp::create(b, start, lane), row);
    mlir::vector::StoreOp::create(b, fromF32(b, vector, element), memory,
                                  memoryAddress(op, {row, column}, scope));
  }
  storeElements(op, whole, scope);
}

/// Stores one vector that runs along a row of memory: whole where it fits, its
/// first elements where it does not.
void KernelEmitter::storeRow(tile::StoreOp op, const TileIndex &index,
                             Value vector, Value memoryLane, Value lanesLeft,
                             Scope &scope) {
  Value memory = scalar(op.getMemory(), scope);
  Type element = op.getMemory().getType().getElementType();
  SmallVector<Value> at = {memoryLane};
  if (index.size() == 2)
    at.insert(at.begin(), index[0].index);
  Value fits = mlir::arith::CmpIOp::create(b, mlir::arith::CmpIPredicate::sge,
                                           lanesLeft, constant(width));
  auto branch = mlir::scf::IfOp::create(b, fits, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  mlir::vector::StoreOp::create(b, fromF32(b, vector, element), memory,
                                memoryAddress(op, at, scope));
  b.setInsertionPointToStart(branch.elseBlock());
  auto loop = mlir::scf::ForOp::create(b, constant(0), lanesLeft, constant(1));
  b.setInsertionPointToStart(loop.getBody());
  Value lane = loop.getInductionVar();
  // Rounded after it is extracted: LLVM has no way to extract a bf16 that does
  // not call a library function.
  Value value =
      mlir::vector::ExtractOp::create(b, vector, mlir::OpFoldResult(lane));
  at.back() = mlir::arith::AddIOp::create(b, memoryLane, lane);
  mlir::memref::StoreOp::create(b, fromF32(b, value, element), memory,
                                memoryAddress(op, at, scope));
}

} // namespace attnc::cpu
