//===- KernelEmitter.h - one tile kernel for warpgroups ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lowers one `tile.kernel` with a fold to a block of a GPU with products of
// warpgroups (sm_90a), in the manner of FlashAttention-3 (Shah et al. 2024):
//
//   * Threads of a producer warpgroup copy tiles of keys and values to rings in
//     shared memory, one of them where a tile is a box of its tensor, a warp or
//     all where it is made of pages (EmitProducer.cpp), and all where numbers
//     are converted on the way (EmitConversions.cpp); consumer warpgroups,
//     each with 64 rows, multiply them from there. Barriers of a ring's slot
//     say that it is full, or empty.
//   * Scores are a product of queries and keys in shared memory. Weights stay
//   in
//     registers: what the tensor cores leave is what they take as left operand.
//   * The product of weights and values of a step is issued together with the
//     scores of the next one, whose softmax is computed meanwhile. That is the
//     *deferred* product: a contraction whose sum is a component of the carry
//     and read by nothing else in the step.
//   * Consumers take turns in issuing products, so that one computes its
//   softmax
//     while the tensor cores work for another.
//   * A kernel for few rows has one consumer, which waits for memory most of
//     its time. Two of its blocks share a multiprocessor where that has room.
//
// Shared memory, in this order: the tiles that stay (queries, later outputs),
// the rings, the barriers, the list of key ranges if there is one. Tiles lie in
// columns of 64 elements of 16 bits, lines of 128 bytes, whose eight chunks of
// 16 are exchanged by the line's number (the 128-byte swizzle).
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_TILETOGPU_KERNELEMITTER_H
#define ATTNC_LIB_CONVERSION_TILETOGPU_KERNELEMITTER_H

#include "ConvertedTile.h"
#include "KeySteps.h"
#include "attnc/Dialect/Attn/IR/Attn.h"

namespace attnc::gpu {

/// How the tile of a step gets into shared memory: as one box of its tensor, as
/// several that are runs of neighbours, or row by row; or through registers of
/// threads, which form it.
enum class Copy { Box, Runs, Rows, Formed };

/// A tile in shared memory that the tensor cores read.
struct SharedTile {
  /// What it is read from.
  tile::LoadOp load;
  int64_t rows = 0, columns = 0;
  /// What products multiply: the tile that is read, or one that is formed.
  Value tile = {};
  Copy copy = Copy::Box;
  /// Rows of one box.
  int64_t boxRows = 0;
  /// Whether rows behind the last key are to be zero: memory there may hold
  /// what is no number, and zero times that is no number either.
  bool isCleared = false;
  /// Of its first copy, in shared memory.
  int64_t place = 0;
  /// Barriers, by number: of slot 0; those of other slots follow. A tile that
  /// stays has one slot, and none that says it is empty.
  int64_t fullBarrier = 0, emptyBarrier = 0;

  static constexpr int64_t kLineBytes = 128, kLineElements = 64;
  int64_t getBlocks() const {
    return (columns + kLineElements - 1) / kLineElements;
  }
  int64_t getBlockBytes() const { return rows * kLineBytes; }
  int64_t getBytes() const { return getBlocks() * getBlockBytes(); }
  /// Whether its rows are anywhere, so that consumers copy them.
  bool isGathered() { return load && !load.getGather().empty(); }
};

class KernelEmitter {
public:
  KernelEmitter(PtxBuilder &builder, KernelArguments &arguments,
                tile::KernelOp kernel, attn::GpuTargetAttr target);

  /// Finds out what the kernel is made of; says what has no code yet.
  LogicalResult analyse();
  /// Emits the body at the builder's insertion point.
  LogicalResult emit();

  int64_t getThreads() const { return (consumers + 1) * kWarpgroupThreads; }
  /// Blocks that a multiprocessor has room for at once.
  int64_t getBlocksAtOnce() const { return blocksAtOnce; }
  int64_t getSharedBytes() const { return sharedBytes; }

private:
  using Scope = FragmentEmitter::Scope;
  /// A contraction that is issued with the next step's.
  struct Deferred {
    tile::ContractOp op;
    unsigned component = 0;
  };
  /// A step's number as the rings see it.
  struct Slot {
    Value number, parity;
  };
  /// What goes from step to step in registers: the carry, and the left operand
  /// of the deferred product.
  struct State {
    SmallVector<SmallVector<Value>> carry;
    SmallVector<Value> weights;
  };

  // AnalyseKernel.cpp.
  LogicalResult analyseContract(tile::ContractOp op);
  LogicalResult chooseCopies();
  void chooseCopy(SharedTile &tile) const;
  LogicalResult findDeferred();
  bool dependsOn(Value value, Value argument);
  LogicalResult placeTiles();
  SharedTile *find(MutableArrayRef<SharedTile> tiles, Value tile);

  // KernelEmitter.cpp: what all threads do.
  Value barrier(int64_t number) { return b.add(barriers, b.i32(8 * number)); }
  Value barrier(int64_t first, const Slot &slot);
  Slot getSlot(Value step);
  /// The address of a tile of a ring in shared memory.
  Value getPlace(const SharedTile &tile, const Slot &slot);
  /// Where a move begins in its memory, innermost first.
  template <typename OpT>
  SmallVector<Value> getCoordinates(OpT op, const IRMapping &here) {
    SmallVector<Value> coordinates;
    for (Value offset : llvm::reverse(op.getOffsets()))
      coordinates.push_back(b.cast(scalars.get(offset, here), b.getI32Type()));
    return coordinates;
  }
  /// What is known in a step.
  IRMapping enterStep(const KeySteps::Step &step);
  void initBarriers();
  LogicalResult emitScalars();
  void emitGridIndices();

