// Longformer (Beltagy et al. 2020, section 3.1): 32 keys to each side, and one global
// token that sees everything and is seen by everyone.
//
// The published encoder has a window of 512, and the question of a question-answering
// task in place of the one token.

func.func @longformer(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                      %v: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<longformer<64, 1>>)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}
