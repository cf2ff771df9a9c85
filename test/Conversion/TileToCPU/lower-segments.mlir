// RUN: attn-opt %s --pass-pipeline="builtin.module(attn-materialize-destinations,cpu-attach-target{target=cpu:x86-64-v3},func.func(convert-attn-to-tile),canonicalize,cse,tile-bufferize-around-kernels,convert-tile-to-cpu,canonicalize,cse)" --split-input-file | FileCheck %s

// Ranges that come in any order, from loops and in numbers not known before, are
// collected by the run-time library for each strip of rows, and what is walked are
// sorted, disjoint segments. Blocks of keys are those of all strips together; of a
// block each strip selects what its own segments have. Were the lists not freed,
// long ones would leak.
// CHECK-LABEL: func @attnc.kernel.runs(
// CHECK-NOT:     tile.
// CHECK:         scf.parallel
// CHECK:           %[[STORAGE:.*]] = memref.alloc() : memref<2048xi64>
// CHECK:           %[[LISTS:.*]] = memref.extract_aligned_pointer_as_index %[[STORAGE]]
// CHECK-NEXT:      scf.for
// CHECK:             func.call @attnc_rt_segments_init
// CHECK:           %[[STACK:.*]] = memref.alloca() : memref<1024xi64>
// CHECK:           %[[ALL:.*]] = memref.extract_aligned_pointer_as_index %[[STACK]]
// CHECK-NEXT:      call @attnc_rt_segments_init(%[[ALL]])
//
// The strips' lists.
// CHECK:           call @attnc_rt_segments_clear(%[[ALL]])
// CHECK:           scf.for %[[STRIP:.*]] = %{{.*}} to
// CHECK:             %[[OFFSET:.*]] = arith.muli %[[STRIP]], %c8192
// CHECK:             %[[LIST:.*]] = arith.addi %[[LISTS]], %[[OFFSET]]
// CHECK:             func.call @attnc_rt_segments_clear(%[[LIST]])
// CHECK:             scf.for
// CHECK:               func.call @attnc_rt_segments_add(%[[LIST]], %[[BEGIN:.*]], %[[BEGIN]], %{{.*}}, %{{.*}})
// CHECK:             func.call @attnc_rt_segments_finish(%[[LIST]])
// CHECK:             func.call @attnc_rt_segments_add_list(%[[ALL]], %[[LIST]])
//
// Blocks of all keys, and in them the strips.
// CHECK:           %[[COUNT:.*]] = func.call @attnc_rt_segments_finish(%[[ALL]])
// CHECK-NEXT:      scf.for %[[I:.*]] = %{{.*}} to %[[COUNT]] step
// CHECK-NEXT:        %[[FROM:.*]] = func.call @attnc_rt_segments_begin(%[[ALL]], %[[I]])
// CHECK-NEXT:        %[[TO:.*]] = func.call @attnc_rt_segments_end(%[[ALL]], %[[I]])
// CHECK:             scf.for %[[KEY:.*]] = %[[FROM]] to %[[TO]] step
// CHECK:               scf.for %{{.*}} = %{{.*}} to
// CHECK:                 %[[OWN:.*]] = arith.addi %[[LISTS]], %{{.*}}
// CHECK:                 %[[END:.*]] = arith.addi %[[KEY]], %{{.*}}
// CHECK:                 %[[PARTS:.*]] = func.call @attnc_rt_segments_select(%[[OWN]], %[[KEY]], %[[END]])
// CHECK-NEXT:            scf.for %[[P:.*]] = %{{.*}} to %[[PARTS]] step
// CHECK-NEXT:              func.call @attnc_rt_segments_begin(%[[OWN]], %[[P]])
// CHECK-NEXT:              func.call @attnc_rt_segments_end(%[[OWN]], %[[P]])
// CHECK-NEXT:              %[[FULL:.*]] = func.call @attnc_rt_segments_is_full(%[[OWN]], %[[P]])
// CHECK:                   %[[IS:.*]] = arith.cmpi ne, %[[FULL]]
//
// The copy of the step for full segments reads no table.
// CHECK:                   scf.if %[[IS]] {
// CHECK-NOT:                 vector.gather
// CHECK:                   } else {
// CHECK:                     vector.gather %{{.*}} : memref<?xi64, {{.*}}>, vector<8xindex>, vector<8xi1>, vector<8xi64> into vector<8xi64>
// CHECK:           scf.for
// CHECK:             func.call @attnc_rt_segments_free
// CHECK:           call @attnc_rt_segments_free(%[[ALL]])
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
