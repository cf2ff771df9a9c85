// RUN: attn-opt %s --convert-tile-to-cpu --split-input-file --verify-diagnostics

!view = memref<?x16xf32, strided<[?, 1], offset: ?>>

// Without a target there is no vector length.
func.func @no_target(%o: !view, %n: index) {
  // expected-error @below {{'tile.kernel' op is in a module without an attn.target; run cpu-attach-target first}}
  tile.kernel grid(%n) outs(%o : !view) {
  ^bb0(%i: index, %om: !view):
  }
  return
}

// -----

!view = memref<?x16xf32, strided<[?, 1], offset: ?>>
module attributes {attn.target = #attn.cpu<triple = "x86_64", cpu = "x86-64-v3",
    features = "", vector_bytes = 32, vector_registers = 16, l1_bytes = 32768,
    l2_bytes = 524288>} {
  // A tensor has no address.
  func.func @on_tensors(%o: tensor<?x16xf32>, %n: index) -> tensor<?x16xf32> {
    // expected-error @below {{'tile.kernel' op is on tensors; bufferize before converting to cpu}}
    %r = tile.kernel grid(%n) outs(%o : tensor<?x16xf32>) -> tensor<?x16xf32> {
    ^bb0(%i: index, %om: !view):
    }
    return %r : tensor<?x16xf32>
  }

  // A loop on scalars would have to be emitted once for each strip.
  func.func @loop(%o: !view, %n: index) {
    tile.kernel grid(%n) outs(%o : !view) {
    ^bb0(%i: index, %om: !view):
      %c1 = arith.constant 1 : index
      // expected-error @below {{'scf.for' op is not supported inside a tile kernel; move it in front of the sequence op}}
      scf.for %j = %i to %n step %c1 {
      }
    }
    return
  }

  // Two folds of one kernel share one set of strips.
  func.func @two_cuts(%o: !view, %n: index) {
    tile.kernel grid(%n) outs(%o : !view) {
    ^bb0(%i: index, %om: !view):
      %a = arith.constant dense<0.0> : tensor<16xf32>
      %b = arith.constant dense<0.0> : tensor<32xf32>
      %x = tile.fold rows(%i, %n) keys 8 lanes 8 axes [0] init(%a : tensor<16xf32>) ranges {
      ^bb0(%f: index, %c: index):
        tile.visit %f, %f, %c, %c
        tile.yield
      } step {
      ^bb0(%j: index, %num: index, %s: tensor<16xf32>):
        tile.yield %s : tensor<16xf32>
      } -> tensor<16xf32>
      // expected-error @below {{'tile.fold' op cuts its independent axis differently from another fold of the same kernel; give both the same size and lanes}}
      %y = tile.fold rows(%i, %n) keys 8 lanes 8 axes [0] init(%b : tensor<32xf32>) ranges {
      ^bb0(%f: index, %c: index):
        tile.visit %f, %f, %c, %c
        tile.yield
      } step {
      ^bb0(%j: index, %num: index, %s: tensor<32xf32>):
        tile.yield %s : tensor<32xf32>
      } -> tensor<32xf32>
    }
    return
  }

  // The carry's rows, used as columns too, are lanes of each other's strip.
  func.func @conflict(%o: !view, %n: index) {
    tile.kernel grid(%n) outs(%o : !view) {
    ^bb0(%i: index, %om: !view):
      %a = arith.constant dense<0.0> : tensor<16xf32>
      %x = tile.fold rows(%i, %n) keys 8 lanes 8 axes [0] init(%a : tensor<16xf32>) ranges {
      ^bb0(%f: index, %c: index):
        tile.visit %f, %f, %c, %c
        tile.yield
      } step {
      ^bb0(%j: index, %num: index, %s: tensor<16xf32>):
        // expected-error @below {{'tile.broadcast' op mixes elements along the independent axis of the carry; no two axes of one tile can be independent}}
        %rows = tile.broadcast %s axis 0 : tensor<16xf32> to tensor<16x16xf32>
        %columns = tile.broadcast %s axis 1 : tensor<16xf32> to tensor<16x16xf32>
        %sum = arith.addf %rows, %columns : tensor<16x16xf32>
        %t = tile.reduce add %sum axis 1 extent(%num) : tensor<16x16xf32> -> tensor<16xf32>
        tile.yield %t : tensor<16xf32>
      } -> tensor<16xf32>
    }
    return
  }

  // Lanes are independent rows of the carry: no lane sums those before it.
  func.func @sum_of_lanes(%o: !view, %n: index) {
    tile.kernel grid(%n) outs(%o : !view) {
    ^bb0(%i: index, %om: !view):
      %a = arith.constant dense<0.0> : tensor<16xf32>
      %x = tile.fold rows(%i, %n) keys 8 lanes 8 axes [0] init(%a : tensor<16xf32>) ranges {
      ^bb0(%f: index, %c: index):
        tile.visit %f, %f, %c, %c
        tile.yield
      } step {
      ^bb0(%j: index, %num: index, %s: tensor<16xf32>):
        // expected-error @below {{'tile.cumulative_sum' op runs along the lanes of the tile, which is not supported on cpu; sum a shared tile along axis 0}}
        %t = tile.cumulative_sum %s : tensor<16xf32>
        %u = arith.addf %s, %t : tensor<16xf32>
        tile.yield %u : tensor<16xf32>
      } -> tensor<16xf32>
    }
    return
  }

  // Exchanged components would be overwritten before they are read.
  func.func @exchange(%o: !view, %n: index) {
    tile.kernel grid(%n) outs(%o : !view) {
    ^bb0(%i: index, %om: !view):
      %a = arith.constant dense<0.0> : tensor<16x4xf32>
      // expected-error @below {{'tile.fold' op exchanges components of its carry in one step, which is not supported on cpu}}
      %x:2 = tile.fold rows(%i, %n) keys 8 lanes 8 axes [0, 0] init(%a, %a : tensor<16x4xf32>, tensor<16x4xf32>) ranges {
      ^bb0(%f: index, %c: index):
        tile.visit %f, %f, %c, %c
        tile.yield
      } step {
      ^bb0(%j: index, %num: index, %s: tensor<16x4xf32>, %t: tensor<16x4xf32>):
        tile.yield %t, %s : tensor<16x4xf32>, tensor<16x4xf32>
      } -> tensor<16x4xf32>, tensor<16x4xf32>
    }
    return
  }

  // A branch on tiles chooses between two new carries, and so belongs in a step.
  func.func @branch_outside_of_fold(%o: !view, %n: index, %p: i1) {
    tile.kernel grid(%n) outs(%o : !view) {
    ^bb0(%i: index, %om: !view):
      %a = arith.constant dense<0.0> : tensor<16xf32>
      %c0 = arith.constant 0 : index
      // expected-error @below {{'scf.if' op on tiles is supported in a fold's step only, with both branches}}
      %b = scf.if %p -> tensor<16xf32> {
        scf.yield %a : tensor<16xf32>
      } else {
        %e = math.exp2 %a : tensor<16xf32>
        scf.yield %e : tensor<16xf32>
      }
      tile.store %b, %om[%c0, %c0] extent(%n) : tensor<16xf32> to !view
    }
    return
  }

  // What a branch yields is a carry; a scalar has no strips.
  func.func @scalar_beside_tiles(%o: !view, %n: index, %p: i1) {
    tile.kernel grid(%n) outs(%o : !view) {
    ^bb0(%i: index, %om: !view):
      %a = arith.constant dense<0.0> : tensor<16xf32>
      %x = tile.fold rows(%i, %n) keys 8 lanes 8 axes [0] init(%a : tensor<16xf32>) ranges {
      ^bb0(%f: index, %c: index):
        tile.visit %f, %f, %c, %c
        tile.yield
      } step {
      ^bb0(%j: index, %num: index, %s: tensor<16xf32>):
        // expected-error @below {{'scf.if' op yields a scalar next to tiles, which is not supported}}
        %t, %u = scf.if %p -> (tensor<16xf32>, index) {
          scf.yield %s, %j : tensor<16xf32>, index
        } else {
          %e = math.exp2 %s : tensor<16xf32>
          scf.yield %e, %num : tensor<16xf32>, index
        }
        tile.yield %t : tensor<16xf32>
      } -> tensor<16xf32>
    }
    return
  }
}
