// RUN: attn-opt %s --split-input-file --verify-diagnostics

!kv = !attn.kv<2x8xf16>
func.func @cache_c7_layout(%d: tensor<3x2x?x8xf16>, %p: tensor<i32>) {
  // expected-error@+1 {{'attn.cache' op prefix is 'tensor<i32>' and must be a tensor of rank 0, of a paged cache}}
  attn.cache %d prefix(%p) : (tensor<3x2x?x8xf16>, tensor<i32>) -> !kv
  return
}

// -----

!kv = !attn.kv<2x8xf16, paged<16>>
func.func @cache_c7_rank(%d: tensor<?x16x2x8xf16>, %t: tensor<3x?xi32>, %n: tensor<3xi32>) {
  // expected-error@+1 {{'attn.cache' op prefix is 'tensor<3xi32>' and must be a tensor of rank 0, of a paged cache}}
  attn.cache %d table(%t) lengths(%n) prefix(%n)
    : (tensor<?x16x2x8xf16>, tensor<3x?xi32>, tensor<3xi32>, tensor<3xi32>) -> !kv
  return
}

// -----

!kv = !attn.kv<2x8xf16>
func.func @append_c1_rank(%d: tensor<3x2x?x8xf16>, %n: tensor<3xi32>, %x: tensor<2x?x8xf16>) {
  %c = attn.cache %d lengths(%n) : (tensor<3x2x?x8xf16>, tensor<3xi32>) -> !kv
  // expected-error@+1 {{'attn.append' op tokens has rank 3 and must have rank 4: [batch, kv_heads, new_length, dim]}}
  attn.append %x to %c : tensor<2x?x8xf16>, !kv
  return
}

// -----

!kv = !attn.kv<2x8xf16>
func.func @append_c1_dim(%d: tensor<3x2x?x8xf16>, %n: tensor<3xi32>, %x: tensor<3x2x?x6xf16>) {
  %c = attn.cache %d lengths(%n) : (tensor<3x2x?x8xf16>, tensor<3xi32>) -> !kv
  // expected-error@+1 {{'attn.append' op dim of tokens is 6 and that of cache is 8: they must be equal}}
  attn.append %x to %c : tensor<3x2x?x6xf16>, !kv
  return
}

// -----

!kv = !attn.kv<2x8xf16>
func.func @append_c1_heads(%d: tensor<3x2x?x8xf16>, %n: tensor<3xi32>, %x: tensor<3x4x?x8xf16>) {
  %c = attn.cache %d lengths(%n) : (tensor<3x2x?x8xf16>, tensor<3xi32>) -> !kv
  // expected-error@+1 {{'attn.append' op kv_heads of tokens is 4 and that of cache is 2: they must be equal}}
  attn.append %x to %c : tensor<3x4x?x8xf16>, !kv
  return
}

// -----

!kv = !attn.kv<2x8xf16>
func.func @append_c2_rank(%d: tensor<3x2x?x8xf16>, %n: tensor<3xi32>, %x: tensor<3x2x?x8xf16>, %m: tensor<i32>) {
  %c = attn.cache %d lengths(%n) : (tensor<3x2x?x8xf16>, tensor<3xi32>) -> !kv
  // expected-error@+1 {{'attn.append' op counts has rank 0 and must have rank 1: [batch]}}
  attn.append %x to %c counts(%m : tensor<i32>) : tensor<3x2x?x8xf16>, !kv
  return
}

// -----

!kv = !attn.kv<2x8xf16>
func.func @append_c2_batch(%d: tensor<3x2x?x8xf16>, %n: tensor<3xi32>, %x: tensor<3x2x?x8xf16>, %m: tensor<4xi32>) {
  %c = attn.cache %d lengths(%n) : (tensor<3x2x?x8xf16>, tensor<3xi32>) -> !kv
  // expected-error@+1 {{'attn.append' op batch of counts is 4 and that of tokens is 3: they must be equal}}
  attn.append %x to %c counts(%m : tensor<4xi32>) : tensor<3x2x?x8xf16>, !kv
  return
}

// -----

!kv = !attn.kv<2x8xf16>
func.func @append_c3_lengths(%d: tensor<3x2x?x8xf16>, %x: tensor<3x2x?x8xf16>) {
  %c = attn.cache %d : (tensor<3x2x?x8xf16>) -> !kv
  // expected-error@+1 {{'attn.append' op appends to a cache that no attn.cache with lengths of this function makes}}
  attn.append %x to %c : tensor<3x2x?x8xf16>, !kv
  return
}

// -----

!kv = !attn.kv<2x8xf16>
func.func @append_c3_source(%c: !kv, %x: tensor<3x2x?x8xf16>) {
  // expected-error@+1 {{'attn.append' op appends to a cache that no attn.cache with lengths of this function makes}}
  attn.append %x to %c : tensor<3x2x?x8xf16>, !kv
  return
}
