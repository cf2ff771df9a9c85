//===- LowerUncut.cpp - kernels whose carry is not cut in strips ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A fold without an independent axis works on whole tiles, their last axis
// along the lanes; it is how few rows are worked on. Keys and values are read
// in place (ProductRows.cpp), each vector once for up to four rows:
//
//   scores   dot products. Rows times keys of partial sums, one vector each, as
//            many as a vector has lanes; a butterfly of additions makes one
//            vector of scores of them.
//   values   weighted sums of rows of memory: weights are broadcast.
//
// The sum of a dot product is in the same order whatever else is computed
// beside it, so that a row's result does not depend on its neighbours.
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

namespace attnc::cpu {

using mlir::VectorType;

/// Vectors of one row that are unrolled, at most.
static constexpr int64_t kUnrolledVectors = 8;

/// Products of a step of a weighted sum, at least.
static constexpr int64_t kUnrolledProducts = 32;

static RankedTensorType typeOf(Value tile) {
  return cast<RankedTensorType>(tile.getType());
}

/// The product of rows with rows, whole, as a new tile.
bool KernelEmitter::isDotProduct(tile::ContractOp op) const {
  mlir::IntegerAttr extent;
  return isUncut && op.getLhsAxis() == 1 && op.getRhsAxis() == 1 &&
         typeOf(op.getRhs()).getRank() == 2 &&
         mlir::matchPattern(op.getAccumulator(), mlir::m_AnyZeroFloat()) &&
         mlir::matchPattern(op.getExtent(), mlir::m_Constant(&extent)) &&
         extent.getInt() == typeOf(op.getRhs()).getDimSize(1);
}

/// The product of rows of weights with rows of whole vectors.
bool KernelEmitter::isWeightedSum(tile::ContractOp op) const {
  return isUncut && op.getLhsAxis() == 1 && op.getRhsAxis() == 0 &&
         typeOf(op.getRhs()).getRank() == 2 &&
         typeOf(op.getRhs()).getDimSize(1) % width == 0;
}

/// Calls `body(row, count)` for blocks of 4, 2 and 1 rows that cover `rows`,
/// at most `capacity`: three rows are a block of four, the last one padding.
void KernelEmitter::forEachRowBlock(
    Value rows, int64_t capacity,
    function_ref<void(Value row, int64_t count)> body) {
  namespace arith = mlir::arith;
  int64_t largest = capacity >= 3 ? kRowsInPlace : capacity;
  Value size = constant(largest);
  Value left = arith::RemUIOp::create(b, rows, size);
  auto isLeft = [&](int64_t count) -> Value {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, left,
                                 constant(count));
  };
  Value whole = arith::SubIOp::create(b, rows, left);
  Value end = whole;
  if (largest == 4)
    end = arith::SelectOp::create(b, isLeft(3),
                                  arith::AddIOp::create(b, whole, size), whole);
  {
    auto loop = mlir::scf::ForOp::create(b, constant(0), end, size);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    body(loop.getInductionVar(), largest);
  }
  for (int64_t count = largest / 2; count > 0; count /= 2) {
    auto branch = mlir::scf::IfOp::create(b, isLeft(count));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    body(whole, count);
  }
}

//===----------------------------------------------------------------------===//
// Dot products
//===----------------------------------------------------------------------===//

/// One vector whose lane i is the sum of the lanes of vector i.
Value KernelEmitter::sumLanes(ArrayRef<Value> vectors) {
  SmallVector<Value> sums(vectors);
  for (int64_t distance = width / 2; distance > 0; distance /= 2) {
    // Lanes whose number has this bit are those of `y`.
    SmallVector<int64_t> own, other;
    for (int64_t lane = 0; lane < width; ++lane) {
      int64_t source = lane & distance ? width : 0;
      own.push_back(source + lane);
      other.push_back(source + (lane ^ distance));
    }
    SmallVector<Value> next;
    for (int64_t i = 0; i < distance; ++i) {
      Value x = sums[i], y = sums[i + distance];
      next.push_back(mlir::arith::AddFOp::create(
          b, mlir::vector::ShuffleOp::create(b, x, y, own),
          mlir::vector::ShuffleOp::create(b, x, y, other)));
    }
    sums = next;
  }
  return sums.front();
}

