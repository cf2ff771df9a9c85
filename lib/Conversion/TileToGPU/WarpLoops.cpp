//===- WarpLoops.cpp - loops that a warp shares ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Iterations go to the threads in turn. Of 32 blocks of keys those that follow
// each other become one range before anything is listed: what a list costs is
// then a matter of how often a mask begins and ends.
//
//===----------------------------------------------------------------------===//

#include "WarpLoops.h"

using namespace attnc;
using namespace attnc::gpu;
using mlir::arith::CmpIPredicate;
namespace arith = mlir::arith;
namespace scf = mlir::scf;

KeyRange WarpLoops::narrow(PtxBuilder &b, ArrayRef<Value> bounds) {
  SmallVector<Value> words;
  for (Value bound : bounds)
    words.push_back(b.cast(bound, b.getI32Type()));
  return {words[0], words[1], words[2], words[3]};
}

KeyRange WarpLoops::load(PtxBuilder &b, Value address) {
  auto at = [&](int64_t word) {
    return b.load(b.getI32Type(), b.offset(address, b.i32(4 * word)), 4);
  };
  return {at(0), at(1), at(2), at(3)};
}

void WarpLoops::store(PtxBuilder &b, const KeyRange &range, Value address) {
  for (auto [word, value] : llvm::enumerate(std::array<Value, 4>{
           range.begin, range.fullBegin, range.fullEnd, range.end}))
    b.store(value, b.offset(address, b.i32(4 * word)), 4);
}

/// The op that combines a carried value with one that is not, if the loop does
/// nothing else with it.
static Operation *getCombiner(scf::ForOp loop, unsigned number) {
  Value carried = loop.getRegionIterArgs()[number];
  Value yielded = loop.getYieldedValues()[number];
  Operation *op = yielded.getDefiningOp();
  bool isReduced = llvm::isa_and_nonnull<arith::MinSIOp, arith::MaxSIOp>(op) &&
                   carried.getType().isIndex() && carried.hasOneUse() &&
                   *carried.user_begin() == op && yielded.hasOneUse();
  return isReduced ? op : nullptr;
}

/// Whether all that a loop carries is a least or a greatest value.
static bool isReduction(scf::ForOp loop) {
  for (unsigned i = 0; i < loop.getNumRegionIterArgs(); ++i)
    if (!getCombiner(loop, i))
      return false;
  bool visits = false;
  loop.getBody()->walk([&](tile::VisitOp) { visits = true; });
  return loop.getNumRegionIterArgs() > 0 && !visits;
}

/// Whether iterations visit a range at most.
static bool isVisits(scf::ForOp loop) {
  int64_t visits = 0, loops = 0;
  loop.getBody()->walk([&](Operation *op) {
    visits += isa<tile::VisitOp>(op);
    loops += isa<scf::ForOp>(op);
  });
  return loop.getNumRegionIterArgs() == 0 && visits == 1 && loops == 0;
}

FailureOr<bool> WarpLoops::emit(scf::ForOp loop, IRMapping &known,
                                VisitFn visit) {
  bool reduces = isReduction(loop);
  if (!reduces && !isVisits(loop))
    return false;
  if (failed(reduces ? emitReduction(loop, known)
                     : emitVisits(loop, known, visit)))
    return failure();
  return true;
}

LogicalResult WarpLoops::emitReduction(scf::ForOp loop, IRMapping &known) {
  Value step = scalars.get(loop.getStep(), known);
  Value mine = b.mul(b.cast(lane, b.getIndexType()), step);
  Value lower = b.add(scalars.get(loop.getLowerBound(), known), mine);
  if (failed(scalars.emitFor(loop, lower, b.mul(step, b.index(kWarpThreads)),
                             known, {})))
    return failure();
  for (auto [number, result] : llvm::enumerate(loop.getResults())) {
    Value value = known.lookup(result);
    bool isLeast = isa<arith::MinSIOp>(getCombiner(loop, number));
    for (int64_t mask = 1; mask < kWarpThreads; mask *= 2) {
      Value other = b.shuffleXor(value, mask);
      value = isLeast ? b.minimum(value, other) : b.maximum(value, other);
    }
    known.map(result, value);
  }
  return success();
}

