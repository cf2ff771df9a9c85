//===- AttnAttendOps.cpp - verifier and shapes of attn.attend -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The constraints C1, C2, ... are those of dialects/Attn/AttnAttendOps.td, in
// that order: later ones rely on earlier ones.
//
//===----------------------------------------------------------------------===//
#include "RegionChecks.h"
#include "TensorChecks.h"
#include "attnc/Dialect/Attn/IR/Attn.h"
#include <cmath>

using namespace attnc;
using namespace attnc::attn;
using mlir::ShapedType;

namespace {

/// Axes of query, key, value and out.
enum Axis { kBatch, kHeads, kLength, kDim };

constexpr StringRef kQueryAxes[] = {"batch", "heads", "query_length", "dim"};
constexpr StringRef kKeyAxes[] = {"batch", "kv_heads", "kv_length", "dim"};
constexpr StringRef kValueAxes[] = {"batch", "kv_heads", "kv_length",
                                    "value_dim"};
constexpr StringRef kOutAxes[] = {"batch", "heads", "query_length",
                                  "value_dim"};
constexpr StringRef kLseAxes[] = {"batch", "heads", "query_length"};

/// The tensors of an attend, by name.
struct Tensors {
  explicit Tensors(AttendOp op)
      : query{"query", op.getQuery()}, key{"key", op.getKey()},
        value{"value", op.getValue()}, out{"out", op.getOut()} {
    if (op.getLse())
      lse = NamedTensor{"lse", op.getLse()};
  }

  NamedTensor query, key, value, out;
  std::optional<NamedTensor> lse;
};

ElementRegion getScoreRegion(AttendOp op) {
  mlir::Builder builder(op.getContext());
  Type index = builder.getIndexType();
  NamedTensor query{"query", op.getQuery()};
  return {
      "score",
      &op.getScore(),
      {builder.getF32Type(), index, index, index, index},
      "score: f32, b: index, h: index, q: index, k: index",
      {{1, "b", {query, kBatch}, "batch"}, {2, "h", {query, kHeads}, "heads"}}};
}

/// C3: groups of query heads share a key head.
LogicalResult verifyHeads(AttendOp op, const Tensors &tensors) {
  if (failed(verifySameExtent(op, {tensors.value, kHeads},
                              {tensors.key, kHeads}, "kv_heads")))
    return failure();
  for (const NamedTensor &shared : {tensors.key, tensors.value}) {
    int64_t heads = tensors.query.getExtent(kHeads);
    int64_t kvHeads = shared.getExtent(kHeads);
    if (ShapedType::isDynamic(heads) || ShapedType::isDynamic(kvHeads))
      continue;
    if (kvHeads == 0 ? heads != 0 : heads % kvHeads != 0)
      return op.emitOpError()
             << "query has " << heads << " heads and " << shared.name << " has "
             << kvHeads
             << ": the query heads must be a multiple of the kv_heads";
  }
  return success();
}

/// C4: the contraction axes agree, and their sizes are known.
LogicalResult verifyDims(AttendOp op, const Tensors &tensors) {
  return failure(
      failed(verifyStaticExtent(op, {tensors.query, kDim}, "dim")) ||
      failed(verifyStaticExtent(op, {tensors.key, kDim}, "dim")) ||
      failed(verifyStaticExtent(op, {tensors.value, kDim}, "value_dim")) ||
      failed(verifySameExtent(op, {tensors.key, kDim}, {tensors.query, kDim},
                              "dim")));
}

/// C6 and C7: a result, axis by axis.
LogicalResult verifyResult(AttendOp op, const Tensors &tensors,
                           NamedTensor result, ArrayRef<StringRef> axes) {
  if (failed(verifyRank(op, result, axes)))
    return failure();
  for (int64_t axis : {kBatch, kHeads, kLength})
    if (failed(verifySameExtent(op, {result, axis}, {tensors.query, axis},
                                axes[axis])))
      return failure();
  return success();
}

} // namespace

