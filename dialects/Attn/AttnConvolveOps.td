//===- AttnConvolveOps.td - short convolutions -------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_CONVOLVE_OPS_TD
#define ATTN_CONVOLVE_OPS_TD

include "Attn/AttnOps.td"

def Attn_ConvolveOp : Attn_SequenceOp<"convolve"> {
  let summary = "a short causal convolution of each channel along the sequence";
  let description = [{
    `out[t,d] = o(sum_j weight[d,j] value[t - taps + 1 + j, d])`, for each batch
    and head: the last tap is that of the position itself. Positions before the
    first one are those of the initial state, the last row of which is the
    latest, or zero; the final state has the last `taps - 1` positions, those of
    the initial state included where there are fewer.

    This is the convolution in front of the scan of Mamba (Gu and Dao 2023),
    Mamba-2 and gated DeltaNet.

    | operand | shape | element |
    |---|---|---|
    | `value`, `out` | `[batch, heads, length, dim]` | f32, f16 or bf16 |
    | `weight` | `[heads, dim, taps]` | f32, f16 or bf16 |
    | `initial_state`, `final_state` | `[batch, heads, taps - 1, dim]` | as value |

    The output region `(b: index, h: index, t: index, d: index, y: f32) -> f32`
    is `o`: a bias, an activation. Without it `o` is the identity. Its rules are
    those of the region of the same name of `attn.scan`.

    Constraints:
    * C1: value and out have rank 4 and one type.
    * C2: weight is `[heads, dim, taps]`, with 2 to 16 taps.
    * C3: dim and taps are static and positive.
    * C4: a state is `[batch, heads, taps - 1, dim]`, of the element type of value.
    * C5: the output region takes (index, index, index, index, f32) and yields f32.
    * C6: the output region uses only elementwise ops and table look-ups.
    * C7: no type has more than 2^40 elements by its static extents.

    Numerical contract: sums are in f32, from the earliest position to the
    latest.

    ```mlir
    %y, %next = attn.convolve %x, %weight initial_state(%state : tensor<?x?x3x64xf32>)
      : tensor<?x?x?x64xf32>, tensor<?x64x4xf32>
      -> tensor<?x?x?x64xf32> final_state tensor<?x?x3x64xf32>
    ```
  }];
  let arguments = (ins Attn_FloatTensor:$value, Attn_FloatTensor:$weight,
                       Optional<Attn_FloatTensor>:$initial_state);
  let regions = (region MaxSizedRegion<1>:$output);
  let results = (outs Attn_FloatTensor:$out,
                      Optional<Attn_FloatTensor>:$final_state);
  let assemblyFormat = [{
    $value `,` $weight
    (`initial_state` `(` $initial_state^ `:` type($initial_state) `)`)?
    (`output` $output^)? attr-dict
    `:` type($value) `,` type($weight) `->` type($out)
    (`final_state` type($final_state)^)?
  }];
  let extraClassDeclaration = [{
    int64_t getTaps() { return getWeight().getType().getShape()[2]; }
  }];
}

#endif // ATTN_CONVOLVE_OPS_TD
