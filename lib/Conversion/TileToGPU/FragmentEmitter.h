//===- FragmentEmitter.h - tiles in the registers of a warpgroup -*- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Computes tile values in registers. The rows of a tile are cut in strips of
// 64, one for each consumer warpgroup, and a strip is spread over its threads
// as the tensor cores leave their sums: thread `lane` of warp `w` has rows 16 w
// + lane / 4 and 8 below, and of each eight columns the two from 2 (lane mod 4)
// on:
//
//     element 4 c + 2 h + e   row 16 w + lane / 4 + 8 h,
//                             column 8 c + 2 (lane mod 4) + e
//
// What does not depend on the column is kept once for each row (two values),
// what does not depend on the row once for each column, and what depends on
// neither once.
//
// Elementwise ops are computed where they are needed, once in each scope.
//
// Where no tensor cores are used a thread may instead have one element of each
// tile, that of its *point*, a row and a column.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_TILETOGPU_FRAGMENTEMITTER_H
#define ATTNC_LIB_CONVERSION_TILETOGPU_FRAGMENTEMITTER_H

#include "ScalarEmitter.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace attnc::gpu {

/// Rows of a strip: what one warpgroup multiplies.
inline constexpr int64_t kStripRows = 64;

/// What a tile of rank 1 runs along, where it is read.
enum class Axis { Both, Rows, Columns };

/// The part of a tile that one thread has.
struct Fragment {
  enum class Kind { Splat, Rows, Columns, Full };

  Kind kind = Kind::Splat;
  SmallVector<Value> values;
  /// Integers that stay within i32 when a few of them are added.
  bool isSmall = false;
  /// What elements beyond the last key of a step are, where that is known.
  std::optional<double> beyond;

  /// The value of element `i` of a full fragment of the same tile.
  Value get(int64_t i) const;
  /// The value of element `i` of a fragment of `asKind`.
  Value get(int64_t i, Kind asKind) const;
  static int64_t getCount(Kind kind, int64_t columns);
};

class FragmentEmitter {
public:
  /// What is known at one point of the emitted code.
  struct Scope {
    IRMapping scalars;
    llvm::DenseMap<std::pair<Value, int>, Fragment> fragments;
    /// In a step: its keys, an i32, and whether all of a whole tile are
    /// allowed.
    Value keys, isFull;
    /// The number of keys as the step's ops know it.
    Value keysOperand;
  };

  FragmentEmitter(PtxBuilder &builder, KernelArguments &arguments,
                  ScalarEmitter &scalars)
      : b(builder), arguments(arguments), scalars(scalars) {}

  /// To be called where strips are known: `strip` is a warpgroup's number.
  void setPlace(Value strip, Value warp, Value lane);
  /// From here on a thread has one element of each tile.
  void setPoint(Value row, Value column);

  Value getRow(int64_t half) { return rows[half]; }
  /// Column `pair` of those that the thread has.
  Value getColumn(int64_t pair);
  Value getLane() const { return lane; }
  Value getStrip() const { return strip; }

  /// A tile's fragment. `axis` says what a tile of rank 1 runs along.
  Fragment evaluate(Value tile, Axis axis, Scope &scope);
  /// The same with a value for each element of the tile.
  SmallVector<Value> evaluateAll(Value tile, Axis axis, Scope &scope);
  /// The same of a tile that runs along rows, as those that are carried do.
  SmallVector<Value> evaluateRows(Value tile, Scope &scope) {
    return evaluateAll(tile, Axis::Rows, scope);
  }
  /// Says what the elements of such a tile are.
  void setRows(Value tile, ArrayRef<Value> values, Scope &scope);
  /// How many values a thread has of such a tile.
  static int64_t countRows(Value tile);

  /// Adds to a place in memory what index tiles have for the row of the
  /// thread's point.
  void addGathered(ValueRange gather, std::optional<ArrayRef<int64_t>> axes,
                   MutableArrayRef<Value> place, Scope &scope);

  void lowerReduce(tile::ReduceOp op, Scope &scope);

  /// Left operand registers of a product along the keys: pairs of `tile`, which
  /// is rounded from f32.
  SmallVector<Value> evaluateOperand(Value tile, Scope &scope);

  /// Says that an op has no code for a GPU.
  void refuse(Operation *op, const Twine &why);
  bool hasFailed() const { return failed; }

private:
  static int64_t columnsOf(Value tile);
  int64_t getCount(Fragment::Kind kind, int64_t columns) const {
    return isPoint ? 1 : Fragment::getCount(kind, columns);
  }
  static Fragment::Kind kindOf(Value tile, Axis axis);
  static std::pair<Value, int> keyOf(Value tile, Axis axis);
  Fragment evaluateOp(Operation *op, Value tile, Axis axis, Scope &scope);
  Fragment evaluateConstant(mlir::DenseElementsAttr value, Type element);
  Fragment evaluateSplat(Value scalar, Scope &scope);
  bool isSmall(Value scalar, int64_t depth = 0);
  Fragment evaluateIota(tile::IotaOp op, Axis axis, Scope &scope);
  Fragment evaluateElementwise(Operation *op, Axis axis, Scope &scope);
  void matchIntegers(Operation *op, MutableArrayRef<Fragment> operands,
                     bool &isSmall);
  Value emitElement(Operation *op, ArrayRef<Value> operands);
  std::optional<double> getBeyond(Operation *op, ArrayRef<Fragment> operands);
  Fragment evaluateGuard(tile::GuardOp op, Scope &scope);
  Fragment evaluateBranch(mlir::scf::IfOp op, Value tile, Axis axis,
                          Scope &scope);
  Fragment evaluateGather(tile::GatherOp op, Axis axis, Scope &scope);
  Fragment evaluateLoad(tile::LoadOp op, Axis axis, Scope &scope);
  /// The fragment with `value` beyond the last key of the step.
  Fragment setBeyond(Fragment fragment, double value, int64_t columns,
                     Scope &scope);
  SmallVector<Value> findKeys(int64_t columns, Scope &scope);
  SmallVector<Value>
  changeUnlessFull(SmallVector<Value> values, Scope &scope,
                   function_ref<void(MutableArrayRef<Value>)> change);
  Fragment spread(const Fragment &fragment, int64_t columns);

  PtxBuilder &b;
  KernelArguments &arguments;
  ScalarEmitter &scalars;
  Value strip, lane;
  /// The thread's rows in the tile, and twice its number in a row's four.
  Value rows[2], firstColumn;
  bool isPoint = false, failed = false;
};

} // namespace attnc::gpu

#endif // ATTNC_LIB_CONVERSION_TILETOGPU_FRAGMENTEMITTER_H
