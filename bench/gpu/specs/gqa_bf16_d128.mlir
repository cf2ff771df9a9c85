// Query heads in groups that share a key head, with the logarithm of the sums.

func.func @gqa_bf16_d128(%q: tensor<?x?x?x128xbf16>, %k: tensor<?x?x?x128xbf16>,
                         %v: tensor<?x?x?x128xbf16>)
    -> (tensor<?x?x?x128xbf16>, tensor<?x?x?xf32>) {
  %out, %lse = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (tensor<?x?x?x128xbf16>, tensor<?x?x?x128xbf16>, tensor<?x?x?x128xbf16>)
    -> (tensor<?x?x?x128xbf16>, tensor<?x?x?xf32>)
  return %out, %lse : tensor<?x?x?x128xbf16>, tensor<?x?x?xf32>
}
