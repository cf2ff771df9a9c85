//===- CascadePrefixes.cpp - what sequences share is attended to once -----===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A decoding step over sequences that begin alike is two: over what is shared
// the sequences are the rows of one, and each key is read once for all of them;
// over the rest each goes on from the carry that this gives (cascade attention,
// Juravsky et al. 2024, Ye et al. 2024).
//
//===----------------------------------------------------------------------===//

#include "attnc/Dialect/Attn/IR/Attn.h"
#include "attnc/Dialect/Attn/Transforms/Passes.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace attnc::attn {
#define GEN_PASS_DEF_CASCADEPREFIXESPASS
#include "attnc/Dialect/Attn/Transforms/Passes.h.inc"

namespace {

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

    // [batch, heads, 1, dim] to [1, heads, batch, dim] and back.
    Value rows = exchange(op.getQuery());
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
    Value out = exchange(shared.getOut()), lse = exchange(shared.getLse());

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

  /// The tensor with axes 0 and 2 exchanged.
  Value exchange(Value tensor) {
    auto type = cast<RankedTensorType>(tensor.getType());
    SmallVector<int64_t> permutation =
        llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
    std::swap(permutation[0], permutation[2]);
    SmallVector<mlir::OpFoldResult> extents;
    for (int64_t axis : permutation)
      extents.push_back(
          mlir::tensor::getMixedSize(b, b.getLoc(), tensor, axis));
    Value empty =
        mlir::tensor::EmptyOp::create(b, extents, type.getElementType());
    auto transpose =
        mlir::linalg::TransposeOp::create(b, tensor, empty, permutation);
    return transpose->getResult(0);
  }

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
