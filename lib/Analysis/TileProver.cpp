//===- TileProver.cpp - facts about all query tiles -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Translates functions of a query tile to sets of query tiles, and asks the
// integer emptiness test of mlir::presburger for the answers.
//
//===----------------------------------------------------------------------===//
#include "TileProver.h"
#include "Emptiness.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <random>

using namespace mlir::presburger;

namespace attnc {

/// The work done per mask, in comparisons converted and steps of searches. The
/// patterns of the library take up to 1000, few of their pairs more than this.
static constexpr unsigned maxWorkUnits = 2000;

bool TileProver::isExhausted() const {
  return isIdle || numWorkUnits > maxWorkUnits;
}

static constexpr unsigned numTileSymbols = 5;

//===----------------------------------------------------------------------===//
// Claims
//===----------------------------------------------------------------------===//

/// The conjunction or disjunction of `claims` without those that are known.
static MaskExpr combineClaims(std::vector<MaskExpr> claims, bool isAnd) {
  if (llvm::any_of(
          claims, [&](const MaskExpr &claim) { return claim.isTruth(!isAnd); }))
    return MaskExpr::truth(!isAnd);
  llvm::erase_if(claims,
                 [&](const MaskExpr &claim) { return claim.isTruth(isAnd); });
  if (claims.size() == 1)
    return claims.front();
  return isAnd ? MaskExpr::conjunction(std::move(claims))
               : MaskExpr::disjunction(std::move(claims));
}

/// `a predicate b` for lt and le. Both distribute over the branches: a maximum
/// is below a bound if all its operands are, a minimum if one is, and the other
/// way round on the right.
static MaskExpr compareBranches(const KeyExpr &a, ComparePredicate predicate,
                                const KeyExpr &b) {
  using Kind = KeyExpr::Kind;
  if (a.getIdentity() == b.getIdentity())
    return MaskExpr::truth(predicate == ComparePredicate::le);
  auto onLeft = [&] {
    std::vector<MaskExpr> claims;
    for (const KeyExpr &operand : a.getOperands())
      claims.push_back(compareBranches(operand, predicate, b));
    return claims;
  };
  auto onRight = [&] {
    std::vector<MaskExpr> claims;
    for (const KeyExpr &operand : b.getOperands())
      claims.push_back(compareBranches(a, predicate, operand));
    return claims;
  };
  auto select = [](const MaskExpr &condition, std::vector<MaskExpr> claims) {
    MaskExpr otherwise = MaskExpr::negation(condition);
    return combineClaims(
        {combineClaims({std::move(otherwise), std::move(claims[0])}, false),
         combineClaims({condition, std::move(claims[1])}, false)},
        /*isAnd=*/true);
  };
  if (a.getKind() == Kind::Affine && b.getKind() == Kind::Affine) {
    AffineExpr difference = b.getAffine() - a.getAffine();
    if (auto constant = dyn_cast<mlir::AffineConstantExpr>(difference))
      return MaskExpr::truth(predicate == ComparePredicate::le
                                 ? constant.getValue() >= 0
                                 : constant.getValue() > 0);
    return MaskExpr::compare(a.getAffine(), predicate, b.getAffine());
  }
  if (a.getKind() == Kind::Select)
    return select(a.getCondition(), onLeft());
  if (b.getKind() == Kind::Select)
    return select(b.getCondition(), onRight());
  if (a.getKind() == Kind::Max)
    return combineClaims(onLeft(), /*isAnd=*/true);
  if (b.getKind() == Kind::Min)
    return combineClaims(onRight(), /*isAnd=*/true);
  if (a.getKind() == Kind::Min)
    return combineClaims(onLeft(), /*isAnd=*/false);
  return combineClaims(onRight(), /*isAnd=*/false);
}

MaskExpr isLessEqual(const KeyExpr &a, const KeyExpr &b) {
  return compareBranches(a, ComparePredicate::le, b);
}

MaskExpr isLess(const KeyExpr &a, const KeyExpr &b) {
  return compareBranches(a, ComparePredicate::lt, b);
}

//===----------------------------------------------------------------------===//
// Proofs
//===----------------------------------------------------------------------===//

/// Tiles of all orders of magnitude, because the constants of masks have all.
static std::vector<SmallVector<int64_t, 8>>
getSampleTiles(const MaskSet &mask) {
  // A generator whose output is specified, so that every build of the compiler
  // derives the same bounds.
  std::minstd_rand generator(1);
  auto below = [&](int64_t limit) -> int64_t { return generator() % limit; };
  auto anyMagnitude = [&] { return below(int64_t(1) << (1 + below(14))); };
  auto addParameters = [&](QueryTile &tile) {
    int64_t width = mask.getRowWidth();
    for (const TileParameter &parameter : mask.getParameters()) {
      int64_t value = anyMagnitude();
      if (parameter.kind == TileParameter::Kind::queryRow) {
        value = llvm::divideFloorSigned(tile.first, width);
        tile.count = std::min(tile.count, (value + 1) * width - tile.first);
        tile.parameters.push_back(value);
        continue;
      }
      if (parameter.kind == TileParameter::Kind::greatest)
        value = tile.parameters.back() + (below(3) == 0 ? 0 : value);
      else if (parameter.kind != TileParameter::Kind::keyRow && below(3) == 0)
        value = -value;
      if (parameter.kind == TileParameter::Kind::value) {
        const MaskTerm &term = mask.getMask().terms.getTerms()[parameter.term];
        value = std::clamp(value, term.lowest, term.highest);
      }
      tile.parameters.push_back(value);
    }
  };
  std::vector<SmallVector<int64_t, 8>> tiles;
  for (unsigned i = 0; i < TileSet::numSamples; ++i) {
    QueryTile tile;
    tile.batch = below(4);
    tile.head = below(16);
    tile.first = anyMagnitude() - (below(3) == 0 ? anyMagnitude() : 0);
    tile.count = 1 + below(int64_t(1) << below(8));
    tile.keys = anyMagnitude() + below(2) * tile.first;
    tile.keys = std::max<int64_t>(tile.keys, 0);
    addParameters(tile);
    tiles.push_back(tile.getValues());
  }
  return tiles;
}

/// All tiles of a mask, with its parameters within their bounds.
static IntegerPolyhedron buildUniverse(const MaskSet &mask) {
  IntegerPolyhedron tiles(PresburgerSpace::getSetSpace(
      /*numDims=*/0, numTileSymbols + mask.getParameters().size()));
  auto addLowerBound = [&](TileSymbol symbol, int64_t bound) {
    tiles.addBound(BoundType::LB, static_cast<unsigned>(symbol), bound);
  };
  addLowerBound(TileSymbol::batch, 0);
  addLowerBound(TileSymbol::head, 0);
  addLowerBound(TileSymbol::count, 1);
  addLowerBound(TileSymbol::keys, 0);
  for (auto [i, parameter] : llvm::enumerate(mask.getParameters())) {
    unsigned column = numTileSymbols + i;
    switch (parameter.kind) {
    case TileParameter::Kind::keyRow:
      tiles.addBound(BoundType::LB, column, 0);
      break;
    case TileParameter::Kind::queryRow: {
      unsigned first = static_cast<unsigned>(TileSymbol::first);
      SmallVector<int64_t> row(tiles.getNumCols());
      row[first] = 1;
      row[column] = -mask.getRowWidth();
      tiles.addInequality(row);
      row[first] = -1;
      row[static_cast<unsigned>(TileSymbol::count)] = -1;
      row[column] = row.back() = mask.getRowWidth();
      tiles.addInequality(row);
      break;
    }
    case TileParameter::Kind::value: {
      const MaskTerm &term = mask.getMask().terms.getTerms()[parameter.term];
      if (term.lowest > -maxPosition)
        tiles.addBound(BoundType::LB, column, term.lowest);
      if (term.highest < maxPosition)
        tiles.addBound(BoundType::UB, column, term.highest);
      break;
    }
    case TileParameter::Kind::least:
      break;
    case TileParameter::Kind::greatest: {
      // It follows its least value.
      SmallVector<int64_t> row(tiles.getNumCols());
      row[column] = 1;
      row[column - 1] = -1;
      tiles.addInequality(row);
      break;
    }
    }
  }
  return tiles;
}

/// Names are only needed for messages, which nobody sees.
static SmallVector<StringRef> getNames(const MaskSet &mask) {
  SmallVector<StringRef> names(getTileSymbolNames());
  names.resize(numTileSymbols + mask.getParameters().size(), "parameter");
  return names;
}

TileProver::TileProver(const MaskSet &mask, MLIRContext *context, bool isIdle)
    : context(context), comparisons(buildUniverse(mask), getNames(mask)),
      allTiles{{Conjunction()}, {}}, sampleTiles(getSampleTiles(mask)),
      isIdle(isIdle) {
  allTiles.samples.set();
}

KeyExpr TileProver::getZero() const {
  return KeyExpr::affine(mlir::getAffineConstantExpr(0, context));
}

KeyExpr TileProver::getKeys() const {
  return KeyExpr::affine(
      mlir::getAffineDimExpr(static_cast<unsigned>(TileSymbol::keys), context));
}

const TileProver::SampleValues &TileProver::evaluate(AffineExpr expr) const {
  std::unique_ptr<SampleValues> &values = sampleValues[expr];
  if (!values) {
    values = std::make_unique<SampleValues>();
    for (auto [value, tile] : llvm::zip_equal(*values, sampleTiles))
      value = evaluateAffine(expr, tile);
  }
  return *values;
}

std::bitset<TileSet::numSamples>
TileProver::evaluate(const MaskExpr &claim) const {
  std::bitset<TileSet::numSamples> result;
  switch (claim.kind) {
  case MaskExpr::Kind::Compare: {
    const SampleValues &lhs = evaluate(claim.lhs), &rhs = evaluate(claim.rhs);
    for (unsigned i = 0; i < TileSet::numSamples; ++i)
      result[i] = evaluateComparison(lhs[i], claim.predicate, rhs[i]);
    return result;
  }
  case MaskExpr::Kind::Not:
    return ~evaluate(claim.children.front());
  case MaskExpr::Kind::And:
    result.set();
    for (const MaskExpr &child : claim.children)
      result &= evaluate(child);
    return result;
  case MaskExpr::Kind::Or:
    for (const MaskExpr &child : claim.children)
      result |= evaluate(child);
    return result;
  }
  llvm_unreachable("every kind of claim is handled above");
}

static unsigned countComparisons(const MaskExpr &claim) {
  unsigned count = claim.kind == MaskExpr::Kind::Compare;
  for (const MaskExpr &child : claim.children)
    count += countComparisons(child);
  return count;
}

bool TileProver::holds(const TileSet &tiles, const MaskExpr &claim) const {
  if (isExhausted())
    return false;
  if ((tiles.samples & ~evaluate(claim)).any())
    return false;
  auto [known, isNew] = proofs.try_emplace({tiles.disjuncts, claim}, false);
  if (!isNew)
    return known->second;
  numWorkUnits += countComparisons(claim);
  bool &isProven = known->second;
  isProven = llvm::all_of(tiles.disjuncts, [&](const Conjunction &disjunct) {
    ClaimSearch search(comparisons, disjunct);
    bool isViolated = false;
    bool isComplete =
        search.run(claim, /*negated=*/true, [&](const Conjunction &) {
          isViolated = !search.isKnownEmptyPart();
          return !isViolated;
        });
    numWorkUnits += search.getNumSteps();
    return isComplete && !isViolated;
  });
  return isProven;
}

bool TileProver::holdsWhere(const TileSet &tiles, const MaskExpr &condition,
                            const MaskExpr &claim) const {
  if (isExhausted() ||
      (tiles.samples & evaluate(condition) & ~evaluate(claim)).any())
    return false;
  return holds(restrict(tiles, condition), claim);
}

bool TileProver::isEmpty(const TileSet &tiles) const {
  return tiles.samples.none() &&
         llvm::all_of(tiles.disjuncts, [&](const Conjunction &disjunct) {
           return isKnownEmpty(comparisons.build(disjunct));
         });
}

TileSet TileProver::restrict(const TileSet &tiles,
                             const MaskExpr &claim) const {
  if (isExhausted())
    return tiles;
  numWorkUnits += countComparisons(claim);
  TileSet result{{}, tiles.samples & evaluate(claim)};
  for (const Conjunction &disjunct : tiles.disjuncts) {
    ClaimSearch search(comparisons, disjunct);
    bool isComplete =
        search.run(claim, /*negated=*/false, [&](const Conjunction &part) {
          result.disjuncts.push_back(part);
          return true;
        });
    numWorkUnits += search.getNumSteps();
    if (!isComplete)
      return tiles;
  }
  return result;
}

bool TileProver::isRepresentable(AffineExpr expr) const {
  return isRepresentable(MaskExpr::compare(
      expr, ComparePredicate::ge, mlir::getAffineConstantExpr(0, context)));
}

bool TileProver::isRepresentable(const MaskExpr &claim) const {
  if (claim.kind == MaskExpr::Kind::Compare) {
    // What differs is written down as what is equal.
    bool differs = claim.predicate == ComparePredicate::ne;
    return comparisons
        .find(claim.lhs, differs ? ComparePredicate::eq : claim.predicate,
              claim.rhs)
        .has_value();
  }
  return llvm::all_of(claim.children, [this](const MaskExpr &child) {
    return isRepresentable(child);
  });
}

/// The terms that no other term, of those kept, is proven to be at least as
/// good as.
static SmallVector<KeyExpr>
dropDominated(ArrayRef<KeyExpr> terms,
              function_ref<bool(const KeyExpr &, const KeyExpr &)> dominates) {
  SmallVector<KeyExpr> kept(terms);
  for (unsigned i = 0; i < kept.size();) {
    bool isDominated = false;
    for (unsigned j = 0; j < kept.size() && !isDominated; ++j)
      isDominated = j != i && dominates(kept[j], kept[i]);
    if (isDominated)
      kept.erase(kept.begin() + i);
    else
      ++i;
  }
  return kept;
}

SmallVector<KeyExpr> TileProver::keepLargest(const TileSet &tiles,
                                             ArrayRef<KeyExpr> terms) const {
  return dropDominated(terms, [&](const KeyExpr &a, const KeyExpr &b) {
    return !isExhausted() && holds(tiles, isLessEqual(b, a));
  });
}

SmallVector<KeyExpr> TileProver::keepSmallest(const TileSet &tiles,
                                              ArrayRef<KeyExpr> terms) const {
  return dropDominated(terms, [&](const KeyExpr &a, const KeyExpr &b) {
    return !isExhausted() && holds(tiles, isLessEqual(a, b));
  });
}

} // namespace attnc
