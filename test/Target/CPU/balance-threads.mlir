// RUN: attn-opt %s --pass-pipeline="builtin.module(convert-scf-to-openmp,func.func(cpu-balance-threads))" | FileCheck %s

// CHECK-LABEL: func @kernel(
// CHECK:         omp.parallel {
// CHECK:           omp.wsloop schedule(dynamic) {
func.func private @instance(index, index)
func.func @kernel(%n: index, %m: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%i, %j) = (%c0, %c0) to (%n, %m) step (%c1, %c1) {
    func.call @instance(%i, %j) : (index, index) -> ()
  }
  return
}