/// The partial sums of `rows` times `keys` dot products, row by row.
SmallVector<Value> KernelEmitter::sumProducts(const DotProduct &dots,
                                              ArrayRef<Value> rows,
                                              Value firstKey,
                                              ArrayRef<Value> keys) {
  SmallVector<Value> sums(rows.size() * keys.size(), splat(0));
  auto addProducts = [&](ArrayRef<Value> factors, Value vector, size_t k) {
    for (auto [r, factor] : llvm::enumerate(factors)) {
      Value &sum = sums[r * keys.size() + k];
      sum = mlir::vector::FMAOp::create(b, factor, vector, sum);
    }
  };
  auto addColumns = [&](Value column, int64_t count) {
    SmallVector<Value> factors;
    for (Value row : rows)
      factors.push_back(readColumns(dots.lhs, row, column, count));
    for (auto [k, key] : llvm::enumerate(keys))
      addProducts(factors,
                  readColumns(dots.rhs.placement, key, column, count,
                              /*scaled=*/dots.rhs.factor == 1),
                  k);
  };
  auto addWholeVectors = [&](Value column, int64_t count, size_t firstKey,
                             size_t numKeys) {
    SmallVector<SmallVector<Value>> factors(count);
    for (Value row : rows)
      for (auto [v, factor] :
           llvm::enumerate(readVectors(dots.lhs, row, column, count)))
        factors[v].push_back(factor);
    for (size_t k = firstKey; k < firstKey + numKeys; ++k)
      for (auto [v, vector] :
           llvm::enumerate(readVectors(dots.rhs, keys[k], column, count)))
        addProducts(factors[v], vector, k);
  };
  int64_t vectors = dots.dim / width, unrolled = vectors;
  while (unrolled > kUnrolledVectors)
    unrolled = unrolled % 2 == 0 ? unrolled / 2 : 1;
  int64_t blocks = unrolled > 0 ? vectors / unrolled : 0;
  // Between them the rows that are read next, line by line: a block asks for
  // its share of them.
  int64_t count = keys.size(), lines = dots.next.lines;
  int64_t share = blocks > 0 ? llvm::divideCeil(count * lines, blocks) : 0;
  // The addresses of many keys do not fit in registers beside the sums: they
  // take turns. Of few, each vector of the rows is read once for all.
  size_t keysAtOnce = rows.size() == 1 ? 1 : keys.size();
  auto addVectors = [&](Value firstColumn, Value block) {
    Value begin = b.createOrFold<mlir::arith::MulIOp>(block, constant(share));
    int64_t atOnce = decodedAtOnce(dots.rhs.placement, unrolled);
    int64_t turns = (int64_t)(keys.size() / keysAtOnce) * (unrolled / atOnce);
    int64_t asked = 0, turn = 0;
    for (size_t k = 0; k < keys.size(); k += keysAtOnce)
      for (int64_t v = 0; v < unrolled; v += atOnce) {
        addWholeVectors(
            mlir::arith::AddIOp::create(b, firstColumn, constant(v * width)),
            atOnce, k, keysAtOnce);
        int64_t until = share * ++turn / turns;
        prefetch(dots.next, firstKey,
                 b.createOrFold<mlir::arith::AddIOp>(begin, constant(asked)),
                 until - asked);
        asked = until;
      }
  };
  if (blocks == 1)
    addVectors(constant(0), constant(0));
  if (blocks > 1) {
    auto loop = mlir::scf::ForOp::create(b, constant(0), constant(blocks),
                                         constant(1), sums);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    sums = SmallVector<Value>(loop.getRegionIterArgs());
    auto times = [&](int64_t factor) -> Value {
      return mlir::arith::MulIOp::create(b, loop.getInductionVar(),
                                         constant(factor));
    };
    addVectors(times(unrolled * width), loop.getInductionVar());
    mlir::scf::YieldOp::create(b, sums);
    sums = SmallVector<Value>(loop.getResults());
  }
  // The rest of the row in pieces that never reach beyond it.
  int64_t column = vectors * width;
  for (int64_t count = width / 2; count > 0; count /= 2)
    if ((dots.dim - column) & count) {
      addColumns(constant(column), count);
      column += count;
    }
  return sums;
}

