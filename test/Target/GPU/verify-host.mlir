// RUN: attn-opt %s --gpu-verify-host --verify-diagnostics

// Extents and addresses are the host's to know.
func.func @extents(%m: memref<?xf32>) -> index {
  %c0 = arith.constant 0 : index
  %n = memref.dim %m, %c0 : memref<?xf32>
  %p = memref.extract_aligned_pointer_as_index %m : memref<?xf32> -> index
  %s = arith.addi %n, %p : index
  return %s : index
}

func.func @reads(%m: memref<?xf32>) -> f32 {
  %c0 = arith.constant 0 : index
  // expected-error @below {{'memref.load' op would run on the host, and the tensors of a function compiled for a GPU are in its memory; compile for cpu}}
  %x = memref.load %m[%c0] : memref<?xf32>
  return %x : f32
}

// Buffers are in the memory of the GPU; what fills them would not run there.
func.func @allocates(%n: index, %x: f32) {
  %c0 = arith.constant 0 : index
  %m = memref.alloc(%n) : memref<?xf32>
  // expected-error @below {{'memref.store' op would run on the host}}
  memref.store %x, %m[%c0] : memref<?xf32>
  memref.dealloc %m : memref<?xf32>
  return
}
