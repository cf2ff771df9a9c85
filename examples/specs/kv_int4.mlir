// Attention over keys and values of 4 bits, quantised as KIVI does (Liu et al. 2024):
// keys with a scale for each channel, values with a scale and a zero point for each
// group of 32 channels of a token.
//
// Two elements share a byte, the first one in the low half.

!keys = !attn.kv<4x64xi4, scale<channel>>
!values = !attn.kv<4x64xi4, scale<group = 32, zeros>>

func.func @kv_int4(%q: tensor<?x4x?x64xf32>,
                   %keys: tensor<?x4x?x32xi8>, %key_scales: tensor<4x64xf32>,
                   %values: tensor<?x4x?x32xi8>,
                   %value_scales: tensor<?x4x?x2xf32>,
                   %value_zeros: tensor<?x4x?x2xf32>) -> tensor<?x4x?x64xf32> {
  %k = attn.cache %keys scales(%key_scales)
    : (tensor<?x4x?x32xi8>, tensor<4x64xf32>) -> !keys
  %v = attn.cache %values scales(%value_scales) zeros(%value_zeros)
    : (tensor<?x4x?x32xi8>, tensor<?x4x?x2xf32>, tensor<?x4x?x2xf32>) -> !values
  %out = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (tensor<?x4x?x64xf32>, !keys, !values) -> tensor<?x4x?x64xf32>
  return %out : tensor<?x4x?x64xf32>
}
