// RUN: attn-opt %s --convert-tile-to-gpu --split-input-file --verify-diagnostics
// RUN: sed 's/"sm_90a"/"sm_80", products = warp, copies = chunks/; s/of sm_90a/of sm_80/' %s \
// RUN:   | attn-opt --convert-tile-to-gpu --split-input-file --verify-diagnostics

!m = memref<?x?x64xbf16, strided<[?, ?, 1], offset: ?>>
// Without a target nothing is known of the GPU.
func.func @no_target(%q: !m, %g: index) {
  // expected-error @below {{'tile.kernel' op is in a module without an attn.gpu; run gpu-attach-target first}}
  tile.kernel grid(%g) ins(%q : !m) {
  ^bb0(%b: index, %qm: !m):
  }
  return
}

// -----

!m = memref<?x?x64xbf16, strided<[?, ?, 1], offset: ?>>
module attributes {attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448>} {
  // A tensor has no address.
  func.func @on_tensors(%o: tensor<?x?x64xbf16>, %g: index) -> tensor<?x?x64xbf16> {
    // expected-error @below {{'tile.kernel' op is on tensors; bufferize before converting to gpu}}
    %r = tile.kernel grid(%g) outs(%o : tensor<?x?x64xbf16>) -> tensor<?x?x64xbf16> {
    ^bb0(%b: index, %om: !m):
    }
    return %r : tensor<?x?x64xbf16>
  }
}

// -----

!m = memref<?x?x64xbf16, strided<[?, ?, 1], offset: ?>>
module attributes {attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448>} {
  // A fold is what a kernel is made of.
  func.func @none(%q: !m, %g: index) {
    // expected-error @below {{'tile.kernel' op has no fold, which has no code for a GPU yet; compile for cpu}}
    tile.kernel grid(%g) ins(%q : !m) {
    ^bb0(%b: index, %qm: !m):
    }
    return
  }
}

// -----

!m = memref<?x?x64xbf16, strided<[?, ?, 1], offset: ?>>
module attributes {attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448>} {
  // A part of a memory has no parameter of its own.
  func.func @part(%q: !m, %k: !m, %o: !m, %g: index, %n: index) {
    tile.kernel grid(%g) ins(%q, %k : !m, !m) outs(%o : !m) {
    ^bb0(%b: index, %qm: !m, %km: !m, %om: !m):
      %c0 = arith.constant 0 : index
      %c64 = arith.constant 64 : index
      %zero = arith.constant dense<0.0> : tensor<64x64xf32>
      // expected-error @below {{'memref.subview' op is not supported in kernels for a GPU}}
      %v = memref.subview %km[%b, 0, 0] [1, %n, 64] [1, 1, 1]
        : !m to memref<1x?x64xbf16, strided<[?, ?, 1], offset: ?>>
      %d = memref.dim %v, %c0 : memref<1x?x64xbf16, strided<[?, ?, 1], offset: ?>>
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

// -----

!m = memref<?x?x64xbf16, strided<[?, ?, 1], offset: ?>>
module attributes {attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448>} {
  // Memory has to be that of the host.
  func.func @outside(%q: !m, %k: !m, %o: !m, %g: index, %n: index) {
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
        %v = memref.subview %km[0, 0, 0] [1, 8, 64] [1, 1, 1] : !m to memref<1x8x64xbf16, strided<[?, ?, 1], offset: ?>>
        // expected-error @below {{'memref.dim' op is of memory that is no argument of its kernel, which has no code for a GPU yet; compile for cpu}}
        %d = memref.dim %v, %c0 : memref<1x8x64xbf16, strided<[?, ?, 1], offset: ?>>
        %x = tile.load %km[%d, %key, %c0] extent(%keys, %c64) : !m to tensor<64x64xbf16>
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

// -----

!m = memref<?x?x64xbf16, strided<[?, ?, 1], offset: ?>>
module attributes {attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448>} {
  // Splits in one kernel would be two folds.
  func.func @splits(%q: !m, %k: !m, %o: !m, %g: index, %n: index) {
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
      // expected-error @below {{'tile.fold' op is the second one of its kernel, which has no code for a GPU yet; use splits = 1}}
      %r2 = tile.fold rows(%c0, %c64) keys 64 lanes 64 axes [0] rows_follow_axis
          init(%zero : tensor<64x64xf32>) ranges {
      ^bb0(%f: index, %c: index):
        tile.visit %c0, %c0, %n, %n
        tile.yield
      } step {
      ^bb0(%key: index, %keys: index, %acc: tensor<64x64xf32>):
        tile.yield %acc : tensor<64x64xf32>
      } -> tensor<64x64xf32>
    }
    return
  }
}
