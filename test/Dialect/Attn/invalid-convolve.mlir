// RUN: attn-opt %s --split-input-file --verify-diagnostics

!t = tensor<2x4x8x16xf32>
func.func @convolve_c1_rank(%x: tensor<2x4x8xf32>, %w: tensor<4x16x4xf32>) {
  // expected-error@+1 {{'attn.convolve' op value has rank 3 and must have rank 4: [batch, heads, length, dim]}}
  attn.convolve %x, %w : tensor<2x4x8xf32>, tensor<4x16x4xf32> -> tensor<2x4x8xf32>
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @convolve_c1_out(%x: !t, %w: tensor<4x16x4xf32>) {
  // expected-error@+1 {{'attn.convolve' op out has type 'tensor<2x4x8x16xf16>' and must have that of value, 'tensor<2x4x8x16xf32>'}}
  attn.convolve %x, %w : !t, tensor<4x16x4xf32> -> tensor<2x4x8x16xf16>
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @convolve_c2_heads(%x: !t, %w: tensor<2x16x4xf32>) {
  // expected-error@+1 {{'attn.convolve' op heads of weight is 2 and that of value is 4: they must be equal}}
  attn.convolve %x, %w : !t, tensor<2x16x4xf32> -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @convolve_c2_taps(%x: !t, %w: tensor<4x16x1xf32>) {
  // expected-error@+1 {{'attn.convolve' op has 1 taps and must have 2 to 16}}
  attn.convolve %x, %w : !t, tensor<4x16x1xf32> -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @convolve_c3_taps(%x: !t, %w: tensor<4x16x?xf32>) {
  // expected-error@+1 {{'attn.convolve' op taps of weight is dynamic and must be a number}}
  attn.convolve %x, %w : !t, tensor<4x16x?xf32> -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @convolve_c4_rows(%x: !t, %w: tensor<4x16x4xf32>, %s: tensor<2x4x4x16xf32>) {
  // expected-error@+1 {{'attn.convolve' op initial_state has type 'tensor<2x4x4x16xf32>' and must have 3 rows, one less than there are taps}}
  attn.convolve %x, %w initial_state(%s : tensor<2x4x4x16xf32>) : !t, tensor<4x16x4xf32> -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @convolve_c4_element(%x: !t, %w: tensor<4x16x4xf32>, %s: tensor<2x4x3x16xf16>) {
  // expected-error@+1 {{'attn.convolve' op initial_state has element type 'f16' and value has 'f32'}}
  attn.convolve %x, %w initial_state(%s : tensor<2x4x3x16xf16>) : !t, tensor<4x16x4xf32> -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @convolve_c5_output(%x: !t, %w: tensor<4x16x4xf32>) {
  // expected-error@+1 {{'attn.convolve' op the output region must take (b: index, h: index, t: index, d: index, y: f32) and takes ('f32')}}
  attn.convolve %x, %w output {
  ^bb0(%y: f32):
    attn.yield %y : f32
  } : !t, tensor<4x16x4xf32> -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @convolve_c6_look_up(%x: !t, %w: tensor<4x16x4xf32>, %bias: tensor<16x4xf32>) {
  attn.convolve %x, %w output {
  ^bb0(%b: index, %h: index, %t: index, %d: index, %y: f32):
    // expected-error@+1 {{'tensor.extract' op cannot be in the output region: position d is index 0 and must be the last: transpose the table}}
    %c = tensor.extract %bias[%d, %h] : tensor<16x4xf32>
    attn.yield %c : f32
  } : !t, tensor<4x16x4xf32> -> !t
  return
}

// -----

!t = tensor<9223372036854775807x2x16x16xf32>
func.func @convolve_c7_too_many_elements(%x: !t, %w: tensor<2x16x4xf32>) {
  // expected-error@+1 {{'attn.convolve' op type 'tensor<9223372036854775807x2x16x16xf32>' has more than 2^40 elements}}
  attn.convolve %x, %w : !t, tensor<2x16x4xf32> -> !t
  return
}
