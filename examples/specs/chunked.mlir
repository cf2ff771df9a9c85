// Chunked attention (Llama 4, Meta 2025): causal attention inside chunks of 128
// positions, none between them.
//
// Llama 4 has chunks of 8192 tokens in three layers of four. A window of the same
// size moves with the query; a chunk does not.

func.func @chunked(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                   %v: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<chunked<128>>)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}
