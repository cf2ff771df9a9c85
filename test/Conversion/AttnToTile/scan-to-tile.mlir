// RUN: attn-opt %s --convert-attn-to-tile --canonicalize --cse --split-input-file | FileCheck %s

// Without decay there is nothing to multiply the state by: a step is three
// products. The value dim of 20 is rounded up to whole strips of 16.
// CHECK-LABEL: func @identity(
// CHECK:         tile.kernel grid(%{{.*}}, %{{.*}}) ins
// CHECK:         %[[R:.*]] = tile.fold rows(%{{.*}}, %{{.*}}) keys 64 lanes 16 axes [1] init(%{{.*}} : tensor<8x32xf32>) ranges {
// CHECK-NEXT:    ^bb0(
// CHECK-NEXT:      tile.visit %[[ZERO:.*]], %[[ZERO]], %[[N:.*]], %[[N]]
// CHECK-NEXT:      tile.yield{{$}}
// CHECK-NEXT:    } step {
// CHECK-NEXT:    ^bb0(%{{.*}}: index, %[[COUNT:.*]]: index, %[[STATE:.*]]: tensor<8x32xf32>):
// CHECK-NOT:       math.exp2
// CHECK-NOT:       tile.cumulative_sum
// CHECK:           %[[Q:.*]] = tile.load {{.*}} to tensor<64x8xf32>
// CHECK:           %[[K:.*]] = tile.load {{.*}} to tensor<64x8xf32>
// CHECK:           %[[V:.*]] = tile.load {{.*}} to tensor<64x32xf32>
// CHECK:           %[[W:.*]] = tile.contract %[[Q]] axis 1, %[[K]] axis 1
// A query sees the keys up to its own.
// CHECK:           %[[PAST:.*]] = arith.cmpi ule
// CHECK:           %[[SEEN:.*]] = arith.select %[[PAST]], %[[W]],
// CHECK:           %[[INNER:.*]] = tile.contract %[[SEEN]] axis 1, %[[V]] axis 0 into %{{.*}} extent(%[[COUNT]])
// CHECK:           %[[OUT:.*]] = tile.contract %[[Q]] axis 1, %[[STATE]] axis 0 into %[[INNER]]
// CHECK:           %[[NEXT:.*]] = tile.contract %[[K]] axis 0, %[[V]] axis 0 into %[[STATE]] extent(%[[COUNT]])
// CHECK:           tile.store %[[OUT]],
// CHECK-NEXT:      tile.yield %[[NEXT]] :
// CHECK-NOT:     tile.store
// CHECK:         return
!q = tensor<?x?x?x8xf32>
!v = tensor<?x?x?x20xf32>
func.func @identity(%q: !q, %k: !q, %v: !v) -> !v {
  %o = attn.scan %q, %k, %v transition identity
    {attn.schedule = #attn.schedule<query_tile = 1, key_tile = 64, lanes = 16,
                                    splits = 1>} : !q, !q, !v -> !v
  return %o : !v
}

// -----

