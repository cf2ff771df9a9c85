//===- FragmentEmitter.cpp - tiles in the registers of a warpgroup --------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Evaluation, and the ops that exchange elements. Elementwise ops are in
// EmitElements.cpp.
//
//===----------------------------------------------------------------------===//

#include "FragmentEmitter.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace attnc;
using namespace attnc::gpu;
using mlir::arith::CmpIPredicate;
namespace arith = mlir::arith;
namespace scf = mlir::scf;

Value Fragment::get(int64_t i) const {
  switch (kind) {
  case Kind::Splat:
    return values[0];
  case Kind::Rows:
    return values[(i >> 1) & 1];
  case Kind::Columns:
    return values[(i >> 2) * 2 + (i & 1)];
  case Kind::Full:
    return values[i];
  }
  llvm_unreachable("every kind of fragment has elements");
}

Value Fragment::get(int64_t i, Kind asKind) const {
  if (kind == Kind::Splat || kind == asKind)
    return values[kind == Kind::Splat ? 0 : i];
  assert(asKind == Kind::Full && "rows are no columns");
  return get(i);
}

int64_t Fragment::getCount(Kind kind, int64_t columns) {
  switch (kind) {
  case Kind::Splat:
    return 1;
  case Kind::Rows:
    return 2;
  case Kind::Columns:
    return columns / 4;
  case Kind::Full:
    return columns / 2;
  }
  llvm_unreachable("every kind of fragment has elements");
}

void FragmentEmitter::setPlace(Value newStrip, Value warp, Value newLane) {
  strip = newStrip;
  lane = newLane;
  Value row = b.add(b.mul(strip, b.i32(kStripRows)), b.mul(warp, b.i32(16)));
  rows[0] = b.add(row, b.shiftRight(lane, 2));
  rows[1] = b.add(rows[0], b.i32(8));
  firstColumn = b.mul(b.bitAnd(lane, b.i32(3)), b.i32(2));
}

/// How far column `pair` of those that the thread has is behind its first one.
static int64_t getDistance(int64_t pair) {
  return (pair >> 1) * 8 + (pair & 1);
}

void FragmentEmitter::setPoint(Value row, Value column) {
  isPoint = true;
  rows[0] = rows[1] = row;
  firstColumn = column;
}

Value FragmentEmitter::getColumn(int64_t pair) {
  return b.add(firstColumn, b.i32(getDistance(pair)));
}

/// Which columns of a step are keys, compared with constants: a column's number
/// would be kept in a register for all steps.
SmallVector<Value> FragmentEmitter::findKeys(int64_t columns, Scope &scope) {
  Value left = b.sub(scope.keys, firstColumn);
  SmallVector<Value> areKeys;
  for (int64_t pair = 0; pair < columns / 4; ++pair)
    areKeys.push_back(
        b.compare(CmpIPredicate::sgt, left, b.i32(getDistance(pair))));
  return areKeys;
}

void FragmentEmitter::refuse(Operation *op, const Twine &why) {
  if (!failed)
    op->emitOpError(why);
  failed = true;
}

/// Elements along the columns of a tile.
int64_t FragmentEmitter::columnsOf(Value tile) {
  return cast<RankedTensorType>(tile.getType()).getShape().back();
}

Fragment::Kind FragmentEmitter::kindOf(Value tile, Axis axis) {
  if (cast<RankedTensorType>(tile.getType()).getRank() == 2)
    return Fragment::Kind::Full;
  return axis == Axis::Rows ? Fragment::Kind::Rows : Fragment::Kind::Columns;
}

/// A matrix runs along both axes, wherever it is read.
std::pair<Value, int> FragmentEmitter::keyOf(Value tile, Axis axis) {
  bool isMatrix = kindOf(tile, axis) == Fragment::Kind::Full;
  return {tile, int(isMatrix ? Axis::Both : axis)};
}

int64_t FragmentEmitter::countRows(Value tile) {
  return Fragment::getCount(kindOf(tile, Axis::Rows), columnsOf(tile));
}

