// RUN: attn-opt %s --split-input-file --convert-attn-to-reference --canonicalize --cse \
// RUN:   | FileCheck %s --implicit-check-not=attn.scan --implicit-check-not=attn.yield

// One position after the other: first the state takes the key and value in,
// then the output reads it. In the other order out[t] would be that of t - 1.

// CHECK-LABEL: func.func @state_is_updated_before_it_is_read(
// CHECK-SAME:    %[[Q:.*]]: tensor<2x2x?x4xf32>, %[[K:.*]]: tensor<2x2x?x4xf32>, %[[V:.*]]: tensor<2x2x?x3xf32>
func.func @state_is_updated_before_it_is_read(
    %q: tensor<2x2x?x4xf32>, %k: tensor<2x2x?x4xf32>, %v: tensor<2x2x?x3xf32>)
    -> tensor<2x2x?x3xf32> {
  // CHECK-DAG:   %[[ZERO:.*]] = arith.constant 0.000000e+00 : f64
  // CHECK-DAG:   %[[C4:.*]] = arith.constant 4 : index
  // CHECK-DAG:   %[[C3:.*]] = arith.constant 3 : index
  // CHECK:       %[[LENGTH:.*]] = tensor.dim %[[Q]]
  // CHECK:       %[[OUT:.*]] = memref.alloc(%[[LENGTH]]) : memref<2x2x?x3xf32>
  // CHECK:       %[[STATE:.*]] = memref.alloc() : memref<4x3xf64>
  // CHECK:       %[[SUMS:.*]] = memref.alloc() : memref<3xf64>
  // CHECK:       scf.for %[[B:.*]] =
  // CHECK:         scf.for %[[H:.*]] =
  // CHECK:           scf.for
  // CHECK:             scf.for
  // CHECK:               memref.store %[[ZERO]], %[[STATE]]
  // CHECK:           scf.for %[[T:.*]] = %{{.*}} to %[[LENGTH]]
  // CHECK-NOT:         math.exp
  // CHECK:             scf.for %[[D:.*]] = %{{.*}} to %[[C3]]
  // CHECK:               tensor.extract %[[V]][%[[B]], %[[H]], %[[T]], %[[D]]]
  // CHECK:             scf.for %[[E:.*]] = %{{.*}} to %[[C4]]
  // CHECK:               tensor.extract %[[K]][%[[B]], %[[H]], %[[T]], %[[E]]]
  // CHECK:               scf.for %[[D:.*]] = %{{.*}} to %[[C3]]
  // CHECK:                 %[[TERM:.*]] = arith.mulf {{.*}} : f64
  // CHECK:                 %[[OLD:.*]] = memref.load %[[STATE]][%[[E]], %[[D]]]
  // CHECK:                 %[[NEW:.*]] = arith.addf %[[OLD]], %[[TERM]] : f64
  // CHECK:                 memref.store %[[NEW]], %[[STATE]][%[[E]], %[[D]]]
  // CHECK:             scf.for %[[E:.*]] = %{{.*}} to %[[C4]]
  // CHECK:               tensor.extract %[[Q]][%[[B]], %[[H]], %[[T]], %[[E]]]
  // CHECK:                 memref.load %[[STATE]][%[[E]],
  // CHECK:                 memref.store %{{.*}}, %[[SUMS]]
  // CHECK:             memref.store %{{.*}}, %[[OUT]][%[[B]], %[[H]], %[[T]],
  %o = attn.scan %q, %k, %v transition identity
    : tensor<2x2x?x4xf32>, tensor<2x2x?x4xf32>, tensor<2x2x?x3xf32>
    -> tensor<2x2x?x3xf32>
  return %o : tensor<2x2x?x3xf32>
}

// -----

// Everything optional at once: the decay multiplies the state and the
// normalizer alike, the feature is taken of keys and queries, both carries
// start from the caller's and are given back.

