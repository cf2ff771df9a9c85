// RUN: attn-opt %s --attn-materialize-destinations --convert-append-to-loops --split-input-file | FileCheck %s

// Where nobody has checked lengths and tables a token goes to a position that there is
// room for, and to a page that there is, or nowhere.
// CHECK-LABEL: func @attnc.kernel.paged(
// CHECK-SAME:    %[[D:[a-z0-9]+]]: memref<?x16x2x8xf16, strided<[?, ?, ?, 1], offset: ?>>,
// CHECK-SAME:    %[[T:[a-z0-9]+]]: memref<?x?xi32,
// CHECK:         scf.parallel
// CHECK:           %[[BLOCKS:.*]] = memref.dim %[[T]], %c1
// CHECK:           %[[ROOM:.*]] = arith.muli %[[BLOCKS]], %c16
// CHECK:           arith.cmpi ult, %{{.*}}, %[[ROOM]]
// CHECK:           scf.if
// CHECK:             %[[WORD:.*]] = memref.load %[[T]]
// CHECK:             %[[PAGE:.*]] = arith.index_cast %[[WORD]]
// CHECK:             %[[PAGES:.*]] = memref.dim %[[D]], %c0
// CHECK:             %[[IS_PAGE:.*]] = arith.cmpi ult, %[[PAGE]], %[[PAGES]]
// CHECK:             scf.if %[[IS_PAGE]]
// CHECK:               memref.store %{{.*}}, %[[D]][%[[PAGE]],
!kv = !attn.kv<2x8xf16, paged<16>>
module attributes {attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448>} {
  func.func @paged(%x: tensor<?x2x?x8xf32>, %d: tensor<?x16x2x8xf16>, %t: tensor<?x?xi32>, %n: tensor<?xi32>) {
    %c = attn.cache %d table(%t) lengths(%n) : (tensor<?x16x2x8xf16>, tensor<?x?xi32>, tensor<?xi32>) -> !kv
    attn.append %x to %c : tensor<?x2x?x8xf32>, !kv
    return
  }
}

// -----

// A ring has room for any position.
// CHECK-LABEL: func @attnc.kernel.ring(
// CHECK-NOT:     arith.cmpi ult
// CHECK:         memref.store
!kv = !attn.kv<2x8xf16, rolling<16>>
module attributes {attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448>} {
  func.func @ring(%x: tensor<?x2x?x8xf32>, %d: tensor<?x2x16x8xf16>, %n: tensor<?xi32>) {
    %c = attn.cache %d lengths(%n) : (tensor<?x2x16x8xf16>, tensor<?xi32>) -> !kv
    attn.append %x to %c : tensor<?x2x?x8xf32>, !kv
    return
  }
}

// -----

// CHECK-LABEL: func @attnc.kernel.quantised(
// CHECK:         arith.divf
// CHECK:         math.roundeven
// CHECK:         memref.store %{{.*}} : memref<?x2x?x8xi8,
!kv = !attn.kv<2x8xi8, scale<token>>
module attributes {attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448>} {
  func.func @quantised(%x: tensor<?x2x?x8xf32>, %d: tensor<?x2x?x8xi8>, %s: tensor<?x2x?xf32>, %n: tensor<?xi32>) {
    %c = attn.cache %d lengths(%n) scales(%s) : (tensor<?x2x?x8xi8>, tensor<?xi32>, tensor<?x2x?xf32>) -> !kv
    attn.append %x to %c : tensor<?x2x?x8xf32>, !kv
    return
  }
}
