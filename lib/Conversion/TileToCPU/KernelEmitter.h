//===- KernelEmitter.h - one tile kernel as vector loops --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lowers one `tile.kernel`. The rules, once:
//
//   * The independent axis (IndependentAxis.h) is cut into strips of `lanes`
//     elements, `lanes / width` vectors. A tile with that axis lives in buffers
//     [strip][other axis][lane]: transposed, if the axis is the first. A shared
//     tile lives in rows, its last axis along the lanes.
//   * Elementwise tiles are not stored: they are computed where a *root* op (a
//     reduction, contraction, store or carry) reads them, one vector at a time.
//     Exceptions are tiles that several roots read; the first root stores them
//     as it goes, over the buffer of an operand that is not needed any more if
//     there is one.
//   * A contraction keeps a block of rows times one strip in registers: each
//     step along the contracted axis broadcasts one scalar per row and
//     multiplies it with the strip's vectors.
//   * Operands of bf16 lie in pairs along the contracted axis: two elements are
//     one word of 32 bits, so a tile of them is one of f32 with half as many
//     (LowerPairs.cpp).
//   * The body of a fold's step is emitted for a block of keys once for what
//     all strips share, and once for the rest, for each strip. Full and
//     boundary ranges run the same code but for guards: those are a pass of
//     their own over their tile, which a full range skips.
//   * In a kernel whose folds have no independent axis there are no strips:
//     every tile is shared, and keys and values are read in place, row by row
//     (LowerUncut.cpp).
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_TILETOCPU_KERNELEMITTER_H
#define ATTNC_LIB_CONVERSION_TILETOCPU_KERNELEMITTER_H

#include "IndependentAxis.h"
#include "Placement.h"
#include "attnc/Dialect/Attn/IR/Attn.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace attnc::cpu {

class KernelEmitter {
public:
  KernelEmitter(mlir::ImplicitLocOpBuilder &builder, tile::KernelOp kernel,
                IndependentAxis axes, attn::CpuTargetAttr target);

  /// Emits the kernel in front of it, as one scf.parallel over its grid.
  LogicalResult emit();

private:
  /// What is known at one point of the emitted code.
  struct Scope {
    IRMapping scalars;
    llvm::DenseMap<Value, Placement> placed;
    /// Copies of shared tiles with their first axis along the lanes.
    llvm::DenseMap<Value, Placement> transposed;
    /// The current strip, or null outside of strips.
    Value strip;
    /// In a step over a range of keys: an i1, true where the range is full and
    /// guards are the identity. Null where guards are applied always.
    Value isFull;
  };
  /// Values already computed for one index; a rank-1 tile read through a
  /// broadcast is keyed by the axis it is broadcast along.
  using Memo = llvm::DenseMap<std::pair<Value, int64_t>, Value>;
  using IndexFn = function_ref<void(const TileIndex &, Scope &)>;

  // KernelEmitter.cpp: values and loops.
  Value constant(int64_t value);
  Value asVector(Value scalar);
  Value allocate(ArrayRef<int64_t> shape);
  static int64_t paddedRows(int64_t rows);
  Placement allocateFor(Value tile, bool hasStrips);
  Placement allocateTemporary(Value tile, const Scope &scope);
  Value scalar(Value value, const Scope &scope) const {
    return scope.scalars.lookupOrDefault(value);
  }
  /// Vectors that cover `size` lanes.
  int64_t vectorsIn(int64_t size) const {
    return llvm::divideCeil(size, width);
  }
  AxisIndex chunkIndex(int64_t chunk);
  Value evaluate(Value tile, const TileIndex &index, Scope &scope, Memo &memo,
                 int64_t broadcastAxis = kRoot);
  Value evaluateOp(Operation *op, const TileIndex &index, Scope &scope,
                   Memo &memo, int64_t broadcastAxis);
  Value evaluateIota(tile::IotaOp op, const AxisIndex &index, Scope &scope);
  Value evaluateRepeat(tile::RepeatOp op, const TileIndex &index, Scope &scope);
  Value evaluateGather(tile::GatherOp op, Value index, Scope &scope);
  Value evaluateElementwise(Operation *op, const TileIndex &index, Scope &scope,
                            Memo &memo, int64_t broadcastAxis);
  SmallVector<Value> evaluateStrip(Value tile, Scope &scope);
  void forEachStrip(Scope &scope, function_ref<void(Scope &)> body);
  void forEachVector(Value tile, Scope &scope, IndexFn body);
  void finishPending(Scope &scope);
  void store(Value tile, Value destination, const Placement &target,
             Scope &scope);
  void materialize(Value tile, Scope &scope);
  Placement inPlaceOrTemporary(Value tile, Scope &scope);
  static bool isStepOf(Value value, Operation *op);
  bool diesInto(Value leaf, Value tile, const Scope &scope) const;
  bool needsBuffer(Value tile) const;
  static int64_t pairAxisOf(Value tile);
  Value extentOf(Value tile, int64_t axis, const Scope &scope);
  int64_t keyAxisOf(Value tile) const;

