// RUN: attn-opt %s --convert-tile-to-cpu --canonicalize --cse | FileCheck %s
//
// With vectors of 8: a carry that comes from memory and goes to memory, of one
// strip of two vectors. The step is a sum over its rows of what it makes of them.

!view = memref<?x16xf32, strided<[?, 1], offset: ?>>

module attributes {attn.target = #attn.cpu<triple = "x86_64", cpu = "x86-64-v3",
    features = "", vector_bytes = 32, vector_registers = 16, l1_bytes = 32768,
    l2_bytes = 524288>} {
  // No buffer, and no loop but over the rows of a step: the first step reads where
  // the carry comes from, all write where it goes to. Without steps it is copied.
  // CHECK-LABEL: func @whole(
  // CHECK-SAME:      %[[X:.*]]: memref<{{[^,]*}}, strided<[?, 1], offset: ?>>, %[[O:.*]]: memref<{{[^,]*}}, strided<[?, 1], offset: ?>>, %[[N:.*]]: index
  // CHECK-NOT:     memref.alloc
  // CHECK:         scf.parallel
  // CHECK:           %[[EMPTY:.*]] = arith.cmpi sle, %[[N]], %c0
  // CHECK:           scf.if %[[EMPTY]] {
  // CHECK:             vector.load %[[X]]
  // CHECK:             vector.store %{{.*}}, %[[O]]
  // CHECK:           }
  // CHECK:           scf.for %[[KEY:.*]] = %c0 to %[[N]] step %c1
  // CHECK:             %[[FIRST:.*]] = arith.cmpi eq, %[[KEY]], %c0
  // CHECK:             %[[FROM:.*]] = arith.select %[[FIRST]], %[[X]], %[[O]]
  // CHECK:             scf.for
  // CHECK:               vector.load %[[FROM]]
  // CHECK:               vector.store %{{.*}}, %[[O]]
  // CHECK:               scf.yield
  // CHECK-NOT:       vector.load
  func.func @whole(%x: !view, %o: !view, %n: index) {
    tile.kernel grid(%n) ins(%x : !view) outs(%o : !view) {
    ^bb0(%i: index, %xm: !view, %om: !view):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %c16 = arith.constant 16 : index
      %a = tile.load %xm[%c0, %c0] extent(%c4, %c16) : !view to tensor<4x16xf32>
      %r = tile.fold rows(%c0, %c1) keys 1 lanes 16 axes [1] in_memory init(%a : tensor<4x16xf32>) ranges {
      ^bb0(%f: index, %c: index):
        tile.visit %c0, %c0, %n, %n
        tile.yield
      } step {
      ^bb0(%j: index, %num: index, %s: tensor<4x16xf32>):
        %next = arith.addf %s, %s : tensor<4x16xf32>
        %sum = tile.reduce add %next axis 0 extent(%c4) : tensor<4x16xf32> -> tensor<16xf32>
        tile.store %sum, %om[%c4, %c0] extent(%c16) : tensor<16xf32> to !view
        tile.yield %next : tensor<4x16xf32>
      } -> tensor<4x16xf32>
      tile.store %r, %om[%c0, %c0] extent(%c4, %c16) : tensor<4x16xf32> to !view
    }
    return
  }

  // What begins as zero has no memory to be read from: it is written first.
  // CHECK-LABEL: func @zero(
  // CHECK-SAME:      %[[O:[a-z0-9]*]]: memref
  // CHECK-NOT:     memref.alloc
  // CHECK:         scf.parallel
  // CHECK:           scf.for
  // CHECK-COUNT-2:     vector.store %{{.*}}, %[[O]]
  // CHECK:           scf.for
  // CHECK-NOT:         arith.select
  // CHECK:             scf.for
  // CHECK:               vector.load %[[O]]
  // CHECK:               vector.store %{{.*}}, %[[O]]
  func.func @zero(%o: !view, %n: index) {
    tile.kernel grid(%n) ins(%o : !view) outs(%o : !view) {
    ^bb0(%i: index, %unused: !view, %om: !view):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %c16 = arith.constant 16 : index
      %a = arith.constant dense<0.0> : tensor<4x16xf32>
      %r = tile.fold rows(%c0, %c1) keys 1 lanes 16 axes [1] in_memory init(%a : tensor<4x16xf32>) ranges {
      ^bb0(%f: index, %c: index):
        tile.visit %c0, %c0, %n, %n
        tile.yield
      } step {
      ^bb0(%j: index, %num: index, %s: tensor<4x16xf32>):
        %next = arith.addf %s, %s : tensor<4x16xf32>
        %sum = tile.reduce add %next axis 0 extent(%c4) : tensor<4x16xf32> -> tensor<16xf32>
        tile.store %sum, %om[%c4, %c0] extent(%c16) : tensor<16xf32> to !view
        tile.yield %next : tensor<4x16xf32>
      } -> tensor<4x16xf32>
      tile.store %r, %om[%c0, %c0] extent(%c4, %c16) : tensor<4x16xf32> to !view
    }
    return
  }

  // In a buffer: rows of 12 are no whole strips, and vectors would reach into what
  // is not the carry's.
  // CHECK-LABEL: func @part_of_a_strip(
  // CHECK:         memref.alloc
  // CHECK-NOT:     arith.select
  func.func @part_of_a_strip(%x: !view, %o: !view, %n: index) {
    tile.kernel grid(%n) ins(%x : !view) outs(%o : !view) {
    ^bb0(%i: index, %xm: !view, %om: !view):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %c12 = arith.constant 12 : index
      %a = tile.load %xm[%c0, %c0] extent(%c4, %c12) : !view to tensor<4x16xf32>
      %r = tile.fold rows(%c0, %c1) keys 1 lanes 16 axes [1] in_memory init(%a : tensor<4x16xf32>) ranges {
      ^bb0(%f: index, %c: index):
        tile.visit %c0, %c0, %n, %n
        tile.yield
      } step {
      ^bb0(%j: index, %num: index, %s: tensor<4x16xf32>):
        %next = arith.addf %s, %s : tensor<4x16xf32>
        tile.yield %next : tensor<4x16xf32>
      } -> tensor<4x16xf32>
      tile.store %r, %om[%c0, %c0] extent(%c4, %c12) : tensor<4x16xf32> to !view
    }
    return
  }
}
