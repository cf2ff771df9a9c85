// RUN: attn-opt %s --attn-materialize-destinations --split-input-file | FileCheck %s

// Inputs first, then outputs, each of any strides but a unit innermost one: what
// the entry point builds descriptors for. Without `restrict` bufferization would
// copy every input; without the C interface the entry point would call a symbol
// that does not exist.
// CHECK-LABEL: func @attnc.kernel.attention(
// CHECK-SAME:    %[[Q:[a-z0-9]+]]: memref<?x?x?x64xf32, strided<[?, ?, ?, 1], offset: ?>>,
// CHECK-SAME:    %[[B:[a-z0-9]+]]: memref<4xf16, strided<[1], offset: ?>>,
// CHECK-SAME:    %[[OUT:[a-z0-9]+]]: memref<?x?x?x64xf32, strided<[?, ?, ?, 1], offset: ?>>)
// CHECK-SAME:    attributes {llvm.emit_c_interface}
// CHECK-DAG:     %[[QT:.*]] = bufferization.to_tensor %[[Q]] restrict :
// CHECK-DAG:     bufferization.to_tensor %[[B]] restrict :
// CHECK:         %[[O:.*]] = attn.attend %[[QT]], %[[QT]], %[[QT]]
// CHECK:         bufferization.materialize_in_destination %[[O]] in restrict writable %[[OUT]]
// CHECK-NEXT:    return
// CHECK-NEXT:  }
!t = tensor<?x?x?x64xf32>
func.func @attention(%q: !t {attn.name = "query"}, %bias: tensor<4xf16>)
    -> (!t {attn.name = "out"}) {
  %o = attn.attend %q, %q, %q : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// Results keep their order, and one value returned twice is written twice: the
// caller owns two memories and reads both.
// CHECK-LABEL: func @attnc.kernel.twice(
// CHECK-SAME:    %[[IN:[a-z0-9]+]]: memref<4xf32, {{[^>]*>}}>, %[[A:[a-z0-9]+]]: memref<4xf32, {{[^>]*>}}>, %[[N:[a-z0-9]+]]: memref<4xf32, {{[^>]*>}}>, %[[B:[a-z0-9]+]]: memref<4xf32, {{[^>]*>}}>)
// CHECK:         %[[X:.*]] = bufferization.to_tensor %[[IN]]
// CHECK:         %[[Y:.*]] = arith.negf %[[X]]
// CHECK-NEXT:    bufferization.materialize_in_destination %[[X]] in restrict writable %[[A]]
// CHECK-NEXT:    bufferization.materialize_in_destination %[[Y]] in restrict writable %[[N]]
// CHECK-NEXT:    bufferization.materialize_in_destination %[[X]] in restrict writable %[[B]]
func.func @twice(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %y = arith.negf %x : tensor<4xf32>
  return %x, %y, %x : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// -----

// Unchanged: a private function is no entry point. Renaming it would break its
// callers.
// CHECK-LABEL: func private @helper(
// CHECK-SAME:    %{{.*}}: tensor<4xf32>) -> tensor<4xf32> {
// CHECK-NOT:     bufferization
// CHECK:         return %{{.*}} : tensor<4xf32>
func.func private @helper(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

// -----

// Unchanged: a function without a body has nothing to write.
// CHECK-LABEL: func private @declared(tensor<4xf32>) -> tensor<4xf32>
func.func private @declared(tensor<4xf32>) -> tensor<4xf32>

// -----

// Unchanged: what has been rewritten before. Run twice, the pass would otherwise
// meet memrefs and crash.
// CHECK-LABEL: func @attnc.kernel.done(
// CHECK-SAME:    %{{.*}}: memref<4xf32>) {
// CHECK-NEXT:    return
func.func @attnc.kernel.done(%x: memref<4xf32>) {
  return
}
