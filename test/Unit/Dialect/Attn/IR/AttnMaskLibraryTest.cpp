//===- AttnMaskLibraryTest.cpp - the general form of each named mask ------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// That each pattern allows the positions that its documentation draws, that
// larger ones agree with their sets written out, and that the tables which
// patterns compute are the same in C++ and in IR.
//
//===----------------------------------------------------------------------===//

#include "MaskPictures.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/MathExtras.h"
#include <set>

using namespace attnc;
using namespace attnc::attn;
namespace arith = mlir::arith;

namespace {

class AttnMaskLibraryTest : public MaskPictures {
protected:
  /// Compares with a predicate in C++ at positions of both signs.
  void check(const std::string &mask,
             function_ref<bool(int64_t q, int64_t k)> expected) {
    SCOPED_TRACE(mask);
    std::optional<Mask> parsed = parse(mask);
    ASSERT_TRUE(parsed);
    for (int64_t q = -9; q < 40; ++q)
      for (int64_t k = 0; k < 40; ++k)
        ASSERT_EQ(evaluate(*parsed, 0, q, k, 40), expected(q, k))
            << "q = " << q << ", k = " << k;
  }

  /// The element as the emitted IR computes it.
  std::optional<int64_t> fold(MaskAttrInterface mask, StringRef table,
                              int64_t index, int64_t keys);
};

TEST_F(AttnMaskLibraryTest, OrderAndDistanceAreAsDrawn) {
  EXPECT_EQ(draw("causal", 4, 4), (Rows{"x...", "xx..", "xxx.", "xxxx"}));
  EXPECT_EQ(draw("window<1, 0>", 4, 4), (Rows{"x...", "xx..", ".xx.", "..xx"}));
  EXPECT_EQ(draw("window<1, 1>", 4, 4), (Rows{"xx..", "xxx.", ".xxx", "..xx"}));
  EXPECT_EQ(draw("window<0, 2>", 3, 5), (Rows{"xxx..", ".xxx.", "..xxx"}));
  EXPECT_EQ(draw("prefix<2>", 4, 4), (Rows{"xx..", "xx..", "xxx.", "xxxx"}));
  EXPECT_EQ(draw("prefix<0>", 4, 4), draw("causal", 4, 4));
  EXPECT_EQ(draw("strided<2>", 4, 5),
            (Rows{"x.x.x", ".x.x.", "x.x.x", ".x.x."}));
  EXPECT_EQ(draw("dilated<2, 2>", 5, 5),
            (Rows{"x....", ".x...", "x.x..", ".x.x.", "..x.x"}));
}

TEST_F(AttnMaskLibraryTest, BlocksAndGlobalTokensAreAsDrawn) {
  EXPECT_EQ(draw("global<1>", 4, 4), (Rows{"xxxx", "x...", "x...", "x..."}));
  EXPECT_EQ(draw("block<2>", 5, 5),
            (Rows{"xx...", "xx...", "..xx.", "..xx.", "....x"}));
  EXPECT_EQ(draw("chunked<2>", 5, 5),
            (Rows{"x....", "xx...", "..x..", "..xx.", "....x"}));
  EXPECT_EQ(draw("longformer<2, 1>", 5, 5),
            (Rows{"xxxxx", "xxx..", "xxxx.", "x.xxx", "x..xx"}));
  EXPECT_EQ(draw("longformer<2, 0>", 4, 4), draw("window<1, 1>", 4, 4));
  EXPECT_EQ(draw("random_blocks<2, 1, 7>", 8, 8),
            (Rows{"..xx....", "..xx....", "....xx..", "....xx..", "......xx",
                  "......xx", "..xx....", "..xx...."}));
  EXPECT_EQ(draw("bigbird<2, 1, 1, 0, 0>", 6, 6),
            (Rows{"xxxxxx", "xxxxxx", "xxxx..", "xxxx..", "xx..xx", "xx..xx"}));
  EXPECT_EQ(draw("bigbird<2, 3, 0, 0, 0>", 5, 8),
            (Rows{"xxxx....", "xxxx....", "xxxxxx..", "xxxxxx..", "..xxxxxx"}));
}

TEST_F(AttnMaskLibraryTest, ImagesAreAsDrawn) {
  Rows row = {"....", "xxxx", "....", "....", "....", "...."};
  Rows column = {"..x.", "..x.", "..x.", "....", "....", "...."};
  Rows both = {"..x.", "xxxx", "..x.", "....", "....", "...."};
  EXPECT_EQ(drawImages("axial<3, 4, row>", 6, 3, 4, 2), row);
  EXPECT_EQ(drawImages("axial<3, 4, column>", 6, 3, 4, 2), column);
  EXPECT_EQ(drawImages("axial<3, 4, both>", 6, 3, 4, 2), both);
  EXPECT_EQ(drawImages("axial<3, 4, both> and causal", 6, 3, 4, 1),
            (Rows{"..x.", "xxx.", "...."}));
  EXPECT_EQ(drawImages("neighborhood2d<3, 4, 1>", 6, 3, 4, 1),
            (Rows{".xxx", ".xxx", ".xxx"}));
  EXPECT_EQ(drawImages("neighborhood2d<3, 4, 1>", 0, 3, 4, 1),
            (Rows{"xx..", "xx..", "...."}));
  // The first pixel of the second image: the row above it is of the first.
  EXPECT_EQ(drawImages("neighborhood2d<3, 4, 1>", 12, 3, 4, 2),
            (Rows{"....", "....", "....", "xx..", "xx..", "...."}));
}

TEST_F(AttnMaskLibraryTest, TablesAreAsDrawn) {
  tables["ids"] = {7, 7, 7, 4, 4};
  EXPECT_EQ(draw("document<ids>", 5, 5),
            (Rows{"xxx..", "xxx..", "xxx..", "...xx", "...xx"}));
  tables["lengths"] = {3, 1};
  EXPECT_EQ(draw("padding<lengths>", 2, 5), (Rows{"xxx..", "xxx.."}));
  EXPECT_EQ(draw("padding<lengths>", 2, 5, /*batch=*/1),
            (Rows{"x....", "x...."}));
}

TEST_F(AttnMaskLibraryTest, NamedNumbersAreReadAtRunTime) {
  tables["n"] = {2};
  tables["other"] = {1};
  EXPECT_EQ(draw("window<n, 0>", 5, 5), draw("window<2, 0>", 5, 5));
  EXPECT_EQ(draw("window<other, n>", 5, 5), draw("window<1, 2>", 5, 5));
  EXPECT_EQ(draw("prefix<n>", 5, 5), draw("prefix<2>", 5, 5));
  EXPECT_EQ(draw("global<n>", 5, 5), draw("global<2>", 5, 5));
  // One number, however often it is used.
  EXPECT_EQ(parse("window<n, n> or global<n>")->terms.getTerms().size(), 1u);
}

TEST_F(AttnMaskLibraryTest, TermsSayWhereToRead) {
  Mask document = *parse("document<ids>");
  ASSERT_EQ(document.terms.getTerms().size(), 2u);
  for (auto [dim, term] : llvm::enumerate(document.terms.getTerms())) {
    EXPECT_EQ(term.table, "ids");
    EXPECT_EQ(term.indices[0], mlir::getAffineDimExpr(2 + dim, &context));
    EXPECT_FALSE(term.source);
  }
  Mask padding = *parse("padding<lengths>");
  ASSERT_EQ(padding.terms.getTerms().size(), 1u);
  EXPECT_EQ(padding.terms.getTerms()[0].indices[0],
            mlir::getAffineDimExpr(0, &context));
  // BigBird's random part is the pattern of its own, tables included.
  EXPECT_EQ(parse("bigbird<4, 3, 2, 3, 9>")->terms.getTerms(),
            parse("random_blocks<4, 3, 9>")->terms.getTerms());
}

TEST_F(AttnMaskLibraryTest, LargestNumbersAreAllowed) {
  EXPECT_EQ(draw("window<1099511627776, 1099511627776>", 2, 3),
            (Rows{"xxx", "xxx"}));
  EXPECT_EQ(draw("dilated<1, 1099511627776>", 2, 3), (Rows{"x..", ".x."}));
  EXPECT_EQ(draw("longformer<1099511627776, 0>", 2, 3), (Rows{"xxx", "xxx"}));
  EXPECT_EQ(draw("bigbird<1099511627776, 1, 1, 0, 0>", 2, 3),
            (Rows{"xxx", "xxx"}));
  EXPECT_EQ(drawImages("axial<1, 1099511627776, column>", 1, 1, 3, 1),
            (Rows{".x."}));
}

TEST_F(AttnMaskLibraryTest, SetsAreAsWritten) {
  auto block = [](int64_t position, int64_t size) {
    return llvm::divideFloorSigned(position, size);
  };
  auto distance = [](int64_t a, int64_t b) { return a < b ? b - a : a - b; };
  check("dilated<3, 4>", [](int64_t q, int64_t k) {
    return k == q || k == q - 4 || k == q - 8;
  });
  check("strided<7>",
        [&](int64_t q, int64_t k) { return distance(q, k) % 7 == 0; });
  check("longformer<6, 2>", [&](int64_t q, int64_t k) {
    return distance(q, k) <= 3 || q < 2 || k < 2;
  });
  check("chunked<5>", [&](int64_t q, int64_t k) {
    return k <= q && block(q, 5) == block(k, 5);
  });
  check("bigbird<4, 3, 2, 0, 0>", [&](int64_t q, int64_t k) {
    return distance(block(q, 4), block(k, 4)) <= 1 || q < 8 || k < 8;
  });
  check("neighborhood2d<3, 5, 2>", [&](int64_t q, int64_t k) {
    int64_t image = block(q, 15), row = block(q - 15 * image, 5);
    int64_t column = q - 15 * image - 5 * row;
    int64_t keyRow = k % 15 / 5, keyColumn = k % 5;
    return image == k / 15 && distance(row, keyRow) <= 2 &&
           distance(column, keyColumn) <= 2;
  });
}

/// The published first outputs of SplitMix64 from the seed 1234567, which is
/// itself the output that this seed of the mask gives to r = 0.
TEST_F(AttnMaskLibraryTest, RandomBlocksAreSplitMix64) {
  auto mask = RandomBlocksMaskAttr::get(&context, 1, 1, -6540207399321867890);
  MaskTerms terms;
  mask.expand(terms);
  StringRef table = terms.getTerms()[0].table;
  int64_t keys = int64_t(1) << 40;
  uint64_t published[] = {6457827717110365317u, 3203168211198807973u,
                          9817491932198370423u};
  for (int64_t i = 0; i < 3; ++i)
    EXPECT_EQ(mask.getTableValue(table, i, keys, {}),
              static_cast<int64_t>(published[i] % keys));
}

std::optional<int64_t> AttnMaskLibraryTest::fold(MaskAttrInterface mask,
                                                 StringRef table, int64_t index,
                                                 int64_t keys) {
  OpBuilder builder(&context);
  Location loc = builder.getUnknownLoc();
  Block block;
  builder.setInsertionPointToEnd(&block);
  Value i = arith::ConstantIndexOp::create(builder, loc, index);
  Value length = arith::ConstantIndexOp::create(builder, loc, keys);
  Value result = mask.buildTableValue(builder, loc, table, i, length, {});
  EXPECT_TRUE(result.getType().isIndex());
  llvm::DenseMap<Value, Attribute> constants;
  for (Operation &op : block) {
    SmallVector<Attribute> operands;
    for (Value operand : op.getOperands())
      operands.push_back(constants.lookup(operand));
    SmallVector<mlir::OpFoldResult> results;
    if (failed(op.fold(operands, results)) || results.size() != 1)
      return std::nullopt;
    // An op that returns an operand, as x + 0 does, folds to that value.
    if (auto value = dyn_cast<Value>(results[0]))
      constants[op.getResult(0)] = constants.lookup(value);
    else
      constants[op.getResult(0)] = cast<Attribute>(results[0]);
  }
  auto integer = dyn_cast_or_null<mlir::IntegerAttr>(constants.lookup(result));
  if (!integer)
    return std::nullopt;
  return integer.getInt();
}

TEST_F(AttnMaskLibraryTest, EmittedTablesAreTheDefinition) {
  context.loadDialect<arith::ArithDialect>();
  std::set<int64_t> seen;
  for (int64_t size : {1, 3, 64})
    for (int64_t seed : {int64_t(0), int64_t(7), int64_t(-1), INT64_MIN}) {
      auto mask = RandomBlocksMaskAttr::get(&context, size, 2, seed);
      MaskTerms terms;
      mask.expand(terms);
      for (const MaskTerm &term : terms.getTerms())
        for (int64_t index : {-5, -1, 0, 1, 2, 1000, 1 << 30})
          for (int64_t keys : {0, 1, 63, 64, 65, 4096}) {
            int64_t value = mask.getTableValue(term.table, index, keys, {});
            EXPECT_GE(value, 0);
            EXPECT_LT(value,
                      std::max<int64_t>(llvm::divideCeilSigned(keys, size), 1));
            EXPECT_EQ(fold(mask, term.table, index, keys), value)
                << term.table << " at " << index << ", keys = " << keys;
            seen.insert(value);
          }
    }
  // The longest keys alone draw 112 numbers from thousands: hardly two are the
  // same.
  EXPECT_GT(seen.size(), 100u);
}

/// What only a program can build: the parser makes no such number.
TEST_F(AttnMaskLibraryTest, NumbersAreOfOneType) {
  std::string message;
  mlir::ScopedDiagnosticHandler handler(&context,
                                        [&](mlir::Diagnostic &diagnostic) {
                                          message = diagnostic.str();
                                          return success();
                                        });
  auto emitError = [&] {
    return mlir::emitError(mlir::UnknownLoc::get(&context));
  };
  Attribute narrow = OpBuilder(&context).getI32IntegerAttr(4);
  EXPECT_FALSE(PrefixMaskAttr::getChecked(emitError, &context, narrow));
  EXPECT_EQ(message,
            "prefix n is 4 : i32 and must be a 64-bit integer or a name");
  EXPECT_FALSE(GlobalMaskAttr::getChecked(emitError, &context, Attribute()));
  EXPECT_NE(message.find("global tokens is"), std::string::npos);
}

} // namespace
