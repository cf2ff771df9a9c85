//===- KeySteps.cpp - which keys a block visits, step by step -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A list begins with the number of ranges, of steps, and the end of the last
// key; ranges of four numbers follow. It is kept in order of first keys while
// it is written, so that one pass makes it disjoint. A list that is full takes
// a further range into its last one if that begins before it, or else makes all
// one: keys are then visited that need not be, and tested one by one.
//
//===----------------------------------------------------------------------===//

#include "KeySteps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace attnc;
using namespace attnc::gpu;
using mlir::arith::CmpIPredicate;
namespace scf = mlir::scf;

bool KeySteps::needsList(tile::FoldOp fold) {
  Block &block = fold.getRanges().front();
  auto visits = llvm::make_filter_range(
      block, [](Operation &op) { return isa<tile::VisitOp>(op); });
  int64_t inAll = 0;
  block.walk([&](tile::VisitOp) { ++inAll; });
  return inAll != 1 || visits.empty();
}

Value KeySteps::countSteps(PtxBuilder &b, Value keys) const {
  Value rounded = b.add(keys, b.i32(keyTile - 1));
  Value steps = b.createOrFold<mlir::arith::DivSIOp>(rounded, b.i32(keyTile));
  return b.maximum(steps, b.i32(0));
}

Value KeySteps::getAddress(PtxBuilder &b, Value number) const {
  Value bytes = b.mul(number, b.i32(WarpLoops::kRangeBytes));
  return b.offset(list, b.add(bytes, b.i32(kHeaderBytes)));
}

KeyRange KeySteps::load(PtxBuilder &b, Value number) const {
  return WarpLoops::load(b, getAddress(b, number));
}

void KeySteps::store(PtxBuilder &b, Value number, const KeyRange &range) const {
  WarpLoops::store(b, range, getAddress(b, number));
}

/// Keys in front of a range, that are not visited otherwise, go before those of
/// which all are allowed. An empty range stays empty.
void KeySteps::align(PtxBuilder &b, KeyRange &range) const {
  if (granule == 1)
    return;
  Value isEmpty = b.compare(CmpIPredicate::sge, range.begin, range.end);
  Value aligned = b.bitAnd(range.begin, b.i32(-granule));
  range.begin = b.select(isEmpty, range.begin, aligned);
}

