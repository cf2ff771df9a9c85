// RUN: attn-opt %s --cpu-expand-vector-math | FileCheck %s
//
// Upstream's approximation of 1/sqrt makes an op of a dialect that was not
// loaded, which crashed the compiler.

// CHECK-LABEL: func private @score(
// CHECK:         return
func.func private @score(%x: vector<8xf32>) -> vector<8xf32> {
  %y = math.rsqrt %x : vector<8xf32>
  return %y : vector<8xf32>
}
