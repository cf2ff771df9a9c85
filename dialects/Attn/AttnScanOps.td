//===- AttnScanOps.td - recurrences with a matrix state ----*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_SCAN_OPS_TD
#define ATTN_SCAN_OPS_TD

include "Attn/AttnOps.td"

def Attn_ScanOp : Attn_SequenceOp<"scan", [
    AttrSizedOperandSegments, AttrSizedResultSegments]> {
  let summary = "a linear recurrence along the sequence";
  let description = [{
    `S[t] = a[t] S[t-1] + f(key[t]) value[t]^T`,
    `out[t] = f(query[t]) S[t]`, for each batch and head, with `S[-1]` the
    initial state or zero. With `normalize`, additionally
    `z[t] = a[t] z[t-1] + f(key[t])` and `out[t]` is divided by
    `f(query[t]) . z[t]`.

    | transition | a[t] | model |
    |---|---|---|
    | `identity` | 1 | linear attention (Katharopoulos et al. 2020) |
    | `scalar` | exp(decay(b, h, t)) | RetNet (Sun et al. 2023), Mamba-2 SSD (Dao and Gu 2024) |

    | operand | shape | element |
    |---|---|---|
    | `query`, `key` | `[batch, heads, length, dim]` | f32, f16 or bf16 |
    | `value`, `out` | `[batch, heads, length, value_dim]` | as query |
    | `initial_state`, `final_state` | `[batch, heads, dim, value_dim]` | f32 |
    | `initial_normalizer`, `final_normalizer` | `[batch, heads, dim]` | f32 |

    The decay region `(b: index, h: index, t: index) -> f32` gives the natural
    logarithm of `a[t]`. The feature region `(x: f32) -> f32` is `f`; without it
    `f` is the identity. Both may use `arith` and `math` ops on scalars,
    `tensor.dim`, and `tensor.extract` of surrounding tensors (tables). An index
    of a table is `b`, `h`, `t` (the last index, of an f32 table), or a constant
    in bounds; the axis that a position indexes has the extent of batch, heads or
    length.

    Constraints:
    * C1: query, key and value have rank 4.
    * C2: query, key, value and out have the same element type.
    * C3: batch, heads and length of query, key and value agree wherever static.
    * C4: query and key have the same dim; dim and value_dim are static and positive.
    * C5: out has the type of value.
    * C6: a state is `[batch, heads, dim, value_dim]` of f32.
    * C7: a normalizer is `[batch, heads, dim]` of f32 and needs `normalize`.
    * C8: a decay region is present exactly when the transition is scalar.
    * C9: the decay region takes (index, index, index), the feature region (f32); both yield f32.
    * C10: the regions use only elementwise ops and table look-ups.
    * C11: no type has more than 2^40 elements by its static extents.

    Numerical contract: state and products are kept in f32, decay in f32
    logarithms. A division by a zero normalizer follows IEEE 754.

    ```mlir
    %o, %s = attn.scan %q, %k, %v transition scalar decay {
    ^bb0(%b: index, %h: index, %t: index):
      %g = tensor.extract %log_decay[%b, %h, %t] : tensor<?x?x?xf32>
      attn.yield %g : f32
    } : tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>
      -> tensor<?x?x?x64xf32> final_state tensor<?x?x64x64xf32>
    ```
  }];
  let arguments = (ins Attn_FloatTensor:$query, Attn_FloatTensor:$key,
                       Attn_FloatTensor:$value,
                       Optional<Attn_FloatTensor>:$initial_state,
                       Optional<Attn_FloatTensor>:$initial_normalizer,
                       Attn_Transition:$transition, UnitAttr:$normalize);
  let regions = (region MaxSizedRegion<1>:$decay, MaxSizedRegion<1>:$feature);
  let results = (outs Attn_FloatTensor:$out,
                      Optional<Attn_FloatTensor>:$final_state,
                      Optional<Attn_FloatTensor>:$final_normalizer);
  let assemblyFormat = [{
    $query `,` $key `,` $value `transition` $transition
    (`normalize` $normalize^)?
    (`initial_state` `(` $initial_state^ `:` type($initial_state) `)`)?
    (`initial_normalizer` `(` $initial_normalizer^ `:`
      type($initial_normalizer) `)`)?
    (`decay` $decay^)? (`feature` $feature^)? attr-dict
    `:` type($query) `,` type($key) `,` type($value) `->` type($out)
    (`final_state` type($final_state)^)?
    (`final_normalizer` type($final_normalizer)^)?
  }];
}

#endif // ATTN_SCAN_OPS_TD
