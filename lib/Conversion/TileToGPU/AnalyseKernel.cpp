//===- AnalyseKernel.cpp - what a kernel is made of -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which tiles lie in shared memory and where, and which product is deferred.
// What has no code for a GPU yet is said here, before anything is emitted.
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "attnc/Dialect/Tile/IR/LoadHints.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/SetVector.h"
#include <numeric>

using namespace attnc;
using namespace attnc::gpu;

static RankedTensorType typeOf(Value tile) {
  return cast<RankedTensorType>(tile.getType());
}

SharedTile *KernelEmitter::find(MutableArrayRef<SharedTile> tiles, Value tile) {
  for (SharedTile &shared : tiles)
    if (shared.tile == tile)
      return &shared;
  return nullptr;
}

/// Whether a value of the step is computed from one of its arguments.
bool KernelEmitter::dependsOn(Value value, Value argument) {
  llvm::SetVector<Value> reached;
  reached.insert(value);
  for (size_t i = 0; i < reached.size(); ++i) {
    Operation *op = reached[i].getDefiningOp();
    if (!op || !fold->isProperAncestor(op))
      continue;
    reached.insert(op->operand_begin(), op->operand_end());
    auto branch = dyn_cast<mlir::scf::IfOp>(op);
    if (!branch)
      continue;
    unsigned number = cast<mlir::OpResult>(reached[i]).getResultNumber();
    for (Block *block : {branch.thenBlock(), branch.elseBlock()})
      if (block)
        reached.insert(block->getTerminator()->getOperand(number));
  }
  return reached.contains(argument);
}

void KernelEmitter::chooseCopy(SharedTile &tile) const {
  // What the swizzle repeats after, and a box's most useful size: steps begin
  // where boxes do, and keys in front of a range are visited for nothing.
  constexpr int64_t leastRows = 8, mostRows = 64, depth = 16;
  if (copiesChunks()) {
    tile.copy = Copy::Chunks;
    return;
  }
  tile::LoadOp load = tile.load;
  if (ConvertedTile::isFormed(tile.tile)) {
    tile.copy = Copy::Formed;
    return;
  }
  int64_t inMemory =
      cast<MemRefType>(load.getMemory().getType()).getShape().back();
  // A product is of whole steps along the columns, and what is in memory behind
  // the last one is no zero.
  if (inMemory != tile.columns && tile.columns % depth != 0) {
    tile.copy = Copy::Rows;
    return;
  }
  if (load.getGather().empty())
    return;
  auto runs = load->getAttrOfType<mlir::IntegerAttr>(tile::kRunsAttrName);
  tile.boxRows =
      std::gcd(runs ? runs.getInt() : 1, std::gcd(tile.rows, mostRows));
  tile.copy = tile.boxRows < leastRows ? Copy::Rows : Copy::Runs;
}

/// A contraction of the step is one of a tile that stays with one that is
/// copied for the step, or the deferred one.
LogicalResult KernelEmitter::analyseContract(tile::ContractOp op) {
  auto isRead = [](tile::LoadOp load) {
    return load && !load.getEncoding() &&
           typeOf(load.getTile()).getElementTypeBitWidth() == 16;
  };
  bool isFormed = ConvertedTile::isFormed(op.getRhs());
  tile::LoadOp right = ConvertedTile::findElements(op.getRhs());
  if (!(isFormed ? bool(right) : isRead(right)) || right->getParentOp() != fold)
    return op.emitOpError("multiplies by what is not a tile of 16-bit numbers "
                          "read in the same step, which has no code for a GPU "
                          "yet; compile for cpu");
  if (isFormed && copiesChunks())
    return op.emitOpError("multiplies by numbers that are converted on their "
                          "way to shared memory, which has code for sm_90a "
                          "only; compile for that or for cpu");
  if (!find(streams, op.getRhs())) {
    streams.push_back({right, typeOf(op.getRhs()).getDimSize(0),
                       typeOf(op.getRhs()).getDimSize(1), op.getRhs()});
    chooseCopy(streams.back());
  }
  if (op == deferred.op) {
    find(streams, op.getRhs())->isCleared =
        right->hasAttr(tile::kPartialAttrName);
    return success();
  }
  auto left = op.getLhs().getDefiningOp<tile::LoadOp>();
  if (!isRead(left) || left->getParentOp() != kernel || op.getLhsAxis() != 1 ||
      op.getRhsAxis() != 1)
    return op.emitOpError(
        "has a left operand that is not a tile of 16-bit "
        "numbers read in front of the fold, which has no code "
        "for a GPU yet; compile for cpu");
  if (!mlir::matchPattern(op.getAccumulator(), mlir::m_AnyZeroFloat()))
    return op.emitOpError("adds to a tile that is not zero, which has no code "
                          "for a GPU yet; compile for cpu");
  if (!find(stationary, op.getLhs()))
    stationary.push_back({left, typeOf(op.getLhs()).getDimSize(0),
                          typeOf(op.getLhs()).getDimSize(1), op.getLhs(),
                          copiesChunks() ? Copy::Chunks : Copy::Box});
  return success();
}

