//===- AttnMaskLibrary.cpp - the general form of each named mask ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `expand` and the verifier of every pattern of AttnMaskLibrary.td. A pattern
// that contains another builds that one and expands it, so that each set is
// written once.
//
//===----------------------------------------------------------------------===//
#include "MaskSyntax.h"
#include "attnc/Dialect/Attn/IR/Attn.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace attnc;
using namespace attnc::attn;
namespace arith = mlir::arith;

namespace {

using EmitError = function_ref<mlir::InFlightDiagnostic()>;
using P = ComparePredicate;

/// The most random blocks of one block of queries: each is a term.
constexpr int64_t kMaxRandomBlocks = 8;

AffineExpr getQuery(MLIRContext *context) {
  return mlir::getAffineDimExpr(2, context);
}

AffineExpr getKey(MLIRContext *context) {
  return mlir::getAffineDimExpr(3, context);
}

/// `low <= expr <= high`
MaskExpr isBetween(AffineExpr low, AffineExpr expr, AffineExpr high) {
  return MaskExpr::conjunction({MaskExpr::compare(low, P::le, expr),
                                MaskExpr::compare(expr, P::le, high)});
}

/// `-distance <= expr <= distance`
MaskExpr isWithin(AffineExpr expr, int64_t distance) {
  MLIRContext *context = expr.getContext();
  return isBetween(mlir::getAffineConstantExpr(-distance, context), expr,
                   mlir::getAffineConstantExpr(distance, context));
}

MaskExpr isZero(AffineExpr expr) {
  return MaskExpr::compare(expr, P::eq,
                           mlir::getAffineConstantExpr(0, expr.getContext()));
}

/// `q floordiv size == k floordiv size`
MaskExpr isSameBlock(MLIRContext *context, int64_t size) {
  return MaskExpr::compare(getQuery(context).floorDiv(size), P::eq,
                           getKey(context).floorDiv(size));
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

/// A parameter of a pattern and the least value that it may have. The largest
/// is that of a position, so that sums of a few stay far from overflow.
struct Parameter {
  StringRef name;
  int64_t value;
  int64_t minimum;
};

LogicalResult verifyRange(EmitError emitError, StringRef pattern,
                          ArrayRef<Parameter> parameters) {
  for (const Parameter &parameter : parameters)
    if (parameter.value < parameter.minimum || parameter.value > maxPosition)
      return emitError() << pattern << " " << parameter.name << " is "
                         << parameter.value << " and must be from "
                         << parameter.minimum << " to " << maxPosition;
  return success();
}

/// Verifies that the product of two parameters in range is a position. `right`
/// is positive.
LogicalResult verifyProduct(EmitError emitError, StringRef pattern,
                            const Parameter &left, const Parameter &right) {
  if (left.value <= maxPosition / right.value)
    return success();
  return emitError() << pattern << " " << left.name << " * " << right.name
                     << " is " << left.value << " * " << right.value
                     << ", beyond the largest position, " << maxPosition;
}

/// Verifies what a MaskNumber may be, but for the range of an integer.
LogicalResult verifyNumber(EmitError emitError, StringRef pattern,
                           StringRef name, Attribute number) {
  if (auto symbol = llvm::dyn_cast_if_present<mlir::StringAttr>(number))
    return verifyMaskName(emitError, symbol.getValue());
  auto integer = llvm::dyn_cast_if_present<mlir::IntegerAttr>(number);
  if (integer && integer.getType().isSignlessInteger(64))
    return success();
  return emitError() << pattern << " " << name << " is " << number
                     << " and must be a 64-bit integer or a name";
}

/// The integer that a verified MaskNumber is; nothing for a name.
std::optional<int64_t> getInteger(Attribute number) {
  if (auto integer = dyn_cast<mlir::IntegerAttr>(number))
    return integer.getInt();
  return std::nullopt;
}

/// Verifies a MaskNumber whose integers are at least `minimum`.
LogicalResult verifyNumberFrom(EmitError emitError, StringRef pattern,
                               StringRef name, Attribute number,
                               int64_t minimum) {
  if (failed(verifyNumber(emitError, pattern, name, number)))
    return failure();
  return verifyRange(emitError, pattern,
                     {{name, getInteger(number).value_or(minimum), minimum}});
}

/// The expression of a verified MaskNumber.
AffineExpr getNumber(Attribute number, MaskTerms &terms) {
  MLIRContext *context = number.getContext();
  if (std::optional<int64_t> integer = getInteger(number))
    return mlir::getAffineConstantExpr(*integer, context);
  MaskTerm scalar;
  scalar.table = cast<mlir::StringAttr>(number).str();
  return terms.get(scalar, context);
}

} // namespace

//===----------------------------------------------------------------------===//
// Order and distance
//===----------------------------------------------------------------------===//

MaskExpr CausalMaskAttr::expand(MaskTerms &) const {
  return MaskExpr::compare(getKey(getContext()), P::le, getQuery(getContext()));
}

/// How a side of a window is written in a predicate.
static std::string getText(Attribute side) {
  if (std::optional<int64_t> integer = getInteger(side))
    return std::to_string(*integer);
  return cast<mlir::StringAttr>(side).str();
}

LogicalResult WindowMaskAttr::verify(EmitError emitError, Attribute left,
                                     Attribute right) {
  if (failed(verifyNumber(emitError, "window", "left", left)) ||
      failed(verifyNumber(emitError, "window", "right", right)))
    return failure();
  int64_t leftKeys = getInteger(left).value_or(0);
  int64_t rightKeys = getInteger(right).value_or(0);
  // In other interfaces a negative window means that nothing bounds the side.
  if (leftKeys < 0 && rightKeys < 0)
    return emitError() << "window bounds neither side, " << leftKeys << " and "
                       << rightKeys << ": leave the mask out";
  if (leftKeys < 0)
    return emitError() << "window left is " << leftKeys
                       << " and must not be negative: if nothing bounds that "
                          "side, write the other side as a predicate, "
                          "\"k <= q + "
                       << getText(right) << "\"";
  if (rightKeys < 0)
    return emitError() << "window right is " << rightKeys
                       << " and must not be negative: if nothing bounds that "
                          "side, write the other side as a predicate, \"q - "
                       << getText(left) << " <= k\"";
  return verifyRange(emitError, "window",
                     {{"left", leftKeys, 0}, {"right", rightKeys, 0}});
}

MaskExpr WindowMaskAttr::expand(MaskTerms &terms) const {
  AffineExpr query = getQuery(getContext());
  AffineExpr left = getNumber(getLeft(), terms);
  AffineExpr right = getNumber(getRight(), terms);
  return isBetween(query - left, getKey(getContext()), query + right);
}

LogicalResult PrefixMaskAttr::verify(EmitError emitError, Attribute n) {
  return verifyNumberFrom(emitError, "prefix", "n", n, 0);
}

MaskExpr PrefixMaskAttr::expand(MaskTerms &terms) const {
  return MaskExpr::disjunction(
      {MaskExpr::compare(getKey(getContext()), P::lt, getNumber(getN(), terms)),
       CausalMaskAttr::get(getContext()).expand(terms)});
}

LogicalResult StridedMaskAttr::verify(EmitError emitError, int64_t n) {
  return verifyRange(emitError, "strided", {{"n", n, 1}});
}

MaskExpr StridedMaskAttr::expand(MaskTerms &) const {
  return isZero((getQuery(getContext()) - getKey(getContext())) % getN());
}

LogicalResult DilatedMaskAttr::verify(EmitError emitError, int64_t window,
                                      int64_t stride) {
  Parameter windowKeys = {"window", window, 1},
            distance = {"stride", stride, 1};
  if (failed(verifyRange(emitError, "dilated", {windowKeys, distance})))
    return failure();
  return verifyProduct(emitError, "dilated", windowKeys, distance);
}

MaskExpr DilatedMaskAttr::expand(MaskTerms &terms) const {
  MLIRContext *context = getContext();
  AffineExpr distance = getQuery(context) - getKey(context);
  AffineExpr end =
      mlir::getAffineConstantExpr(getWindow() * getStride(), context);
  return MaskExpr::conjunction(
      {MaskExpr::compare(mlir::getAffineConstantExpr(0, context), P::le,
                         distance),
       MaskExpr::compare(distance, P::lt, end),
       StridedMaskAttr::get(context, getStride()).expand(terms)});
}

//===----------------------------------------------------------------------===//
// Blocks and global tokens
//===----------------------------------------------------------------------===//

LogicalResult GlobalMaskAttr::verify(EmitError emitError, Attribute tokens) {
  return verifyNumberFrom(emitError, "global", "tokens", tokens, 1);
}

MaskExpr GlobalMaskAttr::expand(MaskTerms &terms) const {
  AffineExpr tokens = getNumber(getTokens(), terms);
  return MaskExpr::disjunction(
      {MaskExpr::compare(getQuery(getContext()), P::lt, tokens),
       MaskExpr::compare(getKey(getContext()), P::lt, tokens)});
}

/// Adds `global<tokens>` to alternatives; no token is no alternative.
static void addGlobal(MLIRContext *context, int64_t tokens, MaskTerms &terms,
                      std::vector<MaskExpr> &alternatives) {
  if (tokens == 0)
    return;
  auto i64 = mlir::IntegerType::get(context, 64);
  alternatives.push_back(
      GlobalMaskAttr::get(context, mlir::IntegerAttr::get(i64, tokens))
          .expand(terms));
}

LogicalResult BlockMaskAttr::verify(EmitError emitError, int64_t size) {
  return verifyRange(emitError, "block", {{"size", size, 1}});
}

MaskExpr BlockMaskAttr::expand(MaskTerms &) const {
  return isSameBlock(getContext(), getSize());
}

LogicalResult ChunkedMaskAttr::verify(EmitError emitError, int64_t size) {
  return verifyRange(emitError, "chunked", {{"size", size, 1}});
}

MaskExpr ChunkedMaskAttr::expand(MaskTerms &terms) const {
  return MaskExpr::conjunction(
      {BlockMaskAttr::get(getContext(), getSize()).expand(terms),
       CausalMaskAttr::get(getContext()).expand(terms)});
}

LogicalResult LongformerMaskAttr::verify(EmitError emitError, int64_t window,
                                         int64_t global) {
  if (failed(verifyRange(emitError, "longformer",
                         {{"window", window, 0}, {"global", global, 0}})))
    return failure();
  if (window % 2 != 0)
    return emitError() << "longformer window is " << window
                       << " and must be even: it counts the keys of both "
                          "sides, without the query itself";
  return success();
}

MaskExpr LongformerMaskAttr::expand(MaskTerms &terms) const {
  MLIRContext *context = getContext();
  std::vector<MaskExpr> alternatives = {
      isWithin(getQuery(context) - getKey(context), getWindow() / 2)};
  addGlobal(context, getGlobal(), terms, alternatives);
  return MaskExpr::disjunction(std::move(alternatives));
}

LogicalResult BigBirdMaskAttr::verify(EmitError emitError, int64_t block,
                                      int64_t window, int64_t global,
                                      int64_t random, int64_t) {
  Parameter size = {"block", block, 1}, windowBlocks = {"window", window, 1};
  Parameter globalBlocks = {"global", global, 0};
  if (failed(verifyRange(emitError, "bigbird",
                         {size, windowBlocks, globalBlocks})) ||
      failed(verifyProduct(emitError, "bigbird", windowBlocks, size)) ||
      failed(verifyProduct(emitError, "bigbird", globalBlocks, size)))
    return failure();
  if (window % 2 == 0)
    return emitError() << "bigbird window is " << window
                       << " and must be odd: it counts the blocks of both "
                          "sides and the query's own";
  if (random < 0 || random > kMaxRandomBlocks)
    return emitError() << "bigbird random is " << random
                       << " and must be from 0 to " << kMaxRandomBlocks;
  return success();
}

MaskExpr BigBirdMaskAttr::expand(MaskTerms &terms) const {
  MLIRContext *context = getContext();
  AffineExpr queryBlock = getQuery(context).floorDiv(getBlock());
  AffineExpr keyBlock = getKey(context).floorDiv(getBlock());
  std::vector<MaskExpr> alternatives = {
      isWithin(queryBlock - keyBlock, (getWindow() - 1) / 2)};
  addGlobal(context, getGlobal() * getBlock(), terms, alternatives);
  if (getRandom() > 0)
    alternatives.push_back(
        RandomBlocksMaskAttr::get(context, getBlock(), getRandom(), getSeed())
            .expand(terms));
  return MaskExpr::disjunction(std::move(alternatives));
}

//===----------------------------------------------------------------------===//
// Random blocks
//===----------------------------------------------------------------------===//

// SplitMix64, Steele, Lea and Flood 2014, figure 17: the step between states,
// and the two factors of the finalizer ("Mix13" of Stafford).
static constexpr uint64_t kStep = 0x9e3779b97f4a7c15;
static constexpr uint64_t kFactor1 = 0xbf58476d1ce4e5b9;
static constexpr uint64_t kFactor2 = 0x94d049bb133111eb;

/// Element `i` of the sequence that starts from `seed`.
static uint64_t splitMix64(uint64_t seed, uint64_t i) {
  uint64_t x = seed + (i + 1) * kStep;
  x = (x ^ (x >> 30)) * kFactor1;
  x = (x ^ (x >> 27)) * kFactor2;
  return x ^ (x >> 31);
}

/// The same on a value of i64.
static Value buildSplitMix64(OpBuilder &builder, Location loc, uint64_t seed,
                             Value i) {
  auto constant = [&](uint64_t value) -> Value {
    return arith::ConstantOp::create(
        builder, loc, builder.getI64IntegerAttr(static_cast<int64_t>(value)));
  };
  auto xorShift = [&](Value x, uint64_t bits) -> Value {
    Value shifted = arith::ShRUIOp::create(builder, loc, x, constant(bits));
    return arith::XOrIOp::create(builder, loc, x, shifted);
  };
  Value x = arith::MulIOp::create(builder, loc, i, constant(kStep));
  x = arith::AddIOp::create(builder, loc, x, constant(seed + kStep));
  x = arith::MulIOp::create(builder, loc, xorShift(x, 30), constant(kFactor1));
  x = arith::MulIOp::create(builder, loc, xorShift(x, 27), constant(kFactor2));
  return xorShift(x, 31);
}

/// The name of table `r`. No user's table has such a name: it is no identifier.
static std::string getTableName(RandomBlocksMaskAttr mask, int64_t r) {
  return ("random<" + llvm::Twine(mask.getSize()) + ", " +
          llvm::Twine(mask.getSeed()) + ">[" + llvm::Twine(r) + "]")
      .str();
}

/// The seed of the table called `table`, one of those of `mask`.
static uint64_t getTableSeed(RandomBlocksMaskAttr mask, StringRef table) {
  for (int64_t r = 0; r < mask.getPerRow(); ++r)
    if (table == getTableName(mask, r))
      return splitMix64(mask.getSeed(), r);
  llvm_unreachable("not a table of this mask");
}

LogicalResult RandomBlocksMaskAttr::verify(EmitError emitError, int64_t size,
                                           int64_t perRow, int64_t) {
  if (failed(verifyRange(emitError, "random_blocks", {{"size", size, 1}})))
    return failure();
  if (perRow < 1 || perRow > kMaxRandomBlocks)
    return emitError() << "random_blocks per_row is " << perRow
                       << " and must be from 1 to " << kMaxRandomBlocks;
  return success();
}

MaskExpr RandomBlocksMaskAttr::expand(MaskTerms &terms) const {
  MLIRContext *context = getContext();
  AffineExpr queryBlock = getQuery(context).floorDiv(getSize());
  AffineExpr keyBlock = getKey(context).floorDiv(getSize());
  std::vector<MaskExpr> alternatives;
  for (int64_t r = 0; r < getPerRow(); ++r) {
    MaskTerm random;
    random.table = getTableName(*this, r);
    random.indices.push_back(queryBlock);
    random.source = *this;
    alternatives.push_back(
        MaskExpr::compare(keyBlock, P::eq, terms.get(random, context)));
  }
  return MaskExpr::disjunction(std::move(alternatives));
}

int64_t RandomBlocksMaskAttr::getTableValue(StringRef table, int64_t index,
                                            int64_t keys,
                                            ArrayRef<int64_t>) const {
  uint64_t size = getSize();
  uint64_t blocks = (static_cast<uint64_t>(keys) + size - 1) / size;
  return splitMix64(getTableSeed(*this, table), index) %
         std::max<uint64_t>(blocks, 1);
}

Value RandomBlocksMaskAttr::buildTableValue(OpBuilder &builder, Location loc,
                                            StringRef table, Value index,
                                            Value keys, Value) const {
  mlir::Type i64 = builder.getI64Type();
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getI64IntegerAttr(value));
  };
  Value element = arith::IndexCastOp::create(builder, loc, i64, index);
  Value random =
      buildSplitMix64(builder, loc, getTableSeed(*this, table), element);
  Value blocks = arith::IndexCastOp::create(builder, loc, i64, keys);
  blocks = arith::AddIOp::create(builder, loc, blocks, constant(getSize() - 1));
  blocks = arith::DivUIOp::create(builder, loc, blocks, constant(getSize()));
  blocks = arith::MaxUIOp::create(builder, loc, blocks, constant(1));
  Value value = arith::RemUIOp::create(builder, loc, random, blocks);
  return arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                    value);
}

