// RUN: attn-opt %s --split-input-file --verify-diagnostics

!t = tensor<2x4x8x16xf32>
!p = tensor<4x2x32x16xf32>
func.func @state_space_c1_rank(%x: tensor<2x4x8xf32>, %a: !p) {
  // expected-error@+1 {{'attn.state_space' op value has rank 3 and must have rank 4: [batch, heads, length, dim]}}
  attn.state_space %x, %a, %a, %a : tensor<2x4x8xf32>, !p -> tensor<2x4x8xf32>
  return
}

// -----

!t = tensor<2x4x8x16xf32>
!p = tensor<4x2x32x16xf32>
func.func @state_space_c1_out(%x: !t, %a: !p) {
  // expected-error@+1 {{'attn.state_space' op out has type 'tensor<2x4x8x16xf16>' and must have that of value, 'tensor<2x4x8x16xf32>'}}
  attn.state_space %x, %a, %a, %a : !t, !p -> tensor<2x4x8x16xf16>
  return
}

// -----

!t = tensor<2x4x8x16xf32>
!p = tensor<4x2x32x16xf32>
func.func @state_space_c2_rank(%x: !t, %a: tensor<4x32x16xf32>) {
  // expected-error@+1 {{'attn.state_space' op a has rank 3 and must have rank 4: [heads, parts, state, dim]}}
  attn.state_space %x, %a, %a, %a : !t, tensor<4x32x16xf32> -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
!p = tensor<4x2x32x16xf32>
func.func @state_space_c2_parts(%x: !t, %a: tensor<4x1x32x16xf32>) {
  // expected-error@+1 {{'attn.state_space' op a has type 'tensor<4x1x32x16xf32>' and must have 2 parts, real and imaginary}}
  attn.state_space %x, %a, %a, %a : !t, tensor<4x1x32x16xf32> -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
!p = tensor<4x2x32x16xf32>
func.func @state_space_c2_low_rank(%x: !t, %a: !p, %p: tensor<4x2x31x16xf32>) {
  // expected-error@+1 {{'attn.state_space' op low_rank has type 'tensor<4x2x31x16xf32>' and must have that of a, 'tensor<4x2x32x16xf32>'}}
  attn.state_space %x, %a, %a, %a low_rank(%p, %p : tensor<4x2x31x16xf32>, tensor<4x2x31x16xf32>) : !t, !p -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
!p = tensor<4x2x32x16xf32>
func.func @state_space_c3_state(%x: !t, %a: tensor<4x2x?x16xf32>) {
  // expected-error@+1 {{'attn.state_space' op state of a is dynamic and must be a number}}
  attn.state_space %x, %a, %a, %a : !t, tensor<4x2x?x16xf32> -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
!p = tensor<4x2x32x16xf32>
func.func @state_space_c3_dim(%x: !t, %a: tensor<4x2x32x8xf32>) {
  // expected-error@+1 {{'attn.state_space' op dim of a is 8 and that of value is 16: they must be equal}}
  attn.state_space %x, %a, %a, %a : !t, tensor<4x2x32x8xf32> -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
!p = tensor<4x2x32x16xf32>
func.func @state_space_c4_operands(%x: !t, %a: !p) {
  // expected-error@+1 {{'attn.state_space' op low_rank has 1 operands and must have two, p and q}}
  attn.state_space %x, %a, %a, %a low_rank(%a : !p) : !t, !p -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
!p = tensor<4x2x32x16xf32>
func.func @state_space_c5_step_alone(%x: !t, %a: !p, %s: tensor<4x16xf32>) {
  // expected-error@+1 {{'attn.state_space' op a step and a discretization need each other: give both for parameters in continuous time, and none for those of a step}}
  attn.state_space %x, %a, %a, %a step(%s : tensor<4x16xf32>) : !t, !p -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
!p = tensor<4x2x32x16xf32>
func.func @state_space_c5_discretization_alone(%x: !t, %a: !p) {
  // expected-error@+1 {{'attn.state_space' op a step and a discretization need each other: give both for parameters in continuous time, and none for those of a step}}
  attn.state_space %x, %a, %a, %a discretization zoh : !t, !p -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
!p = tensor<4x2x32x16xf32>
func.func @state_space_c5_heads(%x: !t, %a: !p, %s: tensor<3x16xf32>) {
  // expected-error@+1 {{'attn.state_space' op heads of step is 3 and that of value is 4: they must be equal}}
  attn.state_space %x, %a, %a, %a step(%s : tensor<3x16xf32>) discretization zoh : !t, !p -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
!p = tensor<4x2x32x16xf32>
func.func @state_space_c6_zoh(%x: !t, %a: !p, %s: tensor<4x16xf32>) {
  // expected-error@+1 {{'attn.state_space' op zoh of a matrix that is not diagonal is a matrix exponential, which has no low rank: use bilinear, or drop low_rank}}
  attn.state_space %x, %a, %a, %a low_rank(%a, %a : !p, !p) step(%s : tensor<4x16xf32>) discretization zoh : !t, !p -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
!p = tensor<4x2x32x16xf32>
func.func @state_space_c7_rank(%x: !t, %a: !p, %h: tensor<2x4x32x16xf32>) {
  // expected-error@+1 {{'attn.state_space' op initial_state has rank 4 and must have rank 5: [batch, heads, parts, state, dim]}}
  attn.state_space %x, %a, %a, %a initial_state(%h : tensor<2x4x32x16xf32>) : !t, !p -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
!p = tensor<4x2x32x16xf32>
func.func @state_space_c7_state(%x: !t, %a: !p) {
  // expected-error@+1 {{'attn.state_space' op state of final_state is 31 and that of a is 32: they must be equal}}
  attn.state_space %x, %a, %a, %a : !t, !p -> !t final_state tensor<2x4x2x31x16xf32>
  return
}

// -----

!t = tensor<2x4x8x16xf32>
!p = tensor<4x2x32x16xf32>
func.func @state_space_c8_output(%x: !t, %a: !p) {
  // expected-error@+1 {{'attn.state_space' op the output region must take (b: index, h: index, t: index, d: index, y: f32) and takes ('f32')}}
  attn.state_space %x, %a, %a, %a output {
  ^bb0(%y: f32):
    attn.yield %y : f32
  } : !t, !p -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
!p = tensor<4x2x32x16xf32>
func.func @state_space_c9_look_up(%x: !t, %a: !p, %bias: tensor<16x4xf32>) {
  attn.state_space %x, %a, %a, %a output {
  ^bb0(%b: index, %h: index, %t: index, %d: index, %y: f32):
    // expected-error@+1 {{'tensor.extract' op cannot be in the output region: position d is index 0 and must be the last: transpose the table}}
    %c = tensor.extract %bias[%d, %h] : tensor<16x4xf32>
    attn.yield %c : f32
  } : !t, !p -> !t
  return
}

// -----

!t = tensor<9223372036854775807x4x16x16xf32>
!p = tensor<4x2x32x16xf32>
func.func @state_space_c10_too_many_elements(%x: !t, %a: !p) {
  // expected-error@+1 {{'attn.state_space' op type 'tensor<9223372036854775807x4x16x16xf32>' has more than 2^40 elements}}
  attn.state_space %x, %a, %a, %a : !t, !p -> !t
  return
}
