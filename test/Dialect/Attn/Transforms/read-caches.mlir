// RUN: attn-opt %s --attn-read-caches --split-input-file | FileCheck %s

// Keys and values are read in front of the op, each from its own cache, and the
// lengths of the cache are those of the op: without them keys beyond a sequence's
// end would be seen.
// CHECK-LABEL: func @paged(
// CHECK-SAME:    %[[Q:.*]]: tensor<3x4x?x8xf16>, {{.*}}, %[[N:[a-z0-9]+]]: tensor<3xi32>)
// CHECK:         %[[KC:.*]] = attn.cache {{.*}} -> !attn.kv<2x8xi8, paged<16>, scale<token>>
// CHECK:         %[[VC:.*]] = attn.cache {{.*}} -> !attn.kv<2x6xf16, paged<16>>
// CHECK-NEXT:    %[[K:.*]] = attn.read %[[KC]] : {{.*}} to tensor<3x2x?x8xf32>
// CHECK-NEXT:    %[[V:.*]] = attn.read %[[VC]] : {{.*}} to tensor<3x2x?x6xf32>
// CHECK-NEXT:    attn.attend %[[Q]], %[[K]], %[[V]] lengths(%[[N]]) mask(#attn.mask<causal>) : (tensor<3x4x?x8xf16>, tensor<3x2x?x8xf32>, tensor<3x2x?x6xf32>, tensor<3xi32>)
!k = !attn.kv<2x8xi8, paged<16>, scale<token>>
!v = !attn.kv<2x6xf16, paged<16>>
!q = tensor<3x4x?x8xf16>
!o = tensor<3x4x?x6xf16>
func.func @paged(%q: !q, %kd: tensor<?x16x2x8xi8>, %ks: tensor<?x16x2xf32>,
                 %vd: tensor<?x16x2x6xf16>, %t: tensor<3x?xi32>, %n: tensor<3xi32>) -> !o {
  %k = attn.cache %kd table(%t) lengths(%n) scales(%ks)
    : (tensor<?x16x2x8xi8>, tensor<3x?xi32>, tensor<3xi32>, tensor<?x16x2xf32>) -> !k
  %v = attn.cache %vd table(%t) lengths(%n)
    : (tensor<?x16x2x6xf16>, tensor<3x?xi32>, tensor<3xi32>) -> !v
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!q, !k, !v) -> !o
  return %o : !o
}

// -----

// A ring has as many rows as slots.
// CHECK-LABEL: func @rolling(
// CHECK:         attn.read {{.*}} to tensor<?x2x64x8xf32>
// CHECK:         attn.attend {{.*}} lengths(%{{.*}}) query_lengths(%{{.*}}) : (tensor<?x2x?x8xf32>, tensor<?x2x64x8xf32>, tensor<?x2x64x8xf32>, tensor<?xi64>, tensor<?xi32>)
!kv = !attn.kv<2x8xf32, rolling<64>>
!t = tensor<?x2x?x8xf32>
func.func @rolling(%q: !t, %d: tensor<?x2x64x8xf32>, %n: tensor<?xi64>, %m: tensor<?xi32>) -> !t {
  %c = attn.cache %d lengths(%n) : (tensor<?x2x64x8xf32>, tensor<?xi64>) -> !kv
  %o = attn.attend %q, %c, %c query_lengths(%m) : (!t, !kv, !kv, tensor<?xi32>) -> !t
  return %o : !t
}

// -----

// Sequences that fill their buffers need no lengths, and get none.
// CHECK-LABEL: func @full(
// CHECK:         %[[K:.*]] = attn.read {{.*}} to tensor<5x2x96x8xf32>
// CHECK:         %[[V:.*]] = attn.read {{.*}} to tensor<5x2x96x8xf32>
// CHECK:         attn.attend %{{.*}}, %[[K]], %[[V]] : (
!kv = !attn.kv<2x8xf16>
!t = tensor<5x2x?x8xf32>
func.func @full(%q: !t, %d: tensor<5x2x96x8xf16>) -> !t {
  %c = attn.cache %d : (tensor<5x2x96x8xf16>) -> !kv
  %o = attn.attend %q, %c, %c : (!t, !kv, !kv) -> !t
  return %o : !t
}

// -----

// Inside a region as well; ops on tensors stay as they are.
// CHECK-LABEL: func @in_a_loop(
// CHECK:         scf.for
// CHECK-NOT:       attn.read
// CHECK:           %[[X:.*]] = attn.attend %{{.*}}, %{{.*}}, %{{.*}} : (tensor<1x2x7x8xf32>, tensor<1x2x7x8xf32>, tensor<1x2x7x8xf32>)
// CHECK-COUNT-2:   attn.read
// CHECK-NEXT:      attn.attend %[[X]],
!kv = !attn.kv<2x8xf16>
!t = tensor<1x2x7x8xf32>
func.func @in_a_loop(%q: !t, %d: tensor<1x2x96x8xf16>, %i: index) -> !t {
  %c = attn.cache %d : (tensor<1x2x96x8xf16>) -> !kv
  %r = scf.for %j = %i to %i step %i iter_args(%x = %q) -> !t {
    %y = attn.attend %x, %x, %x : (!t, !t, !t) -> !t
    %z = attn.attend %y, %c, %c : (!t, !kv, !kv) -> !t
    scf.yield %z : !t
  }
  return %r : !t
}