/// Scores of `count` rows from `row` on against `keys` keys from `key` on. Keys
/// beyond `keyExtent` are the last one again: their scores are padding.
void KernelEmitter::contractDots(const DotProduct &dots, Value row,
                                 int64_t count, Value key, int64_t keys) {
  namespace arith = mlir::arith;
  SmallVector<Value> rowIndices, keyIndices;
  for (int64_t r = 0; r < count; ++r)
    rowIndices.push_back(arith::AddIOp::create(b, row, constant(r)));
  Value last = arith::SubIOp::create(b, dots.keyExtent, constant(1));
  for (int64_t k = 0; k < keys; ++k)
    keyIndices.push_back(arith::MinSIOp::create(
        b, arith::AddIOp::create(b, key, constant(k)), last));
  SmallVector<Value> sums = sumProducts(dots, rowIndices, key, keyIndices);
  // Each vector of scores is of one row, or of equal parts of several.
  int64_t part = std::min(keys, width);
  for (int64_t first = 0; first < count * keys; first += width) {
    Value scores = sumLanes(ArrayRef(sums).slice(first, width));
    if (dots.rhs.factor != 1)
      scores = arith::MulFOp::create(b, scores, splat(dots.rhs.factor));
    for (int64_t at = 0; at < width; at += part) {
      Value piece = scores;
      if (part < width)
        piece = mlir::vector::ExtractStridedSliceOp::create(
            b, scores, ArrayRef<int64_t>{at}, ArrayRef<int64_t>{part},
            ArrayRef<int64_t>{1});
      int64_t r = (first + at) / keys, k = (first + at) % keys;
      Value column = arith::AddIOp::create(b, key, constant(k));
      writeTile(b, b.getLoc(), dots.target,
                {{rowIndices[r]}, {column, /*isVector=*/true}}, /*strip=*/{},
                piece);
    }
  }
}

void KernelEmitter::lowerDotProduct(tile::ContractOp op, Scope &scope) {
  materialize(op.getLhs(), scope);
  DotProduct dots;
  dots.lhs = scope.placed.lookup(op.getLhs());
  dots.target = allocateTemporary(op.getResult(), scope);
  dots.dim = typeOf(op.getRhs()).getDimSize(1);
  dots.keyExtent = extentOf(op.getRhs(), 0, scope);
  Value rows = extentOf(op.getLhs(), 0, scope);
  int64_t capacity = typeOf(op.getLhs()).getDimSize(0);
  auto multiply = [&](const ProductRows &keys) {
    dots.rhs = keys;
    contractKeys(dots, rows, capacity, typeOf(op.getRhs()).getDimSize(0));
  };
  dots.next = rowsAfter(op, scope);
  withRows(op.getRhs(), dots.keyExtent, rows, capacity, scope, multiply);
  scope.placed[op.getResult()] = dots.target;
}