// CHECK-LABEL: func.func @normalizer_decays_with_the_state(
// CHECK-SAME:    %[[S0:[^:]*]]: tensor<2x2x4x3xf32>, %[[Z0:[^:]*]]: tensor<2x2x4xf32>, %[[DECAY:[^:]*]]: tensor<2x2x8xf32>)
func.func @normalizer_decays_with_the_state(
    %q: tensor<2x2x8x4xf32>, %k: tensor<2x2x8x4xf32>, %v: tensor<2x2x8x3xf32>,
    %s0: tensor<2x2x4x3xf32>, %z0: tensor<2x2x4xf32>,
    %decay: tensor<2x2x8xf32>)
    -> (tensor<2x2x8x3xf32>, tensor<2x2x4x3xf32>, tensor<2x2x4xf32>) {
  // CHECK:       %[[OUT:.*]] = memref.alloc() : memref<2x2x8x3xf32>
  // CHECK:       %[[S1:.*]] = memref.alloc() : memref<2x2x4x3xf32>
  // CHECK:       %[[Z1:.*]] = memref.alloc() : memref<2x2x4xf32>
  // CHECK:       %[[STATE:.*]] = memref.alloc() : memref<4x3xf64>
  // CHECK:       %[[Z:.*]] = memref.alloc() : memref<4xf64>
  // CHECK:       tensor.extract %[[S0]]
  // CHECK:       tensor.extract %[[Z0]]
  // CHECK:       %[[LOG:.*]] = tensor.extract %[[DECAY]]
  // CHECK:       %[[LOG64:.*]] = arith.extf %[[LOG]] : f32 to f64
  // CHECK:       %[[A:.*]] = math.exp %[[LOG64]] : f64
  // CHECK:           %[[OLD:.*]] = memref.load %[[STATE]]
  // CHECK:           arith.mulf %[[A]], %[[OLD]] : f64
  // CHECK:         %[[OLD_Z:.*]] = memref.load %[[Z]]
  // CHECK:         %[[KEPT_Z:.*]] = arith.mulf %[[A]], %[[OLD_Z]] : f64
  // CHECK:         memref.store %[[KEPT_Z]], %[[Z]]
  // CHECK:         %[[FEATURE:.*]] = math.exp %{{.*}} : f64
  // CHECK:         %[[DECAYED_Z:.*]] = memref.load %[[Z]]
  // CHECK:         %[[NEW_Z:.*]] = arith.addf %[[DECAYED_Z]], %[[FEATURE]] : f64
  // CHECK:         memref.store %[[NEW_Z]], %[[Z]]
  // CHECK:       %[[DIVISOR:.*]] = scf.for
  // CHECK:         math.exp %{{.*}} : f64
  // CHECK:         memref.load %[[Z]]
  // CHECK:       arith.divf %{{.*}}, %[[DIVISOR]] : f64
  // CHECK:       memref.store %{{.*}}, %[[S1]]
  // CHECK:       memref.store %{{.*}}, %[[Z1]]
  // CHECK-DAG:   %[[RESULT:.*]] = bufferization.to_tensor %[[OUT]]
  // CHECK-DAG:   %[[RESULT_S:.*]] = bufferization.to_tensor %[[S1]]
  // CHECK-DAG:   %[[RESULT_Z:.*]] = bufferization.to_tensor %[[Z1]]
  // CHECK:       return %[[RESULT]], %[[RESULT_S]], %[[RESULT_Z]]
  %o, %s, %z = attn.scan %q, %k, %v transition scalar normalize
    initial_state(%s0 : tensor<2x2x4x3xf32>)
    initial_normalizer(%z0 : tensor<2x2x4xf32>)
    decay {
    ^bb0(%b: index, %h: index, %t: index):
      %log = tensor.extract %decay[%b, %h, %t] : tensor<2x2x8xf32>
      attn.yield %log : f32
    } feature {
    ^bb0(%x: f32):
      %e = math.exp %x : f32
      attn.yield %e : f32
    } : tensor<2x2x8x4xf32>, tensor<2x2x8x4xf32>, tensor<2x2x8x3xf32>
      -> tensor<2x2x8x3xf32> final_state tensor<2x2x4x3xf32>
      final_normalizer tensor<2x2x4xf32>
  return %o, %s, %z
    : tensor<2x2x8x3xf32>, tensor<2x2x4x3xf32>, tensor<2x2x4xf32>
}

