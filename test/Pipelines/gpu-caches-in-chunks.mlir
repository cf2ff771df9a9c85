// RUN: sed 's/PAGE/16/g' %s | attn-opt --attnc-gpu=target=cuda:sm_80 | FileCheck %s
// RUN: sed 's/PAGE/3/g' %s | attn-opt --attnc-gpu=target=cuda:sm_80 | FileCheck %s
//
// Pages before sm_90, of any size: each thread of the producer's warp looks up the page
// of one of 32 rows, and tells it to the eight that copy the row, with whether it is
// there. No barrier is for what lands in part: rows behind the last token are copied as
// zeros.
// CHECK-LABEL: llvm.func @decode_0
// CHECK-SAME:    nvvm.maxntid = array<i32: 160>, nvvm.minctasm = 2 : i32
//
// The keys, 64 of them in two rounds:
// CHECK:         mbarrier.test_wait.parity
// CHECK:         llvm.load %{{.*}} : !llvm.ptr<1> -> i32
// CHECK-NOT:     cp.async
// CHECK:         nvvm.vote.sync
// CHECK-COUNT-2: nvvm.shfl.sync idx
// CHECK-COUNT-2: cp.async.cg.shared.global
// CHECK-COUNT-2: nvvm.shfl.sync idx
// CHECK:         llvm.load %{{.*}} : !llvm.ptr<1> -> i32
// CHECK:         nvvm.vote.sync
// CHECK:         cp.async.mbarrier.arrive.noinc
// The values:
// CHECK:         mbarrier.test_wait.parity
// CHECK-NOT:     cp.async.mbarrier
// CHECK:         nvvm.vote.sync
// CHECK:         cp.async.mbarrier.arrive.noinc
// CHECK-NOT:     cp.async.cg
// CHECK-LABEL: llvm.func @decode_1
!q = tensor<?x8x4x128xbf16>
!d = tensor<?xPAGEx2x128xbf16>
!t = tensor<?x?xi32>
!n = tensor<?xi32>
!kv = !attn.kv<2x128xbf16, paged<PAGE>>
func.func @decode(%q: !q, %kd: !d, %vd: !d, %t: !t, %n: !n) -> !q {
  %k = attn.cache %kd table(%t) lengths(%n) : (!d, !t, !n) -> !kv
  %v = attn.cache %vd table(%t) lengths(%n) : (!d, !t, !n) -> !kv
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!q, !kv, !kv) -> !q
  return %o : !q
}
