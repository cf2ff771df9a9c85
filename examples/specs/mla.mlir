// Multi-head latent attention (DeepSeek-V2, DeepSeek-AI 2024), with the up-projections
// absorbed into queries and outputs.
//
// One latent vector a token is all that is cached, for all heads: its 576 numbers are
// the key (512 latent, 64 of them rotated positions), and the first 512 of them are the
// value. Keys and values are two views of one buffer, which is read in pages.

!keys = !attn.kv<1x576xbf16, paged<16>>
!values = !attn.kv<1x512xbf16, paged<16>>

func.func @mla(%q: tensor<?x16x?x576xbf16>, %latent: tensor<?x16x1x576xbf16>,
               %blocks: tensor<?x?xi32>, %lengths: tensor<?xi32>)
    -> tensor<?x16x?x512xbf16> {
  %k = attn.cache %latent table(%blocks) lengths(%lengths)
    : (tensor<?x16x1x576xbf16>, tensor<?x?xi32>, tensor<?xi32>) -> !keys
  %v = attn.cache %latent table(%blocks) lengths(%lengths)
    : (tensor<?x16x1x576xbf16>, tensor<?x?xi32>, tensor<?xi32>) -> !values
  %out = attn.attend %q, %k, %v mask(#attn.mask<causal>) scale 0.0721687836
    : (tensor<?x16x?x576xbf16>, !keys, !values) -> tensor<?x16x?x512xbf16>
  return %out : tensor<?x16x?x512xbf16>
}
