//===- CascadePrefixes.cpp - what sequences share is attended to once -----===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A decoding step over sequences that begin alike is two: over what is shared
// the sequences, and the heads of a group, are the rows of one, and each key is
// read once for all of them; over the rest each goes on from the carry that
// this gives (cascade attention, Juravsky et al. 2024, Ye et al. 2024).
//
//===----------------------------------------------------------------------===//

#include "attnc/Dialect/Attn/IR/Attn.h"
#include "attnc/Dialect/Attn/Transforms/Passes.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace attnc::attn {
#define GEN_PASS_DEF_CASCADEPREFIXESPASS
#include "attnc/Dialect/Attn/Transforms/Passes.h.inc"

namespace {

namespace arith = mlir::arith;

/// Why an op over a shared prefix is not split, or an empty text.
StringRef findObstacle(AttendOp op) {
  if (cast<RankedTensorType>(op.getQuery().getType()).getDimSize(2) != 1)
    return "it has not one query, statically";
  if (op.getMask() && !isa<CausalMaskAttr>(op.getMask()->getRoot()))
    return "its mask is not the causal one";
  if (!op.getScore().empty() || !op.getWhere().empty())
    return "its region reads positions";
  if (op.getInitialOut() || op.getQueryLengths())
    return "it has an init or query_lengths";
  return "";
}

class Cascade {
public:
  explicit Cascade(AttendOp op) : b(op.getLoc(), op), op(op) {}

  void build() {
    auto keys = op.getKey().getDefiningOp<CacheOp>();
    auto values = op.getValue().getDefiningOp<CacheOp>();
    Value prefix = keys.getPrefix();
    Type f32 = b.getF32Type();
    auto outType = cast<RankedTensorType>(op.getOut().getType());

    keyHeads = keys.getCache().getType().getHeads();
    Value rows = toRows(op.getQuery());
    Value table = getFirstRow(keys.getTable());
    Value number = mlir::tensor::ExtractOp::create(b, prefix, ValueRange());
    Value lengths = mlir::tensor::FromElementsOp::create(b, number);
    SmallVector<int64_t> shape(getShape(rows));
    shape[3] = outType.getDimSize(3);
    auto shared = AttendOp::create(
        b, RankedTensorType::get(shape, f32),
        RankedTensorType::get(ArrayRef(shape).drop_back(), f32), rows,
        getShared(keys, table, lengths), getShared(values, table, lengths),
        Value(), Value(), ValueRange(), Value(), Value(), MaskAttr(),
        mlir::ArrayAttr(), mlir::IntegerAttr(), getScale());
    Value out = fromRows(shared.getOut()), lse = fromRows(shared.getLse());

    // The rest of each sequence, which sees all of itself: it has one query.
    auto mask = cast<MaskAttr>(
        mlir::parseAttribute("#attn.mask<\"k >= prefix\">", b.getContext()));
    auto own = AttendOp::create(
        b, op.getOut().getType(), op.getLse() ? op.getLse().getType() : Type(),
        op.getQuery(), op.getKey(), op.getValue(), Value(), Value(), prefix,
        out, lse, mask, b.getStrArrayAttr({"prefix"}), mlir::IntegerAttr(),
        getScale());
    op->replaceAllUsesWith(own);
    op.erase();
  }

private:
  static ArrayRef<int64_t> getShape(Value tensor) {
    return cast<RankedTensorType>(tensor.getType()).getShape();
  }
  mlir::FloatAttr getScale() {
    return b.getF64FloatAttr(op.getEffectiveScale());
  }

  /// [batch, heads, 1, dim] as [1, key heads, batch * group, dim].
  Value toRows(Value tensor) {
    auto size = [&](int64_t axis) {
      return mlir::tensor::getMixedSize(b, b.getLoc(), tensor, axis);
    };
    batch = size(0);
    Value heads = toValue(size(1));
    group = mlir::getAsOpFoldResult(
        b.createOrFold<arith::DivUIOp>(heads, index(keyHeads)));
    Value rows = b.createOrFold<arith::MulIOp>(toValue(batch), toValue(group));
    return gather(tensor,
                  {b.getIndexAttr(1), b.getIndexAttr(keyHeads),
                   mlir::getAsOpFoldResult(rows), size(3)},
                  [&](Value, Value keyHead, Value row) {
                    Value sequence = arith::DivUIOp::create(b, row, groups());
                    Value head = arith::RemUIOp::create(b, row, groups());
                    Value first = arith::MulIOp::create(b, keyHead, groups());
                    head = arith::AddIOp::create(b, first, head);
                    return SmallVector<Value>{sequence, head, index(0)};
                  });
  }

