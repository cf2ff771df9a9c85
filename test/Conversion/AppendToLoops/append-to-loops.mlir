// RUN: attn-opt %s --attn-materialize-destinations --convert-append-to-loops --split-input-file | FileCheck %s

// A token of a page: its place through the table, and no number changed but rounded.
// CHECK-LABEL: func @attnc.kernel.paged(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<?x2x?x8xf32,
// CHECK-SAME:    %[[D:[a-z0-9]+]]: memref<?x16x2x8xf16,
// CHECK-SAME:    %[[T:[a-z0-9]+]]: memref<?x?xi32,
// CHECK-SAME:    %[[N:[a-z0-9]+]]: memref<?xi32,
// CHECK-NOT:     attn.append
// CHECK:         scf.parallel (%[[B:.*]], %[[H:.*]], %[[I:.*]]) =
// CHECK:           memref.load %[[N]][%[[B]]]
// CHECK:           scf.if
// CHECK:             %[[SLOT:.*]] = arith.remui
// CHECK:             %[[BLOCK:.*]] = arith.divui
// CHECK:             memref.load %[[T]][%[[B]], %[[BLOCK]]]
// CHECK:             scf.for %[[E:.*]] =
// CHECK-NEXT:          %[[NUMBER:.*]] = memref.load %[[X]][%[[B]], %[[H]], %[[I]], %[[E]]]
// CHECK-NEXT:          %[[ROUNDED:.*]] = arith.truncf %[[NUMBER]] : f32 to f16
// CHECK-NEXT:          memref.store %[[ROUNDED]], %[[D]][%{{.*}}, %[[SLOT]], %[[H]], %[[E]]]
!kv = !attn.kv<2x8xf16, paged<16>>
func.func @paged(%x: tensor<?x2x?x8xf32>, %d: tensor<?x16x2x8xf16>, %t: tensor<?x?xi32>, %n: tensor<?xi32>) {
  %c = attn.cache %d table(%t) lengths(%n) : (tensor<?x16x2x8xf16>, tensor<?x?xi32>, tensor<?xi32>) -> !kv
  attn.append %x to %c : tensor<?x2x?x8xf32>, !kv
  return
}

// -----

// Scales of tokens are measured and stored, in front of the integers.
// CHECK-LABEL: func @attnc.kernel.quantised(
// CHECK-SAME:    %[[S:[a-z0-9]+]]: memref<?x2x?xf32
// CHECK:         arith.minimumf
// CHECK:         arith.maximumf
// CHECK:         arith.divf %{{.*}}, %{{.*}} : f32
// CHECK:         memref.store %{{.*}}, %[[S]]
// CHECK:         math.roundeven
// CHECK:         arith.fptosi %{{.*}} : f32 to i8
!kv = !attn.kv<2x8xi8, scale<token>>
func.func @quantised(%x: tensor<?x2x?x8xf32>, %d: tensor<?x2x?x8xi8>, %s: tensor<?x2x?xf32>, %n: tensor<?xi32>) {
  %c = attn.cache %d lengths(%n) scales(%s) : (tensor<?x2x?x8xi8>, tensor<?xi32>, tensor<?x2x?xf32>) -> !kv
  attn.append %x to %c : tensor<?x2x?x8xf32>, !kv
  return
}
