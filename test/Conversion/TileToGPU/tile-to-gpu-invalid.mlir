// RUN: attn-opt %s --convert-tile-to-gpu --split-input-file --verify-diagnostics
// RUN: sed 's/"sm_90a"/"sm_80", products = warp, copies = chunks/; s/of sm_90a/of sm_80/' %s \
// RUN:   | attn-opt --convert-tile-to-gpu --split-input-file --verify-diagnostics

!m = memref<?x?x64xbf16, strided<[?, ?, 1], offset: ?>>
module attributes {attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448>} {
  // What stays is no tile of the step.
  func.func @wide(%q: !m, %k: !m, %o: !m, %g: index, %n: index) {
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
        %u = tile.load %km[%b, %key, %c0] extent(%keys, %c64) : !m to tensor<64x64xbf16>
        // expected-error @below {{'tile.contract' op multiplies by what is not a tile of 16-bit numbers read in the same step, which has no code for a GPU yet; compile for cpu}}
        %s = tile.contract %t axis 1, %t axis 1 into %zero extent(%c64)
          : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
        %w = arith.truncf %s : tensor<64x64xf32> to tensor<64x64xbf16>
        %y = tile.contract %w axis 1, %u axis 0 into %acc extent(%keys)
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
  // What is multiplied first is read in front of the fold.
  func.func @left(%q: !m, %k: !m, %o: !m, %g: index, %n: index) {
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
        %p = arith.truncf %acc : tensor<64x64xf32> to tensor<64x64xbf16>
        // expected-error @below {{'tile.contract' op reads the sum of a product of the step before, which has no code for a GPU yet; compile for cpu}}
        %s = tile.contract %p axis 1, %x axis 1 into %zero extent(%c64)
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
  func.func @computed(%q: !m, %k: !m, %o: !m, %g: index, %n: index) {
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
        %p = arith.truncf %zero : tensor<64x64xf32> to tensor<64x64xbf16>
        // expected-error @below {{'tile.contract' op has a left operand that is not a tile of 16-bit numbers read in front of the fold, which has no code for a GPU yet; compile for cpu}}
        %s = tile.contract %p axis 1, %x axis 1 into %zero extent(%c64)
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
  // Scores begin at zero.
  func.func @sums(%q: !m, %k: !m, %o: !m, %g: index, %n: index) {
    tile.kernel grid(%g) ins(%q, %k : !m, !m) outs(%o : !m) {
    ^bb0(%b: index, %qm: !m, %km: !m, %om: !m):
      %c0 = arith.constant 0 : index
      %c64 = arith.constant 64 : index
      %zero = arith.constant dense<0.0> : tensor<64x64xf32>
      %one = arith.constant dense<1.0> : tensor<64x64xf32>
      %t = tile.load %qm[%b, %c0, %c0] extent(%n, %c64) : !m to tensor<64x64xbf16>
      %r = tile.fold rows(%c0, %c64) keys 64 lanes 64 axes [0] rows_follow_axis
          init(%zero : tensor<64x64xf32>) ranges {
      ^bb0(%f: index, %c: index):
        tile.visit %c0, %c0, %n, %n
        tile.yield
      } step {
      ^bb0(%key: index, %keys: index, %acc: tensor<64x64xf32>):
        %x = tile.load %km[%b, %key, %c0] extent(%keys, %c64) : !m to tensor<64x64xbf16>
        // expected-error @below {{'tile.contract' op adds to a tile that is not zero, which has no code for a GPU yet; compile for cpu}}
        %s = tile.contract %t axis 1, %x axis 1 into %one extent(%c64)
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
  // The carry is what the last product adds to.
  func.func @carry(%q: !m, %k: !m, %o: !m, %g: index, %n: index) {
    tile.kernel grid(%g) ins(%q, %k : !m, !m) outs(%o : !m) {
    ^bb0(%b: index, %qm: !m, %km: !m, %om: !m):
      %c0 = arith.constant 0 : index
      %c64 = arith.constant 64 : index
      %zero = arith.constant dense<0.0> : tensor<64x64xf32>
      %t = tile.load %qm[%b, %c0, %c0] extent(%n, %c64) : !m to tensor<64x64xbf16>
      // expected-error @below {{'tile.fold' op has a step whose carry is not the sum of one product, which has no code for a GPU yet; compile for cpu}}
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
        %y = tile.contract %w axis 1, %x axis 0 into %zero extent(%keys)
          : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
        tile.yield %y : tensor<64x64xf32>
      } -> tensor<64x64xf32>
      tile.store %r, %om[%b, %c0, %c0] extent(%n, %c64) : tensor<64x64xf32> to !m
    }
    return
  }
}