/// All scores of `rows` rows, a block of keys after the other.
void KernelEmitter::contractKeys(const DotProduct &dots, Value rows,
                                 int64_t capacity, int64_t keyTile) {
  // Half of the registers are sums; the keys of a block fill whole vectors.
  int64_t lanes = llvm::alignTo(keyTile, width);
  int64_t keys =
      std::max<int64_t>(width, llvm::bit_floor(uint64_t(registers)) / 2);
  while (lanes % keys != 0)
    keys /= 2;
  auto loop =
      mlir::scf::ForOp::create(b, constant(0), dots.keyExtent, constant(keys));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value key = loop.getInductionVar();
  forEachRowBlock(rows, capacity, [&](Value row, int64_t count) {
    int64_t part = keys / count;
    if (part == keys)
      return contractDots(dots, row, count, key, keys);
    Value end = mlir::arith::AddIOp::create(b, key, constant(keys));
    auto parts = mlir::scf::ForOp::create(b, key, end, constant(part));
    OpBuilder::InsertionGuard inLoop(b);
    b.setInsertionPointToStart(parts.getBody());
    contractDots(dots, row, count, parts.getInductionVar(), part);
  });
}

//===----------------------------------------------------------------------===//
// Weighted sums
//===----------------------------------------------------------------------===//

/// The vectors of a row that are summed at once for `rows` rows: as many as
/// there are registers for, in equal parts of `vectors`.
int64_t KernelEmitter::columnsPerBlock(int64_t vectors, int64_t rows) const {
  auto fits = [&](int64_t columns) {
    int64_t loaded = rows == 1 ? 2 : columns;
    return rows * columns + loaded + 1 <= registers;
  };
  for (int64_t columns = std::min(vectors, kUnrolledVectors); columns > 1;
       --columns)
    if (vectors % columns == 0 && fits(columns))
      return columns;
  return 1;
}

/// Adds `keys` keys from `key` on, of the block of `lanes` that begins at
/// `lanes.front()`. A vector is multiplied as soon as it is formed: of those
/// that wait for it there are no more than registers.
SmallVector<Value> KernelEmitter::addKeys(const WeightedSum &sum,
                                          ArrayRef<Value> rows,
                                          ArrayRef<AxisIndex> lanes, Value key,
                                          int64_t keys, ValueRange partial) {
  SmallVector<Value> sums(partial);
  int64_t columns = lanes.size(),
          atOnce = decodedAtOnce(sum.values.placement, columns);
  for (int64_t k = 0; k < keys; ++k) {
    Value at = b.createOrFold<mlir::arith::AddIOp>(key, constant(k));
    SmallVector<Value> weights;
    for (Value row : rows)
      weights.push_back(asVector(readTile(b, b.getLoc(), sum.weights,
                                          {{row}, {at}}, /*strip=*/{}, width)));
    for (int64_t first = 0; first < columns; first += atOnce)
      for (auto [c, vector] : llvm::enumerate(
               readVectors(sum.values, at, lanes[first].index, atOnce)))
        for (auto [r, weight] : llvm::enumerate(weights)) {
          Value &to = sums[r * columns + first + c];
          to = mlir::vector::FMAOp::create(b, weight, vector, to);
        }
  }
  return sums;
}

/// Pass `pass` over all keys, for `rows` and a block of `lanes`. Each pass asks
/// for its share of the rows that are read next.
SmallVector<Value> KernelEmitter::sumKeys(const WeightedSum &sum,
                                          ArrayRef<Value> rows,
                                          ArrayRef<AxisIndex> lanes, Value pass,
                                          ArrayRef<Value> init) {
  namespace arith = mlir::arith;
  // Several keys at once share what a step of the loop costs.
  int64_t atOnce =
      std::max<int64_t>(kUnrolledProducts / (int64_t)init.size(), 1);
  int64_t lines = llvm::divideCeil(
      sum.next.lines * (int64_t)lanes.size() * atOnce, sum.vectors);
  Value size = constant(atOnce);
  Value steps = arith::DivUIOp::create(b, sum.extent, size);
  Value firstStep = arith::MulIOp::create(b, pass, steps);
  auto forEachKey = [&](Value begin, Value end, int64_t keys,
                        ValueRange partial) {
    auto loop =
        mlir::scf::ForOp::create(b, begin, end, constant(keys), partial);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value key = loop.getInductionVar();
    if (lines > 0 && keys == atOnce) {
      Value step = arith::AddIOp::create(b, firstStep,
                                         arith::DivUIOp::create(b, key, size));
      prefetch(sum.next, constant(0),
               arith::MulIOp::create(b, step, constant(lines)), lines);
    }
    mlir::scf::YieldOp::create(
        b, addKeys(sum, rows, lanes, key, keys, loop.getRegionIterArgs()));
    return SmallVector<Value>(loop.getResults());
  };
  Value whole = arith::MulIOp::create(b, steps, size);
  SmallVector<Value> sums = forEachKey(constant(0), whole, atOnce, init);
  return atOnce == 1 ? sums : forEachKey(whole, sum.extent, 1, sums);
}

