//===- UsefulWork.cpp - the arithmetic a function cannot avoid ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A row of a mask is a query tile of one query, so the key ranges that the
// kernels are built from also count pairs: a full part counts whole, the rest
// is decided by the predicate.
//
//===----------------------------------------------------------------------===//

#include "attnc/Dialect/Attn/Analysis/UsefulWork.h"

#include "attnc/Analysis/KeyRanges.h"
#include "attnc/Dialect/Attn/IR/Attn.h"

using namespace attnc;
using namespace attnc::attn;

namespace {

/// Whether the truth of `mask` at a position depends on dim `dim`.
bool dependsOn(const MaskExpr &mask, unsigned dim) {
  if (mask.kind == MaskExpr::Kind::Compare)
    return mask.lhs.isFunctionOfDim(dim) || mask.rhs.isFunctionOfDim(dim);
  return llvm::any_of(mask.children, [dim](const MaskExpr &child) {
    return dependsOn(child, dim);
  });
}

/// Counts the allowed keys of one query.
int64_t countRow(const MaskSet &mask, const KeyRanges &ranges,
                 const QueryTile &row) {
  SmallVector<KeyRange> pieces = ranges.evaluate(row);
  llvm::sort(pieces, [](const KeyRange &a, const KeyRange &b) {
    return a.begin < b.begin;
  });
  int64_t allowed = 0, next = 0;
  auto visit = [&](int64_t begin, int64_t end) {
    for (int64_t key = begin; key < end; ++key)
      allowed += mask.contains(row.batch, row.head, row.first, key);
  };
  for (const KeyRange &piece : pieces) {
    int64_t begin = std::max(piece.begin, next);
    if (begin >= piece.end)
      continue;
    int64_t fullBegin = std::max(piece.fullBegin, begin);
    int64_t fullEnd = std::max(piece.fullEnd, fullBegin);
    visit(begin, fullBegin);
    allowed += fullEnd - fullBegin;
    visit(fullEnd, piece.end);
    next = piece.end;
  }
  return allowed;
}

} // namespace

int64_t attn::countAllowedPairs(const MaskSet &mask, MLIRContext *context,
                                const MaskExtents &extents) {
  KeyRanges ranges = KeyRanges::get(mask, context);
  bool usesBatch = dependsOn(mask.getPredicate(), 0);
  bool usesHead = dependsOn(mask.getPredicate(), 1);
  int64_t batches =
      usesBatch ? extents.batch : std::min<int64_t>(extents.batch, 1);
  int64_t heads =
      usesHead ? extents.heads : std::min<int64_t>(extents.heads, 1);
  int64_t offset = extents.keyLength - extents.queryLength;
  int64_t allowed = 0;
  for (int64_t b = 0; b < batches; ++b)
    for (int64_t h = 0; h < heads; ++h)
      for (int64_t i = 0; i < extents.queryLength; ++i)
        allowed += countRow(
            mask, ranges,
            {b, h, /*first=*/i + offset, /*count=*/1, extents.keyLength});
  return allowed * (usesBatch ? 1 : extents.batch) *
         (usesHead ? 1 : extents.heads);
}

namespace {

using GetExtent = function_ref<int64_t(Value, int64_t)>;

double countFlops(AttendOp op, GetExtent getExtent) {
  Value query = op.getQuery(), key = op.getKey();
  MaskExtents extents{getExtent(query, 0), getExtent(query, 1),
                      getExtent(query, 2), getExtent(key, 2)};
  double pairs = double(extents.batch) * double(extents.heads) *
                 double(extents.queryLength) * double(extents.keyLength);
  if (MaskAttr attr = op.getMaskAttr()) {
    // The verifier of the mask has built this set before.
    MaskSet mask = llvm::cantFail(MaskSet::get(attr.getMask().predicate));
    pairs = double(countAllowedPairs(mask, op.getContext(), extents));
  }
  double dims =
      double(getExtent(query, 3)) + double(getExtent(op.getValue(), 3));
  return 2 * dims * pairs;
}

double countFlops(ScanOp op, GetExtent getExtent) {
  Value query = op.getQuery();
  double positions = double(getExtent(query, 0)) * double(getExtent(query, 1)) *
                     double(getExtent(query, 2));
  return 4 * double(getExtent(query, 3)) * double(getExtent(op.getValue(), 3)) *
         positions;
}

} // namespace

double attn::countUsefulFlops(mlir::func::FuncOp function,
                              GetExtent getExtent) {
  double flops = 0;
  function.walk([&](Operation *op) {
    if (auto attend = dyn_cast<AttendOp>(op))
      flops += countFlops(attend, getExtent);
    else if (auto scan = dyn_cast<ScanOp>(op))
      flops += countFlops(scan, getExtent);
  });
  return flops;
}
