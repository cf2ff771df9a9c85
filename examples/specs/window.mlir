// Sliding-window attention: a query sees itself and the 127 keys before it.
//
// The work grows with the length and not with its square, since only the tiles
// that the band touches are visited. Mistral's first model has a window of 4096
// tokens, gpt-oss one of 128 in every other layer.

func.func @window(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                  %v: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<window<127, 0>>)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}
