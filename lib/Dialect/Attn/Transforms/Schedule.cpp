//===- Schedule.cpp - choose tile sizes -----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The model, for a core with caches L1 and L2 and a register file of vectors:
//
//   lanes      3 vectors: with the rows that fit beside them (4 of 16
//              registers, 8 of 32), the product loop has more arithmetic than
//              loads and enough independent accumulators to hide its latency.
//              Fewer where the mask makes wide strips visit more pairs than
//              that is worth (small blocks, short windows), and where two are
//              as fast (AVX-512): strips of 32 rows take 0.66 of the time of 48
//              for 64 queries, 0.9 for 128, and as much for 2048 (Zen 5).
//   key_tile   as many keys as keep one strip's scores and the strip's queries
//              in three quarters of L1: lanes * (key_tile + dim) * 4 bytes. At
//              least 64: a rescaling check and two passes over the scores are
//              paid per step.
//   query_tile as many strips as keep queries, outputs and a block of keys in
//   L2,
//              up to 8: beyond that a block of keys is already read from L2 in
//              a small part of the time it is computed on.
//
//   products   those of bf16 operands where the target has an instruction that
//              does twice the work of an FMA in its time.
//
// Where there are few query rows, strips of them would be mostly empty, and the
// time is that of reading keys and values:
//
//   most_queries   a row costs about as much as in a full strip, and a strip as
//                  much as a full one, however few rows it has. Two thirds of
//                  a strip: with few keys there are a second kernel and, for
//                  the other one, transposes to pay. As many rows as are two
//                  thirds take 0.55 to 0.85 of the time of a strip beside 256
//                  keys and more, and as much beside 32 (Zen 5, AVX2 and
//                  AVX-512). How many heads share keys does not matter: both
//                  costs are theirs times.
//   rows           as many as keep queries, outputs and scores well within L2.
//   key_tile       what is read next is asked for while a product is computed.
//                  With few keys that is asked for a little at a time, and
//                  memory has no time to be idle (bench/decode.sh, f32: 128
//                  keys take up to a quarter longer). With many, what a step
//                  costs beside its products counts for less: as many as
//                  there is room for in a quarter of L1. Of f16 of head dim
//                  64, 64 keys are 16 to 63 % faster than 16, of f32 of 256
//                  up to 25 % slower (Zen 5).
//   keys_per_split an instance of 1024 keys reads long enough for its start and
//                  the merge not to be felt, and leaves work for more threads
//                  than there are heads.
//
// On a GPU a strip is the 64 rows of a warpgroup, and registers decide: a
// thread has half a row's outputs and scores, and a quarter of its weights. Two
// consumers have 240 registers each, three have 160 and more rows to read keys
// for, which small heads need (FlashAttention-3's tile sizes).
//
// Where each warp multiplies by itself (sm_80), the warps of a quarter of a
// multiprocessor share its registers evenly. A producer is one warp: with it a
// thread of two consumers has 168, of three 128, of one 255. Shared memory
// decides as often: it has the queries, two slots of keys and values, and maybe
// a list of ranges.
//
// Keys and values that are converted on the way to shared memory take registers
// of the threads that do so: two consumers have 200 then, and fewer keys.
//
// With few queries the time is that of reading keys and values. The rows of all
// heads that read the same keys share one consumer, and blocks are small enough
// for two on a multiprocessor: one begins or ends while the other reads.
//
//   keys_per_split 512 keys of head dim 128 are 256 KB, some 10 us of a
//                  multiprocessor's share of the bandwidth. 16 k keys of 8
//                  heads then make 256 blocks.
//
//===----------------------------------------------------------------------===//

#include "attnc/Analysis/VisitAnalysis.h"
#include "attnc/Dialect/Attn/IR/Attn.h"
#include "attnc/Dialect/Attn/Transforms/Passes.h"

