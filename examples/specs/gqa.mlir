// Grouped-query attention (Ainslie et al. 2023), with the logarithm of the sums.
//
// The number of query heads is a multiple of the number of key heads, and
// neighbouring query heads share one. Nothing says so here: the head counts are
// given by the tensors of a call. One key head is multi-query attention
// (Shazeer 2019). The second result is what a later pass needs to merge this
// result with that over other keys.

func.func @gqa(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
               %v: tensor<?x?x?x64xf32>)
    -> (tensor<?x?x?x64xf32>, tensor<?x?x?xf32>) {
  %out, %lse = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> (tensor<?x?x?x64xf32>, tensor<?x?x?xf32>)
  return %out, %lse : tensor<?x?x?x64xf32>, tensor<?x?x?xf32>
}
