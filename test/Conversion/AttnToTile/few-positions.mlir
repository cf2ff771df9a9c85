// RUN: attn-opt %s --attn-materialize-destinations --convert-attn-to-tile --canonicalize --cse --split-input-file | FileCheck %s

// Which of two kernels runs is a question of how many positions there are. For few,
// a step is one: the state decays, takes the position in and is read with the
// query. Nothing is multiplied with anything but the state, which stays in memory.
// CHECK-LABEL: func @attnc.kernel.any_length(
// CHECK:         %[[N:.*]] = memref.dim %{{.*}}, %c2
// CHECK:         %[[FEW:.*]] = arith.cmpi ule, %[[N]], %c16
// CHECK:         scf.if %[[FEW]] {
// CHECK:           tile.kernel grid(
// CHECK:             %[[S0:.*]] = tile.load {{.*}} to tensor<8x16xf32>
// CHECK:             %[[R:.*]] = tile.fold {{.*}} keys 1 lanes 16 axes [1] in_memory init(%[[S0]] : tensor<8x16xf32>)
// CHECK:             ^bb0(%[[T:.*]]: index, %{{.*}}: index, %[[S:.*]]: tensor<8x16xf32>):
// CHECK-NOT:           tile.contract
// CHECK:               %[[Q:.*]] = tile.load %{{.*}}[%{{.*}}, %{{.*}}, %[[T]], %{{.*}}] {{.*}} to tensor<8xf32>
// CHECK:               %[[K:.*]] = tile.load %{{.*}}[%{{.*}}, %{{.*}}, %[[T]], %{{.*}}] {{.*}} to tensor<8xf32>
// CHECK:               %[[V:.*]] = tile.load %{{.*}}[%{{.*}}, %{{.*}}, %[[T]], %{{.*}}] {{.*}} to tensor<16xf32>
// CHECK:               %[[A:.*]] = tile.reduce add %{{.*}} : tensor<1xf32> -> f32
// CHECK:               %[[SPLAT:.*]] = tensor.splat %[[A]] : tensor<8x16xf32>
// CHECK:               %[[LEFT:.*]] = arith.mulf %[[S]], %[[SPLAT]]
// CHECK:               %[[NEXT:.*]] = arith.addf %{{.*}}, %[[LEFT]]
// CHECK:               %[[PRODUCTS:.*]] = arith.mulf %{{.*}}, %[[NEXT]]
// CHECK:               %[[OUT:.*]] = tile.reduce add %[[PRODUCTS]] axis 0
// CHECK:               tile.store %[[OUT]],
// CHECK:               tile.yield %[[NEXT]]
// CHECK:             tile.store %[[R]],
// CHECK:         } else {
// CHECK-NOT:       in_memory
// CHECK:           tile.fold {{.*}} keys 24 lanes 8 axes [1] init(
// CHECK:             tile.contract
!v = tensor<?x?x?x16xf32>
!q = tensor<?x?x?x8xf32>
!s = tensor<?x?x8x16xf32>
func.func @any_length(%q: !q, %v: !v, %g: tensor<?x?x?xf32>, %s: !s) -> (!v, !s) {
  %o, %s1 = attn.scan %q, %q, %v transition scalar initial_state(%s : !s) decay {
  ^bb0(%b: index, %h: index, %t: index):
    %x = tensor.extract %g[%b, %h, %t] : tensor<?x?x?xf32>
    attn.yield %x : f32
  } {attn.schedule = #attn.schedule<query_tile = 1, key_tile = 24, lanes = 8,
                                    splits = 1>,
     attn.recurrent = #attn.recurrent<most_positions = 16, lanes = 16>}
    : !q, !q, !v -> !v final_state !s
  return %o, %s1 : !v, !s
}

// -----

// A known number of positions leaves one of the two. The delta rule reads the state
// twice: with the key, which is what decays, and with the query.
// CHECK-LABEL: func @attnc.kernel.one_token(
// CHECK-NOT:     scf.if
// CHECK:         tile.fold {{.*}} in_memory
// CHECK:         ^bb0(%{{.*}}: index, %{{.*}}: index, %[[S:.*]]: tensor<8x16xf32>):
// CHECK:           %[[KNOWING:.*]] = arith.mulf %{{.*}}, %[[S]]
// CHECK:           %[[KNOWN:.*]] = tile.reduce add %[[KNOWING]] axis 0
// CHECK:           %[[NEW:.*]] = arith.subf %{{.*}}, %[[KNOWN]]
// CHECK:           %[[U:.*]] = arith.mulf %{{.*}}, %[[NEW]]
// CHECK:           %[[COLUMNS:.*]] = tile.broadcast %[[U]] axis 1
// CHECK:           tile.reduce add %{{.*}} axis 0
// CHECK-NOT:     tile.fold
!v = tensor<?x?x1x16xf32>
!q = tensor<?x?x1x8xf32>
!s = tensor<?x?x8x16xf32>
func.func @one_token(%q: !q, %v: !v, %g: !q, %s: !s) -> (!v, !s) {
  %o, %s1 = attn.scan %q, %q, %v transition delta initial_state(%s : !s) decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index):
    %x = tensor.extract %g[%b, %h, %t, %e] : !q
    attn.yield %x : f32
  } beta {
  ^bb0(%b: index, %h: index, %t: index):
    %half = arith.constant 0.5 : f32
    attn.yield %half : f32
  } {attn.schedule = #attn.schedule<query_tile = 1, key_tile = 24, lanes = 8,
                                    splits = 1>,
     attn.recurrent = #attn.recurrent<most_positions = 16, lanes = 16>}
    : !q, !q, !v -> !v final_state !s
  return %o, %s1 : !v, !s
}

// -----

// Of packed sequences the average counts. Without any there is no state that could
// stay in memory: the other kernel knows that, and is the one that runs.
// CHECK-LABEL: func @attnc.kernel.packed(
// CHECK-DAG:     %[[MOST:.*]] = arith.constant 9223372036854775807 : index
// CHECK-DAG:     %[[SEQUENCES:.*]] = memref.dim %arg2, %c0
// CHECK:         %[[NONE:.*]] = arith.cmpi ult, %[[SEQUENCES]], %{{.*}}
// CHECK:         %[[MEAN:.*]] = arith.ceildivui
// CHECK:         %[[COUNT:.*]] = arith.select %[[NONE]], %[[MOST]], %[[MEAN]]
// CHECK:         arith.cmpi ule, %[[COUNT]], %c16
// CHECK:         scf.if
// CHECK-NOT:       arith.minui
// CHECK:           tile.fold {{.*}} in_memory
// CHECK:         } else {
// CHECK:           arith.minui %{{.*}}, %c1
// CHECK:           tile.fold
!v = tensor<1x?x?x16xf32>
!q = tensor<1x?x?x8xf32>
!s = tensor<?x?x8x16xf32>
func.func @packed(%q: !q, %v: !v, %starts: tensor<?xi32>, %s: !s) -> (!v, !s) {
  %o, %s1 = attn.scan %q, %q, %v transition identity
    starts(%starts : tensor<?xi32>) initial_state(%s : !s)
    {attn.schedule = #attn.schedule<query_tile = 1, key_tile = 24, lanes = 8,
                                    splits = 1>,
     attn.recurrent = #attn.recurrent<most_positions = 16, lanes = 16>}
    : !q, !q, !v -> !v final_state !s
  return %o, %s1 : !v, !s
}
