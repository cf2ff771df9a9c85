// RUN: attn-opt %s --split-input-file --verify-diagnostics

!t = tensor<2x4x8x16xf32>
func.func @scan_c1_value_rank(%q: !t, %v: tensor<2x4x8xf32>) {
  // expected-error@+1 {{'attn.scan' op value has rank 3 and must have rank 4: [batch, heads, length, value_dim]}}
  attn.scan %q, %q, %v transition identity : !t, !t, tensor<2x4x8xf32> -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @scan_c2_elements(%q: !t, %v: tensor<2x4x8x16xbf16>) {
  // expected-error@+1 {{'attn.scan' op value has element type 'bf16' and query has 'f32'}}
  attn.scan %q, %q, %v transition identity : !t, !t, tensor<2x4x8x16xbf16> -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @scan_c3_heads(%q: !t, %k: tensor<2x2x8x16xf32>) {
  // expected-error@+1 {{'attn.scan' op key_heads of key is 2 and that of query is 4: they must be equal}}
  attn.scan %q, %k, %q transition identity : !t, tensor<2x2x8x16xf32>, !t -> !t
  return
}

// -----

!t = tensor<2x4x?x16xf32>
func.func @scan_c3_length(%q: !t, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x9x16xf32>) {
  // expected-error@+1 {{'attn.scan' op length of value is 9 and that of key is 8: they must be equal}}
  attn.scan %q, %k, %v transition identity
    : !t, tensor<2x4x8x16xf32>, tensor<2x4x9x16xf32> -> tensor<2x4x9x16xf32>
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @scan_c4_dims(%q: !t, %k: tensor<2x4x8x32xf32>) {
  // expected-error@+1 {{'attn.scan' op dim of key is 32 and that of query is 16: they must be equal}}
  attn.scan %q, %k, %q transition identity : !t, tensor<2x4x8x32xf32>, !t -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
!v = tensor<2x4x8x?xf32>
func.func @scan_c4_value_dim_dynamic(%q: !t, %v: !v) {
  // expected-error@+1 {{'attn.scan' op value_dim of value is dynamic and must be a number}}
  attn.scan %q, %q, %v transition identity : !t, !t, !v -> !v
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @scan_c5_out(%q: !t) {
  // expected-error@+1 {{'attn.scan' op out has type 'tensor<2x4x8x24xf32>' and must have that of value, 'tensor<2x4x8x16xf32>'}}
  attn.scan %q, %q, %q transition identity : !t, !t, !t -> tensor<2x4x8x24xf32>
  return
}

// -----

!t = tensor<2x4x8x16xf16>
func.func @scan_c6_state_element(%q: !t) {
  // expected-error@+1 {{'attn.scan' op final_state has element type 'f16' and must have f32}}
  attn.scan %q, %q, %q transition identity : !t, !t, !t -> !t final_state tensor<2x4x16x16xf16>
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @scan_c6_state_shape(%q: !t, %s: tensor<2x4x16x8xf32>) {
  // expected-error@+1 {{'attn.scan' op value_dim of initial_state is 8 and that of value is 16: they must be equal}}
  attn.scan %q, %q, %q transition identity initial_state(%s : tensor<2x4x16x8xf32>) : !t, !t, !t -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @scan_c6_state_dynamic(%q: !t, %s: tensor<2x4x?x16xf32>) {
  // expected-error@+1 {{'attn.scan' op dim of initial_state is dynamic and must be a number}}
  attn.scan %q, %q, %q transition identity initial_state(%s : tensor<2x4x?x16xf32>) : !t, !t, !t -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @scan_c7_needs_normalize(%q: !t, %z: tensor<2x4x16xf32>) {
  // expected-error@+1 {{'attn.scan' op initial_normalizer is given without 'normalize': add the keyword, or drop it}}
  attn.scan %q, %q, %q transition identity initial_normalizer(%z : tensor<2x4x16xf32>) : !t, !t, !t -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @scan_c7_shape(%q: !t) {
  // expected-error@+1 {{'attn.scan' op final_normalizer has rank 2 and must have rank 3: [batch, heads, dim]}}
  attn.scan %q, %q, %q transition identity normalize : !t, !t, !t -> !t final_normalizer tensor<2x4xf32>
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @scan_c11_too_many_elements(%q: !t) {
  // expected-error@+1 {{'attn.scan' op type 'tensor<9223372036854775807x2x16x16xf32>' has more than 2^40 elements}}
  attn.scan %q, %q, %q transition identity : !t, !t, !t -> !t final_state tensor<9223372036854775807x2x16x16xf32>
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @scan_c3_groups(%q: !t, %v: tensor<2x6x8x16xf32>) {
  // expected-error@+1 {{'attn.scan' op value has 6 heads and query has 4: the heads of value must be a multiple of the key_heads}}
  attn.scan %q, %q, %v transition identity : !t, !t, tensor<2x6x8x16xf32> -> tensor<2x6x8x16xf32>
  return
}

// -----

!t = tensor<1x4x8x16xf32>
func.func @scan_c6_state_of_sequences(%q: !t, %starts: tensor<3xi32>, %s: tensor<1x4x16x16xf32>) {
  // expected-error@+1 {{'attn.scan' op sequences of initial_state is 1 and that of starts is 3: they must be equal}}
  attn.scan %q, %q, %q transition identity starts(%starts : tensor<3xi32>)
    initial_state(%s : tensor<1x4x16x16xf32>) : !t, !t, !t -> !t
  return
}

// -----

!t = tensor<?x4x8x16xf32>
func.func @scan_c14_batch(%q: !t, %starts: tensor<3xi32>) {
  // expected-error@+1 {{'attn.scan' op starts are of sequences in one batch, and query has type 'tensor<?x4x8x16xf32>': make its first extent 1}}
  attn.scan %q, %q, %q transition identity starts(%starts : tensor<3xi32>) : !t, !t, !t -> !t
  return
}

// -----

!t = tensor<1x4x8x16xf32>
func.func @scan_c14_rank(%q: !t, %starts: tensor<1x3xi32>) {
  // expected-error@+1 {{'attn.scan' op starts has rank 2 and must have rank 1: [sequences]}}
  attn.scan %q, %q, %q transition identity starts(%starts : tensor<1x3xi32>) : !t, !t, !t -> !t
  return
}
