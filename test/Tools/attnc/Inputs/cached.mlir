// Keys of 4 bits and odd rows, values of 16 bits in wider ones, in pages; and the
// same keys in rings.

!keys = !attn.kv<2x26xi4, paged<4>, scale<group = 13, zeros>>
!values = !attn.kv<2x13xf16, paged<4>>
!ring = !attn.kv<2x26xi4, rolling<24>, scale<token>>
!q = tensor<?x6x?x26xf32>
!o = tensor<?x6x?x13xf32>

func.func @cached(%q: !q, %keys: tensor<?x4x2x13xi8>,
                  %scales: tensor<?x4x2x2xf32>, %zeros: tensor<?x4x2x2xf32>,
                  %values: tensor<?x4x2x15xf16>,
                  %blocks: tensor<?x?xi32>, %lengths: tensor<?xi32>) -> !o {
  %k = attn.cache %keys table(%blocks) lengths(%lengths) scales(%scales) zeros(%zeros)
    : (tensor<?x4x2x13xi8>, tensor<?x?xi32>, tensor<?xi32>, tensor<?x4x2x2xf32>,
       tensor<?x4x2x2xf32>) -> !keys
  %v = attn.cache %values table(%blocks) lengths(%lengths)
    : (tensor<?x4x2x15xf16>, tensor<?x?xi32>, tensor<?xi32>) -> !values
  %out = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!q, !keys, !values) -> !o
  return %out : !o
}

func.func @ring(%q: !q, %keys: tensor<?x2x24x13xi8>, %scales: tensor<?x2x24xf32>,
                %lengths: tensor<?xi32>) -> !q {
  %k = attn.cache %keys lengths(%lengths) scales(%scales)
    : (tensor<?x2x24x13xi8>, tensor<?xi32>, tensor<?x2x24xf32>) -> !ring
  %out = attn.attend %q, %k, %k mask(#attn.mask<window<9, 0>>) : (!q, !ring, !ring) -> !q
  return %out : !q
}
