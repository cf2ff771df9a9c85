// RUN: attn-opt %s --cpu-outline-instances | FileCheck %s

// Each outermost loop's body becomes a private function, numbered in the module;
// a buffer goes with it, so that it ends up in one stack frame. The inner loop
// stays where it is: it runs on the instance's own thread. LLVM does not inline
// it, so that its code is the same with threads and without.
// CHECK-LABEL: func private @kernel.instance0(
// CHECK:         memref.alloc() : memref<4xf32>
// CHECK:         scf.parallel
// CHECK-NEXT:      memref.store
// CHECK:         return
// CHECK-LABEL: func private @kernel.instance1(
// CHECK-SAME:    %[[I:.*]]: index, %[[V:.*]]: f32, %[[X:.*]]: memref<?xf32>) attributes {passthrough = ["noinline"]} {
// CHECK-NEXT:    memref.store %[[V]], %[[X]][%[[I]]]
// CHECK-NEXT:    return
// CHECK-LABEL: func @kernel(
// CHECK:         scf.parallel (%[[P:.*]]) =
// CHECK-NEXT:      func.call @kernel.instance0(%[[P]]
// CHECK-NEXT:      scf.reduce
// CHECK-NEXT:    }
// CHECK-NEXT:    scf.parallel (%[[R:.*]]) =
// CHECK-NEXT:      func.call @kernel.instance1(%[[R]]
// CHECK-NEXT:      scf.reduce
// CHECK-NEXT:    }
// CHECK-NEXT:    return
func.func @kernel(%n: index, %x: memref<?xf32>, %v: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %a = memref.alloc() : memref<4xf32>
    scf.parallel (%j) = (%c0) to (%n) step (%c1) {
      memref.store %v, %a[%j] : memref<4xf32>
    }
  }
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    memref.store %v, %x[%i] : memref<?xf32>
  }
  return
}

// Names are unique in the module: another function's first loop has the next
// number.
// CHECK-LABEL: func private @second.instance2(
// CHECK-LABEL: func @second(
// CHECK:         func.call @second.instance2
func.func @second(%n: index, %x: memref<?xf32>, %v: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    memref.store %v, %x[%i] : memref<?xf32>
  }
  return
}

// Unchanged: a sequential loop is no grid.
// CHECK-LABEL: func @sequential(
// CHECK:         scf.for
// CHECK-NEXT:      memref.store
// CHECK-NOT:     call
// CHECK:         return
func.func @sequential(%n: index, %x: memref<?xf32>, %v: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    memref.store %v, %x[%i] : memref<?xf32>
  }
  return
}