/// Tiles that pass through threads arrive in the order of all tiles.
LogicalResult KernelEmitter::chooseCopies() {
  auto isOneOf = [&](Copy copy) {
    return llvm::any_of(
        streams, [&](const SharedTile &tile) { return tile.copy == copy; });
  };
  bool isFormed = isOneOf(Copy::Formed);
  bool isByThreads = isFormed || isOneOf(Copy::Rows);
  for (SharedTile &tile : streams) {
    // Rows and chunks that are not there are zeros already.
    tile.isCleared &= !isByThreads && !copiesChunks();
    if (isByThreads)
      tile.copy = isFormed ? Copy::Formed : Copy::Rows;
    if (!isFormed)
      continue;
    conversions.emplace_back(b, arguments, scalars, tile.tile);
    if (failed(conversions.back().analyse()))
      return failure();
  }
  return success();
}

/// The contraction whose sum is one component of the carry.
LogicalResult KernelEmitter::findDeferred() {
  Operation *yield = fold.getStep().front().getTerminator();
  for (auto [component, argument] : llvm::enumerate(fold.getCarry())) {
    if (typeOf(argument).getRank() != 2)
      continue;
    auto op = yield->getOperand(component).getDefiningOp<tile::ContractOp>();
    if (!op || deferred.op || !op->hasOneUse() || op.getLhsAxis() != 1 ||
        op.getRhsAxis() != 0 || !dependsOn(op.getAccumulator(), argument))
      return fold.emitOpError("has a step whose carry is not the sum of one "
                              "product, which has no code for a GPU yet; "
                              "compile for cpu");
    for (Operation &other : fold.getStep().front().without_terminator())
      if (isa<tile::ReduceOp, tile::ContractOp, tile::AnyOp>(other))
        for (Value operand : other.getOperands())
          if (dependsOn(operand, argument) &&
              !(&other == op && operand == op.getAccumulator()))
            return other.emitOpError("reads the sum of a product of the step "
                                     "before, which has no code for a GPU yet; "
                                     "compile for cpu");
    deferred = {op, static_cast<unsigned>(component)};
  }
  if (!deferred.op)
    return fold.emitOpError(
        "has a step without a product, which has no code for "
        "a GPU yet; compile for cpu");
  return success();
}

