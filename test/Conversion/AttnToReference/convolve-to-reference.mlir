// RUN: attn-opt %s --convert-attn-to-reference --canonicalize --cse | FileCheck %s
//
// One sum for each element: positions before the first are rows of the state.

// CHECK-LABEL: func.func @convolve(
// CHECK-SAME:    %[[X:.*]]: tensor<?x?x?x16xf32>, %[[W:.*]]: tensor<?x16x3xf32>, %[[S:.*]]: tensor<?x?x2x16xf32>)
// CHECK-DAG:     %[[C2:.*]] = arith.constant 2 : index
// CHECK:         scf.for %[[T:.*]] = %{{.*}} to %{{.*}} step
// CHECK:           scf.for %[[TAP:.*]] = {{.*}} iter_args
// CHECK:             %[[AT:.*]] = arith.addi %{{.*}}, %[[TAP]]
// CHECK:             %[[BEFORE:.*]] = arith.cmpi slt, %[[AT]], %[[C2]]
// CHECK:             scf.if %[[BEFORE]]
// CHECK:               tensor.extract %[[S]]
// CHECK:             } else {
// CHECK:               arith.subi %[[AT]], %[[C2]]
// CHECK:               tensor.extract %[[X]]
// CHECK:             tensor.extract %[[W]]
!x = tensor<?x?x?x16xf32>
!s = tensor<?x?x2x16xf32>
func.func @convolve(%x: !x, %w: tensor<?x16x3xf32>, %s: !s) -> (!x, !s) {
  %y, %s1 = attn.convolve %x, %w initial_state(%s : !s)
    : !x, tensor<?x16x3xf32> -> !x final_state !s
  return %y, %s1 : !x, !s
}
