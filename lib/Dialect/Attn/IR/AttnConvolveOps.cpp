//===- AttnConvolveOps.cpp - verifier and shapes of attn.convolve ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The constraints C1, C2, ... are those of dialects/Attn/AttnConvolveOps.td, in
// that order: later ones rely on earlier ones.
//
//===----------------------------------------------------------------------===//
#include "RegionChecks.h"
#include "TensorChecks.h"
#include "attnc/Dialect/Attn/IR/Attn.h"

using namespace attnc;
using namespace attnc::attn;

namespace {

constexpr int64_t kMostTaps = 16;

enum Axis { kBatch, kHeads, kLength, kDim };
constexpr StringRef kValueAxes[] = {"batch", "heads", "length", "dim"};
constexpr StringRef kWeightAxes[] = {"heads", "dim", "taps"};
constexpr StringRef kStateAxes[] = {"batch", "heads", "state_length", "dim"};

/// C4.
LogicalResult verifyState(ConvolveOp op, NamedTensor state) {
  NamedTensor value{"value", op.getValue()};
  if (failed(verifyRank(op, state, kStateAxes)) ||
      failed(verifySameElementType(op, state, value)))
    return failure();
  for (int64_t axis : {kBatch, kHeads, kDim})
    if (failed(verifySameExtent(op, {state, axis}, {value, axis},
                                kStateAxes[axis])))
      return failure();
  int64_t rows = state.getExtent(2);
  if (rows != op.getTaps() - 1)
    return op.emitOpError()
           << state.name << " has type " << state.getType() << " and must have "
           << op.getTaps() - 1 << " rows, one less than there are taps";
  return success();
}

} // namespace

LogicalResult ConvolveOp::verify() {
  NamedTensor value{"value", getValue()}, weight{"weight", getWeight()};
  // convolve_c7: first, so that nothing below can overflow.
  if (failed(verifyElementCounts(*this)))
    return failure();
  // convolve_c1
  if (failed(verifyRank(*this, value, kValueAxes)))
    return failure();
  if (getOut().getType() != getValue().getType())
    return emitOpError() << "out has type " << getOut().getType()
                         << " and must have that of value, "
                         << getValue().getType();
  // convolve_c3
  if (failed(verifyRank(*this, weight, kWeightAxes)) ||
      failed(verifyStaticExtent(*this, {value, kDim}, "dim")) ||
      failed(verifyStaticExtent(*this, {weight, 1}, "dim")) ||
      failed(verifyStaticExtent(*this, {weight, 2}, "taps")))
    return failure();
  // convolve_c2
  if (failed(verifySameExtent(*this, {weight, 0}, {value, kHeads}, "heads")) ||
      failed(verifySameExtent(*this, {weight, 1}, {value, kDim}, "dim")))
    return failure();
  if (getTaps() < 2 || getTaps() > kMostTaps)
    return emitOpError() << "has " << getTaps() << " taps and must have 2 to "
                         << kMostTaps;
  // convolve_c4
  for (const NamedTensor &state : getStates(*this))
    if (failed(verifyState(*this, state)))
      return failure();
  return success();
}

LogicalResult ConvolveOp::verifyRegions() {
  if (getOutput().empty())
    return success();
  ElementRegion region = getOutputRegion(getOutput(), {"value", getValue()});
  // convolve_c5
  if (failed(verifySignature(*this, region)))
    return failure();
  // convolve_c6
  return verifyBody(*this, region);
}

void ConvolveOp::getShapeContract(ShapeContract &contract) {
  Value value = getValue(), weight = getWeight();
  for (int64_t axis : {kBatch, kHeads, kLength, kDim})
    contract.name({value, axis}, kValueAxes[axis]);
  contract.requireEqual({value, kHeads}, {weight, 0}, "heads");
  for (int64_t axis : {kBatch, kHeads, kLength})
    contract.requireEqual({value, axis}, {getOut(), axis}, kValueAxes[axis]);
  for (const NamedTensor &state : getStates(*this))
    for (int64_t axis : {kBatch, kHeads})
      contract.requireEqual({value, axis}, {state.value, axis},
                            kStateAxes[axis]);
  if (!getOutput().empty())
    requireTableExtents(getOutputRegion(getOutput(), {"value", value}),
                        contract);
}

LogicalResult
ConvolveOp::reifyResultShapes(OpBuilder &builder,
                              mlir::ReifiedRankedShapedTypeDims &shapes) {
  NamedTensor value{"value", getValue()};
  NamedExtent batch{value, kBatch}, heads{value, kHeads},
      length{value, kLength}, dim{value, kDim};
  shapes.push_back(reifyShape(builder, getOut(), {batch, heads, length, dim}));
  // The rows of a state are in its type.
  if (getFinalState())
    shapes.push_back(
        reifyShape(builder, getFinalState(), {batch, heads, length, dim}));
  return success();
}