namespace attnc::attn {
#define GEN_PASS_DEF_SCHEDULEPASS
#include "attnc/Dialect/Attn/Transforms/Passes.h.inc"

namespace {

constexpr int64_t kF32Bytes = 4, kNarrowBytes = 2;

int64_t largestPowerOfTwoAtMost(int64_t value) {
  return value < 1 ? 1 : static_cast<int64_t>(llvm::bit_floor(uint64_t(value)));
}

/// The part of its speed with three vectors that the product loop has with
/// `vectors`, measured on Zen 3, 4 and 5 cores at head dim 64. With AVX-512 two
/// are as fast, and less of the last strip is empty.
double getEfficiency(CpuTargetAttr target, int64_t vectors) {
  static constexpr double kFewRegisters[] = {0.74, 0.96, 1};
  static constexpr double kManyRegisters[] = {0.96, 1, 1};
  static constexpr double kWideRegisters[] = {0.96, 1, 0.99};
  constexpr int64_t wideBytes = 64;
  const double *efficiency = target.getVectorRegisters() < 32 ? kFewRegisters
                             : target.getVectorBytes() >= wideBytes
                                 ? kWideRegisters
                                 : kManyRegisters;
  return efficiency[vectors - 1];
}

/// The lanes for which a row costs the least; the most of them if it is all the
/// same.
int64_t chooseLanes(CarryOpInterface op, CpuTargetAttr target,
                    VisitAnalysis &visits) {
  int64_t most = getRowLanes(target);
  int64_t width = target.getVectorBytes() / kF32Bytes;
  SmallVector<int64_t> choices;
  for (int64_t lanes = most; lanes > 0; lanes -= width)
    choices.push_back(lanes);
  SmallVector<double> costs = op.estimateRowCosts(choices, visits);
  for (auto [cost, lanes] : llvm::zip_equal(costs, choices))
    cost /= getEfficiency(target, lanes / width);
  return choices[std::min_element(costs.begin(), costs.end()) - costs.begin()];
}

ScheduleAttr scheduleRows(CarryOpInterface op, CpuTargetAttr target,
                          const CarryFootprint &footprint,
                          VisitAnalysis &visits) {
  MLIRContext *context = op->getContext();
  int64_t lanes = chooseLanes(op, target, visits);
  Products products = footprint.narrow == target.getBestProducts()
                          ? *footprint.narrow
                          : Products::F32;
  int64_t operandBytes = products == Products::F32 ? kF32Bytes : kNarrowBytes;
  int64_t stationaryBytes = lanes * footprint.stationaryPerRow * operandBytes;
  int64_t scoreBytes = target.getL1Bytes() * 3 / 4 - stationaryBytes;
  int64_t keys = std::clamp<int64_t>(
      largestPowerOfTwoAtMost(scoreBytes / (lanes * kF32Bytes)), 64, 128);
  int64_t keyBytes = keys * footprint.readPerKey * operandBytes;
  int64_t stripBytes =
      stationaryBytes + lanes * footprint.carriedPerRow * kF32Bytes;
  int64_t strips = std::clamp<int64_t>(
      (target.getL2Bytes() * 3 / 4 - keyBytes) / stripBytes, 1, 8);
  return ScheduleAttr::get(context, strips * lanes, keys, lanes, /*splits=*/1,
                           products);
}

/// How calls with few rows are worked on, or null if there are none such.
DecodeAttr scheduleFewRows(MLIRContext *context, CpuTargetAttr target,
                           const CarryFootprint &footprint) {
  constexpr int64_t mostRows = 32, keysPerSplit = 1024;
  int64_t lanes = getRowLanes(target);
  int64_t dim = std::max(footprint.stationaryPerRow, footprint.carriedPerRow);
  int64_t bytesPerKey = llvm::divideCeil(dim * footprint.storedBits, 8);
  int64_t keyTile = std::clamp<int64_t>(
      largestPowerOfTwoAtMost(target.getL1Bytes() / 4 / bytesPerKey), 16, 64);
  int64_t mostQueries = std::max<int64_t>(lanes * 2 / 3, 1);
  int64_t queries = footprint.rowsOfHead.value_or(mostQueries);
  if (queries > mostQueries)
    return {};
  int64_t rows = queries;
  if (footprint.hasLikeHeads)
    rows =
        footprint.headsOfGroup ? queries * *footprint.headsOfGroup : mostRows;
  return DecodeAttr::get(
      context, mostQueries, std::clamp<int64_t>(rows, 1, mostRows),
      footprint.hasLikeHeads ? RowHeads::Group : RowHeads::One, keyTile,
      keysPerSplit);
}

/// A matrix state: strips are value columns. Two vectors leave the least
/// padding of the usual value dims (64, 128) and six rows per block of 16
/// registers.
ScheduleAttr scheduleState(MLIRContext *context, CpuTargetAttr target,
                           const CarryFootprint &footprint) {
  int64_t width = target.getVectorBytes() / kF32Bytes;
  int64_t lanes = footprint.independentSize > width ? 2 * width : width;
  // Within a chunk the work grows with its length, between chunks it is that of
  // the state. Whole blocks of rows and of vectors.
  int64_t keys = footprint.readPerKey <= 256 ? 24 : 48;
  // A state that stays in the first cache is stepped from position to position:
  // products of a chunk cost more than they save (bench/README.md).
  int64_t carriedBytes =
      footprint.carriedPerRow * footprint.independentSize * kF32Bytes;
  bool isSmall = carriedBytes > 0 && carriedBytes <= target.getL1Bytes();
  if (footprint.mostKeys > 0 || isSmall) {
    // Nothing is kept in registers but sums: more vectors share constants.
    keys = 1;
    while (lanes < 4 * width && lanes < footprint.independentSize)
      lanes += width;
    // What a step goes through has to stay in the first cache.
    int64_t bytesPerLane =
        (footprint.stationaryPerRow + footprint.carriedPerRow) * kF32Bytes;
    while (lanes > width && lanes * bytesPerLane > target.getL1Bytes() * 3 / 4)
      lanes = llvm::alignTo(lanes / 2, width);
  }
  return ScheduleAttr::get(context, /*query_tile=*/1, keys, lanes,
                           /*splits=*/1, Products::F32);
}

/// How calls with few positions are worked on: the state is read and written,
/// and a processor fetches best what it is asked for in order. Whole rows at
/// once, or as much of a row as there can be sums for.
RecurrentAttr scheduleFewPositions(CarryOpInterface op, CpuTargetAttr target) {
  constexpr int64_t mostPositions = 16, mostVectors = 16;
  int64_t width = target.getVectorBytes() / kF32Bytes;
  int64_t vectors = llvm::divideCeil(op.getFootprint().independentSize, width);
  int64_t parts = llvm::divideCeil(vectors, mostVectors);
  // Only whole strips stay in memory.
  while (vectors % parts != 0)
    ++parts;
  return RecurrentAttr::get(op->getContext(), mostPositions,
                            vectors / parts * width);
}

void schedule(CarryOpInterface op, CpuTargetAttr target,
              VisitAnalysis &visits) {
  MLIRContext *context = op->getContext();
  CarryFootprint footprint = op.getFootprint();
  if (!footprint.hasRows)
    return op->setAttr(kScheduleAttrName,
                       scheduleState(context, target, footprint));
  op->setAttr(kScheduleAttrName, scheduleRows(op, target, footprint, visits));
  DecodeAttr decode = scheduleFewRows(context, target, footprint);
  if (decode && !op->hasAttr(kDecodeAttrName))
    op->setAttr(kDecodeAttrName, decode);
}

/// Tiles of a GPU, for head dims up to `mostDim`.
struct GpuTiles {
  int64_t mostDim, rows, keys;
};

constexpr int64_t kGpuStrip = 64;

/// A list of key ranges, and barriers, in shared memory.
constexpr int64_t kGpuListBytes = 8192, kGpuBarrierBytes = 512;

/// The keys, up to `most`, of which two slots fit beside `rows` queries in so
/// many bytes; less than 16, which is what products take, if there is no room.
int64_t fitKeys(int64_t bytes, const CarryFootprint &footprint, int64_t rows,
                int64_t most) {
  constexpr int64_t columns = 64, slots = 2;
  int64_t keyDim = llvm::alignTo(footprint.stationaryPerRow, columns);
  int64_t valueDim = llvm::alignTo(footprint.carriedPerRow, columns);
  int64_t left = bytes - kGpuBarrierBytes -
                 rows * std::max(keyDim, valueDim) * kNarrowBytes;
  int64_t keys = left / (slots * (keyDim + valueDim) * kNarrowBytes);
  return std::min(most, keys / 16 * 16);
}

/// Few rows: steps are short enough for two blocks on a multiprocessor, unless
/// that takes too short ones, or outputs need the registers of one.
int64_t chooseFewKeysOnGPU(GpuTargetAttr target,
                           const CarryFootprint &footprint) {
  constexpr int64_t most = 64, leastOfTwo = 32, bytesOfBlock = 1024;
  constexpr int64_t mostDimOfTwo = 128;
  int64_t ofTwo = fitKeys((target.getSharedBytes() - bytesOfBlock) / 2,
                          footprint, kGpuStrip, most);
  int64_t ofOne = fitKeys(target.getSharedBytes() - kGpuListBytes, footprint,
                          kGpuStrip, most);
  bool sharesUnit = target.getProducts() == GpuProducts::Warp &&
                    footprint.carriedPerRow <= mostDimOfTwo &&
                    ofTwo >= leastOfTwo;
  return sharesUnit ? std::min(ofOne, ofTwo) : ofOne;
}

/// On a GPU: see the head of this file.
void scheduleFewRowsOnGPU(CarryOpInterface op, GpuTargetAttr target,
                          const CarryFootprint &footprint) {
  constexpr int64_t mostQueries = 16, keysPerSplit = 512;
  if (footprint.rowsOfHead.value_or(0) > mostQueries ||
      op->hasAttr(kDecodeAttrName))
    return;
  op->setAttr(
      kDecodeAttrName,
      DecodeAttr::get(op->getContext(), mostQueries, kGpuStrip,
                      footprint.hasLikeHeads ? RowHeads::Group : RowHeads::One,
                      chooseFewKeysOnGPU(target, footprint), keysPerSplit));
}

GpuTiles chooseTilesOnGPU(GpuTargetAttr target, const CarryFootprint &footprint,
                          int64_t dim) {
  constexpr GpuTiles ofWarpgroups[] = {
      {64, 192, 128}, {128, 128, 176}, {192, 128, 112}, {256, 128, 80}};
  constexpr GpuTiles ofConverted[] = {
      {64, 128, 128}, {128, 128, 128}, {192, 128, 96}, {256, 128, 48}};
  constexpr GpuTiles ofWarps[] = {
      {128, 128, 64}, {192, 128, 48}, {256, 64, 64}};
  bool isOfWarps = target.getProducts() == GpuProducts::Warp;
  GpuTiles tiles = *llvm::find_if(
      isOfWarps               ? ArrayRef(ofWarps)
      : footprint.isConverted ? ArrayRef(ofConverted)
                              : ArrayRef(ofWarpgroups),
      [&](const GpuTiles &choice) { return dim <= choice.mostDim; });
  if (!isOfWarps)
    return tiles;
  int64_t bytes = target.getSharedBytes() - kGpuListBytes;
  int64_t keys = fitKeys(bytes, footprint, tiles.rows, tiles.keys);
  if (keys < 16) {
    tiles.rows = kGpuStrip;
    keys = fitKeys(bytes, footprint, tiles.rows, tiles.keys);
  }
  tiles.keys = keys;
  return tiles;
}

LogicalResult scheduleOnGPU(CarryOpInterface op, GpuTargetAttr target) {
  CarryFootprint footprint = op.getFootprint();
  if (!footprint.hasRows || !footprint.narrow)
    return op->emitOpError("has no code for a GPU yet: that takes attention "
                           "whose operands and output are all bf16 or all f16, "
                           "but for caches; convert them, or compile for cpu");
  constexpr int64_t mostDim = 256;
  int64_t dim = std::max(footprint.stationaryPerRow, footprint.carriedPerRow);
  if (dim > mostDim)
    return op->emitOpError("has a head dim of ")
           << dim << ", and kernels for a GPU take up to 256; compile for cpu";
  GpuTiles tiles = chooseTilesOnGPU(target, footprint, dim);
  op->setAttr(kScheduleAttrName,
              ScheduleAttr::get(op->getContext(), tiles.rows, tiles.keys,
                                kGpuStrip, /*splits=*/1, *footprint.narrow));
  scheduleFewRowsOnGPU(op, target, footprint);
  return success();
}

struct Schedule : impl::SchedulePassBase<Schedule> {
  void runOnOperation() override {
    auto module = getOperation()->getParentOfType<ModuleOp>();
    auto target = module->getAttrOfType<CpuTargetAttr>(kTargetAttrName);
    auto &visits = getAnalysis<VisitAnalysis>();
    getOperation().walk([&](CarryOpInterface op) {
      if (failed(verifyReadsTensors(op)))
        return signalPassFailure();
      if (target && !op->hasAttr(kRecurrentAttrName) &&
          op.getFootprint().isResumable)
        op->setAttr(kRecurrentAttrName, scheduleFewPositions(op, target));
      if (op->hasAttr(kScheduleAttrName))
        return;
      if (auto gpu = module->getAttrOfType<GpuTargetAttr>(kGpuTargetAttrName)) {
        if (failed(scheduleOnGPU(op, gpu)))
          signalPassFailure();
        return;
      }
      if (!target) {
        op->emitOpError("is in a module without an attn.target; run "
                        "cpu-attach-target first");
        return signalPassFailure();
      }
      schedule(op, target, visits);
    });
  }
};

} // namespace
} // namespace attnc::attn