//===----------------------------------------------------------------------===//
// Images
//===----------------------------------------------------------------------===//

/// Verifies the extents of an image and that its pixels can be counted.
static LogicalResult verifyImage(EmitError emitError, StringRef pattern,
                                 int64_t height, int64_t width) {
  Parameter rows = {"height", height, 1}, columns = {"width", width, 1};
  if (failed(verifyRange(emitError, pattern, {rows, columns})))
    return failure();
  return verifyProduct(emitError, pattern, rows, columns);
}

LogicalResult AxialMaskAttr::verify(EmitError emitError, int64_t height,
                                    int64_t width, AxialAxes) {
  return verifyImage(emitError, "axial", height, width);
}

MaskExpr AxialMaskAttr::expand(MaskTerms &) const {
  MLIRContext *context = getContext();
  // Rows are numbered through all images, so that one row is in one image.
  std::vector<MaskExpr> lines;
  if (getAxes() != AxialAxes::Column)
    lines.push_back(isSameBlock(context, getWidth()));
  if (getAxes() != AxialAxes::Row)
    lines.push_back(MaskExpr::conjunction(
        {MaskExpr::compare(getQuery(context) % getWidth(), P::eq,
                           getKey(context) % getWidth()),
         isSameBlock(context, getHeight() * getWidth())}));
  return MaskExpr::disjunction(std::move(lines));
}

LogicalResult Neighborhood2DMaskAttr::verify(EmitError emitError,
                                             int64_t height, int64_t width,
                                             int64_t radius) {
  if (failed(verifyImage(emitError, "neighborhood2d", height, width)))
    return failure();
  return verifyRange(emitError, "neighborhood2d", {{"radius", radius, 0}});
}

MaskExpr Neighborhood2DMaskAttr::expand(MaskTerms &) const {
  MLIRContext *context = getContext();
  AffineExpr query = getQuery(context), key = getKey(context);
  AffineExpr rows = query.floorDiv(getWidth()) - key.floorDiv(getWidth());
  AffineExpr columns = query % getWidth() - key % getWidth();
  return MaskExpr::conjunction(
      {isWithin(rows, getRadius()), isWithin(columns, getRadius()),
       isSameBlock(context, getHeight() * getWidth())});
}
