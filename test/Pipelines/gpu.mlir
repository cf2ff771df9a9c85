// RUN: attn-opt %s --attnc-gpu=target=cuda:sm_90a | FileCheck %s
// RUN: attnc %s --target=emulate:sm_90a --emit=llvm -o - | FileCheck %s --check-prefix=LLVM
// RUN: attnc %s --target=emulate:sm_90a --emit=tile -o - | FileCheck %s --check-prefix=TILE
//
// The pipeline to kernels; with the rest of it their program is a constant of the
// host, whose entry has the tensors checked where they are, and returns what became
// of the launches.
// CHECK: attn.gpu = #attn.gpu<arch = "sm_90a"
// CHECK: call @attnc_rt_gpu_launch
// CHECK: gpu.module @attnc_gpu
// CHECK: llvm.func @causal_0
//
// LLVM-DAG: @attnc_gpu.image.data = internal constant {{.*}}.visible .entry causal_0
// LLVM-DAG: define {{.*}}i32 @causal(
// LLVM-DAG: call i32 @attnc_rt_gpu_bind(
// LLVM-DAG: call {{.*}}@attnc_rt_gpu_launch(
// LLVM-DAG: call i32 @attnc_rt_gpu_status()
//
// TILE: tile.contract {{.*}} : tensor<192x64xbf16>, tensor<128x64xbf16> -> tensor<192x128xf32>
!t = tensor<?x?x?x64xbf16>
func.func @causal(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!t, !t, !t) -> !t
  return %o : !t
}
