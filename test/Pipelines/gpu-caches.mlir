// RUN: sed 's/PAGE/16/g' %s | attn-opt --attnc-gpu=target=cuda:sm_90a \
// RUN:   | FileCheck %s --check-prefixes=CHECK,RUNS
// RUN: sed 's/PAGE/12/g' %s | attn-opt --attnc-gpu=target=cuda:sm_90a \
// RUN:   | FileCheck %s --check-prefixes=CHECK,ROWS
//
// Pages on a GPU. Runs of tokens that fill whole lines of the swizzle are copied in
// bulk, each by a thread of a warp that looks its page up; the last ones of a sequence
// land on a barrier of their own, and what is behind them becomes zero. Other pages are
// copied in chunks by 128 threads, which need registers; the host checks that rows are
// aligned as chunks have to be, with a map that no kernel is given.
//
// CHECK-LABEL: func.func @attnc.kernel.decode
// ROWS:          call @attnc_rt_gpu_tensor_map
// ROWS:          call @attnc_rt_gpu_launch
//
// CHECK-LABEL: llvm.func @decode_0
// RUNS-COUNT-2:  !llvm.array<128 x i8>
// ROWS-NOT:      !llvm.array<128 x i8>
// RUNS:          setmaxnreg.dec.sync.aligned.u32 56;
// ROWS:          setmaxnreg.dec.sync.aligned.u32 56;
//
// The keys:
// RUNS:          mbarrier.arrive.expect_tx
// RUNS:          nvvm.bar.warp.sync
// RUNS:          llvm.load %{{.*}} : !llvm.ptr<1> -> i32
// RUNS:          cp.async.bulk.tensor.4d
// The values, and zeros behind them:
// RUNS:          llvm.load %{{.*}} : !llvm.ptr<1> -> i32
// RUNS:          cp.async.bulk.tensor.4d
// RUNS:          mbarrier.try_wait
// RUNS:          llvm.store {{.*}} {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<3>
// RUNS:          fence.proxy.async.shared::cta;
// RUNS-NEXT:     nvvm.bar.warp.sync
// RUNS:          mbarrier.arrive.shared::cta
//
// ROWS:          llvm.load %{{.*}} : !llvm.ptr<1> -> i32
// ROWS:          cp.async.cg.shared.global
// ROWS:          cp.async.commit_group;
// ROWS:          cp.async.wait_group 1;
// ROWS:          fence.proxy.async.shared::cta;
// ROWS:          cp.async.wait_group 0;
// ROWS-NOT:      cp.async.bulk.tensor.4d.shared
// CHECK:         setmaxnreg.inc.sync.aligned.u32 200;
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
