//===- MaskPicture.cpp - what becomes of a mask, at given lengths ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Puts the parts that the compiler made of a mask together, and says of each
// how its keys are found.
//
//===----------------------------------------------------------------------===//

#include "attnc/Compiler/Explain/MaskPicture.h"

#include "PartVisits.h"
#include "attnc/Compiler/Failure.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>

using namespace attnc;

namespace {

/// How the keys are found within a residue class.
MaskRule describeVisits(const KeyVisits &visits) {
  if (visits.getRanges().getPieces().empty())
    return {"empty", "empty: the mask allows nothing, and nothing is visited",
            true, ""};
  std::string reason = visits.getReason().str();
  std::string what = "closed form, exact: the first and the last key of each "
                     "part of the mask are functions of the tile";
  std::string kind = "closed-form";
  if (!visits.isExact()) {
    kind = "enclosing";
    what = "closed form that encloses the mask: " + reason;
  } else if (visits.getRows()) {
    kind = "key-rows";
    what = "closed form per row of " +
           std::to_string(visits.getRows()->set.getRowWidth()) +
           " keys: a loop over the rows between the first and the last key";
  }
  if (int64_t length = visits.getRunLength(); length > 0) {
    if (kind == "closed-form") {
      kind = "query-runs";
      what = "closed form";
    }
    what += ", per run of " + std::to_string(length) +
            " queries: a loop over the runs of a tile";
  }
  if (visits.getBlockTest()) {
    kind = "key-blocks";
    what += "; of these keys the blocks of " +
            std::to_string(KeyVisits::blockSize) +
            " that least and greatest entries of the tables do not rule out, "
            "found in one pass before";
  }
  return {kind, what, visits.isExact(), reason};
}

MaskRule describeRule(const PartSource &source, const MaskPart &part) {
  if (!source.mask && source.lattice == 1)
    return {"no-mask", "no mask: every tile visits all keys", true, ""};
  MaskRule rule = describeVisits(part.getVisits());
  if (source.lattice > 1 && rule.kind != "empty") {
    rule.kind = "residue-classes";
    rule.text = "residue classes of positions modulo " +
                std::to_string(source.lattice) +
                ", each a dense sequence of its own; in it " + rule.text;
  }
  return rule;
}

/// The rule of the whole.
MaskRule describeRules(ArrayRef<PartPicture> parts) {
  if (parts.size() == 1)
    return parts.front().rule;
  MaskRule rule;
  rule.kind = "parts";
  rule.text = std::to_string(parts.size()) +
              " parts, one after the other; each goes on from the results of "
              "the one before";
  for (const PartPicture &part : parts) {
    rule.isExact &= part.rule.isExact;
    if (rule.reason.empty())
      rule.reason = part.rule.reason;
  }
  return rule;
}

/// "k <= q", with the tables that the mask reads under their names.
std::string printSet(const Mask &mask) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  printPredicate(stream, mask.predicate, mask.terms);
  return text;
}

std::string printKeyRanges(const KeyVisits &visits) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  visits.getRanges().print(stream);
  if (visits.getRows()) {
    stream << "in a row of " << visits.getRows()->set.getRowWidth()
           << " keys between these begins and ends\n";
    visits.getRows()->ranges.print(stream);
  }
  return text;
}

llvm::Error checkFrame(const PictureFrame &frame) {
  // That many rows of a few runs are some hundred megabytes.
  int64_t rows = llvm::divideCeilSigned(frame.queryLength, frame.queryTile);
  if (rows > MaskPicture::maxRows)
    return fail(ExitCode::ResourceLimit,
                Twine(rows) + " tiles of queries are more than the " +
                    Twine(MaskPicture::maxRows) +
                    " that explain draws; give a larger --query-tile");
  int64_t pairs;
  if (llvm::MulOverflow(frame.queryLength, frame.keyLength, pairs) ||
      pairs > int64_t(1) << 62)
    return fail(ExitCode::ResourceLimit,
                "the pairs of a query and a key are too many to be counted in "
                "64 bits; give shorter lengths with --dims");
  return llvm::Error::success();
}

} // namespace

void RunRows::addRun(Run run) {
  if (run.begin >= run.end)
    return;
  bool isFirst = runs.size() == (ends.empty() ? 0 : ends.back());
  if (!isFirst && runs.back().end == run.begin &&
      runs.back().coverage == run.coverage)
    runs.back().end = run.end;
  else
    runs.push_back(run);
}

