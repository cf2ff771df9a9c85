//===- PairCountTest.cpp - numbers of pairs against enumeration -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is counted by closed forms, loops and residue classes must be what the
// predicate says of each pair.
//
//===----------------------------------------------------------------------===//

#include "attnc/Analysis/PairCount.h"

#include "MaskExamples.h"
#include "gtest/gtest.h"

using namespace attnc;
using test::MaskExamples;

namespace {

struct PairCountTest : ::testing::Test {
  mlir::MLIRContext context;
  MaskExamples examples{context};

  /// Also of negative values and of values beyond the tables' bounds.
  static int64_t readTerm(const MaskTerm &term, int64_t batch,
                          ArrayRef<int64_t> indices) {
    if (indices.empty())
      return 6 + batch;
    return term.table == "doc" ? (indices[0] * 5 + batch) / 37
                               : (indices[0] * 7919) % 23 - 3;
  }

  static int64_t enumerate(const Mask &mask, const QueryPlane &plane) {
    int64_t allowed = 0;
    for (int64_t q = plane.first; q < plane.first + plane.queries; ++q)
      for (int64_t k = 0; k < plane.keys; ++k) {
        SmallVector<int64_t> dims = {plane.batch, plane.head, q, k};
        for (const MaskTerm &term : mask.terms.getTerms()) {
          SmallVector<int64_t> indices;
          for (AffineExpr index : term.indices)
            indices.push_back(evaluateAffine(
                index, {plane.batch, plane.head, std::max<int64_t>(q, 0), k}));
          dims.push_back(readTerm(term, plane.batch, indices));
        }
        allowed += mask.predicate.evaluate(dims);
      }
    return allowed;
  }

  void expectCounted(const Mask &mask, const AllowedPairs &pairs) {
    for (auto [queries, keys] : std::vector<std::pair<int64_t, int64_t>>{
             {90, 90}, {41, 87}, {87, 41}, {1, 70}, {0, 9}, {9, 0}}) {
      SCOPED_TRACE(std::to_string(queries) + " queries, " +
                   std::to_string(keys) + " keys");
      QueryPlane plane =
          QueryPlane::get(/*batch=*/1, /*head=*/2, queries, keys);
      int64_t cost = AllowedPairs::maxCost;
      EXPECT_EQ(pairs.count(plane, readTerm, cost), enumerate(mask, plane));
    }
  }

  AffineExpr term(MaskTerms &terms, StringRef table,
                  ArrayRef<AffineExpr> indices) {
    MaskTerm made;
    made.table = table.str();
    made.indices.append(indices.begin(), indices.end());
    return terms.get(made, &context);
  }
};

} // namespace

TEST_F(PairCountTest, NamedMasks) {
  for (const test::NamedMask &named : examples.getNamed()) {
    SCOPED_TRACE(named.name);
    Mask mask = {named.mask, {}};
    expectCounted(mask, llvm::cantFail(AllowedPairs::get(mask, 1, &context)));
  }
}

TEST_F(PairCountTest, RandomMasks) {
  std::minstd_rand generator(11);
  unsigned counted = 0;
  for (unsigned i = 0; i < 60; ++i) {
    SCOPED_TRACE("mask " + std::to_string(i));
    Mask mask = {examples.getRandom(generator), {}};
    auto pairs = AllowedPairs::get(mask, 1, &context);
    // Some random masks have more pieces than are analysed.
    if (!pairs) {
      llvm::consumeError(pairs.takeError());
      continue;
    }
    ++counted;
    expectCounted(mask, *pairs);
  }
  EXPECT_GT(counted, 30u);
}

TEST_F(PairCountTest, LatticesBesideOtherPairs) {
  AffineExpr q = examples.q, k = examples.k;
  // Rows and columns of images of 4 by 9, and the first keys.
  MaskExpr row =
      examples.compare(q.floorDiv(9), ComparePredicate::eq, k.floorDiv(9));
  MaskExpr column = MaskExamples::all(
      {examples.compare(q.floorDiv(36), ComparePredicate::eq, k.floorDiv(36)),
       examples.compare((q - k) % 9, ComparePredicate::eq, 0)});
  MaskExpr first = examples.compare(k, ComparePredicate::lt, 3);
  for (const MaskExpr &predicate :
       {MaskExamples::any({row, column}), MaskExamples::any({column, first}),
        MaskExamples::all(
            {column, examples.compare(k, ComparePredicate::ge, 5)}),
        MaskExamples::any(
            {column,
             MaskExamples::all(
                 {examples.compare((q - k) % 4, ComparePredicate::eq, 0),
                  examples.causal()})})}) {
    Mask mask = {predicate, {}};
    expectCounted(mask, llvm::cantFail(AllowedPairs::get(mask, 1, &context)));
  }
}