  // LowerTileOps.cpp: one op at a time, guards and branches.
  LogicalResult lowerBlock(Block &block, Scope &scope, bool sharedOnly);
  LogicalResult lowerOp(Operation *op, Scope &scope);
  void lowerElementwise(Operation *op, Scope &scope);
  void lowerGuard(tile::GuardOp op, Scope &scope);
  LogicalResult lowerIf(mlir::scf::IfOp op, Scope &scope);
  Placement ifResultPlacement(mlir::scf::IfOp op, unsigned result,
                              Scope &scope);
  LogicalResult lowerBranch(mlir::scf::IfOp op, Block &source, Block *target,
                            ArrayRef<Placement> results, Scope scope);

  // LowerMoves.cpp.
  template <typename OpT>
  SmallVector<Value> memoryAddress(OpT op, ArrayRef<Value> index, Scope &scope);
  Value wholeVectors(Value size);
  SmallVector<Value> transpose(ArrayRef<Value> rows);
  template <typename OpT>
  bool runsAlongMemory(OpT op) const;
  bool isReadInPlace(tile::LoadOp op, const Scope &scope) const;
  void lowerLoad(tile::LoadOp op, Scope &scope);
  Placement viewOf(tile::LoadOp op, Scope &scope);
  void placeRows(tile::LoadOp op, Placement &view, Scope &scope);
  void loadRows(tile::LoadOp op, const Placement &target, Value firstLane,
                int64_t lanes, Scope &scope);
  void loadTransposed(tile::LoadOp op, const Placement &target, Scope &scope);
  void lowerStore(tile::StoreOp op, Scope &scope);
  Value validLanes(tile::StoreOp op, Value start, Scope &scope);
  void storeElements(tile::StoreOp op, Value firstColumn, Scope &scope);
  void storeTransposed(tile::StoreOp op, Scope &scope);
  void storeRow(tile::StoreOp op, const TileIndex &index, Value vector,
                Value memoryLane, Value lanesLeft, Scope &scope);

  // NearRows.cpp.
  Value areRowsFar(tile::LoadOp op, Scope &scope);
  Placement nearRows(tile::LoadOp op, Scope &scope);

  // LowerReduce.cpp.
  void lowerReduce(tile::ReduceOp op, Scope &scope);
  void reduceAlongLanes(tile::ReduceOp op, Scope &scope);
  Value reduceRow(tile::ReduceKind kind, Value extent,
                  function_ref<Value(const AxisIndex &)> read);
  LogicalResult lowerCumulativeSum(tile::CumulativeSumOp op, Scope &scope);
  SmallVector<Value> evaluateValid(Value tile, Scope &scope);
  void lowerAny(tile::AnyOp op, Scope &scope);

