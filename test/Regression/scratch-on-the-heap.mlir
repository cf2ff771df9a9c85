// RUN: attn-opt %s --attnc-cpu=target=cpu:x86-64-v3 | FileCheck %s
//
// Scratch buffers of a kernel instance are a part of its stack frame. Without the
// models of memref's allocations none was promoted, and every instance called
// malloc for each of its buffers.

// CHECK-LABEL: llvm.func @attnc.kernel.causal.instance0(
// CHECK-NOT:     llvm.call @malloc
// CHECK:         llvm.alloca
// CHECK-NOT:     llvm.call @malloc
// CHECK-LABEL: llvm.func @attnc.kernel.causal(
!t = tensor<?x?x?x64xf32>
func.func @causal(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!t, !t, !t) -> !t
  return %o : !t
}
