// RUN: attn-opt %s --convert-tile-to-gpu --split-input-file --verify-diagnostics

module attributes {attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448>} {
  func.func @step(%x: memref<?xf32>, %n: index) {
    %c0 = arith.constant 0 : index
    %c2 = arith.constant 2 : index
    %one = arith.constant 1.0 : f32
    // expected-error @below {{'scf.parallel' op has results, or loops that do not count from 0 by 1, which has no code for a GPU yet; compile for cpu}}
    scf.parallel (%i) = (%c0) to (%n) step (%c2) {
      memref.store %one, %x[%i] : memref<?xf32>
      scf.reduce
    }
    return
  }
}

// -----

module attributes {attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448>} {
  func.func @function(%x: memref<?xf32>, %n: index) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    scf.parallel (%i) = (%c0) to (%n) step (%c1) {
      %a = memref.load %x[%i] : memref<?xf32>
      // expected-error @below {{'math.erf' op has no code for a GPU yet; exp, exp2, log, log2, tanh, sqrt, absf, floor, ceil, trunc, roundeven and fma have}}
      %b = math.erf %a : f32
      memref.store %b, %x[%i] : memref<?xf32>
      scf.reduce
    }
    return
  }
}

// -----

module attributes {attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448>} {
  // A memory that a thread makes.
  func.func @view(%x: memref<?x4xf32>, %n: index) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    scf.parallel (%i) = (%c0) to (%n) step (%c1) {
      // expected-error @below {{'memref.subview' op is not supported in kernels for a GPU}}
      %v = memref.subview %x[%i, 0] [1, 4] [1, 1] : memref<?x4xf32> to memref<4xf32, strided<[1], offset: ?>>
      %a = memref.load %v[%c0] : memref<4xf32, strided<[1], offset: ?>>
      memref.store %a, %x[%i, %c0] : memref<?x4xf32>
      scf.reduce
    }
    return
  }
}
