//===- LowerInMemory.cpp - carries that stay in memory --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A fold of few steps spends its time on moving its carry. A component that is
// loaded from memory and stored to memory, whole, has no buffer then: the first
// step reads it where it comes from, and each writes it where it goes to.
//
//     copied     initial -> buffer, buffer -> buffer, buffer -> final
//     in memory  initial -> final, final -> final
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace attnc::cpu {

namespace arith = mlir::arith;

/// Whether `op` moves a matrix as it is in memory: all elements, in f32, rows
/// of whole strips.
template <typename OpT>
bool KernelEmitter::movesWholeStrips(OpT op) const {
  Value tile = op.getTile();
  auto type = cast<RankedTensorType>(tile.getType());
  auto isSize = [](auto pair) {
    auto [extent, size] = pair;
    return mlir::getConstantIntValue(mlir::getAsOpFoldResult(extent)) == size;
  };
  return type.getRank() == 2 && axes.of(tile) == 1 && op.getGather().empty() &&
         op.getMemory().getType().getElementType().isF32() &&
         llvm::all_of(llvm::zip_equal(op.getExtent(), type.getShape()), isSize);
}

/// The store that a component of the carry ends in, if it can be kept there.
tile::StoreOp KernelEmitter::memoryOfResult(tile::FoldOp op, unsigned i) const {
  Value result = op.getResult(i);
  if (!op.getInMemory() || !getOnlyVisit(op) || !result.hasOneUse())
    return {};
  auto store = dyn_cast<tile::StoreOp>(*result.user_begin());
  bool isBehind = store && store->getBlock() == op->getBlock();
  return isBehind && movesWholeStrips(store) ? store : tile::StoreOp();
}

/// Whether the tile is the first value of a component that is kept in memory,
/// and nothing else.
bool KernelEmitter::isReadByFirstStep(Value tile) const {
  auto load = tile.getDefiningOp<tile::LoadOp>();
  if (!load || !tile.hasOneUse() || !movesWholeStrips(load))
    return false;
  mlir::OpOperand &use = *tile.use_begin();
  auto fold = dyn_cast<tile::FoldOp>(use.getOwner());
  if (!fold)
    return false;
  auto init = llvm::find(fold.getInit(), tile) - fold.getInit().begin();
  return static_cast<bool>(memoryOfResult(fold, init));
}

/// All elements of the tile that `op` moves, in all strips, where they are.
template <typename OpT>
Placement KernelEmitter::placeInMemory(OpT op, Scope &scope) {
  Placement place;
  place.kind = Placement::Kind::View;
  place.memory = scalar(op.getMemory(), scope);
  for (Value offset : op.getOffsets())
    place.offsets.push_back(scalar(offset, scope));
  place.stripLanes = axes.getLanes();
  return place;
}

template Placement KernelEmitter::placeInMemory(tile::LoadOp, Scope &);
template Placement KernelEmitter::placeInMemory(tile::StoreOp, Scope &);

/// Where component `i` of the carry is between steps; null if it takes a
/// buffer.
std::optional<Placement>
KernelEmitter::placeCarryInMemory(tile::FoldOp op, unsigned i, Scope &scope) {
  tile::StoreOp store = memoryOfResult(op, i);
  if (!store)
    return std::nullopt;
  MemoryCarry kept;
  kept.destination = kept.source = placeInMemory(store, scope);
  if (isReadByFirstStep(op.getInit()[i]))
    kept.source = scope.placed.lookup(op.getInit()[i]);
  Placement place = kept.destination;
  inMemory[op.getCarry()[i]] = std::move(kept);
  return place;
}

/// Without steps there is nothing that moves a carry to where it goes.
void KernelEmitter::moveUnfolded(tile::FoldOp op, Value begin, Value end,
                                 Scope &scope) {
  for (auto [init, argument] : llvm::zip_equal(op.getInit(), op.getCarry())) {
    auto kept = inMemory.find(argument);
    if (kept == inMemory.end())
      continue;
    MemoryCarry &carry = kept->second;
    carry.firstKey = begin;
    if (carry.source.memory == carry.destination.memory)
      continue;
    Value isEmpty =
        arith::CmpIOp::create(b, arith::CmpIPredicate::sge, begin, end);
    auto branch = mlir::scf::IfOp::create(b, isEmpty);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    store(init, argument, carry.destination, scope);
  }
}

/// Where the step at `key` reads a component.
Placement KernelEmitter::placeAtStep(const MemoryCarry &carry, Value key) {
  if (carry.source.memory == carry.destination.memory)
    return carry.source;
  Value isFirst =
      arith::CmpIOp::create(b, arith::CmpIPredicate::eq, key, carry.firstKey);
  Placement place = carry.source;
  Value first = carry.source.memory, other = carry.destination.memory;
  if (first.getType() != other.getType())
    first = mlir::memref::CastOp::create(b, other.getType(), first);
  place.memory = arith::SelectOp::create(b, isFirst, first, other);
  for (auto [offset, later] :
       llvm::zip_equal(place.offsets, carry.destination.offsets))
    offset = b.createOrFold<arith::SelectOp>(isFirst, offset, later);
  return place;
}

} // namespace attnc::cpu