  // LowerRecurrences.cpp.
  struct DecayedBlock;
  Value splat(float value);
  Value firstLanes(int64_t count, Value vector, Value otherwise);
  SmallVector<Value> rowsUpTo(Value last, Value first, int64_t count);
  void lowerTranspose(tile::TransposeOp op, Scope &scope);
  LogicalResult lowerFlip(tile::FlipOp op, Scope &scope);
  LogicalResult lowerCumulativeProduct(tile::CumulativeProductOp op,
                                       Scope &scope);
  LogicalResult lowerDecayedProduct(tile::DecayedProductOp op, Scope &scope);
  void decayedRows(const DecayedBlock &block, Value row, int64_t own,
                   Scope &scope);
  LogicalResult lowerSolve(tile::SolveOp op, Scope &scope);

  // LowerContract.cpp.
  void lowerContract(tile::ContractOp op, Scope &scope);
  void lowerMatrixVector(tile::ContractOp op, Scope &scope);
  struct ContractBlock;
  void contractRows(const ContractBlock &block, Value row, int64_t rows,
                    Scope &scope);
  void contractLanes(ContractBlock &block, Scope &scope);
  SmallVector<Value> addProducts(const ContractBlock &block, Value begin,
                                 Value end, ArrayRef<Value> rows,
                                 ArrayRef<Value> sums, bool isHalf,
                                 Scope &scope);
  SmallVector<Value> sumProducts(const ContractBlock &block,
                                 ArrayRef<Value> rows, ArrayRef<Value> init,
                                 Scope &scope);
  Placement lanesOf(Value tile, int64_t laneAxis, Scope &scope);
  void copyTransposed(Value tile, const Placement &from,
                      const Placement &target, Scope &scope);
  Placement accumulatorPlacement(tile::ContractOp op, Scope &scope);
  int64_t rowsPerBlock(int64_t vectors) const;

  // LowerPairs.cpp: operands of bf16.
  /// Rows along a contracted axis to be rounded and stored in pairs, and what
  /// becomes of them besides.
  struct RoundedRows {
    mlir::arith::TruncFOp op;
    Placement target;
    Value extent;
    SmallVector<AxisIndex> lanes = {};
    function_ref<Value(Value sum, Value vector)> combine = nullptr;
  };
  LogicalResult checkPairs();
  bool isPairProduct(tile::ContractOp op) const;
  Value leftOut(const Placement &placement);
  mlir::arith::TruncFOp roundingOf(tile::ReduceOp op, const Scope &scope) const;
  Value asWords(Value vector);
  Value packPair(Value first, Value second);
  SmallVector<Value> storePair(const RoundedRows &rounded, Value pair,
                               ArrayRef<Value> rows,
                               function_ref<Value(ArrayRef<Value>)> pack,
                               ValueRange sums, Scope &scope);
  SmallVector<Value> roundInPairs(const RoundedRows &rounded,
                                  ArrayRef<Value> sums, Scope &scope);
  void materializePairs(Value tile, Scope &scope);
  void loadPairs(tile::LoadOp op, const Placement &target, Scope &scope);
  Value loadHalf(Value memory, ArrayRef<Value> address);
  Value addPairProducts(Value sum, Value factors, Value lanes);

  // ProductRows.cpp.
  /// The right operand of a product: numbers in memory or in a buffer, and what
  /// is formed of them where they are read, if anything is.
  struct ProductRows {
    Placement placement;
    Value formed, numbers;
    Scope *scope = nullptr;
    /// What sums of their products are multiplied with.
    float factor = 1;
  };
  bool isReadByRows(Value tile) const;
  tile::LoadOp rowsOf(Value tile) const;
  bool isFormedWhereRead(Value tile) const;
  bool isReadInPlace(tile::LoadOp op) const;
  ProductRows productRows(Value tile, Scope &scope);
  Value readColumns(const Placement &placement, Value row, Value column,
                    int64_t count, bool scaled = true);
  SmallVector<Value> readVectors(const Placement &placement, Value row,
                                 Value column, int64_t vectors,
                                 bool scaled = true);
  SmallVector<Value> readVectors(const ProductRows &rows, Value row,
                                 Value column, int64_t vectors);
  ProductRows decodeRows(const ProductRows &rows, Value tile, Value extent);
  void withRows(Value tile, Value extent, Value numRows, int64_t capacity,
                Scope &scope, function_ref<void(const ProductRows &)> body);
  static int64_t decodedAtOnce(const Placement &placement, int64_t vectors);
  NextRows rowsAfter(tile::ContractOp op, Scope &scope);
  void prefetch(const NextRows &rows, Value firstRow, Value line,
                int64_t count);

