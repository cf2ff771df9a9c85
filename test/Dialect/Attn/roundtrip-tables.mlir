// RUN: %roundtrip
// RUN: attn-opt %s | FileCheck %s

!t = tensor<2x4x8x16xf32>
!l = tensor<2x4x8xf32>

// CHECK-LABEL: func @tables
func.func @tables(%q: !t, %n: index, %scalar: tensor<i64>, %doc: tensor<8xi32>,
                  %batched: tensor<?x8xi64>, %flag: tensor<4x8xi32>) -> !t {
  // CHECK: attn.attend {{.*}} mask(#attn.mask<window<n, 0>>) tables(n = %{{.*}}) : ({{.*}}, index) -> tensor<2x4x8x16xf32>
  %0 = attn.attend %q, %q, %q mask(#attn.mask<window<n, 0>>) tables(n = %n)
    : (!t, !t, !t, index) -> !t
  // CHECK: tables(w = %{{.*}}) : ({{.*}}, tensor<i64>)
  %1 = attn.attend %0, %q, %q mask(#attn.mask<"k <= q + w">)
    tables(w = %scalar) : (!t, !t, !t, tensor<i64>) -> !t
  // CHECK: mask(#attn.mask<document<doc>>) tables(doc = %{{.*}}) : ({{.*}}, tensor<8xi32>)
  %2 = attn.attend %1, %q, %q mask(#attn.mask<document<doc>>)
    tables(doc = %doc) : (!t, !t, !t, tensor<8xi32>) -> !t
  // CHECK: tables(doc = %{{.*}}) : ({{.*}}, tensor<?x8xi64>)
  %3 = attn.attend %2, %q, %q mask(#attn.mask<document<doc>>)
    tables(doc = %batched) : (!t, !t, !t, tensor<?x8xi64>) -> !t
  // CHECK: mask(#attn.mask<"flag(h, k) > w and doc(q) == doc(k)">) tables(flag = %{{.*}}, w = %{{.*}}, doc = %{{.*}}) :
  %4 = attn.attend %3, %q, %q
    mask(#attn.mask<"flag(h, k) > w and doc(q) == doc(k)">)
    tables(flag = %flag, w = %n, doc = %doc)
    : (!t, !t, !t, tensor<4x8xi32>, index, tensor<8xi32>) -> !t
  return %4 : !t
}

// CHECK-LABEL: func @lattice
func.func @lattice(%q: !t) -> !t {
  // CHECK: attn.attend %{{.*}}, %{{.*}}, %{{.*}} lattice 3 :
  %0 = attn.attend %q, %q, %q lattice 3 : (!t, !t, !t) -> !t
  // CHECK: mask(#attn.mask<causal>) lattice 1048576 scale
  %1 = attn.attend %0, %q, %q mask(#attn.mask<causal>) lattice 1048576
    scale 0.5 : (!t, !t, !t) -> !t
  return %1 : !t
}

// CHECK-LABEL: func @init
func.func @init(%q: !t, %o: !t, %l: !l) -> (!t, !l) {
  // CHECK: attn.attend %{{.*}}, %{{.*}}, %{{.*}} init(%{{.*}}, %{{.*}}) : ({{.*}}, tensor<2x4x8x16xf32>, tensor<2x4x8xf32>) -> tensor<2x4x8x16xf32>
  %0 = attn.attend %q, %q, %q init(%o, %l) : (!t, !t, !t, !t, !l) -> !t
  // CHECK: lattice 2 init(%{{.*}}, %{{.*}}) scale {{.*}} -> (tensor<2x4x8x16xf32>, tensor<2x4x8xf32>)
  %1, %lse = attn.attend %0, %q, %q lattice 2 init(%o, %l) scale 0.25
    : (!t, !t, !t, !t, !l) -> (!t, !l)
  return %1, %lse : !t, !l
}

// The carry of a narrow type is f32, and an op that makes one may say so.
// CHECK-LABEL: func @narrow
func.func @narrow(%q: tensor<2x4x8x16xf16>) -> (tensor<2x4x8x16xf16>, !l) {
  // CHECK: -> (tensor<2x4x8x16xf32>, tensor<2x4x8xf32>)
  %o, %l = attn.attend %q, %q, %q
    : (tensor<2x4x8x16xf16>, tensor<2x4x8x16xf16>, tensor<2x4x8x16xf16>)
    -> (!t, !l)
  // CHECK: init(%{{.*}}, %{{.*}}) : ({{.*}}tensor<2x4x8x16xf32>, tensor<2x4x8xf32>) -> (tensor<2x4x8x16xf16>, tensor<2x4x8xf32>)
  %r, %lse = attn.attend %q, %q, %q init(%o, %l)
    : (tensor<2x4x8x16xf16>, tensor<2x4x8x16xf16>, tensor<2x4x8x16xf16>, !t, !l)
    -> (tensor<2x4x8x16xf16>, !l)
  return %r, %lse : tensor<2x4x8x16xf16>, !l
}
