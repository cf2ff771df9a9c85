//===- KeyRangesTest.cpp - which keys a tile visits -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every property that loops over key ranges rely on, by enumeration: for all
// tiles of a small grid and all numbers of keys, no allowed key is left out,
// no forbidden one is called full, and bounds are in order. For convex masks
// also that nothing is visited in vain, against the enumeration and against the
// parametric integer programming of mlir::presburger.
//
//===----------------------------------------------------------------------===//
#include "attnc/Analysis/KeyRanges.h"
#include "MaskExamples.h"
#include "mlir/Analysis/Presburger/IntegerRelation.h"
#include "mlir/Analysis/Presburger/PWMAFunction.h"
#include "mlir/Analysis/Presburger/Simplex.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

using namespace attnc;
using namespace attnc::test;
namespace presburger = mlir::presburger;

namespace {

/// A grid of tiles.
struct Grid {
  int64_t maxHead, minFirst, maxFirst, maxKeys;
  std::vector<int64_t> counts;

  int64_t getEnd() const {
    return maxFirst + *std::max_element(counts.begin(), counts.end());
  }
};

bool dependsOn(const MaskExpr &mask, unsigned dim) {
  if (mask.kind == MaskExpr::Kind::Compare)
    return mask.lhs.isFunctionOfDim(dim) || mask.rhs.isFunctionOfDim(dim);
  return llvm::any_of(mask.children, [&](const MaskExpr &child) {
    return dependsOn(child, dim);
  });
}

/// The predicate at every position of a grid, by evaluation, as sums along the
/// queries: entry [h][q - minFirst][k] counts the queries below q.
class Enumeration {
public:
  Enumeration(const MaskExpr &mask, const Grid &grid)
      : minFirst(grid.minFirst),
        numHeads(dependsOn(mask, 0) || dependsOn(mask, 1) ? grid.maxHead + 1
                                                          : 1) {
    for (int64_t head = 0; head < numHeads; ++head) {
      auto &sums = counts.emplace_back();
      sums.emplace_back(grid.maxKeys);
      for (int64_t q = grid.minFirst; q < grid.getEnd(); ++q) {
        std::vector<int64_t> next = sums.back();
        for (int64_t k = 0; k < grid.maxKeys; ++k)
          next[k] += mask.evaluate(getBatch(head), head, q, k);
        sums.push_back(std::move(next));
      }
    }
  }

  /// Heads beyond this one are no different.
  int64_t getNumHeads() const { return numHeads; }
  static int64_t getBatch(int64_t head) { return head % 2; }

  /// How many queries of the tile each key is allowed to.
  std::vector<int64_t> countAllowed(const QueryTile &tile) const {
    std::vector<int64_t> allowed(tile.keys);
    for (int64_t k = 0; k < tile.keys; ++k)
      allowed[k] = counts[tile.head][tile.first + tile.count - minFirst][k] -
                   counts[tile.head][tile.first - minFirst][k];
    return allowed;
  }

private:
  int64_t minFirst, numHeads;
  std::vector<std::vector<std::vector<int64_t>>> counts;
};

class KeyRangesTest : public testing::Test {
protected:
  KeyRanges getRanges(const MaskExpr &mask) {
    return KeyRanges::get(llvm::cantFail(MaskSet::get(mask)), &context);
  }

  static std::string print(const KeyRanges &ranges) {
    std::string text;
    llvm::raw_string_ostream os(text);
    ranges.print(os);
    return text;
  }

  /// Calls `visit` with every tile of the grid and how many of its queries
  /// each key is allowed to.
  static void forEachTile(
      const MaskExpr &mask, const Grid &grid,
      llvm::function_ref<void(const QueryTile &, ArrayRef<int64_t>)> visit) {
    Enumeration enumeration(mask, grid);
    for (int64_t head = 0; head < enumeration.getNumHeads(); ++head)
      for (int64_t first = grid.minFirst; first <= grid.maxFirst; ++first)
        for (int64_t count : grid.counts)
          for (int64_t keys = 0; keys <= grid.maxKeys; ++keys) {
            QueryTile tile = {Enumeration::getBatch(head), head, first, count,
                              keys};
            SCOPED_TRACE("h = " + std::to_string(head) +
                         ", first = " + std::to_string(first) +
                         ", count = " + std::to_string(count) +
                         ", keys = " + std::to_string(keys));
            visit(tile, enumeration.countAllowed(tile));
            if (testing::Test::HasFatalFailure())
              return;
          }
  }

