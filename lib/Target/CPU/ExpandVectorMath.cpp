//===- ExpandVectorMath.cpp - exponentials as polynomials -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// 2^x for f32 vectors. x = n + f with n = round(x), |f| <= 1/2: 2^f is a
// polynomial of degree 5, 2^n is added to its exponent bits. Rounding is an
// addition of 1.5 * 2^23, after which the integer stands in the low bits of the
// float: one addition gives both n and the bits to shift, no conversion.
//
// sin(x) and cos(x): x = n pi/2 + r with |r| <= pi/4, and n mod 4 says which of
// the two functions of r it is, and its sign. Upstream's approximation is as
// close only where the result is not small.
//
//===----------------------------------------------------------------------===//

#include "attnc/Target/CPU/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace attnc::cpu {
#define GEN_PASS_DEF_EXPANDVECTORMATHPASS
#include "attnc/Target/CPU/Passes.h.inc"

namespace {

using mlir::VectorType;

/// Coefficients of 2^f, highest degree first: the Taylor series of exp(f ln 2).
constexpr float kExp2Coefficients[] = {
    1.3333558146428443e-3f, 9.6181291076284772e-3f, 5.5504108664821580e-2f,
    2.4022650695910071e-1f, 6.9314718055994531e-1f, 1.0f};
/// 1.5 * 2^23: adding it leaves round(x) in the lowest bits of the significand.
constexpr float kRoundingShift = 12582912.0f;
/// The exponents that 2^x has as a normal number.
constexpr float kLowest = -126.0f, kHighest = 127.99999f;
constexpr float kLog2E = 1.44269504f;
/// Minimax polynomials in r^2, highest degree first: (sin(r) - r) / r^3 and
/// cos(r).
constexpr float kSineCoefficients[] = {2.86567956e-6f, -1.98559923e-4f,
                                       8.33338592e-3f, -1.66666672e-1f};
constexpr float kCosineCoefficients[] = {2.44677067e-5f, -1.38877297e-3f,
                                         4.16666567e-2f, -0.5f, 1.0f};
/// Minus pi/2 as a sum, so that r is right up to |x| of a million.
constexpr float kMinusHalfPi[] = {-1.57079637f, 4.37113883e-8f,
                                  1.71512451e-15f};
constexpr float kTwoByPi = 0.636619772f;
/// Rounded up: the rest may be a little beyond.
constexpr float kQuarterPi = 0.7854f;

bool isF32Vector(Type type) {
  auto vector = dyn_cast<VectorType>(type);
  return vector && vector.getElementType().isF32();
}

struct Builder : mlir::ImplicitLocOpBuilder {
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;

  Value splat(float value, VectorType type) {
    return mlir::arith::ConstantOp::create(
        *this, mlir::DenseElementsAttr::get(type, value));
  }

  /// Written so that NaN, for which every comparison fails, is kept.
  Value clamp(Value x, float low, float high) {
    auto type = cast<VectorType>(x.getType());
    Value lowest = splat(low, type), highest = splat(high, type);
    Value isLow = mlir::arith::CmpFOp::create(
        *this, mlir::arith::CmpFPredicate::OLT, x, lowest);
    x = mlir::arith::SelectOp::create(*this, isLow, lowest, x);
    Value isHigh = mlir::arith::CmpFOp::create(
        *this, mlir::arith::CmpFPredicate::OGT, x, highest);
    return mlir::arith::SelectOp::create(*this, isHigh, highest, x);
  }

  Value polynomial(ArrayRef<float> coefficients, Value x) {
    auto type = cast<VectorType>(x.getType());
    Value sum = splat(coefficients.front(), type);
    for (float coefficient : coefficients.drop_front())
      sum =
          mlir::vector::FMAOp::create(*this, sum, x, splat(coefficient, type));
    return sum;
  }

  Value bitsOf(int32_t value, VectorType type) {
    return mlir::arith::ConstantOp::create(
        *this, mlir::DenseElementsAttr::get(type, value));
  }

