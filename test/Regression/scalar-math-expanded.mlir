// RUN: attn-opt %s --cpu-expand-vector-math | FileCheck %s
//
// Scalars are left to libm: the patterns taken over from upstream replaced them
// too, by polynomials of a lower precision.

// CHECK-LABEL: func @scalar(
// CHECK-NEXT:    math.exp %{{.*}} : f32
// CHECK-NEXT:    math.tanh %{{.*}} : f32
// CHECK-NEXT:    return
func.func @scalar(%x: f32) -> (f32, f32) {
  %a = math.exp %x : f32
  %b = math.tanh %x : f32
  return %a, %b : f32, f32
}
