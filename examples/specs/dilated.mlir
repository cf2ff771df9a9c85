// Dilated sliding window (Longformer, Beltagy et al. 2020, section 3.1): a query
// sees itself and 63 more keys, each four positions before the last.
//
// It reaches back 256 positions for the work of 64. Longformer gives such heads a
// place beside others with a plain window.

func.func @dilated(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                   %v: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<dilated<64, 4>>)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}