/// The range that begins with this thread's and goes on with those of the next
/// threads as far as each begins where the one before ends. `heads` are the
/// threads that have the first part of such a range.
KeyRange WarpLoops::join(const KeyRange &range, Value &heads) {
  Value one = b.i32(1), last = b.i32(kWarpThreads - 1);
  auto equals = [&](Value x, Value y) {
    return b.compare(CmpIPredicate::eq, x, y);
  };
  Value isSome = b.compare(CmpIPredicate::slt, range.begin, range.end);
  Value mine = b.select(isSome, range.end, b.i32(-1));
  Value before = b.shuffle(mine, b.bitAnd(b.sub(lane, one), last));
  Value isFirst = equals(lane, b.i32(0));
  before = b.select(isFirst, b.i32(-1), before);
  Value touches = b.bitAnd(isSome, equals(before, range.begin));
  Value isHead = b.select(touches, b.getFalse(), isSome);
  heads = b.ballot(isHead);
  auto countOnes = [&](Value bits) {
    return b.countZeros(b.bitXor(bits, b.i32(-1)));
  };
  Value behind =
      b.shiftRight(b.shiftRight(b.ballot(touches), lane), /*bits=*/1);
  Value others = countOnes(behind);
  Value end = b.shuffle(range.end, b.bitAnd(b.add(lane, others), last));
  // The first of those that are full, and what follows it.
  Value isFull = b.bitAnd(isSome, b.bitAnd(equals(range.fullBegin, range.begin),
                                           equals(range.fullEnd, range.end)));
  Value full = b.shiftRight(b.ballot(isFull), lane);
  Value skipped = b.minimum(b.countZeros(full), last);
  Value more = countOnes(b.shiftRight(full, skipped));
  Value fullLast = b.minimum(b.sub(b.add(skipped, more), one), others);
  Value fullBegin =
      b.shuffle(range.begin, b.bitAnd(b.add(lane, skipped), last));
  Value fullEnd = b.shuffle(range.end, b.bitAnd(b.add(lane, fullLast), last));
  Value hasFull = b.bitAnd(b.compare(CmpIPredicate::sle, skipped, fullLast),
                           b.compare(CmpIPredicate::sle, skipped, others));
  Value isAlone = equals(others, b.i32(0));
  auto choose = [&](Value own, Value joined) {
    return b.select(isAlone, own, b.select(hasFull, joined, range.begin));
  };
  return {range.begin, choose(range.fullBegin, fullBegin),
          choose(range.fullEnd, fullEnd), end};
}

LogicalResult WarpLoops::emitVisits(scf::ForOp loop, IRMapping &known,
                                    VisitFn visit) {
  Value step = scalars.get(loop.getStep(), known);
  Value lower = scalars.get(loop.getLowerBound(), known);
  Value upper = scalars.get(loop.getUpperBound(), known);
  Value mine = b.mul(b.cast(lane, b.getIndexType()), step);
  auto rounds =
      scf::ForOp::create(b, lower, upper, b.mul(step, b.index(kWarpThreads)));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(rounds.getBody());
  Value number = b.add(rounds.getInductionVar(), mine);
  Value none = b.i32(0);
  store(b, {none, none, none, none}, slot);
  auto branch =
      scf::IfOp::create(b, b.compare(CmpIPredicate::slt, number, upper),
                        /*withElseRegion=*/false);
  {
    OpBuilder::InsertionGuard inner(b);
    b.setInsertionPointToStart(branch.thenBlock());
    IRMapping here = known;
    here.map(loop.getInductionVar(), number);
    auto keep = [&](ArrayRef<Value> bounds) {
      store(b, narrow(b, bounds), slot);
    };
    if (failed(scalars.emitBlock(*loop.getBody(), here, {keep})))
      return failure();
  }
  Value heads;
  KeyRange joined = join(load(b, slot), heads);
  auto each = scf::WhileOp::create(b, b.getI32Type(), heads);
  Block *test =
      b.createBlock(&each.getBefore(), {}, b.getI32Type(), b.getLoc());
  Value left = test->getArgument(0);
  scf::ConditionOp::create(b, b.compare(CmpIPredicate::ne, left, none), left);
  Block *body = b.createBlock(&each.getAfter(), {}, b.getI32Type(), b.getLoc());
  left = body->getArgument(0);
  Value head = b.countZeros(left);
  visit({b.shuffle(joined.begin, head), b.shuffle(joined.fullBegin, head),
         b.shuffle(joined.fullEnd, head), b.shuffle(joined.end, head)});
  scf::YieldOp::create(b, b.bitAnd(left, b.sub(left, b.i32(1))));
  return success();
}
