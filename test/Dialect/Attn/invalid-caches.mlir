// RUN: attn-opt %s --split-input-file --verify-diagnostics

!kv = !attn.kv<2x8xf16>
func.func @cache_c1_rank(%d: tensor<2x64x8xf16>) {
  // expected-error@+1 {{'attn.cache' op data has rank 3 and must have rank 4: [batch, kv_heads, capacity, dim]}}
  attn.cache %d : (tensor<2x64x8xf16>) -> !kv
  return
}

// -----

!kv = !attn.kv<2x8xf16>
func.func @cache_c1_heads(%d: tensor<?x3x?x8xf16>) {
  // expected-error@+1 {{'attn.cache' op kv_heads of data is 3 and must be 2, as in '!attn.kv<2x8xf16>'}}
  attn.cache %d : (tensor<?x3x?x8xf16>) -> !kv
  return
}

// -----

// The kernel steps over heads by a number that it knows.
!kv = !attn.kv<2x8xf16>
func.func @cache_c1_heads_dynamic(%d: tensor<?x?x?x8xf16>) {
  // expected-error@+1 {{'attn.cache' op kv_heads of data is dynamic and must be 2, as in}}
  attn.cache %d : (tensor<?x?x?x8xf16>) -> !kv
  return
}

// -----

// The axes of a page in the other order.
!kv = !attn.kv<2x8xf16, paged<16>>
func.func @cache_c1_page_order(%d: tensor<?x2x16x8xf16>, %t: tensor<?x?xi32>, %n: tensor<?xi32>) {
  // expected-error@+1 {{'attn.cache' op page_size of data is 2 and must be 16, as in '!attn.kv<2x8xf16, paged<16>>'}}
  attn.cache %d table(%t) lengths(%n) : (tensor<?x2x16x8xf16>, tensor<?x?xi32>, tensor<?xi32>) -> !kv
  return
}

// -----

!kv = !attn.kv<2x8xf16, rolling<64>>
func.func @cache_c1_slots(%d: tensor<?x2x65x8xf16>, %n: tensor<?xi32>) {
  // expected-error@+1 {{'attn.cache' op slots of data is 65 and must be 64, as in}}
  attn.cache %d lengths(%n) : (tensor<?x2x65x8xf16>, tensor<?xi32>) -> !kv
  return
}

// -----

!kv = !attn.kv<2x8xf16>
func.func @cache_c1_dim(%d: tensor<?x2x?x7xf16>) {
  // expected-error@+1 {{'attn.cache' op the last axis of data must have a static extent of at least 8, which holds the dim of '!attn.kv<2x8xf16>'}}
  attn.cache %d : (tensor<?x2x?x7xf16>) -> !kv
  return
}

// -----

!kv = !attn.kv<2x8xf16>
func.func @cache_c1_dim_dynamic(%d: tensor<?x2x?x?xf16>) {
  // expected-error@+1 {{'attn.cache' op the last axis of data must have a static extent of at least 8}}
  attn.cache %d : (tensor<?x2x?x?xf16>) -> !kv
  return
}

// -----

// Two numbers of 4 bits to a byte.
!kv = !attn.kv<2x8xi4, scale<token>>
func.func @cache_c1_dim_of_i4(%d: tensor<?x2x?x3xi8>, %s: tensor<?x2x?xf32>) {
  // expected-error@+1 {{'attn.cache' op the last axis of data must have a static extent of at least 4, which holds the dim of}}
  attn.cache %d scales(%s) : (tensor<?x2x?x3xi8>, tensor<?x2x?xf32>) -> !kv
  return
}

// -----

!kv = !attn.kv<2x8xf16>
func.func @cache_c2_float(%d: tensor<?x2x?x8xf32>) {
  // expected-error@+1 {{'attn.cache' op data has element type 'f32' and '!attn.kv<2x8xf16>' is kept in 'f16'}}
  attn.cache %d : (tensor<?x2x?x8xf32>) -> !kv
  return
}

// -----

!kv = !attn.kv<2x8xf8E5M2>
func.func @cache_c2_f8(%d: tensor<?x2x?x8xf16>) {
  // expected-error@+1 {{'attn.cache' op data has element type 'f16' and '!attn.kv<2x8xf8E5M2>' is kept in 'i8'}}
  attn.cache %d : (tensor<?x2x?x8xf16>) -> !kv
  return
}

// -----

!kv = !attn.kv<2x8xf16, paged<16>>
func.func @cache_c3_no_table(%d: tensor<?x16x2x8xf16>, %n: tensor<?xi32>) {
  // expected-error@+1 {{'attn.cache' op has no table, and a paged cache needs one: add table(%blocks)}}
  attn.cache %d lengths(%n) : (tensor<?x16x2x8xf16>, tensor<?xi32>) -> !kv
  return
}

// -----

!kv = !attn.kv<2x8xf16>
func.func @cache_c3_table(%d: tensor<?x2x?x8xf16>, %t: tensor<?x?xi32>) {
  // expected-error@+1 {{'attn.cache' op has a table, which a paged cache has only}}
  attn.cache %d table(%t) : (tensor<?x2x?x8xf16>, tensor<?x?xi32>) -> !kv
  return
}

