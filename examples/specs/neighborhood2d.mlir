// Neighborhood attention (Hassani et al. 2023): a pixel sees the 7 by 7 pixels around
// it, in an image of 14 by 14.
//
// The neighborhood is cut off at the border; NATTEN shifts it inwards. These are the
// sizes of the third stage of the paper's models for images of 224 by 224.

func.func @neighborhood2d(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                          %v: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<neighborhood2d<14, 14, 3>>)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}