  /// Bounds in order, every allowed key visited, every full key allowed to all
  /// queries; and, if the ranges claim to be exact, the first and the last key
  /// of every piece allowed to some query.
  static void checkTile(const KeyRanges &ranges, const QueryTile &tile,
                        ArrayRef<int64_t> allowed) {
    std::vector<bool> isVisited(tile.keys);
    for (const KeyRange &range : ranges.evaluate(tile)) {
      ASSERT_LE(0, range.begin);
      ASSERT_LE(range.begin, range.fullBegin);
      ASSERT_LE(range.fullBegin, range.fullEnd);
      ASSERT_LE(range.fullEnd, range.end);
      ASSERT_LE(range.end, tile.keys);
      for (int64_t k = range.begin; k < range.end; ++k)
        isVisited[k] = true;
      for (int64_t k = range.fullBegin; k < range.fullEnd; ++k)
        ASSERT_EQ(allowed[k], tile.count) << "full, but not allowed: " << k;
      if (ranges.isExact() && range.begin < range.end) {
        ASSERT_GT(allowed[range.begin], 0) << "visited in vain";
        ASSERT_GT(allowed[range.end - 1], 0) << "visited in vain";
      }
    }
    for (int64_t k = 0; k < tile.keys; ++k)
      ASSERT_TRUE(isVisited[k] || allowed[k] == 0) << "not visited: " << k;
  }

