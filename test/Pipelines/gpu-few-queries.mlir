// RUN: attn-opt %s --attnc-gpu=target=cuda:sm_90a | FileCheck %s
//
// Few queries on a GPU: the carries of the splits are in scratch memory, between the
// kernel that folds them and the one that merges them. Bulk copies bring keys and
// values; the queries of a group's heads are copied by the consumer, which has most of
// the registers of a block of which two share a multiprocessor.
// CHECK-LABEL:     func.func @attnc.kernel.decode
// CHECK-COUNT-3:     call @attnc_rt_gpu_scratch_allocate
// CHECK:             call @attnc_rt_gpu_launch
// CHECK:             call @attnc_rt_gpu_launch
// CHECK-NOT:         call @attnc_rt_gpu_launch
// CHECK-COUNT-3:     call @attnc_rt_gpu_scratch_free
//
// CHECK-LABEL:     llvm.func @decode_0
// CHECK-SAME:        nvvm.maxntid = array<i32: 256>, nvvm.minctasm = 2 : i32
// CHECK:             setmaxnreg.dec.sync.aligned.u32 24;
// CHECK:             cp.async.bulk.tensor.4d
// CHECK:             setmaxnreg.inc.sync.aligned.u32 232;
// CHECK:             llvm.store {{.*}} {alignment = 16 : i64} : vector<8xi16>, !llvm.ptr<3>
// CHECK:             fence.proxy.async.shared::cta;
// CHECK:             wgmma.mma_async.sync.aligned.m64n64k16
// CHECK:             llvm.store {{.*}} : f32, !llvm.ptr<1>
//
// CHECK-LABEL:     llvm.func @decode_1
// CHECK-SAME:        nvvm.maxntid = array<i32: 128>
// CHECK-NOT:         wgmma
!q = tensor<?x8x4x128xbf16>
!t = tensor<?x2x?x128xbf16>
func.func @decode(%q: !q, %k: !t, %v: !t) -> !q {
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!q, !t, !t) -> !q
  return %o : !q
}
