//===- RegionPredicate.cpp - what a where region says ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Ops are read in the order of the block, so nothing recurses into what a user
// wrote, and expressions are bounded: beyond that a value is opaque.
//
//===----------------------------------------------------------------------===//

#include "RegionPredicate.h"

#include "attnc/Analysis/MaskSet.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace attnc;
using namespace attnc::attn;
namespace arith = mlir::arith;
namespace tensor = mlir::tensor;

namespace {

using Kind = RegionMeaning::Kind;

/// The largest expression, and what all of them may have together, in nodes.
constexpr uint64_t kMaxNodes = 1 << 10;
constexpr uint64_t kMaxTotalNodes = 1 << 17;
/// The most truths that become tables.
constexpr unsigned kMaxTables = 16;

/// Positions as the region's arguments.
enum Position : unsigned { kBatch, kHead, kQuery, kKey };

bool isTruth(Type type) { return type.isInteger(1); }

unsigned getWidth(Type type) {
  return type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
}

/// Whether signed numbers of the type hold every value.
bool fits(const IntegerCases &cases, Type type) {
  int64_t high = llvm::maxIntN(getWidth(type));
  return llvm::all_of(cases, [&](const IntegerCase &of) {
    return of.low >= -high - 1 && of.high <= high;
  });
}

/// The nodes of the expressions.
uint64_t measure(AffineExpr expr) {
  uint64_t nodes = 0;
  expr.walk([&](AffineExpr) { ++nodes; });
  return nodes;
}
uint64_t measure(const MaskExpr &predicate) {
  uint64_t nodes = 1;
  for (const MaskExpr &child : predicate.children)
    nodes += measure(child);
  if (predicate.kind == MaskExpr::Kind::Compare)
    nodes += measure(predicate.lhs) + measure(predicate.rhs);
  return nodes;
}
uint64_t measure(const RegionMeaning &meaning) {
  uint64_t nodes = 1;
  for (const IntegerCase &of : meaning.cases)
    nodes += measure(of.guard) + measure(of.value);
  if (meaning.kind == Kind::Truth)
    nodes += measure(meaning.truth);
  return nodes;
}

} // namespace

RegionReader::RegionReader(AttendOp op, OpBuilder &builder)
    : op(op), b(builder), budget(kMaxTotalNodes) {
  if (mlir::ArrayAttr names = op.getTableNamesAttr())
    for (auto [name, table] :
         llvm::zip_equal(names.getAsRange<mlir::StringAttr>(), op.getTables()))
      bindings.push_back({name.str(), table});
  auto getLength = [](Value tensor) {
    return getStreamType(tensor).getDimSize(2);
  };
  int64_t queries = getLength(op.getQuery()), keys = getLength(op.getKey());
  bool isStatic = !mlir::ShapedType::isDynamic(queries) &&
                  !mlir::ShapedType::isDynamic(keys) && !op.getLengths() &&
                  !op.getQueryLengths();
  for (mlir::BlockArgument argument : op.getWhere().getArguments()) {
    unsigned position = argument.getArgNumber();
    int64_t low = 0;
    if (position == kQuery)
      low = isStatic ? std::min<int64_t>(keys - queries, 0) : -maxPosition;
    RegionMeaning &meaning = meanings[argument];
    meaning.kind = Kind::Integer;
    meaning.cases = {{MaskExpr::truth(true),
                      mlir::getAffineDimExpr(position, op.getContext()), low,
                      isStatic && position >= kQuery
                          ? std::max<int64_t>(keys - 1, 0)
                          : maxPosition}};
    meaning.uses[position] = true;
  }
}

Value RegionReader::getTable(StringRef name) const {
  for (const auto &[bound, table] : bindings)
    if (bound == name)
      return table;
  return {};
}

StringRef RegionReader::bind(Value table) {
  for (const auto &[name, bound] : bindings)
    if (bound == table)
      return name;
  std::string name;
  do
    name = "t" + std::to_string(nextName++);
  while (getTable(name));
  bindings.push_back({std::move(name), table});
  return bindings.back().first;
}

RegionMeaning RegionReader::makeOpaque(Operation *culprit,
                                       const Twine &reason) const {
  RegionMeaning meaning;
  meaning.culprit = culprit;
  meaning.reason = reason.str();
  return meaning;
}

