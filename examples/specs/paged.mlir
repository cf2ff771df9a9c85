// Attention over a paged KV cache (PagedAttention, Kwon et al. 2023).
//
// The keys of all sequences are in pages of 16 tokens; `blocks` lists the pages of
// each sequence, `lengths` its tokens, the newest ones included. The queries are the
// last tokens of each sequence: one for a decoding step, more for a chunk of a prompt.
// One binary for any number of pages, sequences and tokens.

!keys = !attn.kv<2x64xf16, paged<16>>

func.func @paged(%q: tensor<?x8x?x64xf16>,
                 %key_pages: tensor<?x16x2x64xf16>,
                 %value_pages: tensor<?x16x2x64xf16>,
                 %blocks: tensor<?x?xi32>, %lengths: tensor<?xi32>)
    -> tensor<?x8x?x64xf16> {
  %k = attn.cache %key_pages table(%blocks) lengths(%lengths)
    : (tensor<?x16x2x64xf16>, tensor<?x?xi32>, tensor<?xi32>) -> !keys
  %v = attn.cache %value_pages table(%blocks) lengths(%lengths)
    : (tensor<?x16x2x64xf16>, tensor<?x?xi32>, tensor<?xi32>) -> !keys
  %out = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (tensor<?x8x?x64xf16>, !keys, !keys) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
