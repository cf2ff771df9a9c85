// DEFINE: %{rows} = ?
// DEFINE: %{mask} = causal
// DEFINE: %{run} = sed 's/ROWS/%{rows}/g; s/MASK/%{mask}/' %s | attnc run - --random --seed=40 --check
// DEFINE: %{check} = %{run} --entry=both --repeat=6 && %{run} --entry=keys --repeat=6 && %{run} --entry=queries --repeat=6
//
// Batches of sequences of different lengths, as tensors: of keys, of queries and of
// both, for many queries and for few, whose keys are split. Rows beyond a sequence's
// queries give 0 and minus infinity. Lengths drawn are beyond the tensors, and
// negative, too: these count as all of it, and as none.

// RUN: %{check}
// RUN: %{run} --entry=both --dims q=2x6x150x24 --dims k=2x2x700x24
// REDEFINE: %{mask} = window<9, 3> or "k < 3"
// REDEFINE: %{rows} = 5
// RUN: %{check}
// RUN: %{run} --entry=both --dims q=3x6x5x24 --dims k=3x2x2500x24

!q = tensor<?x6xROWSx24xf32>
!k = tensor<?x2x?x24xf32>
!l = tensor<?x6xROWSxf32>

func.func @both(%q: !q, %k: !k, %v: !k, %n: tensor<?xi32>, %m: tensor<?xi64>)
    -> (!q, !l) {
  %o, %lse = attn.attend %q, %k, %v lengths(%n) query_lengths(%m)
    mask(#attn.mask<MASK>)
    : (!q, !k, !k, tensor<?xi32>, tensor<?xi64>) -> (!q, !l)
  return %o, %lse : !q, !l
}

func.func @keys(%q: !q, %k: !k, %v: !k, %n: tensor<?xi64>, %o: !q, %l: !l)
    -> (!q, !l) {
  %r, %lse = attn.attend %q, %k, %v lengths(%n) mask(#attn.mask<MASK>)
    init(%o, %l) : (!q, !k, !k, tensor<?xi64>, !q, !l) -> (!q, !l)
  return %r, %lse : !q, !l
}

func.func @queries(%q: !q, %k: !k, %v: !k, %m: tensor<?xi32>) -> (!q, !l) {
  %o, %lse = attn.attend %q, %k, %v query_lengths(%m) mask(#attn.mask<MASK>)
    : (!q, !k, !k, tensor<?xi32>) -> (!q, !l)
  return %o, %lse : !q, !l
}
