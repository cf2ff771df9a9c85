// RUN: attn-opt %s --convert-attn-to-tile --canonicalize --cse | FileCheck %s
//
// Weights are loaded once, a row of columns for each tap. A step weighs the rows of
// the carry and the one it loads, from the earliest to the latest, and every row
// moves up by one.

// CHECK-LABEL: func @convolve(
// CHECK:         tile.kernel
// CHECK-COUNT-3:   tile.load {{.*}} to tensor<16x1xf32>
// CHECK:           tile.fold {{.*}} keys 1 lanes 16 axes [0, 0] init(%{{.*}}, %{{.*}} : tensor<16xf32>, tensor<16xf32>)
// CHECK:           step {
// CHECK-NEXT:      ^bb0(%[[T:.*]]: index, %{{.*}}: index, %[[R0:.*]]: tensor<16xf32>, %[[R1:.*]]: tensor<16xf32>):
// CHECK:             %[[X:.*]] = tile.load %{{.*}}[%{{.*}}, %{{.*}}, %[[T]], %{{.*}}] extent(%{{.*}}) {{.*}} to tensor<16xf32>
// CHECK:             %[[P0:.*]] = arith.mulf %{{.*}}, %[[R0]]
// CHECK:             %[[P1:.*]] = arith.mulf %{{.*}}, %[[R1]] fastmath<contract>
// CHECK:             %[[S1:.*]] = arith.addf %[[P1]], %[[P0]] fastmath<contract>
// CHECK:             %[[P2:.*]] = arith.mulf %{{.*}}, %[[X]] fastmath<contract>
// CHECK:             %[[S2:.*]] = arith.addf %[[P2]], %[[S1]] fastmath<contract>
// CHECK:             tile.store %[[S2]],
// CHECK:             tile.yield %[[R1]], %[[X]]
// CHECK-COUNT-2:   tile.store
!x = tensor<?x?x?x16xf32>
func.func @convolve(%x: !x, %w: tensor<?x16x3xf32>) -> (!x, tensor<?x?x2x16xf32>) {
  %y, %s = attn.convolve %x, %w
    {attn.schedule = #attn.schedule<query_tile = 1, key_tile = 1, lanes = 16,
                                    splits = 1>}
    : !x, tensor<?x16x3xf32> -> !x final_state tensor<?x?x2x16xf32>
  return %y, %s : !x, tensor<?x?x2x16xf32>
}
