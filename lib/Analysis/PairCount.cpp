//===- PairCount.cpp - numbers of pairs of a query and a key --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What strips of queries visit without mask code is allowed as a whole; of the
// rest the predicate decides, some hundred keys at a time.
//
//===----------------------------------------------------------------------===//
#include "attnc/Analysis/PairCount.h"
#include "Distances.h"
#include "RowPredicate.h"
#include "attnc/Analysis/Lattice.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <map>
#include <tuple>

namespace attnc {

//===----------------------------------------------------------------------===//
// Planes
//===----------------------------------------------------------------------===//

int64_t QueryPlane::getFirstRow(int64_t modulus, int64_t residue) const {
  int64_t distance = residue - first;
  return distance - modulus * llvm::divideFloorSigned(distance, modulus);
}

QueryPlane QueryPlane::getResidueClass(int64_t modulus, int64_t residue) const {
  int64_t row = getFirstRow(modulus, residue);
  QueryPlane plane = *this;
  plane.first = (first + row - residue) / modulus;
  plane.queries =
      row < queries ? llvm::divideCeilSigned(queries - row, modulus) : 0;
  plane.keys =
      residue < keys ? llvm::divideCeilSigned(keys - residue, modulus) : 0;
  plane.residue = residue;
  return plane;
}

//===----------------------------------------------------------------------===//
// Parts
//===----------------------------------------------------------------------===//

/// Costs in additions, roughly: of a piece, of a block of keys in it, and of
/// reading the tables for a row.
constexpr int64_t kPieceCost = 6000, kBlockCost = 100, kReadCost = 400;

MaskPart::MaskPart(KeyVisits keyVisits, int64_t modulus)
    : visits(std::move(keyVisits)), modulus(modulus),
      isAlike(!getMask().predicate.isFunctionOfDim(firstTermDim) &&
              !TermRoles(getMask().terms).readPositions()) {}

llvm::Expected<MaskPart> MaskPart::get(const Mask &mask, int64_t modulus,
                                       MLIRContext *context) {
  llvm::Expected<KeyVisits> visits = KeyVisits::get(
      modulus > 1 ? reindexMask(mask, modulus, context) : mask, context);
  if (!visits)
    return visits.takeError();
  return MaskPart(std::move(*visits), modulus);
}

int64_t MaskPart::getStripCost(const QueryPlane &plane, int64_t rows) const {
  int64_t blocks =
      visits.getBlockTest() ? plane.keys / KeyVisits::blockSize : 0;
  auto pieces = int64_t(visits.getRanges().getPieces().size()) + 1;
  int64_t cost = pieces * (kPieceCost + blocks * kBlockCost);
  rows = std::min(rows, plane.queries);
  if (int64_t run = visits.getRunLength(); run > 0)
    cost *= 1 + llvm::divideCeilSigned(rows, run);
  if (visits.getSet().hasRole(TermRole::interval))
    cost += rows * kReadCost;
  return cost;
}

std::vector<MaskPart::PlaneClass>
MaskPart::getClasses(const QueryPlane &plane) const {
  if (modulus == 1)
    return {{plane, 1}};
  std::vector<PlaneClass> classes;
  std::map<std::tuple<int64_t, int64_t, int64_t>, size_t> alike;
  for (int64_t r = 0, end = std::min(modulus, plane.keys); r < end; ++r) {
    QueryPlane ofClass = plane.getResidueClass(modulus, r);
    if (ofClass.queries == 0)
      continue;
    auto [known, isNew] = alike.try_emplace(
        {ofClass.first, ofClass.queries, ofClass.keys}, classes.size());
    if (isNew || !isAlike)
      classes.push_back({ofClass, 1});
    else
      ++classes[known->second].count;
  }
  return classes;
}

void MaskPart::forEachStrip(const QueryPlane &plane, int64_t rows,
                            TermValues values,
                            function_ref<bool(const Strip &)> visit) const {
  auto read = [&](const MaskTerm &term, ArrayRef<int64_t> indices) {
    return values(term, plane.batch, indices);
  };
  BlockSummaries summaries;
  if (visits.getBlockTest())
    summaries =
        visits.summarizeBlocks(plane.batch, plane.head, plane.keys, read);
  for (int64_t row = 0; row < plane.queries; row += rows) {
    QueryTile tile;
    tile.batch = plane.batch;
    tile.head = plane.head;
    tile.first = plane.first + row;
    tile.count = std::min(rows, plane.queries - row);
    tile.keys = plane.keys;
    tile.residue = plane.residue;
    SmallVector<KeyRange> ranges;
    // Without keys tables may be empty.
    if (plane.keys > 0)
      ranges = visits.evaluate(tile, read, &summaries);
    if (!visit({row, tile.count, makeSegments(ranges)}))
      return;
  }
}

//===----------------------------------------------------------------------===//
// Allowed pairs
//===----------------------------------------------------------------------===//

namespace {

/// The most queries and keys that are counted distance by distance.
constexpr int64_t kMaxDistances = int64_t(1) << 22;

/// What is known of a plane before the predicate is asked.
struct PlaneCount {
  QueryPlane plane;
  /// How many planes are like it.
  int64_t count;
  int64_t allowed = 0;
  struct Test {
    int64_t row, rows, begin, end;
  };
  std::vector<Test> tests;
};

/// Counts the pairs of one part.
class PartCount {
public:
  PartCount(const MaskPart &part, TermValues values)
      : part(part), values(values), terms(part.getMask().terms.getTerms()),
        roles(part.getVisits().getSet().getRoles()),
        predicate(part.getMask().predicate, getKeyDims()) {}

