//===- KeyRanges.cpp - which keys a tile of queries visits ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Assembles the ranges: the extent of the keys of every convex piece of the
// mask, from which the keys that some row of the tile does not see in that
// piece are cut, one side of the piece after the other, to leave the part that
// needs no mask code. What several pieces allow only together is not looked
// for: it would take the complement of their union, which is exponential in
// them.
//
//===----------------------------------------------------------------------===//
#include "attnc/Analysis/KeyRanges.h"
#include "Emptiness.h"
#include "TilePieces.h"
#include "mlir/Analysis/Presburger/IntegerRelation.h"
#include "mlir/Analysis/Presburger/Utils.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir::presburger;

namespace attnc {
namespace {

/// The keys that some row of a tile does not see in `piece`: what lies beyond
/// one of its sides, each as a polyhedron within the tile. Nothing if the piece
/// has a variable that is no division.
std::optional<std::vector<IntegerRelation>>
getHoles(const MaskSet &mask, const IntegerRelation &piece) {
  unsigned numLocals = piece.getNumLocalVars();
  std::vector<MaybeLocalRepr> kinds(numLocals);
  DivisionRepr divisions = piece.getLocalReprs(&kinds);
  if (!divisions.hasAllReprs())
    return std::nullopt;
  // The tile, with the divisions of the piece and nothing else of it.
  IntegerRelation tile = piece;
  tile.clearConstraints();
  unsigned firstLocal = tile.getVarKindOffset(VarKind::Local);
  for (unsigned i = 0; i < numLocals; ++i) {
    ArrayRef<DynamicAPInt> dividend = divisions.getDividend(i);
    const DynamicAPInt &divisor = divisions.getDenom(i);
    tile.addInequality(getDivLowerBound(dividend, divisor, firstLocal + i));
    tile.addInequality(getDivUpperBound(dividend, divisor, firstLocal + i));
  }
  IntegerPolyhedron everything(PresburgerSpace::getSetSpace(
      mask.getAllowed().getSpace().getNumDimVars(),
      mask.getAllowed().getSpace().getNumSymbolVars()));
  IntegerPolyhedron bounds = restrictToTile(mask, everything);
  bounds.insertVar(VarKind::Local, 0, numLocals);
  for (unsigned i = 0, e = bounds.getNumInequalities(); i < e; ++i)
    tile.addInequality(bounds.getInequality(i));

  std::vector<IntegerRelation> holes;
  auto addBeyond = [&](ArrayRef<DynamicAPInt> side) {
    IntegerRelation hole = tile;
    hole.addInequality(getComplementIneq(side));
    if (!isKnownEmpty(hole))
      holes.push_back(std::move(hole));
  };
  for (unsigned i = 0, e = piece.getNumInequalities(); i < e; ++i)
    addBeyond(piece.getInequality(i));
  for (unsigned i = 0, e = piece.getNumEqualities(); i < e; ++i) {
    addBeyond(piece.getEquality(i));
    addBeyond(getNegatedCoeffs(piece.getEquality(i)));
  }
  return holes;
}

/// The visited part of a piece, with its bounds in order and within [0, keys]
/// for every tile, and the tiles that do visit it.
struct VisitedRange {
  KeyExpr begin, end;
  TileSet tiles;
};

/// An empty range is made to end at its beginning in two steps: `end` is
/// brought into [0, keys], and `begin` is kept from exceeding it. Most of the
/// clamps are superfluous and are left out by the prover.
VisitedRange clampExtent(const KeyExtent &extent, const TileProver &prover) {
  const TileSet &all = prover.getAllTiles();
  KeyExpr end = extent.getEnd();
  if (!extent.guards.empty())
    end = KeyExpr::select(MaskExpr::conjunction(extent.guards), end,
                          prover.getZero());
  end = prover.min(all, {end, prover.getKeys()});
  end = prover.max(all, {end, prover.getZero()});
  KeyExpr begin = prover.max(all, {extent.getBegin(), prover.getZero()});
  begin = prover.min(all, {begin, end});
  return {begin, end, prover.restrict(all, extent.isPresent())};
}

/// Shrinks the part of a piece without mask code, [fullBegin, fullEnd), so that
/// it avoids the keys beyond a side of the piece ("holes").
class FullPart {
public:
  FullPart(const VisitedRange &range, const TileProver &prover)
      : range(range), prover(prover), begins({range.begin}), ends({range.end}) {
  }

