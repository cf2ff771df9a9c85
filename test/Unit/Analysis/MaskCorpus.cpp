//===- MaskCorpus.cpp - masks to prove things about -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Random predicates are shaped like those that people write: one comparison
// relates positions, or a position and what is read there.
//
//===----------------------------------------------------------------------===//
#include "MaskCorpus.h"
#include "attnc/Dialect/Attn/IR/Attn.h"
#include "mlir/AsmParser/AsmParser.h"
#include "llvm/Support/ErrorHandling.h"

using namespace attnc;
using namespace attnc::test;

MaskCorpus::MaskCorpus(MLIRContext &context)
    : context(context), b(mlir::getAffineDimExpr(0, &context)),
      h(mlir::getAffineDimExpr(1, &context)),
      q(mlir::getAffineDimExpr(2, &context)),
      k(mlir::getAffineDimExpr(3, &context)) {
  context.loadDialect<attn::AttnDialect>();
}

ArrayRef<StringRef> MaskCorpus::getPatterns() {
  static constexpr StringRef patterns[] = {
      "causal",
      "window<3, 0>",
      "window<2, 4>",
      "window<0, 0>",
      "window<w, 0>",
      "window<w, n>",
      "prefix<5>",
      "prefix<0>",
      "prefix<n>",
      "strided<1>",
      "strided<3>",
      "strided<8>",
      "dilated<3, 2>",
      "dilated<2, 5>",
      "dilated<1, 4>",
      "global<2>",
      "global<g>",
      "block<1>",
      "block<4>",
      "block<7>",
      "chunked<5>",
      "chunked<8>",
      "longformer<4, 1>",
      "longformer<6, 0>",
      "random_blocks<4, 2, 7>",
      "random_blocks<3, 1, 1>",
      "random_blocks<1, 2, 0>",
      "bigbird<4, 3, 1, 1, 3>",
      "bigbird<2, 1, 1, 0, 0>",
      "bigbird<8, 3, 1, 2, 5>",
      "bigbird<3, 5, 0, 1, 9>",
      "axial<3, 4, row>",
      "axial<2, 9, row>",
      "axial<2, 5, column>",
      "axial<3, 8, column>",
      "axial<3, 4, both>",
      "axial<2, 8, both>",
      "neighborhood2d<3, 4, 1>",
      "neighborhood2d<4, 8, 2>",
      "neighborhood2d<2, 9, 1>",
      "neighborhood2d<1, 8, 0>",
      "document<ids>",
      "padding<lengths>",
      "not window<2, 1>",
      "not prefix<n>",
      "not document<ids>",
      "not bigbird<2, 3, 1, 1, 0>",
      "not (document<ids> and causal)",
      "\"k >= start(q) and k < end(q)\"",
      "\"flag(h, k) == 1\"",
      "\"flag(b, h, k) == 1 and k <= q\"",
      "\"ids(b, q) == ids(b, k) and q - k <= w\"",
      "\"k <= start(q) + n and ids(k) != 1\"",
  };
  return patterns;
}

ArrayRef<StringRef> MaskCorpus::getRepresentatives() {
  static constexpr StringRef patterns[] = {
      "causal",
      "window<2, 4>",
      "window<w, 0>",
      "prefix<5>",
      "strided<3>",
      "dilated<3, 2>",
      "global<2>",
      "block<4>",
      "chunked<8>",
      "longformer<4, 1>",
      "random_blocks<4, 2, 7>",
      "bigbird<4, 3, 1, 1, 3>",
      "axial<2, 9, row>",
      "axial<2, 8, both>",
      "neighborhood2d<2, 8, 1>",
      "document<ids>",
      "padding<lengths>",
      "\"k >= start(q) and k < end(q)\"",
      "\"flag(h, k) == 1\"",
  };
  return patterns;
}

MaskClaim MaskCorpus::parse(StringRef text) {
  Attribute attribute =
      mlir::parseAttribute(("#attn.mask<" + text + ">").str(), &context);
  if (!attribute)
    llvm::report_fatal_error("no mask: " + text);
  MaskClaim claim;
  claim.name = text.str();
  claim.mask = cast<attn::MaskAttr>(attribute).getMask();
  return claim;
}

//===----------------------------------------------------------------------===//
// Random predicates
//===----------------------------------------------------------------------===//

