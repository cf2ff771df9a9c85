// RUN: attn-opt %s --convert-tile-to-cpu --canonicalize --cse | FileCheck %s
//
// With vectors of 8: an axis of 32 columns in four strips of one vector, which
// threads without an instance of their own have parts of.

!view = memref<?x32xf32, strided<[?, 1], offset: ?>>
!row = memref<?xf32, strided<[1], offset: ?>>

module attributes {attn.target = #attn.cpu<triple = "x86_64", cpu = "x86-64-v3",
    features = "", vector_bytes = 32, vector_registers = 16, l1_bytes = 32768,
    l2_bytes = 524288>} {
  // A part has the strips between two bounds. What strips share is stored by one
  // part, or two threads would write to the same place.
  // CHECK-LABEL: func @parts(
  // CHECK:         %[[PARTS:.*]] = call @attnc_rt_count_parts(%{{.*}}, %c4)
  // CHECK:         scf.parallel (%{{.*}}, %[[PART:.*]]) = (%c0, %c0) to (%{{.*}}, %[[PARTS]])
  // CHECK:           %[[A:.*]] = arith.muli %[[PART]], %c4
  // CHECK:           %[[BEGIN:.*]] = arith.divui %[[A]], %[[PARTS]]
  // CHECK:           %[[END:.*]] = arith.divui %{{.*}}, %[[PARTS]]
  // CHECK:           %[[FIRST:.*]] = arith.cmpi eq, %[[PART]], %c0
  // CHECK:           scf.for %{{.*}} = %[[BEGIN]] to %[[END]] step %c1
  // CHECK:           scf.if %[[FIRST]] {
  // CHECK:             memref.store
  func.func @parts(%x: !view, %o: !view, %z: !row, %n: index) {
    tile.kernel grid(%n) ins(%x : !view) outs(%o, %z : !view, !row) {
    ^bb0(%i: index, %xm: !view, %om: !view, %zm: !row):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %c32 = arith.constant 32 : index
      %a = arith.constant dense<0.0> : tensor<4x32xf32>
      %b = arith.constant dense<0.0> : tensor<4xf32>
      %r:2 = tile.fold rows(%c0, %c1) keys 1 lanes 8 axes [1, -1] init(%a, %b : tensor<4x32xf32>, tensor<4xf32>) ranges {
      ^bb0(%f: index, %c: index):
        tile.visit %c0, %c0, %n, %n
        tile.yield
      } step {
      ^bb0(%j: index, %num: index, %s: tensor<4x32xf32>, %t: tensor<4xf32>):
        %row = tile.load %xm[%j, %c0] extent(%c32) : !view to tensor<32xf32>
        %rows = tile.broadcast %row axis 1 : tensor<32xf32> to tensor<4x32xf32>
        %next = arith.addf %s, %rows : tensor<4x32xf32>
        %one = arith.constant dense<1.0> : tensor<4xf32>
        %more = arith.addf %t, %one : tensor<4xf32>
        tile.yield %next, %more : tensor<4x32xf32>, tensor<4xf32>
      } -> tensor<4x32xf32>, tensor<4xf32>
      tile.store %r#0, %om[%c0, %c0] extent(%c4, %c32) : tensor<4x32xf32> to !view
      tile.store %r#1, %zm[%c0] extent(%c4) : tensor<4xf32> to !row
    }
    return
  }

  // One part: a single strip, and a fold of few steps.
  // CHECK-LABEL: func @one_part(
  // CHECK-NOT:     call @attnc_rt_count_parts
  // CHECK:         return
  func.func @one_part(%x: !view, %o: !view, %n: index) {
    tile.kernel grid(%n) ins(%x : !view) outs(%o : !view) {
    ^bb0(%i: index, %xm: !view, %om: !view):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %c32 = arith.constant 32 : index
      %a = arith.constant dense<0.0> : tensor<4x32xf32>
      %r = tile.fold rows(%c0, %c1) keys 1 lanes 32 axes [1] init(%a : tensor<4x32xf32>) ranges {
      ^bb0(%f: index, %c: index):
        tile.visit %c0, %c0, %n, %n
        tile.yield
      } step {
      ^bb0(%j: index, %num: index, %s: tensor<4x32xf32>):
        %next = arith.addf %s, %s : tensor<4x32xf32>
        tile.yield %next : tensor<4x32xf32>
      } -> tensor<4x32xf32>
      tile.store %r, %om[%c0, %c0] extent(%c4, %c32) : tensor<4x32xf32> to !view
    }
    tile.kernel grid(%n) ins(%x : !view) outs(%o : !view) {
    ^bb0(%i: index, %xm: !view, %om: !view):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %c32 = arith.constant 32 : index
      %a = tile.load %xm[%c0, %c0] extent(%c4, %c32) : !view to tensor<4x32xf32>
      %r = tile.fold rows(%c0, %c1) keys 1 lanes 8 axes [1] in_memory init(%a : tensor<4x32xf32>) ranges {
      ^bb0(%f: index, %c: index):
        tile.visit %c0, %c0, %n, %n
        tile.yield
      } step {
      ^bb0(%j: index, %num: index, %s: tensor<4x32xf32>):
        %next = arith.addf %s, %s : tensor<4x32xf32>
        tile.yield %next : tensor<4x32xf32>
      } -> tensor<4x32xf32>
      tile.store %r, %om[%c0, %c0] extent(%c4, %c32) : tensor<4x32xf32> to !view
    }
    return
  }
}
