// A decoding step: one query a sequence, 32 query heads on 8 key heads, over pages of
// 8-bit keys and values.
//
// All query heads of a group read each page once. Sequences may have any lengths; long
// ones are split over threads.

!int8 = !attn.kv<8x128xi8, paged<16>, scale<token>>

func.func @paged_int8_gqa_decode(
    %q: tensor<?x32x1x128xf32>,
    %key_pages: tensor<?x16x8x128xi8>, %key_scales: tensor<?x16x8xf32>,
    %value_pages: tensor<?x16x8x128xi8>, %value_scales: tensor<?x16x8xf32>,
    %blocks: tensor<?x?xi32>, %lengths: tensor<?xi32>) -> tensor<?x32x1x128xf32> {
  %k = attn.cache %key_pages table(%blocks) lengths(%lengths) scales(%key_scales)
    : (tensor<?x16x8x128xi8>, tensor<?x?xi32>, tensor<?xi32>, tensor<?x16x8xf32>)
    -> !int8
  %v = attn.cache %value_pages table(%blocks) lengths(%lengths) scales(%value_scales)
    : (tensor<?x16x8x128xi8>, tensor<?x?xi32>, tensor<?xi32>, tensor<?x16x8xf32>)
    -> !int8
  %out = attn.attend %q, %k, %v
    : (tensor<?x32x1x128xf32>, !int8, !int8) -> tensor<?x32x1x128xf32>
  return %out : tensor<?x32x1x128xf32>
}
