// RUN: %roundtrip
// RUN: attn-opt %s | FileCheck %s

!t = tensor<1x2x8x16xf32>
!v = tensor<1x4x8x16xf32>
!s = tensor<3x4x16x16xf32>

// CHECK-LABEL: func.func @everything(
// CHECK:         attn.scan %{{.*}}, %{{.*}}, %{{.*}} transition delta reverse
// CHECK-SAME:      starts(%{{.*}} : tensor<3xi32>) initial_state(%{{.*}} : tensor<3x4x16x16xf32>)
// CHECK-SAME:      decay {
// CHECK:         } beta {
// CHECK:         } feature {
// CHECK:         } write {
// CHECK:         } output {
// CHECK:         } : tensor<1x2x8x16xf32>, tensor<1x2x8x16xf32>, tensor<1x4x8x16xf32> -> tensor<1x4x8x16xf32> final_state tensor<3x4x16x16xf32>
func.func @everything(%q: !t, %v: !v, %starts: tensor<3xi32>, %s: !s, %g: !v) {
  %o, %s1 = attn.scan %q, %q, %v transition delta reverse
    starts(%starts : tensor<3xi32>) initial_state(%s : !s) decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index):
    %x = tensor.extract %g[%b, %h, %t, %e] : !v
    attn.yield %x : f32
  } beta {
  ^bb0(%b: index, %h: index, %t: index):
    %half = arith.constant 0.5 : f32
    attn.yield %half : f32
  } feature {
  ^bb0(%x: f32):
    %y = math.tanh %x : f32
    attn.yield %y : f32
  } write {
  ^bb0(%b: index, %h: index, %t: index, %d: index, %x: f32):
    %y = arith.addf %x, %x : f32
    attn.yield %y : f32
  } output {
  ^bb0(%b: index, %h: index, %t: index, %d: index, %y: f32):
    %z = arith.mulf %y, %y : f32
    attn.yield %z : f32
  } : !t, !t, !v -> !v final_state !s
  return
}

// CHECK-LABEL: func.func @elements(
// CHECK:         attn.scan %{{.*}} transition diagonal decay {
// CHECK-NEXT:    ^bb0(%{{.*}}: index, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index):
func.func @elements(%q: !t, %v: !v) {
  %o = attn.scan %q, %q, %v transition diagonal decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index, %d: index):
    %c = arith.constant -1.0 : f32
    attn.yield %c : f32
  } : !t, !t, !v -> !v
  return
}

// CHECK-LABEL: func.func @convolve(
// CHECK:         attn.convolve %{{.*}}, %{{.*}} initial_state(%{{.*}} : tensor<1x4x3x16xf32>) output {
// CHECK:         } : tensor<1x4x8x16xf32>, tensor<4x16x4xf32> -> tensor<1x4x8x16xf32> final_state tensor<1x4x3x16xf32>
// CHECK:         attn.convolve %{{.*}}, %{{.*}} : tensor<1x4x8x16xf32>, tensor<4x16x4xf32> -> tensor<1x4x8x16xf32>
func.func @convolve(%x: !v, %w: tensor<4x16x4xf32>, %s: tensor<1x4x3x16xf32>) {
  %y, %s1 = attn.convolve %x, %w initial_state(%s : tensor<1x4x3x16xf32>) output {
  ^bb0(%b: index, %h: index, %t: index, %d: index, %y: f32):
    %z = math.tanh %y : f32
    attn.yield %z : f32
  } : !v, tensor<4x16x4xf32> -> !v final_state tensor<1x4x3x16xf32>
  %z = attn.convolve %x, %w : !v, tensor<4x16x4xf32> -> !v
  return
}

!a = tensor<4x2x8x16xf32>

// CHECK-LABEL: func.func @state_space(
// CHECK:         attn.state_space %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : tensor<1x4x8x16xf32>, tensor<4x2x8x16xf32> -> tensor<1x4x8x16xf32>
// CHECK:         attn.state_space %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} low_rank(%{{.*}}, %{{.*}} : tensor<4x2x8x16xf32>, tensor<4x2x8x16xf32>) step(%{{.*}} : tensor<4x16xf32>) discretization bilinear initial_state(%{{.*}} : tensor<1x4x2x8x16xf32>) output {
// CHECK:         } : tensor<1x4x8x16xf32>, tensor<4x2x8x16xf32> -> tensor<1x4x8x16xf32> final_state tensor<1x4x2x8x16xf32>
func.func @state_space(%x: !v, %a: !a, %dt: tensor<4x16xf32>,
                       %s: tensor<1x4x2x8x16xf32>) {
  %y = attn.state_space %x, %a, %a, %a : !v, !a -> !v
  %z, %s1 = attn.state_space %x, %a, %a, %a low_rank(%a, %a : !a, !a)
    step(%dt : tensor<4x16xf32>) discretization bilinear
    initial_state(%s : tensor<1x4x2x8x16xf32>) output {
  ^bb0(%b: index, %h: index, %t: index, %d: index, %sum: f32):
    %w = math.tanh %sum : f32
    attn.yield %w : f32
  } : !v, !a -> !v final_state tensor<1x4x2x8x16xf32>
  return
}
