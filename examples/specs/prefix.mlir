// Prefix language model (T5, Raffel et al. 2020, section 3.2.1): the first 64 tokens
// see each other in both directions, what follows is causal.
//
// The prefix is what the model is given, a prompt or the patches of an image; here its
// length is a constant.

func.func @prefix(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                  %v: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<prefix<64>>)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}
