// RUN: attn-opt %s --tile-verify-kernels --split-input-file --verify-diagnostics

!view = memref<?x16xf32, strided<[?, 1], offset: ?>>
!tensor = tensor<?x16xf32>

// Accepted: every dialect and op that a lowering knows. Were one missing, what
// convert-attn-to-tile makes would not pass.
func.func @everything_allowed(%x: !tensor, %o: !tensor, %n: index) -> !tensor {
  %r = tile.kernel grid(%n) ins(%x : !tensor) outs(%o : !tensor) -> !tensor {
  ^bb0(%i: index, %xm: !view, %om: !view):
    %c0 = arith.constant 0 : index
    %c8 = arith.constant 8 : index
    %c16 = arith.constant 16 : index
    %size = memref.dim %xm, %c0 : !view
    %scalar = memref.load %xm[%c0, %c0] : !view
    %splat = tensor.splat %scalar : tensor<8x16xf32>
    %t = tile.load %xm[%i, %c0] extent(%c8, %c16) : !view to tensor<8x16xf32>
    %e = math.exp2 %t : tensor<8x16xf32>
    %any = arith.cmpi slt, %i, %size : index
    %y = scf.if %any -> tensor<8x16xf32> {
      scf.yield %e : tensor<8x16xf32>
    } else {
      scf.yield %splat : tensor<8x16xf32>
    }
    tile.store %y, %om[%i, %c0] extent(%c8, %c16) : tensor<8x16xf32> to !view
  }
  return %r : !tensor
}

// -----

// Accepted: outside of kernels tensors have any shape and ops any dialect.
func.func @outside(%x: tensor<?x?x?x16xf32>, %n: index) -> tensor<?x?x?x16xf32> {
  %o = tensor.empty(%n, %n, %n) : tensor<?x?x?x16xf32>
  %s = arith.addf %x, %o : tensor<?x?x?x16xf32>
  return %s : tensor<?x?x?x16xf32>
}

// -----

// A sequence op that no carry interface picked up must not reach bufferization.
func.func @left_over(%x: tensor<2x2x8x16xf32>) -> tensor<2x2x8x16xf32> {
  // expected-error @below {{'attn.attend' op is left after conversion to tile}}
  %o = attn.attend %x, %x, %x
    : (tensor<2x2x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x2x8x16xf32>)
    -> tensor<2x2x8x16xf32>
  return %o : tensor<2x2x8x16xf32>
}

// -----

// Memory of its own would be shared by all instances of a kernel.
!view = memref<?x16xf32, strided<[?, 1], offset: ?>>
func.func @allocation(%o: !view, %n: index) {
  tile.kernel grid(%n) outs(%o : !view) {
  ^bb0(%i: index, %om: !view):
    // expected-error @below {{'memref.alloc' op cannot occur in a tile kernel}}
    %m = memref.alloc() : memref<4xf32>
  }
  return
}

// -----

// The check is not of the kernel's own block only.
!view = memref<?x16xf32, strided<[?, 1], offset: ?>>
func.func @nested(%o: !view, %n: index, %c: i1) {
  tile.kernel grid(%n) outs(%o : !view) {
  ^bb0(%i: index, %om: !view):
    scf.if %c {
      // expected-error @below {{'tensor.empty' op cannot occur in a tile kernel}}
      %m = tensor.empty() : tensor<4xf32>
    }
  }
  return
}

// -----

// A tile of unknown size has no place in registers or scratch memory.
!view = memref<?x16xf32, strided<[?, 1], offset: ?>>
func.func @unknown_size(%o: !view, %n: index, %x: f32) {
  tile.kernel grid(%n) outs(%o : !view) {
  ^bb0(%i: index, %om: !view):
    // expected-error @below {{'tensor.splat' op gives 'tensor<?xf32>'; a tile has a static shape of rank 1 or 2}}
    %m = tensor.splat %x[%n] : tensor<?xf32>
  }
  return
}

// -----

// Nor has a stack of matrices.
!view = memref<?x16xf32, strided<[?, 1], offset: ?>>
func.func @rank_3(%o: !view, %n: index) {
  tile.kernel grid(%n) outs(%o : !view) {
  ^bb0(%i: index, %om: !view):
    // expected-error @below {{'arith.constant' op gives 'tensor<2x4x4xf32>'; a tile has a static shape of rank 1 or 2}}
    %m = arith.constant dense<0.0> : tensor<2x4x4xf32>
  }
  return
}