  // LowerUncut.cpp.
  struct DotProduct {
    Placement lhs, target;
    ProductRows rhs;
    NextRows next;
    int64_t dim;
    Value keyExtent;
  };
  struct WeightedSum {
    tile::ContractOp op;
    Placement weights, target;
    ProductRows values;
    NextRows next;
    /// The keys that are summed, and the vectors of a row.
    Value extent;
    int64_t vectors;
  };
  bool isDotProduct(tile::ContractOp op) const;
  bool isWeightedSum(tile::ContractOp op) const;
  void forEachRowBlock(Value rows, int64_t capacity,
                       function_ref<void(Value row, int64_t count)> body);
  Value sumLanes(ArrayRef<Value> vectors);
  SmallVector<Value> sumProducts(const DotProduct &dots, ArrayRef<Value> rows,
                                 Value firstKey, ArrayRef<Value> keys);
  void contractDots(const DotProduct &dots, Value row, int64_t count, Value key,
                    int64_t keys);
  void contractKeys(const DotProduct &dots, Value rows, int64_t capacity,
                    int64_t keyTile);
  void lowerDotProduct(tile::ContractOp op, Scope &scope);
  int64_t columnsPerBlock(int64_t vectors, int64_t rows) const;
  SmallVector<Value> addKeys(const WeightedSum &sum, ArrayRef<Value> rows,
                             ArrayRef<AxisIndex> lanes, Value key, int64_t keys,
                             ValueRange partial);
  SmallVector<Value> sumKeys(const WeightedSum &sum, ArrayRef<Value> rows,
                             ArrayRef<AxisIndex> lanes, Value pass,
                             ArrayRef<Value> init);
  void sumRows(const WeightedSum &sum, Value row, int64_t count, Scope &scope);
  void lowerWeightedSum(tile::ContractOp op, Scope &scope);

  // ShareStrips.cpp.
  bool canShareStrips();
  Value countParts();
  void beginPart(Value part, Value parts);
  void inFirstPart(function_ref<void()> body);

  // LowerFold.cpp.
  static tile::VisitOp getOnlyVisit(tile::FoldOp op);
  LogicalResult lowerFold(tile::FoldOp op, Scope &scope);
  SmallVector<Value> keyRange(tile::FoldOp op, Value first, Value count,
                              Scope &scope);
  std::pair<Value, Value> rowsOfStrip(tile::FoldOp op, Scope &scope);
  LogicalResult
  forEachBlock(tile::FoldOp op, Value begin, Value end,
               function_ref<LogicalResult(Value key, Value keys)> body);
  Value activeStrips(Scope &scope);
  LogicalResult lowerBlockOfKeys(tile::FoldOp op, ValueRange bounds, Value key,
                                 Value keys, ArrayRef<Placement> carry,
                                 Scope scope);
  LogicalResult lowerSharedPart(tile::FoldOp op, Value key, Value keys,
                                ArrayRef<Placement> carry, Scope &scope);
  void askForNext(tile::FoldOp op, Value key, Scope &scope);
  template <typename OpT>
  void askForRows(tile::FoldOp op, OpT move, Value key, bool isWrite,
                  Scope &scope);
  LogicalResult lowerStrip(tile::FoldOp op, ValueRange bounds, Value key,
                           Value keys, ArrayRef<Placement> carry, Scope &scope);
  LogicalResult lowerClassifiedStep(tile::FoldOp op, Value isFull,
                                    Value blockKey, Value key, Value keys,
                                    ArrayRef<Placement> carry, Scope &scope);
  LogicalResult lowerUncutFold(tile::FoldOp op, ArrayRef<Placement> carry,
                               Scope &scope);
  LogicalResult lowerUncutRange(tile::FoldOp op, Value begin, Value end,
                                Value isFull, ArrayRef<Placement> carry,
                                Scope &scope);
  LogicalResult lowerStep(tile::FoldOp op, Value blockKey, Value key,
                          Value keys, ArrayRef<Placement> carry, Scope scope);
  LogicalResult storeCarry(tile::FoldOp op, ArrayRef<Placement> carry,
                           bool shared, Scope &scope);

