//===- ProductRows.cpp - rows that products read in place -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The right operands of products in a kernel whose carry is not cut: keys and
// values, row by row. They are read where they are in memory, and decoded and
// scaled in registers: a tile of numbers times scales of groups is never
// stored.
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "ReadElements.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace attnc::cpu {

using mlir::VectorType;

static RankedTensorType typeOf(Value tile) {
  return cast<RankedTensorType>(tile.getType());
}

/// True if `tile` is read by products that read rows of memory in place.
bool KernelEmitter::isReadByRows(Value tile) const {
  return !tile.use_empty() &&
         llvm::all_of(tile.getUses(), [&](mlir::OpOperand &use) {
           auto contract = dyn_cast<tile::ContractOp>(use.getOwner());
           return contract && use.getOperandNumber() == 1 &&
                  (isDotProduct(contract) || isWeightedSum(contract));
         });
}

/// What `tile`, loaded numbers, becomes before a product reads it: the numbers
/// less zero points and times scales. `tile` itself if it becomes nothing else.
static Value formedOf(Value tile) {
  while (tile.hasOneUse()) {
    mlir::OpOperand &use = *tile.use_begin();
    bool isFactor =
        isa<mlir::arith::SubFOp, mlir::arith::MulFOp>(use.getOwner());
    if (!isFactor || use.getOperandNumber() != 0)
      break;
    tile = use.getOwner()->getResult(0);
  }
  return tile;
}

/// The memory of which products read rows for `tile`, or null: `tile` is
/// loaded, or formed of whole vectors of loaded numbers, each with one zero
/// point and one scale or with those of its lanes.
tile::LoadOp KernelEmitter::rowsOf(Value tile) const {
  if (!isReadByRows(tile))
    return {};
  if (auto load = tile.getDefiningOp<tile::LoadOp>())
    return load;
  Value numbers = tile;
  while (Operation *op = numbers.getDefiningOp()) {
    if (!isa<mlir::arith::SubFOp, mlir::arith::MulFOp>(op))
      break;
    Value spread = op->getOperand(1);
    auto repeat = spread.getDefiningOp<tile::RepeatOp>();
    bool isWhole =
        repeat
            ? repeat.getTimes() % width == 0
            : llvm::isa_and_present<tile::BroadcastOp, mlir::tensor::SplatOp>(
                  spread.getDefiningOp());
    if (!isWhole)
      return {};
    numbers = op->getOperand(0);
  }
  auto load = numbers.getDefiningOp<tile::LoadOp>();
  bool isFormed = load && load.getEncoding() && formedOf(numbers) == tile &&
                  typeOf(tile).getDimSize(1) % width == 0;
  return isFormed ? load : tile::LoadOp();
}

/// True if `tile` is computed where products read it, vector by vector.
bool KernelEmitter::isFormedWhereRead(Value tile) const {
  Operation *op = tile.getDefiningOp();
  return op && isElementwise(op) && rowsOf(tile);
}

/// True if what is loaded as `tile` stays in memory: rows that products read,
/// or scales and zero points of such rows, one for whole vectors.
bool KernelEmitter::isReadInPlace(tile::LoadOp op) const {
  Value tile = op.getTile();
  if (rowsOf(formedOf(tile)) == op)
    return true;
  auto isSpread = [&](Operation *user) {
    auto repeat = dyn_cast<tile::RepeatOp>(user);
    return repeat && llvm::all_of(repeat->getUsers(), [&](Operation *former) {
             return former->getNumResults() == 1 &&
                    isFormedWhereRead(formedOf(former->getResult(0)));
           });
  };
  return op.getMemory().getType().getElementType().isF32() &&
         !tile.use_empty() && llvm::all_of(tile.getUsers(), isSpread);
}

/// `count` elements along the lanes from `column` on, as f32, with zeros up to
/// a whole vector.
Value KernelEmitter::readColumns(const Placement &placement, Value row,
                                 Value column, int64_t count, bool scaled) {
  TileIndex index = {{row}, {column, /*isVector=*/true}};
  SmallVector<Value> address =
      addressOf(b, b.getLoc(), placement, index, /*strip=*/{});
  Value vector = readElements(b, placement.memory, address, count,
                              placement.encoding, scaled);
  if (count >= width)
    return vector;
  auto whole = VectorType::get({width}, b.getF32Type());
  Value zeros = mlir::arith::ConstantOp::create(b, b.getZeroAttr(whole));
  int64_t offset = 0, stride = 1;
  return mlir::vector::InsertStridedSliceOp::create(b, vector, zeros, offset,
                                                    stride);
}