// With decay: the decays between two positions are summed before the exponential,
// so that no decay overflows and no sum loses the small ones. The table is read as a row of positions.
// CHECK-LABEL: func @decay(
// CHECK:         step {
// CHECK-NEXT:    ^bb0(%[[T:.*]]: index, %[[N:.*]]: index, %[[STATE:.*]]: tensor<8x16xf32>):
// CHECK:           %[[G:.*]] = tile.load %{{.*}}[%{{.*}}, %{{.*}}, %[[T]]] extent(%[[N]]) {{.*}} to tensor<64xf32>
// CHECK:           %[[LOG2:.*]] = arith.mulf %[[G]],
// CHECK:           %[[LATER:.*]] = arith.select {{.*}} : tensor<64x64xi1>, tensor<64x64xf32>
// CHECK:           %[[W:.*]] = tile.contract
// CHECK:           %[[BETWEEN:.*]] = tile.cumulative_sum %[[LATER]] : tensor<64x64xf32>
// CHECK:           %[[E:.*]] = math.exp2 %[[BETWEEN]]
// CHECK:           arith.mulf %[[W]], %[[E]]
// CHECK:           %[[SUMS:.*]] = tile.cumulative_sum %[[LOG2]] : tensor<64xf32>
// CHECK:           math.exp2 %[[SUMS]]
// CHECK:           %[[REST:.*]] = tile.reduce add %[[LATER]] axis 0 extent(%[[N]]) : tensor<64x64xf32> -> tensor<64xf32>
// CHECK:           math.exp2 %[[REST]]
// CHECK:           %[[TOTAL:.*]] = tile.reduce add %[[LOG2]] axis 0 extent(%[[N]]) : tensor<64xf32> -> f32
// The exponential of the whole decay is that of a row, not of each element.
// CHECK:           tensor.splat %[[TOTAL]] : tensor<8xf32>
// CHECK:           arith.mulf %[[STATE]],
!t = tensor<?x?x?x16xf32>
!q = tensor<?x?x?x8xf32>
func.func @decay(%q: !q, %v: !t, %g: tensor<?x?x?xf32>) -> !t {
  %o = attn.scan %q, %q, %v transition scalar decay {
  ^bb0(%b: index, %h: index, %t: index):
    %x = tensor.extract %g[%b, %h, %t] : tensor<?x?x?xf32>
    attn.yield %x : f32
  } {attn.schedule = #attn.schedule<query_tile = 1, key_tile = 64, lanes = 16,
                                    splits = 1>} : !q, !q, !t -> !t
  return %o : !t
}

// -----

// With normalize the carry has a second component, which no value column owns
// (axis -1); states come in and go out.
// CHECK-LABEL: func @normalize(
// CHECK:         %[[S0:.*]] = tile.load {{.*}} to tensor<8x16xf32>
// CHECK:         %[[Z0:.*]] = tile.load {{.*}} to tensor<8xf32>
// CHECK:         %[[R:.*]]:2 = tile.fold {{.*}} axes [1, -1] init(%[[S0]], %[[Z0]] : tensor<8x16xf32>, tensor<8xf32>)
// CHECK:         ^bb0(%{{.*}}: index, %[[N:.*]]: index, %{{.*}}: tensor<8x16xf32>, %[[Z:.*]]: tensor<8xf32>):
// The feature map, on queries and keys.
// CHECK:           math.exp %{{.*}} : tensor<64x8xf32>
// CHECK:           math.exp %{{.*}} : tensor<64x8xf32>
// CHECK:           %[[ROW:.*]] = tile.reduce add %{{.*}} axis 1 extent(%[[N]]) : tensor<64x64xf32> -> tensor<64xf32>
// CHECK:           %[[D:.*]] = tile.contract %{{.*}} axis 1, %[[Z]] axis 0 into %[[ROW]]
// CHECK:           arith.divf
// CHECK:           tile.reduce add %{{.*}} axis 0 extent(%[[N]]) : tensor<64x8xf32> -> tensor<8xf32>
// CHECK:         tile.store %[[R]]#0,
// CHECK:         tile.store %[[R]]#1,
!t = tensor<?x?x?x16xf32>
!q = tensor<?x?x?x8xf32>
!s = tensor<?x?x8x16xf32>
!z = tensor<?x?x8xf32>
func.func @normalize(%q: !q, %v: !t, %s: !s, %z: !z) -> (!t, !s, !z) {
  %o, %s1, %z1 = attn.scan %q, %q, %v transition identity normalize
    initial_state(%s : !s) initial_normalizer(%z : !z) feature {
  ^bb0(%x: f32):
    %y = math.exp %x : f32
    attn.yield %y : f32
  } {attn.schedule = #attn.schedule<query_tile = 1, key_tile = 64, lanes = 16,
                                    splits = 1>}
    : !q, !q, !t -> !t final_state !s final_normalizer !z
  return %o, %s1, %z1 : !t, !s, !z
}

