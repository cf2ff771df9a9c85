//===- AttnAttrs.cpp - verifiers of schedules and targets -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Both attributes may be written by hand, so their numbers are checked before a
// pass multiplies them.
//
//===----------------------------------------------------------------------===//
#include "attnc/Dialect/Attn/IR/Attn.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/TargetParser/Triple.h"

using namespace attnc;
using namespace attnc::attn;

namespace {

using EmitError = function_ref<mlir::InFlightDiagnostic()>;

/// Far above any sensible tile, and small enough that the product of three
/// sizes fits in 64 bits.
constexpr int64_t kMaxTile = 1 << 16;

/// Keys of a split fit in 64 bits, times any number of splits.
constexpr int64_t kMaxSplit = int64_t(1) << 30;

/// The widest vector register of any supported architecture.
constexpr int64_t kMaxVectorBytes = 256;
constexpr int64_t kMaxVectorRegisters = 1024;
constexpr int64_t kMaxCacheBytes = int64_t(1) << 40;
constexpr int64_t kMaxSharedBytes = int64_t(1) << 18;

struct Parameter {
  StringRef name;
  int64_t value;
  int64_t maximum;
};

LogicalResult verifyRange(EmitError emitError, StringRef attribute,
                          ArrayRef<Parameter> parameters) {
  for (const Parameter &parameter : parameters)
    if (parameter.value < 1 || parameter.value > parameter.maximum)
      return emitError() << attribute << " " << parameter.name << " is "
                         << parameter.value << " and must be from 1 to "
                         << parameter.maximum;
  return success();
}

} // namespace

LogicalResult ScheduleAttr::verify(EmitError emitError, int64_t queryTile,
                                   int64_t keyTile, int64_t lanes,
                                   int64_t splits, Products) {
  if (failed(verifyRange(emitError, "schedule",
                         {{"query_tile", queryTile, kMaxTile},
                          {"key_tile", keyTile, kMaxTile},
                          {"lanes", lanes, kMaxTile},
                          {"splits", splits, kMaxTile}})))
    return failure();
  if (queryTile != 1 && queryTile % lanes != 0)
    return emitError() << "schedule query_tile is " << queryTile
                       << " and must be a multiple of lanes, " << lanes
                       << ", or 1";
  return success();
}

LogicalResult DecodeAttr::verify(EmitError emitError, int64_t mostQueries,
                                 int64_t rows, RowHeads, int64_t keyTile,
                                 int64_t keysPerSplit) {
  return verifyRange(emitError, "decode",
                     {{"most_queries", mostQueries, kMaxTile},
                      {"rows", rows, kMaxTile},
                      {"key_tile", keyTile, kMaxTile},
                      {"keys_per_split", keysPerSplit, kMaxSplit}});
}

LogicalResult RecurrentAttr::verify(EmitError emitError, int64_t mostPositions,
                                    int64_t lanes) {
  return verifyRange(emitError, "recurrent",
                     {{"most_positions", mostPositions, kMaxTile},
                      {"lanes", lanes, kMaxTile}});
}

LogicalResult CpuTargetAttr::verify(EmitError emitError, StringRef triple,
                                    StringRef, StringRef, int64_t vectorBytes,
                                    int64_t vectorRegisters, int64_t l1Bytes,
                                    int64_t l2Bytes, Products products,
                                    Products bestProducts) {
  if (triple.empty())
    return emitError() << "cpu triple is empty: write one, as in "
                          "\"x86_64-unknown-linux-gnu\"";
  if (failed(verifyRange(
          emitError, "cpu",
          {{"vector_bytes", vectorBytes, kMaxVectorBytes},
           {"vector_registers", vectorRegisters, kMaxVectorRegisters},
           {"l1_bytes", l1Bytes, kMaxCacheBytes},
           {"l2_bytes", l2Bytes, kMaxCacheBytes}})))
    return failure();
  // A vector holds whole f32 elements.
  if (vectorBytes < 4 || !llvm::isPowerOf2_64(vectorBytes))
    return emitError() << "cpu vector_bytes is " << vectorBytes
                       << " and must be a power of two, at least 4";
  if (products == Products::BF16 &&
      (vectorBytes != 64 || !llvm::Triple(triple).isX86()))
    return emitError() << "cpu products is bf16, which vectors of 64 bytes on "
                          "x86 have, and not those of "
                       << vectorBytes << " bytes on " << triple;
  if (products == Products::F16 || bestProducts == Products::F16)
    return emitError()
           << "cpu products is f16, which only a GPU has; write f32 "
              "or bf16";
  if (bestProducts == Products::BF16 && products != Products::BF16)
    return emitError() << "cpu best_products is bf16 and products is f32: what "
                          "there is no instruction for is not the best";
  return success();
}

LogicalResult
GpuTargetAttr::verify(function_ref<mlir::InFlightDiagnostic()> emitError,
                      StringRef arch, int64_t sharedBytes, GpuImage,
                      GpuProducts products, GpuCopies copies) {
  if (!arch.starts_with("sm_"))
    return emitError() << "gpu arch is \"" << arch
                       << "\" and must be the name of an architecture, as in "
                          "\"sm_90a\"";
  if (products == GpuProducts::Warpgroup && copies == GpuCopies::Chunks)
    return emitError() << "gpu copies is chunks and products is warpgroup: a "
                          "GPU that multiplies from shared memory copies in "
                          "bulk; write products = warp";
  return verifyRange(emitError, "gpu",
                     {{"shared_bytes", sharedBytes, kMaxSharedBytes}});
}
