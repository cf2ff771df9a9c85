// Axial attention (Ho et al. 2019): a pixel sees its row and its column of a 16 by 16
// image.
//
// Positions are pixels, row by row; several images may follow each other and do not
// see each other. With `row` or `column` in the place of `both` a layer sees along one
// axis, and with `and causal` a generator sees what it has drawn.

func.func @axial(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                 %v: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<axial<16, 16, both>>)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}
