//===- KeyRanges.h - which keys a tile of queries visits --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loop bounds from a mask: for a tile of consecutive queries, the ranges of
// keys it has to visit, and inside each the part that needs no mask code, as
// closed forms in the position of the tile and the lengths. MaskSet.h explains
// the idea with a drawing; here are the results, their evaluation, and their
// translation to arith operations.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_ANALYSIS_KEYRANGES_H
#define ATTNC_ANALYSIS_KEYRANGES_H

#include "attnc/Analysis/MaskSet.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Value.h"
#include <memory>

namespace attnc {

/// The unknowns of a query tile, in the order in which they are the dims of the
/// affine expressions below.
enum class TileSymbol : unsigned {
  batch, ///< b >= 0
  head,  ///< h >= 0
  first, ///< absolute position of the first query; may be negative
  count, ///< number of queries in the tile, >= 1
  keys,  ///< number of keys, >= 0
};

/// The names under which the unknowns are printed, indexed by TileSymbol.
ArrayRef<StringRef> getTileSymbolNames();

/// Values for the unknowns, and for the parameters of the mask's set.
struct QueryTile {
  int64_t batch = 0, head = 0, first = 0, count = 1, keys = 0;
  SmallVector<int64_t, 2> parameters = {};
  /// The residue class, for a mask made by `reindexMask`.
  int64_t residue = 0;

  /// All of them, in the order of the dims of expressions.
  SmallVector<int64_t, 8> getValues() const {
    SmallVector<int64_t, 8> values = {batch, head, first, count, keys};
    values.append(parameters);
    return values;
  }
};

/// A function of a query tile: quasi-affine expressions (dims are TileSymbols
/// and then the parameters of the mask's set) under max, min and if. Immutable
/// and shared, so copying is cheap and two functions may have a part in common.
class KeyExpr {
public:
  enum class Kind { Affine, Max, Min, Select };

  static KeyExpr affine(AffineExpr expr);
  /// At least one operand; a single operand is returned as it is.
  static KeyExpr max(ArrayRef<KeyExpr> operands);
  static KeyExpr min(ArrayRef<KeyExpr> operands);
  static KeyExpr select(MaskExpr condition, KeyExpr ifTrue, KeyExpr ifFalse);

  Kind getKind() const;
  /// Affine only.
  AffineExpr getAffine() const;
  /// The operands of Max and Min; the two alternatives of Select.
  ArrayRef<KeyExpr> getOperands() const;
  /// Select only; its dims are TileSymbols, too.
  const MaskExpr &getCondition() const;
  /// Equal for handles of the same shared node.
  const void *getIdentity() const { return node.get(); }

  int64_t evaluate(const QueryTile &tile) const {
    return evaluate(tile.getValues());
  }
  /// The same for the values of a tile.
  int64_t evaluate(ArrayRef<int64_t> values) const;
  /// Whether the function depends on one of the parameters.
  bool usesParameter(unsigned parameter) const;

  /// Prints the function with `names` for the dims; parts for which `getName`
  /// returns something are printed as that.
  void print(raw_ostream &os, ArrayRef<StringRef> names,
             function_ref<StringRef(const KeyExpr &)> getName) const;

private:
  struct Node;
  explicit KeyExpr(std::shared_ptr<const Node> node) : node(std::move(node)) {}

  std::shared_ptr<const Node> node;
};

/// Keys to visit for one tile: [begin, end), of which [fullBegin, fullEnd) is
/// allowed to every query of the tile by one convex piece of the mask.
struct KeyRange {
  int64_t begin, fullBegin, fullEnd, end;
};

/// The four bounds as functions of the tile. For every tile with count >= 1 and
/// keys, b, h >= 0:
///
/// - 0 <= begin <= fullBegin <= fullEnd <= end <= keys;
/// - a piece without keys has begin == end, at any place in [0, keys].
struct KeyPiece {
  KeyExpr begin, fullBegin, fullEnd, end;
  /// Whether begin and end are the first allowed key of a convex part of the
  /// mask and the last one plus one.
  bool isExact = true;

  bool usesParameter(unsigned parameter) const {
    return begin.usesParameter(parameter) ||
           fullBegin.usesParameter(parameter) ||
           fullEnd.usesParameter(parameter) || end.usesParameter(parameter);
  }
};

class TilePieces;

/// All pieces of a mask. Every allowed key of a tile is in the [begin, end) of
/// some piece. Pieces may overlap and are in no particular order: who visits
/// them sorts by begin and never goes back.
class KeyRanges {
public:
  /// Masks with more convex pieces than this are not split into ranges.
  static constexpr unsigned maxPieces = 24;

  /// Derives the ranges. Never fails: a mask that is too complex gets one
  /// piece that visits every key under the predicate, and a reason. `context`
  /// is that of the mask's expressions.
  static KeyRanges get(const MaskSet &mask, MLIRContext *context);

  /// The pieces of which the part without mask code is derived; that of others
  /// is empty.
  enum class FullParts { ofAll, ofExactPieces, ofNone };
  static KeyRanges get(const TilePieces &pieces, FullParts fullParts);

  /// No pieces: the mask allows nothing.
  ArrayRef<KeyPiece> getPieces() const { return pieces; }

  /// Whether the begin and end of every piece are the first allowed key and the
  /// last one plus one of a convex part of the mask. If not, ranges are still
  /// correct but visit more than necessary.
  bool isExact() const { return reason.empty(); }
  /// Why the ranges are not exact, in words for a remark; empty if they are.
  StringRef getReason() const { return reason; }

  /// The ranges of one tile, one per piece.
  SmallVector<KeyRange> evaluate(const QueryTile &tile) const;

  /// Prints four lines a piece: end, begin, fullBegin and fullEnd, each in
  /// terms of those before it.
  void print(raw_ostream &os) const;

private:
  SmallVector<KeyPiece> pieces;
  SmallVector<std::string> parameterNames;
  std::string reason;
};

/// The four bounds of a piece as values of type index.
struct KeyRangeValues {
  Value begin, fullBegin, fullEnd, end;
};

/// Emits the bounds of every piece of `ranges` with operations of the arith
/// dialect at the insertion point of `builder`. All values are of type index.
/// Common parts of the bounds are emitted once. `parameters` are the values of
/// the parameters of the mask's set; one that no piece uses may be null.
SmallVector<KeyRangeValues> emitKeyRanges(OpBuilder &builder, Location loc,
                                          ArrayRef<KeyPiece> pieces, Value b,
                                          Value h, Value first, Value count,
                                          Value keys,
                                          ArrayRef<Value> parameters = {});

/// Emits a predicate, as i1. `dims` are of type index, or all of the same
/// statically shaped tensor or vector type of index; the result then has that
/// shape. The mask must convert to a set.
Value emitPredicate(OpBuilder &builder, Location loc, const MaskExpr &mask,
                    ValueRange dims);

/// Emits a quasi-affine expression, on scalars or shaped values likewise.
Value emitAffine(OpBuilder &builder, Location loc, AffineExpr expr,
                 ValueRange dims);

} // namespace attnc

#endif // ATTNC_ANALYSIS_KEYRANGES_H
