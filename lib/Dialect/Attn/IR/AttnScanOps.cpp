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
/// with value.
enum Axis { kBatch, kHeads, kLength, kDim };

constexpr StringRef kQueryAxes[] = {"batch", "key_heads", "length", "dim"};
constexpr StringRef kValueAxes[] = {"batch", "heads", "length", "value_dim"};
constexpr StringRef kStateAxes[] = {"batch", "heads", "dim", "value_dim"};
constexpr StringRef kNormalizerAxes[] = {"batch", "heads", "dim"};
constexpr StringRef kStartsAxes[] = {"sequences"};

/// The positions of an element: those of its region's arguments that are of
/// type index, in this order.
enum class Position { b, h, t, e, d };

TablePosition getTablePosition(ScanOp op, Position position,
                               unsigned argument) {
  NamedTensor query{"query", op.getQuery()}, value{"value", op.getValue()};
  switch (position) {
  case Position::b:
    return {argument, "b", {query, kBatch}, "batch"};
  case Position::h:
    return {argument, "h", {value, kHeads}, "heads"};
  case Position::t:
    // With a decay of each element a step is one position.
    return {argument,
            "t",
            {query, kLength},
            "length",
            /*varies=*/op.getDecayRank() < 2};
  case Position::e:
    return {argument, "e", {query, kDim}, "dim", /*varies=*/true};
  case Position::d:
    return {argument, "d", {value, kDim}, "value_dim", /*varies=*/true};
  }
  llvm_unreachable("no other position");
}

/// A region of `positions` and, if `element`, of what it is applied to.
ElementRegion makeRegion(ScanOp op, StringRef name, Region &body,
                         ArrayRef<Position> positions, StringRef signature,
                         bool element = false) {
  ElementRegion region{name, &body, {}, signature, {}};
  for (auto [i, position] : llvm::enumerate(positions)) {
    region.arguments.push_back(mlir::IndexType::get(op.getContext()));
    region.positions.push_back(getTablePosition(op, position, i));
  }
  if (element)
    region.arguments.push_back(mlir::Float32Type::get(op.getContext()));
  return region;
}

/// The decay region with as many positions as it has, or as the transition
/// takes.
ElementRegion makeDecayRegion(ScanOp op) {
  using P = Position;
  bool isDiagonal = op.getTransition() == Transition::Diagonal;
  bool isDelta = op.getTransition() == Transition::Delta;
  int64_t rank = std::clamp<int64_t>(op.getDecayRank(), isDiagonal ? 1 : 0,
                                     isDiagonal ? 2
                                     : isDelta  ? 1
                                                : 0);
  constexpr StringRef signatures[] = {
      "b: index, h: index, t: index", "b: index, h: index, t: index, e: index",
      "b: index, h: index, t: index, e: index, d: index"};
  constexpr P positions[] = {P::b, P::h, P::t, P::e, P::d};
  return makeRegion(op, "decay", op.getDecay(),
                    ArrayRef(positions).take_front(3 + rank), signatures[rank]);
}

/// The regions that are present.
SmallVector<ElementRegion> getElementRegions(ScanOp op) {
  using P = Position;
  SmallVector<ElementRegion> regions;
  if (!op.getDecay().empty())
    regions.push_back(makeDecayRegion(op));
  if (!op.getBeta().empty())
    regions.push_back(makeRegion(op, "beta", op.getBeta(), {P::b, P::h, P::t},
                                 "b: index, h: index, t: index"));
  if (!op.getFeature().empty())
    regions.push_back(makeRegion(op, "feature", op.getFeature(), {}, "x: f32",
                                 /*element=*/true));
  if (!op.getWrite().empty())
    regions.push_back(makeRegion(
        op, "write", op.getWrite(), {P::b, P::h, P::t, P::d},
        "b: index, h: index, t: index, d: index, x: f32", /*element=*/true));
  if (!op.getOutput().empty())
    regions.push_back(makeRegion(
        op, "output", op.getOutput(), {P::b, P::h, P::t, P::d},
        "b: index, h: index, t: index, d: index, y: f32", /*element=*/true));
  return regions;
}

