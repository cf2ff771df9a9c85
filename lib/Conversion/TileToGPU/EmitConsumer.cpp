//===- EmitConsumer.cpp - what a consumer warpgroup does ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The fold, in registers. With S the scores and P the weights of a step:
//
//     S0 = q k0; P0 = softmax S0
//     for j = 1, ...:   S_j = q k_j  and  o += P_j-1 v_j-1   (issued together)
//                       wait for S_j; P_j = softmax S_j      (o is summed)
//                       wait for o; o = o rescaled
//     o += P v of the last step
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace attnc;
using namespace attnc::gpu;
using mlir::arith::CmpIPredicate;
namespace scf = mlir::scf;

/// The depth of one product of a warpgroup.
static constexpr int64_t kDepth = 16;

/// What the tensor cores are told of a tile in shared memory: its first byte,
/// the bytes from a block of columns to the next, 8 lines of 128 bytes each.
Value KernelEmitter::describe(Value firstByte, int64_t leadingBytes) {
  constexpr int64_t groupBytes = 8 * SharedTile::kLineBytes;
  constexpr uint64_t swizzle128 = uint64_t(1) << 62;
  Value address = b.shiftRight(b.bitAnd(firstByte, b.i32(0x3ffff)), 4);
  Value wide = mlir::arith::ExtUIOp::create(b, b.getI64Type(), address);
  uint64_t constant = swizzle128 | uint64_t(groupBytes >> 4) << 32 |
                      uint64_t(leadingBytes >> 4) << 16;
  return b.bitOr(wide, b.i64(static_cast<int64_t>(constant)));
}

static Value advance(PtxBuilder &b, Value descriptor, int64_t bytes) {
  return bytes == 0 ? descriptor : b.add(descriptor, b.i64(bytes >> 4));
}

/// A tile that stays times a tile of the step, both along their lines.
SmallVector<Value> KernelEmitter::multiplyShared(tile::ContractOp op,
                                                 const Slot &slot) {
  const SharedTile &left = *find(stationary, op.getLhs());
  const SharedTile &right = *find(streams, op.getRhs());
  Value strip =
      b.mul(fragments.getStrip(), b.i32(kStripRows * SharedTile::kLineBytes));
  Value leftPlace = b.add(b.add(shared, b.i32(left.place)), strip);
  Value a = describe(leftPlace, /*leadingBytes=*/16);
  Value c = describe(getPlace(right, slot), /*leadingBytes=*/16);
  Type element = cast<RankedTensorType>(op.getLhs().getType()).getElementType();
  constexpr int64_t inLine = SharedTile::kLineElements / kDepth;
  SmallVector<Value> sums;
  for (int64_t i = 0; i < (left.columns + kDepth - 1) / kDepth; ++i) {
    int64_t inside = i % inLine * kDepth * 2;
    sums = b.product(
        element, advance(b, a, i / inLine * left.getBlockBytes() + inside),
        advance(b, c, i / inLine * right.getBlockBytes() + inside), sums,
        right.rows, /*isFirst=*/i == 0, /*isColumnMajor=*/false);
  }
  return sums;
}

/// Weights in registers times a tile of the step, across its lines.
SmallVector<Value> KernelEmitter::multiplyWeights(ArrayRef<Value> weights,
                                                  ArrayRef<Value> sums,
                                                  const Slot &slot) {
  const SharedTile &right = *find(streams, deferred.op.getRhs());
  Value c = describe(getPlace(right, slot), right.getBlockBytes());
  Type element =
      cast<RankedTensorType>(deferred.op.getLhs().getType()).getElementType();
  SmallVector<Value> result(sums);
  for (int64_t i = 0; i < right.rows / kDepth; ++i)
    result = b.product(element, weights.slice(4 * i, 4),
                       advance(b, c, i * kDepth * SharedTile::kLineBytes),
                       result, right.columns, /*isFirst=*/false,
                       /*isColumnMajor=*/true);
  return result;
}