  mlir::MLIRContext context;
  MaskExamples examples{context};
  AffineExpr h = examples.h, q = examples.q, k = examples.k;
  using P = ComparePredicate;
  const Grid grid = {/*maxHead=*/3,
                     /*minFirst=*/-9,
                     /*maxFirst=*/18,
                     /*maxKeys=*/21,
                     {1, 2, 3, 5, 8, 12}};
};

TEST_F(KeyRangesTest, NamedMasksOnAllSmallTiles) {
  for (const NamedMask &named : examples.getNamed()) {
    KeyRanges ranges = getRanges(named.mask);
    SCOPED_TRACE(named.name + "\n" + print(ranges));
    EXPECT_EQ(ranges.isExact(), named.isExact) << ranges.getReason().str();
    EXPECT_EQ(ranges.getPieces().size(), named.numPieces);
    forEachTile(named.mask, grid,
                [&](const QueryTile &tile, ArrayRef<int64_t> allowed) {
                  checkTile(ranges, tile, allowed);
                });
    ASSERT_FALSE(HasFatalFailure());
  }
}

TEST_F(KeyRangesTest, RandomMasksOnSmallTiles) {
  constexpr unsigned seed = 7;
  constexpr unsigned numMasks = 400;
  std::minstd_rand generator(seed);
  const Grid coarse = {/*maxHead=*/2,
                       /*minFirst=*/-4,
                       /*maxFirst=*/9,
                       /*maxKeys=*/13,
                       {1, 2, 7}};
  unsigned numSplit = 0, numExact = 0;
  for (unsigned i = 0; i < numMasks; ++i) {
    MaskExpr mask = examples.getRandom(generator);
    std::string text;
    llvm::raw_string_ostream os(text);
    printPredicate(os, mask, {"b", "h", "q", "k"});
    llvm::Expected<MaskSet> set = MaskSet::get(mask);
    if (!set) {
      // The only reason a random mask can have.
      EXPECT_NE(llvm::toString(set.takeError()).find("union of more than"),
                std::string::npos);
      continue;
    }
    KeyRanges ranges = KeyRanges::get(*set, &context);
    numExact += ranges.isExact();
    numSplit += ranges.getPieces().size() > 1;
    SCOPED_TRACE("seed " + std::to_string(seed) + ", mask " +
                 std::to_string(i) + ": " + text + "\n" + print(ranges));
    forEachTile(mask, coarse,
                [&](const QueryTile &tile, ArrayRef<int64_t> allowed) {
                  checkTile(ranges, tile, allowed);
                });
    ASSERT_FALSE(HasFatalFailure());
  }
  // The generator exercises the interesting paths, not the fallbacks only.
  EXPECT_GT(numExact, numMasks / 2);
  EXPECT_GT(numSplit, numMasks / 10);
}

/// With one convex piece, exact means that the range is the hull of the allowed
/// keys, and it is empty if there are none.
TEST_F(KeyRangesTest, OnePieceIsTheHullOfTheAllowedKeys) {
  unsigned numChecked = 0;
  for (const NamedMask &named : examples.getNamed()) {
    if (named.numPieces != 1 || !named.isExact)
      continue;
    ++numChecked;
    KeyRanges ranges = getRanges(named.mask);
    SCOPED_TRACE(named.name + "\n" + print(ranges));
    forEachTile(named.mask, grid,
                [&](const QueryTile &tile, ArrayRef<int64_t> allowed) {
                  auto isAllowed = [](int64_t count) { return count > 0; };
                  auto first = llvm::find_if(allowed, isAllowed);
                  auto last =
                      std::find_if(allowed.rbegin(), allowed.rend(), isAllowed);
                  KeyRange range = ranges.evaluate(tile).front();
                  if (first == allowed.end()) {
                    ASSERT_EQ(range.begin, range.end);
                    return;
                  }
                  ASSERT_EQ(range.begin, first - allowed.begin());
                  ASSERT_EQ(range.end, allowed.rend() - last);
                });
    ASSERT_FALSE(HasFatalFailure());
  }
  EXPECT_GT(numChecked, 20u);
}

/// Nothing that could do without mask code is under it.
TEST_F(KeyRangesTest, FullPartIsAllThatIsFull) {
  for (StringRef name : {"everything",
                         "causal",
                         "not causal",
                         "strictly causal",
                         "window",
                         "window of one",
                         "window to the left",
                         "window to the right",
                         "window not at the diagonal",
                         "two windows that overlap",
                         "two windows that touch",
                         "unbounded to the left",
                         "unbounded to the right",
                         "anti-causal sum",
                         "block diagonal",
                         "block causal",
                         "chunked causal",
                         "chunked with a neighbour",
                         "blocks by rounding up",
                         "compressed keys",
                         "stretched keys",
                         "a window per head"}) {
    std::vector<NamedMask> named = examples.getNamed();
    auto found = llvm::find_if(
        named, [&](const NamedMask &mask) { return mask.name == name; });
    ASSERT_NE(found, named.end()) << name.str();
    KeyRanges ranges = getRanges(found->mask);
    SCOPED_TRACE(name.str() + "\n" + print(ranges));
    forEachTile(found->mask, grid,
                [&](const QueryTile &tile, ArrayRef<int64_t> allowed) {
                  KeyRange range = ranges.evaluate(tile).front();
                  ASSERT_EQ(range.fullEnd - range.fullBegin,
                            llvm::count(allowed, tile.count));
                });
    ASSERT_FALSE(HasFatalFailure());
  }
}

/// The formulas the documentation gives.
TEST_F(KeyRangesTest, CausalAndWindowsInClosedForm) {
  KeyRanges causal = getRanges(examples.causal());
  KeyRanges window = getRanges(examples.window(5, 2));
  forEachTile(
      examples.causal(), grid, [&](const QueryTile &tile, ArrayRef<int64_t>) {
        auto clamp = [](int64_t value, int64_t low, int64_t high) {
          return std::min(std::max(value, low), high);
        };
        int64_t last = tile.first + tile.count - 1;
        KeyRange range = causal.evaluate(tile).front();
        ASSERT_EQ(range.begin, 0);
        ASSERT_EQ(range.fullBegin, 0);
        ASSERT_EQ(range.fullEnd, clamp(tile.first + 1, 0, tile.keys));
        ASSERT_EQ(range.end, clamp(last + 1, 0, tile.keys));

        range = window.evaluate(tile).front();
        ASSERT_EQ(range.end, clamp(last + 3, 0, tile.keys));
        ASSERT_EQ(range.begin, clamp(tile.first - 5, 0, range.end));
        ASSERT_EQ(range.fullBegin, clamp(last - 5, range.begin, range.end));
        ASSERT_EQ(range.fullEnd,
                  clamp(tile.first + 3, range.fullBegin, range.end));
      });
}

/// The drawing in MaskSet.h.
TEST_F(KeyRangesTest, WorkedExample) {
  KeyRanges ranges = getRanges(
      examples.all({examples.causal(), examples.compare(q - k, P::le, 5)}));
  ASSERT_EQ(ranges.getPieces().size(), 1u);
  KeyRange range =
      ranges.evaluate({/*batch=*/0, /*head=*/0, /*first=*/6, 3, 12}).front();
  EXPECT_EQ(range.begin, 1);
  EXPECT_EQ(range.fullBegin, 3);
  EXPECT_EQ(range.fullEnd, 7);
  EXPECT_EQ(range.end, 9);
}

TEST_F(KeyRangesTest, BoundsPrintAsShortAsOneWouldWriteThem) {
  EXPECT_EQ(print(getRanges(examples.causal())),
            "piece 0\n"
            "  end = max(min(keys, first + count), 0)\n"
            "  begin = 0\n"
            "  fullBegin = 0\n"
            "  fullEnd = max(min(end, first + 1), 0)\n");
  EXPECT_EQ(print(getRanges(examples.window(5, 2))),
            "piece 0\n"
            "  end = max(min(keys, first + count + 2), 0)\n"
            "  begin = min(max(0, first - 5), end)\n"
            "  fullBegin = min(max(begin, first + count - 6), end)\n"
            "  fullEnd = max(min(end, first + 3), fullBegin)\n");
  EXPECT_EQ(
      print(getRanges(examples.compare(q.floorDiv(8), P::eq, k.floorDiv(8)))),
      "piece 0\n"
      "  end = max(min(keys, ((first + count + 7) floordiv 8) * 8), 0)\n"
      "  begin = min(max(0, (first floordiv 8) * 8), end)\n"
      "  fullBegin = min(max(((first + count + 7) floordiv 8) * 8 - 8, "
      "begin), end)\n"
      "  fullEnd = max(min(end, (first floordiv 8) * 8 + 8), "
      "fullBegin)\n");
  EXPECT_EQ(print(getRanges(examples.any(
                {examples.compare(h, P::lt, 2), examples.causal()}))),
            "piece 0\n"
            "  end = if h <= 1 then keys else 0\n"
            "  begin = 0\n"
            "  fullBegin = 0\n"
            "  fullEnd = end\n"
            "piece 1\n"
            "  end = max(min(keys, first + count), 0)\n"
            "  begin = 0\n"
            "  fullBegin = 0\n"
            "  fullEnd = max(min(end, first + 1), 0)\n");
}

/// Beyond the bound, everything is visited under the predicate, with a reason.
TEST_F(KeyRangesTest, TooManyPiecesAreOneWithoutFullPart) {
  std::vector<MaskExpr> points;
  for (int64_t i = 0; i < 25; ++i)
    points.push_back(examples.compare(k, P::eq, 2 * i));
  MaskExpr mask = examples.any(points);
  KeyRanges ranges = getRanges(mask);
  EXPECT_FALSE(ranges.isExact());
  EXPECT_EQ(ranges.getReason(), "the mask has more than 24 convex pieces");
  ASSERT_EQ(ranges.getPieces().size(), 1u);
  forEachTile(mask, grid,
              [&](const QueryTile &tile, ArrayRef<int64_t> allowed) {
                checkTile(ranges, tile, allowed);
                KeyRange range = ranges.evaluate(tile).front();
                ASSERT_EQ(range.end, tile.keys);
                ASSERT_EQ(range.fullBegin, range.fullEnd);
              });

  points.pop_back();
  ranges = getRanges(examples.any(points));
  EXPECT_TRUE(ranges.isExact());
  EXPECT_EQ(ranges.getPieces().size(), 24u);
}

/// One convex piece with more sides than are worth proving things about: its
/// range is still the hull.
TEST_F(KeyRangesTest, ManySidesLeaveTheHull) {
  // Tangents of a parabola, all needed.
  std::vector<MaskExpr> sides;
  for (int64_t i = 1; i <= 17; ++i)
    sides.push_back(examples.compare(k * i, P::le, q + i * i));
  MaskExpr mask = examples.all(sides);
  KeyRanges ranges = getRanges(mask);
  EXPECT_TRUE(ranges.isExact());
  ASSERT_EQ(ranges.getPieces().size(), 1u);
  forEachTile(mask, grid,
              [&](const QueryTile &tile, ArrayRef<int64_t> allowed) {
                checkTile(ranges, tile, allowed);
                KeyRange range = ranges.evaluate(tile).front();
                for (int64_t k = range.begin; k < range.end; ++k)
                  ASSERT_GT(allowed[k], 0);
              });
}

/// First and last key of a mask with a single convex piece without divisions,
/// by upstream's symbolic lexicographic minimum of k and of -k.
class GeneralSolver {
public:
  explicit GeneralSolver(const MaskSet &mask)
      : first(solve(mask, 1)), last(solve(mask, -1)) {}

