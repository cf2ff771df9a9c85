// RUN: attn-opt %s --tile-hoist-invariants --split-input-file | FileCheck %s

!view = memref<?x16xf32, strided<[?, 1], offset: ?>>

// A table is loaded once, and what is computed of it alone is computed once; the
// constant that its product is multiplied by goes with it. What depends on the
// step stays, and so does a constant tile.
// CHECK-LABEL: func @table(
// CHECK:         tile.kernel
// CHECK:           %[[T:.*]] = tile.load
// CHECK:           %[[E:.*]] = math.exp %[[T]] : tensor<8x16xf32>
// CHECK:           %[[S:.*]] = arith.mulf %[[E]], %{{.*}} : tensor<8x16xf32>
// CHECK:           tile.fold
// CHECK:           step {
// CHECK-NEXT:      ^bb0(%[[J:.*]]: index, %{{.*}}: index, %[[C:.*]]: tensor<8x16xf32>):
// CHECK-NOT:         math.exp
// CHECK:             %[[X:.*]] = tile.load %{{.*}}[%[[J]],
// CHECK:             %[[B:.*]] = tile.broadcast %[[X]]
// CHECK:             %[[P:.*]] = arith.mulf %[[B]], %[[S]]
// CHECK:             arith.addf %[[P]], %[[C]]
func.func @table(%x: !view, %y: !view, %o: !view, %n: index) {
  tile.kernel grid(%n) ins(%x, %y : !view, !view) outs(%o : !view) {
  ^bb0(%i: index, %xm: !view, %ym: !view, %om: !view):
    %c0 = arith.constant 0 : index
    %c8 = arith.constant 8 : index
    %c16 = arith.constant 16 : index
    %a = arith.constant dense<0.0> : tensor<8x16xf32>
    %r = tile.fold rows(%c0, %c8) keys 1 lanes 16 axes [1] init(%a : tensor<8x16xf32>) ranges {
    ^bb0(%f: index, %c: index):
      tile.visit %c0, %c0, %n, %n
      tile.yield
    } step {
    ^bb0(%j: index, %num: index, %s: tensor<8x16xf32>):
      %t = tile.load %ym[%c0, %c0] extent(%c8, %c16) : !view to tensor<8x16xf32>
      %e = math.exp %t : tensor<8x16xf32>
      %v = tile.load %xm[%j, %c0] extent(%c16) : !view to tensor<16xf32>
      %b = tile.broadcast %v axis 1 : tensor<16xf32> to tensor<8x16xf32>
      %p = arith.mulf %e, %b : tensor<8x16xf32>
      %k = arith.constant dense<2.0> : tensor<8x16xf32>
      %q = arith.mulf %p, %k : tensor<8x16xf32>
      %u = arith.addf %q, %s : tensor<8x16xf32>
      tile.yield %u : tensor<8x16xf32>
    } -> tensor<8x16xf32>
    tile.store %r, %om[%i, %c0] extent(%c8, %c16) : tensor<8x16xf32> to !view
  }
  return
}

// -----

// What the kernel writes may differ from step to step.
!view = memref<?x16xf32, strided<[?, 1], offset: ?>>
// CHECK-LABEL: func @written(
// CHECK:         step {
// CHECK:           tile.load
func.func @written(%o: !view, %n: index) {
  tile.kernel grid(%n) outs(%o : !view) {
  ^bb0(%i: index, %om: !view):
    %c0 = arith.constant 0 : index
    %c16 = arith.constant 16 : index
    %a = arith.constant dense<0.0> : tensor<16xf32>
    %r = tile.fold rows(%c0, %n) keys 1 lanes 16 axes [0] init(%a : tensor<16xf32>) ranges {
    ^bb0(%f: index, %c: index):
      tile.visit %c0, %c0, %n, %n
      tile.yield
    } step {
    ^bb0(%j: index, %num: index, %s: tensor<16xf32>):
      %t = tile.load %om[%c0, %c0] extent(%c16) : !view to tensor<16xf32>
      %u = arith.addf %t, %s : tensor<16xf32>
      tile.store %u, %om[%c0, %c0] extent(%c16) : tensor<16xf32> to !view
      tile.yield %u : tensor<16xf32>
    } -> tensor<16xf32>
  }
  return
}
