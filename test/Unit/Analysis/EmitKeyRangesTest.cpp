//===- EmitKeyRangesTest.cpp - masks and key ranges as IR -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The emitted operations, run by an interpreter, compute what the C++
// evaluation does, for scalars and elementwise; and there are few of them.
//
//===----------------------------------------------------------------------===//
#include "ArithInterpreter.h"
#include "MaskExamples.h"
#include "attnc/Analysis/KeyRanges.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/TypeUtilities.h"

using namespace attnc;
using namespace attnc::test;
namespace arith = mlir::arith;

namespace {

class EmitKeyRangesTest : public testing::Test {
protected:
  EmitKeyRangesTest() { context.loadDialect<arith::ArithDialect>(); }

  KeyRanges getRanges(const MaskExpr &mask) {
    return KeyRanges::get(llvm::cantFail(MaskSet::get(mask)), &context);
  }

  /// Emits the ranges of `mask` and counts operations other than constants.
  unsigned countRangeOps(const MaskExpr &mask) {
    StraightLineCode code(context, mlir::IndexType::get(&context), 5);
    auto args = code.block.getArguments();
    emitKeyRanges(code.builder, code.loc, getRanges(mask).getPieces(), args[0],
                  args[1], args[2], args[3], args[4]);
    return code.countOps();
  }

  void checkRanges(const MaskExpr &mask) {
    KeyRanges ranges = getRanges(mask);
    StraightLineCode code(context, mlir::IndexType::get(&context), 5);
    auto args = code.block.getArguments();
    SmallVector<KeyRangeValues> values =
        emitKeyRanges(code.builder, code.loc, ranges.getPieces(), args[0],
                      args[1], args[2], args[3], args[4]);
    ASSERT_EQ(values.size(), ranges.getPieces().size());
    for (int64_t head : {0, 1, 2})
      for (int64_t first : {-70, -9, -1, 0, 1, 4, 7, 8, 13, 64, 1000})
        for (int64_t count : {1, 2, 5, 8, 64})
          for (int64_t keys : {0, 1, 3, 8, 11, 64, 65, 1024}) {
            QueryTile tile = {/*batch=*/head % 2, head, first, count, keys};
            ArithInterpreter interpreter;
            interpreter.set(args[0], {tile.batch});
            interpreter.set(args[1], {head});
            interpreter.set(args[2], {first});
            interpreter.set(args[3], {count});
            interpreter.set(args[4], {keys});
            interpreter.run(code.block);
            SmallVector<KeyRange> expected = ranges.evaluate(tile);
            for (auto [range, value] : llvm::zip_equal(expected, values)) {
              ASSERT_EQ(interpreter.get(value.begin)[0], range.begin);
              ASSERT_EQ(interpreter.get(value.fullBegin)[0], range.fullBegin);
              ASSERT_EQ(interpreter.get(value.fullEnd)[0], range.fullEnd);
              ASSERT_EQ(interpreter.get(value.end)[0], range.end);
            }
          }
  }

  /// Emits the predicate on operands of `type` and compares every element, for
  /// positions of both signs.
  void checkPredicate(const MaskExpr &mask, mlir::Type type, size_t size) {
    StraightLineCode code(context, type, 4);
    auto args = code.block.getArguments();
    Value result = emitPredicate(code.builder, code.loc, mask, args);
    ASSERT_TRUE(mlir::getElementTypeOrSelf(result.getType()).isInteger(1));
    std::minstd_rand generator(3);
    auto below = [&](int64_t limit) -> int64_t { return generator() % limit; };
    for (unsigned repetition = 0; repetition < 600 / size; ++repetition) {
      Elements b, h, q, k;
      for (size_t i = 0; i < size; ++i) {
        b.push_back(below(3));
        h.push_back(below(5));
        q.push_back(below(60) - 20);
        k.push_back(q.back() + below(40) - 20);
      }
      ArithInterpreter interpreter;
      interpreter.set(args[0], b);
      interpreter.set(args[1], h);
      interpreter.set(args[2], q);
      interpreter.set(args[3], k);
      interpreter.run(code.block);
      ASSERT_EQ(interpreter.get(result).size(), size);
      for (size_t i = 0; i < size; ++i)
        ASSERT_EQ(interpreter.get(result)[i],
                  mask.evaluate(b[i], h[i], q[i], k[i]))
            << "h = " << h[i] << ", q = " << q[i] << ", k = " << k[i];
    }
  }

  mlir::MLIRContext context;
  MaskExamples examples{context};
  AffineExpr q = examples.q, k = examples.k;
  using P = ComparePredicate;
};

TEST_F(EmitKeyRangesTest, EmittedRangesOfNamedMasks) {
  for (const NamedMask &named : examples.getNamed()) {
    SCOPED_TRACE(named.name);
    checkRanges(named.mask);
  }
}

TEST_F(EmitKeyRangesTest, EmittedRangesOfRandomMasks) {
  constexpr unsigned seed = 11;
  std::minstd_rand generator(seed);
  for (unsigned i = 0; i < 60; ++i) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", mask " +
                 std::to_string(i));
    checkRanges(examples.getRandom(generator));
  }
}

TEST_F(EmitKeyRangesTest, PredicatesOnScalarsTensorsAndVectors) {
  mlir::Type index = mlir::IndexType::get(&context);
  for (const NamedMask &named : examples.getNamed()) {
    SCOPED_TRACE(named.name);
    // A predicate without comparisons is a constant, which has no operand to
    // take the number of elements from in this interpreter.
    checkPredicate(named.mask, index, 1);
    checkPredicate(named.mask, mlir::RankedTensorType::get({4, 8}, index), 32);
    checkPredicate(named.mask, mlir::VectorType::get({16}, index), 16);
  }
}

TEST_F(EmitKeyRangesTest, RandomPredicates) {
  constexpr unsigned seed = 13;
  std::minstd_rand generator(seed);
  mlir::Type index = mlir::IndexType::get(&context);
  for (unsigned i = 0; i < 200; ++i) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", mask " +
                 std::to_string(i));
    checkPredicate(examples.getRandom(generator),
                   mlir::RankedTensorType::get({40}, index), 40);
  }
}

/// The bounds are recomputed for every tile: their price matters for decoding.
TEST_F(EmitKeyRangesTest, BoundsAreCheap) {
  EXPECT_EQ(countRangeOps(examples.all({})), 0u);
  // first + count, min, max; first + 1, min, max.
  EXPECT_EQ(countRangeOps(examples.causal()), 6u);
  EXPECT_LE(countRangeOps(examples.window(64, 0)), 13u);
  EXPECT_LE(
      countRangeOps(examples.compare(q.floorDiv(8), P::eq, k.floorDiv(8))),
      16u);
}

/// A power of two needs no division, and a lower-case modulus no
/// multiplication.
TEST_F(EmitKeyRangesTest, PowersOfTwoAreShiftsAndMasks) {
  StraightLineCode code(context, mlir::IndexType::get(&context), 4);
  auto args = code.block.getArguments();
  emitPredicate(
      code.builder, code.loc,
      examples.all({examples.compare(q.floorDiv(16), P::eq, k.ceilDiv(16)),
                    examples.compare((q - k) % 4, P::eq, 0)}),
      args);
  for (Operation &op : code.block)
    EXPECT_FALSE((isa<arith::FloorDivSIOp, arith::MulIOp>(op)));
  EXPECT_EQ(code.countOps(), 8u);
}

} // namespace
