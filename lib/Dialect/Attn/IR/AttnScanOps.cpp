//===- AttnScanOps.cpp - verifier and shapes of attn.scan -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The constraints C1, C2, ... are those of dialects/Attn/AttnScanOps.td, in
// that order: later ones rely on earlier ones.
//
//===----------------------------------------------------------------------===//
#include "RegionChecks.h"
#include "TensorChecks.h"
#include "attnc/Dialect/Attn/IR/Attn.h"

using namespace attnc;
using namespace attnc::attn;

namespace {

/// Axes of query, key, value and out. States have batch and heads in common
/// with them.
enum Axis { kBatch, kHeads, kLength, kDim };

constexpr StringRef kQueryAxes[] = {"batch", "heads", "length", "dim"};
constexpr StringRef kValueAxes[] = {"batch", "heads", "length", "value_dim"};
constexpr StringRef kStateAxes[] = {"batch", "heads", "dim", "value_dim"};
constexpr StringRef kNormalizerAxes[] = {"batch", "heads", "dim"};

ElementRegion getDecayRegion(ScanOp op) {
  Type index = mlir::IndexType::get(op.getContext());
  NamedTensor query{"query", op.getQuery()};
  return {"decay",
          &op.getDecay(),
          {index, index, index},
          "b: index, h: index, t: index",
          {{0, "b", {query, kBatch}, "batch"},
           {1, "h", {query, kHeads}, "heads"},
           {2, "t", {query, kLength}, "length", /*varies=*/true}}};
}

ElementRegion getFeatureRegion(ScanOp op) {
  return {"feature",
          &op.getFeature(),
          {mlir::Float32Type::get(op.getContext())},
          "x: f32",
          {}};
}

/// The regions that are present.
SmallVector<ElementRegion> getElementRegions(ScanOp op) {
  SmallVector<ElementRegion> regions;
  if (!op.getDecay().empty())
    regions.push_back(getDecayRegion(op));
  if (!op.getFeature().empty())
    regions.push_back(getFeatureRegion(op));
  return regions;
}

/// The states or the normalizers that are present.
SmallVector<NamedTensor> getStates(ScanOp op) {
  SmallVector<NamedTensor> states;
  if (op.getInitialState())
    states.push_back({"initial_state", op.getInitialState()});
  if (op.getFinalState())
    states.push_back({"final_state", op.getFinalState()});
  return states;
}

SmallVector<NamedTensor> getNormalizers(ScanOp op) {
  SmallVector<NamedTensor> normalizers;
  if (op.getInitialNormalizer())
    normalizers.push_back({"initial_normalizer", op.getInitialNormalizer()});
  if (op.getFinalNormalizer())
    normalizers.push_back({"final_normalizer", op.getFinalNormalizer()});
  return normalizers;
}

/// C1 to C4: query, key and value.
LogicalResult verifyOperands(ScanOp op) {
  NamedTensor query{"query", op.getQuery()}, key{"key", op.getKey()},
      value{"value", op.getValue()}, out{"out", op.getOut()};
  // scan_c1
  if (failed(verifyRank(op, query, kQueryAxes)) ||
      failed(verifyRank(op, key, kQueryAxes)) ||
      failed(verifyRank(op, value, kValueAxes)))
    return failure();
  // scan_c2
  for (const NamedTensor &tensor : {key, value, out})
    if (failed(verifySameElementType(op, tensor, query)))
      return failure();
  // scan_c3: pairwise, since the one in between may be dynamic.
  for (int64_t axis : {kBatch, kHeads, kLength})
    if (failed(verifySameExtent(op, {key, axis}, {query, axis},
                                kQueryAxes[axis])) ||
        failed(verifySameExtent(op, {value, axis}, {query, axis},
                                kQueryAxes[axis])) ||
        failed(
            verifySameExtent(op, {value, axis}, {key, axis}, kQueryAxes[axis])))
      return failure();
  // scan_c4
  return failure(
      failed(verifyStaticExtent(op, {query, kDim}, "dim")) ||
      failed(verifyStaticExtent(op, {key, kDim}, "dim")) ||
      failed(verifyStaticExtent(op, {value, kDim}, "value_dim")) ||
      failed(verifySameExtent(op, {key, kDim}, {query, kDim}, "dim")));
}

/// C6 and C7: a state or a normalizer.
LogicalResult verifyState(ScanOp op, NamedTensor state,
                          ArrayRef<StringRef> axes) {
  NamedTensor query{"query", op.getQuery()}, value{"value", op.getValue()};
  const NamedExtent sources[] = {
      {query, kBatch}, {query, kHeads}, {query, kDim}, {value, kDim}};
  if (failed(verifyFloat32(op, state)) || failed(verifyRank(op, state, axes)))
    return failure();
  for (auto [index, name] : llvm::enumerate(axes)) {
    NamedExtent extent{state, static_cast<int64_t>(index)};
    bool isDim = index >= 2;
    if ((isDim && failed(verifyStaticExtent(op, extent, name))) ||
        failed(verifySameExtent(op, extent, sources[index], name)))
      return failure();
  }
  return success();
}

} // namespace