/// `vectors` whole vectors that follow each other along the lanes.
SmallVector<Value> KernelEmitter::readVectors(const Placement &placement,
                                              Value row, Value column,
                                              int64_t vectors, bool scaled) {
  Value all = readColumns(placement, row, column, vectors * width, scaled);
  if (vectors == 1)
    return {all};
  SmallVector<Value> parts;
  for (int64_t v = 0; v < vectors; ++v)
    parts.push_back(mlir::vector::ExtractStridedSliceOp::create(
        b, all, ArrayRef<int64_t>{v * width}, ArrayRef<int64_t>{width},
        ArrayRef<int64_t>{1}));
  return parts;
}

/// `vectors` whole vectors of the right operand of a product.
SmallVector<Value> KernelEmitter::readVectors(const ProductRows &rows,
                                              Value row, Value column,
                                              int64_t vectors) {
  SmallVector<Value> read = readVectors(rows.placement, row, column, vectors,
                                        /*scaled=*/rows.factor == 1);
  if (!rows.formed)
    return read;
  for (auto [v, vector] : llvm::enumerate(read)) {
    Value at = b.createOrFold<mlir::arith::AddIOp>(column, constant(v * width));
    Memo memo;
    memo[{rows.numbers, kRoot}] = vector;
    TileIndex index = {{row}, {at, /*isVector=*/true}};
    vector = evaluate(rows.formed, index, *rows.scope, memo);
  }
  return read;
}

/// Where a product finds its right operand.
KernelEmitter::ProductRows KernelEmitter::productRows(Value tile,
                                                      Scope &scope) {
  ProductRows rows;
  if (isFormedWhereRead(tile)) {
    rows.formed = tile;
    rows.numbers = rowsOf(tile).getTile();
    rows.scope = &scope;
    rows.placement = scope.placed.lookup(rows.numbers);
    return rows;
  }
  materialize(tile, scope);
  rows.placement = scope.placed.lookup(tile);
  rows.factor = factorOf(rows.placement.encoding);
  return rows;
}

/// The number of vectors, of `vectors`, that are best decoded at once: bytes
/// that are formed as halves of 16 bits fill two vectors of f32.
int64_t KernelEmitter::decodedAtOnce(const Placement &placement,
                                     int64_t vectors) {
  bool isByHalves = placement.encoding && isa<FloatType>(placement.encoding);
  return isByHalves && vectors % 2 == 0 ? 2 : 1;
}

