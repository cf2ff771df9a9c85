// RUN: attn-opt %s --pass-pipeline="builtin.module(convert-scf-to-openmp,func.func(cpu-balance-threads))" | FileCheck %s

// CHECK-LABEL: func @kernel(
// CHECK-SAME:    %[[N:.*]]: index, %[[M:.*]]: index
// CHECK:         %[[A:.*]] = arith.muli %[[ONE:.*]], %[[N]]
// CHECK:         %[[B:.*]] = arith.muli %[[A]], %[[M]]
// CHECK:         %[[SEVERAL:.*]] = arith.cmpi sgt, %[[B]], %[[ONE]]
// CHECK:         omp.parallel if(%[[SEVERAL]]) {
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

// A loop that is no grid keeps its threads.
// CHECK-LABEL: func @other(
// CHECK:         omp.parallel {
// CHECK:           omp.wsloop schedule(dynamic) {
func.func @other(%n: index, %m: index) {
  %c1 = arith.constant 1 : index
  scf.parallel (%i) = (%n) to (%m) step (%c1) {
    func.call @instance(%i, %i) : (index, index) -> ()
  }
  return
}