  std::optional<int64_t> getFirst(const QueryTile &tile) const {
    return evaluate(first, tile);
  }
  std::optional<int64_t> getLast(const QueryTile &tile) const {
    std::optional<int64_t> value = evaluate(last, tile);
    return value ? std::optional(-*value) : std::nullopt;
  }

private:
  static presburger::PWMAFunction solve(const MaskSet &mask, int64_t sign) {
    // Dims q, k; symbols b, h, first, count, keys.
    presburger::IntegerPolyhedron program(mask.getAllowed().getDisjunct(0));
    program.insertVar(presburger::VarKind::Symbol, 2, 3);
    program.addInequality({1, 0, 0, 0, -1, 0, 0, 0});
    program.addInequality({-1, 0, 0, 0, 1, 1, 0, -1});
    program.addInequality({0, 1, 0, 0, 0, 0, 0, 0});
    program.addInequality({0, -1, 0, 0, 0, 0, 1, -1});
    for (unsigned i = 0; i < program.getNumInequalities(); ++i)
      program.atIneq(i, 1) *= sign;
    for (unsigned i = 0; i < program.getNumEqualities(); ++i)
      program.atEq(i, 1) *= sign;
    program.convertVarKind(presburger::VarKind::SetDim, 0, 1,
                           presburger::VarKind::Local, 0);
    return program.findSymbolicIntegerLexMin().lexopt;
  }