LogicalResult ScanOp::verify() {
  // scan_c11: first, so that nothing below can overflow.
  if (failed(verifyElementCounts(*this)) || failed(verifyOperands(*this)))
    return failure();
  // scan_c5
  if (getOut().getType() != getValue().getType())
    return emitOpError() << "out has type " << getOut().getType()
                         << " and must have that of value, "
                         << getValue().getType();
  // scan_c6
  for (const NamedTensor &state : getStates(*this))
    if (failed(verifyState(*this, state, kStateAxes)))
      return failure();
  // scan_c7
  for (const NamedTensor &normalizer : getNormalizers(*this)) {
    if (!getNormalize())
      return emitOpError() << normalizer.name
                           << " is given without 'normalize': add the keyword, "
                              "or drop it";
    if (failed(verifyState(*this, normalizer, kNormalizerAxes)))
      return failure();
  }
  return success();
}

LogicalResult ScanOp::verifyRegions() {
  // scan_c8
  bool isScalar = getTransition() == Transition::Scalar;
  if (isScalar && getDecay().empty())
    return emitOpError() << "transition scalar needs a decay region, which "
                            "gives the logarithm of the factor";
  if (!isScalar && !getDecay().empty())
    return emitOpError() << "a decay region needs transition scalar, and the "
                            "transition is "
                         << stringifyTransition(getTransition());
  for (const ElementRegion &region : getElementRegions(*this)) {
    // scan_c9
    if (failed(verifySignature(*this, region)))
      return failure();
    // scan_c10
    if (failed(verifyBody(*this, region)))
      return failure();
  }
  return success();
}

void ScanOp::getShapeContract(ShapeContract &contract) {
  Value query = getQuery(), key = getKey(), value = getValue();
  for (int64_t axis : {kBatch, kHeads, kLength, kDim})
    contract.name({query, axis}, kQueryAxes[axis]);
  contract.name({value, kDim}, kValueAxes[kDim]);

  for (Value tensor : {key, value, Value(getOut())})
    for (int64_t axis : {kBatch, kHeads, kLength})
      contract.requireEqual({query, axis}, {tensor, axis}, kQueryAxes[axis]);
  contract.requireEqual({query, kDim}, {key, kDim}, "dim");
  contract.requireEqual({value, kDim}, {getOut(), kDim}, "value_dim");
  for (const NamedTensor &state : getStates(*this)) {
    for (int64_t axis : {kBatch, kHeads})
      contract.requireEqual({query, axis}, {state.value, axis},
                            kStateAxes[axis]);
    contract.requireEqual({query, kDim}, {state.value, 2}, "dim");
    contract.requireEqual({value, kDim}, {state.value, 3}, "value_dim");
  }
  for (const NamedTensor &normalizer : getNormalizers(*this)) {
    for (int64_t axis : {kBatch, kHeads})
      contract.requireEqual({query, axis}, {normalizer.value, axis},
                            kNormalizerAxes[axis]);
    contract.requireEqual({query, kDim}, {normalizer.value, 2}, "dim");
  }
  for (const ElementRegion &region : getElementRegions(*this))
    requireTableExtents(region, contract);
}

LogicalResult
ScanOp::reifyResultShapes(OpBuilder &builder,
                          mlir::ReifiedRankedShapedTypeDims &shapes) {
  NamedTensor query{"query", getQuery()}, value{"value", getValue()};
  NamedExtent batch{query, kBatch}, heads{query, kHeads},
      length{query, kLength}, dim{query, kDim}, valueDim{value, kDim};
  shapes.push_back(
      reifyShape(builder, getOut(), {batch, heads, length, valueDim}));
  if (getFinalState())
    shapes.push_back(
        reifyShape(builder, getFinalState(), {batch, heads, dim, valueDim}));
  if (getFinalNormalizer())
    shapes.push_back(
        reifyShape(builder, getFinalNormalizer(), {batch, heads, dim}));
  return success();
}
