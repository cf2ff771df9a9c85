// RUN: attn-opt %s --pass-pipeline="builtin.module(attn-materialize-destinations,cpu-attach-target{target=cpu:x86-64-v3},func.func(convert-attn-to-tile),canonicalize,cse,tile-bufferize-around-kernels,convert-tile-to-cpu,canonicalize,cse)" --split-input-file | FileCheck %s

// Ranges that come in any order, from loops and in numbers not known before, are
// collected by the run-time library for each strip of rows, and what is walked are
// sorted, disjoint segments. The list lies on the stack of the thread that fills
// it; were it not freed, a long one would leak.
// CHECK-LABEL: func @attnc.kernel.runs(
// CHECK-NOT:     tile.
// CHECK:         scf.parallel
// CHECK:           %[[STACK:.*]] = memref.alloca() : memref<1024xi64>
// CHECK:           %[[LIST:.*]] = memref.extract_aligned_pointer_as_index %[[STACK]]
// CHECK-NEXT:      call @attnc_rt_segments_init(%[[LIST]])
// CHECK:           call @attnc_rt_segments_clear(%[[LIST]])
// CHECK:           scf.for
// CHECK:             call @attnc_rt_segments_add(%[[LIST]], %[[BEGIN:.*]], %[[BEGIN]], %{{.*}}, %{{.*}})
// CHECK:           %[[COUNT:.*]] = func.call @attnc_rt_segments_finish(%[[LIST]])
// CHECK-NEXT:      scf.for %[[I:.*]] = %{{.*}} to %[[COUNT]] step
// CHECK-NEXT:        %[[FROM:.*]] = func.call @attnc_rt_segments_begin(%[[LIST]], %[[I]])
// CHECK-NEXT:        %[[TO:.*]] = func.call @attnc_rt_segments_end(%[[LIST]], %[[I]])
// CHECK-NEXT:        %[[FULL:.*]] = func.call @attnc_rt_segments_is_full(%[[LIST]], %[[I]])
// CHECK:             %[[IS:.*]] = arith.cmpi ne, %[[FULL]]
// CHECK:             scf.for %{{.*}} = %[[FROM]] to %[[TO]] step
//
// The copy of the step for full segments reads no table.
// CHECK:               scf.if %[[IS]] {
// CHECK-NOT:             vector.gather
// CHECK:               } else {
// CHECK:                 vector.gather %{{.*}} : memref<?xi64, {{.*}}>, vector<8xindex>, vector<8xi1>, vector<8xi64> into vector<8xi64>
// CHECK:           call @attnc_rt_segments_free(%[[LIST]])
// CHECK-NOT:     tile.
!t = tensor<?x?x?x16xf32>
func.func @runs(%q: !t) -> !t {
  %o = attn.attend %q, %q, %q mask(#attn.mask<random_blocks<8, 1, 7>>)
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>} : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// Every range that is visited in straight-line code is added, too.
// CHECK-LABEL: func @attnc.kernel.pieces(
// CHECK:           call @attnc_rt_segments_clear
// CHECK-COUNT-2:   call @attnc_rt_segments_add
// CHECK-NOT:       call @attnc_rt_segments_add
// CHECK:           call @attnc_rt_segments_finish
!t = tensor<?x?x?x16xf32>
func.func @pieces(%q: !t) -> !t {
  %o = attn.attend %q, %q, %q mask(#attn.mask<window<8, 0> or "k < 4">)
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>} : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// Unchanged: one range per strip needs no list.
// CHECK-LABEL: func @attnc.kernel.one_range(
// CHECK-NOT:     attnc_rt_segments
// CHECK:         return
!t = tensor<?x?x?x16xf32>
func.func @one_range(%q: !t) -> !t {
  %o = attn.attend %q, %q, %q mask(#attn.mask<window<8, 0>>)
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>} : (!t, !t, !t) -> !t
  return %o : !t
}
