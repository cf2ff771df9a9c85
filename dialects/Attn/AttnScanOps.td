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
    `S[t] = a[t] S[t-1] + f(key[t]) w(value[t])^T`,
    `out[t] = o(f(query[t]) S[t])`, for each batch and head, with `S[-1]` the
    initial state or zero. With `normalize`, additionally
    `z[t] = a[t] z[t-1] + f(key[t])` and what `o` is given is divided by
    `f(query[t]) . z[t]`. With `reverse`, `t-1` is the position behind `t`, and
    the recurrence begins at the end.

    | transition | S[t] | model |
    |---|---|---|
    | `identity` | a = 1 | linear attention (Katharopoulos et al. 2020) |
    | `scalar` | a = exp(decay(b, h, t)) | RetNet (Sun et al. 2023), Mamba-2 SSD (Dao and Gu 2024) |
    | `diagonal` | row e of S times exp(decay(b, h, t, e)) | GLA (Yang et al. 2023), RWKV-6 (Peng et al. 2024) |
    | `diagonal` | element (e, d) times exp(decay(b, h, t, e, d)) | Mamba (Gu and Dao 2023) |
    | `delta` | `P + beta(b, h, t) f(key[t]) (w(value[t]) - P^T f(key[t]))^T`, `P = a[t] S[t-1]` | DeltaNet (Yang et al. 2024a), gated DeltaNet (Yang et al. 2024b), KDA (Kimi Team 2025) |

    A head of query and key serves as many heads of value as there are more of
    those: head h of value has head `h floordiv (heads / key_heads)`.

    Without `starts` each batch is one sequence. With `starts` there is one
    batch of several: sequence s is at positions `starts[s]` to `starts[s+1] - 1`,
    the last one to the end, and each has a state of its own, so that states have
    `sequences` in the place of `batch`. The first one starts at 0 whatever
    `starts[0]` is; a start before its predecessor's, or behind the end, counts
    as the nearest one that is not. No `starts` at all are one sequence, which has
    no state.

    | operand | shape | element |
    |---|---|---|
    | `query`, `key` | `[batch, key_heads, length, dim]` | f32, f16 or bf16 |
    | `value`, `out` | `[batch, heads, length, value_dim]` | as query |
    | `starts` | `[sequences]` | i32 or i64 |
    | `initial_state`, `final_state` | `[batch, heads, dim, value_dim]` | f32 |
    | `initial_normalizer`, `final_normalizer` | `[batch, heads, dim]` | f32 |

    | region | arguments | yields |
    |---|---|---|
    | `decay` | `b`, `h`, `t`, then `e`, then `d`, as above | the natural logarithm of `a[t]` |
    | `beta` | `b`, `h`, `t` | how much of the difference is written |
    | `feature` | an element of query or key | `f`; without it the identity |
    | `write` | `b`, `h`, `t`, `d`, an element of value | `w`; without it the identity |
    | `output` | `b`, `h`, `t`, `d`, an element of out | `o`; without it the identity |

    Positions are of type index, elements f32, and f32 is yielded; `h` is a head
    of value. Regions may use `arith` and `math` ops on scalars, `tensor.dim`,
    and `tensor.extract` of surrounding tensors (tables). An index of a table is
    a position or a constant in bounds; the axis that a position indexes has the
    extent of batch, heads, length, dim or value_dim. Positions that differ
    within a tile, which are `t`, `e` and `d` (only `e` and `d` where the decay
    has both), are the last indices, at most two and each once, of a table of
    f32, or of f16 or bf16 whose elements are extended by `arith.extf`.

    Constraints:
    * C1: query, key and value have rank 4.
    * C2: query, key, value and out have the same element type.
    * C3: batch and length of query, key and value agree wherever static, heads of query and key too; they divide the heads of value.
    * C4: query and key have the same dim; dim and value_dim are static and positive.
    * C5: out has the type of value.
    * C6: a state is `[batch, heads, dim, value_dim]` of f32.
    * C7: a normalizer is `[batch, heads, dim]` of f32 and needs `normalize`.
    * C8: a decay region is present with scalar and diagonal, may be with delta, and is not with identity.
    * C9: the regions take the arguments and yield the type of the table.
    * C10: the regions use only elementwise ops and table look-ups.
    * C11: no type has more than 2^40 elements by its static extents.
    * C12: a beta region is present exactly when the transition is delta.
    * C13: normalize is not with delta, and not with a decay of each element.
    * C14: starts has rank 1; with starts, batch is 1 in the types.

    Numerical contract: state and products are kept in f32, decay in f32
    logarithms. A division by a zero normalizer follows IEEE 754. A decay of
    minus infinity forgets.

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
                       Optional<RankedTensorOf<[I32, I64]>>:$starts,
                       Optional<Attn_FloatTensor>:$initial_state,
                       Optional<Attn_FloatTensor>:$initial_normalizer,
                       Attn_Transition:$transition, UnitAttr:$normalize,
                       UnitAttr:$reverse);
  let regions = (region MaxSizedRegion<1>:$decay, MaxSizedRegion<1>:$beta,
                        MaxSizedRegion<1>:$feature, MaxSizedRegion<1>:$write,
                        MaxSizedRegion<1>:$output);
  let results = (outs Attn_FloatTensor:$out,
                      Optional<Attn_FloatTensor>:$final_state,
                      Optional<Attn_FloatTensor>:$final_normalizer);
  let assemblyFormat = [{
    $query `,` $key `,` $value `transition` $transition
    (`normalize` $normalize^)? (`reverse` $reverse^)?
    (`starts` `(` $starts^ `:` type($starts) `)`)?
    (`initial_state` `(` $initial_state^ `:` type($initial_state) `)`)?
    (`initial_normalizer` `(` $initial_normalizer^ `:`
      type($initial_normalizer) `)`)?
    (`decay` $decay^)? (`beta` $beta^)? (`feature` $feature^)?
    (`write` $write^)? (`output` $output^)? attr-dict
    `:` type($query) `,` type($key) `,` type($value) `->` type($out)
    (`final_state` type($final_state)^)?
    (`final_normalizer` type($final_normalizer)^)?
  }];
  let extraClassDeclaration = [{
    /// What differs in its decay at one position: nothing, or there is none (0),
    /// the rows of the state (1), or all its elements (2).
    int64_t getDecayRank() {
      if (getDecay().empty())
        return 0;
      int64_t positions = getDecay().getNumArguments();
      return positions > 3 ? positions - 3 : 0;
    }
  }];
}

#endif // ATTN_SCAN_OPS_TD