  /// sin(x + quadrant pi/2).
  Value sine(Value x, int32_t quadrant) {
    auto type = cast<VectorType>(x.getType());
    VectorType bitsType = type.clone(getI32Type());
    Value shift = splat(kRoundingShift, type);
    Value shifted =
        mlir::vector::FMAOp::create(*this, x, splat(kTwoByPi, type), shift);
    Value bits = mlir::arith::BitcastOp::create(*this, bitsType, shifted);
    bits = mlir::arith::AddIOp::create(*this, bits, bitsOf(quadrant, bitsType));
    Value turns = mlir::arith::SubFOp::create(*this, shifted, shift);
    Value rest = x;
    for (float part : kMinusHalfPi)
      rest = mlir::vector::FMAOp::create(*this, turns, splat(part, type), rest);
    // Numbers whose neighbours are turns apart stay within [-1, 1], too.
    rest = clamp(rest, -kQuarterPi, kQuarterPi);
    Value square = mlir::arith::MulFOp::create(*this, rest, rest);
    Value cube = mlir::arith::MulFOp::create(*this, square, rest);
    Value ofSine = mlir::vector::FMAOp::create(
        *this, polynomial(kSineCoefficients, square), cube, rest);
    Value ofCosine = polynomial(kCosineCoefficients, square);
    Value low = mlir::arith::AndIOp::create(*this, bits, bitsOf(1, bitsType));
    Value isCosine = mlir::arith::CmpIOp::create(
        *this, mlir::arith::CmpIPredicate::ne, low, bitsOf(0, bitsType));
    Value result =
        mlir::arith::SelectOp::create(*this, isCosine, ofCosine, ofSine);
    Value sign = mlir::arith::ShLIOp::create(
        *this, mlir::arith::AndIOp::create(*this, bits, bitsOf(2, bitsType)),
        bitsOf(30, bitsType));
    Value signedBits = mlir::arith::XOrIOp::create(
        *this, mlir::arith::BitcastOp::create(*this, bitsType, result), sign);
    return mlir::arith::BitcastOp::create(*this, type, signedBits);
  }

  Value exp2(Value x) {
    auto type = cast<VectorType>(x.getType());
    VectorType bitsType = type.clone(getI32Type());
    x = clamp(x, kLowest, kHighest);
    Value shift = splat(kRoundingShift, type);
    Value shifted = mlir::arith::AddFOp::create(*this, x, shift);
    Value bits = mlir::arith::BitcastOp::create(*this, bitsType, shifted);
    Value rounded = mlir::arith::SubFOp::create(*this, shifted, shift);
    Value exponent = mlir::arith::ShLIOp::create(
        *this, bits,
        mlir::arith::ConstantOp::create(
            *this, mlir::DenseElementsAttr::get(bitsType, int32_t(23))));
    Value fraction = mlir::arith::SubFOp::create(*this, x, rounded);
    Value sum = polynomial(kExp2Coefficients, fraction);
    Value sumBits = mlir::arith::BitcastOp::create(*this, bitsType, sum);
    Value scaled = mlir::arith::AddIOp::create(*this, sumBits, exponent);
    return mlir::arith::BitcastOp::create(*this, type, scaled);
  }
};

/// math.exp2 x = polynomial(x)
struct ExpandExp2 : mlir::OpRewritePattern<mlir::math::Exp2Op> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult
  matchAndRewrite(mlir::math::Exp2Op op,
                  mlir::PatternRewriter &rewriter) const override {
    if (!isF32Vector(op.getType()))
      return rewriter.notifyMatchFailure(op, "not on an f32 vector");
    Builder builder(op.getLoc(), rewriter);
    rewriter.replaceOp(op, builder.exp2(op.getOperand()));
    return success();
  }
};

/// math.exp x = math.exp2 (x log2 e)
struct ExpandExp : mlir::OpRewritePattern<mlir::math::ExpOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult
  matchAndRewrite(mlir::math::ExpOp op,
                  mlir::PatternRewriter &rewriter) const override {
    if (!isF32Vector(op.getType()))
      return rewriter.notifyMatchFailure(op, "not on an f32 vector");
    Builder builder(op.getLoc(), rewriter);
    Value factor = builder.splat(kLog2E, cast<VectorType>(op.getType()));
    Value scaled =
        mlir::arith::MulFOp::create(builder, op.getOperand(), factor);
    rewriter.replaceOp(op, builder.exp2(scaled));
    return success();
  }
};

