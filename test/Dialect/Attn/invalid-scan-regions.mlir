// RUN: attn-opt %s --split-input-file --verify-diagnostics


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
