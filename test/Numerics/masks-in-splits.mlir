// DEFINE: %{mask} = causal
// DEFINE: %{check} = sed 's/MASK/%{mask}/' %s | attnc run - --random --seed 5 --check --repeat 4
//
// A split may lie beside all ranges of a row: its carry is then that of no key at
// all, and must not weigh in the merged one.

// RUN: %{check}
// REDEFINE: %{mask} = window<5, 0>
// RUN: %{check}
// REDEFINE: %{mask} = window<8, 0> or "k < 4"
// RUN: %{check}
// REDEFINE: %{mask} = not causal
// RUN: %{check}
// REDEFINE: %{mask} = "k < 0"
// RUN: %{check}

!t = tensor<?x?x?x16xf32>
!l = tensor<?x?x?xf32>
func.func @f(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<MASK>)
    {attn.schedule = #attn.schedule<query_tile = 32, key_tile = 24, lanes = 16,
                                    splits = 3>} : (!t, !t, !t) -> (!t, !l)
  return %o, %lse : !t, !l
}
