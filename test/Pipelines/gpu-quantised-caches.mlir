// RUN: attn-opt %s --attnc-gpu=target=cuda:sm_90a | FileCheck %s
//
// Numbers of a quantised cache on a GPU: the host checks that rows begin where words of
// 16 bytes do; all threads of the producer read them, and the scales, a piece ahead, make
// bf16 of them, and write lines of the swizzle. Consumers give up registers for that, and
// multiply as they do what is copied.
//
// CHECK-LABEL: func.func @attnc.kernel.decode
// CHECK:         call @attnc_rt_gpu_check_alignment
// CHECK:         call @attnc_rt_gpu_launch
//
// CHECK-LABEL: llvm.func @decode_0
// CHECK:         setmaxnreg.dec.sync.aligned.u32 104;
// Asked for in front of the first step:
// CHECK:         @there ld.global.v4.b32 {$0, $1, $2, $3}
// CHECK:         @there ld.global.b32 $0
// CHECK:         scf.for
// CHECK:           mbarrier.try_wait
// CHECK:           lop3.b32 $0, $1, $2, $3, 0xea;
// CHECK:           arith.subf
// CHECK:           arith.mulf
// CHECK:           arith.truncf %{{.*}} : vector<2xf32> to vector<2xbf16>
// CHECK:           llvm.store {{.*}} {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<3>
// CHECK:           fence.proxy.async.shared::cta;
// CHECK-NEXT:      nvvm.bar.warp.sync
// CHECK:           mbarrier.arrive.shared::cta
// CHECK-NOT:     cp.async.cg
// CHECK:         setmaxnreg.inc.sync.aligned.u32 152;
// CHECK:         wgmma.mma_async
!q = tensor<?x8x4x128xbf16>
!d = tensor<?x16x2x128xi8>
!s = tensor<?x16x2xf32>
!t = tensor<?x?xi32>
!n = tensor<?xi32>
!kv = !attn.kv<2x128xi8, paged<16>, scale<token>>
func.func @decode(%q: !q, %kd: !d, %ks: !s, %vd: !d, %vs: !s, %t: !t, %n: !n) -> !q {
  %k = attn.cache %kd table(%t) lengths(%n) scales(%ks) : (!d, !t, !n, !s) -> !kv
  %v = attn.cache %vd table(%t) lengths(%n) scales(%vs) : (!d, !t, !n, !s) -> !kv
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!q, !kv, !kv) -> !q
  return %o : !q
}
