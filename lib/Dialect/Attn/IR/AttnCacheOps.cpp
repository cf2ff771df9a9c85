//===- AttnCacheOps.cpp - verifiers and shapes of cache ops ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The constraints C1, C2, ... are those of dialects/Attn/AttnCacheOps.td.
//
//===----------------------------------------------------------------------===//
#include "TensorChecks.h"
#include "attnc/Dialect/Attn/IR/Attn.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace attnc;
using namespace attnc::attn;
using mlir::ShapedType;

namespace {

constexpr StringRef kTableAxes[] = {"batch", "blocks"};
constexpr StringRef kLengthsAxes[] = {"batch"};

/// The extents of the data, as far as the type gives them; its last one is a
/// lower bound.
SmallVector<int64_t> getDataShape(KVType type) {
  SmallVector<int64_t> shape(4, ShapedType::kDynamic);
  KVLayoutAttrInterface layout = type.getLayout();
  shape[layout.getHeadAxis()] = type.getHeads();
  if (std::optional<int64_t> tokens = layout.getBlockTokens())
    shape[layout.getTokenAxis()] = *tokens;
  shape[3] = type.getStorageCount(type.getDim());
  return shape;
}

/// The shape of scales and zero points.
SmallVector<int64_t> getScaleShape(KVType type) {
  SmallVector<int64_t> shape = getDataShape(type);
  switch (type.getScale().getGranularity()) {
  case ScaleGranularity::Tensor:
    return {};
  case ScaleGranularity::Channel:
    return {type.getHeads(), type.getDim()};
  case ScaleGranularity::Token:
    shape.pop_back();
    return shape;
  case ScaleGranularity::Group:
    shape.back() = type.getDim() / type.getScale().getGroup();
    return shape;
  }
  llvm_unreachable("a scale without a granularity");
}

/// An extent that the type gives.
LogicalResult verifyExtent(CacheOp op, NamedExtent extent, StringRef meaning,
                           int64_t expected) {
  int64_t actual = extent.get();
  if (actual == expected || ShapedType::isDynamic(expected))
    return success();
  auto error = op.emitOpError() << meaning << " of " << extent.tensor.name;
  if (ShapedType::isDynamic(actual))
    return error << " is dynamic and must be " << expected << ", as in "
                 << op.getCache().getType();
  return error << " is " << actual << " and must be " << expected << ", as in "
               << op.getCache().getType();
}

/// C1 and C2.
LogicalResult verifyData(CacheOp op, KVType type) {
  NamedTensor data{"data", op.getData()};
  ArrayRef<StringRef> axes = type.getLayout().getAxes();
  if (failed(verifyRank(op, data, axes)))
    return failure();
  SmallVector<int64_t> shape = getDataShape(type);
  for (int64_t axis = 0; axis < 3; ++axis)
    if (failed(verifyExtent(op, {data, axis}, axes[axis], shape[axis])))
      return failure();
  int64_t last = data.getExtent(3);
  if (ShapedType::isDynamic(last) || last < shape[3])
    return op.emitOpError()
           << "the last axis of data must have a static extent of at least "
           << shape[3] << ", which holds the dim of " << type;
  Type element = data.getType().getElementType();
  if (element != type.getStorageElement())
    return op.emitOpError()
           << "data has element type " << element << " and " << type
           << " is kept in " << type.getStorageElement();
  return success();
}

/// C3 and C4.
LogicalResult verifyPlaces(CacheOp op, KVType type) {
  KVLayoutAttrInterface layout = type.getLayout();
  if (!op.getTable() != !layout.usesTable())
    return op.emitOpError()
           << (op.getTable() ? "has a table, which a paged cache has only"
                             : "has no table, and a paged cache needs one: add "
                               "table(%blocks)");
  if (op.getTable() &&
      failed(verifyRank(op, {"table", op.getTable()}, kTableAxes)))
    return failure();
  if (!op.getLengths() && layout.getBlockTokens())
    return op.emitOpError()
           << "has no lengths, and " << type << " needs them: add lengths(%n)";
  if (op.getLengths())
    return verifyRank(op, {"lengths", op.getLengths()}, kLengthsAxes);
  return success();
}

/// C5, for scales or zeros.
LogicalResult verifyScales(CacheOp op, KVType type, StringRef name,
                           Value tensor, bool isNeeded) {
  if (!tensor != !isNeeded)
    return op.emitOpError() << (tensor ? "has " : "has no ") << name << ", and "
                            << type << (isNeeded ? " needs them" : " has none");
  if (!tensor)
    return success();
  NamedTensor named{name, tensor};
  SmallVector<int64_t> shape = getScaleShape(type);
  int64_t rank = named.getType().getRank();
  if (rank != static_cast<int64_t>(shape.size()))
    return op.emitOpError()
           << name << " have rank " << rank << " and must have " << shape.size()
           << " for " << type.getScale();
  for (auto [axis, expected] : llvm::enumerate(shape))
    if (failed(verifyExtent(op, {named, int64_t(axis)},
                            "extent " + std::to_string(axis), expected)))
      return failure();
  return success();
}

} // namespace

