// RUN: attn-opt %s --convert-tile-to-cpu --canonicalize --cse | FileCheck %s
//
// What is computed in front of a fold and read by two ops is kept for all strips, here
// 16 columns in two strips of 8.

!view = memref<?x16xf32, strided<[?, 1], offset: ?>>
module attributes {attn.target = #attn.cpu<triple = "x86_64", cpu = "x86-64-v3",
    features = "", vector_bytes = 32, vector_registers = 16, l1_bytes = 32768,
    l2_bytes = 524288>} {
  // CHECK-LABEL: func.func @twice(
  // CHECK:         %[[X:.*]] = vector.load %{{.*}}[%[[STRIP:.*]], %[[ROW:.*]], %c0]
  // CHECK-NEXT:    %[[SQUARE:.*]] = arith.mulf %[[X]], %[[X]]
  // CHECK-NEXT:    vector.store %[[SQUARE]], %[[KEPT:.*]][%[[STRIP]], %[[ROW]], %c0] : memref<2x16x8xf32>
  // CHECK-COUNT-2: vector.load %[[KEPT]][
  func.func @twice(%i: !view, %o: !view, %n: index) {
    tile.kernel grid(%n) ins(%i : !view) outs(%o : !view) {
    ^bb0(%g: index, %im: !view, %om: !view):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %c16 = arith.constant 16 : index
      %zero = arith.constant dense<0.0> : tensor<4x16xf32>
      %x = tile.load %im[%c0, %c0] extent(%c4, %c16) : !view to tensor<4x16xf32>
      %square = arith.mulf %x, %x : tensor<4x16xf32>
      %sum = arith.addf %square, %x : tensor<4x16xf32>
      %product = arith.mulf %square, %x : tensor<4x16xf32>
      %s = tile.fold rows(%c0, %c1) keys 1 lanes 8 axes [1] init(%zero : tensor<4x16xf32>) ranges {
      ^bb0(%f: index, %c: index):
        tile.visit %c0, %c0, %c4, %c4
        tile.yield
      } step {
      ^bb0(%j: index, %num: index, %carried: tensor<4x16xf32>):
        %t = arith.mulf %carried, %sum : tensor<4x16xf32>
        %u = arith.addf %t, %product : tensor<4x16xf32>
        tile.yield %u : tensor<4x16xf32>
      } -> tensor<4x16xf32>
      tile.store %s, %om[%c0, %c0] extent(%c4, %c16) : tensor<4x16xf32> to !view
    }
    return
  }
}
