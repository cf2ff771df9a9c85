// Sliding-window attention over a rolling buffer (Mistral 7B, Jiang et al. 2023).
//
// The buffer has 256 slots; token p is in slot p mod 256 until token p + 256 takes its
// place. `lengths` counts all tokens that have passed, so it grows beyond the buffer
// while memory and time do not.

!window = !attn.kv<2x64xf16, rolling<256>>

func.func @rolling(%q: tensor<?x8x1x64xf16>, %keys: tensor<?x2x256x64xf16>,
                   %values: tensor<?x2x256x64xf16>, %lengths: tensor<?xi64>)
    -> tensor<?x8x1x64xf16> {
  %k = attn.cache %keys lengths(%lengths)
    : (tensor<?x2x256x64xf16>, tensor<?xi64>) -> !window
  %v = attn.cache %values lengths(%lengths)
    : (tensor<?x2x256x64xf16>, tensor<?xi64>) -> !window
  %out = attn.attend %q, %k, %v mask(#attn.mask<window<255, 0>>)
    : (tensor<?x8x1x64xf16>, !window, !window) -> tensor<?x8x1x64xf16>
  return %out : tensor<?x8x1x64xf16>
}
