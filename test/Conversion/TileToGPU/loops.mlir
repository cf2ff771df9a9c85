// RUN: attn-opt %s --convert-tile-to-gpu --canonicalize | FileCheck %s
//
// Loops beside kernels are kernels, too: 256 threads a block, one for each point, the
// innermost loop fastest.
// CHECK-LABEL: func.func @table
// CHECK:         %[[POINTS:.*]] = arith.muli %{{.*}}, %{{.*}} : index
// CHECK:         arith.ceildivui %[[POINTS]], %c256
// CHECK:         call @attnc_rt_gpu_launch(
// CHECK-NOT:     scf.parallel
//
// CHECK-LABEL: llvm.func @table_0(
// CHECK-SAME:    nvvm.maxntid = array<i32: 256>
// CHECK:         %[[BLOCK:.*]] = nvvm.read.ptx.sreg.ctaid.x
// CHECK:         %[[THREAD:.*]] = nvvm.read.ptx.sreg.tid.x
// CHECK:         arith.remui
// CHECK:         %[[ROW:.*]] = arith.divui
// CHECK:         %[[IN:.*]] = arith.cmpi slt, %[[ROW]]
// CHECK:         scf.if %[[IN]] {
// CHECK:           scf.for
// CHECK:             llvm.load {{.*}} : !llvm.ptr<1> -> i32
// CHECK:             arith.minsi
// CHECK:           llvm.store {{.*}} : i64, !llvm.ptr<1>
//
// Functions are those that a GPU has, and 16 bits are computed in 32.
// CHECK-LABEL: llvm.func @elements_1(
// CHECK:         %[[X:.*]] = llvm.load {{.*}} : !llvm.ptr<1> -> bf16
// CHECK:         %[[W:.*]] = arith.extf %[[X]] : bf16 to f32
// CHECK:         %[[S:.*]] = arith.mulf %[[W]]
// CHECK:         llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f32"(%[[S]])
// CHECK:         arith.truncf {{.*}} : f32 to bf16

module attributes {attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448>} {
  func.func @table(%ids: memref<?x?xi32>, %out: memref<?x?xi64>, %n: index, %m: index) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    scf.parallel (%i, %j) = (%c0, %c0) to (%n, %m) step (%c1, %c1) {
      %most = arith.constant 1000 : index
      %begin = arith.muli %j, %c64 : index
      %end = arith.addi %begin, %c64 : index
      %least = scf.for %k = %begin to %end step %c1 iter_args(%a = %most) -> (index) {
        %x = memref.load %ids[%i, %k] : memref<?x?xi32>
        %y = arith.index_cast %x : i32 to index
        %z = arith.minsi %a, %y : index
        scf.yield %z : index
      }
      %w = arith.index_cast %least : index to i64
      memref.store %w, %out[%i, %j] : memref<?x?xi64>
      scf.reduce
    }
    return
  }
  func.func @elements(%x: memref<?xbf16>, %n: index) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    scf.parallel (%i) = (%c0) to (%n) step (%c1) {
      %a = memref.load %x[%i] : memref<?xbf16>
      %b = math.exp %a : bf16
      memref.store %b, %x[%i] : memref<?xbf16>
      scf.reduce
    }
    return
  }
}
