//===- EmitConversions.cpp - tiles that the producer forms ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where a stream is converted on its way, all threads of the producer warpgroup
// read all streams through their registers. The pieces of a step follow each
// other, those of keys and then those of values. A *window* of them is begun
// and not finished, at all times: when one is finished, the one a window
// further is begun, in this step or the next, so that memory is never waited
// for with nothing on its way.
//
//     finish 0, begin w; finish 1, begin w + 1; ...
//
// Consumers see what they would of a copy.
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include <deque>

using namespace attnc;
using namespace attnc::gpu;
using mlir::arith::CmpIPredicate;
namespace scf = mlir::scf;

/// The pieces of all streams, in the order of a step: a stream's number, and
/// that of a piece of it.
static SmallVector<std::pair<size_t, int64_t>>
listPieces(ArrayRef<ConvertedTile> tiles) {
  SmallVector<std::pair<size_t, int64_t>> pieces;
  for (auto [number, tile] : llvm::enumerate(tiles))
    for (int64_t piece = 0; piece < tile.countPieces(); ++piece)
      pieces.emplace_back(number, piece);
  return pieces;
}

/// Pieces that are on their way at once. More registers than these are needed
/// for what is done with them, and more pieces for where they are.
size_t KernelEmitter::countPiecesAhead() const {
  constexpr size_t mostPieces = 8;
  int64_t room = 24;
  size_t count = 0;
  for (auto [number, piece] : listPieces(conversions)) {
    room -= conversions[number].countRegisters();
    if (count == mostPieces || (room < 0 && count > 0))
      break;
    ++count;
  }
  return count;
}

/// The tiles of all steps, of which there is one at least.
void KernelEmitter::emitConversions(const KeySteps &steps) {
  SmallVector<std::pair<size_t, int64_t>> pieces = listPieces(conversions);
  size_t ahead = countPiecesAhead();
  using Steps = SmallVector<ConvertedTile::Step>;
  auto enter = [&](const KeySteps::Step &step) {
    return Steps(
        conversions.size(),
        ConvertedTile::Step(thread, b.pin(thread).front(), enterStep(step)));
  };
  auto begin = [&](size_t place, Steps &in) {
    auto [stream, piece] = pieces[place];
    return conversions[stream].begin(piece, in[stream]);
  };
  KeySteps::Cursor first = steps.getFirst(b);
  SmallVector<Value> init = {first.range, first.key};
  SmallVector<size_t> sizes;
  Steps inFirst = enter(steps.getStep(b, first));
  for (size_t place = 0; place < ahead; ++place) {
    ConvertedTile::Registers registers = begin(place, inFirst);
    sizes.push_back(registers.size());
    llvm::append_range(init, registers);
  }
  Value count = steps.getCount();
  auto loop = scf::ForOp::create(b, b.i32(0), count, b.i32(1), init);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  ValueRange carried = loop.getRegionIterArgs();
  KeySteps::Cursor cursor = {carried[0], carried[1]};
  carried = carried.drop_front(2);
  std::deque<ConvertedTile::Registers> window;
  for (size_t size : sizes) {
    window.emplace_back(carried.take_front(size));
    carried = carried.drop_front(size);
  }
  Value number = loop.getInductionVar();
  Steps here = enter(steps.getStep(b, cursor));
  KeySteps::Cursor next = steps.getNext(b, cursor);
  // Behind the last step there are no keys.
  KeySteps::Step following = steps.getStep(b, next);
  Value isLast = b.compare(CmpIPredicate::eq, b.add(number, b.i32(1)), count);
  following.keys = b.select(isLast, b.i32(0), following.keys);
  Steps then = enter(following);

  Slot slot = getSlot(number);
  for (size_t place = 0; place < pieces.size(); ++place) {
    auto [stream, piece] = pieces[place];
    const SharedTile &tile = streams[stream];
    // A slot is empty at first: the phase before the first one is over.
    // ptxas begins the work on all pieces that nothing keeps apart at once, for
    // which there are no registers.
    if (piece > 0)
      b.warpBarrier();
    else
      b.wait(barrier(tile.emptyBarrier, slot), b.bitXor(slot.parity, b.i32(1)));
    conversions[stream].finish(piece, window.front(), getPlace(tile, slot),
                               here[stream]);
    window.pop_front();
    if (piece + 1 == conversions[stream].countPieces())
      arriveAsWarp(barrier(tile.fullBarrier, slot));
    size_t later = place + ahead;
    window.push_back(later < pieces.size()
                         ? begin(later, here)
                         : begin(later - pieces.size(), then));
  }
  SmallVector<Value> yielded = {next.range, next.key};
  for (const ConvertedTile::Registers &registers : window)
    llvm::append_range(yielded, registers);
  scf::YieldOp::create(b, yielded);
}