std::optional<double> PairCounts::getWaste() const {
  if (!allowed || !visited)
    return std::nullopt;
  return *visited == 0 ? 0.0 : double(*visited - *allowed) / double(*visited);
}

namespace {

/// Makes a picture of the parts of a mask.
class Painter {
public:
  Painter(MaskPicture &picture, MLIRContext *context, TermValues values)
      : picture(picture), context(context), values(values),
        tiles(size_t(llvm::divideCeilSigned(picture.frame.queryLength,
                                            picture.frame.queryTile))) {}

  llvm::Error add(const PartSource &source) {
    Mask mask = source.mask.value_or(Mask{MaskExpr::conjunction({}), {}});
    llvm::Expected<MaskPart> part =
        MaskPart::get(mask, source.lattice, context);
    if (!part)
      return part.takeError();
    const PictureFrame &frame = picture.frame;
    PartPicture painted;
    painted.lattice = source.lattice;
    painted.stripRows =
        source.stripRows > 0 ? source.stripRows : frame.stripRows;
    painted.set = source.mask ? printSet(mask) : "true";
    painted.rule = describeRule(source, *part);
    if (source.mask)
      painted.keyRanges = printKeyRanges(part->getVisits());
    painted.pairs.all = picture.pairs.all;
    picture.parts.push_back(std::move(painted));
    if (source.isKnown)
      return visit(*part, mask, picture.parts.back());
    picture.isKnown = false;
    return llvm::Error::success();
  }

  void finish() {
    picture.rule = describeRules(picture.parts);
    if (!picture.isKnown)
      return;
    PairCounts &pairs = picture.pairs;
    pairs.visited = pairs.tested = pairs.allowed = 0;
    for (const PartPicture &part : picture.parts) {
      *pairs.visited += *part.pairs.visited;
      *pairs.tested += *part.pairs.tested;
      // The parts have no pair in common.
      if (pairs.allowed && part.pairs.allowed)
        *pairs.allowed += *part.pairs.allowed;
      else
        pairs.allowed.reset();
    }
    for (std::vector<KeyRange> &tile : tiles) {
      for (const KeySegment &segment : makeSegments(tile))
        picture.rows.addRun(
            {segment.begin, segment.end,
             segment.isFull ? Coverage::Full : Coverage::Partial});
      picture.rows.endRow();
    }
  }

private:
  llvm::Error visit(const MaskPart &part, const Mask &mask,
                    PartPicture &painted) {
    const PictureFrame &frame = picture.frame;
    PartVisits visits(part, frame, painted.stripRows, values);
    if (!visits.visitStrips(painted.pairs, cost))
      return fail(ExitCode::ResourceLimit,
                  "looking for the keys of all queries would take too long; "
                  "give a larger --query-tile, or shorter lengths with --dims");
    if (!visits.addTiles(tiles, cost))
      return fail(
          ExitCode::ResourceLimit,
          "the keys of " + Twine(tiles.size()) +
              " tiles of queries are more runs than explain draws; "
              "give a larger --query-tile, or shorter lengths with --dims");
    llvm::Expected<AllowedPairs> allowed =
        AllowedPairs::get(mask, painted.lattice, context);
    if (!allowed)
      return allowed.takeError();
    picture.dependsOnPlane |=
        allowed->dependsOnBatch() || allowed->dependsOnHead();
    painted.pairs.allowed =
        allowed->count(frame.getPlane(), values, countingCost);
    return llvm::Error::success();
  }

  MaskPicture &picture;
  MLIRContext *context;
  TermValues values;
  std::vector<std::vector<KeyRange>> tiles;
  int64_t cost = MaskPicture::maxCost, countingCost = AllowedPairs::maxCost;
};

} // namespace

llvm::Expected<MaskPicture> MaskPicture::get(const std::optional<Mask> &mask,
                                             MLIRContext *context,
                                             const PictureFrame &frame,
                                             ArrayRef<PartSource> parts,
                                             TermValues values) {
  if (llvm::Error error = checkFrame(frame))
    return std::move(error);
  MaskPicture picture;
  picture.frame = frame;
  picture.set = mask ? printSet(*mask) : "true";
  picture.pairs.all = frame.queryLength * frame.keyLength;
  PartSource whole;
  whole.mask = mask;
  Painter painter(picture, context, values);
  for (const PartSource &part : parts.empty() ? ArrayRef(whole) : parts)
    if (llvm::Error error = painter.add(part))
      return std::move(error);
  painter.finish();
  return picture;
}
