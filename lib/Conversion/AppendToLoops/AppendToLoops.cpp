//===- AppendToLoops.cpp - new tokens of a cache --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// For each new token and head: where its position is, what its numbers are
// divided by, and the numbers themselves.
//
//===----------------------------------------------------------------------===//

#include "Quantise.h"
#include "attnc/Conversion/Passes.h"
#include "attnc/Dialect/Attn/IR/Attn.h"
#include "attnc/Support/MemoryType.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include <limits>

namespace attnc {
#define GEN_PASS_DEF_APPENDTOLOOPSPASS
#include "attnc/Conversion/Passes.h.inc"

namespace attn {
namespace arith = mlir::arith;
namespace memref = mlir::memref;
namespace scf = mlir::scf;

namespace {

/// The loops of one append.
class AppendLoops {
public:
  explicit AppendLoops(AppendOp op)
      : b(op.getLoc(), op), op(op), source(op.getSource()),
        type(source.getCache().getType()), layout(type.getLayout()),
        isOnGPU(op->getParentOfType<ModuleOp>()->hasAttr(kGpuTargetAttrName)) {}

  void build();

private:
  /// What a row of numbers becomes elements by.
  struct Factors {
    Value scale, zero;
  };

  Value getMemory(Value tensor);
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  }
  Value real(double value) {
    return arith::ConstantOp::create(b, b.getF32FloatAttr(float(value)));
  }
  Value loadIndex(Value memory, ValueRange place) {
    return arith::IndexCastOp::create(b, b.getIndexType(),
                                      memref::LoadOp::create(b, memory, place));
  }
  void loop(Value begin, Value end, int64_t step,
            function_ref<void(Value)> body);
  Value isBelow(Value number, Value end) {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ult, number, end);
  }
  Value buildRoom();
  void buildToken(ValueRange indices);
  void buildRow(Value position);
  Value loadNumber(Value d);
  void storeFloats(ArrayRef<Value> place);
  void storeQuantised(ArrayRef<Value> place);
  Factors measure(Value first, int64_t count);
  Factors loadFactors(Value d);
  Value encode(Value d, const Factors *factors);

