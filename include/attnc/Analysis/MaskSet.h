//===- MaskSet.h - a mask is a set ------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The mathematical object behind every attention mask: the set of (query, key)
// positions that may see each other. This file holds the conversion of a
// predicate (MaskExpr.h) to a union of integer polyhedra
// (MaskSet). KeyRanges.h turns the set into loop bounds.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_ANALYSIS_MASKSET_H
#define ATTNC_ANALYSIS_MASKSET_H

#include "attnc/Analysis/MaskExpr.h"
#include "mlir/Analysis/Presburger/PresburgerRelation.h"
#include "llvm/Support/Error.h"
#include <optional>

namespace attnc {

// # A mask is a set
//
// The idea in one sentence: an attention mask is the set of (b, h, q, k) for
// which query q may look at key k, and because that set is described by
// quasi-affine comparisons, the questions a kernel asks about whole tiles have
// answers in closed form, for lengths that are not known yet.
//
// ## A worked example
//
// The mask "causal, and at most five keys back":
//
//     k <= q and q - k <= 5
//
// A tile holds the queries 6, 7 and 8; there are 12 keys.
//
//           k   0 1 2 3 4 5 6 7 8 9 10 11
//      q = 6    . # # # # # # . . . .  .
//      q = 7    . . # # # # # # . . .  .
//      q = 8    . . . # # # # # # . .  .
//                 ^   ^       ^   ^
//             begin   |       |   end = 9
//               = 1   |       fullEnd = 7
//                     fullBegin = 3
//
// - Keys outside [1, 9) are forbidden to all three queries: never visited.
// - Keys in [3, 7) are allowed to all three: visited without any mask code.
// - The rest of [1, 9) needs the predicate, element by element.
//
// With `first` = 6 and `count` = 3 left as symbols, the same four numbers are
//
//     begin     = max(0, first - 5)
//     end       = min(keys, first + count)
//     fullBegin = max(0, first + count - 6)
//     fullEnd   = min(keys, first + 1)
//
// (each clamped so that begin <= fullBegin <= fullEnd <= end for every value of
// the symbols). They were not written by hand for this mask. `begin` and `end`
// are the smallest and one past the largest k in the projection of
//
//     { (q, k) : mask, first <= q < first + count, 0 <= k < keys }
//
// on k; `fullBegin` and `fullEnd` cut away the projection of the same tile
// beyond each *side* of the mask: here, the keys after `first` and those more
// than five before the last query.
//
// ## Six instances
//
//   causal            k <= q                           one convex piece
//   window            q - l <= k and k <= q + r        one convex piece
//   attention sinks   k < 4 or k <= q and q - k < w    two pieces
//   block diagonal    q floordiv 8 == k floordiv 8     one, with two divisions
//   dilated           (q - k) mod 4 == 0 and a window  one lattice: all partial
//   per head          h < 2 or k <= q                  two, one only for h < 2
//
// ## Why a set, and not a tensor or a list of kinds
//
// A tensor of n x n booleans (or of tiles, "block masks") answers the same
// questions by looking: it costs memory and a pass over the data, it is tied to
// one length and one tile size, and it must be rebuilt when either changes. A
// list of kinds (an enumeration with causal, window, prefix, ...) answers fast
// but is closed: "a window, but the first four keys always" is a new kind, a
// new derivation and new bugs. Sets are closed under and, or and not, so a
// user's combination is as good as a built-in, and the derivation happens once,
// here.
//
// The set is built from the predicate and not the other way round: predicates
// are what users write and what partial tiles must evaluate, so the predicate
// (MaskExpr) stays the definition. Negation is pushed to the comparisons before
// anything is built, which costs nothing there (the opposite of k <= q is
// k > q) and keeps both the mask and its complement short unions; subtracting
// polyhedra from each other afterwards would produce many more pieces.
//
// ## What it cannot express
//
// - Products of positions (k < q * q) and division by anything but a positive
//   constant: these are not Presburger sets. They are refused with an error.
// - Values that live in a table of keys, such as the document of a key: they
//   are not functions of positions. A comparison of one counts as satisfied in
//   the set and in its complement, so that neither misses anything. (A number
//   that is fixed for a tile, such as a window that arrives at run time, is
//   just a symbol; one that differs between the rows of a tile is a variable
//   between its least and its greatest value.)
// - Very many disjuncts, such as hundreds of random blocks: the operations are
//   exponential in the worst case, so more than `MaskSet::maxDisjuncts` is
//   refused.
// - Positions beyond 2^40 or coefficients that would leave 64-bit arithmetic
//   for smaller positions: refused, because generated code could not follow.
//
// For all of these the run-time classification of tiles remains.
//
// ## Sources
//
// P. Feautrier, "Parametric integer programming", RAIRO Recherche
// operationnelle 22(3), 1988 (extrema of polyhedra with symbols); W. Pugh, "The
// Omega test", CACM 35(8), 1992 (integer elimination, by which the bounds are
// found); S. Verdoolaege, "isl: An integer set library for the polyhedral
// model", ICMS 2010 (sets with divisions, coalescing); A. Pitchanathan et al.,
// "FPL: fast Presburger arithmetic through transprecision", OOPSLA 2021 (the
// library that became mlir::presburger, which represents the sets here, merges
// them and decides their emptiness).

/// How MaskExpr becomes a set: in which space, and which column of it each dim
/// of the expressions stands for.
struct SetLayout {
  mlir::presburger::PresburgerSpace space;
  ArrayRef<unsigned> columnOfDim;
  /// The column of a dim that the set knows nothing about: comparisons of it
  /// are satisfied, and their opposites, too.
  static constexpr unsigned unknown = ~0u;
  /// Names of the dims, for diagnostics.
  ArrayRef<StringRef> names;
};

/// Variables are assumed to be at most this in magnitude when it is checked
/// that generated 64-bit arithmetic cannot overflow.
inline constexpr int64_t maxPosition = int64_t(1) << 40;

/// Returns the points that satisfy `expr`; unions are coalesced on the way.
/// Fails if the expression is not quasi-affine, if its value could overflow for
/// variables up to `maxPosition`, or if the union exceeds
/// `MaskSet::maxDisjuncts`; the message quotes the offending expression.
llvm::Expected<mlir::presburger::PresburgerSet>
toPresburgerSet(const MaskExpr &expr, const SetLayout &layout);

/// Drops empty disjuncts and merges disjuncts whose union is convex, including
/// those that merely touch (k <= q next to k > q), which upstream's coalesce
/// keeps apart because it reasons about rational points.
mlir::presburger::PresburgerSet
coalesceDisjuncts(const mlir::presburger::PresburgerSet &set);

/// How a term enters the keys of a tile of queries.
enum class TermRole {
  value,    ///< the same number for all rows and keys
  run,      ///< a function of q floordiv c: the same number for a run of rows
  interval, ///< another function of q: between two numbers for the tile's rows
  key,      ///< a function of k
};

struct TermRoles {
  /// Of each term.
  SmallVector<TermRole> roles;
  /// The c of the terms with role run: rows with equal q floordiv c share their
  /// values. 0 without such terms.
  int64_t runLength = 0;