void KernelEmitter::release(const SharedTile &tile, const Slot &slot) {
  Value isFirst = b.compare(CmpIPredicate::eq, fragments.getLane(), b.i32(0));
  auto branch = scf::IfOp::create(b, isFirst, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  b.arrive(barrier(tile.emptyBarrier, slot));
}

/// Barrier 0 is that of the block; the turns of consumers come behind it.
void KernelEmitter::takeTurn() {
  if (consumers > 1)
    b.namedBarrier(b.add(fragments.getStrip(), b.i32(1)),
                   2 * kWarpgroupThreads);
}

void KernelEmitter::passTurn() {
  if (consumers == 1)
    return;
  Value next = b.add(fragments.getStrip(), b.i32(1));
  Value isLast = b.compare(CmpIPredicate::eq, next, b.i32(consumers));
  next = b.select(isLast, b.i32(0), next);
  b.arriveAtNamedBarrier(b.add(next, b.i32(1)), 2 * kWarpgroupThreads);
}

/// Issues a product of the step, and with it the deferred one of the step
/// before; waits for the first.
void KernelEmitter::emitProducts(tile::ContractOp op, const Slot &slot,
                                 const Slot &previous, State &state,
                                 bool hasDeferred, Scope &scope) {
  SharedTile &keys = *find(streams, op.getRhs());
  const SharedTile &values = *find(streams, deferred.op.getRhs());
  b.wait(barrier(keys.fullBarrier, slot), slot.parity);
  SmallVector<Value> &sums = state.carry[deferred.component];
  if (hasDeferred) {
    takeTurn();
    sums = b.pin(sums);
  }
  b.fenceProducts();
  SmallVector<Value> scores = multiplyShared(op, slot);
  b.commitProducts();
  if (hasDeferred) {
    b.wait(barrier(values.fullBarrier, previous), previous.parity);
    sums = multiplyWeights(state.weights, sums, previous);
    b.commitProducts();
    passTurn();
  }
  b.waitProducts(hasDeferred ? 1 : 0);
  scores = b.pin(scores);
  release(keys, slot);
  fragments.setRows(op.getResult(), scores, scope);
}

/// Waits for the deferred product, which the step may then read.
void KernelEmitter::finishDeferred(const Slot &previous, State &state,
                                   Scope &scope) {
  SmallVector<Value> &sums = state.carry[deferred.component];
  b.waitProducts(0);
  sums = b.pin(sums);
  release(*find(streams, deferred.op.getRhs()), previous);
  fragments.setRows(fold.getCarry()[deferred.component], sums, scope);
}

KernelEmitter::Scope KernelEmitter::enterStep(const KeySteps::Step &step,
                                              const State &state) {
  Scope scope;
  scope.scalars = enterStep(step);
  scope.keys = step.keys;
  scope.isFull = step.isFull;
  scope.keysOperand = fold.getKeys();
  for (auto [argument, values] : llvm::zip_equal(fold.getCarry(), state.carry))
    fragments.setRows(argument, values, scope);
  return scope;
}

/// One step. Its deferred product is left to the next one, that of the step
/// before is done if there is one.
KernelEmitter::State KernelEmitter::emitStep(const KeySteps::Step &step,
                                             Value number, State state,
                                             bool hasDeferred) {
  Slot slot = getSlot(number);
  Slot previous = slot;
  if (hasDeferred)
    previous = getSlot(b.sub(number, b.i32(1)));
  Scope scope = enterStep(step, state);
  for (Operation &op : fold.getStep().front().without_terminator()) {
    b.setLoc(op.getLoc());
    if (auto contract = dyn_cast<tile::ContractOp>(op)) {
      if (contract != deferred.op) {
        emitProducts(contract, slot, previous, state, hasDeferred, scope);
        continue;
      }
      if (hasDeferred)
        finishDeferred(previous, state, scope);
      state.weights = fragments.evaluateOperand(contract.getLhs(), scope);
      state.carry[deferred.component] =
          fragments.evaluateRows(contract.getAccumulator(), scope);
      continue;
    }
    if (auto reduce = dyn_cast<tile::ReduceOp>(op))
      fragments.lowerReduce(reduce, scope);
  }
  Operation *yield = fold.getStep().front().getTerminator();
  for (auto [component, value] : llvm::enumerate(yield->getOperands()))
    if (component != deferred.component)
      state.carry[component] = fragments.evaluateRows(value, scope);
  return state;
}

SmallVector<Value> KernelEmitter::flatten(const State &state) {
  SmallVector<Value> values;
  for (const SmallVector<Value> &component : state.carry)
    llvm::append_range(values, component);
  llvm::append_range(values, state.weights);
  return values;
}

KernelEmitter::State KernelEmitter::unflatten(ValueRange values) {
  State state;
  for (Value argument : fold.getCarry()) {
    int64_t count = FragmentEmitter::countRows(argument);
    state.carry.emplace_back(values.take_front(count));
    values = values.drop_front(count);
  }
  state.weights = SmallVector<Value>(values);
  return state;
}

/// The carry after all steps; as it began where there is none.
SmallVector<SmallVector<Value>> KernelEmitter::emitFold(const KeySteps &steps) {
  Scope outside;
  outside.scalars = known;
  State init;
  for (Value value : fold.getInit())
    init.carry.push_back(fragments.evaluateRows(value, outside));
  SmallVector<Value> flat = flatten(init);
  Value hasSteps = b.compare(CmpIPredicate::sgt, steps.getCount(), b.i32(0));
  auto branch = scf::IfOp::create(b, ValueRange(flat).getTypes(), hasSteps,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, flat);
  b.setInsertionPointToStart(branch.thenBlock());
  for (SharedTile &tile : stationary)
    if (tile.isGathered())
      gatherTile(tile);
    else
      b.wait(barrier(tile.fullBarrier), b.i32(0));
  KeySteps::Cursor first = steps.getFirst(b);
  State state = emitStep(steps.getStep(b, first), b.i32(0), init,
                         /*hasDeferred=*/false);
  KeySteps::Cursor second = steps.getNext(b, first);
  SmallVector<Value> carried = {second.range, second.key};
  llvm::append_range(carried, flatten(state));
  auto loop =
      scf::ForOp::create(b, b.i32(1), steps.getCount(), b.i32(1), carried);
  {
    OpBuilder::InsertionGuard inner(b);
    b.setInsertionPointToStart(loop.getBody());
    KeySteps::Cursor cursor = {loop.getRegionIterArgs()[0],
                               loop.getRegionIterArgs()[1]};
    State inside =
        unflatten(ValueRange(loop.getRegionIterArgs()).drop_front(2));
    State next = emitStep(steps.getStep(b, cursor), loop.getInductionVar(),
                          inside, /*hasDeferred=*/true);
    KeySteps::Cursor following = steps.getNext(b, cursor);
    SmallVector<Value> yielded = {following.range, following.key};
    llvm::append_range(yielded, flatten(next));
    scf::YieldOp::create(b, yielded);
  }
  state = unflatten(loop.getResults().drop_front(2));
  Slot last = getSlot(b.sub(steps.getCount(), b.i32(1)));
  const SharedTile &values = *find(streams, deferred.op.getRhs());
  b.wait(barrier(values.fullBarrier, last), last.parity);
  SmallVector<Value> &sums = state.carry[deferred.component];
  sums = b.pin(sums);
  b.fenceProducts();
  sums = multiplyWeights(state.weights, sums, last);
  b.commitProducts();
  b.waitProducts(0);
  sums = b.pin(sums);
  state.weights.clear();
  scf::YieldOp::create(b, flatten(state));
  return unflatten(branch.getResults()).carry;
}

void KernelEmitter::emitConsumer(const KeySteps &steps) {
  b.raiseRegisters(getRegisters().consumer);
  Value strip = b.sub(warpgroup, b.i32(1));
  fragments.setPlace(strip, b.shiftRight(thread, 5),
                     b.bitAnd(thread, b.i32(kWarpThreads - 1)));
  if (consumers > 1) {
    // The first turn is that of the first consumer: the last one passes it on.
    Value isLast = b.compare(CmpIPredicate::eq, strip, b.i32(consumers - 1));
    auto branch = scf::IfOp::create(b, isLast, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    b.arriveAtNamedBarrier(b.i32(1), 2 * kWarpgroupThreads);
  }
  emitStores(emitFold(steps));
}
