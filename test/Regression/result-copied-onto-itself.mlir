// RUN: attn-opt %s --pass-pipeline="builtin.module(attn-materialize-destinations,func.func(convert-attn-to-tile),eliminate-empty-tensors,tile-bufferize-around-kernels)" | FileCheck %s
//
// A kernel that writes into the caller's memory has written its result; copying
// that memory onto itself afterwards is a pass over all of it on one thread.

// CHECK-LABEL: func @attnc.kernel.attention(
// CHECK-NOT:     memref.alloc
// CHECK:         tile.kernel
// CHECK-NOT:     linalg.copy
// CHECK:         return
!t = tensor<?x?x?x16xf32>
func.func @attention(%q: !t) -> !t {
  %o = attn.attend %q, %q, %q
    {attn.schedule = #attn.schedule<query_tile = 8, key_tile = 8, lanes = 8,
                                    splits = 1>} : (!t, !t, !t) -> !t
  return %o : !t
}