LogicalResult CacheOp::verify() {
  KVType type = getCache().getType();
  if (failed(verifyElementCounts(*this)))
    return failure();
  // cache_c1, cache_c2
  if (failed(verifyData(*this, type)))
    return failure();
  // cache_c3, cache_c4
  if (failed(verifyPlaces(*this, type)))
    return failure();
  // cache_c5
  bool isScaled = bool(type.getScale());
  if (failed(verifyScales(*this, type, "scales", getScales(), isScaled)) ||
      failed(verifyScales(*this, type, "zeros", getZeros(),
                          isScaled && type.getScale().getZeros())))
    return failure();
  // cache_c7
  if (getPrefix() &&
      (!getTable() ||
       cast<RankedTensorType>(getPrefix().getType()).getRank() != 0))
    return emitOpError() << "prefix is " << getPrefix().getType()
                         << " and must be a tensor of rank 0, of a paged cache";
  // cache_c6
  if (!getLengths())
    return success();
  NamedTensor batch = getTable() ? NamedTensor{"table", getTable()}
                                 : NamedTensor{"data", getData()};
  return verifySameExtent(*this, {{"lengths", getLengths()}, 0}, {batch, 0},
                          "batch");
}

void CacheOp::getShapeContract(ShapeContract &contract) {
  KVType type = getCache().getType();
  KVLayoutAttrInterface layout = type.getLayout();
  Value data = getData(), batch = getTable() ? getTable() : data;
  for (auto [axis, meaning] : llvm::enumerate(layout.getAxes()))
    contract.name({data, int64_t(axis)}, meaning);
  if (getTable()) {
    contract.name({getTable(), 0}, "batch");
    contract.name({getTable(), 1}, "blocks");
  }
  contract.requireEqual({batch, 0}, {getCache(), 0}, "batch");
  contract.requireEqual({data, layout.getHeadAxis()}, {getCache(), 1},
                        "kv_heads");
  if (!layout.usesTable())
    contract.requireEqual({data, layout.getTokenAxis()}, {getCache(), 2},
                          layout.getAxes()[layout.getTokenAxis()]);
  if (getLengths())
    contract.requireEqual({batch, 0}, {getLengths(), 0}, "batch");
  for (Value scales : {getScales(), getZeros()}) {
    auto scaleType =
        scales ? cast<RankedTensorType>(scales.getType()) : RankedTensorType();
    // Scales of heads and channels have static extents.
    for (int64_t axis = 0; scaleType && scaleType.getRank() > 2 && axis < 3;
         ++axis)
      contract.requireEqual({data, axis}, {scales, axis},
                            layout.getAxes()[axis]);
  }
}

void ReadOp::build(OpBuilder &builder, mlir::OperationState &state,
                   Value cache) {
  auto source = cache.getDefiningOp<CacheOp>();
  auto type = cast<KVType>(cache.getType());
  SmallVector<int64_t> shape(type.getStreamType().getShape());
  auto getExtent = [](Value tensor, int64_t axis) {
    return cast<RankedTensorType>(tensor.getType()).getDimSize(axis);
  };
  KVLayoutAttrInterface layout = type.getLayout();
  Value batch = source.getTable() ? source.getTable() : source.getData();
  shape[0] = getExtent(batch, 0);
  if (!layout.getBlockTokens())
    shape[2] = getExtent(source.getData(), layout.getTokenAxis());
  build(builder, state, RankedTensorType::get(shape, builder.getF32Type()),
        cache);
}

CacheOp ReadOp::getSource() { return getCache().getDefiningOp<CacheOp>(); }

CacheOp AppendOp::getSource() { return getCache().getDefiningOp<CacheOp>(); }

