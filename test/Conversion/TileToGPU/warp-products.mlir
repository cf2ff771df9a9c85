// RUN: attn-opt %s --convert-tile-to-gpu --canonicalize \
// RUN:   | FileCheck %s --implicit-check-not=wgmma --implicit-check-not=bulk \
// RUN:       --implicit-check-not=setmaxnreg --implicit-check-not=fence \
// RUN:       --implicit-check-not=try_wait
//
// Before sm_90 a warp copies in chunks, and each warp multiplies by itself. The host has
// tensors checked as for bulk copies, and hands no map to the kernel: a consumer's 128
// threads and the producer's 32.
// CHECK-LABEL: func.func @attention
// CHECK-COUNT-3: call @attnc_rt_gpu_tensor_map
// CHECK:         call @attnc_rt_gpu_launch(
//
// CHECK:         llvm.func @attention_0(
// CHECK-NOT:       llvm.byval
// CHECK-SAME:      nvvm.maxntid = array<i32: 160>
//
// A full tile has 32 arrivals, those of copies; an empty one those of four warps.
// CHECK:           mbarrier.init.shared::cta.b64 [$0], 32;
// CHECK:           mbarrier.init.shared::cta.b64 [$0], 4;
//
// The producer: queries, and keys as soon as a slot is empty, four rows at once. It waits
// for no copy.
// CHECK-COUNT-16:  cp.async.cg.shared.global
// CHECK:           cp.async.mbarrier.arrive.noinc
// CHECK:           scf.for
// CHECK:             mbarrier.test_wait.parity
// CHECK-COUNT-16:    cp.async.cg.shared.global
// CHECK:             cp.async.mbarrier.arrive.noinc
// CHECK-NOT:         cp.async
//
// The consumer: 64 columns of queries stay in registers. 8 columns of a result and 16 of
// the depth are a product, and a load has the right operand of two.
// CHECK:           mbarrier.test_wait.parity
// CHECK-COUNT-4:   llvm.call_intrinsic "llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.b16.p3"
// CHECK:           scf.for
// CHECK:             mbarrier.test_wait.parity
// CHECK-COUNT-16:    ldmatrix.sync.aligned.m8n8.x4.b16.p3
// CHECK-COUNT-2:     llvm.nvvm.mma.m16n8k16.row.col.bf16
// CHECK:             nvvm.bar.warp.sync
// CHECK:             mbarrier.arrive.shared::cta
// CHECK-COUNT-16:    ldmatrix.sync.aligned.m8n8.x4.trans.b16.p3
// CHECK-COUNT-2:     llvm.nvvm.mma.m16n8k16.row.col.bf16
// CHECK:             mbarrier.arrive.shared::cta
// CHECK:             scf.yield
//
// A warp's 16 rows through shared memory, 16 bytes for each thread.
// CHECK:           llvm.store %{{.*}} {alignment = 4 : i64} : i32, !llvm.ptr<3>
// CHECK:           nvvm.bar.warp.sync
// CHECK-COUNT-4:   llvm.store %{{.*}} {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<1>

!m = memref<?x?x64xbf16, strided<[?, ?, 1], offset: ?>>
module attributes {attn.gpu = #attn.gpu<arch = "sm_80", shared_bytes = 166912,
                                        products = warp, copies = chunks>} {
  func.func @attention(%q: !m, %k: !m, %o: !m, %g: index, %n: index) {
    tile.kernel grid(%g) ins(%q, %k : !m, !m) outs(%o : !m) {
    ^bb0(%b: index, %qm: !m, %km: !m, %om: !m):
      %c0 = arith.constant 0 : index
      %c64 = arith.constant 64 : index
      %zero = arith.constant dense<0.0> : tensor<64x64xf32>
      %t = tile.load %qm[%b, %c0, %c0] extent(%n, %c64) : !m to tensor<64x64xbf16>
      %r = tile.fold rows(%c0, %c64) keys 64 lanes 64 axes [0] rows_follow_axis
          init(%zero : tensor<64x64xf32>) ranges {
      ^bb0(%f: index, %c: index):
        tile.visit %c0, %c0, %n, %n
        tile.yield
      } step {
      ^bb0(%key: index, %keys: index, %acc: tensor<64x64xf32>):
        %x = tile.load %km[%b, %key, %c0] extent(%keys, %c64) : !m to tensor<64x64xbf16>
        %s = tile.contract %t axis 1, %x axis 1 into %zero extent(%c64)
          : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
        %w = arith.truncf %s : tensor<64x64xf32> to tensor<64x64xbf16>
        %y = tile.contract %w axis 1, %x axis 0 into %acc extent(%keys)
          : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
        tile.yield %y : tensor<64x64xf32>
      } -> tensor<64x64xf32>
      tile.store %r, %om[%b, %c0, %c0] extent(%n, %c64) : tensor<64x64xf32> to !m
    }
    return
  }
}