  mlir::ImplicitLocOpBuilder b;
  AppendOp op;
  CacheOp source;
  KVType type;
  KVLayoutAttrInterface layout;
  /// Where nobody has checked lengths and tables.
  bool isOnGPU;
  Value tokens, data, table, lengths, scales, zeros, counts;
  Value batch, head, token;
};

/// The memory of an argument, or of a tensor that was computed.
Value AppendLoops::getMemory(Value tensor) {
  if (!tensor)
    return {};
  if (auto argument = tensor.getDefiningOp<mlir::bufferization::ToTensorOp>())
    return argument.getBuffer();
  return mlir::bufferization::ToBufferOp::create(
      b, getMemoryType(cast<RankedTensorType>(tensor.getType())), tensor,
      /*read_only=*/true);
}

void AppendLoops::loop(Value begin, Value end, int64_t step,
                       function_ref<void(Value)> body) {
  auto loop = scf::ForOp::create(b, begin, end, index(step));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

void AppendLoops::build() {
  tokens = getMemory(op.getTokens()), data = getMemory(source.getData());
  table = getMemory(source.getTable()), counts = getMemory(op.getCounts());
  lengths = getMemory(source.getLengths());
  scales = getMemory(source.getScales()), zeros = getMemory(source.getZeros());
  SmallVector<Value> begins(3, index(0)), ends, steps(3, index(1));
  for (int64_t axis = 0; axis < 3; ++axis)
    ends.push_back(memref::DimOp::create(b, tokens, axis));
  auto rows = scf::ParallelOp::create(b, begins, ends, steps);
  b.setInsertionPointToStart(rows.getBody());
  buildToken(rows.getInductionVars());
}

/// The number of tokens that a sequence has room for.
Value AppendLoops::buildRoom() {
  if (!table)
    return memref::DimOp::create(b, data, layout.getTokenAxis());
  return arith::MulIOp::create(b, memref::DimOp::create(b, table, 1),
                               index(*layout.getBlockTokens()));
}

/// A token is written unless it is none of its sequence, or has left the ring.
void AppendLoops::buildToken(ValueRange indices) {
  batch = indices[0], head = indices[1], token = indices[2];
  Value length = loadIndex(lengths, batch);
  Value count = memref::DimOp::create(b, tokens, 2);
  if (counts)
    count = arith::MinSIOp::create(b, count, loadIndex(counts, batch));
  Value position =
      arith::AddIOp::create(b, arith::SubIOp::create(b, length, count), token);
  Value least = index(0);
  if (layout.isRing())
    least = arith::MaxSIOp::create(
        b, least,
        arith::SubIOp::create(b, length, index(*layout.getBlockTokens())));
  Value isIn = arith::AndIOp::create(
      b, arith::CmpIOp::create(b, arith::CmpIPredicate::sge, position, least),
      arith::CmpIOp::create(b, arith::CmpIPredicate::slt, token, count));
  if (isOnGPU && !layout.isRing())
    isIn = arith::AndIOp::create(b, isIn, isBelow(position, buildRoom()));
  auto branch = scf::IfOp::create(b, isIn);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  buildRow(position);
}

void AppendLoops::buildRow(Value position) {
  Value block = batch, slot = position;
  if (std::optional<int64_t> size = layout.getBlockTokens()) {
    slot = arith::RemUIOp::create(b, position, index(*size));
    if (table)
      block = loadIndex(
          table, {batch, arith::DivUIOp::create(b, position, index(*size))});
  }
  OpBuilder::InsertionGuard guard(b);
  if (table && isOnGPU) {
    Value isPage = isBelow(block, memref::DimOp::create(b, data, index(0)));
    auto branch = scf::IfOp::create(b, isPage);
    b.setInsertionPointToStart(branch.thenBlock());
  }
  SmallVector<Value> place(3);
  place[0] = block;
  place[layout.getHeadAxis()] = head;
  place[layout.getTokenAxis()] = slot;
  if (type.isQuantised())
    storeQuantised(place);
  else
    storeFloats(place);
}

Value AppendLoops::loadNumber(Value d) {
  Value number =
      memref::LoadOp::create(b, tokens, ValueRange{batch, head, token, d});
  if (number.getType().isF32())
    return number;
  return arith::ExtFOp::create(b, b.getF32Type(), number);
}

void AppendLoops::storeFloats(ArrayRef<Value> place) {
  loop(index(0), index(type.getDim()), 1, [&](Value d) {
    Value number = loadNumber(d);
    if (!type.getElement().isF32())
      number = arith::TruncFOp::create(b, type.getElement(), number);
    SmallVector<Value> address(place);
    address.push_back(d);
    memref::StoreOp::create(b, number, data, address);
  });
}

/// Groups of numbers that share a scale, one after the other.
void AppendLoops::storeQuantised(ArrayRef<Value> place) {
  KVScaleAttr scale = type.getScale();
  bool isMeasured = scale && scale.isOfTokens();
  bool isGroup =
      isMeasured && scale.getGranularity() == ScaleGranularity::Group;
  int64_t size = isGroup ? scale.getGroup() : type.getDim();
  loop(index(0), index(type.getDim()), size, [&](Value first) {
    Factors factors;
    if (isMeasured) {
      factors = measure(first, size);
      SmallVector<Value> address(place);
      if (isGroup)
        address.push_back(arith::DivUIOp::create(b, first, index(size)));
      memref::StoreOp::create(b, factors.scale, scales, address);
      if (zeros)
        memref::StoreOp::create(b, factors.zero, zeros, address);
    }
    const Factors *known = isMeasured ? &factors : nullptr;
    Value end = arith::AddIOp::create(b, first, index(size));
    bool isHalf = type.getElement().isInteger(4);
    SmallVector<Value> address(place);
    loop(first, end, isHalf ? 2 : 1, [&](Value d) {
      Value element = encode(d, known);
      Value column = d;
      if (isHalf) {
        Type i8 = b.getI8Type();
        auto bits = [&](int64_t value) -> Value {
          return arith::ConstantOp::create(b, b.getIntegerAttr(i8, value));
        };
        Value next = encode(arith::AddIOp::create(b, d, index(1)), known);
        element = arith::AndIOp::create(b, element, bits(15));
        next = arith::ShLIOp::create(b, next, bits(4));
        element = arith::OrIOp::create(b, element, next);
        column = arith::DivUIOp::create(b, d, index(2));
      }
      SmallVector<Value> at(address);
      at.push_back(column);
      memref::StoreOp::create(b, element, data, at);
    });
  });
}

/// The scale, and zero point, of `count` numbers from `first` on.
AppendLoops::Factors AppendLoops::measure(Value first, int64_t count) {
  ElementRange range = getElementRange(type.getElement());
  double infinity = std::numeric_limits<double>::infinity();
  Value end = arith::AddIOp::create(b, first, index(count));
  SmallVector<Value> init = {real(infinity), real(-infinity)};
  auto loop = scf::ForOp::create(b, first, end, index(1), init);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value number = loadNumber(loop.getInductionVar());
    ValueRange seen = loop.getRegionIterArgs();
    scf::YieldOp::create(
        b, ValueRange{arith::MinimumFOp::create(b, seen[0], number),
                      arith::MaximumFOp::create(b, seen[1], number)});
  }
  Value least = loop.getResult(0), greatest = loop.getResult(1);
  Value extent, steps;
  if (zeros) {
    extent = arith::SubFOp::create(b, greatest, least);
    steps = real(range.greatest - range.least);
  } else {
    extent = arith::MaximumFOp::create(b, mlir::math::AbsFOp::create(b, least),
                                       mlir::math::AbsFOp::create(b, greatest));
    steps = real(range.greatest);
  }
  Value scale = arith::DivFOp::create(b, extent, steps);
  // Equal numbers, or all zero; also what is too small to divide by.
  Value isNone = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, scale,
                                       real(std::numeric_limits<float>::min()));
  Factors factors;
  factors.scale = arith::SelectOp::create(b, isNone, real(1), scale);
  if (zeros)
    factors.zero = arith::SubFOp::create(
        b, real(range.least), arith::DivFOp::create(b, least, factors.scale));
  return factors;
}

/// The factors that the caller gives for a channel, or for all.
AppendLoops::Factors AppendLoops::loadFactors(Value d) {
  SmallVector<Value> place;
  if (type.getScale().getGranularity() == ScaleGranularity::Channel)
    place = {head, d};
  Factors factors;
  factors.scale = memref::LoadOp::create(b, scales, place);
  if (zeros)
    factors.zero = memref::LoadOp::create(b, zeros, place);
  return factors;
}

Value AppendLoops::encode(Value d, const Factors *factors) {
  Value number = loadNumber(d);
  if (!type.getScale())
    return quantise(b, number, type.getElement());
  Factors known = factors ? *factors : loadFactors(d);
  number = arith::DivFOp::create(b, number, known.scale);
  if (known.zero)
    number = arith::AddFOp::create(b, number, known.zero);
  return quantise(b, number, type.getElement());
}

struct AppendToLoops : impl::AppendToLoopsPassBase<AppendToLoops> {
  void runOnOperation() override {
    SmallVector<AppendOp> ops;
    getOperation().walk([&](AppendOp op) { ops.push_back(op); });
    for (AppendOp op : ops) {
      AppendLoops(op).build();
      op.erase();
    }
  }
};

} // namespace
} // namespace attn
} // namespace attnc
