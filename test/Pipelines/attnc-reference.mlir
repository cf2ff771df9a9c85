// RUN: attn-opt %s --attnc-reference | FileCheck %s
//
// The oracle: scalar float64, no threads, no vectors. Anything that it shared
// with the fast path could be wrong in both.

// CHECK-LABEL: llvm.func @attnc.kernel.causal(
// CHECK-NOT:     omp.
// CHECK-NOT:     vector<
// CHECK:         llvm.fpext %{{.*}} : f32 to f64
// CHECK:         llvm.fmul %{{.*}}, %{{.*}} : f64
// CHECK:         llvm.intr.exp(%{{.*}}) : (f64) -> f64
// CHECK:         llvm.fptrunc %{{.*}} : f64 to f32
// CHECK-NOT:     omp.
// CHECK-NOT:     vector<
// CHECK: llvm.func @_mlir_ciface_attnc.kernel.causal(
!t = tensor<?x?x?x64xf32>
func.func @causal(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!t, !t, !t) -> !t
  return %o : !t
}
