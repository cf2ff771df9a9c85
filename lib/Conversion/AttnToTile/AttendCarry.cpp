//===- AttendCarry.cpp - softmax attention as a fold ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The carry of `attn.attend`: (m, l, o) per query row. m is the score, in
// powers of two, that exponentials are taken relative to; l their sum; o their
// weighted sum of values. `Dialect/Attn/IR/Carry.h` has the algebra.
//
// Two refinements over the textbook. Rescaling is lazy: m is only raised when a
// score exceeds it by more than 2^8, so o is rarely multiplied (the result is
// the same up to rounding, since m cancels; FlashAttention-4 does this too).
// And no finite number stands for minus infinity: a row that has seen no key
// has m = -inf, and is recognised at the end by l < 2^-60: the largest score of
// a row that saw one contributed 2^0 when m was set to it, and rescaling keeps
// l at about 1 or more relative to the new m.
//
// With products of 16 bits the queries are multiplied as they are in memory:
// the scale is applied to the scores, in the exponent where it can be. Weights
// are rounded for the product with the values, and summed as they were before:
// l is then as exact as with products of f32, and so is the log-sum-exp, which
// a sum of rounded weights makes wrong by up to 1e-3. Of the output such a sum
// lowers the error by nothing where values have mean zero and by 30 % where
// they do not, in both cases less than rounding the output to bf16 adds.
//
//===----------------------------------------------------------------------===//

#include "AttendMask.h"
#include "AttendRows.h"
#include "KVStream.h"
#include "KernelBuilder.h"
#include "attnc/Conversion/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace attnc::attn {
namespace {

using mlir::arith::CmpFPredicate;
using tile::ReduceKind;

/// Headroom of a score over m, in powers of two, before m is raised. Products
/// are at most 2^8 larger than with exact rescaling: far from overflow in f32.
constexpr double kRescaleThreshold = 8.0;

struct AttendCarry : CarryOpInterface::ExternalModel<AttendCarry, AttendOp> {
  static ArrayRef<int64_t> shapeOf(Value tensor) {
    return cast<RankedTensorType>(tensor.getType()).getShape();
  }
  static bool isOnGPU(AttendOp op) {
    return op->getParentOfType<ModuleOp>()->hasAttr(kGpuTargetAttrName);
  }
  static Type elementOf(Value tensor) {
    return cast<RankedTensorType>(tensor.getType()).getElementType();
  }
  /// The type of the cache that an operand is read from, or null.
  static KVType getCache(Value operand) {
    auto read = operand.getDefiningOp<ReadOp>();
    return read ? read.getSource().getCache().getType() : KVType();
  }
  /// The type of 16 bits of all that a step reads and of the output. A
  /// processor reads caches as f32, a GPU as what its tensor cores multiply.
  static std::optional<Products> getNarrow(AttendOp op) {
    Type element = elementOf(op.getOut());
    for (Value tensor : op->getOperands().take_front(3))
      if (elementOf(tensor) != element && !(isOnGPU(op) && getCache(tensor)))
        return std::nullopt;
    if (element.isBF16())
      return Products::BF16;
    if (element.isF16())
      return Products::F16;
    return std::nullopt;
  }

  /// The bits of an element of keys or values, in the cache if there is one.
  static unsigned storedBitsOf(Value tensor) {
    KVType cache = getCache(tensor);
    Type type = cache ? cache.getElement() : elementOf(tensor);
    return type.getIntOrFloatBitWidth();
  }

  /// Batch, heads, residue classes of a lattice, tiles of query rows.
  SmallVector<Value> buildGrid(Operation *operation, OpBuilder &builder,
                               const KernelPlan &plan) const {
    auto op = cast<AttendOp>(operation);
    Location loc = op.getLoc();
    auto dim = [&](Value tensor, int64_t axis) -> Value {
      return buildExtent(builder, loc, tensor, axis);
    };
    Value heads = dim(op.getQuery(), 1), rows = buildRowCount(op, builder);
    if (plan.packsHeads) {
      Value all = heads;
      heads = dim(op.getKey(), 1);
      Value group = buildGroup(builder, loc, all, heads);
      rows = mlir::arith::MulIOp::create(builder, loc, rows, group);
    }
    SmallVector<Value> grid = {dim(op.getQuery(), 0), heads};
    auto constant = [&](int64_t value) -> Value {
      return mlir::arith::ConstantIndexOp::create(builder, loc, value);
    };
    if (op.getLattice())
      grid.push_back(constant(*op.getLattice()));
    grid.push_back(mlir::arith::CeilDivUIOp::create(builder, loc, rows,
                                                    constant(plan.queryTile)));
    return grid;
  }

