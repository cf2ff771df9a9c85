// RUN: attnc %s --target=emulate:sm_90a --emit=llvm -o - | FileCheck %s
//
// Tables and lengths are in the GPU's memory, and a call does not look at them.
// CHECK-LABEL: define{{.*}} i32 @paged(
// CHECK:         call i32 @attnc_rt_gpu_bind(
// CHECK-NOT:     attnc_rt_check_cache
// CHECK:         call i32 @attnc_rt_gpu_status()
!q = tensor<?x4x1x64xbf16>
!d = tensor<?x16x2x64xbf16>
!kv = !attn.kv<2x64xbf16, paged<16>>
func.func @paged(%q: !q, %keys: !d, %values: !d, %t: tensor<?x?xi32>, %n: tensor<?xi32>) -> !q {
  %k = attn.cache %keys table(%t) lengths(%n) : (!d, tensor<?x?xi32>, tensor<?xi32>) -> !kv
  %v = attn.cache %values table(%t) lengths(%n) : (!d, tensor<?x?xi32>, tensor<?xi32>) -> !kv
  %o = attn.attend %q, %k, %v : (!q, !kv, !kv) -> !q
  return %o : !q
}
