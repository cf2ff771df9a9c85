//===- TermReads.h - the numbers that a mask reads --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads the terms of an attend op's mask inside its kernel: one number, the
// least and the greatest over some rows or a block of keys, or a tile of them.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_ATTNTOTILE_TERMREADS_H
#define ATTNC_LIB_CONVERSION_ATTNTOTILE_TERMREADS_H

#include "AttendMask.h"

namespace attnc::attn {

class TermReads {
public:
  TermReads(const AttendMask &mask, TileBuilder &b, const CarryContext &context,
            const MaskPlace &place)
      : mask(mask), b(b), context(context), place(place) {}

  /// The value of a term for a query at `q` and a key at `k`; either may be
  /// null if the term does not use it. Before position 0 a query reads as
  /// there.
  Value read(unsigned term, Value q, Value k) const;

  /// The least and the greatest value over `count` rows from `first` on.
  std::pair<Value, Value> readRows(unsigned term, Value first,
                                   Value count) const;

  /// The least and the greatest value in a block of keys.
  std::pair<Value, Value> readBlock(unsigned term, Value block) const;

  /// A tile of `shape` for rows from `first` and keys from `key` on.
  Value readTile(unsigned term, Value first, Value key,
                 ArrayRef<int64_t> shape) const;

private:
  const MaskTerm &getTerm(unsigned term) const {
    return mask.mask.terms.getTerms()[term];
  }
  bool isResidue(unsigned term) const { return place.residue && term == 0; }
  /// The memory of a term's table and the batch, if it has an axis for it.
  Value getMemory(unsigned term) const;
  bool hasBatchAxis(unsigned term, Value memory) const;
  Value clamp(unsigned term, Value value) const;
  Value constantLike(int64_t value, Value like) const;

  const AttendMask &mask;
  TileBuilder &b;
  const CarryContext &context;
  const MaskPlace &place;
};

} // namespace attnc::attn

#endif // ATTNC_LIB_CONVERSION_ATTNTOTILE_TERMREADS_H