  Value buildRowCount(Operation *operation, OpBuilder &builder) const {
    auto op = cast<AttendOp>(operation);
    return buildLength(op, op.getQuery(), builder);
  }
  Value buildKeyCount(Operation *operation, OpBuilder &builder) const {
    auto op = cast<AttendOp>(operation);
    return buildLength(op, op.getKey(), builder);
  }

  SmallVector<SmallVector<int64_t>>
  getCarryShapes(Operation *operation, const KernelPlan &plan) const {
    auto op = cast<AttendOp>(operation);
    int64_t rows = plan.queryTile;
    return {{rows}, {rows}, {rows, shapeOf(op.getValue())[3]}};
  }

  FailureOr<SmallVector<Value>> buildTables(Operation *operation,
                                            OpBuilder &builder) const {
    return AttendMask(cast<AttendOp>(operation)).buildTables(builder);
  }

  SmallVector<int64_t> getCarryAxes(Operation *) const { return {0, 0, 0}; }

  CarryFootprint getFootprint(Operation *operation) const {
    auto op = cast<AttendOp>(operation);
    CarryFootprint footprint;
    footprint.hasRows = true;
    footprint.stationaryPerRow = shapeOf(op.getQuery())[3];
    footprint.carriedPerRow = shapeOf(op.getValue())[3];
    footprint.readPerKey = footprint.stationaryPerRow + footprint.carriedPerRow;
    footprint.narrow = getNarrow(op);
    for (Value tensor : {op.getKey(), op.getValue()})
      if (KVType cache = getCache(tensor))
        footprint.isConverted |=
            isOnGPU(op) && cache.getElement() != elementOf(op.getQuery());
    int64_t heads = shapeOf(op.getQuery())[1], rows = shapeOf(op.getQuery())[2];
    int64_t keyHeads = shapeOf(op.getKey())[1];
    if (!mlir::ShapedType::isDynamic(rows))
      footprint.rowsOfHead =
          llvm::divideCeil(rows, int64_t(op.getLattice().value_or(1)));
    // There may be no heads.
    if (!mlir::ShapedType::isDynamic(heads) && keyHeads > 0)
      footprint.headsOfGroup = heads / keyHeads;
    footprint.hasLikeHeads = footprint.headsOfGroup == 1 || hasLikeHeads(op);
    footprint.storedBits =
        std::max(storedBitsOf(op.getKey()), storedBitsOf(op.getValue()));
    return footprint;
  }

  SmallVector<double> estimateRowCosts(Operation *operation,
                                       ArrayRef<int64_t> lanes,
                                       VisitAnalysis &visits) const {
    return AttendMask(cast<AttendOp>(operation))
        .estimateRowCosts(lanes, visits);
  }

  void buildPrologue(Operation *operation, CarryContext &context) const {
    auto op = cast<AttendOp>(operation);
    TileBuilder b(context);
    context.stationary.resize(kRowPositions + 1);
    Value first = buildLengths(op, context, b);
    if (op.getLattice()) {
      context.stationary[kResidue] = context.grid[2];
      first = selectResidueClass(op, context, b, first);
      context.keyLength = b.dim(context.inputs[kKeyMemory], 2);
    }
    if (context.packsHeads)
      placePackedRows(op, context, b, first);
    else
      placeRows(op, context, b, first);

    int64_t dim = shapeOf(op.getQuery())[3];
    RowAccess rows = getRowAccess(context, b);
    rows.offsets.push_back(b.index(0));
    Value tile = b.load(context.inputs[kQueryMemory], rows,
                        {context.count, b.index(dim)},
                        b.operandType(context, {context.queryTile, dim}));
    // Scaling the queries scales every score once.
    if (!context.narrow)
      tile = b.mul(tile, b.constantLike(getScales(op, context).score, tile));
    context.stationary[kQuery] =
        KVStream(op, context, kKeyMemory).scaleChannels(b, tile);
  }

