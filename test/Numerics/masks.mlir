// DEFINE: %{run} = attnc run %t.mlir --random --seed 21 --check --repeat 4
// DEFINE: %{mask} = causal
// DEFINE: %{check} = sed 's/MASK/%{mask}/' %s > %t.mlir && %{run}
//
// Each shape of a mask: the ranges that are visited, the guard at their ends, and
// rows that see nothing, whose output is 0 and whose log-sum-exp is -inf. Extents
// are drawn: more keys than queries and fewer.

// RUN: %{check}

// A window to one side, to both, and what is outside of one.
// REDEFINE: %{mask} = window<5, 0>
// RUN: %{check}
// REDEFINE: %{mask} = window<3, 7>
// RUN: %{check}
// REDEFINE: %{mask} = not window<2, 2>
// RUN: %{check}

// The strict upper triangle: the last row sees nothing.
// REDEFINE: %{mask} = not causal
// RUN: %{check}

// Two pieces, which overlap in the first rows.
// REDEFINE: %{mask} = window<8, 0> or "k < 4"
// RUN: %{check}
// REDEFINE: %{mask} = causal and (window<8, 0> or "k < 4")
// RUN: %{check}

// Pieces in an order that differs from row to row, and more than two.
// REDEFINE: %{mask} = "k == 20" or window<4, 0> or "k == 3"
// RUN: %{check}

// Blocks along the diagonal, alone and with another mask.
// REDEFINE: %{mask} = "q floordiv 8 == k floordiv 8"
// RUN: %{check}
// REDEFINE: %{mask} = "q floordiv 8 == k floordiv 8" and causal
// RUN: %{check}

// Every third key, relative and absolute: ranges are supersets, the guard counts.
// REDEFINE: %{mask} = "(q - k) mod 3 == 0"
// RUN: %{check}
// REDEFINE: %{mask} = causal and "k mod 5 == 0"
// RUN: %{check}

// Whole rows that see nothing.
// REDEFINE: %{mask} = "k < 0"
// RUN: %{check}
// REDEFINE: %{mask} = "q mod 2 == 0"
// RUN: %{check}

// Other slopes than the diagonal's.
// REDEFINE: %{mask} = "k * 2 <= q"
// RUN: %{check}

// Another mask for each head and for each batch.
// REDEFINE: %{mask} = "k <= q + h"
// RUN: %{check}
// REDEFINE: %{mask} = "k <= q - 2 * h"
// RUN: %{check}
// REDEFINE: %{mask} = "k <= q + b"
// RUN: %{check}
// REDEFINE: %{mask} = window<6, 0> and "h == 0" or "h != 0"
// RUN: %{check}

!t = tensor<?x?x?x16xf32>
!l = tensor<?x?x?xf32>
func.func @f(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<MASK>)
    : (!t, !t, !t) -> (!t, !l)
  return %o, %lse : !t, !l
}
