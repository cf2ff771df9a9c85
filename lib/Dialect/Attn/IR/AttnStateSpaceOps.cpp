//===- AttnStateSpaceOps.cpp - verifier and shapes of attn.state_space ----===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The constraints C1, C2, ... are those of dialects/Attn/AttnStateSpaceOps.td,
// in that order: later ones rely on earlier ones.
//
//===----------------------------------------------------------------------===//
#include "RegionChecks.h"
#include "TensorChecks.h"
#include "attnc/Dialect/Attn/IR/Attn.h"

using namespace attnc;
using namespace attnc::attn;

namespace {

enum Axis { kBatch, kHeads, kLength, kDim };
constexpr StringRef kValueAxes[] = {"batch", "heads", "length", "dim"};
constexpr StringRef kParameterAxes[] = {"heads", "parts", "state", "dim"};
constexpr StringRef kStepAxes[] = {"heads", "dim"};
constexpr StringRef kStateAxes[] = {"batch", "heads", "parts", "state", "dim"};

/// The operands that the extents of a state are those of, axis by axis.
SmallVector<NamedExtent> getStateExtents(StateSpaceOp op) {
  NamedTensor value{"value", op.getValue()}, a{"a", op.getA()};
  return {{value, kBatch}, {value, kHeads}, {a, 1}, {a, 2}, {value, kDim}};
}

/// C2 and C3.
LogicalResult verifyParameters(StateSpaceOp op) {
  NamedTensor value{"value", op.getValue()}, a{"a", op.getA()};
  if (failed(verifyRank(op, a, kParameterAxes)))
    return failure();
  if (a.getExtent(1) != 2)
    return op.emitOpError() << "a has type " << a.getType()
                            << " and must have 2 parts, real and imaginary";
  for (int64_t axis : {2, 3})
    if (failed(verifyStaticExtent(op, {a, axis}, kParameterAxes[axis])))
      return failure();
  if (failed(verifyStaticExtent(op, {value, kDim}, "dim")))
    return failure();
  for (auto [axis, ofValue] : {std::pair{0, kHeads}, std::pair{3, kDim}})
    if (failed(verifySameExtent(op, {a, axis}, {value, ofValue},
                                kParameterAxes[axis])))
      return failure();
  return success();
}

/// C2 and C4.
LogicalResult verifyLowRank(StateSpaceOp op) {
  mlir::ValueRange lowRank = op.getLowRank();
  if (!lowRank.empty() && lowRank.size() != 2)
    return op.emitOpError() << "low_rank has " << lowRank.size()
                            << " operands and must have two, p and q";
  for (Value factor : lowRank)
    if (factor.getType() != op.getA().getType())
      return op.emitOpError()
             << "low_rank has type " << factor.getType()
             << " and must have that of a, " << op.getA().getType();
  return success();
}

/// C5 and C6.
LogicalResult verifyDiscretization(StateSpaceOp op) {
  std::optional<Discretization> discretization = op.getDiscretization();
  Value step = op.getStep();
  if (discretization.has_value() != (step != nullptr))
    return op.emitOpError()
           << "a step and a discretization need each other: give both for "
              "parameters in continuous time, and none for those of a step";
  if (!step)
    return success();
  NamedTensor steps{"step", step}, value{"value", op.getValue()};
  if (failed(verifyRank(op, steps, kStepAxes)))
    return failure();
  for (auto [axis, ofValue] : {std::pair{0, kHeads}, std::pair{1, kDim}})
    if (failed(verifySameExtent(op, {steps, axis}, {value, ofValue},
                                kStepAxes[axis])))
      return failure();
  if (failed(verifyStaticExtent(op, {steps, 1}, "dim")))
    return failure();
  if (*discretization == Discretization::ZOH && op.hasLowRank())
    return op.emitOpError()
           << "zoh of a matrix that is not diagonal is a matrix exponential, "
              "which has no low rank: use bilinear, or drop low_rank";
  return success();
}

/// C7.
LogicalResult verifyState(StateSpaceOp op, NamedTensor state) {
  if (failed(verifyRank(op, state, kStateAxes)))
    return failure();
  for (auto [axis, source] : llvm::enumerate(getStateExtents(op))) {
    NamedExtent extent{state, static_cast<int64_t>(axis)};
    if ((axis >= 2 &&
         failed(verifyStaticExtent(op, extent, kStateAxes[axis]))) ||
        failed(verifySameExtent(op, extent, source, kStateAxes[axis])))
      return failure();
  }
  return success();
}

} // namespace

LogicalResult StateSpaceOp::verify() {
  // state_space_c10: first, so that nothing below can overflow.
  if (failed(verifyElementCounts(*this)))
    return failure();
  // state_space_c1
  if (failed(verifyRank(*this, {"value", getValue()}, kValueAxes)))
    return failure();
  if (getOut().getType() != getValue().getType())
    return emitOpError() << "out has type " << getOut().getType()
                         << " and must have that of value, "
                         << getValue().getType();
  // state_space_c2, state_space_c3, state_space_c4
  if (failed(verifyParameters(*this)) || failed(verifyLowRank(*this)))
    return failure();
  // state_space_c5, state_space_c6
  if (failed(verifyDiscretization(*this)))
    return failure();
  // state_space_c7
  for (const NamedTensor &state : getStates(*this))
    if (failed(verifyState(*this, state)))
      return failure();
  return success();
}

LogicalResult StateSpaceOp::verifyRegions() {
  if (getOutput().empty())
    return success();
  ElementRegion region = getOutputRegion(getOutput(), {"value", getValue()});
  // state_space_c8
  if (failed(verifySignature(*this, region)))
    return failure();
  // state_space_c9
  return verifyBody(*this, region);
}

void StateSpaceOp::getShapeContract(ShapeContract &contract) {
  Value value = getValue();
  for (int64_t axis : {kBatch, kHeads, kLength, kDim})
    contract.name({value, axis}, kValueAxes[axis]);
  for (int64_t axis : {kBatch, kHeads, kLength})
    contract.requireEqual({value, axis}, {getOut(), axis}, kValueAxes[axis]);
  SmallVector<Value> parameters = {getA(), getB(), getC()};
  llvm::append_range(parameters, getLowRank());
  if (getStep())
    parameters.push_back(getStep());
  for (Value parameter : parameters)
    contract.requireEqual({value, kHeads}, {parameter, 0}, "heads");
  for (const NamedTensor &state : getStates(*this))
    for (int64_t axis : {kBatch, kHeads})
      contract.requireEqual({value, axis}, {state.value, axis},
                            kStateAxes[axis]);
  if (!getOutput().empty())
    requireTableExtents(getOutputRegion(getOutput(), {"value", value}),
                        contract);
}

LogicalResult
StateSpaceOp::reifyResultShapes(OpBuilder &builder,
                                mlir::ReifiedRankedShapedTypeDims &shapes) {
  NamedTensor value{"value", getValue()};
  shapes.push_back(reifyShape(
      builder, getOut(),
      {{value, kBatch}, {value, kHeads}, {value, kLength}, {value, kDim}}));
  if (getFinalState())
    shapes.push_back(
        reifyShape(builder, getFinalState(), getStateExtents(*this)));
  return success();
}
