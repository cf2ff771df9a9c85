// RUN: attn-opt %s --pass-pipeline="builtin.module(func.func(attn-read-caches),attn-materialize-destinations,cpu-attach-target{target=cpu:x86-64-v3},func.func(convert-attn-to-tile),canonicalize,cse,tile-bufferize-around-kernels,convert-tile-to-cpu,canonicalize,cse)" | FileCheck %s
//
// Few queries over pages: the places of rows are found once for a tile, and the rows
// are multiplied where they lie. Neither keys nor values are copied.

// CHECK-LABEL: func @attnc.kernel.paged(
// CHECK-SAME:    %{{[a-z0-9]+}}: memref<?x4x1x16xf32, {{[^>]*>>}}, %[[K:[a-z0-9]+]]: memref<?x4x1x16xi8, {{[^>]*>>}}, %{{[a-z0-9]+}}: memref<?x4x1xf32, {{[^>]*>>}}, %[[V:[a-z0-9]+]]: memref<?x4x1x16xi8, {{[^>]*>>}}, %{{[a-z0-9]+}}: memref<?x4x1xf32, {{[^>]*>>}}, %[[T:[a-z0-9]+]]: memref<?x?xi32,
// CHECK-NOT:     tile.
// CHECK:         scf.parallel
// Page and slot of the keys of this step, and of the next one, which are asked for
// while these are multiplied; of the values of this step.
// CHECK-DAG:       %[[KEYS:.*]] = memref.alloc() {{.*}} : memref<64x2xindex>
// CHECK-DAG:       %[[VALUES:.*]] = memref.alloc() {{.*}} : memref<32x2xindex>
// CHECK:           scf.for
// CHECK:             scf.for
// CHECK:               arith.minsi
// CHECK:               %[[PAGE:.*]] = memref.load %[[T]][
// CHECK:               memref.store %{{.*}}, %[[KEYS]][%[[ROW:.*]], %[[C0:.*]]] : memref<64x2xindex>
// CHECK:               memref.store %{{.*}}, %[[KEYS]][%[[ROW]], %[[C1:.*]]] : memref<64x2xindex>
// CHECK:             }
// CHECK:               %[[P:.*]] = memref.load %[[KEYS]][%[[KEY:.*]], %[[C0]]] : memref<64x2xindex>
// CHECK-NEXT:          %[[S:.*]] = memref.load %[[KEYS]][%[[KEY]], %[[C1]]] : memref<64x2xindex>
// CHECK-NEXT:          %[[BYTES:.*]] = vector.load %[[K]][%[[P]], %[[S]], %[[C0]], %[[C0]]] : {{.*}}, vector<8xi8>
// CHECK-NEXT:          %[[F:.*]] = arith.sitofp %[[BYTES]] : vector<8xi8> to vector<8xf32>
// CHECK-NEXT:          vector.fma %{{.*}}, %[[F]], %{{.*}}
// CHECK:               %[[VP:.*]] = memref.load %[[VALUES]][%[[AHEAD:.*]], %[[C0]]] : memref<32x2xindex>
// CHECK-NEXT:          %[[VS:.*]] = memref.load %[[VALUES]][%[[AHEAD]], %[[C1]]] : memref<32x2xindex>
// CHECK-NEXT:          memref.prefetch %[[V]][%[[VP]], %[[VS]],
// CHECK:             math.exp2
// CHECK:               %[[P:.*]] = memref.load %[[VALUES]][%[[KEY:.*]], %[[C0]]] : memref<32x2xindex>
// CHECK-NEXT:          %[[S:.*]] = memref.load %[[VALUES]][%[[KEY]], %[[C1]]] : memref<32x2xindex>
// CHECK-NEXT:          vector.load %[[V]][%[[P]], %[[S]], %[[C0]], %{{.*}}] : {{.*}}, vector<8xi8>
!kv = !attn.kv<1x16xi8, paged<4>, scale<token>>
!d = tensor<?x4x1x16xi8>
!s = tensor<?x4x1xf32>
!q = tensor<?x4x1x16xf32>
func.func @paged(%q: !q, %k: !d, %ks: !s, %v: !d, %vs: !s, %t: tensor<?x?xi32>,
                 %n: tensor<?xi32>) -> !q {
  %kc = attn.cache %k table(%t) lengths(%n) scales(%ks)
    : (!d, tensor<?x?xi32>, tensor<?xi32>, !s) -> !kv
  %vc = attn.cache %v table(%t) lengths(%n) scales(%vs)
    : (!d, tensor<?x?xi32>, tensor<?xi32>, !s) -> !kv
  %o = attn.attend %q, %kc, %vc
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 48,
                                    splits = 1>,
     attn.decode = #attn.decode<most_queries = 16, rows = 4, heads = group,
                                key_tile = 32, keys_per_split = 1024>}
    : (!q, !kv, !kv) -> !q
  return %o : !q
}
