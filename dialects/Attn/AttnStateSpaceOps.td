//===- AttnStateSpaceOps.td - time-invariant recurrences ---*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_STATE_SPACE_OPS_TD
#define ATTN_STATE_SPACE_OPS_TD

include "Attn/AttnOps.td"

def Attn_F32Tensor : RankedTensorOf<[F32]>;

def Attn_StateSpaceOp : Attn_SequenceOp<"state_space", [
    AttrSizedOperandSegments, AllTypesMatch<["a", "b", "c"]>]> {
  let summary = "a complex state of each channel, the same at all positions";
  let description = [{
    For each batch, head and element d of its dim, which is a channel, a state h
    of `state` complex numbers:

    `h[t] = (diag(A) - P Q^*) h[t-1] + B value[t]`,
    `out[t] = o(2 Re(C . h[t]))`, with `h[-1]` the initial state or zero.

    Each number stands for itself and for its conjugate, as the eigenvalues of a
    real matrix do: every sum over the state, `Q^* h` as well as `C . h`, is of
    both, hence real and twice the real part of the sum over the numbers that
    are here. `Q^* h` is the sum of `conj(Q) h`. Without `low_rank` P and Q are
    zero, and the matrix is diagonal.

    A, B, C, P and Q are a, b, c and `low_rank`, of a recurrence in steps of one
    position. With a `discretization` a, b and `low_rank` are instead of
    `dh/dt = (diag(a) - p q^*) h + b value` in continuous time, and positions
    are `step` apart (dt):

    | discretization | A | B | P | Q |
    |---|---|---|---|---|
    | `zoh` | `exp(dt a)` | `(exp(dt a) - 1) / a b` | | |
    | `bilinear` | `(2/dt + a) D` | `2 (D b - P (q^* D b))` | `D p / (1 + q^* D p)` | `4/dt conj(D) q` |

    with `D = 1 / (2/dt - a)`, which is `(1 - dt/2 M)^-1 (1 + dt/2 M)` and
    `(1 - dt/2 M)^-1 dt b` for the matrix `M = diag(a) - p q^*`.

    These are S4 (Gu, Goel and Re 2022; `low_rank`, `bilinear`), S4D (Gu, Gupta,
    Goel and Re 2022) and DSS (Gupta et al. 2022).

    | operand | shape | element |
    |---|---|---|
    | `value`, `out` | `[batch, heads, length, dim]` | f32, f16 or bf16 |
    | `a`, `b`, `c`, both of `low_rank` | `[heads, 2, state, dim]`, real then imaginary parts | f32 |
    | `step` | `[heads, dim]` | f32 |
    | `initial_state`, `final_state` | `[batch, heads, 2, state, dim]` | f32 |

    The output region `(b: index, h: index, t: index, d: index, y: f32) -> f32`
    is `o`: a skip connection, an activation, a gate. Without it `o` is the
    identity. Its rules are those of the region of the same name of `attn.scan`.

    Constraints:
    * C1: value and out have rank 4 and one type.
    * C2: a, b, c and both of low_rank have one type, `[heads, 2, state, dim]`.
    * C3: state and dim are static and positive; heads and dim are those of value.
    * C4: low_rank has no operands, or two, p and q.
    * C5: step is `[heads, dim]` of f32, and is there exactly if there is a discretization.
    * C6: zoh is not with low_rank.
    * C7: a state is `[batch, heads, 2, state, dim]` of f32.
    * C8: the output region takes (index, index, index, index, f32) and yields f32.
    * C9: the output region uses only elementwise ops and table look-ups.
    * C10: no type has more than 2^40 elements by its static extents.

    Numerical contract: all is in f32. A step of zero keeps the state. Whether
    the recurrence is stable is not looked at.

    ```mlir
    %y, %h = attn.state_space %x, %a, %b, %c low_rank(%p, %q : tensor<?x2x32x64xf32>, tensor<?x2x32x64xf32>)
      step(%dt : tensor<?x64xf32>) discretization bilinear
      : tensor<?x?x?x64xf32>, tensor<?x2x32x64xf32>
      -> tensor<?x?x?x64xf32> final_state tensor<?x?x2x32x64xf32>
    ```
  }];
  let arguments = (ins Attn_FloatTensor:$value, Attn_F32Tensor:$a,
                       Attn_F32Tensor:$b, Attn_F32Tensor:$c,
                       Variadic<Attn_F32Tensor>:$low_rank,
                       Optional<Attn_F32Tensor>:$step,
                       Optional<Attn_F32Tensor>:$initial_state,
                       OptionalAttr<Attn_Discretization>:$discretization);
  let regions = (region MaxSizedRegion<1>:$output);
  let results = (outs Attn_FloatTensor:$out,
                      Optional<Attn_F32Tensor>:$final_state);
  let assemblyFormat = [{
    $value `,` $a `,` $b `,` $c
    (`low_rank` `(` $low_rank^ `:` type($low_rank) `)`)?
    (`step` `(` $step^ `:` type($step) `)`)?
    (`discretization` $discretization^)?
    (`initial_state` `(` $initial_state^ `:` type($initial_state) `)`)?
    (`output` $output^)? attr-dict
    `:` type($value) `,` type($a) `->` type($out)
    (`final_state` type($final_state)^)?
  }];
  let extraClassDeclaration = [{
    /// Complex numbers of a channel's state.
    int64_t getStateSize() { return getA().getType().getShape()[2]; }
    bool hasLowRank() { return !getLowRank().empty(); }
  }];
}

#endif // ATTN_STATE_SPACE_OPS_TD