  /// Cuts out a hole. What is left must be an interval, so either everything up
  /// to the end of the hole goes, or everything from its begin. One of the two
  /// is usually free: a hole that, for all tiles, reaches the end of the range
  /// is cut at its begin.
  void cut(const KeyExtent &hole) {
    TileSet both = prover.restrict(
        range.tiles, MaskExpr::conjunction(
                         {hole.isPresent(), isLess(hole.getBegin(), range.end),
                          isLess(range.begin, hole.getEnd())}));
    if (prover.isEmpty(both))
      return;
    bool reachesBegin =
        prover.holds(both, isLessEqual(hole.getBegin(), range.begin));
    bool reachesEnd = prover.holds(both, isLessEqual(range.end, hole.getEnd()));
    if (reachesBegin && reachesEnd &&
        prover.holds(range.tiles, hole.isPresent()))
      isNothing = true;
    else if (reachesEnd && !reachesBegin)
      ends.push_back(guardCut(hole, getBeginOf(hole), range.end));
    else
      begins.push_back(guardCut(hole, getEndOf(hole), range.begin));
  }

  /// Leaves nothing.
  void cutAll() { isNothing = true; }

  /// The piece, with its bounds in order for every tile.
  KeyPiece finish() const {
    if (isNothing)
      return {range.begin, range.begin, range.begin, range.end};
    const TileSet &all = prover.getAllTiles();
    KeyExpr fullBegin = prover.max(range.tiles, begins);
    fullBegin = prover.max(all, {fullBegin, range.begin});
    fullBegin = prover.min(all, {fullBegin, range.end});
    KeyExpr fullEnd = prover.min(range.tiles, ends);
    fullEnd = prover.min(all, {fullEnd, range.end});
    fullEnd = prover.max(all, {fullEnd, fullBegin});
    return {range.begin, fullBegin, fullEnd, range.end};
  }

private:
  /// Where to cut. That holes lie in [0, keys), too, does not matter for a cut
  /// that is clamped to the range in the end.
  KeyExpr getBeginOf(const KeyExtent &hole) const {
    return KeyExpr::max(without(hole.begins, prover.getZero()));
  }
  KeyExpr getEndOf(const KeyExtent &hole) const {
    return KeyExpr::min(without(hole.ends, prover.getKeys()));
  }
  /// `terms` without `term`, unless it is the only one.
  static SmallVector<KeyExpr> without(ArrayRef<KeyExpr> terms,
                                      const KeyExpr &term) {
    SmallVector<KeyExpr> rest;
    for (const KeyExpr &other : terms)
      if (other.getAffine() != term.getAffine())
        rest.push_back(other);
    return rest.empty() ? SmallVector<KeyExpr>(terms) : rest;
  }

  /// The place of the cut, or `noCut` for tiles that do not meet the hole. Of
  /// the condition for that only what matters is kept: where the rest holds but
  /// the hole is missing, cutting must be harmless.
  KeyExpr guardCut(const KeyExtent &hole, const KeyExpr &place,
                   const KeyExpr &noCut) const {
    TileSet missing =
        prover.restrict(range.tiles, MaskExpr::negation(hole.isPresent()));
    MaskExpr isHarmless = &noCut == &range.begin ? isLessEqual(place, noCut)
                                                 : isLessEqual(noCut, place);
    std::vector<MaskExpr> condition(hole.guards);
    for (const KeyExpr &begin : hole.begins)
      for (const KeyExpr &end : hole.ends)
        condition.push_back(isLess(begin, end));
    for (unsigned i = condition.size(); i-- > 0;) {
      std::vector<MaskExpr> fewer = condition;
      fewer.erase(fewer.begin() + i);
      if (prover.holdsWhere(missing, MaskExpr::conjunction(fewer), isHarmless))
        condition = std::move(fewer);
    }
    return condition.empty()
               ? place
               : KeyExpr::select(MaskExpr::conjunction(std::move(condition)),
                                 place, noCut);
  }

