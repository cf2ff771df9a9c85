//===- Carry.h - fold and combine -------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A sequence operator is a fold of key/value tiles into a carried state that
// has an associative combine. Everything the compiler does with softmax
// attention, linear attention, RetNet or an SSM follows from that one sentence.
//
// The worked example is softmax over the scores of one query row. Its carry is
// (m, l, o): the largest score seen, the sum of exp(s - m), and the sum of
// exp(s - m) v. Absorbing a tile of keys with scores s and values v:
//
//     m' = max(m, max s)         l' = l e^(m-m') + sum e^(s-m')
//                                o' = o e^(m-m') + sum e^(s-m') v
//
// and merging two carries that saw different keys:
//
//     m = max(m1, m2)            l = l1 e^(m1-m) + l2 e^(m2-m)     (same for o)
//
//        keys   |----- a -----|----- b -----|----- c -----|
//        fold    init -> step -> step -> step -> finish
//        split   init -> step -.
//                               combine -> finish     (a | b c)
//                init -> step -> step -'
//
// Any cut of the keys gives the same result up to rounding. Hence, for every
// operator and target: split-K decoding, chunked prefill (keep the carry), a
// shared prefix computed once (cascade), a parallel scan over cores, ring
// attention over devices.
//
// Six instances:
//
//   operator                carry   step                     combine
//   softmax attention       m, l, o above                    above
//   linear attention        S       S + k^T v                S1 + S2
//   RetNet, SSD, GLA        S, A    a S + k^T v              A2 S1 + S2
//   delta rule              S, M    (1 - b k k^T) S + b k v  M2 S1 + S2
//   Mamba-1 scan            h, A    exp(D A) h + D B x       A2 h1 + h2
//   S4, time-invariant      h       Abar h + Bbar x          Abar^n h1 + h2
//
// Why a fold with a combine, and not a loop body with hooks: hooks say where
// code goes, a monoid says which programs are equal. The compiler may reorder,
// split and share exactly because combine is associative and init is its
// identity; a test can check those two laws without knowing the operator.
//
// The *independent axis* of a component is the other half. Softmax treats query
// rows independently; S = sum k^T v treats value columns independently. A
// target cuts the fold along it without asking what the operator is: strips of
// vector registers on a core, warpgroups on a GPU.
//
// What it cannot express: an operator whose step depends on the whole sequence
// at once (top-k over all keys, routing that looks ahead), or whose state grows
// with the number of keys. A scan that emits an output per step is a fold only
// along ascending keys: its outputs need the carry of all earlier keys, so
// merging two such folds needs the second one's outputs corrected as well;
// `buildCombine` says so.
//
// Sources: Milakov and Gimelshein 2018 (online softmax); Dao 2023,
// FlashAttention-2, section 3.1; Katharopoulos et al. 2020, section 3.3; Dao
// and Gu 2024 (SSD), section 6; Blelloch 1990 (scans).
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_DIALECT_ATTN_IR_CARRY_H
#define ATTNC_DIALECT_ATTN_IR_CARRY_H

#include "attnc/Support/LLVM.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"
#include <map>

namespace attnc {
class VisitAnalysis;
} // namespace attnc

namespace attnc::attn {

class ScheduleAttr;
enum class Products : uint32_t;

/// The size of a fold's tiles, in f32 elements.
struct CarryFootprint {
  /// Whether the independent axis is made of query rows, of which a kernel
  /// instance takes a tile; if not, it is given by `independentSize`.
  bool hasRows = false;
  int64_t independentSize = 1;
  /// Per row: what stays fixed during the fold, and what is carried.
  int64_t stationaryPerRow = 0, carriedPerRow = 0;
  /// Per key: what a step reads.
  int64_t readPerKey = 0;
  /// The bits of the widest number that a step reads per key, where it is
  /// stored.
  unsigned storedBits = 32;
  /// The keys that a step can absorb, at most; 0 if as many as one likes.
  int64_t mostKeys = 0;
  /// Whether the op gives its carry back, so that it may be called for a few
  /// keys at a time; and it can absorb them one by one.
  bool isResumable = false;
  /// Whether the heads of a group, which read the same keys, differ in their
  /// queries only: neither the keys they see nor how scores are formed depends
  /// on the head.
  bool hasLikeHeads = false;
  /// The type of 16 bits that queries, keys, values and the output have, if
  /// they have one. Then what a product of the step multiplies may be rounded
  /// to it: the output is no better.
  std::optional<Products> narrow;
  /// Whether what a step reads is no number of that type in memory, so that it
  /// is made one on the way to where it is multiplied.
  bool isConverted = false;
  /// For a carry with rows: the rows of a head and the heads of a group, as far
  /// as they are known when compiling.
  std::optional<int64_t> rowsOfHead, headsOfGroup;
};

/// How one kernel of an op is built, from its ScheduleAttr, DecodeAttr or
/// RecurrentAttr.
struct KernelPlan {
  /// Tile sizes: `queryTile` rows, `keyTile` keys.
  int64_t queryTile = 1, keyTile = 1;
  /// Elements of the independent axis worked on together.
  int64_t lanes = 1;
  /// What products are of, if that is no f32.
  std::optional<Products> narrow;
  /// Too few rows to fill vectors: no axis of the carry is cut in strips.
  bool hasFewRows = false;
  /// Few steps are folded, for a sequence that has a state: moving that is most
  /// of the work.
  bool hasFewSteps = false;
  /// The rows of a tile are those of all heads of a group, head by head.
  bool packsHeads = false;
  /// Keys of one kernel instance; 0 if it folds all of them.
  int64_t keysPerSplit = 0;
};

/// The memory of a cache that an operand is read from; null for what its type
/// has not.
struct CacheMemory {
  KVType type;
  Value data, table, lengths, scales, zeros;
};

/// What a carry's build methods are given. The generic driver fills the first
/// block; `buildPrologue` fills the second, later methods read both.
struct CarryContext : KernelPlan {
  CarryContext(OpBuilder &builder, Location loc, const KernelPlan &plan,
               VisitAnalysis &visits)
      : KernelPlan(plan), builder(builder), loc(loc), visits(visits) {}

  OpBuilder &builder;
  Location loc;
  /// What is known of the masks of the function.
  VisitAnalysis &visits;
  /// Indices of this kernel instance, one per extent of `buildGrid`.
  SmallVector<Value> grid;
  /// Memory of the op's operands, in operand order; an operand that is no
  /// tensor is itself.
  SmallVector<Value> inputs;
  /// Of operands that are read from a cache, by their number; `inputs` has the
  /// data.
  std::map<unsigned, CacheMemory> caches;
  /// Memory of the tensors of `buildTables`.
  SmallVector<Value> prepared;
  /// Memory of the op's results, in result order; none in a kernel that leaves
  /// its carry to another one.
  SmallVector<Value> outputs;
  /// Memory of the tensors that the op's regions read from outside.
  IRMapping tables;
  /// Whether the fold being built is the first of the splits: the one that goes
  /// on from a carry that the op was given.
  bool isFirstFold = true;

  /// The number of rows of this instance.
  Value count;
  /// The rows are at `positions` consecutive positions from `first` on, which
  /// `buildKeyRanges` is asked about. As many as rows, unless heads are packed.
  Value first, positions;
  /// The length of the key axis.
  Value keyLength;
  /// Tiles and scalars that stay fixed during the fold.
  SmallVector<Value> stationary;
};

} // namespace attnc::attn

#endif // ATTNC_DIALECT_ATTN_IR_CARRY_H