RegionMeaning RegionReader::makeInteger(Operation &op,
                                        IntegerCases cases) const {
  Type type = op.getResult(0).getType();
  if (cases.empty() || !fits(cases, type)) {
    std::string reason;
    llvm::raw_string_ostream(reason)
        << "it can leave the range of " << type
        << " for positions up to 2^40, or has too many cases";
    return makeOpaque(&op, reason);
  }
  RegionMeaning meaning;
  meaning.kind = Kind::Integer;
  meaning.cases = std::move(cases);
  return meaning;
}

RegionMeaning RegionReader::makeTerm(Value table, ArrayRef<AffineExpr> indices,
                                     int64_t low, int64_t high) {
  AffineExpr term =
      terms.get({bind(table).str(), SmallVector<AffineExpr>(indices), {}},
                b.getContext());
  RegionMeaning meaning;
  meaning.kind = Kind::Integer;
  meaning.cases = {{MaskExpr::truth(true), term, std::max(low, -maxPosition),
                    std::min(high, maxPosition)}};
  return meaning;
}

Value RegionReader::asIndex(Value number) {
  Location loc = op.getLoc();
  if (isTruth(number.getType()))
    number = arith::ExtUIOp::create(b, loc, b.getI64Type(), number);
  if (number.getType().isIndex())
    return number;
  return arith::IndexCastOp::create(b, loc, b.getIndexType(), number);
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

RegionMeaning RegionReader::readOutside(Value value) {
  llvm::APInt constant;
  Type type = value.getType();
  RegionMeaning meaning;
  if (mlir::matchPattern(value, mlir::m_ConstantInt(&constant)) &&
      constant.getSignificantBits() <= 64) {
    if (isTruth(type)) {
      meaning.kind = Kind::Truth;
      meaning.truth = MaskExpr::truth(!constant.isZero());
      return meaning;
    }
    meaning.kind = Kind::Integer;
    meaning.cases = makeConstant(constant.getSExtValue(), b.getContext());
    return meaning;
  }
  if (!type.isIndex() && !type.isInteger(64) && !type.isInteger(32) &&
      !isTruth(type))
    return meaning;
  int64_t bound = type.isInteger(32) ? llvm::maxIntN(32) + 1 : maxPosition;
  meaning = makeTerm(asIndex(value), {}, -bound, bound);
  if (!isTruth(type))
    return meaning;
  IntegerCases one = makeConstant(1, b.getContext());
  meaning.truth =
      *compare(arith::CmpIPredicate::eq, meaning.cases, std::move(one));
  meaning.kind = Kind::Truth;
  return meaning;
}

const RegionMeaning &RegionReader::readOperand(Value value) {
  auto known = meanings.find(value);
  if (known != meanings.end())
    return known->second;
  RegionMeaning outside = readOutside(value);
  return meanings[value] = std::move(outside);
}

void RegionReader::read() {
  Block &block = op.getWhere().front();
  for (Operation &inner : block.without_terminator()) {
    RegionMeaning meaning;
    std::array<bool, firstTermDim> uses = {};
    bool isOpaque = false;
    for (Value operand : inner.getOperands()) {
      if (isa<mlir::ShapedType>(operand.getType()))
        continue;
      const RegionMeaning &of = readOperand(operand);
      for (auto [all, one] : llvm::zip_equal(uses, of.uses))
        all |= one;
      // The first reason is the one to be told.
      if (of.kind == Kind::Opaque && !meaning.culprit)
        meaning = of;
      isOpaque |= of.kind == Kind::Opaque;
    }
    if (!isOpaque)
      meaning = readOperation(inner);
    else if (!meaning.culprit)
      meaning = makeOpaque(&inner, "it reads a number that is not of i1, i32, "
                                   "i64 or index from outside");
    uint64_t nodes = measure(meaning);
    if (nodes > std::min(kMaxNodes, budget))
      meaning = makeOpaque(&inner, "the region is too large to be analysed");
    budget -= std::min(budget, nodes);
    meaning.uses = uses;
    if (meaning.kind == Kind::Opaque)
      meaning = tabulate(inner, std::move(meaning));
    meanings[inner.getResult(0)] = std::move(meaning);
  }
  readOperand(block.getTerminator()->getOperand(0));
}

RegionMeaning RegionReader::readOperation(Operation &inner) {
  llvm::APInt constant;
  Type type = inner.getResult(0).getType();
  if (!isa<mlir::IntegerType, mlir::IndexType>(type) || getWidth(type) > 64)
    return makeOpaque(&inner, "it computes no integer of up to 64 bits");
  if (mlir::matchPattern(&inner, mlir::m_ConstantInt(&constant)))
    return readOutside(inner.getResult(0));
  return llvm::TypeSwitch<Operation *, RegionMeaning>(&inner)
      .Case([&](tensor::ExtractOp extract) { return readExtract(extract); })
      .Case([&](tensor::DimOp dim) {
        Value extent = tensor::DimOp::create(b, dim.getLoc(), dim.getSource(),
                                             *dim.getConstantIndex());
        return makeTerm(extent, {}, 0, maxPosition);
      })
      .Case([&](arith::SelectOp select) { return readSelect(select); })
      .Case([&](arith::CmpIOp compare) { return readCompare(compare); })
      .Case<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtSIOp,
            arith::ExtUIOp, arith::TruncIOp>(
          [&](Operation *cast) { return readCast(*cast); })
      .Default([&](Operation *other) {
        return isTruth(type) ? readLogic(*other) : readArithmetic(*other);
      });
}

RegionMeaning RegionReader::readExtract(tensor::ExtractOp extract) {
  auto table = cast<RankedTensorType>(extract.getTensor().getType());
  Type element = table.getElementType();
  if (!element.isInteger(32) && !element.isInteger(64))
    return makeOpaque(extract, "its table is not of i32 or i64");
  int64_t bound = element.isInteger(32) ? llvm::maxIntN(32) + 1 : maxPosition;
  SmallVector<AffineExpr> indices;
  SmallVector<int64_t> constants;
  bool readsQuery = false, readsKey = false, isLast = true;
  for (Value index : extract.getIndices()) {
    // A position or a constant, as the verifier demands.
    const RegionMeaning &place = meanings[index];
    isLast &= !readsQuery && !readsKey;
    if (llvm::is_contained(place.uses, true))
      indices.push_back(place.cases.front().value);
    else
      constants.push_back(*getConstant(place.cases));
    readsQuery |= place.uses[kQuery];
    readsKey |= place.uses[kKey];
  }
  if (readsQuery && readsKey)
    return makeOpaque(extract,
                      "it reads a table of pairs, at q and k together");
  if (!isLast)
    return makeOpaque(extract, "it reads a table at q or k before another "
                               "index; transpose the table");
  if (constants.empty())
    return makeTerm(extract.getTensor(), indices, -bound, bound);
  if (!indices.empty())
    return makeOpaque(extract, "it reads a table at a position and a constant");
  // One number: read once.
  SmallVector<Value> places;
  for (int64_t constant : constants)
    places.push_back(
        arith::ConstantIndexOp::create(b, extract.getLoc(), constant));
  Value number = tensor::ExtractOp::create(b, extract.getLoc(),
                                           extract.getTensor(), places);
  return makeTerm(asIndex(number), {}, -bound, bound);
}

RegionMeaning RegionReader::readSelect(arith::SelectOp select) {
  const RegionMeaning &condition = meanings[select.getCondition()];
  const RegionMeaning &whenTrue = meanings[select.getTrueValue()];
  const RegionMeaning &whenFalse = meanings[select.getFalseValue()];
  if (whenTrue.kind == Kind::Integer)
    return makeInteger(*select, attn::select(condition.truth, whenTrue.cases,
                                             whenFalse.cases));
  RegionMeaning meaning;
  meaning.kind = Kind::Truth;
  meaning.truth = MaskExpr::disjunction(
      {makeBoth(condition.truth, whenTrue.truth),
       makeBoth(MaskExpr::negation(condition.truth), whenFalse.truth)});
  return meaning;
}

IntegerCases RegionReader::findDividend(arith::CmpIOp op) {
  bool isEquality = op.getPredicate() == arith::CmpIPredicate::eq ||
                    op.getPredicate() == arith::CmpIPredicate::ne;
  auto remainder = op.getLhs().getDefiningOp<arith::RemSIOp>();
  if (!isEquality || getConstant(meanings[op.getRhs()].cases) != 0 ||
      !remainder || !meanings.contains(remainder.getLhs()))
    return {};
  std::optional<int64_t> divisor =
      getConstant(meanings[remainder.getRhs()].cases);
  if (!divisor || *divisor < 1)
    return {};
  return modulo(meanings[remainder.getLhs()].cases, *divisor);
}

RegionMeaning RegionReader::readCompare(arith::CmpIOp op) {
  const RegionMeaning &left = meanings[op.getLhs()];
  const RegionMeaning &right = meanings[op.getRhs()];
  if (left.kind == Kind::Truth)
    return makeOpaque(op, "it compares truth values; use arith.xori");
  RegionMeaning meaning;
  IntegerCases dividend = findDividend(op);
  auto truth = attn::compare(
      op.getPredicate(), dividend.empty() ? left.cases : dividend, right.cases);
  if (!truth)
    return makeOpaque(op, "its operands have too many cases");
  meaning.kind = Kind::Truth;
  meaning.truth = std::move(*truth);
  return meaning;
}

RegionMeaning RegionReader::readLogic(Operation &inner) {
  if (!isa<arith::AndIOp, arith::OrIOp, arith::XOrIOp>(inner))
    return makeOpaque(&inner, "it is not and, or, xor or a comparison");
  const MaskExpr &left = meanings[inner.getOperand(0)].truth;
  const MaskExpr &right = meanings[inner.getOperand(1)].truth;
  RegionMeaning meaning;
  meaning.kind = Kind::Truth;
  if (isa<arith::AndIOp>(inner))
    meaning.truth = makeBoth(left, right);
  else if (isa<arith::OrIOp>(inner))
    meaning.truth = MaskExpr::disjunction({left, right});
  else if (right.isTruth(true)) // How `not a` is written.
    meaning.truth = MaskExpr::negation(left);
  else if (right.isTruth(false))
    meaning.truth = left;
  else
    meaning.truth =
        MaskExpr::disjunction({makeBoth(left, MaskExpr::negation(right)),
                               makeBoth(MaskExpr::negation(left), right)});
  return meaning;
}

RegionMeaning RegionReader::readCast(Operation &inner) {
  const RegionMeaning &from = meanings[inner.getOperand(0)];
  bool isSigned = !isa<arith::IndexCastUIOp, arith::ExtUIOp>(inner);
  if (from.kind == Kind::Truth)
    return makeInteger(inner,
                       select(from.truth,
                              makeConstant(isSigned ? -1 : 1, b.getContext()),
                              makeConstant(0, b.getContext())));
  if (isTruth(inner.getResult(0).getType()))
    return makeOpaque(&inner, "it makes a truth value of a number; compare it");
  if (!isSigned && !isNeverNegative(from.cases))
    return makeOpaque(&inner,
                      "it is unsigned, and its operand can be negative");
  return makeInteger(inner, from.cases);
}

RegionMeaning RegionReader::readArithmetic(Operation &inner) {
  const IntegerCases &left = meanings[inner.getOperand(0)].cases;
  if (isa<mlir::math::AbsIOp>(inner))
    return makeInteger(inner, absolute(left));
  if (inner.getNumOperands() != 2)
    return makeOpaque(&inner, "a mask has no such arithmetic");
  const IntegerCases &right = meanings[inner.getOperand(1)].cases;
  if (isa<arith::AddIOp>(inner))
    return makeInteger(inner, add(left, right));
  if (isa<arith::SubIOp>(inner))
    return makeInteger(inner, subtract(left, right));
  if (isa<arith::MinSIOp>(inner))
    return makeInteger(inner, minimum(left, right));
  if (isa<arith::MaxSIOp>(inner))
    return makeInteger(inner, maximum(left, right));

  std::optional<int64_t> constant = getConstant(right);
  if (isa<arith::MulIOp>(inner)) {
    if (std::optional<int64_t> factor = getConstant(left))
      return makeInteger(inner, multiply(right, *factor));
    if (!constant)
      return makeOpaque(&inner, "it multiplies two numbers that both vary");
    return makeInteger(inner, multiply(left, *constant));
  }
  if (!constant || *constant < 0)
    return makeOpaque(&inner, "its second operand is no positive constant");
  int64_t number = *constant;
  bool isMask = llvm::isPowerOf2_64(uint64_t(number) + 1) &&
                number < std::numeric_limits<int64_t>::max();
  if (isa<arith::AndIOp>(inner) && isMask)
    return makeInteger(inner, modulo(left, number + 1));
  bool isShift = isa<arith::ShLIOp, arith::ShRSIOp, arith::ShRUIOp>(inner);
  if (isShift && number >= 62)
    return makeOpaque(&inner, "it shifts by 62 bits or more");
  if (isShift)
    number = int64_t(1) << number;
  if (number == 0)
    return makeOpaque(&inner, "its second operand is no positive constant");
  if (isa<arith::ShLIOp>(inner))
    return makeInteger(inner, multiply(left, number));
  if (isa<arith::FloorDivSIOp, arith::ShRSIOp>(inner))
    return makeInteger(inner, floorDivide(left, number));
  if (isa<arith::CeilDivSIOp>(inner))
    return makeInteger(inner, ceilDivide(left, number));
  if (isa<arith::DivSIOp>(inner))
    return makeInteger(inner, truncatingDivide(left, number));
  if (isa<arith::RemSIOp>(inner))
    return makeInteger(inner, truncatingRemainder(left, number));
  if (!isa<arith::DivUIOp, arith::RemUIOp, arith::CeilDivUIOp, arith::ShRUIOp>(
          inner))
    return makeOpaque(&inner, "a mask has no such arithmetic");
  if (!isNeverNegative(left))
    return makeOpaque(&inner,
                      "it is unsigned, and its operand can be negative");
  if (isa<arith::RemUIOp>(inner))
    return makeInteger(inner, modulo(left, number));
  return makeInteger(inner, isa<arith::CeilDivUIOp>(inner)
                                ? ceilDivide(left, number)
                                : floorDivide(left, number));
}

//===----------------------------------------------------------------------===//
// Truths as tables
//===----------------------------------------------------------------------===//

RegionMeaning RegionReader::tabulate(Operation &inner, RegionMeaning opaque) {
  auto isLeaf = [&] {
    return isTruth(inner.getResult(0).getType()) &&
           llvm::none_of(inner.getOperandTypes(), isTruth);
  };
  if (!isLeaf() || opaque.uses[kQuery] || tables == kMaxTables)
    return opaque;
  ++tables;
  // What the truth is computed from, in order.
  Block &block = op.getWhere().front();
  llvm::SetVector<Operation *> needed;
  needed.insert(&inner);
  for (size_t i = 0; i < needed.size(); ++i)
    for (Value operand : needed[i]->getOperands())
      if (Operation *definition = operand.getDefiningOp();
          definition && definition->getBlock() == &block)
        needed.insert(definition);
  SmallVector<Operation *> order(needed.begin(), needed.end());
  llvm::sort(order, [](Operation *left, Operation *right) {
    return left->isBeforeInBlock(right);
  });

  Location loc = inner.getLoc();
  std::pair<Value, int64_t> sources[] = {
      {op.getQuery(), 0}, {op.getQuery(), 1}, {}, {op.getKey(), 2}};
  SmallVector<int64_t> shape;
  SmallVector<Value> extents;
  SmallVector<AffineExpr> indices;
  for (unsigned position : {kBatch, kHead, kKey}) {
    if (!opaque.uses[position])
      continue;
    auto [tensor, axis] = sources[position];
    shape.push_back(getStreamType(tensor).getDimSize(axis));
    if (mlir::ShapedType::isDynamic(shape.back()))
      extents.push_back(buildExtent(b, loc, tensor, axis));
    indices.push_back(mlir::getAffineDimExpr(position, b.getContext()));
  }
  auto compute = [&](OpBuilder &builder, ValueRange places) {
    IRMapping mapping;
    for (auto [index, place] : llvm::zip_equal(indices, places))
      mapping.map(
          block.getArgument(cast<mlir::AffineDimExpr>(index).getPosition()),
          place);
    for (Operation *of : order)
      builder.clone(*of, mapping);
    Value truth = mapping.lookup(inner.getResult(0));
    return Value(
        arith::ExtUIOp::create(builder, loc, builder.getI64Type(), truth));
  };
  Value table;
  if (indices.empty())
    table = asIndex(compute(b, {}));
  else
    table = tensor::GenerateOp::create(
        b, loc, RankedTensorType::get(shape, b.getI64Type()), extents,
        [&](OpBuilder &builder, Location, ValueRange places) {
          tensor::YieldOp::create(builder, loc, compute(builder, places));
        });
  RegionMeaning number = makeTerm(table, indices, 0, 1);
  opaque.kind = Kind::Truth;
  opaque.truth = *compare(arith::CmpIPredicate::eq, number.cases,
                          makeConstant(1, b.getContext()));
  return opaque;
}
