// RUN: attn-opt %s --attn-read-caches --convert-attn-to-tile --canonicalize --cse --split-input-file | FileCheck %s
//
// Where factors are multiplied that are not of tokens: out of the products as far as
// they do not vary along the axis that a product sums.

// Those of channels are the query's, once for a tile of rows, and the output's at
// the end. The step has neither.
// CHECK-LABEL: func @channel(
// CHECK:         tile.kernel
// CHECK:           %[[G:.*]] = arith.divui
// CHECK:           %[[Q:.*]] = tile.load {{.*}} to tensor<48x16xf32>
// CHECK:           %[[KS:.*]] = tile.load %{{.*}}[%[[G]], %{{.*}}] {{.*}} : memref<2x16xf32, {{.*}}> to tensor<16xf32>
// CHECK-NEXT:      %[[KSB:.*]] = tile.broadcast %[[KS]] axis 1 : tensor<16xf32> to tensor<48x16xf32>
// CHECK-NEXT:      arith.mulf %{{.*}}, %[[KSB]] : tensor<48x16xf32>
// CHECK:           %[[CARRY:.*]]:3 = tile.fold
// CHECK:           step {
// CHECK-NOT:         memref<2x16xf32
// CHECK:             %[[K:.*]] = tile.load {{.*}} as i4 : memref<?x2x?x8xi8, {{.*}}> to tensor<64x16xf32>
// CHECK-NEXT:        tile.contract %{{.*}} axis 1, %[[K]] axis 1
// CHECK-NOT:         memref<2x16xf32
// CHECK:             %[[V:.*]] = tile.load {{.*}} as i4 : memref<?x2x?x8xi8, {{.*}}> to tensor<64x16xf32>
// CHECK-NEXT:        tile.contract %{{.*}} axis 1, %[[V]] axis 0
// CHECK:             tile.yield
// CHECK-NEXT:      }
// CHECK:           %[[VS:.*]] = tile.load {{.*}} : memref<2x16xf32, {{.*}}> to tensor<16xf32>
// CHECK-NEXT:      %[[VSB:.*]] = tile.broadcast %[[VS]] axis 1 : tensor<16xf32> to tensor<48x16xf32>
// CHECK-NEXT:      arith.mulf %{{.*}}, %[[VSB]] : tensor<48x16xf32>
// CHECK:           tile.store
!kv = !attn.kv<2x16xi4, scale<channel>>
!d = tensor<?x2x?x8xi8>
!q = tensor<?x4x?x16xf32>
func.func @channel(%q: !q, %k: !d, %ks: tensor<2x16xf32>, %v: !d, %vs: tensor<2x16xf32>) -> !q {
  %kc = attn.cache %k scales(%ks) : (!d, tensor<2x16xf32>) -> !kv
  %vc = attn.cache %v scales(%vs) : (!d, tensor<2x16xf32>) -> !kv
  %o = attn.attend %q, %kc, %vc
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>}
    : (!q, !kv, !kv) -> !q
  return %o : !q
}

// -----

// One for everything, of f8.
// CHECK-LABEL: func @tensor(
// CHECK:         tile.kernel
// CHECK:           memref.load %{{.*}}[] : memref<f32
// CHECK:           tensor.splat %{{.*}} : tensor<48x16xf32>
// CHECK:           step {
// CHECK-NOT:         memref<f32
// CHECK:             tile.load {{.*}} as f8E4M3FN
// CHECK-NOT:         memref<f32
// CHECK:             tile.load {{.*}} as f8E4M3FN
// CHECK:             tile.yield
// CHECK-NEXT:      }
// CHECK:           memref.load %{{.*}}[] : memref<f32
// CHECK:           tile.store
!kv = !attn.kv<2x16xf8E4M3FN, scale<tensor>>
!d = tensor<?x2x?x16xi8>
!q = tensor<?x4x?x16xf32>
func.func @tensor(%q: !q, %k: !d, %s: tensor<f32>) -> !q {
  %c = attn.cache %k scales(%s) : (!d, tensor<f32>) -> !kv
  %o = attn.attend %q, %c, %c
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>}
    : (!q, !kv, !kv) -> !q
  return %o : !q
}

// -----

