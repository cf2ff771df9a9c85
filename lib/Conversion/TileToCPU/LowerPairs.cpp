//===- LowerPairs.cpp - products of operands in bf16 ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A product of two tiles of bf16 adds pairs of products to sums in f32. What
// follows each other along the contracted axis is a word of 32 bits, so such a
// tile is moved, turned around and read by scalars as one of f32 with half as
// many elements (`Placement::pairAxis`):
//
//     queries   [dim / 2][row]   rows of memory, turned around by words
//     keys      in place         a word is two elements of a row
//     values    [key / 2][dim]   pairs of rows, interleaved when loaded
//     weights   [key / 2][row]   rounded by the loop that sums them
//
// A pair without a second element has zero in its place, in both operands: what
// is in memory behind a tile may be no number.
//
// A block of keys begins with a whole pair of values; the step of a strip may
// begin at any key of the block. Its weights are paired as the values are: the
// first key of a step may be the second one of a pair.
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"

namespace attnc::cpu {

namespace arith = mlir::arith;
using mlir::VectorType;

//===----------------------------------------------------------------------===//
// What is supported
//===----------------------------------------------------------------------===//

static bool isBF16(Value tile) {
  auto type = dyn_cast<RankedTensorType>(tile.getType());
  return type && type.getElementType().isBF16();
}

/// True if every use of `tile` sums it along the same axis.
static bool isOnlyContracted(Value tile) {
  SmallVector<int64_t> found;
  for (mlir::OpOperand &use : tile.getUses()) {
    auto contract = dyn_cast<tile::ContractOp>(use.getOwner());
    if (!contract)
      return false;
    found.push_back(use.getOperandNumber() == 0 ? contract.getLhsAxis()
                                                : contract.getRhsAxis());
  }
  return llvm::all_equal(found);
}

/// True for a product of rows of a strip, which are loaded or rounded, and a
/// loaded tile that all strips share.
bool KernelEmitter::isPairProduct(tile::ContractOp op) const {
  int64_t axis = axes.of(op.getResult());
  if (axis < 0)
    return false;
  Value lanes = axis == 0 ? op.getLhs() : op.getRhs();
  Value scalars = axis == 0 ? op.getRhs() : op.getLhs();
  if (!isOnlyContracted(lanes) || !isOnlyContracted(scalars))
    return false;
  auto rows = lanes.getDefiningOp<tile::LoadOp>();
  bool hasLanes =
      rows ? axes.of(lanes) == 0
           : lanes.getDefiningOp<arith::TruncFOp>() && lanes.hasOneUse();
  auto shared = scalars.getDefiningOp<tile::LoadOp>();
  return hasLanes && shared && axes.isShared(scalars) &&
         shared.getGather().empty() &&
         cast<RankedTensorType>(scalars.getType()).getRank() == 2;
}

LogicalResult KernelEmitter::checkPairs() {
  mlir::WalkResult result = kernel.walk([&](Operation *op) {
    auto contract = dyn_cast<tile::ContractOp>(op);
    if (contract && isBF16(contract.getLhs()) && !isPairProduct(contract)) {
      op->emitOpError(
          "multiplies tiles of bf16 as is not supported on cpu: one "
          "has to be a load without the independent axis, the "
          "other a load of rows along it or a rounded tile");
      return mlir::WalkResult::interrupt();
    }
    auto load = dyn_cast<tile::LoadOp>(op);
    if (load && isBF16(load.getTile()) && !isOnlyContracted(load.getTile())) {
      op->emitOpError("gives a tile of bf16 that is not only multiplied, which "
                      "is not supported on cpu; load it as f32");
      return mlir::WalkResult::interrupt();
    }
    return mlir::WalkResult::advance();
  });
  return mlir::failure(result.wasInterrupted());
}

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

/// A vector of bf16 as one of half as many words.
Value KernelEmitter::asWords(Value vector) {
  return mlir::vector::BitCastOp::create(
      b, VectorType::get({width}, b.getF32Type()), vector);
}

/// Two vectors of f32, rounded, as a vector of words.
Value KernelEmitter::packPair(Value first, Value second) {
  auto narrow = VectorType::get({width}, b.getBF16Type());
  auto bits = VectorType::get({width}, b.getI16Type());
  auto round = [&](Value vector) -> Value {
    Value rounded;
    if (hasPairProducts)
      rounded =
          mlir::x86vector::CvtPackedF32ToBF16Op::create(b, narrow, vector);
    else
      rounded = arith::TruncFOp::create(b, narrow, vector);
    return arith::BitcastOp::create(b, bits, rounded);
  };
  Value low = round(first), high = round(second);
  return asWords(mlir::vector::InterleaveOp::create(b, low, high));
}

/// An element of bf16 memory as a word without a second one.
Value KernelEmitter::loadHalf(Value memory, ArrayRef<Value> address) {
  Value element = mlir::memref::LoadOp::create(b, memory, address);
  Value bits = arith::BitcastOp::create(b, b.getI16Type(), element);
  Value word = arith::ExtUIOp::create(b, b.getI32Type(), bits);
  return arith::BitcastOp::create(b, b.getF32Type(), word);
}

/// Adds the products of the elements of two vectors of words.
Value KernelEmitter::addPairProducts(Value sum, Value factors, Value lanes) {
  if (hasPairProducts) {
    auto pairs = VectorType::get({2 * width}, b.getBF16Type());
    auto asPairs = [&](Value words) -> Value {
      return mlir::vector::BitCastOp::create(b, pairs, words);
    };
    return mlir::x86vector::DotBF16Op::create(b, sum.getType(), sum,
                                              asPairs(factors), asPairs(lanes));
  }
  // An element of bf16 is the upper half of the f32 of its value.
  auto bits = VectorType::get({width}, b.getI32Type());
  auto splat = [&](int32_t value) -> Value {
    return arith::ConstantOp::create(b,
                                     mlir::DenseElementsAttr::get(bits, value));
  };
  auto first = [&](Value words) -> Value {
    Value word = arith::BitcastOp::create(b, bits, words);
    return arith::BitcastOp::create(b, words.getType(),
                                    arith::ShLIOp::create(b, word, splat(16)));
  };
  auto second = [&](Value words) -> Value {
    Value word = arith::BitcastOp::create(b, bits, words);
    return arith::BitcastOp::create(
        b, words.getType(),
        arith::AndIOp::create(b, word, splat(int32_t(0xFFFF0000))));
  };
  sum = mlir::vector::FMAOp::create(b, second(factors), second(lanes), sum);
  return mlir::vector::FMAOp::create(b, first(factors), first(lanes), sum);
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// Loads pairs of rows, interleaved.
void KernelEmitter::loadPairs(tile::LoadOp op, const Placement &target,
                              Scope &scope) {
  Value memory = scalar(op.getMemory(), scope);
  Value rows = scalar(op.getExtent()[0], scope);
  Value columns = scalar(op.getExtent()[1], scope);
  Value whole = wholeVectors(columns), two = constant(2);
  auto loop = mlir::scf::ForOp::create(
      b, constant(0), arith::CeilDivUIOp::create(b, rows, two), constant(1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value pair = loop.getInductionVar();
  Value first = arith::MulIOp::create(b, pair, two);
  Value second = arith::AddIOp::create(b, first, constant(1));
  Value hasSecond =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ult, second, rows);
  second = arith::SelectOp::create(b, hasSecond, second, first);
  auto copy = [&](Value begin, Value end, int64_t step) {
    auto along = [&](Type type) -> Type {
      return step > 1 ? VectorType::get({width}, type) : type;
    };
    auto line = mlir::scf::ForOp::create(b, begin, end, constant(step));
    OpBuilder::InsertionGuard inLine(b);
    b.setInsertionPointToStart(line.getBody());
    Value column = line.getInductionVar();
    auto load = [&](Value row) -> Value {
      SmallVector<Value> address = memoryAddress(op, {row, column}, scope);
      Value elements;
      if (step > 1)
        elements = mlir::vector::LoadOp::create(
            b, cast<VectorType>(along(b.getBF16Type())), memory, address);
      else
        elements = mlir::memref::LoadOp::create(b, memory, address);
      Value bits = arith::BitcastOp::create(b, along(b.getI16Type()), elements);
      return arith::ExtUIOp::create(b, along(b.getI32Type()), bits);
    };
    auto constantLike = [&](int64_t value) -> Value {
      Value scalar = arith::ConstantIntOp::create(b, value, 32);
      return step > 1 ? asVector(scalar) : scalar;
    };
    Value low = load(first);
    Value high = arith::ShLIOp::create(b, load(second), constantLike(16));
    high = arith::SelectOp::create(b, hasSecond, high, constantLike(0));
    Value words = arith::OrIOp::create(b, low, high);
    writeTile(b, b.getLoc(), target, {{pair}, {column, /*isVector=*/step > 1}},
              scope.strip,
              arith::BitcastOp::create(b, along(b.getF32Type()), words));
  };
  copy(constant(0), whole, width);
  copy(whole, columns, 1);
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

static tile::ContractOp getProduct(arith::TruncFOp op) {
  return cast<tile::ContractOp>(*op->user_begin());
}

/// What `op` is multiplied by.
static Value getFactors(arith::TruncFOp op) {
  tile::ContractOp product = getProduct(op);
  return product.getLhs() == op.getResult() ? product.getRhs()
                                            : product.getLhs();
}

/// The elements of its first pair that a step leaves out: 0 or 1.
Value KernelEmitter::leftOut(const Placement &placement) {
  if (placement.shiftAxis < 0 || placement.shiftAxis != placement.pairAxis)
    return constant(0);
  return arith::RemUIOp::create(b, placement.shift, constant(2));
}

/// The op that rounds, for a product along the same axis, what `op` reduces; if
/// it can be done by the same loop.
arith::TruncFOp KernelEmitter::roundingOf(tile::ReduceOp op,
                                          const Scope &scope) const {
  for (Operation *user : op.getTile().getUsers()) {
    auto rounding = dyn_cast<arith::TruncFOp>(user);
    if (!scope.strip || !rounding || user->getBlock() != op->getBlock() ||
        pairAxisOf(rounding) != (int64_t)op.getAxis())
      continue;
    if (getProduct(rounding).getExtent() == op.getExtent() &&
        scope.placed.count(getFactors(rounding)))
      return rounding;
  }
  return {};
}

/// Stores one pair, which `pack` makes of the vectors of `rows`. Returns `sums`
/// combined with those.
SmallVector<Value>
KernelEmitter::storePair(const RoundedRows &rounded, Value pair,
                         ArrayRef<Value> rows,
                         function_ref<Value(ArrayRef<Value> vectors)> pack,
                         ValueRange sums, Scope &scope) {
  SmallVector<Value> next(sums);
  for (auto [i, lane] : llvm::enumerate(rounded.lanes)) {
    TileIndex index(2);
    index[1 - rounded.target.pairAxis] = lane;
    SmallVector<Value> vectors;
    for (Value row : rows) {
      Memo memo;
      index[rounded.target.pairAxis] = {row};
      vectors.push_back(
          asVector(evaluate(rounded.op->getOperand(0), index, scope, memo)));
      if (rounded.combine)
        next[i] = rounded.combine(next[i], vectors.back());
    }
    index[rounded.target.pairAxis] = {pair};
    writeTile(b, b.getLoc(), rounded.target, index, scope.strip, pack(vectors));
  }
  return next;
}

/// Rounds the first `extent` rows along the contracted axis and stores them in
/// pairs. Returns `sums`, one for each vector of the strip, combined with what
/// is not yet rounded.
SmallVector<Value> KernelEmitter::roundInPairs(const RoundedRows &rounded,
                                               ArrayRef<Value> sums,
                                               Scope &scope) {
  auto forEach = [&](Value begin, Value end, ArrayRef<Value> init,
                     function_ref<SmallVector<Value>(Value, ValueRange)> body) {
    auto loop = mlir::scf::ForOp::create(b, begin, end, constant(1), init);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> next =
        body(loop.getInductionVar(), loop.getRegionIterArgs());
    // A loop without results has its terminator already.
    if (!next.empty())
      mlir::scf::YieldOp::create(b, next);
    return SmallVector<Value>(loop.getResults());
  };
  Value zero = constant(0), one = constant(1), two = constant(2);
  Value begin = leftOut(scope.placed.lookup(getFactors(rounded.op)));
  Value end = arith::AddIOp::create(b, begin, rounded.extent);
  Value whole = arith::DivUIOp::create(b, end, two);
  auto onPair = [&](Value pair, ValueRange partial) {
    Value first =
        arith::SubIOp::create(b, arith::MulIOp::create(b, pair, two), begin);
    Value second = arith::AddIOp::create(b, first, one);
    auto pack = [&](ArrayRef<Value> vectors) {
      return packPair(vectors[0], vectors[1]);
    };
    return storePair(rounded, pair, {first, second}, pack, partial, scope);
  };
  SmallVector<Value> partial = forEach(begin, whole, sums, onPair);

  // A first row that is the second of its pair, a last one that is the first.
  auto onHalf = [&](Value number, ValueRange partial) {
    Value isFirst =
        arith::CmpIOp::create(b, arith::CmpIPredicate::ult, number, begin);
    Value last = arith::SubIOp::create(b, rounded.extent, one);
    Value row = arith::SelectOp::create(b, isFirst, zero, last);
    Value pair = arith::SelectOp::create(b, isFirst, zero, whole);
    auto words = VectorType::get({width}, b.getF32Type());
    auto bits = VectorType::get({width}, b.getI32Type());
    Value none = arith::ConstantOp::create(b, b.getZeroAttr(words));
    Value places = asVector(arith::SelectOp::create(
        b, isFirst, arith::ConstantIntOp::create(b, 16, 32),
        arith::ConstantIntOp::create(b, 0, 32)));
    auto pack = [&](ArrayRef<Value> vectors) -> Value {
      Value word =
          arith::BitcastOp::create(b, bits, packPair(vectors[0], none));
      return arith::BitcastOp::create(b, words,
                                      arith::ShLIOp::create(b, word, places));
    };
    return storePair(rounded, pair, row, pack, partial, scope);
  };
  Value halves =
      arith::AddIOp::create(b, begin, arith::RemUIOp::create(b, end, two));
  return forEach(zero, halves, partial, onHalf);
}

/// Stores a rounded tile that no reduction has stored.
void KernelEmitter::materializePairs(Value tile, Scope &scope) {
  auto op = tile.getDefiningOp<arith::TruncFOp>();
  Placement target = allocateTemporary(tile, scope);
  forEachStrip(scope, [&](Scope &inner) {
    RoundedRows rounded = {op, target,
                           scalar(getProduct(op).getExtent(), inner)};
    for (int64_t c = 0; c < vectorsIn(axes.getLanes()); ++c)
      rounded.lanes.push_back(chunkIndex(c));
    roundInPairs(rounded, /*sums=*/{}, inner);
  });
  finishPending(scope);
  scope.placed[tile] = target;
}

} // namespace attnc::cpu
