//===- RegionChecks.cpp - what verifiers ask of regions -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See RegionChecks.h.
//
//===----------------------------------------------------------------------===//
#include "RegionChecks.h"
#include "attnc/Dialect/Attn/IR/Attn.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringExtras.h"

using namespace attnc;
using namespace attnc::attn;
using mlir::tensor::DimOp;
using mlir::tensor::ExtractOp;

namespace {

/// The largest rank of a table.
constexpr int64_t kMaxTableRank = 4;

/// The position that `index` is, or null.
const TablePosition *findPosition(const ElementRegion &region, Value index) {
  for (const TablePosition &position : region.positions)
    if (index == region.region->front().getArgument(position.argument))
      return &position;
  return nullptr;
}

LogicalResult refuse(Operation &inner, const ElementRegion &region,
                     const Twine &rule) {
  return inner.emitOpError()
         << "cannot be in the " << region.name << " region: " << rule;
}

/// A scalar op of arith or math with one result: the same op applies to a whole
/// tile.
bool isElementwiseScalar(Operation &inner) {
  bool isElementwise = inner.hasTrait<mlir::OpTrait::Elementwise>() ||
                       inner.hasTrait<mlir::OpTrait::ConstantLike>();
  if (!isElementwise || inner.getNumResults() != 1 ||
      !isa<mlir::arith::ArithDialect, mlir::math::MathDialect>(
          inner.getDialect()))
    return false;
  auto isScalar = [](Type type) { return type.isIntOrIndexOrFloat(); };
  return llvm::all_of(inner.getOperandTypes(), isScalar) &&
         llvm::all_of(inner.getResultTypes(), isScalar);
}

/// A position that varies is read as a row, or with another one as a matrix.
LogicalResult verifyVarying(ExtractOp extract, unsigned axis,
                            const TablePosition &position,
                            const ElementRegion &region) {
  Operation &inner = *extract.getOperation();
  auto varies = [&](Value index) {
    const TablePosition *known = findPosition(region, index);
    return known && known->varies;
  };
  auto indices = extract.getIndices();
  if (!llvm::all_of(indices.drop_front(axis), varies))
    return refuse(inner, region,
                  "position " + position.name + " is index " + Twine(axis) +
                      " and must be the last: transpose the table");
  if (llvm::count(indices, indices[axis]) > 1)
    return refuse(inner, region,
                  "position " + position.name + " is two of its indices");
  if (llvm::count_if(indices, varies) > 2)
    return refuse(inner, region,
                  "it is indexed by three positions of a tile, at most two");
  Type type = extract.getType();
  bool isExtended = type.isF16() || type.isBF16();
  for (Operation *user : extract->getUsers())
    isExtended &= isa<mlir::arith::ExtFOp>(user);
  if (!type.isF32() && !isExtended)
    return refuse(inner, region,
                  "a table indexed by position " + position.name +
                      " must be of f32, or of f16 or bf16 whose elements "
                      "arith.extf extends");
  return success();
}

LogicalResult verifyIndex(ExtractOp extract, unsigned axis,
                          const ElementRegion &region) {
  Operation &inner = *extract.getOperation();
  NamedTensor table{"table", extract.getTensor()};
  Value index = extract.getIndices()[axis];
  int64_t extent = table.getExtent(axis);

  llvm::APInt constant;
  if (matchPattern(index, mlir::m_ConstantInt(&constant))) {
    if (mlir::ShapedType::isDynamic(extent))
      return refuse(inner, region,
                    "index " + Twine(axis) +
                        " is a constant, and the extent of that axis must be "
                        "static for it to be checked");
    if (constant.isNegative() || constant.sge(extent))
      return refuse(inner, region,
                    "index " + Twine(axis) + " is " +
                        Twine(constant.getSExtValue()) +
                        ", outside the table's extent " + Twine(extent));
    return success();
  }

  const TablePosition *position = findPosition(region, index);
  if (!position) {
    SmallVector<StringRef> names;
    for (const TablePosition &known : region.positions)
      names.push_back(known.name);
    names.push_back("a constant");
    return refuse(inner, region,
                  "index " + Twine(axis) +
                      " is computed, and a look-up that cannot leave its table "
                      "is indexed by " +
                      llvm::join(names, " or "));
  }
  if (!position->varies)
    return success();
  return verifyVarying(extract, axis, *position, region);
}

LogicalResult verifyLookUp(Operation *op, ExtractOp extract,
                           const ElementRegion &region) {
  Operation &inner = *extract.getOperation();
  int64_t rank = extract.getTensor().getType().getRank();
  if (rank > kMaxTableRank)
    return refuse(inner, region,
                  "its table has rank " + Twine(rank) + ", at most " +
                      Twine(kMaxTableRank));
  if (!extract.getType().isIntOrIndexOrFloat())
    return refuse(inner, region, "its table must be of integers or floats");
  for (auto [axis, index] : llvm::enumerate(extract.getIndices())) {
    if (failed(verifyIndex(extract, axis, region)))
      return failure();
    const TablePosition *position = findPosition(region, index);
    if (!position)
      continue;
    NamedExtent extent{{"a table", extract.getTensor()},
                       static_cast<int64_t>(axis)};
    if (failed(
            verifySameExtent(op, extent, position->bound, position->meaning)))
      return failure();
  }
  return success();
}

} // namespace