  SmallVector<Value> buildInit(Operation *operation,
                               CarryContext &context) const {
    auto op = cast<AttendOp>(operation);
    TileBuilder b(context);
    double infinity = std::numeric_limits<double>::infinity();
    int64_t rows = context.queryTile, dim = shapeOf(op.getValue())[3];
    if (!op.getInitialOut() || !context.isFirstFold)
      return {b.constant(-infinity, {rows}), b.constant(0, {rows}),
              b.constant(0, {rows, dim})};
    // The normalised output is the carry of sum 1 relative to its own lse; that
    // of a row which has seen nothing has sum 0.
    size_t input = op.getNumOperands() - 2;
    RowAccess access = getRowAccess(context, b);
    access.offsets.push_back(b.index(0));
    Value out = b.load(context.inputs[input], access,
                       {context.count, b.index(dim)}, {rows, dim});
    Value lse = loadRow(op, context, b, context.inputs[input + 1]);
    Value isNone =
        b.compare(CmpFPredicate::OEQ, lse, b.constantLike(-infinity, lse));
    Value sum =
        b.select(isNone, b.constantLike(0, lse), b.constantLike(1, lse));
    return {b.mul(lse, b.constantLike(kLog2E, lse)), sum, out};
  }

  LogicalResult buildKeyRanges(Operation *operation, CarryContext &context,
                               Value first, Value count) const {
    auto op = cast<AttendOp>(operation);
    TileBuilder b(context);
    Value keys = context.keyLength, zero = b.index(0);
    // Rows beyond the last query see nothing.
    if (op.getQueryLengths()) {
      Value isQuery = mlir::arith::CmpIOp::create(
          b, mlir::arith::CmpIPredicate::slt, first, keys);
      keys = b.select(isQuery, keys, zero);
    }
    if (!op.getMask()) {
      tile::VisitOp::create(b, zero, zero, keys, keys);
      return success();
    }
    if (failed(AttendMask(op).buildVisits(b, context, getPlace(context), first,
                                          count)))
      return failure();
    if (op.getQueryLengths())
      clipVisits(b, *b.getInsertionBlock()->getParent(), zero, keys);
    return success();
  }

  SmallVector<Value> buildStep(Operation *operation, CarryContext &context,
                               Value key, Value count, ValueRange carry) const {
    auto op = cast<AttendOp>(operation);
    TileBuilder b(context);
    Value scores = buildScores(op, context, b, key, count);
    double exponentScale = getScales(op, context).exponent;
    Value highest = b.reduce(ReduceKind::Max, scores, 1, count);
    if (exponentScale != 1)
      highest = b.mul(highest, b.constantLike(exponentScale, highest));
    SmallVector<Value> scaled = buildRescale(b, carry, highest);
    Value weights = b.exp2(buildExponents(b, scores, exponentScale, scaled[0]));
    Value sum = b.add(scaled[1], b.reduce(ReduceKind::Add, weights, 1, count));
    KVStream stream(op, context, kValueMemory);
    if (Value factors = stream.loadTokenFactors(b, key, count))
      weights = b.mul(weights, b.broadcast(factors, 1, b.shapeOf(weights)));
    Value values = stream.load(b, key, count);
    if (context.narrow)
      weights = mlir::arith::TruncFOp::create(
          b, b.operandType(context, b.shapeOf(weights)), weights);
    Value output = b.contract(weights, 1, values, 0, scaled[2], count);
    return {scaled[0], sum, output};
  }