  explicit TermRoles(const MaskTerms &terms);

  /// Whether a term is read at the position of a query or a key.
  bool readPositions() const;
};

/// A number besides the five of TileSymbol that key ranges depend on.
struct TileParameter {
  enum class Kind {
    value,    ///< of a term with role value or run
    keyRow,   ///< k floordiv the set's row width
    queryRow, ///< q floordiv the set's row width, for tiles of one row
    least,    ///< of a term with role interval, over the rows of the tile
    greatest, ///< likewise
  };
  Kind kind;
  unsigned term = 0;
};

/// A mask as a set. Dims (q, k, terms with role interval),
/// symbols (b, h, parameters of kind value and keyRow).
class MaskSet {
public:
  /// The largest union that is built.
  static constexpr unsigned maxDisjuncts = 64;

  /// Builds the set of `mask`. Fails as `toPresburgerSet` does. With a
  /// `keyRowWidth` it is the set of the keys of one row of that many keys,
  /// whose number is a parameter: k floordiv and mod of the width become
  /// linear.
  static llvm::Expected<MaskSet> get(const Mask &mask, int64_t keyRowWidth = 0);
  static llvm::Expected<MaskSet> get(const MaskExpr &mask) {
    return get(Mask{mask, {}});
  }

  /// The positions that may see each other, over all integers: bounds such as
  /// 0 <= k are the business of whoever knows the lengths.
  const mlir::presburger::PresburgerSet &getAllowed() const { return allowed; }

  /// The mask the set was built from.
  const Mask &getMask() const { return mask; }
  const MaskExpr &getPredicate() const { return mask.predicate; }

  /// What each term of the mask is to a tile.
  ArrayRef<TermRole> getRoles() const { return roles.roles; }
  bool hasRole(TermRole role) const;
  /// Rows with equal q floordiv this share the values of parameters that are
  /// read per run (TermRoles, and rows of queries). 0 without such parameters.
  int64_t getRunLength() const { return runLength; }
  int64_t getRowWidth() const { return rowWidth; }

  /// What key ranges depend on besides TileSymbol: first those that are symbols
  /// of the sets, then a least and a greatest for each term dim of the sets.
  ArrayRef<TileParameter> getParameters() const { return parameters; }
  /// A name for each of the parameters.
  SmallVector<std::string> getParameterNames() const;

  /// Whether query q may see key k, for a mask without terms.
  bool contains(int64_t b, int64_t h, int64_t q, int64_t k) const;

private:
  explicit MaskSet(const Mask &mask, int64_t rowWidth);

  mlir::presburger::PresburgerSpace getSpace() const;

  Mask mask;
  TermRoles roles;
  SmallVector<TileParameter> parameters;
  int64_t rowWidth = 0, runLength = 0;
  mlir::presburger::PresburgerSet allowed;
};

} // namespace attnc

#endif // ATTNC_ANALYSIS_MASKSET_H
