// RUN: attn-opt %s --convert-tile-to-cpu --canonicalize --cse | FileCheck %s
//
// With vectors of 8: what a block of rows of a triangular system knows of earlier
// rows is taken away in registers, and rows of one block from each other. Rows
// behind each other decay as they are multiplied, a vector of them at a time.

!view = memref<?x32xf32, strided<[?, 1], offset: ?>>

module attributes {attn.target = #attn.cpu<triple = "x86_64", cpu = "x86-64-v3",
    features = "", vector_bytes = 32, vector_registers = 16, l1_bytes = 32768,
    l2_bytes = 524288>} {
  // CHECK-LABEL: func @solve(
  // Six rows of two vectors, each of them minus a factor times an earlier row.
  // CHECK:         %[[SUMS:.*]]:12 = scf.for
  // CHECK-COUNT-6:   arith.negf
  // CHECK:           scf.yield
  // Then 15 pairs of rows of the block.
  // CHECK-COUNT-30: vector.fma
  // CHECK-NOT:      vector.fma
  // CHECK-COUNT-12: vector.store
  func.func @solve(%x: !view, %l: !view, %o: !view, %n: index) {
    tile.kernel grid(%n) ins(%x, %l : !view, !view) outs(%o : !view) {
    ^bb0(%i: index, %xm: !view, %lm: !view, %om: !view):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c24 = arith.constant 24 : index
      %c32 = arith.constant 32 : index
      %a = arith.constant dense<0.0> : tensor<24x32xf32>
      %r = tile.fold rows(%c0, %c1) keys 24 lanes 16 axes [1] init(%a : tensor<24x32xf32>) ranges {
      ^bb0(%f: index, %c: index):
        tile.visit %c0, %c0, %n, %n
        tile.yield
      } step {
      ^bb0(%j: index, %num: index, %s: tensor<24x32xf32>):
        %t = tile.load %xm[%j, %c0] extent(%num, %c32) : !view to tensor<24x32xf32>
        %lt = tile.load %lm[%j, %c0] extent(%num, %c24) : !view to tensor<24x24xf32>
        %u = tile.solve %lt, %t extent(%num) : tensor<24x24xf32>, tensor<24x32xf32>
        tile.yield %u : tensor<24x32xf32>
      } -> tensor<24x32xf32>
      tile.store %r, %om[%c0, %c0] extent(%c24, %c32) : tensor<24x32xf32> to !view
    }
    return
  }

  // CHECK-LABEL: func @decayed(
  // Rows of the vector itself: lanes that have not begun keep their factor 1.
  // CHECK:         vector.constant_mask [1] : vector<8xi1>
  // CHECK:         arith.select
  // CHECK:         vector.constant_mask [7] : vector<8xi1>
  // Rows behind all of them: a product and a sum each.
  // CHECK:         scf.for
  // CHECK:         scf.for {{.*}} iter_args
  // CHECK-NOT:       arith.select
  // CHECK-COUNT-8:   vector.fma
  // CHECK:           scf.yield
  func.func @decayed(%x: !view, %o: !view, %n: index) {
    tile.kernel grid(%n) ins(%x : !view) outs(%o : !view) {
    ^bb0(%i: index, %xm: !view, %om: !view):
      %c0 = arith.constant 0 : index
      %c24 = arith.constant 24 : index
      %c32 = arith.constant 32 : index
      %t = tile.load %xm[%c0, %c0] extent(%c24, %c32) : !view to tensor<24x32xf32>
      %w = tile.decayed_product %t, %t, %t extent(%c24) : tensor<24x32xf32> -> tensor<24x24xf32>
      tile.store %w, %om[%c0, %c0] extent(%c24, %c24) : tensor<24x24xf32> to !view
    }
    return
  }
}
