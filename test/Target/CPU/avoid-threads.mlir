// RUN: attn-opt %s --pass-pipeline="builtin.module(cpu-avoid-threads,canonicalize)" | FileCheck %s

// In parallel if there are several instances and several threads.
// CHECK: func private @attnc_rt_has_one_thread() -> index
// CHECK-NOT: @attnc_rt_has_one_thread() -> index
// CHECK-LABEL: func @kernel(
// CHECK-SAME:    %[[N:.*]]: index, %[[M:.*]]: index
// CHECK-DAG:     %[[ZERO:.*]] = arith.constant 0 : index
// CHECK-DAG:     %[[ONE:.*]] = arith.constant 1 : index
// CHECK:         %[[ROWS:.*]] = arith.maxsi %[[N]], %[[ZERO]]
// CHECK:         %[[COLUMNS:.*]] = arith.maxsi %[[M]], %[[ZERO]]
// CHECK:         %[[COUNT:.*]] = arith.muli %[[ROWS]], %[[COLUMNS]]
// CHECK:         %[[SEVERAL:.*]] = arith.cmpi sgt, %[[COUNT]], %[[ONE]]
// CHECK:         %[[ALONE:.*]] = {{.*}}call @attnc_rt_has_one_thread()
// CHECK:         %[[HAS:.*]] = arith.cmpi ne, %[[ALONE]], %[[ONE]]
// CHECK:         %[[PARALLEL:.*]] = arith.andi %[[SEVERAL]], %[[HAS]]
// CHECK:         scf.if %[[PARALLEL]] {
// CHECK-NEXT:      scf.parallel (%[[P:.*]], %[[Q:.*]]) = (%[[ZERO]], %[[ZERO]]) to (%[[N]], %[[M]])
// CHECK-NEXT:        func.call @instance(%[[P]], %[[Q]])
// CHECK:         } else {
// CHECK-NEXT:      scf.for %[[I:.*]] = %[[ZERO]] to %[[N]] step %[[ONE]] {
// CHECK-NEXT:        scf.for %[[J:.*]] = %[[ZERO]] to %[[M]] step %[[ONE]] {
// CHECK-NEXT:          func.call @instance(%[[I]], %[[J]])
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
// CHECK:         scf.parallel
// CHECK:         scf.for %[[I:.*]] = %[[N]] to %[[M]] step %[[S]] {
// CHECK-NEXT:      func.call @instance(%[[I]], %[[I]])
func.func @steps(%n: index, %m: index, %s: index) {
  scf.parallel (%i) = (%n) to (%m) step (%s) {
    func.call @instance(%i, %i) : (index, index) -> ()
  }
  return
}
