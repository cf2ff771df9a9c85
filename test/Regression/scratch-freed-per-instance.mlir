// RUN: attn-opt %s --attnc-cpu=target=cpu:x86-64-v3 | FileCheck %s
//
// Scratch buffers live as long as one kernel instance: small ones in its stack
// frame, the others allocated and freed in it. Without the models of memref's
// allocations none reached the stack.

// CHECK-LABEL: llvm.func @attnc.kernel.causal.instance0(
// CHECK-DAG:     llvm.alloca
// CHECK-DAG:     llvm.call @malloc
// CHECK:         llvm.call @free
// CHECK-LABEL: llvm.func @attnc.kernel.causal(
// CHECK-NOT:     llvm.call @malloc
// More queries than a call that merges splits of keys has.
!t = tensor<?x?x512x64xf32>
func.func @causal(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!t, !t, !t) -> !t
  return %o : !t
}