  /// Finds what is allowed as a whole, and what is to be tested. False if it
  /// would cost more than `cost`.
  bool collect(PlaneCount &counted, int64_t &cost) {
    const QueryPlane &plane = counted.plane;
    int64_t rows = chooseStripRows();
    int64_t stripCost = part.getStripCost(plane, rows);
    part.forEachStrip(plane, rows, values, [&](const MaskPart::Strip &strip) {
      cost -= stripCost;
      for (const KeySegment &segment : strip.segments) {
        int64_t pairs = (segment.end - segment.begin) * strip.rows;
        cost -= part.getSegmentCost();
        if (segment.isFull) {
          counted.allowed += pairs;
          continue;
        }
        // Pairs may be as many as fit in 62 bits.
        if (pairs > cost / predicate.getCost())
          cost = -1;
        else
          cost -= pairs * predicate.getCost();
        counted.tests.push_back(
            {strip.row, strip.rows, segment.begin, segment.end});
      }
      return cost >= 0;
    });
    return cost >= 0;
  }

  /// Asks the predicate.
  int64_t finish(const PlaneCount &counted) {
    const QueryPlane &plane = counted.plane;
    int64_t allowed = counted.allowed;
    if (!counted.tests.empty())
      readColumns(plane);
    for (const PlaneCount::Test &test : counted.tests)
      for (int64_t row = test.row; row < test.row + test.rows; ++row) {
        int64_t q = plane.first + row;
        SmallVector<int64_t, 8> dims = {plane.batch, plane.head, q, 0};
        for (unsigned i = 0; i < terms.size(); ++i)
          dims.push_back(roles[i] == TermRole::key ? 0 : read(plane, i, q, 0));
        allowed += predicate.count(dims, columns, test.begin, test.end);
      }
    return allowed * counted.count;
  }

private:
  /// Strips with few rows test less and look for keys more often.
  int64_t chooseStripRows() const {
    constexpr int64_t few = 16, many = 64;
    if (part.getVisits().getBlockTest())
      return many;
    int64_t run = part.getVisits().getRunLength();
    return run >= few && run <= many ? run : few;
  }

  std::vector<bool> getKeyDims() const {
    std::vector<bool> isKey = {false, false, false, true};
    for (TermRole role : roles)
      isKey.push_back(role == TermRole::key);
    return isKey;
  }

  int64_t read(const QueryPlane &plane, unsigned i, int64_t q, int64_t k) {
    const MaskTerm &term = terms[i];
    if (term.table == residueTerm)
      return plane.residue;
    SmallVector<int64_t> indices;
    for (AffineExpr index : term.indices)
      indices.push_back(evaluateAffine(
          index, {plane.batch, plane.head, std::max<int64_t>(q, 0), k}));
    return std::clamp(values(term, plane.batch, indices), term.lowest,
                      term.highest);
  }