void FragmentEmitter::setRows(Value tile, ArrayRef<Value> values,
                              Scope &scope) {
  Fragment &fragment = scope.fragments[keyOf(tile, Axis::Rows)];
  fragment = Fragment();
  fragment.kind = kindOf(tile, Axis::Rows);
  fragment.values = SmallVector<Value>(values);
}

Fragment FragmentEmitter::evaluate(Value tile, Axis axis, Scope &scope) {
  std::pair<Value, int> key = keyOf(tile, axis);
  auto found = scope.fragments.find(key);
  if (found != scope.fragments.end())
    return found->second;
  if (Operation *op = tile.getDefiningOp())
    return scope.fragments[key] = evaluateOp(op, tile, axis, scope);
  refuse(tile.getParentRegion()->getParentOp(),
         "carries a tile that is read in a way that has no code for a GPU");
  Fragment none;
  none.values = {b.f32(0)};
  return scope.fragments[key] = none;
}

SmallVector<Value> FragmentEmitter::evaluateAll(Value tile, Axis axis,
                                                Scope &scope) {
  Fragment fragment = evaluate(tile, axis, scope);
  Fragment::Kind kind = kindOf(tile, axis);
  SmallVector<Value> values;
  for (int64_t i = 0; i < getCount(kind, columnsOf(tile)); ++i)
    values.push_back(fragment.get(i, kind));
  return values;
}

Fragment FragmentEmitter::evaluateOp(Operation *op, Value tile, Axis axis,
                                     Scope &scope) {
  b.setLoc(op->getLoc());
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    auto value = dyn_cast<mlir::DenseElementsAttr>(constant.getValue());
    if (value && value.isSplat())
      return evaluateConstant(
          value, cast<RankedTensorType>(tile.getType()).getElementType());
  }
  if (auto splat = dyn_cast<mlir::tensor::SplatOp>(op))
    return evaluateSplat(splat.getInput(), scope);
  if (auto iota = dyn_cast<tile::IotaOp>(op))
    return evaluateIota(iota, axis, scope);
  if (auto broadcast = dyn_cast<tile::BroadcastOp>(op))
    return evaluate(broadcast.getTile(),
                    broadcast.getAxis() == 0 ? Axis::Rows : Axis::Columns,
                    scope);
  if (auto guard = dyn_cast<tile::GuardOp>(op))
    return evaluateGuard(guard, scope);
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return evaluateBranch(branch, tile, axis, scope);
  if (auto gather = dyn_cast<tile::GatherOp>(op))
    return evaluateGather(gather, axis, scope);
  if (auto load = dyn_cast<tile::LoadOp>(op))
    return evaluateLoad(load, axis, scope);
  if (op->hasTrait<mlir::OpTrait::Elementwise>())
    return evaluateElementwise(op, axis, scope);
  refuse(op, "has no code for a GPU yet; compile for cpu");
  Fragment none;
  none.values = {b.f32(0)};
  return none;
}

Fragment FragmentEmitter::evaluateConstant(mlir::DenseElementsAttr value,
                                           Type element) {
  Fragment fragment;
  if (element.isIndex()) {
    int64_t number = value.getSplatValue<mlir::APInt>().getSExtValue();
    fragment.isSmall = std::abs(number) < (int64_t(1) << 28);
    fragment.values = {llvm::isInt<32>(number) ? b.i32(number) : b.i64(number)};
    return fragment;
  }
  auto attribute = cast<mlir::TypedAttr>(value.getSplatValue<Attribute>());
  fragment.values = {arith::ConstantOp::create(b, attribute)};
  if (element.isF32())
    fragment.beyond = value.getSplatValue<mlir::APFloat>().convertToFloat();
  return fragment;
}