MaskClaim MaskCorpus::getRandom(unsigned seed, TermRole role) {
  this->role = role;
  generator.seed(seed + 1);
  generator.discard(3);
  MaskClaim claim;
  claim.name = "random mask " + std::to_string(seed);
  claim.seed = seed;
  claim.mask.predicate = getRandomPredicate(claim.mask.terms, /*depth=*/3);
  return claim;
}

MaskExpr MaskCorpus::getRandomPredicate(MaskTerms &terms, unsigned depth) {
  int64_t kind = depth == 0 ? 0 : draw(0, 5);
  if (kind <= 1)
    return getRandomComparison(terms);
  if (kind == 2)
    return MaskExpr::negation(getRandomPredicate(terms, depth - 1));
  std::vector<MaskExpr> operands;
  for (int64_t i = draw(1, depth > 1 ? 2 : 3); i > 0; --i)
    operands.push_back(getRandomPredicate(terms, depth - 1));
  return kind < 5 ? MaskExpr::conjunction(std::move(operands))
                  : MaskExpr::disjunction(std::move(operands));
}

MaskExpr MaskCorpus::getRandomComparison(MaskTerms &terms) {
  auto predicate = static_cast<ComparePredicate>(draw(0, 5));
  int64_t divisor = draw(2, 6);
  switch (draw(0, 9)) {
  case 0:
  case 1:
    return MaskExpr::compare(k - q, predicate, constant(draw(-8, 8)));
  case 2:
    return MaskExpr::compare(q.floorDiv(divisor), predicate,
                             k.floorDiv(draw(0, 1) ? divisor : draw(2, 6)));
  case 3:
    return MaskExpr::compare((q - k) % divisor, predicate,
                             constant(draw(0, 3)));
  case 4:
    return MaskExpr::compare(k % 8 - q % 8, predicate, constant(draw(-2, 2)));
  case 5:
    return MaskExpr::compare(k, predicate, getRandomRead(terms));
  case 6:
    return MaskExpr::compare(q - k, predicate,
                             getRandomRead(terms) + draw(-3, 3));
  case 7:
    return MaskExpr::compare(getRandomRead(terms), predicate,
                             draw(0, 1) ? getRandomRead(terms)
                                        : constant(draw(-2, 4)));
  default:
    return MaskExpr::compare(getRandomTerm(terms), predicate,
                             getRandomTerm(terms));
  }
}

/// A position or a number, perhaps scaled, shifted, divided, or added to
/// another.
AffineExpr MaskCorpus::getRandomTerm(MaskTerms &terms) {
  AffineExpr positions[] = {q, k, q, k, q - k, h, b};
  AffineExpr term = draw(0, 4) ? positions[draw(0, std::size(positions) - 1)]
                               : getRandomRead(terms);
  switch (draw(0, 7)) {
  case 0:
    return term * draw(-2, 3);
  case 1:
    return (term + draw(-3, 3)).floorDiv(draw(2, 9));
  case 2:
    return term % draw(2, 9);
  case 3:
    return term.floorDiv(draw(2, 6)) * draw(1, 6) + draw(-4, 4);
  case 4:
    return term * 2 - (draw(0, 1) ? q : k);
  case 5:
    return constant(draw(-2, 16));
  default:
    return term + draw(-5, 5);
  }
}

/// What is read for all rows, for a run of rows, for each row or for each key.
AffineExpr MaskCorpus::getRandomRead(MaskTerms &terms) {
  MaskTerm term;
  auto look = [&](StringRef table, ArrayRef<AffineExpr> indices) {
    term.table = table.str();
    term.indices.append(indices.begin(), indices.end());
  };
  // One table of queries that is no table of runs makes all of them tables of
  // single queries.
  bool hasRuns = role == TermRole::run, hasKeys = role == TermRole::key;
  switch (draw(0, hasRuns || hasKeys ? 10 : 5)) {
  case 0:
    look("n", {});
    break;
  case 1:
    look("w", {});
    break;
  case 2:
    look("lengths", {b});
    break;
  case 3:
    look("t", {h});
    break;
  case 4:
    look("start", {hasRuns ? q.floorDiv(4) : q});
    break;
  case 5:
    look("end", {b, hasRuns ? q.floorDiv(draw(0, 1) ? 8 : 6) : q});
    break;
  case 6:
  case 7:
    look(hasRuns ? "r" : "ids", {hasRuns ? q.floorDiv(4) : k});
    break;
  default:
    look(hasRuns ? "s" : "flag", {h, hasRuns ? q.floorDiv(8) : k});
    break;
  }
  return terms.get(term, &context);
}
