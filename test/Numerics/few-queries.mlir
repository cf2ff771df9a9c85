// DEFINE: %{rows} = 1
// DEFINE: %{heads} = 1
// DEFINE: %{type} = f32
// DEFINE: %{mask} = causal
// DEFINE: %{target} = cpu
// DEFINE: %{check} = sed 's/ROWS/%{rows}/; s/HEADS/%{heads}/; s/TYPE/%{type}/; s/MASK/%{mask}/' %s | attnc run - --target=%{target} --random --seed 100 --check --repeat 60
//
// Few queries, against keys of any number: 1 to 16 of them, 1 to 16 heads that read
// the same keys; one row, whole blocks of four and what is left of them, several
// tiles of rows. Neither dim is a multiple of a vector.

// RUN: %{check}
// REDEFINE: %{heads} = 2
// REDEFINE: %{type} = f16
// RUN: %{check}
// REDEFINE: %{heads} = 3
// REDEFINE: %{type} = bf16
// RUN: %{check}
// REDEFINE: %{heads} = 8
// RUN: %{check}
// REDEFINE: %{heads} = 16
// REDEFINE: %{rows} = 3
// REDEFINE: %{mask} = window<9, 0> or "k < 3"
// RUN: %{check}
// REDEFINE: %{heads} = 1
// REDEFINE: %{rows} = 5
// RUN: %{check}
// REDEFINE: %{heads} = 5
// REDEFINE: %{rows} = 16
// REDEFINE: %{type} = f32
// RUN: %{check}
// REDEFINE: %{heads} = 4
// REDEFINE: %{rows} = 7
// REDEFINE: %{mask} = "k <= q + h"
// RUN: %{check}
// REDEFINE: %{target} = cpu:x86-64-v3
// RUN: %{check}
// REDEFINE: %{mask} = dilated<9, 4>
// RUN: %{check}

!q = tensor<?xHEADSxROWSx43xTYPE>
!k = tensor<?x1x?x43xTYPE>
!v = tensor<?x1x?x29xTYPE>
!o = tensor<?xHEADSxROWSx29xTYPE>
!l = tensor<?xHEADSxROWSxf32>
func.func @f(%q: !q, %k: !k, %v: !v) -> (!o, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<MASK>)
    : (!q, !k, !v) -> (!o, !l)
  return %o, %lse : !o, !l
}