  static std::optional<int64_t>
  evaluate(const presburger::PWMAFunction &function, const QueryTile &tile) {
    std::optional<SmallVector<llvm::DynamicAPInt, 8>> value = function.valueAt(
        {tile.batch, tile.head, tile.first, tile.count, tile.keys});
    if (!value)
      return std::nullopt;
    return int64_t(value->front());
  }

  presburger::PWMAFunction first, last;
};

TEST_F(KeyRangesTest, GeneralSolverFindsTheSameKeys) {
  const Grid coarse = {/*maxHead=*/2,
                       /*minFirst=*/-5,
                       /*maxFirst=*/13,
                       /*maxKeys=*/14,
                       {1, 3, 8}};
  unsigned numCompared = 0;
  for (const NamedMask &named : examples.getNamed()) {
    MaskSet mask = llvm::cantFail(MaskSet::get(named.mask));
    if (mask.getAllowed().getNumDisjuncts() != 1 ||
        mask.getAllowed().getDisjunct(0).getNumLocalVars() != 0)
      continue;
    SCOPED_TRACE(named.name);
    ++numCompared;
    GeneralSolver solver(mask);
    KeyRanges ranges = KeyRanges::get(mask, &context);
    forEachTile(named.mask, coarse,
                [&](const QueryTile &tile, ArrayRef<int64_t>) {
                  KeyRange range = ranges.evaluate(tile).front();
                  std::optional<int64_t> first = solver.getFirst(tile);
                  std::optional<int64_t> last = solver.getLast(tile);
                  ASSERT_EQ(first.has_value(), range.begin < range.end);
                  ASSERT_EQ(last.has_value(), range.begin < range.end);
                  if (first) {
                    ASSERT_EQ(*first, range.begin);
                    ASSERT_EQ(*last + 1, range.end);
                  }
                });
    ASSERT_FALSE(HasFatalFailure());
  }
  EXPECT_GT(numCompared, 15u);
}

} // namespace
