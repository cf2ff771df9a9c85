// RUN: attn-opt %s --convert-tile-to-gpu --canonicalize | FileCheck %s
//
// The host makes a map of each tensor that is copied, and launches a kernel of 256
// threads, one block for each index of the grid.
// CHECK-LABEL: func.func @attention
// CHECK-DAG:     call @attnc_rt_gpu_tensor_map
// CHECK:         call @attnc_rt_gpu_launch(
// CHECK-NOT:     tile.kernel
//
// CHECK-LABEL: gpu.module @attnc_gpu
// CHECK:         llvm.mlir.global external @attnc_shared() {addr_space = 3 : i32, alignment = 1024 : i64}
// CHECK:         llvm.func @attention_0(
// CHECK-SAME:      llvm.byval = !llvm.array<128 x i8>, nvvm.grid_constant
// CHECK-SAME:      nvvm.maxntid = array<i32: 256>
//
// One thread makes the barriers: the queries' one, and those of four slots.
// CHECK:           mbarrier.init.shared::cta.b64 [$0], 1;
// CHECK:           mbarrier.init.shared::cta.b64 [$0], 4;
// CHECK:           fence.mbarrier_init
//
// The producer copies queries, and keys as soon as a slot is empty.
// CHECK:           mbarrier.arrive.expect_tx
// CHECK:           cp.async.bulk.tensor.3d.shared::cluster.global
// CHECK:           scf.for
// CHECK:             mbarrier.try_wait.parity
// CHECK:             mbarrier.arrive.expect_tx
// CHECK:             cp.async.bulk.tensor.3d.shared::cluster.global
//
// The consumer's first step: scores alone.
// CHECK:           mbarrier.try_wait.parity
// CHECK:           wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 {{.*}}, $32, $33, 0, 1, 1, 0, 0;
// CHECK-COUNT-3:   wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 {{.*}}, $32, $33, 1, 1, 1, 0, 0;
// CHECK:           wgmma.wait_group.sync.aligned 0;
//
// Further ones: scores, and behind them the product of the step before, whose left
// operand is in registers. Scores are waited for first.
// CHECK:           scf.for
// CHECK:             wgmma.mma_async{{.*}}, $32, $33, 0, 1, 1, 0, 0;
// CHECK:             wgmma.commit_group
// CHECK-COUNT-4:     wgmma.mma_async{{.*}}, {$32,$33,$34,$35}, $36, 1, 1, 1, 1;
// CHECK:             wgmma.commit_group
// CHECK:             wgmma.wait_group.sync.aligned 1;
// CHECK:             mbarrier.arrive.shared::cta
// CHECK:             wgmma.wait_group.sync.aligned 0;
// CHECK:             scf.yield
//
// The last product, and a whole strip through shared memory.
// CHECK-COUNT-4:   wgmma.mma_async{{.*}}, {$32,$33,$34,$35}, $36, 1, 1, 1, 1;
// CHECK:           fence.proxy.async.shared::cta;
// CHECK:           cp.async.bulk.tensor.3d.global.shared::cta
// CHECK:           cp.async.bulk.wait_group 0;

!m = memref<?x?x64xbf16, strided<[?, ?, 1], offset: ?>>
module attributes {attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448>} {
  // One block for each index of the grid: a producer and one consumer.
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
