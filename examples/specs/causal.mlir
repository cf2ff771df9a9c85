// Causal attention: a query sees itself and what came before it.
//
// The last query sees the last key, whatever the two lengths are. The same kernel
// therefore trains (equal lengths), prefills in chunks (fewer queries than keys)
// and decodes (one query). Tiles above the diagonal are never visited.

func.func @causal(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                  %v: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}
