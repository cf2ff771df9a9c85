// RUN: attnc run %s --random --check | FileCheck %s

// A spec without an op of the attn dialect crashed when its target was described:
// nothing had loaded the dialect of the description.
// CHECK: ok
func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = arith.addf %x, %x : tensor<?xf32>
  return %y : tensor<?xf32>
}
