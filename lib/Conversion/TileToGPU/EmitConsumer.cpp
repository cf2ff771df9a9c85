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
// That is where products run beside the threads. Elsewhere, for all steps
// alike:
//
//     S_j = q k_j;  P_j = softmax S_j;  o = o rescaled + P_j v_j
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace attnc;
using namespace attnc::gpu;
using mlir::arith::CmpIPredicate;
namespace scf = mlir::scf;

/// A tile that stays times a tile of the step, both along their lines.
SmallVector<Value> KernelEmitter::multiplyShared(tile::ContractOp op,
                                                 const Slot &slot) {
  const SharedTile &left = *find(stationary, op.getLhs());
  const SharedTile &right = *find(streams, op.getRhs());
  Type element = cast<RankedTensorType>(op.getLhs().getType()).getElementType();
  return products->multiplyLines(element, left,
                                 strips[&left - stationary.data()], right,
                                 getPlace(right, slot), thread);
}

/// Weights in registers times a tile of the step, across its lines.
SmallVector<Value> KernelEmitter::multiplyWeights(ArrayRef<Value> weights,
                                                  ArrayRef<Value> sums,
                                                  const Slot &slot) {
  const SharedTile &right = *find(streams, deferred.op.getRhs());
  Type element =
      cast<RankedTensorType>(deferred.op.getLhs().getType()).getElementType();
  return products->multiplyAcross(element, weights, sums, right,
                                  getPlace(right, slot), thread);
}

/// One thread says for its warp that a slot was read.
void KernelEmitter::release(const SharedTile &tile, const Slot &slot) {
  // What the threads themselves read, they read before it says so.
  if (!products->isAsynchronous())
    b.warpBarrier();
  Value isFirst = b.compare(CmpIPredicate::eq, fragments.getLane(), b.i32(0));
  auto branch = scf::IfOp::create(b, isFirst, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  b.arrive(barrier(tile.emptyBarrier, slot));
}

/// Barrier 0 is that of the block; the turns of consumers come behind it.
void KernelEmitter::takeTurn() {
  if (takesTurns())
    b.namedBarrier(b.add(fragments.getStrip(), b.i32(1)),
                   2 * kWarpgroupThreads);
}

void KernelEmitter::passTurn() {
  if (!takesTurns())
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
    sums = products->pin(sums);
  }
  products->begin();
  SmallVector<Value> scores = multiplyShared(op, slot);
  products->commit();
  if (hasDeferred) {
    b.wait(barrier(values.fullBarrier, previous), previous.parity);
    sums = multiplyWeights(state.weights, sums, previous);
    products->commit();
    passTurn();
  }
  products->wait(hasDeferred ? 1 : 0);
  scores = products->pin(scores);
  release(keys, slot);
  fragments.setRows(op.getResult(), scores, scope);
}

/// Waits for the deferred product, which the step may then read.
void KernelEmitter::finishDeferred(const Slot &previous, State &state,
                                   Scope &scope) {
  SmallVector<Value> &sums = state.carry[deferred.component];
  products->wait(0);
  sums = products->pin(sums);
  release(*find(streams, deferred.op.getRhs()), previous);
  fragments.setRows(fold.getCarry()[deferred.component], sums, scope);
}