LogicalResult ReadOp::verify() {
  // read_c1
  if (!getSource())
    return emitOpError() << "reads a cache that no attn.cache of this function "
                            "makes";
  ArrayRef<int64_t> expected = getCache().getType().getStreamType().getShape();
  ArrayRef<int64_t> shape = getStream().getType().getShape();
  bool fits = shape.size() == expected.size();
  for (size_t axis = 0; fits && axis < shape.size(); ++axis)
    fits =
        ShapedType::isDynamic(expected[axis]) || shape[axis] == expected[axis];
  if (!fits)
    return emitOpError() << "yields " << getStream().getType() << " and "
                         << getCache().getType() << " holds a "
                         << getCache().getType().getStreamType();
  return success();
}

LogicalResult AppendOp::verify() {
  static constexpr StringRef axes[] = {"batch", "kv_heads", "new_length",
                                       "dim"};
  NamedTensor tokens{"tokens", getTokens()}, cache{"cache", getCache()};
  // append_c1
  if (failed(verifyRank(*this, tokens, axes)) ||
      failed(verifyStaticExtent(*this, {tokens, 3}, "dim")) ||
      failed(verifySameExtent(*this, {tokens, 3}, {cache, 3}, "dim")) ||
      failed(verifySameExtent(*this, {tokens, 1}, {cache, 1}, "kv_heads")))
    return failure();
  // append_c2
  if (getCounts() &&
      (failed(verifyRank(*this, {"counts", getCounts()}, kLengthsAxes)) ||
       failed(verifySameExtent(*this, {{"counts", getCounts()}, 0}, {tokens, 0},
                               "batch"))))
    return failure();
  // append_c3
  if (!getSource() || !getSource().getLengths())
    return emitOpError()
           << "appends to a cache that no attn.cache with lengths "
              "of this function makes";
  return success();
}

void AppendOp::getShapeContract(ShapeContract &contract) {
  contract.requireEqual({getTokens(), 0}, {getCache(), 0}, "batch");
  contract.requireEqual({getTokens(), 1}, {getCache(), 1}, "kv_heads");
  contract.name({getTokens(), 2}, "new_length");
  if (getCounts())
    contract.requireEqual({getTokens(), 0}, {getCounts(), 0}, "batch");
}

/// The extent of what `source` is read as along an axis whose extent its type
/// does not give.
static Value buildStreamExtent(OpBuilder &builder, Location loc, CacheOp source,
                               int64_t axis) {
  KVLayoutAttrInterface layout = source.getCache().getType().getLayout();
  Value table = source.getTable();
  Value tensor = table ? table : source.getData();
  int64_t ofTensor = axis == 0 ? 0 : table ? 1 : layout.getTokenAxis();
  Value extent =
      builder.createOrFold<mlir::tensor::DimOp>(loc, tensor, ofTensor);
  if (axis == 0 || !table)
    return extent;
  Value tokens = mlir::arith::ConstantIndexOp::create(builder, loc,
                                                      *layout.getBlockTokens());
  return builder.createOrFold<mlir::arith::MulIOp>(loc, extent, tokens);
}

LogicalResult
ReadOp::reifyResultShapes(OpBuilder &builder,
                          mlir::ReifiedRankedShapedTypeDims &shapes) {
  RankedTensorType stream = getStream().getType();
  SmallVector<mlir::OpFoldResult> &extents = shapes.emplace_back();
  for (int64_t axis = 0; axis < stream.getRank(); ++axis)
    if (stream.isDynamicDim(axis))
      extents.push_back(
          buildStreamExtent(builder, getLoc(), getSource(), axis));
    else
      extents.push_back(builder.getIndexAttr(stream.getDimSize(axis)));
  return success();
}

Value attn::buildExtent(OpBuilder &builder, Location loc, Value tensor,
                        int64_t axis) {
  auto source = tensor.getDefiningOp<CacheOp>();
  if (auto read = tensor.getDefiningOp<ReadOp>())
    source = read.getSource();
  if (!source)
    return builder.createOrFold<mlir::tensor::DimOp>(loc, tensor, axis);
  RankedTensorType type = getStreamType(tensor);
  if (type.isDynamicDim(axis))
    return buildStreamExtent(builder, loc, source, axis);
  return mlir::arith::ConstantIndexOp::create(builder, loc,
                                              type.getDimSize(axis));
}