  /// The inverse, also of what has no dim.
  Value fromRows(Value rows) {
    auto query = cast<RankedTensorType>(op.getQuery().getType());
    Value heads =
        mlir::tensor::DimOp::create(b, op.getQuery(), /*index=*/int64_t(1));
    SmallVector<mlir::OpFoldResult> sizes = {batch, heads, b.getIndexAttr(1)};
    if (!query.isDynamicDim(1))
      sizes[1] = b.getIndexAttr(query.getDimSize(1));
    if (getShape(rows).size() == 4)
      sizes.push_back(mlir::tensor::getMixedSize(b, b.getLoc(), rows, 3));
    return gather(rows, sizes, [&](Value sequence, Value head, Value) {
      Value row = arith::MulIOp::create(b, sequence, groups());
      row = arith::AddIOp::create(b, row,
                                  arith::RemUIOp::create(b, head, groups()));
      Value keyHead = arith::DivUIOp::create(b, head, groups());
      return SmallVector<Value>{index(0), keyHead, row};
    });
  }

  /// A tensor of `sizes`, whose element at each three first indices, and any
  /// fourth, is that of `from` at `find` of the three, and the fourth.
  Value gather(Value from, ArrayRef<mlir::OpFoldResult> sizes,
               function_ref<SmallVector<Value>(Value, Value, Value)> find) {
    Value empty = mlir::tensor::EmptyOp::create(
        b, sizes, cast<RankedTensorType>(from.getType()).getElementType());
    auto map = b.getMultiDimIdentityMap(sizes.size());
    SmallVector<mlir::utils::IteratorType> parallel(
        sizes.size(), mlir::utils::IteratorType::parallel);
    auto generic = mlir::linalg::GenericOp::create(
        b, empty.getType(), ValueRange(), empty, map, parallel);
    OpBuilder::InsertionGuard guard(b);
    b.createBlock(&generic.getRegion(), {},
                  cast<RankedTensorType>(empty.getType()).getElementType(),
                  b.getLoc());
    auto at = [&](int64_t axis) -> Value {
      return mlir::linalg::IndexOp::create(b, axis);
    };
    SmallVector<Value> indices = find(at(0), at(1), at(2));
    if (sizes.size() == 4)
      indices.push_back(at(3));
    Value element = mlir::tensor::ExtractOp::create(b, from, indices);
    mlir::linalg::YieldOp::create(b, element);
    return generic.getResult(0);
  }

  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  }
  Value toValue(mlir::OpFoldResult size) {
    return mlir::getValueOrCreateConstantIndexOp(b, b.getLoc(), size);
  }
  Value groups() { return toValue(group); }

  /// The prefix as a cache of one sequence.
  Value getShared(CacheOp cache, Value table, Value lengths) {
    return CacheOp::create(b, cache.getCache().getType(), cache.getData(),
                           table, lengths, cache.getScales(), cache.getZeros(),
                           Value());
  }

  /// The first row of the table.
  Value getFirstRow(Value table) {
    mlir::OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
    mlir::OpFoldResult blocks =
        mlir::tensor::getMixedSize(b, b.getLoc(), table, 1);
    return mlir::tensor::ExtractSliceOp::create(b, table, ArrayRef{zero, zero},
                                                ArrayRef{one, blocks},
                                                ArrayRef{one, one});
  }

  mlir::ImplicitLocOpBuilder b;
  AttendOp op;
  int64_t keyHeads = 0;
  /// The sequences, and the query heads of a key head.
  mlir::OpFoldResult batch, group;
};

struct CascadePrefixes : impl::CascadePrefixesPassBase<CascadePrefixes> {
  void runOnOperation() override {
    SmallVector<AttendOp> ops;
    getOperation().walk([&](AttendOp op) {
      auto keys = op.getKey().getDefiningOp<CacheOp>();
      if (!keys || !keys.getPrefix())
        return;
      StringRef obstacle = findObstacle(op);
      if (obstacle.empty())
        ops.push_back(op);
      else
        op.emitRemark() << "the shared prefix is read by each sequence on its "
                           "own: "
                        << obstacle;
    });
    for (AttendOp op : ops)
      Cascade(op).build();
  }
};

} // namespace
} // namespace attnc::attn
