//===- KeyVisits.cpp - how a tile of queries finds its keys ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Decides which of the three loops a mask needs, and runs them for one tile.
//
//===----------------------------------------------------------------------===//
#include "attnc/Analysis/KeyVisits.h"
#include "TilePieces.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>
#include <set>

namespace attnc {
namespace {

/// Narrower rows of keys are not worth a range each.
constexpr int64_t kSmallestKeyRow = 8;

/// The constants by which k is divided.
void collectKeyDivisors(AffineExpr expr, std::set<int64_t> &divisors) {
  auto binary = dyn_cast<mlir::AffineBinaryOpExpr>(expr);
  if (!binary)
    return;
  auto key = dyn_cast<mlir::AffineDimExpr>(binary.getLHS());
  auto divisor = dyn_cast<mlir::AffineConstantExpr>(binary.getRHS());
  bool isDivision = expr.getKind() == mlir::AffineExprKind::FloorDiv ||
                    expr.getKind() == mlir::AffineExprKind::Mod;
  if (isDivision && key && key.getPosition() == 3 && divisor)
    divisors.insert(divisor.getValue());
  collectKeyDivisors(binary.getLHS(), divisors);
  collectKeyDivisors(binary.getRHS(), divisors);
}

void collectKeyDivisors(const MaskExpr &expr, std::set<int64_t> &divisors) {
  if (expr.kind == MaskExpr::Kind::Compare) {
    collectKeyDivisors(expr.lhs, divisors);
    collectKeyDivisors(expr.rhs, divisors);
  }
  for (const MaskExpr &child : expr.children)
    collectKeyDivisors(child, divisors);
}

} // namespace

llvm::Expected<KeyVisits> KeyVisits::get(const Mask &mask,
                                         MLIRContext *context) {
  return get(mask, context, /*hasFullParts=*/true);
}

llvm::Expected<KeyVisits> KeyVisits::getWithoutFullParts(const Mask &mask,
                                                         MLIRContext *context) {
  return get(mask, context, /*hasFullParts=*/false);
}

llvm::Expected<KeyVisits> KeyVisits::get(const Mask &mask, MLIRContext *context,
                                         bool hasFullParts) {
  llvm::Expected<MaskSet> set = MaskSet::get(mask);
  if (!set)
    return set.takeError();
  KeyVisits visits(std::move(*set));
  TilePieces pieces(visits.set, context, /*isIdle=*/!hasFullParts);
  if (!pieces.areExact())
    visits.findRows(context, hasFullParts);
  using FullParts = KeyRanges::FullParts;
  visits.ranges =
      KeyRanges::get(pieces, !hasFullParts ? FullParts::ofNone
                             : visits.rows ? FullParts::ofExactPieces
                                           : FullParts::ofAll);
  if (!visits.rows)
    visits.reason = visits.ranges.getReason().str();
  if (visits.set.hasRole(TermRole::key))
    visits.blockTest = BlockTest::get(visits.set, context);
  for (const KeyPiece &piece : visits.ranges.getPieces())
    visits.perRun.push_back(visits.findPerRun(piece));
  return std::move(visits);
}

/// The narrowest rows of keys in which every piece is exact.
void KeyVisits::findRows(MLIRContext *context, bool hasFullParts) {
  std::set<int64_t> divisors;
  collectKeyDivisors(set.getPredicate(), divisors);
  for (int64_t width : divisors) {
    if (width < kSmallestKeyRow)
      continue;
    llvm::Expected<MaskSet> rowSet = MaskSet::get(set.getMask(), width);
    if (!rowSet) {
      llvm::consumeError(rowSet.takeError());
      continue;
    }
    TilePieces pieces(*rowSet, context, /*isIdle=*/!hasFullParts);
    if (!pieces.areExact())
      continue;
    KeyRanges rowRanges =
        KeyRanges::get(pieces, hasFullParts ? KeyRanges::FullParts::ofAll
                                            : KeyRanges::FullParts::ofNone);
    rows = Rows{std::move(*rowSet), std::move(rowRanges)};
    return;
  }
}

int64_t KeyVisits::getRunLength() const {
  return std::gcd(set.getRunLength(), rows ? rows->set.getRunLength() : 0);
}

bool KeyVisits::findPerRun(const KeyPiece &piece) const {
  // A block of keys is tested against the numbers of a run, too.
  if (blockTest && set.hasRole(TermRole::run))
    return true;
  for (auto [i, parameter] : llvm::enumerate(set.getParameters()))
    if (parameter.kind == TileParameter::Kind::value &&
        set.getRoles()[parameter.term] == TermRole::run &&
        piece.usesParameter(i))
      return true;
  return false;
}

//===----------------------------------------------------------------------===//
// Evaluation
//===----------------------------------------------------------------------===//

namespace {

/// Runs the loops of one tile.
class Evaluation {
public:
  Evaluation(const KeyVisits &visits, const QueryTile &tile, TermReader read,
             const BlockSummaries *summaries)
      : visits(visits), tile(tile), read(read), summaries(summaries) {}