/// Shared memory: two slots for each ring or more, as many as fit.
LogicalResult KernelEmitter::placeTiles() {
  constexpr int64_t barrierBytes = 8, mostStages = 4;
  int64_t fixed = 0, slot = 0;
  auto advance = [](int64_t &place, int64_t bytes) {
    int64_t at = place;
    place += bytes;
    return at;
  };
  for (SharedTile &tile : stationary)
    tile.place = advance(fixed, tile.getBytes());
  // Outputs take the place of the first tile.
  int64_t outputColumns = typeOf(deferred.op.getResult()).getDimSize(1);
  SharedTile output = {{}, consumers * kStripRows, outputColumns};
  fixed = std::max(fixed, output.getBytes());
  for (SharedTile &tile : streams)
    slot += tile.getBytes();
  int64_t list = KeySteps::needsList(fold) ? KeySteps::kListBytes : 0;
  auto getTotal = [&](int64_t slots) -> int64_t {
    int64_t count =
        clearsTiles() + stationary.size() + 2 * slots * streams.size();
    return fixed + slots * slot + llvm::alignTo(count * barrierBytes, 16) +
           list;
  };
  // Of a half each block needs 1 KB for itself.
  int64_t half = target.getSharedBytes() / 2 - 512;
  stages = mostStages;
  auto shrinkTo = [&](int64_t bytes) {
    while (stages > 2 && getTotal(stages) > bytes)
      stages /= 2;
  };
  bool sharesUnit = consumers == 1 && getTotal(/*slots=*/2) <= half;
  shrinkTo(sharesUnit ? half : target.getSharedBytes());
  blocksAtOnce = sharesUnit ? 2 : 1;
  if (getTotal(stages) > target.getSharedBytes())
    return fold.emitOpError("needs ")
           << getTotal(stages) << " bytes of shared memory with tiles of "
           << consumers * kStripRows << " rows and " << fold.getKeyTile()
           << " keys, and a block of " << target.getArch() << " has "
           << target.getSharedBytes() << "; use smaller tiles";
  if (clearsTiles())
    landingBarrier = numBarriers++;
  int64_t place = fixed;
  for (SharedTile &tile : streams)
    tile.place = advance(place, stages * tile.getBytes());
  for (SharedTile &tile : stationary)
    tile.fullBarrier = numBarriers++;
  for (SharedTile &tile : streams) {
    tile.fullBarrier = advance(numBarriers, stages);
    tile.emptyBarrier = advance(numBarriers, stages);
  }
  barrierPlace = place;
  listPlace = place + llvm::alignTo(numBarriers * barrierBytes, 16);
  sharedBytes = getTotal(stages);
  return success();
}

LogicalResult KernelEmitter::analyse() {
  for (auto op : kernel.getBody().front().getOps<tile::FoldOp>()) {
    if (fold)
      return op.emitOpError(
          "is the second one of its kernel, which has no code "
          "for a GPU yet; use splits = 1");
    fold = op;
  }
  if (!fold)
    return kernel.emitOpError("has no fold, which has no code for a GPU yet; "
                              "compile for cpu");
  constexpr int64_t mostConsumers = 3;
  int64_t rows = 0;
  for (auto [argument, axis] :
       llvm::zip_equal(fold.getCarry(), fold.getCarryAxes())) {
    if (axis != 0)
      return fold.emitOpError(
          "carries a tile that does not run along rows, "
          "which has no code for a GPU yet; compile for cpu");
    rows = typeOf(argument).getDimSize(0);
  }
  consumers = rows / kStripRows;
  if (fold.getLanes() != kStripRows || consumers < 1 ||
      consumers > mostConsumers)
    return fold.emitOpError("has ")
           << rows << " rows in strips of " << fold.getLanes()
           << "; a GPU takes 64, 128 or 192 in strips of " << kStripRows;
  if (failed(findDeferred()))
    return failure();
  for (auto op : fold.getStep().front().getOps<tile::ContractOp>())
    if (failed(analyseContract(op)))
      return failure();
  auto misfit = [](SharedTile &tile) {
    return tile.rows % 16 != 0 || tile.columns % 8 != 0 || tile.rows > 256 ||
           tile.columns > 256;
  };
  for (SharedTile &tile : llvm::concat<SharedTile>(stationary, streams))
    if (misfit(tile))
      return tile.load.emitOpError("reads a tile of ")
             << tile.rows << " by " << tile.columns
             << ", and tensor cores take rows by the 16 and columns by the 8, "
                "up "
                "to 256 of both";
  if (failed(chooseCopies()))
    return failure();
  return placeTiles();
}
