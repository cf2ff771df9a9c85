// RUN: attn-opt %s --gpu-allocate-scratch | FileCheck %s
// RUN: attn-opt %s --gpu-allocate-scratch --convert-to-llvm --reconcile-unrealized-casts | FileCheck %s --check-prefix=LLVM
//
// A buffer comes from the runtime and goes back to it; what is known of it stays with
// the host. Each extent is multiplied only if the product fits.
// CHECK-DAG:   func.func private @attnc_rt_gpu_scratch_allocate(i64) -> !llvm.ptr
// CHECK-DAG:   func.func private @attnc_rt_gpu_scratch_free(!llvm.ptr)
// CHECK-LABEL: func.func @buffer
// CHECK:         %[[MOST:.*]] = arith.constant 9223372036854775807 : i64
// CHECK:         %[[LIMIT:.*]] = arith.divsi %[[MOST]], %{{.*}} : i64
// CHECK:         arith.cmpi sle, %{{.*}}, %[[LIMIT]] : i64
// CHECK:         arith.select
// CHECK:         %[[P:.*]] = call @attnc_rt_gpu_scratch_allocate(%{{.*}}) : (i64) -> !llvm.ptr
// CHECK:         builtin.unrealized_conversion_cast {{.*}} to memref<?x4xbf16>
// CHECK:         memref.extract_aligned_pointer_as_index
// CHECK:         call @attnc_rt_gpu_scratch_free(
// CHECK-NOT:   memref.{{alloc|dealloc}}
//
// LLVM-LABEL: llvm.func @buffer
// LLVM:         llvm.call @attnc_rt_gpu_scratch_allocate
// LLVM-NOT:     unrealized_conversion_cast
// LLVM:         llvm.call @attnc_rt_gpu_scratch_free
func.func @buffer(%n: index) -> index {
  %m = memref.alloc(%n) : memref<?x4xbf16>
  %c0 = arith.constant 0 : index
  %d = memref.dim %m, %c0 : memref<?x4xbf16>
  memref.dealloc %m : memref<?x4xbf16>
  return %d : index
}
