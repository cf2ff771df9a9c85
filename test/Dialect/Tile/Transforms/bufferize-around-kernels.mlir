// RUN: attn-opt %s --tile-bufferize-around-kernels --split-input-file | FileCheck %s

!view = memref<?x16xf32, strided<[?, 1], offset: ?>>

// The kernel's operands become memory, its results go away, and its tiles stay
// values: a tile in memory could no longer live in registers.
// CHECK-LABEL: func @kernel(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<?x16xf32, strided<[?, 1], offset: ?>>, %[[O:[a-z0-9]+]]: memref<?x16xf32, strided<[?, 1], offset: ?>>, %[[N:.*]]: index)
// CHECK-NOT:     to_tensor
// CHECK-NOT:     memref.alloc
// CHECK:         tile.kernel grid(%[[N]]) ins(%[[X]] : memref<{{.*}}>) outs(%[[O]] : memref<{{.*}}>) attributes {note = "kept"} {
// CHECK-NEXT:    ^bb0(
// CHECK:           %[[T:.*]] = tile.load {{.*}} to tensor<8x16xf32>
// CHECK:           %[[E:.*]] = math.exp2 %[[T]] : tensor<8x16xf32>
// CHECK:           tile.store %[[E]], {{.*}} : tensor<8x16xf32> to memref
// CHECK-NEXT:    }
// CHECK-NOT:     memref.copy
// CHECK:         return
func.func @kernel(%x: !view, %o: !view, %n: index) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c16 = arith.constant 16 : index
  %xt = bufferization.to_tensor %x restrict : !view to tensor<?x16xf32>
  %e = tensor.empty(%n) : tensor<?x16xf32>
  %ot = bufferization.to_tensor %o restrict writable : !view to tensor<?x16xf32>
  %r = tile.kernel grid(%n) ins(%xt : tensor<?x16xf32>)
      outs(%ot : tensor<?x16xf32>) -> tensor<?x16xf32>
      attributes {note = "kept"} {
  ^bb0(%i: index, %xm: !view, %om: !view):
    %t = tile.load %xm[%i, %c0] extent(%c8, %c16) : !view to tensor<8x16xf32>
    %p = math.exp2 %t : tensor<8x16xf32>
    tile.store %p, %om[%i, %c0] extent(%c8, %c16) : tensor<8x16xf32> to !view
  }
  bufferization.materialize_in_destination %r in restrict writable %o
    : (tensor<?x16xf32>, !view) -> ()
  return
}

// -----

// Memory of another layout than the views' is cast: a fresh buffer is contiguous.
// CHECK-LABEL: func @cast_of_layout(
// CHECK:         %[[A:.*]] = memref.alloc(%{{.*}}) {{.*}} : memref<?x16xf32>
// CHECK:         %[[C:.*]] = memref.cast %[[A]] : memref<?x16xf32> to memref<?x16xf32, strided<[?, 1], offset: ?>>
// CHECK:         tile.kernel grid(%{{.*}}) outs(%[[C]] :
!view = memref<?x16xf32, strided<[?, 1], offset: ?>>
func.func @cast_of_layout(%n: index) -> tensor<?x16xf32> {
  %e = tensor.empty(%n) : tensor<?x16xf32>
  %r = tile.kernel grid(%n) outs(%e : tensor<?x16xf32>) -> tensor<?x16xf32> {
  ^bb0(%i: index, %om: !view):
  }
  return %r : tensor<?x16xf32>
}

// -----

// A destination is written and not read, but an input that is read again later
// must survive: the kernel writes a new buffer, and nothing is copied into it.
// CHECK-LABEL: func @input_survives(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref
// CHECK:         %[[A:.*]] = memref.alloc
// CHECK:         %[[C:.*]] = memref.cast %[[A]]
// CHECK-NOT:     linalg.copy
// CHECK-NOT:     memref.copy
// CHECK:         tile.kernel {{.*}} ins(%{{.*}}) outs(%[[C]] :
// CHECK:         memref.load %[[X]]
!view = memref<?x16xf32, strided<[?, 1], offset: ?>>
func.func @input_survives(%x: tensor<?x16xf32>, %n: index)
    -> (tensor<?x16xf32>, f32) {
  %c0 = arith.constant 0 : index
  %r = tile.kernel grid(%n) ins(%x : tensor<?x16xf32>)
      outs(%x : tensor<?x16xf32>) -> tensor<?x16xf32> {
  ^bb0(%i: index, %xm: !view, %om: !view):
  }
  %old = tensor.extract %x[%c0, %c0] : tensor<?x16xf32>
  return %r, %old : tensor<?x16xf32>, f32
}

// -----

// Copies are linalg.copy, for which every target has a lowering; memref.copy of a
// strided memory would call a function of MLIR's C runner.
// CHECK-LABEL: func @copy(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<{{.*}}>, %[[O:[a-z0-9]+]]: memref
// CHECK-NOT:     memref.copy
// CHECK:         linalg.copy ins(%[[X]] : {{.*}}) outs(%[[O]] :
// CHECK-NOT:     memref.copy
!view = memref<?x16xf32, strided<[?, 1], offset: ?>>
func.func @copy(%x: !view, %o: !view) {
  %t = bufferization.to_tensor %x restrict : !view to tensor<?x16xf32>
  bufferization.materialize_in_destination %t in restrict writable %o
    : (tensor<?x16xf32>, !view) -> ()
  return
}

// -----

// Unchanged: memory is already memory.
// CHECK-LABEL: func @on_memory(
// CHECK-NEXT:    memref.load
// CHECK-NEXT:    return
func.func @on_memory(%x: memref<4xf32>, %i: index) -> f32 {
  %v = memref.load %x[%i] : memref<4xf32>
  return %v : f32
}