  // LowerInMemory.cpp.
  template <typename OpT>
  bool movesWholeStrips(OpT op) const;
  tile::StoreOp memoryOfResult(tile::FoldOp op, unsigned i) const;
  bool isReadByFirstStep(Value tile) const;
  template <typename OpT>
  Placement placeInMemory(OpT op, Scope &scope);
  std::optional<Placement> placeCarryInMemory(tile::FoldOp op, unsigned i,
                                              Scope &scope);
  void moveUnfolded(tile::FoldOp op, Value begin, Value end, Scope &scope);
  Placement placeAtStep(const MemoryCarry &carry, Value key);

  // LowerSegments.cpp.
  LogicalResult lowerSegments(tile::FoldOp op, ArrayRef<Placement> carry,
                              Scope &scope);
  void collectSegments(tile::FoldOp op, Value list, Value first, Value count,
                       Scope &scope);
  /// Lists of the runtime, the first of them at the address `first`.
  struct SegmentLists {
    Value first;
    int64_t count = 0;
  };
  SegmentLists allocateLists(int64_t count);
  Value listAt(const SegmentLists &lists, Value index);
  void forEachList(const SegmentLists &lists, function_ref<void(Value)> body);
  LogicalResult forEachSegment(
      Value list, Value count,
      function_ref<LogicalResult(Value begin, Value end, Value isFull)> body);
  LogicalResult
  forEachBlockOfList(tile::FoldOp op, Value list, ArrayRef<Placement> carry,
                     Scope &scope,
                     function_ref<LogicalResult(Value key, Value keys,
                                                Value isFull, Scope &strip)>
                         body);
  LogicalResult lowerStripSegments(tile::FoldOp op, ArrayRef<Placement> carry,
                                   Scope &scope);
  SmallVector<Value> callRuntime(StringRef function, ValueRange arguments,
                                 bool hasResult = true);

  static constexpr int64_t kRoot = -1;
  /// Rows that keys and values in place are read for at once, at most.
  static constexpr int64_t kRowsInPlace = 4;
  /// Rows that a contraction works on at once, at most.
  static constexpr int64_t kLargestRowBlock = 8;

  mlir::ImplicitLocOpBuilder &b;
  tile::KernelOp kernel;
  IndependentAxis axes;
  int64_t width, registers, l1Bytes, l2Bytes;
  /// Whether an instruction multiplies pairs of bf16.
  bool hasPairProducts;
  /// Where buffers of an instance are allocated. A later pass frees them.
  OpBuilder::InsertPoint allocationPoint;
  /// Tiles that the root op being emitted stores as it goes.
  llvm::DenseMap<Value, Placement> pending;
  /// Components of carries that are kept in memory, by the step's argument.
  llvm::DenseMap<Value, MemoryCarry> inMemory;
  /// The root op being emitted.
  Operation *root = nullptr;
  /// Whether there are folds, none of which has an independent axis.
  bool isUncut = false;
  /// The fold whose rows decide which strips there are, if any.
  tile::FoldOp rowFold;
  /// In a part of an instance: its strips, and whether it is the first one,
  /// which stores what strips share. Null if an instance is one part.
  Value firstStrip, endStrip, isFirstPart;
};

} // namespace attnc::cpu

#endif // ATTNC_LIB_CONVERSION_TILETOCPU_KERNELEMITTER_H