  FailureOr<SmallVector<Value>> buildCombine(Operation *, CarryContext &context,
                                             ValueRange left,
                                             ValueRange right) const {
    TileBuilder b(context);
    Value highest = b.max(left[0], right[0]);
    Value base = finiteBase(b, highest);
    SmallVector<Value> merged = {highest};
    Value leftFactor = b.exp2(b.sub(left[0], base));
    Value rightFactor = b.exp2(b.sub(right[0], base));
    merged.push_back(
        b.add(b.mul(left[1], leftFactor), b.mul(right[1], rightFactor)));
    ArrayRef<int64_t> shape = b.shapeOf(left[2]);
    merged.push_back(
        b.add(b.mul(left[2], b.broadcast(leftFactor, 0, shape)),
              b.mul(right[2], b.broadcast(rightFactor, 0, shape))));
    return merged;
  }

  void buildFinish(Operation *operation, CarryContext &context,
                   ValueRange carry) const {
    auto op = cast<AttendOp>(operation);
    TileBuilder b(context);
    Value sum = carry[1];
    Value isEmpty = b.compare(CmpFPredicate::OLT, sum,
                              b.constantLike(std::ldexp(1.0, -60), sum));
    if (op.getQueryLengths())
      isEmpty =
          mlir::arith::OrIOp::create(b, isEmpty, buildIsBeyond(context, b));
    ArrayRef<int64_t> shape = b.shapeOf(carry[2]);
    Value inverse = b.div(b.constantLike(1, sum), sum);
    Value output =
        b.select(b.broadcast(isEmpty, 0, shape), b.constant(0, shape),
                 b.mul(carry[2], b.broadcast(inverse, 0, shape)));
    output = KVStream(op, context, kValueMemory).scaleChannels(b, output);
    if (op.getLse()) {
      double infinity = std::numeric_limits<double>::infinity();
      Value natural = b.mul(carry[0], b.constantLike(kLn2, sum));
      Value lse = b.add(natural, mlir::math::LogOp::create(b, sum));
      lse = b.select(isEmpty, b.constantLike(-infinity, sum), lse);
      storeRow(op, context, b, lse);
    }
    RowAccess rows = getRowAccess(context, b);
    rows.offsets.push_back(b.index(0));
    b.store(output, context.outputs[0], rows,
            {context.count, b.index(shape[1])});
  }

private:
  /// Where products of queries and keys are scaled: `score` as soon as there is
  /// a score, `exponent` when its exponential is taken. Both together make
  /// powers of two.
  struct Scales {
    double score, exponent;
  };

  /// A score region sees the natural score. Without one the change to base two
  /// is free where the score is scaled. In the exponent scaling is free, but
  /// masks and maxima come before it: it has to keep the order of scores.
  static Scales getScales(AttendOp op, const KernelPlan &plan) {
    double natural = op.getEffectiveScale(), binary = natural * kLog2E;
    bool hasRegion = !op.getScore().empty();
    if (!plan.narrow)
      return {hasRegion ? natural : binary, 1};
    if (hasRegion)
      return {natural, kLog2E};
    bool keepsOrder = binary >= std::numeric_limits<float>::min() &&
                      binary <= std::numeric_limits<float>::max();
    return keepsOrder ? Scales{1, binary} : Scales{binary, 1};
  }

  static bool hasLikeHeads(AttendOp op) {
    bool isInMask = op.getMask() && AttendMask(op).dependsOnHead();
    auto isIn = [](mlir::Region &region, unsigned headArgument) {
      return !region.empty() && !region.getArgument(headArgument).use_empty();
    };
    return !isInMask && !isIn(op.getScore(), 2) && !isIn(op.getWhere(), 1);
  }

  static MaskPlace getPlace(const CarryContext &context) {
    return {context.grid[0], context.stationary[kHead],
            context.stationary[kResidue], context.keyLength,
            context.stationary[kRowPositions]};
  }

  /// The length of a sequence, or the greatest one of its residue classes.
  static Value buildLength(AttendOp op, Value tensor, OpBuilder &builder) {
    Location loc = op.getLoc();
    Value length = buildExtent(builder, loc, tensor, 2);
    if (!op.getLattice())
      return length;
    Value modulus =
        mlir::arith::ConstantIndexOp::create(builder, loc, *op.getLattice());
    return builder.createOrFold<mlir::arith::CeilDivUIOp>(loc, length, modulus);
  }