// Those of groups vary along both axes of a tile: they are applied to it, once for
// all rows that read it.
// CHECK-LABEL: func @group(
// CHECK:           step {
// CHECK:             %[[K:.*]] = tile.load {{.*}} as i8 : {{.*}} to tensor<64x16xf32>
// CHECK-NEXT:        %[[S:.*]] = tile.load {{.*}} : memref<?x2x?x4xf32, {{.*}}> to tensor<64x4xf32>
// CHECK-NEXT:        %[[R:.*]] = tile.repeat %[[S]] : tensor<64x4xf32> to tensor<64x16xf32>
// CHECK-NEXT:        %[[T:.*]] = arith.mulf %[[K]], %[[R]] : tensor<64x16xf32>
// CHECK-NEXT:        tile.contract %{{.*}} axis 1, %[[T]] axis 1
!kv = !attn.kv<2x16xi8, scale<group = 4>>
!d = tensor<?x2x?x16xi8>
!s = tensor<?x2x?x4xf32>
!q = tensor<?x4x?x16xf32>
func.func @group(%q: !q, %k: !d, %s: !s) -> !q {
  %c = attn.cache %k scales(%s) : (!d, !s) -> !kv
  %o = attn.attend %q, %c, %c
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>}
    : (!q, !kv, !kv) -> !q
  return %o : !q
}

// -----

// A zero point is no factor: with it the numbers themselves are formed.
// CHECK-LABEL: func @zeros(
// CHECK:           step {
// CHECK:             %[[K:.*]] = tile.load {{.*}} as i8 : {{.*}} to tensor<64x16xf32>
// CHECK:             %[[Z:.*]] = tile.broadcast %{{.*}} axis 0 : tensor<64xf32> to tensor<64x16xf32>
// CHECK-NEXT:        %[[D:.*]] = arith.subf %[[K]], %[[Z]] : tensor<64x16xf32>
// CHECK:             %[[S:.*]] = tile.broadcast %{{.*}} axis 0 : tensor<64xf32> to tensor<64x16xf32>
// CHECK-NEXT:        %[[T:.*]] = arith.mulf %[[D]], %[[S]] : tensor<64x16xf32>
// CHECK-NEXT:        tile.contract %{{.*}} axis 1, %[[T]] axis 1
!kv = !attn.kv<2x16xi8, scale<token, zeros>>
!d = tensor<?x2x?x16xi8>
!s = tensor<?x2x?xf32>
!q = tensor<?x4x?x16xf32>
func.func @zeros(%q: !q, %k: !d, %s: !s, %z: !s) -> !q {
  %c = attn.cache %k scales(%s) zeros(%z) : (!d, !s, !s) -> !kv
  %o = attn.attend %q, %c, %c
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>}
    : (!q, !kv, !kv) -> !q
  return %o : !q
}

// -----

// What a carry from elsewhere is added to has its units, so that a factor of the
// values cannot wait for the end; that of keys can still be the query's.
// CHECK-LABEL: func @onto_a_carry(
// CHECK:           step {
// CHECK:             %[[K:.*]] = tile.load {{.*}} as i8 : {{.*}} to tensor<64x16xf32>
// CHECK-NEXT:        tile.contract %{{.*}} axis 1, %[[K]] axis 1
// CHECK:             %[[V:.*]] = tile.load {{.*}} as i8 : {{.*}} to tensor<64x16xf32>
// CHECK:             %[[S:.*]] = tile.broadcast %{{.*}} axis 1 : tensor<16xf32> to tensor<64x16xf32>
// CHECK-NEXT:        %[[T:.*]] = arith.mulf %[[V]], %[[S]] : tensor<64x16xf32>
// CHECK-NEXT:        tile.contract %{{.*}} axis 1, %[[T]] axis 0
!kv = !attn.kv<2x16xi8, scale<channel>>
!d = tensor<?x2x?x16xi8>
!q = tensor<?x4x?x16xf32>
func.func @onto_a_carry(%q: !q, %k: !d, %s: tensor<2x16xf32>, %o: !q, %l: tensor<?x4x?xf32>) -> !q {
  %c = attn.cache %k scales(%s) : (!d, tensor<2x16xf32>) -> !kv
  %r = attn.attend %q, %c, %c init(%o, %l)
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>}
    : (!q, !kv, !kv, !q, tensor<?x4x?xf32>) -> !q
  return %r : !q
}
