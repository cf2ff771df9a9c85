//===- Distances.cpp - masks that are bands -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// With q = k + distance a mask of distances loses its k, which upstream's
// simplification of affine expressions sees through floordiv and mod.
//
//===----------------------------------------------------------------------===//

#include "Distances.h"

namespace attnc {
namespace {

constexpr unsigned numDims = 4, queryDim = 2, keyDim = 3;

/// The expression with d2 as the distance. Null if a key is left in it.
AffineExpr rewrite(AffineExpr expr) {
  MLIRContext *context = expr.getContext();
  AffineExpr query = mlir::getAffineDimExpr(queryDim, context);
  AffineExpr key = mlir::getAffineDimExpr(keyDim, context);
  AffineExpr rewritten = mlir::simplifyAffineExpr(
      expr.replace(query, key + query), numDims, /*numSymbols=*/0);
  return rewritten.isFunctionOfDim(keyDim) ? AffineExpr() : rewritten;
}

/// The same for a mask; false if it depends on more than the distance.
bool rewrite(MaskExpr &mask) {
  if (mask.kind == MaskExpr::Kind::Compare) {
    // A difference: of `k <= q` no side alone is a distance.
    mask.lhs = rewrite(mask.lhs - mask.rhs);
    if (!mask.lhs)
      return false;
    mask.rhs = mlir::getAffineConstantExpr(0, mask.lhs.getContext());
  }
  for (MaskExpr &child : mask.children)
    if (!rewrite(child))
      return false;
  return true;
}

} // namespace

std::optional<int64_t> countByDistance(const MaskExpr &mask,
                                       const QueryPlane &plane) {
  MaskExpr byDistance = mask;
  if (!rewrite(byDistance))
    return std::nullopt;
  int64_t first = plane.first;
  int64_t end = first + plane.queries;
  int64_t allowed = 0;
  for (int64_t distance = first - plane.keys + 1; distance < end; ++distance) {
    int64_t pairs = std::min(plane.keys, end - distance) -
                    std::max<int64_t>(0, first - distance);
    if (pairs > 0 &&
        byDistance.evaluate(plane.batch, plane.head, distance, /*k=*/0))
      allowed += pairs;
  }
  return allowed;
}

} // namespace attnc