// -----

// A decay of each element, two heads of value on one of keys, from the end.

// CHECK-LABEL: func.func @elements_in_reverse(
// CHECK-SAME:    %[[Q:.*]]: tensor<2x1x?x4xf32>, %[[V:.*]]: tensor<2x2x?x3xf32>, %[[X:.*]]: tensor<4x3xf32>)
func.func @elements_in_reverse(%q: tensor<2x1x?x4xf32>, %v: tensor<2x2x?x3xf32>,
                               %x: tensor<4x3xf32>) -> tensor<2x2x?x3xf32> {
  // CHECK:       %[[LENGTH:.*]] = tensor.dim %[[Q]]
  // CHECK:         scf.for %[[B:.*]] =
  // CHECK:           scf.for %[[H:.*]] =
  // CHECK:           %[[KH:.*]] = arith.divui %[[H]],
  // CHECK:           scf.for %[[I:.*]] = %{{.*}} to %[[LENGTH]]
  // CHECK:             %[[BEHIND:.*]] = arith.subi %[[LENGTH]], %[[I]]
  // CHECK:             %[[T:.*]] = arith.subi %[[BEHIND]],
  // CHECK:             scf.for %[[E:.*]] =
  // CHECK:               scf.for %[[D:.*]] =
  // CHECK:                 tensor.extract %[[X]][%[[E]], %[[D]]]
  // CHECK:                 math.exp
  // CHECK:             tensor.extract %[[V]][%[[B]], %[[H]], %[[T]],
  // CHECK:             tensor.extract %[[Q]][%[[B]], %[[KH]], %[[T]],
  %o = attn.scan %q, %q, %v transition diagonal reverse decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index, %d: index):
    %log = tensor.extract %x[%e, %d] : tensor<4x3xf32>
    attn.yield %log : f32
  } : tensor<2x1x?x4xf32>, tensor<2x1x?x4xf32>, tensor<2x2x?x3xf32>
    -> tensor<2x2x?x3xf32>
  return %o : tensor<2x2x?x3xf32>
}

// -----

// The delta rule: what the state answers is taken away, the rest times beta is
// written. Sequences end where the next one starts, and the last one at the end.

// CHECK-LABEL: func.func @delta_of_sequences(
// CHECK-SAME:    %[[Q:.*]]: tensor<1x2x?x4xf32>, %[[STARTS:.*]]: tensor<?xi32>)
func.func @delta_of_sequences(%q: tensor<1x2x?x4xf32>, %starts: tensor<?xi32>)
    -> (tensor<1x2x?x4xf32>, tensor<?x2x4x4xf32>) {
  // CHECK:       %[[BETA:.*]] = arith.constant 5.000000e-01 : f64
  // CHECK:       %[[LENGTH:.*]] = tensor.dim %[[Q]]
  // CHECK:       scf.for {{.*}} iter_args(%[[BEGIN:.*]] = %{{.*}}) -> (index)
  // CHECK:         %[[END:.*]] = scf.if
  // CHECK:           tensor.extract %[[STARTS]]
  // CHECK:           arith.maxsi %{{.*}}, %[[BEGIN]]
  // CHECK:           arith.minsi %{{.*}}, %[[LENGTH]]
  // CHECK:         arith.subi %[[END]], %[[BEGIN]]
  // CHECK:           %[[DIFFERENCE:.*]] = arith.subf
  // CHECK:           arith.mulf %[[DIFFERENCE]], %[[BETA]] : f64
  // CHECK:         scf.yield %[[END]]
  %o, %s = attn.scan %q, %q, %q transition delta starts(%starts : tensor<?xi32>)
    beta {
  ^bb0(%b: index, %h: index, %t: index):
    %half = arith.constant 0.5 : f32
    attn.yield %half : f32
  } : tensor<1x2x?x4xf32>, tensor<1x2x?x4xf32>, tensor<1x2x?x4xf32>
    -> tensor<1x2x?x4xf32> final_state tensor<?x2x4x4xf32>
  return %o, %s : tensor<1x2x?x4xf32>, tensor<?x2x4x4xf32>
}
