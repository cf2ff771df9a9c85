//===- AttnAttendOps.td - softmax attention ----------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_ATTEND_OPS_TD
#define ATTN_ATTEND_OPS_TD

include "Attn/AttnCacheOps.td"
include "Attn/AttnOps.td"

// A number or a table of numbers that a mask reads.
def Attn_MaskTable : AnyTypeOf<[Index, RankedTensorOf<[I32, I64]>]>;

// Keys or values: a tensor, or a cache.
def Attn_Stream : AnyTypeOf<[Attn_FloatTensor, Attn_KVType]>;

def Attn_AttendOp : Attn_SequenceOp<"attend", [AttrSizedOperandSegments]> {
  let summary = "softmax attention of queries over keys and values";
  let description = [{
    `out[b,h,i] = sum_k softmax_k(s[b,h,i,k]) value[b,h/g,k]` over the keys that
    the mask allows, with `s = score(scale * query[b,h,i] . key[b,h/g,k])` and
    `g` query heads for each key head (Vaswani et al. 2017; grouped-query
    attention, Ainslie et al. 2023).

    | operand | shape | element |
    |---|---|---|
    | `query` | `[batch, heads, query_length, dim]` | f32, f16 or bf16 |
    | `key` | `[batch, kv_heads, kv_length, dim]`, or a cache of them | as query, or f32 |
    | `value` | `[batch, kv_heads, kv_length, value_dim]`, or a cache | as query, or f32 |
    | `lengths` (optional) | `[batch]`, keys of each sequence | i32 or i64 |
    | `query_lengths` (optional) | `[batch]`, queries of each sequence | i32 or i64 |
    | `tables` (variadic) | an `index`, or one axis per index of the mask's look-up | i32 or i64 |
    | `initial_out` (optional) | as out | f32 |
    | `initial_lse` (with it) | as lse | f32 |
    | `out` | `[batch, heads, query_length, value_dim]` | as query, or f32 |
    | `lse` (optional) | `[batch, heads, query_length]` | f32 |

    Batch, heads and lengths may be dynamic; `dim` and `value_dim` are static.
    Row `i` of the query is at position `i + kv_length - query_length`, for the
    mask and the score region alike. `scale` defaults to `1 / sqrt(dim)`.

    Sequences of different lengths share a batch: with `lengths` the first
    `lengths[b]` keys are those of sequence b, which is its `kv_length`; with
    `query_lengths` the first `query_lengths[b]` queries are, and rows beyond
    give `out = 0` and `lse = -inf`. A number beyond the tensor counts as its
    extent, a negative one as 0. A cache has lengths of its own. Positions in a
    rolling cache are counted from the oldest one it holds, so a mask over one
    depends on distances only.

    A name in the mask that is no position is bound by `tables`: `w` reads a
    number (an `index` value or a tensor of rank 0), `len(b)`, `doc(q)`, `doc(k)`
    read an element. A table of one axis more than the look-up has indices is
    indexed by the batch first. Values beyond +-2^40 are read as +-2^40; a row
    before position 0 (of a query longer than the keys) reads as position 0.

    With `initial_out` and `initial_lse` the result is that of attention over
    the keys that made them and the keys of this op together: the other keys'
    `out` and `lse` are the carry that the fold starts from.

    With `lattice m` a query at position q sees only keys at positions that
    differ from q by a multiple of m, besides what the mask says. Each residue
    class of positions is then a sequence of its own, with dense tiles.

    The score region computes a new score from the scaled one and the positions:
    `(score: f32, b: index, h: index, q: index, k: index) -> f32`. It may use
    `arith` and `math` ops on scalars, `tensor.dim`, and `tensor.extract` of
    surrounding tensors (tables). An index of a table is `b`, `h`, or a constant
    in bounds; the axis that `b` or `h` indexes has the extent of batch or heads.

    The where region is a mask as a program: a query sees the key only where it
    yields true, besides what `mask` says:
    `(b: index, h: index, q: index, k: index) -> i1`. It may use what a score
    region may, and look up tables of integers by `q` and `k`, which read as
    those of `mask` do. As far as its conjuncts are quasi-affine they cost what
    the same mask written as a predicate costs; `attn-raise-masks` has the rules.

    Constraints:
    * C1: query, key and value have rank 4.
    * C2: key, value and out have the element type of query, or f32.
    * C3: the query heads are a multiple of the key heads; key and value heads agree.
    * C4: query and key have the same dim; dim and value_dim are static and positive.
    * C5: batch and kv_length agree wherever both are static.
    * C6: out is `[batch, heads, query_length, value_dim]`.
    * C7: lse is `[batch, heads, query_length]` of f32.
    * C8: the score region takes (f32, index, index, index, index) and yields f32.
    * C9: the score region uses only elementwise ops and table look-ups by b and h.
    * C10: scale is finite.
    * C11: no type has more than 2^40 elements by its static extents.
    * C12: every name that the mask reads is bound once, and no other name is.
    * C13: a table has the axes that the mask's look-ups index, in their extents.
    * C14: initial_out and initial_lse come together, in f32, shaped as out and lse.
    * C15: lattice is from 2 to 2^20, the mask reads no table by q or k, and there are neither lengths nor caches.
    * C16: the where region takes (index, index, index, index) and yields i1.
    * C17: the where region uses only elementwise ops and table look-ups by b, h, q, k.
    * C18: lengths and query_lengths are `[batch]`; a cache comes without lengths.
    * C19: key and value are both tensors, or caches of one layout, table and lengths.
    * C20: with lengths no pattern of the mask computes a table from kv_length.
    * C21: over a paged cache no table is read by q or k; over a rolling one the mask depends on distances only.

    Numerical contract: products and sums are accumulated in f32. A row whose
    every key is masked gives `out = 0` and `lse = -inf`, exactly. `lse` is the
    natural logarithm of the sum of exponentials of the scores. NaN propagates.

    ```mlir
    %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) scale 0.125
      : (tensor<?x?x?x64xf16>, tensor<?x?x?x64xf16>, tensor<?x?x?x64xf16>)
      -> tensor<?x?x?x64xf16>
    %p = attn.attend %q, %k, %v where {
    ^bb0(%b: index, %h: index, %i: index, %j: index):
      %past = arith.cmpi sle, %j, %i : index
      attn.yield %past : i1
    } : (tensor<?x?x?x64xf16>, tensor<?x?x?x64xf16>, tensor<?x?x?x64xf16>)
      -> tensor<?x?x?x64xf16>
    ```
  }];
  let arguments = (ins Attn_FloatTensor:$query, Attn_Stream:$key,
                       Attn_Stream:$value, Optional<Attn_Lengths>:$lengths,
                       Optional<Attn_Lengths>:$query_lengths,
                       Variadic<Attn_MaskTable>:$tables,
                       Optional<Attn_FloatTensor>:$initial_out,
                       Optional<Attn_FloatTensor>:$initial_lse,
                       OptionalAttr<Attn_MaskAttr>:$mask,
                       OptionalAttr<StrArrayAttr>:$table_names,
                       OptionalAttr<I64Attr>:$lattice,
                       OptionalAttr<F64Attr>:$scale);
  let regions = (region MaxSizedRegion<1>:$score, MaxSizedRegion<1>:$where);
  let results = (outs Attn_FloatTensor:$out, Optional<Attn_FloatTensor>:$lse);
  let assemblyFormat = [{
    $query `,` $key `,` $value (`lengths` `(` $lengths^ `)`)?
    (`query_lengths` `(` $query_lengths^ `)`)? (`mask` `(` qualified($mask)^ `)`)?
    (`tables` `(` custom<Tables>($tables, $table_names)^ `)`)? (`lattice` $lattice^)?
    (`init` `(` $initial_out^ `,` $initial_lse `)`)? (`scale` $scale^)?
    (`where` $where^)? (`score` $score^)? attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    /// The scale to apply: `scale`, or 1 / sqrt(dim) where it is absent.
    double getEffectiveScale();
    /// The operand bound to the name of a table, or null.
    ::mlir::Value getTable(::llvm::StringRef name);
    /// `mask` with the terms it reads, or everything: without the where region.
    ::attnc::Mask getEffectiveMask();
  }];
}

#endif // ATTN_ATTEND_OPS_TD