ElementRegion attn::getOutputRegion(Region &body, NamedTensor value) {
  MLIRContext *context = body.getContext();
  Type index = mlir::IndexType::get(context);
  Type number = mlir::Float32Type::get(context);
  // With one position a step t is the same in all of a tile.
  return {"output",
          &body,
          {index, index, index, index, number},
          "b: index, h: index, t: index, d: index, y: f32",
          {{0, "b", {value, 0}, "batch"},
           {1, "h", {value, 1}, "heads"},
           {2, "t", {value, 2}, "length"},
           {3, "d", {value, 3}, "dim", /*varies=*/true}}};
}

LogicalResult attn::verifySignature(Operation *op,
                                    const ElementRegion &region) {
  Block &block = region.region->front();
  if (!llvm::equal(block.getArgumentTypes(), region.arguments))
    return op->emitOpError()
           << "the " << region.name << " region must take (" << region.signature
           << ") and takes (" << block.getArgumentTypes() << ")";
  if (!isa<YieldOp>(block.getTerminator()))
    return block.getTerminator()->emitOpError()
           << "ends the " << region.name << " region, and attn.yield must";
  mlir::Builder builder(op->getContext());
  Type expected = region.yieldsTruth ? Type(builder.getI1Type())
                                     : Type(builder.getF32Type());
  Type actual = block.getTerminator()->getOperand(0).getType();
  if (actual != expected)
    return block.getTerminator()->emitOpError()
           << "yields " << actual << " from the " << region.name
           << " region, which must yield " << expected;
  return success();
}

LogicalResult attn::verifyBody(Operation *op, const ElementRegion &region) {
  for (Operation &inner : region.region->front().without_terminator()) {
    if (auto extract = dyn_cast<ExtractOp>(inner)) {
      if (failed(verifyLookUp(op, extract, region)))
        return failure();
      continue;
    }
    if (auto dim = dyn_cast<DimOp>(inner)) {
      auto type = dyn_cast<RankedTensorType>(dim.getSource().getType());
      std::optional<int64_t> axis = dim.getConstantIndex();
      if (!type || !axis || *axis < 0 || *axis >= type.getRank())
        return refuse(inner, region,
                      "its dimension must be a constant below the rank of the "
                      "tensor");
      continue;
    }
    if (!isElementwiseScalar(inner))
      return refuse(inner, region,
                    "use arith and math ops on scalars, tensor.dim, and "
                    "tensor.extract of a table");
  }
  return success();
}

void attn::requireTableExtents(const ElementRegion &region,
                               ShapeContract &contract) {
  for (Operation &inner : region.region->front()) {
    auto extract = dyn_cast<ExtractOp>(inner);
    if (!extract)
      continue;
    for (auto [axis, index] : llvm::enumerate(extract.getIndices()))
      if (const TablePosition *position = findPosition(region, index))
        contract.requireEqual(
            {position->bound.tensor.value, position->bound.axis},
            {extract.getTensor(), static_cast<int64_t>(axis)},
            position->meaning);
  }
}
