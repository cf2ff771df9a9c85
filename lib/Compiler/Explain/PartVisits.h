//===- PartVisits.h - what one part of a mask visits ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The keys of the strips and tiles of one attend that the compiler made, in the
// user's positions, also where kernels go through residue classes.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_COMPILER_EXPLAIN_PARTVISITS_H
#define ATTNC_LIB_COMPILER_EXPLAIN_PARTVISITS_H

#include "attnc/Compiler/Explain/MaskPicture.h"
#include <memory>

namespace attnc {

class PartVisits {
public:
  PartVisits(const MaskPart &part, const PictureFrame &frame, int64_t stripRows,
             TermValues values)
      : part(part), frame(frame), stripRows(stripRows), values(values) {}

  /// Looks for the keys of all strips, and sets the visited and tested pairs;
  /// false if it costs more than is left of `cost`.
  bool visitStrips(PairCounts &counts, int64_t &cost);

  /// Appends what the tiles of the frame visit to the ranges of each. False as
  /// above, or if the ranges of all tiles are more than `maxRows`. Needs the
  /// strips of a part with a lattice.
  bool addTiles(std::vector<std::vector<KeyRange>> &tiles, int64_t &cost) const;

private:
  using Strips = std::vector<std::vector<KeySegment>>;

  bool visitClass(const QueryPlane &plane, Strips *strips, PairCounts &counts,
                  int64_t count, int64_t &cost) const;
  bool addLatticeTile(int64_t row, int64_t count, std::vector<KeyRange> &tile,
                      int64_t &left) const;

  const MaskPart &part;
  const PictureFrame &frame;
  int64_t stripRows;
  TermValues values;
  /// Of each residue class with keys; those of classes that are alike are the
  /// same.
  std::vector<std::shared_ptr<const Strips>> classes;
};

} // namespace attnc

#endif // ATTNC_LIB_COMPILER_EXPLAIN_PARTVISITS_H
