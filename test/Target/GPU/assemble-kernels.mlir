// RUN: attn-opt %s --gpu-assemble-kernels | FileCheck %s
//
// The program becomes a constant, and the image that the host has the address of
// is defined: the runtime's state, the program, its size, the architecture.
// CHECK-NOT: gpu.module
// CHECK: llvm.mlir.global internal constant @p.image.data("//{{.*}}.target sm_90a{{.*}}.visible .entry copy
// CHECK: llvm.mlir.global internal constant @p.image.arch("sm_90a\00")
// CHECK: llvm.mlir.global internal @p.image() {{.*}} : !llvm.struct<(ptr, ptr, i64, ptr)> {
// CHECK-DAG: llvm.mlir.zero
// CHECK-DAG: llvm.mlir.addressof @p.image.data
// CHECK-DAG: llvm.mlir.addressof @p.image.arch
module attributes {gpu.container_module,
    attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448, image = ptx>} {
  llvm.mlir.global external @p.image() : !llvm.struct<(ptr, ptr, i64, ptr)>
  gpu.module @p {
    llvm.func @copy(%from: !llvm.ptr<1>, %to: !llvm.ptr<1>)
        attributes {gpu.kernel, nvvm.kernel} {
      %x = llvm.load %from : !llvm.ptr<1> -> f32
      llvm.store %x, %to : f32, !llvm.ptr<1>
      llvm.return
    }
  }
}