  SmallVector<KeyRange> run() {
    visitRows(tile, /*perRun=*/false);
    int64_t length = visits.getRunLength();
    if (length == 0)
      return std::move(result);
    int64_t end = tile.first + tile.count;
    for (int64_t run = llvm::divideFloorSigned(tile.first, length);
         run * length < end; ++run) {
      QueryTile part = tile;
      part.first = std::max(tile.first, run * length);
      part.count = std::min(end, (run + 1) * length) - part.first;
      visitRows(part, /*perRun=*/true);
    }
    return std::move(result);
  }

  /// The least and the greatest value of a term over the keys of a block.
  std::pair<int64_t, int64_t> summarize(unsigned term, int64_t block) {
    constexpr int64_t size = KeyVisits::blockSize;
    int64_t end = std::min((block + 1) * size, tile.keys);
    int64_t least = readTerm(term, 0, block * size), greatest = least;
    for (int64_t k = block * size + 1; k < end; ++k) {
      int64_t value = readTerm(term, 0, k);
      least = std::min(least, value);
      greatest = std::max(greatest, value);
    }
    return {least, greatest};
  }

private:
  /// The value of a term where the query is at `q` and the key at `k`.
  int64_t readTerm(unsigned index, int64_t q, int64_t k) {
    const MaskTerm &term = visits.getSet().getMask().terms.getTerms()[index];
    if (term.table == residueTerm)
      return tile.residue;
    SmallVector<int64_t> indices;
    for (AffineExpr expr : term.indices)
      indices.push_back(evaluateAffine(
          expr, {tile.batch, tile.head, std::max<int64_t>(q, 0), k}));
    return std::clamp(read(term, indices), term.lowest, term.highest);
  }

  SmallVector<int64_t, 2> getParameters(const MaskSet &set,
                                        const QueryTile &part, int64_t keyRow) {
    SmallVector<int64_t, 2> values;
    for (const TileParameter &parameter : set.getParameters()) {
      if (parameter.kind == TileParameter::Kind::keyRow) {
        values.push_back(keyRow);
        continue;
      }
      if (parameter.kind == TileParameter::Kind::queryRow) {
        values.push_back(
            llvm::divideFloorSigned(part.first, set.getRowWidth()));
        continue;
      }
      if (parameter.kind == TileParameter::Kind::value) {
        values.push_back(readTerm(parameter.term, part.first, 0));
        continue;
      }
      bool isLeast = parameter.kind == TileParameter::Kind::least;
      int64_t value = readTerm(parameter.term, part.first, 0);
      for (int64_t q = part.first + 1; q < part.first + part.count; ++q) {
        int64_t next = readTerm(parameter.term, q, 0);
        value = isLeast ? std::min(value, next) : std::max(value, next);
      }
      values.push_back(value);
    }
    return values;
  }

  /// Visits the pieces that depend on the run of rows, or the others.
  void visitRows(QueryTile part, bool perRun) {
    const MaskSet &set = visits.getSet();
    part.parameters = getParameters(set, part, 0);
    for (auto [i, piece] : llvm::enumerate(visits.getRanges().getPieces())) {
      if (visits.getRows() && !piece.isExact) {
        if (!perRun)
          continue;
        int64_t begin = piece.begin.evaluate(part);
        int64_t end = piece.end.evaluate(part);
        visitKeyRows(part, begin, end);
        continue;
      }
      if (visits.isPerRun(i) == perRun)
        visitPiece(piece, part);
    }
  }

  void visitKeyRows(QueryTile part, int64_t begin, int64_t end) {
    const KeyVisits::Rows &rows = *visits.getRows();
    int64_t width = rows.set.getRowWidth();
    for (int64_t row = begin / width; begin < end && row * width < end; ++row) {
      part.parameters = getParameters(rows.set, part, row);
      for (const KeyPiece &piece : rows.ranges.getPieces())
        visitPiece(piece, part);
    }
  }

