// Prefill, causal mask, head dim 64, f32: see bench/README.md.
func.func @causal_64(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                      %v: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}
