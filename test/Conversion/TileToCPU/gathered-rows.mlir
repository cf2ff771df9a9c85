// RUN: attn-opt %s --pass-pipeline="builtin.module(func.func(attn-read-caches),attn-materialize-destinations,cpu-attach-target{target=cpu:x86-64-v3},func.func(convert-attn-to-tile),canonicalize,cse,tile-bufferize-around-kernels,convert-tile-to-cpu,canonicalize,cse)" | FileCheck %s
//
// Few queries over pages: the places of rows are found once for a tile, and the rows
// are multiplied where they lie. Neither keys nor values are copied.

// CHECK-LABEL: func @attnc.kernel.paged(
// CHECK-SAME:    %{{[a-z0-9]+}}: memref<?x4x1x16xf32, {{[^>]*>>}}, %[[K:[a-z0-9]+]]: memref<?x4x1x16xi8, {{[^>]*>>}}, %{{[a-z0-9]+}}: memref<?x4x1xf32, {{[^>]*>>}}, %[[V:[a-z0-9]+]]: memref<?x4x1x16xi8, {{[^>]*>>}}, %{{[a-z0-9]+}}: memref<?x4x1xf32, {{[^>]*>>}}, %[[T:[a-z0-9]+]]: memref<?x?xi32,
// CHECK-NOT:     tile.
// CHECK:         scf.parallel
// Where the rows of keys of this step start, and of the next one, which are asked for
// while these are multiplied; where the rows of values of this step do.
// CHECK-DAG:       %[[KEYS:.*]] = memref.alloc() {{.*}} : memref<64xindex>
// CHECK-DAG:       %[[VALUES:.*]] = memref.alloc() {{.*}} : memref<32xindex>
// CHECK:           scf.for
// CHECK:             memref.extract_strided_metadata %[[K]]
// CHECK:             %[[KDATA:.*]] = memref.reinterpret_cast %[[K]]
// CHECK:             scf.for
// CHECK:               %[[P:.*]] = arith.minsi %{{.*}} : vector<8xindex>
// CHECK:               vector.gather %[[T]][
// CHECK:               arith.muli
// CHECK:               arith.remui %[[P]], %{{.*}} : vector<8xindex>
// CHECK:               vector.store %{{.*}}, %[[KEYS]][
// CHECK:             %[[VDATA:.*]] = memref.reinterpret_cast %[[V]]
// CHECK:               vector.store %{{.*}}, %[[VALUES]][
// CHECK:               %[[START:.*]] = memref.load %[[KEYS]][%{{.*}}] : memref<64xindex>
// CHECK-NEXT:          %[[BYTES:.*]] = vector.load %[[KDATA]][%[[START]]] : {{.*}}, vector<8xi8>
// CHECK-NEXT:          %[[F:.*]] = arith.sitofp %[[BYTES]] : vector<8xi8> to vector<8xf32>
// CHECK-NEXT:          vector.fma %{{.*}}, %[[F]], %{{.*}}
// CHECK:               %[[AHEAD:.*]] = memref.load %[[VALUES]][
// CHECK-NEXT:          memref.prefetch %[[VDATA]][%[[AHEAD]]], read
// CHECK:             math.exp2
// CHECK:               %[[START:.*]] = memref.load %[[VALUES]][
// CHECK:               vector.load %[[VDATA]][%{{.*}}] : {{.*}}, vector<8xi8>
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
