//===- AttendMask.h - the mask of an attend op as code ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the carry of `attn.attend` needs of its mask: the tables computed before
// the kernel, the keys that some rows visit, and the predicate of a boundary
// step, each with the numbers that the mask reads at run time.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_ATTNTOTILE_ATTENDMASK_H
#define ATTNC_LIB_CONVERSION_ATTNTOTILE_ATTENDMASK_H

#include "TileBuilder.h"
#include "attnc/Analysis/VisitAnalysis.h"

namespace attnc::attn {

/// Where the rows and keys of a kernel instance are.
struct MaskPlace {
  Value batch, head;
  /// The residue class of a lattice, or null.
  Value residue;
  Value keyLength;
  /// The positions of the rows of a tile, a tile of index; null where they are
  /// consecutive.
  Value rows;

  /// The positions of `count` rows of a tile, the first one at `first`.
  Value getRows(TileBuilder &b, Value first, int64_t count) const {
    return rows ? rows : b.iota(first, count);
  }
};

class AttendMask {
public:
  /// Positions of a lattice are those within a residue class.
  explicit AttendMask(AttendOp op);

  /// Whether the keys seen depend on the head.
  bool dependsOnHead() const;

  /// The cost of one row in strips of each of `lanes` rows; see
  /// Analysis/VisitCost.h. 0 without a mask and for one that is too complex.
  SmallVector<double> estimateRowCosts(ArrayRef<int64_t> lanes,
                                       VisitAnalysis &analysis) const;

  /// Derived tables and summaries of key blocks, in the order of the terms.
  SmallVector<Value> buildTables(OpBuilder &builder) const;

  /// Emits the `tile.visit` ops of `count` rows from position `first` on. Fails
  /// with a diagnostic where the mask is too complex.
  LogicalResult buildVisits(TileBuilder &b, const CarryContext &context,
                            const MaskPlace &place, Value first,
                            Value count) const;

  /// The predicate, as a tile of i1 of `shape`, for rows from `first` and keys
  /// from `key` on.
  Value buildPredicate(TileBuilder &b, const CarryContext &context,
                       const MaskPlace &place, Value first, Value key,
                       ArrayRef<int64_t> shape) const;

private:
  friend class VisitEmitter;
  friend class TermReads;

  AttendOp op;
  Mask mask;
  TermRoles roles;
};

} // namespace attnc::attn

#endif // ATTNC_LIB_CONVERSION_ATTNTOTILE_ATTENDMASK_H
