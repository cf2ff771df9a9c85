// Random block attention (Zaheer et al. 2020, section 2): the 32 queries of a block see
// two random blocks of 32 keys.
//
// It is the part of BigBird that links distant positions in few layers, here alone to
// be looked at. Which blocks follows from the seed, 1, and from the number of keys.

func.func @random_blocks(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                         %v: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<random_blocks<32, 2, 1>>)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}