/// The deferred product of the step in `slot`, alone.
void KernelEmitter::emitDeferred(const Slot &slot, State &state) {
  const SharedTile &values = *find(streams, deferred.op.getRhs());
  SmallVector<Value> &sums = state.carry[deferred.component];
  b.wait(barrier(values.fullBarrier, slot), slot.parity);
  sums = products->pin(sums);
  products->begin();
  sums = multiplyWeights(state.weights, sums, slot);
  products->commit();
  products->wait(0);
  sums = products->pin(sums);
  state.weights.clear();
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

/// One step. Where products are asynchronous its deferred one is left to the
/// next step, and that of the step before is done if there is one.
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
      if (!products->isAsynchronous()) {
        emitDeferred(slot, state);
        release(*find(streams, contract.getRhs()), slot);
      }
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

/// Waits for the tiles that stay.
void KernelEmitter::emitStationary() {
  for (SharedTile &tile : stationary) {
    if (tile.isGathered())
      gatherTile(tile);
    else
      b.wait(barrier(tile.fullBarrier), b.i32(0));
    Value strip =
        b.mul(fragments.getStrip(), b.i32(kStripRows * SharedTile::kLineBytes));
    Value place = b.add(b.add(shared, b.i32(tile.place)), strip);
    strips.push_back(products->loadLeft(tile, place, thread));
  }
}

/// The steps from number `first` on, which begins at `cursor`.
KernelEmitter::State KernelEmitter::emitSteps(const KeySteps &steps,
                                              const KeySteps::Cursor &cursor,
                                              int64_t first, State state) {
  SmallVector<Value> carried = {cursor.range, cursor.key};
  llvm::append_range(carried, flatten(state));
  auto loop =
      scf::ForOp::create(b, b.i32(first), steps.getCount(), b.i32(1), carried);
  OpBuilder::InsertionGuard inner(b);
  b.setInsertionPointToStart(loop.getBody());
  KeySteps::Cursor here = {loop.getRegionIterArgs()[0],
                           loop.getRegionIterArgs()[1]};
  State inside = unflatten(ValueRange(loop.getRegionIterArgs()).drop_front(2));
  State next = emitStep(steps.getStep(b, here), loop.getInductionVar(), inside,
                        /*hasDeferred=*/first > 0);
  KeySteps::Cursor following = steps.getNext(b, here);
  SmallVector<Value> yielded = {following.range, following.key};
  llvm::append_range(yielded, flatten(next));
  scf::YieldOp::create(b, yielded);
  return unflatten(loop.getResults().drop_front(2));
}

/// The carry after all steps; as it began where there is none.
SmallVector<SmallVector<Value>> KernelEmitter::emitFold(const KeySteps &steps) {
  Scope outside;
  outside.scalars = known;
  State state;
  for (Value value : fold.getInit())
    state.carry.push_back(fragments.evaluateRows(value, outside));
  SmallVector<Value> flat = flatten(state);
  Value hasSteps = b.compare(CmpIPredicate::sgt, steps.getCount(), b.i32(0));
  auto branch = scf::IfOp::create(b, ValueRange(flat).getTypes(), hasSteps,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, flat);
  b.setInsertionPointToStart(branch.thenBlock());
  emitStationary();
  KeySteps::Cursor first = steps.getFirst(b);
  if (products->isAsynchronous()) {
    state = emitStep(steps.getStep(b, first), b.i32(0), state,
                     /*hasDeferred=*/false);
    KeySteps::Cursor second = steps.getNext(b, first);
    state = emitSteps(steps, second, /*first=*/1, state);
    emitDeferred(getSlot(b.sub(steps.getCount(), b.i32(1))), state);
  } else {
    state = emitSteps(steps, first, /*first=*/0, state);
  }
  scf::YieldOp::create(b, flatten(state));
  return unflatten(branch.getResults()).carry;
}

void KernelEmitter::emitConsumer(const KeySteps &steps) {
  // Behind the producer, which gives registers, or in front of it.
  Value strip = warpgroup;
  if (!copiesChunks()) {
    b.raiseRegisters(getRegisters().consumer);
    strip = b.sub(warpgroup, b.i32(1));
  }
  fragments.setPlace(strip, b.shiftRight(thread, 5),
                     b.bitAnd(thread, b.i32(kWarpThreads - 1)));
  if (takesTurns()) {
    // The first turn is that of the first consumer: the last one passes it on.
    Value isLast = b.compare(CmpIPredicate::eq, strip, b.i32(consumers - 1));
    auto branch = scf::IfOp::create(b, isLast, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    b.arriveAtNamedBarrier(b.i32(1), 2 * kWarpgroupThreads);
  }
  emitStores(emitFold(steps));
}