// -----

// A decay of each row: products of factors, which are multiplied and never
// divided; that of the whole chunk is the exponential of a sum, or what factors
// close to 1 lose would add up. The decay is read as a matrix.
// CHECK-LABEL: func @rows(
// CHECK:         step {
// CHECK-NEXT:    ^bb0(%[[T:.*]]: index, %[[N:.*]]: index, %[[STATE:.*]]: tensor<8x16xf32>):
// CHECK:           %[[LOG2:.*]] = arith.mulf
// CHECK-NEXT:      %[[A:.*]] = math.exp2 %[[LOG2]] : tensor<64x8xf32>
// CHECK:           %[[W:.*]] = tile.decayed_product %{{.*}}, %{{.*}}, %[[A]] extent(%[[N]])
// CHECK:           tile.cumulative_product %[[A]] extent(%[[N]])
// CHECK:           tile.cumulative_product %[[A]] suffix extent(%[[N]])
// CHECK:           %[[TOTAL:.*]] = tile.reduce add %[[LOG2]] axis 0 extent(%[[N]])
// CHECK:           math.exp2 %[[TOTAL]] : tensor<8xf32>
!t = tensor<?x?x?x16xf32>
!q = tensor<?x?x?x8xf32>
func.func @rows(%q: !q, %v: !t, %g: !q) -> !t {
  %o = attn.scan %q, %q, %v transition diagonal decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index):
    %x = tensor.extract %g[%b, %h, %t, %e] : !q
    attn.yield %x : f32
  } {attn.schedule = #attn.schedule<query_tile = 1, key_tile = 64, lanes = 16,
                                    splits = 1>} : !q, !q, !t -> !t
  return %o : !t
}

// -----

// A decay of each element: one position a step. The table of columns and rows is
// turned; what is made of a vector of columns alone stays a vector.
// CHECK-LABEL: func @elements(
// CHECK:         step {
// CHECK-NEXT:    ^bb0(%[[T:.*]]: index, %{{.*}}: index, %[[STATE:.*]]: tensor<8x16xf32>):
// CHECK:           %[[V:.*]] = tile.load %{{.*}}[%{{.*}}, %{{.*}}, %[[T]], %{{.*}}] extent(%{{.*}}) {{.*}} to tensor<16xf32>
// CHECK:           %[[G:.*]] = tile.load %{{.*}}[%{{.*}}, %{{.*}}, %[[T]], %{{.*}}] extent(%{{.*}}) {{.*}} to tensor<16xf32>
// CHECK:           %[[E:.*]] = math.exp %[[G]] : tensor<16xf32>
// CHECK:           %[[A:.*]] = tile.load {{.*}} to tensor<16x8xf32>
// CHECK:           %[[AT:.*]] = tile.transpose %[[A]] : tensor<16x8xf32> to tensor<8x16xf32>
// CHECK:           %[[ER:.*]] = tile.broadcast %[[E]] axis 1 : tensor<16xf32> to tensor<8x16xf32>
// CHECK:           %[[AE:.*]] = arith.mulf %[[AT]], %[[ER]]
// CHECK:           %[[DECAY:.*]] = math.exp2 %{{.*}} : tensor<8x16xf32>
// CHECK:           %[[KEPT:.*]] = arith.mulf %[[STATE]], %[[DECAY]]
// CHECK:           %[[NEXT:.*]] = arith.addf %{{.*}}, %[[KEPT]]
// CHECK:           %[[OUT:.*]] = tile.reduce add %{{.*}} axis 0
// CHECK:           tile.store %[[OUT]],
// CHECK:           tile.yield %[[NEXT]]
!t = tensor<?x?x?x16xf32>
!q = tensor<?x?x?x8xf32>
func.func @elements(%q: !q, %v: !t, %g: !t, %a: tensor<16x8xf32>) -> !t {
  %o = attn.scan %q, %q, %v transition diagonal decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index, %d: index):
    %x = tensor.extract %g[%b, %h, %t, %d] : !t
    %y = math.exp %x : f32
    %z = tensor.extract %a[%d, %e] : tensor<16x8xf32>
    %w = arith.mulf %z, %y : f32
    attn.yield %w : f32
  } {attn.schedule = #attn.schedule<query_tile = 1, key_tile = 1, lanes = 16,
                                    splits = 1>} : !q, !q, !t -> !t
  return %o : !t
}

