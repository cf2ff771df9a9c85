// Strided attention (Sparse Transformer, Child et al. 2019, section 4.2): a query
// sees the last 32 keys, and before them every 32nd.
//
// With a stride near the square root of the length, any position reaches any earlier
// one in two layers. The paper gives the two parts to two heads, or merges them into
// one, as here.

func.func @strided(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                   %v: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<causal and (window<31, 0> or strided<32>)>)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}
