// RUN: attn-opt %s --convert-tile-to-gpu --canonicalize | FileCheck %s
//
// A kernel without products has a thread for each element: 64 rows of 8 are four blocks
// of 128 threads for each point of the grid.
// CHECK-LABEL: func.func @merge
// CHECK:         arith.muli %{{.*}}, %c4 : index
// CHECK:         call @attnc_rt_gpu_launch(
//
// Threads of rows that are not stored leave. Eight steps are read at once, in order;
// what is left over goes one by one.
// CHECK-LABEL: llvm.func @merge_0(
// CHECK-SAME:    nvvm.maxntid = array<i32: 128>
// CHECK-NOT:     mbarrier
// CHECK:         scf.if
// CHECK:           scf.for {{.*}} step %c8
// CHECK-COUNT-16:    llvm.load {{.*}} : !llvm.ptr<1> -> f32
// CHECK:           scf.for {{.*}} step %c1
// CHECK-COUNT-2:     llvm.load {{.*}} : !llvm.ptr<1> -> f32
//
// A row goes where the index tiles say.
// CHECK:           arith.truncf {{.*}} : f32 to bf16
// CHECK:           llvm.store {{.*}} : bf16, !llvm.ptr<1>

!p = memref<?x?x64xf32>
!q = memref<?x?x64x8xf32>
!o = memref<?x?x?x8xbf16>
module attributes {attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448>} {
  func.func @merge(%m: !p, %x: !q, %o: !o, %g: index, %n: index, %queries: index) {
    tile.kernel grid(%g) ins(%m, %x : !p, !q) outs(%o : !o) {
    ^bb0(%i: index, %mm: !p, %xm: !q, %om: !o):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c8 = arith.constant 8 : index
      %zero = arith.constant dense<0.0> : tensor<64x8xf32>
      %rows = tile.iota %c0 : tensor<64xindex>
      %divisor = tensor.splat %queries : tensor<64xindex>
      %head = arith.divui %rows, %divisor : tensor<64xindex>
      %query = arith.remui %rows, %divisor : tensor<64xindex>
      %r = tile.fold rows(%c0, %c1) keys 1 lanes 64 axes [-1]
          init(%zero : tensor<64x8xf32>) ranges {
      ^bb0(%f: index, %c: index):
        %splits = memref.dim %mm, %c1 : !p
        tile.visit %c0, %c0, %splits, %splits
        tile.yield
      } step {
      ^bb0(%s: index, %count: index, %acc: tensor<64x8xf32>):
        %w = tile.load %mm[%i, %s, %c0] extent(%n) : !p to tensor<64xf32>
        %y = tile.load %xm[%i, %s, %c0, %c0] extent(%n, %c8) : !q to tensor<64x8xf32>
        %b = tile.broadcast %w axis 0 : tensor<64xf32> to tensor<64x8xf32>
        %z = arith.mulf %b, %y : tensor<64x8xf32>
        %next = arith.addf %acc, %z : tensor<64x8xf32>
        tile.yield %next : tensor<64x8xf32>
      } -> tensor<64x8xf32>
      tile.store %r, %om[%i, %c0, %c0, %c0] gather(%head, %query : tensor<64xindex>, tensor<64xindex>) axes [1, 2] extent(%n, %c8) : tensor<64x8xf32> to !o
    }
    return
  }
}
