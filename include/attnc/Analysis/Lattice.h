//===- Lattice.h - the residue classes of a mask ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Finds the parts of a mask in which a query sees only keys at a multiple of
// some distance, as in dilated, strided and axial attention. Within a residue
// class of positions such a part is dense.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_ANALYSIS_LATTICE_H
#define ATTNC_ANALYSIS_LATTICE_H

#include "attnc/Analysis/MaskExpr.h"
#include <vector>

namespace attnc {

/// Some alternatives of a mask, which all have q - k a multiple of `modulus`.
struct LatticePart {
  /// 1 for a part without a lattice.
  int64_t modulus = 1;
  MaskExpr predicate;
};

/// Splits the mask into one part per modulus, the one without a lattice first.
/// Together the parts are the mask; they may overlap. A mask of which nothing
/// is known to be a lattice, or with too many alternatives, is one part.
std::vector<LatticePart> splitLattices(const Mask &mask, MLIRContext *context);

/// Takes from each part the pairs of those before it, so that none overlap.
std::vector<LatticePart> excludeEarlier(std::vector<LatticePart> parts);

} // namespace attnc

#endif // ATTNC_ANALYSIS_LATTICE_H
