//===- MaskProof.cpp - what is derived from a mask, against it ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The properties, and tables to read. Sizes are such that every interesting
// position of a tile relative to the mask is likely, and blocks of keys are
// more than one.
//
//===----------------------------------------------------------------------===//
#include "MaskProof.h"
#include "ArithInterpreter.h"
#include "MaskShrinker.h"
#include "attnc-c/runtime.h"
#include "attnc/Dialect/Attn/IR/Attn.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>

using namespace attnc;
using namespace attnc::test;

//===----------------------------------------------------------------------===//
// The definition
//===----------------------------------------------------------------------===//

static uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

/// Contents that make masks interesting: sorted and unsorted documents, window
/// ends near the position, lengths, flags that are constant for stretches.
static int64_t getElement(StringRef table, ArrayRef<int64_t> indices,
                          unsigned seed) {
  uint64_t hash = seed + llvm::hash_value(table);
  auto draw = [&](uint64_t salt, int64_t bound) {
    return static_cast<int64_t>(mix(hash + mix(salt + 1)) % bound);
  };
  if (indices.empty())
    return draw(0, 16) - 2;
  for (int64_t index : indices.drop_back())
    hash = mix(hash + index);
  int64_t last = indices.back();
  if (table.starts_with("ids"))
    return draw(llvm::divideFloorSigned(last, 7 + seed % 40), 4);
  if (table.starts_with("lengths"))
    return draw(last, 80) - 1;
  if (table.starts_with("start"))
    return last - draw(last, 9);
  if (table.starts_with("end"))
    return last + draw(last, 9);
  if (table.starts_with("flag")) {
    // Whole blocks without a flag, for some seeds; single ones for others.
    bool isSet = draw(llvm::divideFloorSigned(last, 70), 3) == 0;
    return isSet || (seed % 2 && draw(last, 3) == 0);
  }
  return draw(last, 24) - 3;
}

/// Not a name that a user can write.
static constexpr StringRef residueName = "residue class";

int64_t MaskClaim::read(const MaskTerm &term, ArrayRef<int64_t> indices,
                        int64_t keys) const {
  if (term.table == residueName)
    return residue;
  int64_t value = term.source ? cast<attn::MaskAttrInterface>(term.source)
                                    .getTableValue(term.table, indices.front(),
                                                   getTotalKeys(keys), {})
                              : getElement(term.table, indices, seed);
  return std::clamp(value, term.lowest, term.highest);
}

bool MaskClaim::isAllowed(int64_t b, int64_t h, int64_t q, int64_t k,
                          int64_t keys) const {
  int64_t query = modulus * q + residue, key = modulus * k + residue;
  SmallVector<int64_t> values = {b, h, query, key};
  int64_t position[] = {b, h, std::max<int64_t>(query, 0), key};
  for (const MaskTerm &term : mask.terms.getTerms()) {
    SmallVector<int64_t> indices;
    for (AffineExpr index : term.indices)
      indices.push_back(evaluateAffine(index, position));
    values.push_back(read(term, indices, keys));
  }
  return mask.predicate.evaluate(values);
}

Mask MaskClaim::getReindexed(MLIRContext *context) const {
  return modulus == 1 ? mask : reindexMask(mask, modulus, context);
}

//===----------------------------------------------------------------------===//
// The set and the emitted code
//===----------------------------------------------------------------------===//

MaskProof::MaskProof(MLIRContext &context) : context(context) {
  context.loadDialect<mlir::arith::ArithDialect>();
}

static std::string at(int64_t b, int64_t h, int64_t q, int64_t k) {
  return " at b = " + std::to_string(b) + ", h = " + std::to_string(h) +
         ", q = " + std::to_string(q) + ", k = " + std::to_string(k);
}