/// math.sin x = polynomial(x), math.cos x = polynomial(x)
template <typename OpT, int32_t quadrant>
struct ExpandSine : mlir::OpRewritePattern<OpT> {
  using mlir::OpRewritePattern<OpT>::OpRewritePattern;

  LogicalResult
  matchAndRewrite(OpT op, mlir::PatternRewriter &rewriter) const override {
    if (!isF32Vector(op.getType()))
      return rewriter.notifyMatchFailure(op, "not on an f32 vector");
    Builder builder(op.getLoc(), rewriter);
    rewriter.replaceOp(op, builder.sine(op.getOperand(), quadrant));
    return success();
  }
};

/// math.rsqrt x = 1 / sqrt(x), both instructions. The upstream approximation is
/// for AVX2 alone.
struct ExpandRsqrt : mlir::OpRewritePattern<mlir::math::RsqrtOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult
  matchAndRewrite(mlir::math::RsqrtOp op,
                  mlir::PatternRewriter &rewriter) const override {
    if (!isF32Vector(op.getType()))
      return rewriter.notifyMatchFailure(op, "not on an f32 vector");
    Builder builder(op.getLoc(), rewriter);
    Value root = mlir::math::SqrtOp::create(builder, op.getOperand());
    Value one = builder.splat(1.0f, cast<VectorType>(op.getType()));
    rewriter.replaceOpWithNewOp<mlir::arith::DivFOp>(op, one, root);
    return success();
  }
};

/// Functions for which upstream has an approximation in f32 that is close to
/// libm's, over the whole range.
bool hasApproximation(StringRef name) {
  name.consume_front("math.");
  return llvm::is_contained(
      {"tanh", "log", "log2", "log1p", "erf", "expm1", "exp", "atan", "atan2"},
      name);
}

/// Ops that are instructions, or a few, on vectors.
bool isNative(Operation *op) {
  return isa<mlir::math::AbsFOp, mlir::math::AbsIOp, mlir::math::CeilOp,
             mlir::math::CopySignOp, mlir::math::FloorOp, mlir::math::FmaOp,
             mlir::math::RoundEvenOp, mlir::math::SqrtOp, mlir::math::TruncOp>(
      op);
}

/// Refuses what would become one library call for each lane.
LogicalResult verifyExpanded(Operation *function) {
  mlir::WalkResult result = function->walk([](Operation *op) {
    if (op->getName().getDialectNamespace() != "math" || isNative(op) ||
        !isa<VectorType>(op->getResult(0).getType()))
      return mlir::WalkResult::advance();
    op->emitError("'")
        << op->getName()
        << "' has no vector form on cpu; use exp, exp2, expm1, log, log1p, "
           "log2, sqrt, rsqrt, sin, cos, tanh, atan, atan2, erf, absf, floor, "
           "ceil, trunc, roundeven, copysign or fma";
    return mlir::WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

struct ExpandVectorMath : impl::ExpandVectorMathPassBase<ExpandVectorMath> {
  void runOnOperation() override {
    mlir::RewritePatternSet patterns(&getContext());
    patterns.add<ExpandExp, ExpandExp2, ExpandRsqrt,
                 ExpandSine<mlir::math::SinOp, 0>,
                 ExpandSine<mlir::math::CosOp, 1>>(&getContext(),
                                                   /*benefit=*/2);
    mlir::populateMathPolynomialApproximationPatterns(patterns,
                                                      hasApproximation);
    // Only ops on vectors: the patterns taken over from upstream would replace
    // scalar functions too, by less precise ones.
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) {
      if (op->getName().getDialectNamespace() == "math" &&
          isF32Vector(op->getResult(0).getType()))
        ops.push_back(op);
    });
    mlir::GreedyRewriteConfig config;
    config.setStrictness(mlir::GreedyRewriteStrictness::ExistingAndNewOps);
    if (failed(
            mlir::applyOpPatternsGreedily(ops, std::move(patterns), config)) ||
        failed(verifyExpanded(getOperation())))
      signalPassFailure();
  }
};

} // namespace
} // namespace attnc::cpu