  /// Reads the tables of keys.
  void readColumns(const QueryPlane &plane) {
    columns.assign(firstTermDim + terms.size(), nullptr);
    columnValues.resize(terms.size());
    for (unsigned i = 0; i < terms.size(); ++i) {
      if (roles[i] != TermRole::key)
        continue;
      columnValues[i].clear();
      for (int64_t k = 0; k < plane.keys; ++k)
        columnValues[i].push_back(read(plane, i, 0, k));
      columns[firstTermDim + i] = columnValues[i].data();
    }
  }

  const MaskPart &part;
  TermValues values;
  ArrayRef<MaskTerm> terms;
  ArrayRef<TermRole> roles;
  RowPredicate predicate;
  SmallVector<const int64_t *> columns;
  std::vector<std::vector<int64_t>> columnValues;
};

/// The parts of a mask, each without the pairs of those before it; nothing if
/// one is too complex.
std::vector<MaskPart> split(const Mask &mask, MLIRContext *context) {
  std::vector<MaskPart> parts;
  if (TermRoles(mask.terms).readPositions())
    return parts;
  for (const LatticePart &lattice :
       excludeEarlier(splitLattices(mask, context))) {
    auto part = MaskPart::get({lattice.predicate, mask.terms}, lattice.modulus,
                              context);
    if (!part) {
      llvm::consumeError(part.takeError());
      return {};
    }
    parts.push_back(std::move(*part));
  }
  return parts;
}

} // namespace

llvm::Expected<AllowedPairs>
AllowedPairs::get(const Mask &mask, int64_t modulus, MLIRContext *context) {
  AllowedPairs pairs(mask, modulus);
  if (modulus == 1)
    pairs.parts = split(mask, context);
  if (pairs.parts.empty()) {
    llvm::Expected<MaskPart> whole = MaskPart::get(mask, modulus, context);
    if (!whole)
      return whole.takeError();
    pairs.parts.push_back(std::move(*whole));
  }
  pairs.isPerBatch = mask.predicate.isFunctionOfDim(0);
  pairs.isPerHead = mask.predicate.isFunctionOfDim(1);
  for (const MaskTerm &term : mask.terms.getTerms()) {
    // A table of the user's may have an axis for the batch.
    pairs.isPerBatch |= !term.source;
    for (AffineExpr index : term.indices) {
      pairs.isPerBatch |= index.isFunctionOfDim(0);
      pairs.isPerHead |= index.isFunctionOfDim(1);
    }
  }
  return std::move(pairs);
}

std::optional<int64_t> AllowedPairs::count(const QueryPlane &plane,
                                           TermValues values,
                                           int64_t &cost) const {
  if (modulus == 1 && mask.terms.empty() &&
      plane.queries + plane.keys <= kMaxDistances)
    if (auto allowed = countByDistance(mask.predicate, plane))
      return allowed;
  // All that is cheap before anything that is not.
  std::vector<std::vector<PlaneCount>> counted;
  std::vector<PartCount> counts;
  for (const MaskPart &part : parts) {
    counts.emplace_back(part, values);
    counted.emplace_back();
    for (const MaskPart::PlaneClass &some : part.getClasses(plane)) {
      counted.back().push_back({some.plane, some.count, 0, {}});
      if (!counts.back().collect(counted.back().back(), cost))
        return std::nullopt;
    }
  }
  int64_t allowed = 0;
  for (auto [count, planes] : llvm::zip_equal(counts, counted))
    for (const PlaneCount &ofPlane : planes)
      allowed += count.finish(ofPlane);
  return allowed;
}

std::optional<double> AllowedPairs::countAll(int64_t batches, int64_t heads,
                                             int64_t queries, int64_t keys,
                                             TermValues values) const {
  int64_t differentBatches =
      isPerBatch ? batches : std::min<int64_t>(batches, 1);
  int64_t differentHeads = isPerHead ? heads : std::min<int64_t>(heads, 1);
  int64_t cost = maxCost;
  double allowed = 0;
  for (int64_t b = 0; b < differentBatches; ++b)
    for (int64_t h = 0; h < differentHeads; ++h) {
      auto ofPlane = count(QueryPlane::get(b, h, queries, keys), values, cost);
      if (!ofPlane)
        return std::nullopt;
      allowed += double(*ofPlane);
    }
  return allowed * double(isPerBatch ? 1 : batches) *
         double(isPerHead ? 1 : heads);
}

} // namespace attnc
