// What examples/serving calls: the same attention over a cache of each layout. Both
// functions take one query of each sequence (decoding) or a chunk of a prompt.

!paged = !attn.kv<2x32xf16, paged<16>>
!contiguous = !attn.kv<2x32xf16>

func.func @attend_paged(%q: tensor<?x8x?x32xf16>,
                        %key_pages: tensor<?x16x2x32xf16>,
                        %value_pages: tensor<?x16x2x32xf16>,
                        %blocks: tensor<?x?xi32>, %lengths: tensor<?xi32>)
    -> tensor<?x8x?x32xf32> {
  %k = attn.cache %key_pages table(%blocks) lengths(%lengths)
    : (tensor<?x16x2x32xf16>, tensor<?x?xi32>, tensor<?xi32>) -> !paged
  %v = attn.cache %value_pages table(%blocks) lengths(%lengths)
    : (tensor<?x16x2x32xf16>, tensor<?x?xi32>, tensor<?xi32>) -> !paged
  %out = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (tensor<?x8x?x32xf16>, !paged, !paged) -> tensor<?x8x?x32xf32>
  return %out : tensor<?x8x?x32xf32>
}

func.func @attend_contiguous(%q: tensor<?x8x?x32xf16>,
                             %keys: tensor<?x2x?x32xf16>,
                             %values: tensor<?x2x?x32xf16>,
                             %lengths: tensor<?xi32>)
    -> tensor<?x8x?x32xf32> {
  %k = attn.cache %keys lengths(%lengths)
    : (tensor<?x2x?x32xf16>, tensor<?xi32>) -> !contiguous
  %v = attn.cache %values lengths(%lengths)
    : (tensor<?x2x?x32xf16>, tensor<?xi32>) -> !contiguous
  %out = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (tensor<?x8x?x32xf16>, !contiguous, !contiguous) -> tensor<?x8x?x32xf32>
  return %out : tensor<?x8x?x32xf32>
}
