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
  // expected-error@+1 {{'attn.scan' op heads of key is 2 and that of query is 4: they must be equal}}
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
func.func @scan_c8_decay_missing(%q: !t) {
  // expected-error@+1 {{'attn.scan' op transition scalar needs a decay region, which gives the logarithm of the factor}}
  attn.scan %q, %q, %q transition scalar : !t, !t, !t -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @scan_c8_decay_unused(%q: !t, %g: f32) {
  // expected-error@+1 {{'attn.scan' op a decay region needs transition scalar, and the transition is identity}}
  attn.scan %q, %q, %q transition identity decay {
  ^bb0(%b: index, %h: index, %t: index):
    attn.yield %g : f32
  } : !t, !t, !t -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @scan_c9_feature_arguments(%q: !t) {
  // expected-error@+1 {{'attn.scan' op the feature region must take (x: f32) and takes ('f32', 'index')}}
  attn.scan %q, %q, %q transition identity feature {
  ^bb0(%x: f32, %b: index):
    attn.yield %x : f32
  } : !t, !t, !t -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @scan_c10_t_not_last(%q: !t, %table: tensor<8x4xf32>) {
  attn.scan %q, %q, %q transition scalar decay {
  ^bb0(%b: index, %h: index, %t: index):
    // expected-error@+1 {{'tensor.extract' op cannot be in the decay region: position t is index 0 and must be the last: transpose the table}}
    %g = tensor.extract %table[%t, %h] : tensor<8x4xf32>
    attn.yield %g : f32
  } : !t, !t, !t -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @scan_c10_t_half(%q: !t, %table: tensor<4x8xf16>) {
  attn.scan %q, %q, %q transition scalar decay {
  ^bb0(%b: index, %h: index, %t: index):
    // expected-error@+1 {{'tensor.extract' op cannot be in the decay region: a table indexed by position t must be of f32: convert it before}}
    %g = tensor.extract %table[%h, %t] : tensor<4x8xf16>
    %g32 = arith.extf %g : f16 to f32
    attn.yield %g32 : f32
  } : !t, !t, !t -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @scan_c11_too_many_elements(%q: !t) {
  // expected-error@+1 {{'attn.scan' op type 'tensor<9223372036854775807x2x16x16xf32>' has more than 2^40 elements}}
  attn.scan %q, %q, %q transition identity : !t, !t, !t -> !t final_state tensor<9223372036854775807x2x16x16xf32>
  return
}