/// The first `extent` rows of `tile`, as they are multiplied, in a buffer.
KernelEmitter::ProductRows KernelEmitter::decodeRows(const ProductRows &rows,
                                                     Value tile, Value extent) {
  ProductRows decoded;
  decoded.factor = rows.factor;
  Placement &target = decoded.placement;
  target.laneAxis = 1;
  int64_t vectors = typeOf(tile).getDimSize(1) / width;
  target.memory =
      allocate({paddedRows(typeOf(tile).getDimSize(0)), vectors * width});
  auto loop = mlir::scf::ForOp::create(b, constant(0), extent, constant(1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value row = loop.getInductionVar();
  int64_t atOnce =
      vectors % 4 == 0 ? 4 : decodedAtOnce(rows.placement, vectors);
  auto columns = mlir::scf::ForOp::create(
      b, constant(0), constant(vectors * width), constant(atOnce * width));
  b.setInsertionPointToStart(columns.getBody());
  int64_t step = decodedAtOnce(rows.placement, atOnce);
  for (int64_t first = 0; first < atOnce; first += step) {
    Value column = mlir::arith::AddIOp::create(b, columns.getInductionVar(),
                                               constant(first * width));
    for (auto [v, vector] :
         llvm::enumerate(readVectors(rows, row, column, step)))
      writeTile(
          b, b.getLoc(), target,
          {{row},
           {b.createOrFold<mlir::arith::AddIOp>(column, constant(v * width)),
            /*isVector=*/true}},
          /*strip=*/{}, vector);
  }
  return decoded;
}

/// Calls `body` with the right operand of a product for `numRows` rows, of at
/// most `capacity`. Each block of rows reads it: of more than one, what takes
/// several instructions to decode is decoded once, in front of them.
void KernelEmitter::withRows(Value tile, Value extent, Value numRows,
                             int64_t capacity, Scope &scope,
                             function_ref<void(const ProductRows &)> body) {
  ProductRows rows = productRows(tile, scope);
  Type encoding = rows.placement.encoding;
  bool isCheap = !encoding || (encoding.isInteger(8) && !rows.formed);
  if (isCheap || capacity <= kRowsInPlace ||
      typeOf(tile).getDimSize(1) % width != 0)
    return body(rows);
  Value isMany = mlir::arith::CmpIOp::create(b, mlir::arith::CmpIPredicate::sgt,
                                             numRows, constant(kRowsInPlace));
  auto branch = mlir::scf::IfOp::create(b, isMany, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  body(decodeRows(rows, tile, extent));
  b.setInsertionPointToStart(branch.elseBlock());
  body(rows);
}

//===----------------------------------------------------------------------===//
// What is read next
//===----------------------------------------------------------------------===//

/// The rows of memory that the step reads after those of `op`: those of the
/// next product of the step, or of the first one of the next step.
NextRows KernelEmitter::rowsAfter(tile::ContractOp op, Scope &scope) {
  auto fold = op->getParentOfType<tile::FoldOp>();
  if (!fold || op->getParentOp() != fold)
    return {};
  tile::LoadOp first, next;
  bool isBehind = false;
  for (auto contract : fold.getStep().getOps<tile::ContractOp>()) {
    tile::LoadOp load = rowsOf(contract.getRhs());
    bool isRead =
        load && load->getParentOp() == fold && keyAxisOf(load.getTile()) == 0;
    if (isRead && !first)
      first = load;
    if (isRead && isBehind && !next)
      next = load;
    isBehind |= contract == op;
  }
  tile::LoadOp load = next ? next : first;
  if (!load)
    return {};
  // It keeps its place: what it is made of is the same where it is loaded.
  Placement &placed = scope.placed[load.getTile()];
  if (!placed.memory)
    placed = viewOf(load, scope);
  NextRows rows;
  rows.placement = placed;
  if (!next && placed.rowStarts) {
    rows.firstRow = typeOf(load.getTile()).getDimSize(0);
  } else if (!next) {
    Value &key = rows.placement.offsets[rows.placement.offsets.size() - 2];
    key = mlir::arith::AddIOp::create(b, key, constant(fold.getKeyTile()));
  }
  Type element = placed.encoding ? placed.encoding
                                 : load.getMemory().getType().getElementType();
  RankedTensorType type = typeOf(load.getTile());
  rows.setRow(type.getDimSize(1), element.getIntOrFloatBitWidth());
  // Rows that follow each other come in time. Those of pages come late, when
  // what they would drive out is still needed.
  int64_t bytes = type.getNumElements() * element.getIntOrFloatBitWidth() / 8;
  rows.isNear = !placed.rowStarts && bytes <= l1Bytes / 4;
  return rows;
}

/// Asks for `count` lines of rows from `firstRow` on, from line `line` of them
/// on. Lines of rows that follow each other are asked for one after the other:
/// where the rows lie side by side, the processor sees that they do and reads
/// ahead. They may lie beyond the memory: a prefetch has no effect but on time.
void KernelEmitter::prefetch(const NextRows &rows, Value firstRow, Value line,
                             int64_t count) {
  namespace arith = mlir::arith;
  constexpr unsigned intoL1 = 3, intoL2 = 2;
  Value perRow = constant(rows.lines);
  bool staysInRow = count > 0 && rows.lines % count == 0;
  Value row, column;
  for (int64_t i = 0; i < count; ++i) {
    if (i == 0 || !staysInRow) {
      Value at = b.createOrFold<arith::AddIOp>(line, constant(i));
      row = b.createOrFold<arith::AddIOp>(
          firstRow, b.createOrFold<arith::DivUIOp>(at, perRow));
      row = b.createOrFold<arith::AddIOp>(row, constant(rows.firstRow));
      column = b.createOrFold<arith::MulIOp>(
          b.createOrFold<arith::RemUIOp>(at, perRow), constant(rows.lineSize));
    }
    Value from =
        staysInRow
            ? b.createOrFold<arith::AddIOp>(column, constant(i * rows.lineSize))
            : column;
    SmallVector<Value> address =
        addressOf(b, b.getLoc(), rows.placement, {{row}, {from}}, /*strip=*/{});
    if (Type encoding = rows.placement.encoding;
        encoding && encoding.isInteger(4))
      address.back() =
          b.createOrFold<arith::DivUIOp>(address.back(), constant(2));
    mlir::memref::PrefetchOp::create(b, rows.placement.memory, address,
                                     rows.isWrite,
                                     rows.isNear ? intoL1 : intoL2,
                                     /*isDataCache=*/true);
  }
}

} // namespace attnc::cpu