/// Extents, and a few sums of them: the host sees to it that extents are below
/// 2^28.
bool FragmentEmitter::isSmall(Value scalar, int64_t depth) {
  constexpr int64_t deepest = 6;
  Operation *op = scalar.getDefiningOp();
  // Grid indices and keys.
  if (!op)
    return isa<tile::KernelOp, tile::FoldOp>(
        scalar.getParentRegion()->getParentOp());
  if (auto constant = mlir::getConstantIntValue(scalar))
    return std::abs(*constant) < (int64_t(1) << 28);
  if (isa<mlir::memref::DimOp>(op))
    return true;
  if (depth == deepest)
    return false;
  // A number of the device's memory that is kept between two small ones.
  auto smallest = dyn_cast<arith::MinSIOp>(op);
  auto largest = smallest ? smallest.getLhs().getDefiningOp<arith::MaxSIOp>()
                          : arith::MaxSIOp();
  if (largest && mlir::getConstantIntValue(largest.getRhs()))
    return isSmall(largest.getRhs()) && isSmall(smallest.getRhs(), depth + 1);
  if (auto least = dyn_cast<arith::MinUIOp>(op))
    if (auto bound = mlir::getConstantIntValue(least.getRhs()))
      return *bound >= 0 && isSmall(least.getRhs());
  if (auto product = dyn_cast<arith::MulIOp>(op)) {
    // A tile's first row.
    auto factor = mlir::getConstantIntValue(product.getRhs());
    return factor && std::abs(*factor) <= 1024 &&
           isa<mlir::BlockArgument>(product.getLhs());
  }
  if (!isa<arith::AddIOp, arith::SubIOp, arith::MinSIOp, arith::MaxSIOp,
           arith::MinUIOp, arith::DivUIOp, arith::RemUIOp>(op))
    return false;
  return llvm::all_of(op->getOperands(), [&](Value operand) {
    return isSmall(operand, depth + 1);
  });
}

Fragment FragmentEmitter::evaluateSplat(Value scalar, Scope &scope) {
  Fragment fragment;
  Value value = scalars.get(scalar, scope.scalars);
  if (scalar.getType().isIndex()) {
    fragment.isSmall = isSmall(scalar);
    value = b.cast(value, fragment.isSmall ? b.getI32Type() : b.getI64Type());
  }
  fragment.values = {value};
  return fragment;
}

Fragment FragmentEmitter::evaluateIota(tile::IotaOp op, Axis axis,
                                       Scope &scope) {
  Value base = b.cast(scalars.get(op.getBase(), scope.scalars), b.getI32Type());
  Fragment fragment;
  fragment.isSmall = true;
  fragment.kind =
      axis == Axis::Rows ? Fragment::Kind::Rows : Fragment::Kind::Columns;
  if (axis == Axis::Rows) {
    fragment.values = {b.add(base, rows[0]), b.add(base, rows[1])};
    return fragment;
  }
  Value first = b.add(base, firstColumn);
  int64_t count = getCount(fragment.kind, columnsOf(op.getResult()));
  for (int64_t i = 0; i < count; ++i)
    fragment.values.push_back(b.add(first, b.i32(getDistance(i))));
  return fragment;
}

Fragment FragmentEmitter::spread(const Fragment &fragment, int64_t columns) {
  Fragment full = fragment;
  full.kind = Fragment::Kind::Full;
  full.values.clear();
  for (int64_t i = 0; i < getCount(full.kind, columns); ++i)
    full.values.push_back(fragment.get(i));
  return full;
}

