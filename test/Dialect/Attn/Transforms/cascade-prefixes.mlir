// RUN: attn-opt %s --attn-cascade-prefixes --cse --split-input-file --verify-diagnostics | FileCheck %s

// The sequences of the batch and the heads of a group are the rows of one over the
// prefix, and each sequence goes on from what that gives.
// CHECK-LABEL: func @decode(
// CHECK-SAME:    %[[Q:.*]]: tensor<?x4x1x8xf16>, %[[D:[a-z0-9]+]]: {{.*}}, %[[T:[a-z0-9]+]]: tensor<?x?xi32>, %[[N:[a-z0-9]+]]: tensor<?xi32>, %[[P:[a-z0-9]+]]: tensor<i32>)
// CHECK:         %[[B:.*]] = tensor.dim %[[Q]], %c0
// CHECK:         %[[COUNT:.*]] = arith.muli %[[B]], %c2
// CHECK:         %[[EMPTY:.*]] = tensor.empty(%[[COUNT]]) : tensor<1x2x?x8xf16>
// CHECK:         %[[ROWS:.*]] = linalg.generic {{.*}} outs(%[[EMPTY]] :
// CHECK:           %[[H:.*]] = linalg.index 1
// CHECK:           %[[ROW:.*]] = linalg.index 2
// CHECK:           %[[S:.*]] = arith.divui %[[ROW]], %c2
// CHECK:           %[[OF:.*]] = arith.remui %[[ROW]], %c2
// CHECK:           %[[FIRST:.*]] = arith.muli %[[H]], %c2
// CHECK:           %[[HEAD:.*]] = arith.addi %[[FIRST]], %[[OF]]
// CHECK:           tensor.extract %[[Q]][%[[S]], %[[HEAD]], %c0, %{{.*}}]
// CHECK:         %[[ONE:.*]] = tensor.extract_slice %[[T]][0, 0] [1, %{{.*}}] [1, 1] : tensor<?x?xi32> to tensor<1x?xi32>
// CHECK:         %[[NUMBER:.*]] = tensor.extract %[[P]][]
// CHECK:         %[[LENGTH:.*]] = tensor.from_elements %[[NUMBER]] : tensor<1xi32>
// CHECK:         attn.cache %[[D]] table(%[[ONE]]) lengths(%[[LENGTH]]) :
// CHECK:         %[[OUT:.*]], %[[LSE:.*]] = attn.attend %[[ROWS]], %{{.*}}, %{{.*}} scale
// CHECK-SAME:      -> (tensor<1x2x?x8xf32>, tensor<1x2x?xf32>)
// CHECK:           %[[S:.*]] = linalg.index 0
// CHECK:           %[[HEAD:.*]] = linalg.index 1
// CHECK:           %[[FIRST:.*]] = arith.muli %[[S]], %c2
// CHECK:           %[[OF:.*]] = arith.remui %[[HEAD]], %c2
// CHECK:           %[[ROW:.*]] = arith.addi %[[FIRST]], %[[OF]]
// CHECK:           %[[H:.*]] = arith.divui %[[HEAD]], %c2
// CHECK:           tensor.extract %[[OUT]][%c0, %[[H]], %[[ROW]], %{{.*}}]
// CHECK:           tensor.extract %[[LSE]][%c0, %{{.*}}, %{{.*}}] : tensor<1x2x?xf32>
// CHECK:         attn.attend %[[Q]], %{{.*}}, %{{.*}} mask(#attn.mask<"k >= prefix">) tables(prefix = %[[P]]) init(
!kv = !attn.kv<2x8xf16, paged<16>>
!q = tensor<?x4x1x8xf16>
func.func @decode(%q: !q, %d: tensor<?x16x2x8xf16>, %t: tensor<?x?xi32>, %n: tensor<?xi32>, %p: tensor<i32>) -> !q {
  %c = attn.cache %d table(%t) lengths(%n) prefix(%p) : (tensor<?x16x2x8xf16>, tensor<?x?xi32>, tensor<?xi32>, tensor<i32>) -> !kv
  %o = attn.attend %q, %c, %c mask(#attn.mask<causal>) : (!q, !kv, !kv) -> !q
  return %o : !q
}

// -----

// The number of query heads may be known at run time alone.
// CHECK-LABEL: func @any_group(
// CHECK:         %[[ALL:.*]] = tensor.dim %{{.*}}, %c1
// CHECK:         %[[GROUP:.*]] = arith.divui %[[ALL]], %c2
// CHECK:         arith.muli %{{.*}}, %[[GROUP]]
// CHECK:         attn.attend {{.*}} -> (tensor<1x2x?x8xf32>, tensor<1x2x?xf32>)
!kv = !attn.kv<2x8xf16, paged<16>>
!q = tensor<?x?x1x8xf16>
func.func @any_group(%q: !q, %d: tensor<?x16x2x8xf16>, %t: tensor<?x?xi32>, %n: tensor<?xi32>, %p: tensor<i32>) -> !q {
  %c = attn.cache %d table(%t) lengths(%n) prefix(%p) : (tensor<?x16x2x8xf16>, tensor<?x?xi32>, tensor<?xi32>, tensor<i32>) -> !kv
  %o = attn.attend %q, %c, %c : (!q, !kv, !kv) -> !q
  return %o : !q
}

// -----

// CHECK-LABEL: func @prefill(
// CHECK-NOT:     linalg.generic
!kv = !attn.kv<2x8xf16, paged<16>>
!q = tensor<?x4x?x8xf16>
func.func @prefill(%q: !q, %d: tensor<?x16x2x8xf16>, %t: tensor<?x?xi32>, %n: tensor<?xi32>, %p: tensor<i32>) -> !q {
  %c = attn.cache %d table(%t) lengths(%n) prefix(%p) : (tensor<?x16x2x8xf16>, tensor<?x?xi32>, tensor<?xi32>, tensor<i32>) -> !kv
  // expected-remark@+1 {{the shared prefix is read by each sequence on its own: it has not one query, statically}}
  %o = attn.attend %q, %c, %c mask(#attn.mask<causal>) : (!q, !kv, !kv) -> !q
  return %o : !q
}

// -----

// CHECK-LABEL: func @window(
// CHECK-NOT:     linalg.generic
!kv = !attn.kv<2x8xf16, paged<16>>
!q = tensor<?x4x1x8xf16>
func.func @window(%q: !q, %d: tensor<?x16x2x8xf16>, %t: tensor<?x?xi32>, %n: tensor<?xi32>, %p: tensor<i32>) -> !q {
  %c = attn.cache %d table(%t) lengths(%n) prefix(%p) : (tensor<?x16x2x8xf16>, tensor<?x?xi32>, tensor<?xi32>, tensor<i32>) -> !kv
  // expected-remark@+1 {{on its own: its mask is not the causal one}}
  %o = attn.attend %q, %c, %c mask(#attn.mask<window<7, 0>>) : (!q, !kv, !kv) -> !q
  return %o : !q
}
