// DEFINE: %{mask} = causal
// DEFINE: %{decode} = rows = 3, heads = group, key_tile = 5, keys_per_split = 7
// DEFINE: %{check} = sed 's/MASK/%{mask}/; s/DECODE/%{decode}/' %s > %t.mlir && attnc run %t.mlir --random --seed 7 --check --repeat 60
//
// Any tile sizes give the same result. Small ones have many splits and many tiles
// of rows even at short lengths: a tile ends within a head, a split lies beside all
// keys of a row, and the carry that an op goes on from counts once.

// RUN: %{check}
// REDEFINE: %{decode} = rows = 1, heads = group, key_tile = 64, keys_per_split = 1
// RUN: %{check}
// REDEFINE: %{decode} = rows = 5, heads = one, key_tile = 16, keys_per_split = 100
// RUN: %{check}
// REDEFINE: %{mask} = window<4, 0> or "k < 2"
// RUN: %{check}
// REDEFINE: %{decode} = rows = 7, heads = group, key_tile = 3, keys_per_split = 10
// RUN: %{check}
// REDEFINE: %{mask} = not causal
// RUN: %{check}
// REDEFINE: %{mask} = "k < 0"
// RUN: %{check}
// REDEFINE: %{mask} = axial<7, 9, both>
// RUN: %{check}

!q = tensor<?x?x?x32xf32>
!k = tensor<?x?x?x32xf32>
!l = tensor<?x?x?xf32>
func.func @f(%q: !q, %k: !k, %v: !k, %more: !k, %values: !k) -> (!q, !l) {
  %o, %lse = attn.attend %q, %more, %values : (!q, !k, !k) -> (!q, !l)
  %p, %all = attn.attend %q, %k, %v mask(#attn.mask<MASK>) init(%o, %lse)
    {attn.decode = #attn.decode<most_queries = 600, DECODE>}
    : (!q, !k, !k, !q, !l) -> (!q, !l)
  return %p, %all : !q, !l
}
