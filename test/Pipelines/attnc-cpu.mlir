// RUN: attn-opt %s --attnc-cpu="target=cpu:x86-64-v3 threads=true" | FileCheck %s --check-prefixes=CHECK,OMP
// RUN: attn-opt %s --attnc-cpu="target=cpu:x86-64-v3 threads=false" | FileCheck %s --check-prefixes=CHECK,SERIAL
// RUN: attn-opt %s --attnc-cpu=target=cpu:aarch64 | FileCheck %s --check-prefix=NEON
//
// The whole way of a spec to the LLVM dialect.

// The module says what it was compiled for, and the target's length is that of
// the vectors.
// CHECK: module attributes {attn.target = #attn.cpu<{{.*}}vector_bytes = 32
// NEON: module attributes {attn.target = #attn.cpu<triple = "aarch64{{.*}}vector_bytes = 16

// An instance of the grid is a function: no exponential of libm in it, and no op
// that LLVM would turn into a call for each lane.
// CHECK-LABEL: llvm.func @attnc.kernel.causal.instance0(
// CHECK-NOT:     llvm.call @exp
// CHECK-NOT:     llvm.intr.exp
// CHECK:         llvm.intr.fmuladd{{.*}} : (vector<8xf32>, vector<8xf32>, vector<8xf32>) -> vector<8xf32>
// CHECK-NOT:     llvm.call @exp
// CHECK-NOT:     llvm.intr.exp
// NEON: llvm.intr.fm{{.*}} vector<4xf32>

// With threads the grid is one OpenMP loop, beside a plain one for one thread or
// one instance; without there is no other.
// CHECK-LABEL: llvm.func @attnc.kernel.causal(
// OMP:           llvm.call @attnc_rt_has_one_thread()
// OMP:           omp.parallel {
// OMP:             omp.wsloop schedule(dynamic) {
// OMP:               omp.loop_nest (%{{.*}}, %{{.*}}, %{{.*}}) :
// OMP:                 llvm.call @attnc.kernel.causal.instance0
// OMP:               omp.yield
// OMP:           llvm.call @attnc.kernel.causal.instance0
// SERIAL-NOT:    omp.
// SERIAL:        llvm.call @attnc.kernel.causal.instance0

// The entry point calls this one, with pointers to descriptors.
// CHECK: llvm.func @_mlir_ciface_attnc.kernel.causal(%{{[a-z0-9]+}}: !llvm.ptr, %{{[a-z0-9]+}}: !llvm.ptr, %{{[a-z0-9]+}}: !llvm.ptr, %{{[a-z0-9]+}}: !llvm.ptr)
// SERIAL-NOT: omp.
!t = tensor<?x?x?x64xf32>
func.func @causal(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!t, !t, !t) -> !t
  return %o : !t
}