/// Puts a range behind those that begin before it.
void KeySteps::insert(PtxBuilder &b, const KeyRange &range) const {
  constexpr int64_t capacity =
      (kListBytes - kHeaderBytes - WarpLoops::kSlotBytes) /
      WarpLoops::kRangeBytes;
  Value number = b.load(b.getI32Type(), list, 4);
  Value endPlace = b.offset(list, b.i32(8));
  Value largestEnd = b.load(b.getI32Type(), endPlace, 4);
  b.store(b.maximum(largestEnd, range.end), endPlace, 4);
  Value isFull = b.compare(CmpIPredicate::eq, number, b.i32(capacity));
  auto branch = scf::IfOp::create(b, isFull, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  KeyRange first = load(b, b.i32(0)), last = load(b, b.i32(capacity - 1));
  Value isBehind = b.compare(CmpIPredicate::sge, range.begin, last.begin);
  Value begin =
      b.select(isBehind, last.begin, b.minimum(first.begin, range.begin));
  Value before = b.select(isBehind, last.end, largestEnd);
  store(b, b.select(isBehind, b.i32(capacity - 1), b.i32(0)),
        {begin, begin, begin, b.maximum(before, range.end)});
  b.store(b.select(isBehind, b.i32(capacity), b.i32(1)), list, 4);

  b.setInsertionPointToStart(branch.elseBlock());
  // From the last range on, those that begin later move back by one.
  auto loop = scf::WhileOp::create(b, b.getI32Type(), number);
  Block *test =
      b.createBlock(&loop.getBefore(), {}, b.getI32Type(), b.getLoc());
  Value place = test->getArgument(0);
  Value hasPrevious = b.compare(CmpIPredicate::sgt, place, b.i32(0));
  Value previous = b.maximum(b.sub(place, b.i32(1)), b.i32(0));
  Value isLater =
      b.compare(CmpIPredicate::sgt, load(b, previous).begin, range.begin);
  scf::ConditionOp::create(b, b.bitAnd(hasPrevious, isLater), place);
  Block *move = b.createBlock(&loop.getAfter(), {}, b.getI32Type(), b.getLoc());
  Value from = b.sub(move->getArgument(0), b.i32(1));
  store(b, move->getArgument(0), load(b, from));
  scf::YieldOp::create(b, from);
  b.setInsertionPointAfter(loop);
  store(b, loop.getResult(0), range);
  b.store(b.add(number, b.i32(1)), list, 4);
}

/// Cuts off each range what earlier ones have, appends what touches to the
/// range before it, and counts steps.
void KeySteps::makeDisjoint(PtxBuilder &b) const {
  Value zero = b.i32(0), one = b.i32(1);
  Value number = b.load(b.getI32Type(), list, 4);
  // So far: ranges, steps of those that are finished, and the last range.
  auto loop = scf::ForOp::create(
      b, zero, number, one, ValueRange{zero, zero, zero, zero, zero, zero});
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    auto state = loop.getRegionIterArgs();
    Value ranges = state[0], steps = state[1];
    KeyRange last = {state[2], state[3], state[4], state[5]};
    KeyRange next = load(b, loop.getInductionVar());
    next.begin = b.maximum(next.begin, last.end);
    next.end = b.maximum(next.begin, next.end);
    next.fullBegin = b.minimum(b.maximum(next.fullBegin, next.begin), next.end);
    next.fullEnd = b.minimum(b.maximum(next.fullEnd, next.fullBegin), next.end);
    Value isNone = b.compare(CmpIPredicate::eq, next.begin, next.end);
    Value touches = b.bitAnd(b.compare(CmpIPredicate::eq, next.begin, last.end),
                             b.compare(CmpIPredicate::ne, ranges, zero));
    // What is full of both if it meets, else the larger part.
    Value meets = b.compare(CmpIPredicate::eq, last.fullEnd, next.fullBegin);
    Value lastIsLarger =
        b.compare(CmpIPredicate::sge, b.sub(last.fullEnd, last.fullBegin),
                  b.sub(next.fullEnd, next.fullBegin));
    KeyRange joined = {
        last.begin,
        b.select(b.bitOr(meets, lastIsLarger), last.fullBegin, next.fullBegin),
        b.select(meets, next.fullEnd,
                 b.select(lastIsLarger, last.fullEnd, next.fullEnd)),
        next.end};
    auto choose = [&](Value fromNone, Value fromJoined, Value fromNext) {
      return b.select(isNone, fromNone,
                      b.select(touches, fromJoined, fromNext));
    };
    KeyRange now = {choose(last.begin, joined.begin, next.begin),
                    choose(last.fullBegin, joined.fullBegin, next.fullBegin),
                    choose(last.fullEnd, joined.fullEnd, next.fullEnd),
                    choose(last.end, joined.end, next.end)};
    Value newRanges = choose(ranges, ranges, b.add(ranges, one));
    Value finished = countSteps(b, b.sub(last.end, last.begin));
    Value newSteps = choose(steps, steps, b.add(steps, finished));
    store(b, b.maximum(b.sub(newRanges, one), zero), now);
    scf::YieldOp::create(b, ValueRange{newRanges, newSteps, now.begin,
                                       now.fullBegin, now.fullEnd, now.end});
  }
  auto results = loop.getResults();
  Value steps = b.add(results[1], countSteps(b, b.sub(results[5], results[2])));
  b.store(results[0], list, 4);
  b.store(steps, b.offset(list, b.i32(4)), 4);
}

