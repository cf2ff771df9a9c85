// Prefill, causal mask, head dim 128, f32: see bench/README.md.
func.func @causal_128(%q: tensor<?x?x?x128xf32>, %k: tensor<?x?x?x128xf32>,
                       %v: tensor<?x?x?x128xf32>) -> tensor<?x?x?x128xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (tensor<?x?x?x128xf32>, tensor<?x?x?x128xf32>, tensor<?x?x?x128xf32>)
    -> tensor<?x?x?x128xf32>
  return %out : tensor<?x?x?x128xf32>
}