  void visitPiece(const KeyPiece &piece, const QueryTile &part) {
    SmallVector<int64_t, 8> values = part.getValues();
    KeyRange range;
    range.begin = range.fullBegin = range.fullEnd =
        piece.begin.evaluate(values);
    range.end = piece.end.evaluate(values);
    if (range.begin >= range.end)
      return;
    // Full means full for all rows of the tile.
    if (part.count == tile.count) {
      range.fullBegin = piece.fullBegin.evaluate(values);
      range.fullEnd = piece.fullEnd.evaluate(values);
    }
    if (visits.getBlockTest())
      visitBlocks(range, part);
    else
      result.push_back(range);
  }

  void visitBlocks(const KeyRange &range, QueryTile part) {
    constexpr int64_t size = KeyVisits::blockSize;
    part.parameters = getParameters(visits.getSet(), part, 0);
    for (int64_t block = range.begin / size; block * size < range.end;
         ++block) {
      int64_t first = block * size;
      int64_t last = std::min(first + size, tile.keys) - 1;
      SmallVector<int64_t, 8> values = part.getValues();
      values.push_back(first);
      values.push_back(last);
      for (auto [term, role] : llvm::enumerate(visits.getSet().getRoles())) {
        if (role != TermRole::key)
          continue;
        auto [least, greatest] = summaries ? (*summaries)[term][size_t(block)]
                                           : summarize(term, block);
        values.push_back(least);
        values.push_back(greatest);
      }
      if (!visits.getBlockTest()->any.evaluate(values))
        continue;
      KeyRange clipped;
      clipped.begin = std::max(first, range.begin);
      clipped.end = std::min(last + 1, range.end);
      bool isFull = part.count == tile.count &&
                    visits.getBlockTest()->all.evaluate(values);
      clipped.fullBegin = clipped.begin;
      clipped.fullEnd = isFull ? clipped.end : clipped.begin;
      result.push_back(clipped);
    }
  }

  const KeyVisits &visits;
  const QueryTile &tile;
  TermReader read;
  const BlockSummaries *summaries;
  SmallVector<KeyRange> result;
};

} // namespace

BlockSummaries KeyVisits::summarizeBlocks(int64_t batch, int64_t head,
                                          int64_t keys, TermReader read) const {
  QueryTile tile;
  tile.batch = batch;
  tile.head = head;
  tile.keys = keys;
  Evaluation evaluation(*this, tile, read, nullptr);
  BlockSummaries summaries(set.getRoles().size());
  for (auto [term, role] : llvm::enumerate(set.getRoles()))
    if (role == TermRole::key)
      for (int64_t block = 0; block * blockSize < keys; ++block)
        summaries[term].push_back(evaluation.summarize(term, block));
  return summaries;
}

SmallVector<KeyRange>
KeyVisits::evaluate(const QueryTile &tile, TermReader read,
                    const BlockSummaries *summaries) const {
  return Evaluation(*this, tile, read, summaries).run();
}

//===----------------------------------------------------------------------===//
// Segments
//===----------------------------------------------------------------------===//

namespace {

using Bounds = std::pair<int64_t, int64_t>;

/// Sorted and disjoint, without empty intervals.
SmallVector<Bounds> unite(SmallVector<Bounds> intervals) {
  llvm::erase_if(intervals, [](Bounds i) { return i.first >= i.second; });
  llvm::sort(intervals);
  SmallVector<Bounds> united;
  for (Bounds interval : intervals)
    if (!united.empty() && interval.first <= united.back().second)
      united.back().second = std::max(united.back().second, interval.second);
    else
      united.push_back(interval);
  return united;
}

} // namespace

SmallVector<KeySegment> makeSegments(ArrayRef<KeyRange> ranges) {
  SmallVector<Bounds> visited, full;
  for (const KeyRange &range : ranges) {
    if (range.begin >= range.end)
      continue;
    visited.emplace_back(range.begin, range.end);
    full.emplace_back(range.fullBegin, range.fullEnd);
  }
  full = unite(std::move(full));
  SmallVector<KeySegment> segments;
  const Bounds *next = full.begin();
  for (auto [key, end] : unite(std::move(visited))) {
    int64_t begin = key;
    for (; next != full.end() && next->first < end; ++next) {
      if (begin < next->first)
        segments.push_back({begin, next->first, false});
      segments.push_back({next->first, next->second, true});
      begin = next->second;
    }
    if (begin < end)
      segments.push_back({begin, end, false});
  }
  return segments;
}

} // namespace attnc
