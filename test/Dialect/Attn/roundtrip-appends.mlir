// RUN: attn-opt %s | attn-opt | FileCheck %s
// RUN: attn-opt %s --mlir-print-op-generic | attn-opt | FileCheck %s

!kv = !attn.kv<2x8xi8, paged<16>, scale<token>>
// CHECK-LABEL: func @append
func.func @append(%d: tensor<?x16x2x8xi8>, %s: tensor<?x16x2xf32>, %t: tensor<3x?xi32>,
                  %n: tensor<3xi32>, %p: tensor<i64>, %x: tensor<3x2x?x8xbf16>, %m: tensor<3xi64>) {
  // CHECK: %[[C:.*]] = attn.cache %{{.*}} table(%{{.*}}) lengths(%{{.*}}) scales(%{{.*}}) prefix(%{{.*}}) :
  %c = attn.cache %d table(%t) lengths(%n) scales(%s) prefix(%p)
    : (tensor<?x16x2x8xi8>, tensor<3x?xi32>, tensor<3xi32>, tensor<?x16x2xf32>, tensor<i64>) -> !kv
  // CHECK: attn.append %{{.*}} to %[[C]] : tensor<3x2x?x8xbf16>, !attn.kv<2x8xi8, paged<16>, scale<token>>
  attn.append %x to %c : tensor<3x2x?x8xbf16>, !kv
  // CHECK: attn.append %{{.*}} to %[[C]] counts(%{{.*}} : tensor<3xi64>) : tensor<3x2x?x8xbf16>, !attn.kv<
  attn.append %x to %c counts(%m : tensor<3xi64>) : tensor<3x2x?x8xbf16>, !kv
  return
}