/// The sums of `count` rows from `row` on, block by block of columns.
void KernelEmitter::sumRows(const WeightedSum &sum, Value row, int64_t count,
                            Scope &scope) {
  int64_t columns = columnsPerBlock(sum.vectors, count);
  auto blocks = mlir::scf::ForOp::create(
      b, constant(0), constant(sum.vectors * width), constant(columns * width));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(blocks.getBody());
  Value pass = mlir::arith::DivUIOp::create(b, blocks.getInductionVar(),
                                            constant(columns * width));
  SmallVector<Value> rows, init;
  SmallVector<AxisIndex> lanes;
  for (int64_t c = 0; c < columns; ++c)
    lanes.push_back({mlir::arith::AddIOp::create(b, blocks.getInductionVar(),
                                                 constant(c * width)),
                     /*isVector=*/true});
  for (int64_t r = 0; r < count; ++r) {
    rows.push_back(mlir::arith::AddIOp::create(b, row, constant(r)));
    for (const AxisIndex &lane : lanes) {
      Memo memo;
      init.push_back(
          asVector(evaluate(tile::ContractOp(sum.op).getAccumulator(),
                            {{rows[r]}, lane}, scope, memo)));
    }
  }
  SmallVector<Value> sums;
  if (sum.values.factor == 1) {
    sums = sumKeys(sum, rows, lanes, pass, init);
  } else {
    SmallVector<Value> zeros(init.size(), splat(0));
    for (auto [added, carried] :
         llvm::zip_equal(sumKeys(sum, rows, lanes, pass, zeros), init))
      sums.push_back(mlir::vector::FMAOp::create(
          b, added, splat(sum.values.factor), carried));
  }
  for (int64_t r = 0; r < count; ++r)
    for (int64_t c = 0; c < columns; ++c)
      writeTile(b, b.getLoc(), sum.target, {{rows[r]}, lanes[c]},
                /*strip=*/{}, sums[r * columns + c]);
}

void KernelEmitter::lowerWeightedSum(tile::ContractOp op, Scope &scope) {
  materialize(op.getLhs(), scope);
  WeightedSum sum;
  sum.op = op;
  sum.weights = scope.placed.lookup(op.getLhs());
  sum.target = accumulatorPlacement(op, scope);
  sum.extent = scalar(op.getExtent(), scope);
  sum.vectors = typeOf(op.getRhs()).getDimSize(1) / width;
  sum.next = rowsAfter(op, scope);
  Value rows = extentOf(op.getLhs(), 0, scope);
  int64_t capacity = typeOf(op.getLhs()).getDimSize(0);
  auto multiply = [&](const ProductRows &values) {
    sum.values = values;
    forEachRowBlock(rows, capacity, [&](Value row, int64_t count) {
      sumRows(sum, row, count, scope);
    });
  };
  withRows(op.getRhs(), sum.extent, rows, capacity, scope, multiply);
  finishPending(scope);
  scope.placed[op.getResult()] = sum.target;
}

} // namespace attnc::cpu
