//===- ChunkDecay.h - decay within a chunk of positions ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A step of a scan absorbs a chunk of positions with matrix products (the
// chunked form: Yang et al. 2023, section 3; Dao and Gu 2024, section 6). What
// it needs of the decay a[t] are four products of it, of elements of the
// state's rows:
//
//     pairs    lhs[i] . (a[j+1] ... a[i] rhs[j]) for j <= i
//     before   a[0] ... a[i] rows[i]: what a row sees of the state before
//     after    a[i+1] ... a[last] rows[i]: what is left of a row at the end
//     state    a[0] ... a[last] S
//
// None of them divides by a product of decays, so that none overflows: decays
// are at most 1 in the models, and may be as strong as they like.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_ATTNTOTILE_CHUNKDECAY_H
#define ATTNC_LIB_CONVERSION_ATTNTOTILE_CHUNKDECAY_H

#include "TileBuilder.h"

namespace attnc::attn {

/// No decay: all products are 1. The other forms derive from it.
class ChunkDecay {
public:
  ChunkDecay(TileBuilder &b, int64_t chunk, int64_t dim, Value count)
      : b(b), chunk(chunk), dim(dim), count(count) {}
  virtual ~ChunkDecay() = default;

  /// Tiles of a row for each position are `[chunk, dim]`, the result is
  /// `[chunk, chunk]`. It is unspecified where j > i.
  virtual Value pairs(Value lhs, Value rhs);
  virtual Value before(Value rows) { return rows; }
  virtual Value after(Value rows) { return rows; }
  /// A tile whose rows are those of the state.
  virtual Value state(Value state) { return state; }

protected:
  TileBuilder &b;
  int64_t chunk, dim;
  Value count;
};

/// One decay at each position, given as its logarithm to the base 2: a tile of
/// rank 1, or null if there is no decay. Or one for each row of the state, a
/// tile of rank 2.
std::unique_ptr<ChunkDecay> makeChunkDecay(TileBuilder &b, int64_t chunk,
                                           int64_t dim, Value count,
                                           Value logarithms);

} // namespace attnc::attn

#endif // ATTNC_LIB_CONVERSION_ATTNTOTILE_CHUNKDECAY_H
