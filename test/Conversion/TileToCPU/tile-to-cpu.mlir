// RUN: sed 's/ROWS/48/; s/LANES/24/' %s | attn-opt --pass-pipeline="builtin.module(attn-materialize-destinations,cpu-attach-target{target=cpu:x86-64-v3},func.func(convert-attn-to-tile),canonicalize,cse,tile-bufferize-around-kernels,convert-tile-to-cpu,canonicalize,cse)" --split-input-file | FileCheck %s --check-prefixes=CHECK,AVX2
// RUN: sed 's/ROWS/96/; s/LANES/48/' %s | attn-opt --pass-pipeline="builtin.module(attn-materialize-destinations,cpu-attach-target{target=cpu:x86-64-v4},func.func(convert-attn-to-tile),canonicalize,cse,tile-bufferize-around-kernels,convert-tile-to-cpu,canonicalize,cse)" --split-input-file | FileCheck %s --check-prefixes=CHECK,AVX512
// RUN: sed 's/ROWS/24/; s/LANES/12/' %s | attn-opt --pass-pipeline="builtin.module(attn-materialize-destinations,cpu-attach-target{target=cpu:aarch64},func.func(convert-attn-to-tile),canonicalize,cse,tile-bufferize-around-kernels,convert-tile-to-cpu,canonicalize,cse)" --split-input-file | FileCheck %s --check-prefixes=CHECK,NEON
//
// One spec for three vector files: strips of 3 vectors, with the target's rows of
// accumulators beside them.

// No op of the tile level is left; the grid is one parallel loop.
// CHECK-LABEL: func @attnc.kernel.causal(
// CHECK-NOT:     tile.
// CHECK:         scf.parallel (%{{.*}}, %{{.*}}, %{{.*}}) =
// CHECK-NOT:     tile.

// Queries become lanes, squares of vectors at a time, in registers.
// AVX2-COUNT-8:    vector.load {{.*}} : memref<?x?x?x16xf32, {{.*}}>, vector<8xf32>
// AVX2-COUNT-24:   vector.shuffle
// AVX2-COUNT-8:    vector.store {{.*}} : memref<2x24x24xf32>, vector<8xf32>
// AVX512-COUNT-64: vector.shuffle
// NEON-COUNT-8:    vector.shuffle
//
// The step is there once, for keys that every row of the strip sees and for those
// at the boundary.
// CHECK-NOT:     arith.cmpi sle, {{.*}} vector<
//
// Scores: rows of keys times 3 vectors of queries, all held in registers over the
// loop. 16 registers leave room for 4 rows, 32 for 8. One row less would leave the
// FMA units idle, one more would spill.
// AVX2:            %{{.*}}:12 = scf.for
// AVX2-COUNT-12:     vector.fma {{.*}} : vector<8xf32>
// AVX2-NOT:          vector.fma
// AVX2:              scf.yield
// AVX512:          %{{.*}}:24 = scf.for
// AVX512-COUNT-24:   vector.fma {{.*}} : vector<16xf32>
// AVX512-NOT:        vector.fma
// AVX512:            scf.yield
// NEON:            %{{.*}}:24 = scf.for
// NEON-COUNT-24:     vector.fma {{.*}} : vector<4xf32>
// NEON-NOT:          vector.fma
// NEON:              scf.yield
//
// At the boundary only, a pass over the scores: three tests of positions, one a
// vector, each selecting minus infinity. Were it part of another loop, every
// element would pay for the diagonal's.
// CHECK:           scf.if %{{.*}} {
// CHECK:             scf.for
// AVX2:                arith.cmpi sle, {{.*}} : vector<8xindex>
// AVX2-NEXT:           vector.load
// AVX2-NEXT:           arith.select
// AVX2:                arith.cmpi sle, {{.*}} : vector<8xindex>
// AVX2:                arith.cmpi sle, {{.*}} : vector<8xindex>
// AVX512-COUNT-3:      arith.cmpi sle, {{.*}} : vector<16xindex>
// NEON-COUNT-3:        arith.cmpi sle, {{.*}} : vector<4xindex>
// CHECK-NOT:       arith.cmpi sle, {{.*}} vector<
// CHECK:             }
// CHECK:           }
//
// The maximum of each row, whether any row needs a new base, and the new carry in
// registers.
// CHECK:           %{{.*}}:3 = scf.for
// CHECK:             arith.cmpf ogt
// CHECK:           vector.reduction <or>
// CHECK:           %{{.*}}:6 = scf.if
// CHECK:           } else {
// CHECK:           }
// CHECK:           %{{.*}}:3 = scf.for
// CHECK-COUNT-3:     math.exp2 {{.*}} : vector<
//
// Values: the same block, accumulating into the output's buffer.
// AVX2:            %{{.*}}:12 = scf.for
// AVX2-COUNT-12:     vector.fma {{.*}} : vector<8xf32>
// AVX2-NOT:          vector.fma
// AVX2:              scf.yield
// AVX512:          %{{.*}}:24 = scf.for
// AVX512-COUNT-24:   vector.fma {{.*}} : vector<16xf32>
// NEON:            %{{.*}}:24 = scf.for
// NEON-COUNT-24:     vector.fma {{.*}} : vector<4xf32>
// CHECK-NOT:       arith.cmpi sle, {{.*}} vector<
// CHECK-NOT:       vector.fma
// CHECK:         scf.reduce
// CHECK-NOT:     tile.
!t = tensor<?x?x?x16xf32>
func.func @causal(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    {attn.schedule = #attn.schedule<query_tile = ROWS, key_tile = 64,
                                    lanes = LANES, splits = 1>}
    : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// Without a mask there is no position.
// CHECK-LABEL: func @attnc.kernel.no_mask(
// AVX2-COUNT-24: vector.fma
// AVX512-COUNT-48: vector.fma
// NEON-COUNT-48: vector.fma
// CHECK-NOT:     vector.fma
// CHECK-NOT:     vector.step
// CHECK:         return
!t = tensor<?x?x?x16xf32>
func.func @no_mask(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v
    {attn.schedule = #attn.schedule<query_tile = ROWS, key_tile = 64,
                                    lanes = LANES, splits = 1>}
    : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// f16 in memory is f32 in registers: widened once a key tile, rounded once when
// the result is stored.
// CHECK-LABEL: func @attnc.kernel.f16(
// CHECK:         arith.extf
// CHECK-NOT:     vector.fma {{.*}}xf16>
// CHECK:         arith.truncf %{{.*}} : vector<[[WIDTH:.*]]xf32> to vector<[[WIDTH]]xf16>
// CHECK-NOT:     arith.truncf
// CHECK:         return
!t = tensor<?x?x?x16xf16>
func.func @f16(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v
    {attn.schedule = #attn.schedule<query_tile = ROWS, key_tile = 64,
                                    lanes = LANES, splits = 1>}
    : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// Unchanged: a function without a kernel, which needs no target either.
// CHECK-LABEL: func private @no_kernel(
// CHECK-NEXT:    memref.load
// CHECK-NEXT:    return
func.func private @no_kernel(%x: memref<4xf32>, %i: index) -> f32 {
  %v = memref.load %x[%i] : memref<4xf32>
  return %v : f32
}
