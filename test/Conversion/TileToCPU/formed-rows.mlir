// RUN: attn-opt %s --pass-pipeline="builtin.module(func.func(attn-read-caches),attn-materialize-destinations,cpu-attach-target{target=cpu:x86-64-v3},func.func(convert-attn-to-tile),canonicalize,cse,tile-bufferize-around-kernels,convert-tile-to-cpu,canonicalize,cse)" --split-input-file | FileCheck %s
//
// Few queries over numbers with scales of groups, and with zero points: a vector of
// them is formed where it is multiplied, and no tile of them is in memory.

// CHECK-LABEL: func @attnc.kernel.group(
// CHECK-SAME:    %{{[a-z0-9]+}}: memref<?x1x1x16xf32, {{[^>]*>>}}, %[[K:[a-z0-9]+]]: memref<?x1x?x16xi8, {{[^>]*>>}}, %[[KS:[a-z0-9]+]]: memref<?x1x?x2xf32, {{[^>]*>>}}, %[[KZ:[a-z0-9]+]]: memref<?x1x?x2xf32, {{[^>]*>>}}, %[[V:[a-z0-9]+]]: memref<?x1x?x16xi8, {{[^>]*>>}}, %[[VS:[a-z0-9]+]]: memref<?x1x?x2xf32, {{[^>]*>>}}, %[[VZ:[a-z0-9]+]]: memref<?x1x?x2xf32,
// CHECK-NOT:     tile.
// CHECK:         %[[BYTES:.*]] = vector.load %[[K]][{{.*}}] : {{.*}}, vector<8xi8>
// CHECK-NEXT:    %[[X:.*]] = arith.sitofp %[[BYTES]]
// CHECK-NEXT:    %[[ZERO:.*]] = memref.load %[[KZ]][
// CHECK-NEXT:    %[[ZEROS:.*]] = vector.broadcast %[[ZERO]]
// CHECK-NEXT:    %[[D:.*]] = arith.subf %[[X]], %[[ZEROS]]
// CHECK-NEXT:    %[[SCALE:.*]] = memref.load %[[KS]][
// CHECK-NEXT:    %[[SCALES:.*]] = vector.broadcast %[[SCALE]]
// CHECK-NEXT:    %[[N:.*]] = arith.mulf %[[D]], %[[SCALES]]
// CHECK-NEXT:    vector.fma %{{.*}}, %[[N]], %{{.*}}
// CHECK:         math.exp2
// CHECK:         scf.for
// CHECK:           %[[BYTES:.*]] = vector.load %[[V]][{{.*}}] : {{.*}}, vector<8xi8>
// CHECK-NEXT:      %[[X:.*]] = arith.sitofp %[[BYTES]]
// CHECK-NEXT:      memref.load %[[VZ]][
// CHECK:           arith.subf %[[X]], %{{.*}}
// CHECK-NEXT:      memref.load %[[VS]][
// CHECK:           %[[N:.*]] = arith.mulf
// CHECK-NEXT:      vector.fma %{{.*}}, %[[N]], %{{.*}}
!kv = !attn.kv<1x16xi8, scale<group = 8, zeros>>
!d = tensor<?x1x?x16xi8>
!s = tensor<?x1x?x2xf32>
!q = tensor<?x1x1x16xf32>
func.func @group(%q: !q, %k: !d, %ks: !s, %kz: !s, %v: !d, %vs: !s, %vz: !s) -> !q {
  %kc = attn.cache %k scales(%ks) zeros(%kz) : (!d, !s, !s) -> !kv
  %vc = attn.cache %v scales(%vs) zeros(%vz) : (!d, !s, !s) -> !kv
  %o = attn.attend %q, %kc, %vc
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 48,
                                    splits = 1>,
     attn.decode = #attn.decode<most_queries = 16, rows = 1, heads = group,
                                key_tile = 32, keys_per_split = 1024>}
    : (!q, !kv, !kv) -> !q
  return %o : !q
}

// -----

// Rows that are more than a block read numbers that were decoded once, in front of
// the first block; fewer read them in place.
// CHECK-LABEL: func @attnc.kernel.many(
// CHECK-SAME:    %[[K:[a-z0-9]+]]: memref<?x1x?x8xi8,
// CHECK:         %[[BUFFER:.*]] = memref.alloc() {{.*}} : memref<40x16xf32>
// CHECK:         %[[MANY:.*]] = arith.cmpi sgt, %{{.*}}, %c4
// CHECK:         scf.if %[[MANY]] {
// CHECK:           vector.load %[[K]][{{.*}}] : {{.*}}, vector<4xi8>
// CHECK:           %[[X:.*]] = arith.sitofp
// CHECK-NEXT:      vector.store %[[X]], %[[BUFFER]][
// CHECK-NOT:       vector.load %[[K]]
// CHECK:           vector.fma
// CHECK-NOT:       vector.load %[[K]]
// CHECK:         } else {
// CHECK-NOT:       vector.store %{{.*}}, %[[BUFFER]][
// CHECK:           vector.load %[[K]][{{.*}}] : {{.*}}, vector<4xi8>
// CHECK:           %[[X:.*]] = arith.sitofp
// CHECK-NEXT:      vector.fma %{{.*}}, %[[X]], %{{.*}}
!kv = !attn.kv<1x16xi4, scale<token>>
!d = tensor<?x1x?x8xi8>
!s = tensor<?x1x?xf32>
!q = tensor<?x?x1x16xf32>
func.func @many(%q: !q, %k: !d, %ks: !s, %v: !d, %vs: !s) -> !q {
  %kc = attn.cache %k scales(%ks) : (!d, !s) -> !kv
  %vc = attn.cache %v scales(%vs) : (!d, !s) -> !kv
  %o = attn.attend %q, %kc, %vc
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 48,
                                    splits = 1>,
     attn.decode = #attn.decode<most_queries = 16, rows = 8, heads = group,
                                key_tile = 32, keys_per_split = 1024>}
    : (!q, !kv, !kv) -> !q
  return %o : !q
}

// -----

// A vector of several groups is made of their scales lane by lane: once, as a tile.
// CHECK-LABEL: func @attnc.kernel.small_groups(
// CHECK-SAME:    %[[K:[a-z0-9]+]]: memref<?x1x?x16xi8,
// CHECK:         %[[X:.*]] = vector.load %[[K]][{{.*}}] : {{.*}}, vector<8xi8>
// CHECK-NEXT:    %[[F:.*]] = arith.sitofp %[[X]]
// CHECK-NEXT:    vector.store %[[F]]
!kv = !attn.kv<1x16xi8, scale<group = 4>>
!d = tensor<?x1x?x16xi8>
!s = tensor<?x1x?x4xf32>
!q = tensor<?x1x1x16xf32>
func.func @small_groups(%q: !q, %k: !d, %ks: !s, %v: !d, %vs: !s) -> !q {
  %kc = attn.cache %k scales(%ks) : (!d, !s) -> !kv
  %vc = attn.cache %v scales(%vs) : (!d, !s) -> !kv
  %o = attn.attend %q, %kc, %vc
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 48,
                                    splits = 1>,
     attn.decode = #attn.decode<most_queries = 16, rows = 1, heads = group,
                                key_tile = 32, keys_per_split = 1024>}
    : (!q, !kv, !kv) -> !q
  return %o : !q
}