  /// Replaces the memory of queries, keys, values, outputs and initial carry by
  /// views of the rows at positions of one residue class. Takes the position of
  /// query row 0, and returns that of the class's first row, within the class.
  static Value selectResidueClass(AttendOp op, CarryContext &context,
                                  TileBuilder &b, Value position) {
    namespace arith = mlir::arith;
    Value modulus = b.index(*op.getLattice()), residue = context.grid[2];
    // The first row whose position leaves the residue.
    Value distance = arith::SubIOp::create(b, residue, position);
    Value floor = arith::FloorDivSIOp::create(b, distance, modulus);
    Value row = arith::SubIOp::create(b, distance,
                                      arith::MulIOp::create(b, floor, modulus));
    auto select = [&](Value &memory, Value start) {
      memory = b.everyNth(memory, 2, start, modulus);
    };
    select(context.inputs[kQueryMemory], row);
    select(context.inputs[kKeyMemory], residue);
    select(context.inputs[kValueMemory], residue);
    bool hasOutputs = !context.outputs.empty();
    if (hasOutputs)
      select(context.outputs[0], row);
    // A strided row of numbers is a matrix of one column.
    if (hasOutputs && op.getLse()) {
      context.outputs[1] = b.asColumn(context.outputs[1]);
      select(context.outputs[1], row);
    }
    if (op.getInitialOut()) {
      size_t input = op.getNumOperands() - 2;
      select(context.inputs[input], row);
      context.inputs[input + 1] = b.asColumn(context.inputs[input + 1]);
      select(context.inputs[input + 1], row);
    }
    Value first = arith::AddIOp::create(b, position, row);
    first = arith::SubIOp::create(b, first, residue);
    return arith::DivSIOp::create(b, first, modulus);
  }

  /// Positions within a residue class, as a tile, in the whole sequence.
  static Value getPosition(AttendOp op, CarryContext &context, TileBuilder &b,
                           Value positions) {
    if (!op.getLattice())
      return positions;
    ArrayRef<int64_t> shape = b.shapeOf(positions);
    Value modulus = b.splat(b.index(*op.getLattice()), shape);
    Value residue = b.splat(context.stationary[kResidue], shape);
    return mlir::arith::AddIOp::create(
        b, mlir::arith::MulIOp::create(b, positions, modulus), residue);
  }

  /// One number per row of the tile, from memory like lse or a column of it.
  static Value loadRow(AttendOp op, CarryContext &context, TileBuilder &b,
                       Value memory) {
    RowAccess rows = getRowAccess(context, b);
    if (!op.getLattice())
      return b.load(memory, rows, context.count, context.queryTile);
    rows.offsets.push_back(b.index(0));
    Value column = b.load(memory, rows, {context.count, b.index(1)},
                          {context.queryTile, 1});
    return b.reduce(ReduceKind::Add, column, 1, b.index(1));
  }
  static void storeRow(AttendOp op, CarryContext &context, TileBuilder &b,
                       Value row) {
    RowAccess rows = getRowAccess(context, b);
    SmallVector<Value> extent = {context.count};
    if (op.getLattice()) {
      row = b.broadcast(row, 0, {context.queryTile, 1});
      rows.offsets.push_back(b.index(0));
      extent.push_back(b.index(1));
    }
    b.store(row, context.outputs[1], rows, extent);
  }