SmallVector<NamedTensor> getNormalizers(ScanOp op) {
  SmallVector<NamedTensor> normalizers;
  if (op.getInitialNormalizer())
    normalizers.push_back({"initial_normalizer", op.getInitialNormalizer()});
  if (op.getFinalNormalizer())
    normalizers.push_back({"final_normalizer", op.getFinalNormalizer()});
  return normalizers;
}

/// C3: batch, heads and length.
LogicalResult verifyExtents(ScanOp op) {
  NamedTensor query{"query", op.getQuery()}, key{"key", op.getKey()},
      value{"value", op.getValue()};
  // Pairwise, since the one in between may be dynamic.
  for (int64_t axis : {kBatch, kLength})
    for (auto [left, right] : {std::pair{key, query}, std::pair{value, query},
                               std::pair{value, key}})
      if (failed(verifySameExtent(op, {left, axis}, {right, axis},
                                  kQueryAxes[axis])))
        return failure();
  if (failed(verifySameExtent(op, {key, kHeads}, {query, kHeads},
                              kQueryAxes[kHeads])))
    return failure();
  for (const NamedTensor &shared : {query, key}) {
    int64_t heads = value.getExtent(kHeads),
            keyHeads = shared.getExtent(kHeads);
    if (mlir::ShapedType::isDynamic(heads) ||
        mlir::ShapedType::isDynamic(keyHeads))
      continue;
    if (keyHeads == 0 ? heads != 0 : heads % keyHeads != 0)
      return op.emitOpError()
             << "value has " << heads << " heads and " << shared.name << " has "
             << keyHeads
             << ": the heads of value must be a multiple of the key_heads";
  }
  return success();
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
  // scan_c3
  if (failed(verifyExtents(op)))
    return failure();
  // scan_c4
  return failure(
      failed(verifyStaticExtent(op, {query, kDim}, "dim")) ||
      failed(verifyStaticExtent(op, {key, kDim}, "dim")) ||
      failed(verifyStaticExtent(op, {value, kDim}, "value_dim")) ||
      failed(verifySameExtent(op, {key, kDim}, {query, kDim}, "dim")));
}

/// The operands that the extents of a state are those of, axis by axis.
SmallVector<NamedExtent> getStateExtents(ScanOp op) {
  NamedTensor query{"query", op.getQuery()}, value{"value", op.getValue()};
  NamedExtent sequences{value, kBatch};
  if (Value starts = op.getStarts())
    sequences = {{"starts", starts}, 0};
  return {sequences, {value, kHeads}, {query, kDim}, {value, kDim}};
}

/// C6 and C7: a state or a normalizer.
LogicalResult verifyState(ScanOp op, NamedTensor state,
                          ArrayRef<StringRef> axes) {
  SmallVector<NamedExtent> sources = getStateExtents(op);
  if (failed(verifyFloat32(op, state)) || failed(verifyRank(op, state, axes)))
    return failure();
  for (auto [index, axis] : llvm::enumerate(axes)) {
    StringRef name = index == 0 && op.getStarts() ? kStartsAxes[0] : axis;
    NamedExtent extent{state, static_cast<int64_t>(index)};
    bool isDim = index >= 2;
    if ((isDim && failed(verifyStaticExtent(op, extent, name))) ||
        failed(verifySameExtent(op, extent, sources[index], name)))
      return failure();
  }
  return success();
}

/// C14.
LogicalResult verifyStarts(ScanOp op) {
  if (!op.getStarts())
    return success();
  if (failed(verifyRank(op, {"starts", op.getStarts()}, kStartsAxes)))
    return failure();
  for (NamedTensor tensor :
       {NamedTensor{"query", op.getQuery()}, NamedTensor{"key", op.getKey()},
        NamedTensor{"value", op.getValue()}})
    if (tensor.getExtent(kBatch) != 1)
      return op.emitOpError()
             << "starts are of sequences in one batch, and " << tensor.name
             << " has type " << tensor.getType() << ": make its first extent 1";
  return success();
}

