// A sliding window and attention sinks (StreamingLLM, Xiao et al. 2024): a query sees
// the 256 last keys and the first 4.
//
// Models put the weight that they have no use for on the first tokens; a window that
// drops these breaks them. In an encoder, `global<1>` without `causal` is a token,
// such as [CLS], that sees everything and is seen by everyone.

func.func @global(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                  %v: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<causal and (window<255, 0> or global<4>)>)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}