  /// Scores of the query tile against `count` keys, in powers of two up to
  /// what the exponent is scaled by, -inf where the mask forbids.
  static Value buildScores(AttendOp op, CarryContext &context, TileBuilder &b,
                           Value key, Value count) {
    int64_t dim = shapeOf(op.getKey())[3];
    SmallVector<int64_t> shape = {context.queryTile, context.keyTile};
    KVStream stream(op, context, kKeyMemory);
    Value keys = stream.load(b, key, count);
    Value scores = b.contract(context.stationary[kQuery], 1, keys, 1,
                              b.constant(0, shape), b.index(dim));
    if (Value factors = stream.loadTokenFactors(b, key, count))
      scores = b.mul(scores, b.broadcast(factors, 1, shape));
    double scale = getScales(op, context).score;
    if (context.narrow && scale != 1)
      scores = b.mul(scores, b.constant(scale, shape));
    const TileAxis axes[] = {{context.queryTile}, {context.keyTile}};
    SmallVector<RegionArgument> positions;
    if (!op.getScore().empty() || !op.getWhere().empty()) {
      Value queryPosition = getPosition(
          op, context, b,
          getPlace(context).getRows(b, context.first, context.queryTile));
      Value keyPosition =
          getPosition(op, context, b, b.iota(key, context.keyTile));
      positions = {context.grid[0], context.stationary[kHead],
                   b.broadcast(queryPosition, 0, shape),
                   b.broadcast(keyPosition, 1, shape)};
    }
    if (!op.getScore().empty()) {
      SmallVector<RegionArgument> arguments = {scores};
      llvm::append_range(arguments, positions);
      scores = applyToTiles(b, op.getScore(), arguments, axes, context.tables);
      if (!context.narrow)
        scores = b.mul(scores, b.constant(kLog2E, shape));
    }
    double infinity = std::numeric_limits<double>::infinity();
    // What is no set holds in full steps as well.
    if (!op.getWhere().empty()) {
      Value allowed =
          applyToTiles(b, op.getWhere(), positions, axes, context.tables);
      scores = b.select(allowed, scores, b.constant(-infinity, shape));
    }
    if (op.getMask()) {
      Value allowed = AttendMask(op).buildPredicate(
          b, context, getPlace(context), context.first, key, shape);
      scores = tile::GuardOp::create(b, scores.getType(), allowed, scores,
                                     b.constant(-infinity, shape));
    }
    return scores;
  }

  /// The carry relative to a base that no score exceeds by more than the
  /// threshold.
  static SmallVector<Value> buildRescale(TileBuilder &b, ValueRange carry,
                                         Value highest) {
    Value limit = b.add(carry[0], b.constantLike(kRescaleThreshold, carry[0]));
    Value exceeds = b.compare(CmpFPredicate::OGT, highest, limit);
    Value need = tile::AnyOp::create(b, exceeds);
    auto branch = mlir::scf::IfOp::create(b, carry.getTypes(), need,
                                          /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    Value raised = b.max(carry[0], highest);
    Value factor = b.exp2(b.sub(carry[0], finiteBase(b, raised)));
    Value sum = b.mul(carry[1], factor);
    Value output = b.mul(carry[2], b.broadcast(factor, 0, b.shapeOf(carry[2])));
    mlir::scf::YieldOp::create(b, ValueRange{raised, sum, output});
    b.setInsertionPointToStart(branch.elseBlock());
    mlir::scf::YieldOp::create(b, carry);
    return branch.getResults();
  }

  /// Scores times `scale`, relative to the carry's m.
  static Value buildExponents(TileBuilder &b, Value scores, double scale,
                              Value m) {
    ArrayRef<int64_t> shape = b.shapeOf(scores);
    Value base = finiteBase(b, m);
    if (scale == 1)
      return b.sub(scores, b.broadcast(base, 0, shape));
    Value shift = b.broadcast(mlir::arith::NegFOp::create(b, base), 0, shape);
    return mlir::math::FmaOp::create(b, scores, b.constant(scale, shape),
                                     shift);
  }

  /// `base`, or 0 where it is -inf: -inf - (-inf) would be NaN, -inf - 0 is the
  /// -inf that exp2 makes vanish.
  static Value finiteBase(TileBuilder &b, Value base) {
    double infinity = std::numeric_limits<double>::infinity();
    Value isNone =
        b.compare(CmpFPredicate::OEQ, base, b.constantLike(-infinity, base));
    return b.select(isNone, b.constantLike(0, base), base);
  }
};

} // namespace

void registerAttendCarry(MLIRContext *context) {
  AttendOp::attachInterface<AttendCarry>(*context);
}

} // namespace attnc::attn