  const VisitedRange &range;
  const TileProver &prover;
  SmallVector<KeyExpr> begins, ends;
  /// Some hole covers the range for every tile.
  bool isNothing = false;
};

} // namespace

KeyRanges KeyRanges::get(const TilePieces &tilePieces, FullParts fullParts) {
  const MaskSet &mask = tilePieces.getMask();
  const TileProver &prover = tilePieces.getProver();
  KeyRanges result;
  result.parameterNames = mask.getParameterNames();
  if (tilePieces.areTooMany()) {
    KeyExpr zero = prover.getZero();
    result.pieces.push_back(
        {zero, zero, zero, prover.getKeys(), /*isExact=*/false});
    result.reason = "the mask has more than " + std::to_string(maxPieces) +
                    " convex pieces";
    return result;
  }
  for (const auto &[tile, projected] : tilePieces.getPieces()) {
    KeyExtent extent = simplifyExtent(projected, prover);
    if (!extent.isExact && result.reason.empty())
      result.reason = "a piece of the mask is a lattice, whose keys are "
                      "enclosed in a range";
    VisitedRange range = clampExtent(extent, prover);
    FullPart full(range, prover);
    std::optional<std::vector<IntegerRelation>> holes;
    // The set says nothing of tables of keys.
    if (!mask.hasRole(TermRole::key) &&
        (fullParts == FullParts::ofAll ||
         (fullParts == FullParts::ofExactPieces && extent.isExact)))
      holes = getHoles(mask, tile);
    if (holes)
      for (const IntegerRelation &hole : *holes)
        full.cut(simplifyExtent(projectOnKeys(hole, prover), prover));
    else
      full.cutAll();
    KeyPiece piece = full.finish();
    piece.isExact = extent.isExact;
    result.pieces.push_back(piece);
  }
  return result;
}

KeyRanges KeyRanges::get(const MaskSet &mask, MLIRContext *context) {
  return get(TilePieces(mask, context), FullParts::ofAll);
}

SmallVector<KeyRange> KeyRanges::evaluate(const QueryTile &tile) const {
  SmallVector<KeyRange> ranges;
  SmallVector<int64_t, 8> values = tile.getValues();
  for (const KeyPiece &piece : pieces)
    ranges.push_back(
        {piece.begin.evaluate(values), piece.fullBegin.evaluate(values),
         piece.fullEnd.evaluate(values), piece.end.evaluate(values)});
  return ranges;
}

void KeyRanges::print(raw_ostream &os) const {
  SmallVector<StringRef> names(getTileSymbolNames());
  names.append(parameterNames.begin(), parameterNames.end());
  for (auto [i, piece] : llvm::enumerate(pieces)) {
    os << "piece " << i << '\n';
    const std::pair<StringRef, const KeyExpr &> bounds[] = {
        {"end", piece.end},
        {"begin", piece.begin},
        {"fullBegin", piece.fullBegin},
        {"fullEnd", piece.fullEnd}};
    // Affine bounds are short enough to be repeated, and clearer.
    ArrayRef<std::pair<StringRef, const KeyExpr &>> printed;
    auto getName = [&](const KeyExpr &expr) -> StringRef {
      if (expr.getKind() != KeyExpr::Kind::Affine)
        for (const auto &[name, bound] : printed)
          if (bound.getIdentity() == expr.getIdentity())
            return name;
      return "";
    };
    for (const auto &[name, bound] : bounds) {
      StringRef alias = getName(bound);
      os << "  " << name << " = " << alias;
      if (alias.empty())
        bound.print(os, names, getName);
      os << '\n';
      printed = ArrayRef(bounds).take_front(printed.size() + 1);
    }
  }
  if (!isExact())
    os << "not exact: " << reason << '\n';
}

} // namespace attnc
