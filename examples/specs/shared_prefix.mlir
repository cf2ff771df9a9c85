// A decoding step over sequences that share the pages of a system prompt.
//
// `prefix` says how many tokens all sequences begin with. The compiler makes a cascade
// of it: the prompt's keys are read once for the whole batch, and each sequence goes on
// from there over the pages of its own. cascade.mlir writes the same out by hand.

!cache = !attn.kv<2x64xf32, paged<16>>

func.func @shared_prefix(%q: tensor<?x8x1x64xf32>,
                         %key_pages: tensor<?x16x2x64xf32>,
                         %value_pages: tensor<?x16x2x64xf32>,
                         %blocks: tensor<?x?xi32>, %lengths: tensor<?xi32>,
                         %prefix: tensor<i32>) -> tensor<?x8x1x64xf32> {
  %k = attn.cache %key_pages table(%blocks) lengths(%lengths) prefix(%prefix)
    : (tensor<?x16x2x64xf32>, tensor<?x?xi32>, tensor<?xi32>, tensor<i32>) -> !cache
  %v = attn.cache %value_pages table(%blocks) lengths(%lengths) prefix(%prefix)
    : (tensor<?x16x2x64xf32>, tensor<?x?xi32>, tensor<?xi32>, tensor<i32>) -> !cache
  %out = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (tensor<?x8x1x64xf32>, !cache, !cache) -> tensor<?x8x1x64xf32>
  return %out : tensor<?x8x1x64xf32>
}