TEST_F(PairCountTest, OnlyTheResidueClass) {
  // The mask does not say that it is a lattice.
  Mask mask = {examples.window(20, 3), {}};
  Mask lattice = {
      MaskExamples::all(
          {mask.predicate, examples.compare((examples.q - examples.k) % 5,
                                            ComparePredicate::eq, 0)}),
      {}};
  expectCounted(lattice, llvm::cantFail(AllowedPairs::get(mask, 5, &context)));
}

TEST_F(PairCountTest, TablesAndNumbers) {
  AffineExpr q = examples.q, k = examples.k;
  MaskTerms terms;
  AffineExpr docOfQuery = term(terms, "doc", {q}),
             docOfKey = term(terms, "doc", {k}),
             random = term(terms, "random", {q.floorDiv(8)}),
             width = term(terms, "w", {});
  MaskExpr document =
      examples.compare(docOfQuery, ComparePredicate::eq, docOfKey);
  MaskExpr block =
      examples.compare(k.floorDiv(8), ComparePredicate::eq, random);
  MaskExpr window = examples.compare(q - k, ComparePredicate::lt, width);
  for (const MaskExpr &predicate :
       {document, block, window, MaskExamples::any({block, document}),
        MaskExamples::all({document, examples.causal(), window}),
        MaskExamples::all(
            {examples.causal(),
             MaskExamples::any(
                 {window,
                  examples.compare((q - k) % 8, ComparePredicate::eq, 0)})})}) {
    // Terms that the predicate does not use change nothing.
    Mask mask = {predicate, terms};
    expectCounted(mask, llvm::cantFail(AllowedPairs::get(mask, 1, &context)));
  }
}

TEST_F(PairCountTest, AllBatchesAndHeads) {
  Mask mask = {
      MaskExamples::any({examples.compare(examples.h, ComparePredicate::lt, 1),
                         examples.causal()}),
      {}};
  auto pairs = llvm::cantFail(AllowedPairs::get(mask, 1, &context));
  EXPECT_FALSE(pairs.dependsOnBatch());
  EXPECT_TRUE(pairs.dependsOnHead());
  EXPECT_EQ(pairs.countAll(3, 4, 8, 8, readTerm), 3 * (64 + 3 * 36.0));
  EXPECT_EQ(pairs.countAll(0, 4, 8, 8, readTerm), 0.0);
}

TEST_F(PairCountTest, LongMasksCostTheirClasses) {
  // 2^34 pairs; a column of an image is one of 2^15 strips.
  AffineExpr q = examples.q, k = examples.k;
  Mask mask = {
      MaskExamples::any(
          {examples.compare(q.floorDiv(256), ComparePredicate::eq,
                            k.floorDiv(256)),
           MaskExamples::all(
               {examples.compare(q.floorDiv(65536), ComparePredicate::eq,
                                 k.floorDiv(65536)),
                examples.compare((q - k) % 256, ComparePredicate::eq, 0)})}),
      {}};
  auto pairs = llvm::cantFail(AllowedPairs::get(mask, 1, &context));
  EXPECT_EQ(pairs.countAll(1, 1, 1 << 17, 1 << 17, readTerm),
            double(1 << 17) * 511);
}

TEST_F(PairCountTest, GivesUpWhereItWouldTakeTooLong) {
  Mask mask = {
      examples.compare(examples.q % 5, ComparePredicate::eq, examples.k % 7),
      {}};
  auto pairs = llvm::cantFail(AllowedPairs::get(mask, 1, &context));
  EXPECT_FALSE(pairs.countAll(1, 1, 1 << 16, 1 << 16, readTerm));
}