/// The set holds the positions that the predicate holds at, and its complement
/// the others. With tables of keys both may hold more.
MaskProof::Failure MaskProof::checkSet(const MaskClaim &claim,
                                       const KeyVisits &visits) {
  const MaskSet &set = visits.getSet();
  bool hasKeyTables = set.hasRole(TermRole::key);
  auto draw = [&](int64_t from, int64_t to) -> int64_t {
    return from + generator() % (to - from + 1);
  };
  for (unsigned i = 0; i < 40; ++i) {
    int64_t b = draw(0, 1), h = draw(0, 2), q = draw(-6, 30);
    int64_t k = draw(0, 1) ? draw(0, 30) : q + draw(-6, 6);
    if (claim.modulus > 1)
      q = std::max<int64_t>(q, 0);
    SmallVector<int64_t> point = {q, k}, symbols = {b, h};
    int64_t position[] = {b, h, std::max<int64_t>(q, 0), k, claim.residue};
    for (auto [term, role] :
         llvm::zip_equal(set.getMask().terms.getTerms(), set.getRoles())) {
      SmallVector<int64_t> indices;
      for (AffineExpr index : term.indices)
        indices.push_back(evaluateAffine(index, position));
      int64_t value = claim.read(term, indices, /*keys=*/32);
      if (role == TermRole::interval)
        point.push_back(value);
      else if (role != TermRole::key)
        symbols.push_back(value);
    }
    point.append(symbols);
    bool isAllowed = claim.isAllowed(b, h, q, k, /*keys=*/32);
    bool isMember = set.getAllowed().containsPoint(point);
    if (hasKeyTables ? isAllowed && !isMember : isAllowed != isMember)
      return "the set is wrong" + at(b, h, q, k);
  }
  return "";
}

MaskProof::Failure MaskProof::checkEmittedPredicate(const MaskClaim &claim) {
  constexpr int64_t size = 64;
  Mask mask = claim.getReindexed(&context);
  ArrayRef<MaskTerm> terms = mask.terms.getTerms();
  StraightLineCode code(
      context, mlir::VectorType::get({size}, mlir::IndexType::get(&context)),
      firstTermDim + terms.size());
  Value result = emitPredicate(code.builder, code.loc, mask.predicate,
                               code.block.getArguments());
  std::vector<Elements> columns(firstTermDim + terms.size());
  std::vector<bool> expected;
  for (int64_t i = 0; i < size; ++i) {
    int64_t b = generator() % 2, h = generator() % 3, q = generator() % 40;
    int64_t k = generator() % 40;
    int64_t position[] = {b, h, q, k, claim.residue};
    for (unsigned dim = 0; dim < firstTermDim; ++dim)
      columns[dim].push_back(position[dim]);
    for (auto [term, column] :
         llvm::zip_equal(terms, llvm::drop_begin(columns, firstTermDim))) {
      SmallVector<int64_t> indices;
      for (AffineExpr index : term.indices)
        indices.push_back(evaluateAffine(index, position));
      column.push_back(claim.read(term, indices, /*keys=*/40));
    }
    expected.push_back(claim.isAllowed(b, h, q, k, /*keys=*/40));
  }
  ArithInterpreter interpreter;
  for (auto [argument, column] :
       llvm::zip_equal(code.block.getArguments(), columns))
    interpreter.set(argument, column);
  interpreter.run(code.block);
  for (int64_t i = 0; i < size; ++i)
    if (interpreter.get(result)[i] != expected[i])
      return "the emitted predicate is wrong" +
             at(columns[0][i], columns[1][i], columns[2][i], columns[3][i]);
  return "";
}

