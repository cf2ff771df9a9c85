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
// CHECK:           %[[W:.*]] = tile.contract
// CHECK:           %[[G:.*]] = tile.load %{{.*}}[%{{.*}}, %{{.*}}, %[[T]]] extent(%[[N]]) {{.*}} to tensor<64xf32>
// CHECK:           %[[LOG2:.*]] = arith.mulf %[[G]],
// CHECK:           %[[TOTAL:.*]] = tile.reduce add %[[LOG2]] axis 0 extent(%[[N]]) : tensor<64xf32> -> f32
// CHECK:           %[[LATER:.*]] = arith.select {{.*}} : tensor<64x64xi1>, tensor<64x64xf32>
// CHECK:           %[[BETWEEN:.*]] = tile.cumulative_sum %[[LATER]] : tensor<64x64xf32>
// CHECK:           %[[REST:.*]] = tile.reduce add %[[LATER]] axis 0 extent(%[[N]]) : tensor<64x64xf32> -> tensor<64xf32>
// CHECK:           %[[SUMS:.*]] = tile.cumulative_sum %[[LOG2]] : tensor<64xf32>
// CHECK:           math.exp2 %[[SUMS]]
// CHECK:           math.exp2 %[[REST]]
// CHECK:           %[[E:.*]] = math.exp2 %[[BETWEEN]]
// CHECK:           arith.mulf %[[W]], %[[E]]
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