/// C8 and C12: which regions a transition has.
LogicalResult verifyPresence(ScanOp op) {
  Transition transition = op.getTransition();
  StringRef name = stringifyTransition(transition);
  bool hasDecay = !op.getDecay().empty(), hasBeta = !op.getBeta().empty();
  // scan_c8
  bool needsDecay =
      transition == Transition::Scalar || transition == Transition::Diagonal;
  if (needsDecay && !hasDecay)
    return op.emitOpError() << "transition " << name
                            << " needs a decay region, which gives the "
                               "logarithm of the factor";
  if (transition == Transition::Identity && hasDecay)
    return op.emitOpError() << "a decay region needs transition scalar, "
                               "diagonal or delta, and the transition is "
                            << name;
  // scan_c12
  bool isDelta = transition == Transition::Delta;
  if (isDelta && !hasBeta)
    return op.emitOpError() << "transition delta needs a beta region, which "
                               "gives how much of the difference is written";
  if (!isDelta && hasBeta)
    return op.emitOpError() << "a beta region needs transition delta, and the "
                               "transition is "
                            << name;
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
  // scan_c14
  if (failed(verifyStarts(*this)))
    return failure();
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
  if (failed(verifyPresence(*this)))
    return failure();
  for (const ElementRegion &region : getElementRegions(*this)) {
    // scan_c9
    if (failed(verifySignature(*this, region)))
      return failure();
    // scan_c10
    if (failed(verifyBody(*this, region)))
      return failure();
  }
  // scan_c13
  if (!getNormalize())
    return success();
  if (getTransition() == Transition::Delta)
    return emitOpError() << "normalize is not defined for transition delta, "
                            "whose weights need not be positive: drop it";
  if (getDecayRank() == 2)
    return emitOpError() << "normalize needs a decay that all value columns "
                            "have in common: drop d, or normalize";
  return success();
}

void ScanOp::getShapeContract(ShapeContract &contract) {
  Value query = getQuery(), key = getKey(), value = getValue();
  for (int64_t axis : {kBatch, kHeads, kLength, kDim})
    contract.name({query, axis}, kQueryAxes[axis]);
  contract.name({value, kHeads}, kValueAxes[kHeads]);
  contract.name({value, kDim}, kValueAxes[kDim]);
  if (Value starts = getStarts())
    contract.name({starts, 0}, kStartsAxes[0]);

  for (int64_t axis : {kBatch, kHeads, kLength})
    contract.requireEqual({query, axis}, {key, axis}, kQueryAxes[axis]);
  for (int64_t axis : {kBatch, kLength})
    contract.requireEqual({query, axis}, {value, axis}, kQueryAxes[axis]);
  contract.requireMultiple({value, kHeads}, {query, kHeads});
  for (int64_t axis : {kBatch, kHeads, kLength})
    contract.requireEqual({value, axis}, {getOut(), axis}, kValueAxes[axis]);
  contract.requireEqual({query, kDim}, {key, kDim}, "dim");
  contract.requireEqual({value, kDim}, {getOut(), kDim}, "value_dim");
  SmallVector<NamedExtent> extents = getStateExtents(*this);
  auto requireState = [&](const NamedTensor &state, ArrayRef<StringRef> axes) {
    for (auto [index, axis] : llvm::enumerate(axes))
      contract.requireEqual({extents[index].tensor.value, extents[index].axis},
                            {state.value, static_cast<int64_t>(index)},
                            index == 0 && getStarts() ? kStartsAxes[0] : axis);
  };
  for (const NamedTensor &state : getStates(*this))
    requireState(state, kStateAxes);
  for (const NamedTensor &normalizer : getNormalizers(*this))
    requireState(normalizer, kNormalizerAxes);
  for (const ElementRegion &region : getElementRegions(*this))
    requireTableExtents(region, contract);
}

LogicalResult
ScanOp::reifyResultShapes(OpBuilder &builder,
                          mlir::ReifiedRankedShapedTypeDims &shapes) {
  NamedTensor value{"value", getValue()};
  SmallVector<NamedExtent> state = getStateExtents(*this);
  shapes.push_back(reifyShape(
      builder, getOut(),
      {{value, kBatch}, {value, kHeads}, {value, kLength}, {value, kDim}}));
  if (getFinalState())
    shapes.push_back(reifyShape(builder, getFinalState(), state));
  if (getFinalNormalizer())
    shapes.push_back(
        reifyShape(builder, getFinalNormalizer(), ArrayRef(state).drop_back()));
  return success();
}