LogicalResult AttendOp::verify() {
  Tensors tensors(*this);
  // attend_c11: first, so that nothing below can overflow.
  if (failed(verifyElementCounts(*this)))
    return failure();
  // attend_c1
  if (failed(verifyRank(*this, tensors.query, kQueryAxes)) ||
      failed(verifyRank(*this, tensors.key, kKeyAxes)) ||
      failed(verifyRank(*this, tensors.value, kValueAxes)))
    return failure();
  // attend_c2
  for (const NamedTensor &tensor : {tensors.key, tensors.value, tensors.out})
    if (failed(verifySameElementType(*this, tensor, tensors.query)))
      return failure();
  // attend_c3
  if (failed(verifyHeads(*this, tensors)))
    return failure();
  // attend_c4
  if (failed(verifyDims(*this, tensors)))
    return failure();
  // attend_c5
  for (const NamedTensor &tensor : {tensors.key, tensors.value})
    if (failed(verifySameExtent(*this, {tensor, kBatch},
                                {tensors.query, kBatch}, "batch")))
      return failure();
  if (failed(verifySameExtent(*this, {tensors.value, kBatch},
                              {tensors.key, kBatch}, "batch")) ||
      failed(verifySameExtent(*this, {tensors.value, kLength},
                              {tensors.key, kLength}, "kv_length")))
    return failure();
  // attend_c6
  if (failed(verifyResult(*this, tensors, tensors.out, kOutAxes)) ||
      failed(verifyStaticExtent(*this, {tensors.out, kDim}, "value_dim")) ||
      failed(verifySameExtent(*this, {tensors.out, kDim}, {tensors.value, kDim},
                              "value_dim")))
    return failure();
  // attend_c7
  if (tensors.lse &&
      (failed(verifyFloat32(*this, *tensors.lse)) ||
       failed(verifyResult(*this, tensors, *tensors.lse, kLseAxes))))
    return failure();
  // attend_c10
  if (getScale() && !std::isfinite(getScale()->convertToDouble()))
    return emitOpError() << "scale is " << getScale()->convertToDouble()
                         << " and must be finite";
  return success();
}

LogicalResult AttendOp::verifyRegions() {
  if (getScore().empty())
    return success();
  ElementRegion region = getScoreRegion(*this);
  // attend_c8
  if (failed(verifySignature(*this, region)))
    return failure();
  // attend_c9
  return verifyBody(*this, region);
}

double AttendOp::getEffectiveScale() {
  if (getScale())
    return getScale()->convertToDouble();
  return 1.0 /
         std::sqrt(static_cast<double>(getQuery().getType().getDimSize(kDim)));
}

void AttendOp::getShapeContract(ShapeContract &contract) {
  Value query = getQuery(), key = getKey(), value = getValue();
  for (int64_t axis : {kBatch, kHeads, kLength, kDim})
    contract.name({query, axis}, kQueryAxes[axis]);
  for (int64_t axis : {kHeads, kLength})
    contract.name({key, axis}, kKeyAxes[axis]);
  contract.name({value, kDim}, kValueAxes[kDim]);

  contract.requireEqual({query, kBatch}, {key, kBatch}, "batch");
  contract.requireEqual({query, kBatch}, {value, kBatch}, "batch");
  contract.requireEqual({key, kHeads}, {value, kHeads}, "kv_heads");
  contract.requireEqual({key, kLength}, {value, kLength}, "kv_length");
  contract.requireEqual({query, kDim}, {key, kDim}, "dim");
  contract.requireMultiple({query, kHeads}, {key, kHeads});
  for (Value result : getResults())
    for (int64_t axis : {kBatch, kHeads, kLength})
      contract.requireEqual({query, axis}, {result, axis}, kOutAxes[axis]);
  contract.requireEqual({value, kDim}, {getOut(), kDim}, "value_dim");
  if (!getScore().empty())
    requireTableExtents(getScoreRegion(*this), contract);
}

LogicalResult
AttendOp::reifyResultShapes(OpBuilder &builder,
                            mlir::ReifiedRankedShapedTypeDims &shapes) {
  Tensors tensors(*this);
  SmallVector<NamedExtent> sources = {{tensors.query, kBatch},
                                      {tensors.query, kHeads},
                                      {tensors.query, kLength},
                                      {tensors.value, kDim}};
  shapes.push_back(reifyShape(builder, getOut(), sources));
  if (getLse()) {
    sources.pop_back();
    shapes.push_back(reifyShape(builder, getLse(), sources));
  }
  return success();
}
