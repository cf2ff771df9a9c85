// Packed documents (Krell et al. 2021, sequence packing), given by where they begin: a
// query sees what came before it in its own document.
//
// `offsets` are the positions at which documents begin, in ascending order, as the
// `cu_seqlens` of FlashAttention; it is read when the function is called. The keys of a
// document are found from its two ends, so that none is tested but at the diagonal.

func.func @packed(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                  %v: tensor<?x?x?x64xf32>, %offsets: tensor<?xi32>)
    -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<packed<offsets> and causal>)
    tables(offsets = %offsets)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?xi32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}
