// RUN: attn-opt %s --split-input-file --verify-diagnostics

// expected-error@+1 {{page size of a paged cache is 0 and must be from 1 to 1073741824}}
func.func private @no_page(!attn.kv<8x128xf16, paged<0>>)

// -----

// expected-error@+1 {{page size of a paged cache is 1073741825 and must be from 1 to 1073741824}}
func.func private @large_page(!attn.kv<8x128xf16, paged<1073741825>>)

// -----

// expected-error@+1 {{page size of a paged cache is -16 and must be from 1 to}}
func.func private @negative_page() attributes {l = #attn.paged<-16>}

// -----

// A position is computed with, so no number is wider than 64 bits.
// expected-error@+2 {{integer value too large}}
// expected-error@+1 {{failed to parse}}
func.func private @overflowing_page(!attn.kv<8x128xf16, paged<99999999999999999999>>)

// -----

// expected-error@+2 {{expected one of [nhd, hnd] for the order of the axes of a page, got: dhn}}
// expected-error@+1 {{failed to parse Attn_PagedAttr parameter 'order'}}
func.func private @page_order(!attn.kv<8x128xf16, paged<16, dhn>>)

// -----

// expected-error@+1 {{number of slots of a rolling cache is 0 and must be from 1 to 1073741824}}
func.func private @no_slots(!attn.kv<8x128xf16, rolling<0>>)

// -----

// expected-error@+1 {{number of slots of a rolling cache is 1073741825 and must be from 1 to}}
func.func private @many_slots(!attn.kv<8x128xf16, rolling<1073741825>>)

// -----

// expected-error@+1 {{heads of a cache is 0 and must be from 1 to 65536}}
func.func private @no_heads(!attn.kv<0x128xf16>)

// -----

// expected-error@+1 {{heads of a cache is 65537 and must be from 1 to 65536}}
func.func private @many_heads(!attn.kv<65537x128xf16>)

// -----

// expected-error@+1 {{dim of a cache is 0 and must be from 1 to 65536}}
func.func private @no_dim(!attn.kv<8x0xf16>)

// -----

// expected-error@+1 {{dim of a cache is 65537 and must be from 1 to 65536}}
func.func private @large_dim(!attn.kv<8x65537xf16>)

// -----

// expected-error@+1 {{a cache has two extents, heads and dim, as in !attn.kv<8x128xf16>}}
func.func private @one_extent(!attn.kv<128xf16>)

// -----

// expected-error@+1 {{a cache has two extents, heads and dim}}
func.func private @three_extents(!attn.kv<2x8x128xf16>)

// -----

// Heads and dim are what a kernel is compiled for.
// expected-error@+1 {{expected static shape}}
func.func private @dynamic_heads(!attn.kv<?x128xf16>)

// -----

// expected-error@+1 {{a cache cannot keep elements of type 'f64'; use f32, f16, bf16, i8, i4, f8E4M3FN or f8E5M2}}
func.func private @f64(!attn.kv<8x128xf64>)

// -----

// expected-error@+1 {{a cache cannot keep elements of type 'ui8'; use}}
func.func private @unsigned(!attn.kv<8x128xui8, scale<token>>)

// -----

// expected-error@+1 {{a cache cannot keep elements of type 'f8E4M3FNUZ'; use}}
func.func private @other_f8(!attn.kv<8x128xf8E4M3FNUZ>)

// -----

// expected-error@+1 {{a cache cannot keep elements of type 'tensor<4xf32>'; use}}
func.func private @tensors(!attn.kv<8x128xtensor<4xf32>>)

// -----

// expected-error@+1 {{dim of a cache of i4 is 7 and must be even: two elements share a byte}}
func.func private @odd_dim(!attn.kv<8x7xi4, scale<token>>)

// -----

// expected-error@+1 {{a cache of 'f16' has a scale, which is for i8, i4 and f8 elements}}
func.func private @scaled_floats(!attn.kv<8x128xf16, scale<token>>)

// -----

// expected-error@+1 {{a cache of 'i8' needs a scale, as in scale<token>}}
func.func private @i8_without_scale(!attn.kv<8x128xi8>)

// -----

// expected-error@+1 {{a cache of 'i4' needs a scale, as in scale<token>}}
func.func private @i4_without_scale(!attn.kv<8x128xi4, paged<16>>)

// -----

// expected-error@+1 {{scale group is 0 and must be from 1 to 65536}}
func.func private @no_group(!attn.kv<8x128xi8, scale<group = 0>>)

// -----

// expected-error@+1 {{scale group is 48 and must divide the dim, 128}}
func.func private @group(!attn.kv<8x128xi8, scale<group = 48>>)

// -----

// expected-error@+1 {{scale group is 256 and must divide the dim, 128}}
func.func private @group_of_more(!attn.kv<8x128xi8, scale<group = 256>>)

// -----

// expected-error@+1 {{a scale is one of tensor, channel, token and group = n, not 'head'}}
func.func private @granularity(!attn.kv<8x128xi8, scale<head>>)

// -----

// expected-error@+1 {{expected '='}}
func.func private @group_without_size(!attn.kv<8x128xi8, scale<group>>)

// -----

// expected-error@+1 {{expected 'zeros'}}
func.func private @zeroes(!attn.kv<8x128xi8, scale<token, zeroes>>)

// -----

// expected-error@+1 {{expected paged<...>, rolling<...> or scale<...>, not 'contiguous'}}
func.func private @word(!attn.kv<8x128xf16, contiguous>)

// -----

// The second would silently win.
// expected-error@+1 {{a cache has one layout, and this is a second}}
func.func private @two_layouts(!attn.kv<8x128xf16, paged<16>, rolling<4096>>)

// -----

// expected-error@+1 {{a cache has one scale, and this is a second}}
func.func private @two_scales(!attn.kv<8x128xi8, scale<token>, paged<16>, scale<tensor>>)

// -----

// Nothing behind the parameters but the end.
// expected-error@+1 {{expected '>'}}
func.func private @unclosed(!attn.kv<8x128xf16 paged<16>>)
