// RUN: attnc %s --emit=llvm -o - | FileCheck %s

// What a cache is made of, as numbers of arguments: data, table, lengths, scales and
// zero points, the axis of tokens and how many a page has. Scales of tokens are as
// many as tokens, and are not looked at: -1. Behind them new tokens and a prefix, which
// these have not.
// CHECK-DAG: @[[KEYS:attnc.cache[.0-9]*]] = private {{.*}}constant { i32, i32, i32, i32, i32, i32, i64, i32, i32, i32, i32 } { i32 1, i32 4, i32 5, i32 -1, i32 -1, i32 1, i64 16, i32 -1, i32 0, i32 -1, i32 0 }
// CHECK-DAG: @[[VALUES:attnc.cache[.0-9]*]] = private {{.*}}constant { i32, i32, i32, i32, i32, i32, i64, i32, i32, i32, i32 } { i32 2, i32 4, i32 5, i32 6, i32 -1, i32 1, i64 16, i32 -1, i32 0, i32 -1, i32 0 }
// CHECK-DAG: @[[PLAIN:attnc.cache[.0-9]*]] = private {{.*}}constant { i32, i32, i32, i32, i32, i32, i64, i32, i32, i32, i32 } { i32 1, i32 -1, i32 2, i32 3, i32 4, i32 2, i64 0, i32 -1, i32 0, i32 -1, i32 0 }

// Contents are looked at behind the tensors' own check, each cache on its own, and
// in front of everything else.
// CHECK-LABEL: define{{.*}} i32 @paged(
// CHECK:         %[[BOUND:.*]] = call i32 @attnc_rt_bind(ptr nonnull @attnc.signature.paged
// CHECK-NEXT:    icmp eq i32 %[[BOUND]], 0
// CHECK:         %[[FIRST:.*]] = call i32 @attnc_rt_check_cache(ptr nonnull @attnc.signature.paged, ptr nonnull @[[KEYS]],
// CHECK-NEXT:    icmp eq i32 %[[FIRST]], 0
// CHECK:         %[[SECOND:.*]] = call i32 @attnc_rt_check_cache(ptr nonnull @attnc.signature.paged, ptr nonnull @[[VALUES]],
// CHECK-NEXT:    icmp eq i32 %[[SECOND]], 0
!q = tensor<?x4x1x8xf32>
!k = !attn.kv<2x8xi8, paged<16>, scale<token>>
!v = !attn.kv<2x8xi8, paged<16>, scale<channel>>
!d = tensor<?x16x2x8xi8>
func.func @paged(%q: !q, %kd: !d, %vd: !d, %ks: tensor<?x16x2xf32>, %t: tensor<?x?xi32>,
                 %n: tensor<?xi32>, %vs: tensor<2x8xf32>) -> !q {
  %k = attn.cache %kd table(%t) lengths(%n) scales(%ks)
    : (!d, tensor<?x?xi32>, tensor<?xi32>, tensor<?x16x2xf32>) -> !k
  %v = attn.cache %vd table(%t) lengths(%n) scales(%vs)
    : (!d, tensor<?x?xi32>, tensor<?xi32>, tensor<2x8xf32>) -> !v
  %o = attn.attend %q, %k, %v : (!q, !k, !v) -> !q
  return %o : !q
}

// CHECK-LABEL: define{{.*}} i32 @contiguous(
// CHECK:         call i32 @attnc_rt_check_cache(ptr nonnull @attnc.signature.contiguous, ptr nonnull @[[PLAIN]],
!c = !attn.kv<2x8xi8, scale<tensor, zeros>>
func.func @contiguous(%q: !q, %d: tensor<?x2x?x8xi8>, %n: tensor<?xi64>, %s: tensor<f32>,
                      %z: tensor<f32>) -> !q {
  %k = attn.cache %d lengths(%n) scales(%s) zeros(%z)
    : (tensor<?x2x?x8xi8>, tensor<?xi64>, tensor<f32>, tensor<f32>) -> !c
  %o = attn.attend %q, %k, %k : (!q, !c, !c) -> !q
  return %o : !q
}