  // EmitProducer.cpp.
  void emitProducer(const KeySteps &steps);
  void emitCopies(const KeySteps &steps);
  void copyStep(Value step, const IRMapping &here, Value &landing);
  void copyToSlot(const SharedTile &tile, const Slot &slot,
                  const IRMapping &here, Value &landing);
  void finishRows(size_t number, Value step, int64_t pending);
  void copyTile(const SharedTile &tile, Value slot, Value full,
                const IRMapping &known);
  void copyBoxes(const SharedTile &tile, Value place, Value full,
                 const IRMapping &here);
  void copyRuns(const SharedTile &tile, Value place, Value full,
                const IRMapping &here);
  void copyAndClear(const SharedTile &tile, Value place, Value full,
                    const IRMapping &here, Value &landing);
  void copyRows(const SharedTile &tile, Value place, const IRMapping &here);
  void clearRows(const SharedTile &tile, Value place, Value first);
  SmallVector<Value> getPlaceOfRow(tile::LoadOp load, Value row,
                                   const IRMapping &here);
  void arriveAsWarp(Value full);
  /// Whether all threads of the producer copy.
  bool isCopiedByAll() const {
    Copy copy = streams.front().copy;
    return copy == Copy::Rows || copy == Copy::Formed;
  }
  /// The number of threads that copy.
  int64_t countCopiers() const;
  /// Whether tiles are cleared in part.
  bool clearsTiles() const {
    return llvm::any_of(streams,
                        [](const SharedTile &tile) { return tile.isCleared; });
  }
  /// Registers of a thread.
  struct Registers {
    int64_t producer, consumer;
  };
  Registers getRegisters() const;
  /// What the keys of a step begin at a multiple of.
  int64_t getGranule() const;

  // EmitConversions.cpp.
  void emitConversions(const KeySteps &steps);
  size_t countPiecesAhead() const;

  // GatherTile.cpp.
  void gatherTile(const SharedTile &tile);

  // EmitConsumer.cpp.
  void emitConsumer(const KeySteps &steps);
  SmallVector<SmallVector<Value>> emitFold(const KeySteps &steps);
  Scope enterStep(const KeySteps::Step &step, const State &state);
  State emitStep(const KeySteps::Step &step, Value number, State state,
                 bool hasDeferred);
  void emitProducts(tile::ContractOp op, const Slot &slot, const Slot &previous,
                    State &state, bool hasDeferred, Scope &scope);
  void finishDeferred(const Slot &previous, State &state, Scope &scope);
  SmallVector<Value> multiplyShared(tile::ContractOp op, const Slot &slot);
  SmallVector<Value> multiplyWeights(ArrayRef<Value> weights,
                                     ArrayRef<Value> sums, const Slot &slot);
  Value describe(Value firstByte, int64_t leadingBytes);
  void release(const SharedTile &tile, const Slot &slot);
  /// The barrier of the threads of a strip, behind the turns of consumers.
  Value getStripBarrier() {
    return b.add(fragments.getStrip(), b.i32(1 + consumers));
  }
  void takeTurn();
  void passTurn();
  SmallVector<Value> flatten(const State &state);
  State unflatten(ValueRange values);

  // EmitStores.cpp.
  void emitStores(ArrayRef<SmallVector<Value>> carry);
  void emitStore(tile::StoreOp op, Scope &scope);
  void storeRows(tile::StoreOp op, Scope &scope);
  void storeMatrix(tile::StoreOp op, Scope &scope);
  void storeThroughShared(tile::StoreOp op, ArrayRef<Value> values,
                          Scope &scope);
  void storeElements(tile::StoreOp op, ArrayRef<Value> values, Scope &scope);

  PtxBuilder &b;
  KernelArguments &arguments;
  tile::KernelOp kernel;
  attn::GpuTargetAttr target;
  ScalarEmitter scalars;
  FragmentEmitter fragments;

  tile::FoldOp fold;
  /// Tiles that stay, and tiles of the rings, in the order of their copies.
  SmallVector<SharedTile> stationary, streams;
  /// What forms the tiles of the rings, if any of them has to be formed.
  SmallVector<ConvertedTile> conversions;
  Deferred deferred;
  int64_t consumers = 1, stages = 2, blocksAtOnce = 1;
  /// Barriers, and bytes of shared memory in front of them.
  int64_t numBarriers = 0, barrierPlace = 0, listPlace = 0, sharedBytes = 0;
  /// Where tiles arrive that are cleared in part before they are full.
  int64_t landingBarrier = 0;

  /// Addresses in shared memory: of tiles and of barriers.
  Value shared, barriers;
  /// The warpgroup's number, and the thread in its warpgroup.
  Value warpgroup, thread;
  IRMapping known;
};

} // namespace attnc::gpu

#endif // ATTNC_LIB_CONVERSION_TILETOGPU_KERNELEMITTER_H