// -----

// The delta rule solves for what is written. Sequences are instances, between
// bounds that a loop in front of the kernel made ascending.
// CHECK-LABEL: func @delta(
// CHECK:         scf.for
// CHECK:           arith.maxsi
// CHECK:           arith.minsi
// CHECK:           tensor.insert
// CHECK:         tile.kernel grid(
// CHECK:         %[[BEGIN:.*]] = arith.index_cast
// CHECK:         %[[END:.*]] = arith.index_cast
// CHECK:         tile.visit %[[BEGIN]], %[[BEGIN]], %[[END]], %[[END]]
// CHECK:         step {
// CHECK-NEXT:    ^bb0(%{{.*}}: index, %[[N:.*]]: index, %[[STATE:.*]]: tensor<8x16xf32>):
// CHECK:           %[[K:.*]] = tile.load
// CHECK:           %[[KNOWN:.*]] = tile.contract %{{.*}} axis 1, %{{.*}} axis 1
// CHECK:           %[[READ:.*]] = tile.contract %{{.*}} axis 1, %[[STATE]] axis 0
// CHECK:           %[[DIFFERENCE:.*]] = arith.subf %{{.*}}, %[[READ]]
// CHECK:           %[[RHS:.*]] = arith.mulf %[[DIFFERENCE]],
// CHECK:           %[[U:.*]] = tile.solve %{{.*}}, %[[RHS]] extent(%[[N]])
// CHECK:           tile.contract %{{.*}} axis 1, %[[U]] axis 0
!t = tensor<1x?x?x16xf32>
!q = tensor<1x?x?x8xf32>
func.func @delta(%q: !q, %v: !t, %beta: tensor<?xf32>, %starts: tensor<?xi32>) -> !t {
  %o = attn.scan %q, %q, %v transition delta starts(%starts : tensor<?xi32>) beta {
  ^bb0(%b: index, %h: index, %t: index):
    %x = tensor.extract %beta[%t] : tensor<?xf32>
    attn.yield %x : f32
  } {attn.schedule = #attn.schedule<query_tile = 1, key_tile = 64, lanes = 16,
                                    splits = 1>} : !q, !q, !t -> !t
  return %o : !t
}

// -----

// From the end: memory is seen backwards, row by row; a table of positions is
// read forwards and flipped.
// CHECK-LABEL: func @reverse(
// CHECK:         tile.kernel
// CHECK-COUNT-4: memref.reinterpret_cast
// CHECK:         step {
// CHECK-NEXT:    ^bb0(%[[T:.*]]: index, %[[N:.*]]: index,
// CHECK:           %[[G:.*]] = tile.load %{{.*}} extent(%[[N]]) {{.*}} to tensor<64xf32>
// CHECK:           tile.flip %[[G]] extent(%[[N]])
!t = tensor<?x?x?x16xf32>
func.func @reverse(%q: !t, %v: !t, %g: tensor<?xf32>) -> !t {
  %o = attn.scan %q, %q, %v transition scalar reverse decay {
  ^bb0(%b: index, %h: index, %t: index):
    %x = tensor.extract %g[%t] : tensor<?xf32>
    attn.yield %x : f32
  } {attn.schedule = #attn.schedule<query_tile = 1, key_tile = 64, lanes = 16,
                                    splits = 1>} : !t, !t, !t -> !t
  return %o : !t
}
