// RUN: attn-opt %s --pass-pipeline="builtin.module(attn-materialize-destinations,cpu-attach-target{target=cpu:x86-64-v3},func.func(convert-attn-to-tile),canonicalize,cse,tile-bufferize-around-kernels,convert-tile-to-cpu,canonicalize,cse)" --split-input-file | FileCheck %s

// Keys and values of f32 are copied, once for all strips of a tile, where rows lie
// apart or there are many of them; else they are read where they are.
// CHECK-LABEL: func @attnc.kernel.near(
// CHECK:         %{{.*}}, %{{.*}}, %{{.*}}:4, %[[STRIDES:.*]]:4 = memref.extract_strided_metadata
// CHECK:         %[[APART:.*]] = arith.cmpi ne, %[[STRIDES]]#2, %c16{{.*}} : index
// CHECK:         %[[LONG:.*]] = arith.cmpi ugt, %{{.*}}, %{{.*}} : index
// CHECK:         %[[FAR:.*]] = arith.ori %[[APART]], %[[LONG]]
// CHECK:         scf.if %[[FAR]] -> (memref<?x?xf32, strided<[?, 1], offset: ?>>) {
// CHECK:           vector.load
// CHECK:           vector.store
// CHECK:         } else {
// CHECK-NEXT:      %[[VIEW:.*]] = memref.subview
// CHECK-NEXT:      %[[ROWS:.*]] = memref.cast %[[VIEW]]
// CHECK-NEXT:      scf.yield %[[ROWS]]
!t = tensor<?x?x?x16xf32>
func.func @near(%q: !t) -> !t {
  %o = attn.attend %q, %q, %q mask(#attn.mask<causal>)
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>} : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// Numbers that have to be converted are copied in any case.
// CHECK-LABEL: func @attnc.kernel.converted(
// CHECK-NOT:     memref<?x?xf32, strided<[?, 1], offset: ?>>
// CHECK:         return
!t = tensor<?x?x?x16xf16>
func.func @converted(%q: !t) -> !t {
  %o = attn.attend %q, %q, %q mask(#attn.mask<causal>)
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>} : (!t, !t, !t) -> !t
  return %o : !t
}