/// What the threads of a warp find, the first of them writes.
LogicalResult KeySteps::writeList(PtxBuilder &b, ScalarEmitter &scalars,
                                  Block &block, IRMapping &known) const {
  Value lane = b.threadIndex();
  auto byFirst = [&](Value condition, function_ref<void()> body) {
    Value isFirst = b.compare(CmpIPredicate::eq, lane, b.i32(0));
    if (condition)
      isFirst = b.bitAnd(isFirst, condition);
    auto branch = scf::IfOp::create(b, isFirst, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    body();
  };
  byFirst({}, [&] {
    // An empty list is read, too, ahead of the branch that would use it.
    for (int64_t byte = 0; byte < kHeaderBytes + WarpLoops::kRangeBytes;
         byte += 4)
      b.store(b.i32(0), b.offset(list, b.i32(byte)), 4);
  });
  auto visit = [&](KeyRange range) {
    align(b, range);
    byFirst(b.compare(CmpIPredicate::slt, range.begin, range.end),
            [&] { insert(b, range); });
  };
  WarpLoops loops(b, scalars, lane,
                  b.offset(list, b.i32(kListBytes - WarpLoops::kSlotBytes)));
  auto visitAlike = [&](ArrayRef<Value> bounds) {
    visit(WarpLoops::narrow(b, bounds));
  };
  auto emitLoop = [&](scf::ForOp loop, IRMapping &here) {
    return loops.emit(loop, here, visit);
  };
  if (failed(scalars.emitBlock(block, known, {visitAlike, emitLoop})))
    return failure();
  byFirst({}, [&] { makeDisjoint(b); });
  return success();
}

FailureOr<KeySteps> KeySteps::build(PtxBuilder &b, ScalarEmitter &scalars,
                                    tile::FoldOp fold, const IRMapping &known,
                                    int64_t granule, Value list) {
  KeySteps steps;
  steps.keyTile = fold.getKeyTile();
  steps.granule = granule;
  Block &block = fold.getRanges().front();
  IRMapping mapping = known;
  mapping.map(block.getArgument(0), scalars.get(fold.getFirst(), known));
  mapping.map(block.getArgument(1), scalars.get(fold.getCount(), known));
  if (!needsList(fold)) {
    auto keep = [&](ArrayRef<Value> bounds) {
      steps.only = WarpLoops::narrow(b, bounds);
      steps.align(b, steps.only);
    };
    if (failed(scalars.emitBlock(block, mapping, {keep})))
      return failure();
    steps.count = steps.countSteps(b, b.sub(steps.only.end, steps.only.begin));
    return steps;
  }
  steps.list = list;
  Value isWriter =
      b.compare(CmpIPredicate::slt, b.threadIndex(), b.i32(kWarpThreads));
  auto branch = scf::IfOp::create(b, isWriter, /*withElseRegion=*/false);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    if (failed(steps.writeList(b, scalars, block, mapping)))
      return failure();
  }
  b.blockBarrier();
  steps.count = b.load(b.getI32Type(), b.offset(list, b.i32(4)), 4);
  return steps;
}

KeySteps::Cursor KeySteps::getFirst(PtxBuilder &b) const {
  if (!list)
    return {b.i32(0), only.begin};
  return {b.i32(0), load(b, b.i32(0)).begin};
}

KeySteps::Cursor KeySteps::getNext(PtxBuilder &b, const Cursor &cursor) const {
  Value key = b.add(cursor.key, b.i32(keyTile));
  if (!list)
    return {cursor.range, key};
  Value isOver = b.compare(CmpIPredicate::sge, key, load(b, cursor.range).end);
  // There may be no other range.
  Value last = b.sub(b.load(b.getI32Type(), list, 4), b.i32(1));
  Value following = b.minimum(b.add(cursor.range, b.i32(1)), last);
  Value begin = load(b, following).begin;
  return {b.select(isOver, following, cursor.range),
          b.select(isOver, begin, key)};
}

KeySteps::Step KeySteps::getStep(PtxBuilder &b, const Cursor &cursor) const {
  KeyRange range = list ? load(b, cursor.range) : only;
  Value tile = b.i32(keyTile);
  Value isFull = b.bitAnd(
      b.compare(CmpIPredicate::sge, cursor.key, range.fullBegin),
      b.compare(CmpIPredicate::sle, b.add(cursor.key, tile), range.fullEnd));
  return {cursor.key, b.minimum(tile, b.sub(range.end, cursor.key)), isFull};
}
