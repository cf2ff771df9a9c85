//===- AttnAttendOps.td - softmax attention ----------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_ATTEND_OPS_TD
#define ATTN_ATTEND_OPS_TD

include "Attn/AttnOps.td"

def Attn_AttendOp : Attn_SequenceOp<"attend"> {
  let summary = "softmax attention of queries over keys and values";
  let description = [{
    `out[b,h,i] = sum_k softmax_k(s[b,h,i,k]) value[b,h/g,k]` over the keys that
    the mask allows, with `s = score(scale * query[b,h,i] . key[b,h/g,k])` and
    `g` query heads for each key head (Vaswani et al. 2017; grouped-query
    attention, Ainslie et al. 2023).

    | operand | shape | element |
    |---|---|---|
    | `query` | `[batch, heads, query_length, dim]` | f32, f16 or bf16 |
    | `key` | `[batch, kv_heads, kv_length, dim]` | as query |
    | `value` | `[batch, kv_heads, kv_length, value_dim]` | as query |
    | `out` | `[batch, heads, query_length, value_dim]` | as query |
    | `lse` (optional) | `[batch, heads, query_length]` | f32 |

    Batch, heads and lengths may be dynamic; `dim` and `value_dim` are static.
    Row `i` of the query is at position `i + kv_length - query_length`, for the
    mask and the score region alike. `scale` defaults to `1 / sqrt(dim)`.

    The score region computes a new score from the scaled one and the positions:
    `(score: f32, b: index, h: index, q: index, k: index) -> f32`. It may use
    `arith` and `math` ops on scalars, `tensor.dim`, and `tensor.extract` of
    surrounding tensors (tables). An index of a table is `b`, `h`, or a constant
    in bounds; the axis that `b` or `h` indexes has the extent of batch or heads.

    Constraints:
    * C1: query, key and value have rank 4.
    * C2: query, key, value and out have the same element type.
    * C3: the query heads are a multiple of the key heads; key and value heads agree.
    * C4: query and key have the same dim; dim and value_dim are static and positive.
    * C5: batch and kv_length agree wherever both are static.
    * C6: out is `[batch, heads, query_length, value_dim]`.
    * C7: lse is `[batch, heads, query_length]` of f32.
    * C8: the score region takes (f32, index, index, index, index) and yields f32.
    * C9: the score region uses only elementwise ops and table look-ups by b and h.
    * C10: scale is finite.
    * C11: no type has more than 2^40 elements by its static extents.

    Numerical contract: products and sums are accumulated in f32. A row whose
    every key is masked gives `out = 0` and `lse = -inf`, exactly. `lse` is the
    natural logarithm of the sum of exponentials of the scores. NaN propagates.

    ```mlir
    %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) scale 0.125
      : (tensor<?x?x?x64xf16>, tensor<?x?x?x64xf16>, tensor<?x?x?x64xf16>)
      -> tensor<?x?x?x64xf16>
    ```
  }];
  let arguments = (ins Attn_FloatTensor:$query, Attn_FloatTensor:$key,
                       Attn_FloatTensor:$value,
                       OptionalAttr<Attn_MaskAttr>:$mask,
                       OptionalAttr<F64Attr>:$scale);
  let regions = (region MaxSizedRegion<1>:$score);
  let results = (outs Attn_FloatTensor:$out, Optional<Attn_FloatTensor>:$lse);
  let assemblyFormat = [{
    $query `,` $key `,` $value (`mask` `(` qualified($mask)^ `)`)? (`scale` $scale^)?
    (`score` $score^)? attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    /// The scale to apply: `scale`, or 1 / sqrt(dim) where it is absent.
    double getEffectiveScale();
  }];
}

#endif // ATTN_ATTEND_OPS_TD