/// The values as they are in steps in which all keys are allowed, and changed
/// in others.
SmallVector<Value> FragmentEmitter::changeUnlessFull(
    SmallVector<Value> values, Scope &scope,
    function_ref<void(MutableArrayRef<Value>)> change) {
  auto branch = scf::IfOp::create(b, ValueRange(values).getTypes(),
                                  scope.isFull, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(b, values);
  b.setInsertionPointToStart(branch.elseBlock());
  change(values);
  scf::YieldOp::create(b, values);
  return SmallVector<Value>(branch.getResults());
}

Fragment FragmentEmitter::setBeyond(Fragment fragment, double value,
                                    int64_t columns, Scope &scope) {
  if (fragment.beyond == value || !scope.keys)
    return fragment;
  fragment = spread(fragment, columns);
  fragment.values = changeUnlessFull(
      fragment.values, scope, [&](MutableArrayRef<Value> values) {
        Value otherwise = b.f32(value);
        SmallVector<Value> areKeys = findKeys(columns, scope);
        for (auto [i, element] : llvm::enumerate(values))
          element =
              b.select(areKeys[(i >> 2) * 2 + (i & 1)], element, otherwise);
      });
  fragment.beyond = value;
  return fragment;
}

/// A guard, and with it what is beyond the last key, in steps that need it.
Fragment FragmentEmitter::evaluateGuard(tile::GuardOp op, Scope &scope) {
  int64_t columns = columnsOf(op.getResult());
  Fragment result = spread(evaluate(op.getTile(), Axis::Both, scope), columns);
  result.beyond.reset();
  result.values = changeUnlessFull(
      result.values, scope, [&](MutableArrayRef<Value> values) {
        Scope inner = scope;
        Fragment allowed = evaluate(op.getAllowed(), Axis::Both, inner);
        Fragment otherwise = evaluate(op.getOtherwise(), Axis::Both, inner);
        SmallVector<Value> areKeys;
        if (otherwise.kind == Fragment::Kind::Splat) {
          areKeys = findKeys(columns, scope);
          result.beyond = otherwise.beyond;
        }
        for (auto [i, element] : llvm::enumerate(values)) {
          Value holds = allowed.get(i);
          if (!areKeys.empty())
            holds = b.bitAnd(holds, areKeys[(i >> 2) * 2 + (i & 1)]);
          element = b.select(holds, element, otherwise.get(i));
        }
      });
  return result;
}

Fragment FragmentEmitter::evaluateGather(tile::GatherOp op, Axis axis,
                                         Scope &scope) {
  Fragment indices = evaluate(op.getIndices(), axis, scope);
  SmallVector<Value> address;
  for (Value leading : op.getLeading())
    address.push_back(scalars.get(leading, scope.scalars));
  Type type = cast<MemRefType>(op.getMemory().getType()).getElementType();
  Fragment result;
  result.kind = indices.kind;
  for (Value index : indices.values) {
    SmallVector<Value> place = address;
    place.push_back(b.cast(index, b.getIndexType()));
    result.values.push_back(b.load(type,
                                   scalars.getAddress(op.getMemory(), place),
                                   type.getIntOrFloatBitWidth() / 8));
  }
  return result;
}

void FragmentEmitter::addGathered(ValueRange gather,
                                  std::optional<ArrayRef<int64_t>> axes,
                                  MutableArrayRef<Value> place, Scope &scope) {
  for (auto [number, indices] : llvm::enumerate(gather)) {
    Value index = evaluate(indices, Axis::Rows, scope).values.front();
    Value &at = place[(*axes)[number]];
    at = b.add(at, b.cast(index, b.getIndexType()));
  }
}

/// Numbers in f32 from memory, each thread its own. Elements beyond the extent
/// are the last one.
Fragment FragmentEmitter::evaluateLoad(tile::LoadOp op, Axis axis,
                                       Scope &scope) {
  auto memory = cast<MemRefType>(op.getMemory().getType());
  int64_t rank = op.getTile().getType().getRank();
  Type type = memory.getElementType();
  Fragment result;
  result.values = {b.f32(0)};
  bool gathers = !op.getGather().empty();
  if ((gathers && !isPoint) || op.getEncoding() ||
      !op.getTile().getType().getElementType().isF32()) {
    refuse(op, "gathers or decodes, which has no code for a GPU yet; compile "
               "for cpu");
    return result;
  }
  SmallVector<Value> offsets, extents;
  for (Value offset : op.getOffsets())
    offsets.push_back(scalars.get(offset, scope.scalars));
  for (Value extent : op.getExtent())
    extents.push_back(
        b.cast(scalars.get(extent, scope.scalars), b.getI32Type()));
  auto place = [&](int64_t tileAxis, Value index) {
    Value last = b.maximum(b.sub(extents[tileAxis], b.i32(1)), b.i32(0));
    Value inside = b.minimum(index, last);
    Value &offset = offsets[memory.getRank() - rank + tileAxis];
    return b.add(offset, b.cast(inside, b.getIndexType()));
  };
  result.values.clear();
  result.kind = kindOf(op.getTile(), axis);
  int64_t count = getCount(result.kind, columnsOf(op.getResult()));
  if (gathers)
    addGathered(op.getGather(), op.getGatherAxes(), offsets, scope);
  for (int64_t i = 0; i < count; ++i) {
    SmallVector<Value> address = offsets;
    auto row = [&] { return rows[rank == 2 ? (i >> 1) & 1 : i]; };
    auto column = [&] {
      return getColumn(rank == 2 ? (i >> 2) * 2 + (i & 1) : i);
    };
    if (rank == 2) {
      if (!gathers)
        address[memory.getRank() - 2] = place(0, row());
      address[memory.getRank() - 1] = place(1, column());
    } else if (!gathers) {
      address.back() = place(0, axis == Axis::Rows ? row() : column());
    }
    Value value = b.load(type, scalars.getAddress(op.getMemory(), address),
                         type.getIntOrFloatBitWidth() / 8);
    if (!type.isF32())
      value = arith::ExtFOp::create(b, b.getF32Type(), value);
    result.values.push_back(value);
  }
  return result;
}

/// Along the keys, or along the columns of a matrix: first those of the thread,
/// then the four threads that share a row.
void FragmentEmitter::lowerReduce(tile::ReduceOp op, Scope &scope) {
  Value tile = op.getTile();
  if (cast<RankedTensorType>(tile.getType()).getRank() != 2 ||
      op.getAxis() != 1)
    return refuse(op, "is along rows, which has no code for a GPU yet; compile "
                      "for cpu");
  bool isMax = op.getKind() == tile::ReduceKind::Max;
  double neutral = isMax ? -std::numeric_limits<double>::infinity() : 0;
  int64_t columns = columnsOf(tile);
  Fragment fragment = evaluate(tile, Axis::Both, scope);
  bool isOfKeys = op.getExtent() == scope.keysOperand;
  if (!isOfKeys && mlir::getConstantIntValue(op.getExtent()) != columns)
    return refuse(op,
                  "is of a part of the columns, which has no code for a GPU "
                  "yet; compile for cpu");
  if (isOfKeys) {
    // What is beyond is unspecified, so it may stay this way.
    fragment = setBeyond(fragment, neutral, columns, scope);
    scope.fragments[keyOf(tile, Axis::Both)] = fragment;
  }
  auto combine = [&](Value a, Value c) -> Value {
    if (isMax)
      return b.maximumNumber(a, c);
    return arith::AddFOp::create(b, a, c);
  };
  SmallVector<Value> results;
  for (int64_t half : {0, 1}) {
    // Two chains, for the time an addition takes.
    SmallVector<Value> partial;
    for (int64_t i = 2 * half; i < columns / 2; i += 4)
      for (int64_t element : {0, 1}) {
        Value value = fragment.get(i + element);
        if (partial.size() < 2)
          partial.push_back(value);
        else
          partial[element] = combine(partial[element], value);
      }
    Value all = combine(partial[0], partial[1]);
    for (int64_t mask : {1, 2})
      all = combine(all, b.shuffleXor(all, mask));
    results.push_back(all);
  }
  setRows(op.getResult(), results, scope);
}

/// A branch that skips work which no row needs. The work is done always: on a
/// GPU it costs less than what a branch between products does.
Fragment FragmentEmitter::evaluateBranch(scf::IfOp op, Value tile, Axis axis,
                                         Scope &scope) {
  if (!op.getCondition().getDefiningOp<tile::AnyOp>())
    refuse(op,
           "depends on more than tile.any, which has no code for a GPU yet; "
           "compile for cpu");
  unsigned number = cast<mlir::OpResult>(tile).getResultNumber();
  return evaluate(op.thenYield().getOperand(number), axis, scope);
}

SmallVector<Value> FragmentEmitter::evaluateOperand(Value tile, Scope &scope) {
  auto rounded = tile.getDefiningOp<arith::TruncFOp>();
  if (!rounded) {
    refuse(tile.getDefiningOp(), "is the left operand of a product, which has "
                                 "code for a GPU for rounded tiles only");
    return {};
  }
  Type element = cast<RankedTensorType>(tile.getType()).getElementType();
  int64_t columns = columnsOf(tile);
  // What is beyond the last key adds nothing.
  Fragment weights = setBeyond(evaluate(rounded.getIn(), Axis::Both, scope), 0,
                               columns, scope);
  SmallVector<Value> registers;
  for (int64_t i = 0; i < columns / 2; i += 2)
    registers.push_back(b.pack(element, weights.get(i), weights.get(i + 1)));
  return registers;
}