// -----

!kv = !attn.kv<2x8xf16, paged<16>>
func.func @cache_c3_rank(%d: tensor<?x16x2x8xf16>, %t: tensor<?xi32>, %n: tensor<?xi32>) {
  // expected-error@+1 {{'attn.cache' op table has rank 1 and must have rank 2: [batch, blocks]}}
  attn.cache %d table(%t) lengths(%n) : (tensor<?x16x2x8xf16>, tensor<?xi32>, tensor<?xi32>) -> !kv
  return
}

// -----

!kv = !attn.kv<2x8xf16, rolling<64>>
func.func @cache_c4_no_lengths(%d: tensor<?x2x64x8xf16>) {
  // expected-error@+1 {{'attn.cache' op has no lengths, and '!attn.kv<2x8xf16, rolling<64>>' needs them: add lengths(%n)}}
  attn.cache %d : (tensor<?x2x64x8xf16>) -> !kv
  return
}

// -----

!kv = !attn.kv<2x8xf16>
func.func @cache_c4_rank(%d: tensor<?x2x?x8xf16>, %n: tensor<i32>) {
  // expected-error@+1 {{'attn.cache' op lengths has rank 0 and must have rank 1: [batch]}}
  attn.cache %d lengths(%n) : (tensor<?x2x?x8xf16>, tensor<i32>) -> !kv
  return
}

// -----

!kv = !attn.kv<2x8xi8, scale<token>>
func.func @cache_c5_no_scales(%d: tensor<?x2x?x8xi8>) {
  // expected-error@+1 {{'attn.cache' op has no scales, and '!attn.kv<2x8xi8, scale<token>>' needs them}}
  attn.cache %d : (tensor<?x2x?x8xi8>) -> !kv
  return
}

// -----

!kv = !attn.kv<2x8xf16>
func.func @cache_c5_scales(%d: tensor<?x2x?x8xf16>, %s: tensor<f32>) {
  // expected-error@+1 {{'attn.cache' op has scales, and '!attn.kv<2x8xf16>' has none}}
  attn.cache %d scales(%s) : (tensor<?x2x?x8xf16>, tensor<f32>) -> !kv
  return
}

// -----

!kv = !attn.kv<2x8xi8, scale<tensor, zeros>>
func.func @cache_c5_no_zeros(%d: tensor<?x2x?x8xi8>, %s: tensor<f32>) {
  // expected-error@+1 {{'attn.cache' op has no zeros, and '!attn.kv<2x8xi8, scale<tensor, zeros>>' needs them}}
  attn.cache %d scales(%s) : (tensor<?x2x?x8xi8>, tensor<f32>) -> !kv
  return
}

// -----

!kv = !attn.kv<2x8xi8, scale<token>>
func.func @cache_c5_rank(%d: tensor<?x2x?x8xi8>, %s: tensor<2x8xf32>) {
  // expected-error@+1 {{'attn.cache' op scales have rank 2 and must have 3 for #attn.scale<token>}}
  attn.cache %d scales(%s) : (tensor<?x2x?x8xi8>, tensor<2x8xf32>) -> !kv
  return
}

// -----

!kv = !attn.kv<2x8xi8, scale<group = 4, zeros>>
func.func @cache_c5_groups(%d: tensor<?x2x?x8xi8>, %s: tensor<?x2x?x2xf32>, %z: tensor<?x2x?x4xf32>) {
  // expected-error@+1 {{'attn.cache' op extent 3 of zeros is 4 and must be 2, as in '!attn.kv<2x8xi8, scale<group = 4, zeros>>'}}
  attn.cache %d scales(%s) zeros(%z) : (tensor<?x2x?x8xi8>, tensor<?x2x?x2xf32>, tensor<?x2x?x4xf32>) -> !kv
  return
}

// -----

!kv = !attn.kv<2x8xi8, scale<channel>>
func.func @cache_c5_dynamic(%d: tensor<?x2x?x8xi8>, %s: tensor<?x8xf32>) {
  // expected-error@+1 {{'attn.cache' op extent 0 of scales is dynamic and must be 2, as in}}
  attn.cache %d scales(%s) : (tensor<?x2x?x8xi8>, tensor<?x8xf32>) -> !kv
  return
}

// -----

!kv = !attn.kv<2x8xf16, paged<16>>
func.func @cache_c6_table(%d: tensor<3x16x2x8xf16>, %t: tensor<5x?xi32>, %n: tensor<3xi32>) {
  // expected-error@+1 {{'attn.cache' op batch of lengths is 3 and that of table is 5: they must be equal}}
  attn.cache %d table(%t) lengths(%n) : (tensor<3x16x2x8xf16>, tensor<5x?xi32>, tensor<3xi32>) -> !kv
  return
}

// -----

!kv = !attn.kv<2x8xf16>
func.func @cache_c6_data(%d: tensor<3x2x?x8xf16>, %n: tensor<5xi32>) {
  // expected-error@+1 {{'attn.cache' op batch of lengths is 5 and that of data is 3: they must be equal}}
  attn.cache %d lengths(%n) : (tensor<3x2x?x8xf16>, tensor<5xi32>) -> !kv
  return
}