/// The emitted bounds are those that `evaluate` finds, whatever the parameters.
MaskProof::Failure MaskProof::checkEmittedRanges(const MaskSet &set,
                                                 const KeyRanges &ranges) {
  unsigned numParameters = set.getParameters().size();
  StraightLineCode code(context, mlir::IndexType::get(&context),
                        5 + numParameters);
  SmallVector<Value> args(code.block.getArguments());
  SmallVector<KeyRangeValues> values = emitKeyRanges(
      code.builder, code.loc, ranges.getPieces(), args[0], args[1], args[2],
      args[3], args[4], ArrayRef(args).drop_front(5));
  for (unsigned i = 0; i < 12; ++i) {
    auto draw = [&](int64_t from, int64_t to) -> int64_t {
      return from + generator() % (to - from + 1);
    };
    QueryTile tile = {draw(0, 1), draw(0, 2), draw(-9, 40), draw(1, 20),
                      draw(0, 50)};
    for (unsigned j = 0; j < numParameters; ++j)
      tile.parameters.push_back(draw(-2, 9));
    ArithInterpreter interpreter;
    for (auto [argument, value] : llvm::zip_equal(args, tile.getValues()))
      interpreter.set(argument, {value});
    interpreter.run(code.block);
    for (auto [range, emitted] : llvm::zip_equal(ranges.evaluate(tile), values))
      if (interpreter.get(emitted.begin)[0] != range.begin ||
          interpreter.get(emitted.fullBegin)[0] != range.fullBegin ||
          interpreter.get(emitted.fullEnd)[0] != range.fullEnd ||
          interpreter.get(emitted.end)[0] != range.end)
        return "emitted bounds differ from evaluated ones";
  }
  return "";
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

/// For how many rows of the tile each key is allowed.
static std::vector<int64_t> countAllowed(const MaskClaim &claim,
                                         const QueryTile &tile) {
  std::vector<int64_t> allowed(tile.keys);
  for (int64_t q = tile.first; q < tile.first + tile.count; ++q)
    for (int64_t k = 0; k < tile.keys; ++k)
      allowed[k] += claim.isAllowed(tile.batch, tile.head, q, k, tile.keys);
  return allowed;
}

/// Whether ranges of the mask begin and end at a key that some row may see.
///
/// That holds where the analysis says that it is exact, for every mask whose
/// numbers are the same for all rows of a tile or of a run of rows. It need not
/// hold
/// - where the analysis gives a reason why it is not exact: a range then
///   encloses a lattice or everything;
/// - with a number that differs between rows: the range is that of all rows
///   with any number between the least and the greatest;
/// - with a table of keys: whole blocks are visited, and whether a block is
///   visited is decided by its least and its greatest entry.
///
/// In all of these, too, every allowed key is visited and no key that is
/// forbidden to some row is in a full segment.
static bool isTight(const KeyVisits &visits) {
  return visits.isExact() && !visits.getBlockTest() &&
         !visits.getSet().hasRole(TermRole::interval);
}

static std::string describeKey(const char *what, int64_t key) {
  return std::string(what) + ": key " + std::to_string(key);
}

/// The run-time library makes the same segments.
static bool isMadeAtRunTime(ArrayRef<KeyRange> ranges,
                            ArrayRef<KeySegment> segments) {
  std::vector<int64_t> memory(ATTNC_RT_SEGMENTS_BYTES / sizeof(int64_t));
  auto list = reinterpret_cast<int64_t>(memory.data());
  attnc_rt_segments_init(list);
  for (const KeyRange &range : ranges)
    attnc_rt_segments_add(list, range.begin, range.fullBegin, range.fullEnd,
                          range.end);
  auto count = static_cast<size_t>(attnc_rt_segments_finish(list));
  bool isSame = count == segments.size();
  for (size_t i = 0; isSame && i < count; ++i)
    isSame = attnc_rt_segments_begin(list, i) == segments[i].begin &&
             attnc_rt_segments_end(list, i) == segments[i].end &&
             (attnc_rt_segments_is_full(list, i) != 0) == segments[i].isFull;
  attnc_rt_segments_free(list);
  return isSame;
}

MaskProof::Failure MaskProof::checkTile(const MaskClaim &claim,
                                        const KeyVisits &visits,
                                        const QueryTile &tile) {
  std::string outOfBounds;
  auto read = [&](const MaskTerm &term, ArrayRef<int64_t> indices) {
    for (auto [expr, index] : llvm::zip_equal(term.indices, indices))
      if (index < 0 ||
          (expr.isFunctionOfDim(3) && index >= claim.getTotalKeys(tile.keys)))
        outOfBounds =
            "reads " + term.getName() + " at " + std::to_string(index);
    return claim.read(term, indices, tile.keys);
  };
  SmallVector<KeyRange> ranges = visits.evaluate(tile, read);
  if (!outOfBounds.empty())
    return outOfBounds;
  std::vector<int64_t> allowed = countAllowed(claim, tile);
  for (const KeyRange &range : ranges) {
    if (range.begin > range.fullBegin || range.fullBegin > range.fullEnd ||
        range.fullEnd > range.end || range.begin < 0 || range.end > tile.keys)
      return describeKey("the bounds of a range are out of order", range.begin);
    if (!isTight(visits) || range.begin == range.end)
      continue;
    for (int64_t key : {range.begin, range.end - 1})
      if (allowed[key] == 0)
        return describeKey("a range begins or ends at a forbidden key", key);
  }
  SmallVector<KeySegment> segments = makeSegments(ranges);
  if (!isMadeAtRunTime(ranges, segments))
    return "the run-time library makes other segments";
  int64_t next = 0;
  for (const KeySegment &segment : segments) {
    if (segment.begin < next || segment.begin >= segment.end ||
        segment.end > tile.keys)
      return describeKey("segments are not sorted and disjoint", segment.begin);
    for (; next < segment.begin; ++next)
      if (allowed[next] != 0)
        return describeKey("an allowed key is not visited", next);
    for (; next < segment.end; ++next)
      if (segment.isFull && allowed[next] != tile.count)
        return describeKey("a full segment has a forbidden key", next);
  }
  for (; next < tile.keys; ++next)
    if (allowed[next] != 0)
      return describeKey("an allowed key is not visited", next);
  return "";
}

MaskProof::Failure MaskProof::checkTile(const MaskClaim &claim,
                                        const QueryTile &tile) {
  llvm::Expected<KeyVisits> visits =
      KeyVisits::get(claim.getReindexed(&context), &context);
  if (!visits) {
    llvm::consumeError(visits.takeError());
    return "";
  }
  return checkTile(claim, *visits, tile);
}

QueryTile MaskProof::getRandomTile(const MaskClaim &claim, bool hasBlocks) {
  auto draw = [&](int64_t from, int64_t to) -> int64_t {
    return from + generator() % (to - from + 1);
  };
  static constexpr int64_t counts[] = {1, 1, 2, 3, 5, 8, 16, 24};
  QueryTile tile;
  tile.batch = draw(0, 1);
  tile.head = draw(0, 2);
  tile.count = counts[draw(0, std::size(counts) - 1)];
  int64_t size = draw(0, 15);
  tile.keys = size < 2 ? size : draw(2, hasBlocks ? 150 : 48);
  // Mostly rows that have a key of their own.
  int64_t last = draw(0, 3) ? std::max<int64_t>(tile.keys, 1) : 70;
  tile.first = draw(0, 5) ? draw(0, last) : draw(-30, 0);
  tile.residue = claim.residue;
  return tile;
}

//===----------------------------------------------------------------------===//
// Proof
//===----------------------------------------------------------------------===//

std::string MaskProof::describe(const MaskClaim &claim) const {
  std::string text;
  llvm::raw_string_ostream os(text);
  std::vector<std::string> termNames;
  for (const MaskTerm &term : claim.mask.terms.getTerms())
    termNames.push_back(term.getName());
  SmallVector<StringRef> names = {"b", "h", "q", "k"};
  names.append(termNames.begin(), termNames.end());
  os << claim.name << ": ";
  printPredicate(os, claim.mask.predicate, names);
  os << "\n  reads {";
  llvm::interleaveComma(termNames, os);
  os << "} with seed " << claim.seed;
  if (claim.modulus > 1)
    os << ", class " << claim.residue << " of " << claim.modulus;
  return text;
}

std::string MaskProof::shrink(MaskClaim claim, QueryTile tile) {
  auto fails = [&](const MaskClaim &smaller, const QueryTile &smallerTile) {
    return !checkTile(smaller, smallerTile).empty();
  };
  shrinkCounterexample(claim, tile, fails);
  std::string text;
  llvm::raw_string_ostream os(text);
  os << checkTile(claim, tile) << "\n  smallest mask: " << describe(claim)
     << "\n  b = " << tile.batch << ", h = " << tile.head
     << ", first = " << tile.first << ", count = " << tile.count
     << ", keys = " << tile.keys;
  return text;
}

std::string MaskProof::check(const MaskClaim &claim, unsigned numTiles) {
  outcome = {};
  Mask mask = claim.getReindexed(&context);
  auto start = std::chrono::steady_clock::now();
  llvm::Expected<KeyVisits> visits = KeyVisits::get(mask, &context);
  std::chrono::duration<double, std::milli> elapsed =
      std::chrono::steady_clock::now() - start;
  outcome.milliseconds = elapsed.count();
  std::string failure = checkEmittedPredicate(claim);
  if (!visits) {
    outcome.refusal = llvm::toString(visits.takeError());
    return failure.empty() ? "" : failure + "\n  " + describe(claim);
  }
  outcome.isExact = visits->isExact();
  outcome.numPieces = visits->getRanges().getPieces().size();
  outcome.hasRows = visits->getRows().has_value();
  outcome.hasBlocks = visits->getBlockTest().has_value();
  outcome.hasRuns = visits->getSet().getRunLength() > 0;
  if (failure.empty())
    failure = checkSet(claim, *visits);
  if (failure.empty())
    failure = checkEmittedRanges(visits->getSet(), visits->getRanges());
  if (failure.empty() && visits->getRows())
    failure =
        checkEmittedRanges(visits->getRows()->set, visits->getRows()->ranges);
  if (!failure.empty())
    return failure + "\n  " + describe(claim);
  for (unsigned i = 0; i < numTiles; ++i) {
    QueryTile tile = getRandomTile(claim, outcome.hasBlocks);
    if (!checkTile(claim, *visits, tile).empty())
      return shrink(claim, tile) + "\n  found with: " + describe(claim);
  }
  return "";
}
