// A decoding step that writes its own cache: the keys and values of the new tokens go
// into the pages, quantised to 8 bits with a scale for each token and head, and the new
// queries attend to them and to all before.
//
// `lengths` counts the new tokens already: they are the last ones. The pages and their
// scales are updated in place.

!int8 = !attn.kv<2x64xi8, paged<16>, scale<token>>

func.func @append(%q: tensor<?x8x?x64xf32>,
                  %new_keys: tensor<?x2x?x64xf32>, %new_values: tensor<?x2x?x64xf32>,
                  %key_pages: tensor<?x16x2x64xi8>, %key_scales: tensor<?x16x2xf32>,
                  %value_pages: tensor<?x16x2x64xi8>, %value_scales: tensor<?x16x2xf32>,
                  %blocks: tensor<?x?xi32>, %lengths: tensor<?xi32>)
    -> tensor<?x8x?x64xf32> {
  %k = attn.cache %key_pages table(%blocks) lengths(%lengths) scales(%key_scales)
    : (tensor<?x16x2x64xi8>, tensor<?x?xi32>, tensor<?xi32>, tensor<?x16x2xf32>) -> !int8
  %v = attn.cache %value_pages table(%blocks) lengths(%lengths) scales(%value_scales)
    : (tensor<?x16x2x64xi8>, tensor<?x?xi32>, tensor<?xi32>, tensor<?x16x2xf32>) -> !int8
  attn.append %new_keys to %k : tensor<?x2x?x64xf32>, !int8
  attn.append %new_values to %v : tensor<?x2x?x64xf32>, !int8
  %out = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (tensor<?x8x?x64xf32>, !int8, !int8) -> tensor<?x8x?x64xf32>
  return %out : tensor<?x8x?x64xf32>
}
