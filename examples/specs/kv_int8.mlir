// Attention over keys and values of 8 bits with a scale for each token and head.
//
// Keys' scales move into the scores and values' into the weights: the products are of
// the integers, and nothing is dequantised on its own.

!int8 = !attn.kv<4x64xi8, scale<token>>

func.func @kv_int8(%q: tensor<?x4x?x64xf32>,
                   %keys: tensor<?x4x?x64xi8>, %key_scales: tensor<?x4x?xf32>,
                   %values: tensor<?x4x?x64xi8>, %value_scales: tensor<?x4x?xf32>)
    -> tensor<?x4x?x64xf32> {
  %k = attn.cache %keys scales(%key_scales)
    : (tensor<?x4x?x64xi8>, tensor<?x4x?xf32>) -> !int8
  %v = attn.cache %values scales(%value_scales)
    : (tensor<?x4x?x64xi8>, tensor<?x4x?xf32>) -> !int8
  %out = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (tensor<?x4x?x64xf32>, !int8, !int8) -> tensor<?x4x?x64xf32>
  return %out : tensor<?x4x?x64xf32>
}
