// RUN: attn-opt %s --convert-attn-to-tile --canonicalize --cse | FileCheck %s
//
// An instance has one strip of channels. What steps multiply with is made in front of
// the fold, and C and Q are doubled there; the state is carried in two tiles.

!x = tensor<?x?x?x16xf32>
!p = tensor<?x2x3x16xf32>

// CHECK-LABEL: func @of_a_step(
// CHECK:         tile.kernel
// CHECK-COUNT-10:  tile.load {{.*}} to tensor<3x16xf32>
// CHECK-COUNT-4:   arith.mulf %{{.*}}, %cst{{.*}} : tensor<3x16xf32>
// CHECK:           tile.fold {{.*}} keys 1 lanes 16 axes [1, 1]
// CHECK:           step {
// CHECK-NEXT:      ^bb0(%[[T:.*]]: index, %{{.*}}: index, %[[RE:.*]]: tensor<3x16xf32>, %[[IM:.*]]: tensor<3x16xf32>):
// CHECK:             %[[X:.*]] = tile.load %{{.*}}[%{{.*}}, %{{.*}}, %[[T]], %{{.*}}]
// CHECK:             tile.broadcast %[[X]]
// Q^* h, then P times that.
// CHECK:             %[[QRE:.*]] = arith.mulf %{{.*}}, %[[RE]] fastmath<contract>
// CHECK:             %[[QIM:.*]] = arith.mulf %{{.*}}, %[[IM]] fastmath<contract>
// CHECK:             %[[Q:.*]] = arith.addf %[[QIM]], %[[QRE]] fastmath<contract>
// CHECK:             %[[SUM:.*]] = tile.reduce add %[[Q]]
// CHECK:             %[[MINUS:.*]] = arith.negf %[[SUM]]
// CHECK:             tile.broadcast %[[MINUS]]
// CHECK:             %[[Y:.*]] = tile.reduce add
// CHECK:             tile.store %[[Y]],
// CHECK:             tile.yield
// CHECK-COUNT-2:   tile.store
func.func @of_a_step(%x: !x, %a: !p, %b: !p, %c: !p, %p: !p, %q: !p)
    -> (!x, tensor<?x?x2x3x16xf32>) {
  %y, %s = attn.state_space %x, %a, %b, %c low_rank(%p, %q : !p, !p)
    {attn.schedule = #attn.schedule<query_tile = 1, key_tile = 1, lanes = 16,
                                    splits = 1>}
    : !x, !p -> !x final_state tensor<?x?x2x3x16xf32>
  return %y, %s : !x, tensor<?x?x2x3x16xf32>
}

// Two strips of 8 channels; nothing of the step's exponential is in the step.
// CHECK-LABEL: func @held(
// CHECK:         %[[STRIPS:.*]] = arith.constant 2 : index
// CHECK:         tile.kernel
// CHECK:           math.exp
// CHECK:           math.cos
// CHECK:           math.sin
// CHECK:           math.expm1
// CHECK:           tile.fold
// CHECK-NOT:       math.
// CHECK:         return
func.func @held(%x: !x, %a: !p, %b: !p, %c: !p, %dt: tensor<?x16xf32>) -> !x {
  %y = attn.state_space %x, %a, %b, %c step(%dt : tensor<?x16xf32>)
    discretization zoh
    {attn.schedule = #attn.schedule<query_tile = 1, key_tile = 1, lanes = 8,
                                    splits = 1>}
    : !x, !p -> !x
  return %y : !x
}
