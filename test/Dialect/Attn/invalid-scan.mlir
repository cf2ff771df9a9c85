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
func.func @scan_c8_decay_missing(%q: !t) {
  // expected-error@+1 {{'attn.scan' op transition scalar needs a decay region, which gives the logarithm of the factor}}
  attn.scan %q, %q, %q transition scalar : !t, !t, !t -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @scan_c8_decay_unused(%q: !t, %g: f32) {
  // expected-error@+1 {{'attn.scan' op a decay region needs transition scalar, diagonal or delta, and the transition is identity}}
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
    // expected-error@+1 {{'tensor.extract' op cannot be in the decay region: a table indexed by position t must be of f32, or of f16 or bf16 whose elements arith.extf extends}}
    %g = tensor.extract %table[%h, %t] : tensor<4x8xf16>
    %sum = arith.addf %g, %g : f16
    %g32 = arith.extf %sum : f16 to f32
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

!t = tensor<2x4x8x16xf32>
func.func @scan_c9_scalar_decay_of_rows(%q: !t, %g: f32) {
  // expected-error@+1 {{'attn.scan' op the decay region must take (b: index, h: index, t: index) and takes ('index', 'index', 'index', 'index')}}
  attn.scan %q, %q, %q transition scalar decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index):
    attn.yield %g : f32
  } : !t, !t, !t -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @scan_c9_diagonal_decay_of_positions(%q: !t, %g: f32) {
  // expected-error@+1 {{'attn.scan' op the decay region must take (b: index, h: index, t: index, e: index) and takes ('index', 'index', 'index')}}
  attn.scan %q, %q, %q transition diagonal decay {
  ^bb0(%b: index, %h: index, %t: index):
    attn.yield %g : f32
  } : !t, !t, !t -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @scan_c9_delta_decay_of_elements(%q: !t, %g: f32) {
  // expected-error@+1 {{'attn.scan' op the decay region must take (b: index, h: index, t: index, e: index) and takes ('index', 'index', 'index', 'index', 'index')}}
  attn.scan %q, %q, %q transition delta decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index, %d: index):
    attn.yield %g : f32
  } beta {
  ^bb0(%b: index, %h: index, %t: index):
    attn.yield %g : f32
  } : !t, !t, !t -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @scan_c9_output_arguments(%q: !t) {
  // expected-error@+1 {{'attn.scan' op the output region must take (b: index, h: index, t: index, d: index, y: f32) and takes ('f32')}}
  attn.scan %q, %q, %q transition identity output {
  ^bb0(%y: f32):
    attn.yield %y : f32
  } : !t, !t, !t -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @scan_c10_two_of_one_position(%q: !t, %table: tensor<8x8xf32>) {
  attn.scan %q, %q, %q transition scalar decay {
  ^bb0(%b: index, %h: index, %t: index):
    // expected-error@+1 {{'tensor.extract' op cannot be in the decay region: position t is two of its indices}}
    %g = tensor.extract %table[%t, %t] : tensor<8x8xf32>
    attn.yield %g : f32
  } : !t, !t, !t -> !t
  return
}

// -----

// With a decay of each element a step is one position: t may be anywhere. It may
// not be beside rows and columns where it is not.
!t = tensor<2x4x8x16xf32>
!table = tensor<8x16x16xf32>
func.func @scan_c10_position_of_one_step(%q: !t, %table: !table) {
  %o = attn.scan %q, %q, %q transition diagonal decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index, %d: index):
    %g = tensor.extract %table[%t, %d, %e] : !table
    attn.yield %g : f32
  } : !t, !t, !t -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @scan_c12_beta_missing(%q: !t) {
  // expected-error@+1 {{'attn.scan' op transition delta needs a beta region, which gives how much of the difference is written}}
  attn.scan %q, %q, %q transition delta : !t, !t, !t -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @scan_c12_beta_unused(%q: !t, %g: f32) {
  // expected-error@+1 {{'attn.scan' op a beta region needs transition delta, and the transition is identity}}
  attn.scan %q, %q, %q transition identity beta {
  ^bb0(%b: index, %h: index, %t: index):
    attn.yield %g : f32
  } : !t, !t, !t -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @scan_c13_delta(%q: !t, %g: f32) {
  // expected-error@+1 {{'attn.scan' op normalize is not defined for transition delta, whose weights need not be positive: drop it}}
  attn.scan %q, %q, %q transition delta normalize beta {
  ^bb0(%b: index, %h: index, %t: index):
    attn.yield %g : f32
  } : !t, !t, !t -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @scan_c13_elements(%q: !t, %g: f32) {
  // expected-error@+1 {{'attn.scan' op normalize needs a decay that all value columns have in common: drop d, or normalize}}
  attn.scan %q, %q, %q transition diagonal normalize decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index, %d: index):
    attn.yield %g : f32
  } : !t, !t, !t -> !t
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
