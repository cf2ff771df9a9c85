//===- KernelEmitter.h - one tile kernel with a fold --------------*- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lowers one `tile.kernel` with a fold to a block of a GPU, in the manner of
// FlashAttention-3 (Shah et al. 2024):
//
//   * Threads of a producer copy tiles of keys and values to rings in shared
//     memory; consumer warpgroups, each with 64 rows, multiply them from there.
//     Barriers of a ring's slot say that it is full, or empty. Where units copy
//     in bulk (sm_90a) the producer is a warpgroup, of which one thread is busy
//     where a tile is a box of its tensor, a warp or all where it is made of
//     pages (EmitProducer.cpp), and all where numbers are converted on the way
//     (EmitConversions.cpp). Elsewhere it is a warp, which copies in chunks
//     (CopyChunks.cpp).
//   * Scores are a product of queries and keys in shared memory. Weights stay
//     in registers: what the tensor cores leave is what they take as left
//     operand. How they multiply is in Products.h.
//   * Where products run beside the threads, that of weights and values of a
//     step is issued together with the scores of the next one, whose softmax is
//     computed meanwhile. That is the *deferred* product: a contraction whose
//     sum is a component of the carry and read by nothing else in the step.
//     Elsewhere it is computed in its own step: the scores of other warps are
//     what overlaps with a softmax.
//   * Consumers take turns in issuing deferred products, so that one computes
//     its softmax while the tensor cores work for another.
//   * A kernel for few rows has one consumer, which waits for memory most of
//     its time. Two of its blocks share a multiprocessor where that has room.
//
// Shared memory, in this order: the tiles that stay (queries, later outputs),
// the rings, the barriers, the list of key ranges if there is one. How tiles
// lie is in SharedTile.h.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_TILETOGPU_KERNELEMITTER_H
#define ATTNC_LIB_CONVERSION_TILETOGPU_KERNELEMITTER_H

#include "ConvertedTile.h"
#include "KeySteps.h"
#include "Products.h"

namespace attnc::gpu {

class KernelEmitter {
public:
  KernelEmitter(PtxBuilder &builder, KernelArguments &arguments,
                tile::KernelOp kernel, attn::GpuTargetAttr target);

  /// Finds out what the kernel is made of; says what has no code yet.
  LogicalResult analyse();
  /// Emits the body at the builder's insertion point.
  LogicalResult emit();

  int64_t getThreads() const {
    return consumers * kWarpgroupThreads + getProducerThreads();
  }
  /// Blocks that a multiprocessor has room for at once.
  int64_t getBlocksAtOnce() const { return blocksAtOnce; }
  int64_t getSharedBytes() const { return sharedBytes; }

private:
  using Scope = FragmentEmitter::Scope;
  /// A contraction whose sum is carried, and which may be issued with the next
  /// step's.
  struct Deferred {
    tile::ContractOp op;
    unsigned component = 0;
  };
  /// A step's number as the rings see it.
  struct Slot {
    Value number, parity;
  };
  /// What goes from step to step in registers: the carry, and the left operand
  /// of the deferred product if that is issued with the next step's.
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
  /// Whether tiles are copied in chunks, by a warp behind the consumers; in
  /// front of them there is a warpgroup otherwise, which gives them registers.
  bool copiesChunks() const {
    return target.getCopies() == attn::GpuCopies::Chunks;
  }
  int64_t getProducerThreads() const {
    return copiesChunks() ? kWarpThreads : kWarpgroupThreads;
  }
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

  // CopyChunks.cpp: tiles without bulk copies.
  void copyChunks(const SharedTile &tile, Value place, Value full,
                  const IRMapping &here);
  void copyNeighbours(const SharedTile &tile, Value place,
                      const IRMapping &here);
  void copyScattered(const SharedTile &tile, Value place,
                     const IRMapping &here);
  void storeChunks(tile::StoreOp op, const SharedTile &output, Scope &scope);

  // EmitConsumer.cpp.
  void emitConsumer(const KeySteps &steps);
  SmallVector<SmallVector<Value>> emitFold(const KeySteps &steps);
  Scope enterStep(const KeySteps::Step &step, const State &state);
  void emitStationary();
  State emitSteps(const KeySteps &steps, const KeySteps::Cursor &cursor,
                  int64_t first, State state);
  State emitStep(const KeySteps::Step &step, Value number, State state,
                 bool hasDeferred);
  void emitProducts(tile::ContractOp op, const Slot &slot, const Slot &previous,
                    State &state, bool hasDeferred, Scope &scope);
  void finishDeferred(const Slot &previous, State &state, Scope &scope);
  SmallVector<Value> multiplyShared(tile::ContractOp op, const Slot &slot);
  SmallVector<Value> multiplyWeights(ArrayRef<Value> weights,
                                     ArrayRef<Value> sums, const Slot &slot);
  void emitDeferred(const Slot &slot, State &state);
  void release(const SharedTile &tile, const Slot &slot);
  /// The barrier of the threads of a strip, behind the turns of consumers.
  Value getStripBarrier() {
    return b.add(fragments.getStrip(), b.i32(1 + consumers));
  }
  bool takesTurns() const {
    return consumers > 1 && products->isAsynchronous();
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
  void storeBoxes(tile::StoreOp op, const SharedTile &output, Scope &scope);
  void storeElements(tile::StoreOp op, ArrayRef<Value> values, Scope &scope);

  PtxBuilder &b;
  KernelArguments &arguments;
  tile::KernelOp kernel;
  attn::GpuTargetAttr target;
  ScalarEmitter scalars;
  FragmentEmitter fragments;
  std::unique_ptr<Products> products;

  tile::FoldOp fold;
  /// Tiles that stay, and tiles of the rings, in the order of their copies.
  SmallVector<SharedTile> stationary, streams;
  /// Of each tile that stays, what products take of a consumer's strip.
  SmallVector<SmallVector<Value>> strips;
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
