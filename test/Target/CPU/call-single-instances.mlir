// RUN: attn-opt %s --pass-pipeline="builtin.module(func.func(cpu-call-single-instances),canonicalize)" | FileCheck %s

// CHECK-LABEL: func @kernel(
// CHECK-SAME:    %[[N:.*]]: index, %[[M:.*]]: index
// CHECK-DAG:     %[[ZERO:.*]] = arith.constant 0 : index
// CHECK-DAG:     %[[ONE:.*]] = arith.constant 1 : index
// CHECK:         %[[ROWS:.*]] = arith.maxsi %[[N]], %[[ZERO]]
// CHECK:         %[[COLUMNS:.*]] = arith.maxsi %[[M]], %[[ZERO]]
// CHECK:         %[[COUNT:.*]] = arith.muli %[[ROWS]], %[[COLUMNS]]
// CHECK-DAG:     %[[SINGLE:.*]] = arith.cmpi eq, %[[COUNT]], %[[ONE]]
// CHECK-DAG:     %[[SEVERAL:.*]] = arith.cmpi sgt, %[[COUNT]], %[[ONE]]
// CHECK:         scf.if %[[SINGLE]] {
// CHECK-NEXT:      func.call @instance(%[[ZERO]], %[[ZERO]])
// CHECK:         scf.if %[[SEVERAL]] {
// CHECK-NEXT:      scf.parallel
func.func private @instance(index, index)
func.func @kernel(%n: index, %m: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%i, %j) = (%c0, %c0) to (%n, %m) step (%c1, %c1) {
    func.call @instance(%i, %j) : (index, index) -> ()
  }
  return
}

// From another number on, in other steps.
// CHECK-LABEL: func @steps(
// CHECK-SAME:    %[[N:.*]]: index, %[[M:.*]]: index, %[[S:.*]]: index
// CHECK:         %[[D:.*]] = arith.subi %[[M]], %[[N]]
// CHECK:         %[[P:.*]] = arith.maxsi %[[D]], %{{.*}}
// CHECK:         arith.ceildivsi %[[P]], %[[S]]
// CHECK:         scf.if
// CHECK-NEXT:      func.call @instance(%[[N]], %[[N]])
func.func @steps(%n: index, %m: index, %s: index) {
  scf.parallel (%i) = (%n) to (%m) step (%s) {
    func.call @instance(%i, %i) : (index, index) -> ()
  }
  return
}
