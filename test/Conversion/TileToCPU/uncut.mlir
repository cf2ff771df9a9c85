// RUN: attn-opt %s --pass-pipeline="builtin.module(attn-materialize-destinations,cpu-attach-target{target=cpu:x86-64-v4},func.func(convert-attn-to-tile),canonicalize,cse,tile-bufferize-around-kernels,convert-tile-to-cpu,canonicalize,cse)" | FileCheck %s --check-prefixes=CHECK,AVX512
// RUN: attn-opt %s --pass-pipeline="builtin.module(attn-materialize-destinations,cpu-attach-target{target=cpu:x86-64-v3},func.func(convert-attn-to-tile),canonicalize,cse,tile-bufferize-around-kernels,convert-tile-to-cpu,canonicalize,cse)" | FileCheck %s --check-prefixes=CHECK,AVX2
// RUN: attn-opt %s --pass-pipeline="builtin.module(attn-materialize-destinations,cpu-attach-target{target=cpu:aarch64},func.func(convert-attn-to-tile),canonicalize,cse,tile-bufferize-around-kernels,convert-tile-to-cpu,canonicalize,cse)" | FileCheck %s --check-prefixes=CHECK,NEON
//
// Four rows that read the same keys, on three vector files. Keys and values are
// never copied: a vector of them is loaded where it is multiplied, once for four
// rows, and rows of values are asked for while keys are.

// CHECK-LABEL: func @attnc.kernel.decode(
// CHECK-NOT:     tile.
// CHECK:         scf.parallel
// Four rows times keys: with AVX-512 four of them, with the 16 registers of AVX2
// two. All sums are in registers.
// AVX512-COUNT-32: vector.fma {{.*}} : vector<16xf32>
// AVX512:          memref.prefetch %{{.*}}, read, locality<3>, data
// AVX512-COUNT-32: vector.fma {{.*}} : vector<16xf32>
// AVX2-COUNT-32:   vector.fma {{.*}} : vector<8xf32>
// AVX2:            memref.prefetch %{{.*}}, read, locality<3>, data
// AVX2-COUNT-24:   vector.fma {{.*}} : vector<8xf32>
// NEON-COUNT-112:  vector.fma {{.*}} : vector<4xf32>
// NEON:            memref.prefetch %{{.*}}, read, locality<3>, data
// A butterfly of additions: half as many vectors after each.
// AVX512:          vector.shuffle {{.*}} [0, 1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 28, 29, 30, 31] : vector<16xf32>, vector<16xf32>
// AVX512:          vector.shuffle {{.*}} [8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23] : vector<16xf32>, vector<16xf32>
// AVX512:          vector.extract_strided_slice {{.*}} : vector<16xf32> to vector<4xf32>
// AVX2:            vector.shuffle {{.*}} [0, 1, 2, 3, 12, 13, 14, 15] : vector<8xf32>, vector<8xf32>
// AVX2:            vector.extract_strided_slice {{.*}} : vector<8xf32> to vector<2xf32>
// NEON:            vector.shuffle {{.*}} [0, 1, 6, 7] : vector<4xf32>, vector<4xf32>
// Whether a row needs a new base is asked of rows that exist.
// AVX512:          %[[VALID:.*]] = vector.constant_mask [4] : vector<16xi1>
// AVX512:          %[[ANY:.*]] = arith.andi %{{.*}}, %[[VALID]]
// AVX512:          vector.reduction <or>, %[[ANY]]
// AVX2:            %[[VALID:.*]] = vector.constant_mask [4] : vector<8xi1>
// AVX2:            %[[ANY:.*]] = arith.andi %{{.*}}, %[[VALID]]
// AVX2:            vector.reduction <or>, %[[ANY]]
// Weights are broadcast; 40 value columns are whole vectors of AVX2 and NEON, and
// are summed in place.
// AVX2:            %{{.*}}:4 = scf.for
// AVX2:              vector.load %{{.*}} : memref<?x1x?x40xbf16
// NEON:            %{{.*}}:{{.*}} = scf.for
// NEON:              vector.load %{{.*}} : memref<?x1x?x40xbf16
!q = tensor<?x4x1x56xbf16>
!k = tensor<?x1x?x56xbf16>
!v = tensor<?x1x?x40xbf16>
!o = tensor<?x4x1x40xbf16>
func.func @decode(%q: !q, %k: !k, %v: !v) -> !o {
  %o = attn.attend %q, %k, %v
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 48,
                                    splits = 1>,
     attn.decode = #attn.decode<most_queries = 16, rows = 4, heads = group,
                                key_tile = 32, keys_per_split = 1024>}
    : (!q, !k, !v) -> !o
  return %o : !o
}
