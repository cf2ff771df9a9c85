// RUN: attn-opt %s --resolve-ranked-shaped-type-result-dims --canonicalize \
// RUN:   --split-input-file | FileCheck %s

// The extents of a result are those of operands: nothing has to be computed to
// know them.
!q = tensor<?x?x?x16xf32>
!v = tensor<?x?x?x8xf32>

// CHECK-LABEL: func @attend
// CHECK-SAME: (%[[Q:.*]]: tensor<?x?x?x16xf32>, %[[K:.*]]: tensor<?x?x?x16xf32>, %[[V:.*]]: tensor<?x?x?x8xf32>)
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[C1:.*]] = arith.constant 1 : index
// CHECK-DAG: %[[C2:.*]] = arith.constant 2 : index
// CHECK-DAG: %[[C8:.*]] = arith.constant 8 : index
// CHECK-DAG: %[[B:.*]] = tensor.dim %[[Q]], %[[C0]]
// CHECK-DAG: %[[H:.*]] = tensor.dim %[[Q]], %[[C1]]
// CHECK-DAG: %[[N:.*]] = tensor.dim %[[Q]], %[[C2]]
// CHECK: return %[[B]], %[[H]], %[[C8]], %[[N]]
func.func @attend(%q: !q, %k: !q, %v: !v) -> (index, index, index, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %o, %lse = attn.attend %q, %k, %v : (!q, !q, !v) -> (!v, tensor<?x?x?xf32>)
  %b = tensor.dim %o, %c0 : !v
  %h = tensor.dim %o, %c1 : !v
  %d = tensor.dim %o, %c3 : !v
  %n = tensor.dim %lse, %c2 : tensor<?x?x?xf32>
  return %b, %h, %d, %n : index, index, index, index
}

// -----

// The type of the result may know less than that of the operand.
!q = tensor<2x4x8x16xf32>

// CHECK-LABEL: func @attend_forgets
// CHECK: %[[C8:.*]] = arith.constant 8 : index
// CHECK: return %[[C8]]
func.func @attend_forgets(%q: !q) -> index {
  %c2 = arith.constant 2 : index
  %o = attn.attend %q, %q, %q : (!q, !q, !q) -> tensor<2x4x?x16xf32>
  %n = tensor.dim %o, %c2 : tensor<2x4x?x16xf32>
  return %n : index
}

// -----

!q = tensor<?x?x?x16xf32>

// CHECK-LABEL: func @scan
// CHECK-SAME: (%[[Q:.*]]: tensor<?x?x?x16xf32>)
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[C1:.*]] = arith.constant 1 : index
// CHECK-DAG: %[[C2:.*]] = arith.constant 2 : index
// CHECK-DAG: %[[N:.*]] = tensor.dim %[[Q]], %[[C2]]
// CHECK-DAG: %[[H:.*]] = tensor.dim %[[Q]], %[[C1]]
// CHECK-DAG: %[[B:.*]] = tensor.dim %[[Q]], %[[C0]]
// CHECK: return %[[N]], %[[H]], %[[B]]
func.func @scan(%q: !q) -> (index, index, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %o, %s, %z = attn.scan %q, %q, %q transition identity normalize
    : !q, !q, !q -> !q final_state tensor<?x?x16x16xf32>
      final_normalizer tensor<?x?x16xf32>
  %n = tensor.dim %o, %c2 : !q
  %h = tensor.dim %s, %c1 : tensor<?x?x16x16xf32>
  %b = tensor.dim %z, %c0 : tensor<?x?x16xf32>
  return %n, %h, %b : index, index, index
}

// -----

// A cache is read as its sequences, of as many positions as there is room for: in
// pages that the table lists, not in pages that there are.
!kv = !attn.kv<2x8xf16, paged<16>>

// CHECK-LABEL: func @read
// CHECK-SAME: (%{{.*}}: tensor<?x16x2x8xf16>, %[[T:.*]]: tensor<?x?xi32>, %{{.*}}: tensor<?xi32>)
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[C1:.*]] = arith.constant 1 : index
// CHECK-DAG: %[[C2:.*]] = arith.constant 2 : index
// CHECK-DAG: %[[C16:.*]] = arith.constant 16 : index
// CHECK-DAG: %[[B:.*]] = tensor.dim %[[T]], %[[C0]]
// CHECK-DAG: %[[BLOCKS:.*]] = tensor.dim %[[T]], %[[C1]]
// CHECK-DAG: %[[N:.*]] = arith.muli %[[BLOCKS]], %[[C16]]
// CHECK: return %[[B]], %[[C2]], %[[N]]
func.func @read(%d: tensor<?x16x2x8xf16>, %t: tensor<?x?xi32>, %n: tensor<?xi32>)
    -> (index, index, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c = attn.cache %d table(%t) lengths(%n)
    : (tensor<?x16x2x8xf16>, tensor<?x?xi32>, tensor<?xi32>) -> !kv
  %r = attn.read %c : !kv to tensor<?x2x?x8xf32>
  %b = tensor.dim %r, %c0 : tensor<?x2x?x8xf32>
  %h = tensor.dim %r, %c1 : tensor<?x2x?x8xf32>
  %m = tensor.dim %r, %c2 : tensor<?x2x?x8xf32>
  return %b, %h, %m : index, index, index
}

// -----

// The value dim is that of the values' cache.
!k = !attn.kv<2x8xf16>
!v = !attn.kv<2x6xf16>
!d = tensor<?x2x?x8xf16>

// CHECK-LABEL: func @attend_cache
// CHECK-SAME: (%[[Q:.*]]: tensor<?x4x?x8xf32>,
// CHECK-DAG: %[[C2:.*]] = arith.constant 2 : index
// CHECK-DAG: %[[C6:.*]] = arith.constant 6 : index
// CHECK-DAG: %[[N:.*]] = tensor.dim %[[Q]], %[[C2]]
// CHECK: return %[[N]], %[[C6]]
func.func @attend_cache(%q: tensor<?x4x?x8xf32>, %d: !d) -> (index, index) {
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %k = attn.cache %d : (!d) -> !k
  %v = attn.cache %d : (!d) -> !v
  %o = attn.attend %q, %k, %v : (tensor<?x4x?x8xf32>, !k, !v) -> tensor<?x4x?x6xf32>
  %n = tensor.dim %o, %c2 : tensor<?x4x?x6xf32>
  %m = tensor.dim %o, %c3 : tensor<?x4x?x6xf32>
  return %n, %m : index, index
}
