// RUN: sed 's/ROWS/96/; s/LANES/48/' %s | attn-opt --pass-pipeline="builtin.module(attn-materialize-destinations,cpu-attach-target{target=cpu:znver4},func.func(convert-attn-to-tile),canonicalize,cse,tile-bufferize-around-kernels,convert-tile-to-cpu,canonicalize,cse)" --split-input-file | FileCheck %s --check-prefixes=CHECK,DOT
// RUN: sed 's/ROWS/48/; s/LANES/24/' %s | attn-opt --pass-pipeline="builtin.module(attn-materialize-destinations,cpu-attach-target{target=cpu:x86-64-v3},func.func(convert-attn-to-tile),canonicalize,cse,tile-bufferize-around-kernels,convert-tile-to-cpu,canonicalize,cse)" --split-input-file | FileCheck %s --check-prefixes=CHECK,FMA
//
// Products of bf16 with an instruction for pairs of them and without.

// Queries: rows of memory turned around by words of two elements.
// CHECK-LABEL: func @attnc.kernel.causal(
// DOT-COUNT-16:  vector.load {{.*}} : memref<?x?x?x64xbf16, {{.*}}>, vector<32xbf16>
// DOT-COUNT-16:  vector.store {{.*}} : memref<2x40x48xf32>, vector<16xf32>
// FMA-COUNT-8:   vector.load {{.*}} : memref<?x?x?x64xbf16, {{.*}}>, vector<16xbf16>
//
// Values: two rows to one, shared by all strips. The last one may be alone.
// CHECK:         %[[HAS:.*]] = arith.cmpi ult
// DOT-COUNT-2:   vector.load {{.*}} vector<16xbf16>
// FMA-COUNT-2:   vector.load {{.*}} vector<8xbf16>
// CHECK:         arith.select %[[HAS]],
// CHECK:         arith.ori
//
// Scores: keys are read in place, two elements of a row at a time. Nothing is
// widened and nothing converted.
// CHECK-NOT:     arith.extf
// DOT:           %{{.*}}:24 = scf.for
// DOT:             vector.load {{.*}} : memref<?x?x?x64xbf16, {{.*}}>, vector<2xbf16>
// DOT-NEXT:        vector.bitcast {{.*}} : vector<2xbf16> to vector<1xf32>
// DOT-COUNT-24:    x86vector.avx512.dot {{.*}} : vector<32xbf16> -> vector<16xf32>
// FMA:           %{{.*}}:12 = scf.for
// FMA:             vector.load {{.*}} : memref<?x?x?x64xbf16, {{.*}}>, vector<2xbf16>
// FMA-COUNT-24:    vector.fma {{.*}} : vector<8xf32>
// FMA-NOT:         vector.fma
// CHECK:           scf.yield
//
// Weights: two keys at a time, summed and rounded by one loop, and what has no
// partner by another one. Both write over the scores.
// CHECK:         %{{.*}}:6 = scf.if
// CHECK:         } else {
// CHECK:         %{{.*}}:3 = scf.for
// CHECK-COUNT-2:   math.exp2
// DOT-COUNT-2:     x86vector.avx512.cvt.packed.f32_to_bf16 {{.*}} : vector<16xf32> -> vector<16xbf16>
// DOT:             vector.interleave %{{.*}}, %{{.*}} : vector<16xi16> -> vector<32xi16>
// DOT:             vector.store {{.*}} : memref<72x48xf32>, vector<16xf32>
// FMA-COUNT-2:     arith.truncf {{.*}} : vector<8xf32> to vector<8xbf16>
// FMA:             vector.interleave %{{.*}}, %{{.*}} : vector<8xi16> -> vector<16xi16>
// FMA:             vector.store {{.*}} : memref<72x24xf32>, vector<8xf32>
// CHECK-COUNT-4:   math.exp2
// CHECK-NOT:       math.exp2
// CHECK:           scf.yield
// CHECK:         %{{.*}}:3 = scf.for
// CHECK:           math.exp2
// CHECK:           arith.shli
// CHECK:           scf.yield
//
// Outputs: a word is two keys of a value column.
// DOT:           %{{.*}}:24 = scf.for
// DOT-COUNT-24:    x86vector.avx512.dot
// FMA:           %{{.*}}:12 = scf.for
// FMA-COUNT-24:    vector.fma
!t = tensor<?x?x?x64xbf16>
func.func @causal(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    {attn.schedule = #attn.schedule<query_tile = ROWS, key_tile = 64,
                                    lanes = LANES, splits = 1, products = bf16>}
    : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// The last element of an odd row of keys is read alone: what follows it in memory
// may be no number, or not memory.
// CHECK-LABEL: func @attnc.kernel.odd(
// DOT:           %{{.*}}:24 = scf.for %{{.*}} = %{{.*}} to %c16{{.*}}
// DOT-COUNT-24:    x86vector.avx512.dot
// DOT:           memref.load {{.*}} : memref<?x?x?x33xbf16,
// DOT:           arith.extui {{.*}} : i16 to i32
// DOT-COUNT-24:  x86vector.avx512.dot
!t = tensor<?x?x?x33xbf16>
func.func @odd(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v
    {attn.schedule = #attn.schedule<query_tile = ROWS, key_tile = 64,
                                    lanes = LANES, splits = 1, products = bf16>}
    : (!t, !t, !t) -> !t
  return %o : !t
}
