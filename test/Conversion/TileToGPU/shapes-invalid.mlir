// RUN: attn-opt %s --convert-tile-to-gpu --split-input-file --verify-diagnostics
// RUN: sed 's/"sm_90a"/"sm_80", products = warp, copies = chunks/; s/of sm_90a/of sm_80/' %s \
// RUN:   | attn-opt --convert-tile-to-gpu --split-input-file --verify-diagnostics

!m = memref<?x?x64xbf16, strided<[?, ?, 1], offset: ?>>
module attributes {attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448>} {
  // A strip is what a warpgroup multiplies.
  func.func @lanes(%q: !m, %k: !m, %o: !m, %g: index, %n: index) {
    tile.kernel grid(%g) ins(%q, %k : !m, !m) outs(%o : !m) {
    ^bb0(%b: index, %qm: !m, %km: !m, %om: !m):
      %c0 = arith.constant 0 : index
      %c64 = arith.constant 64 : index
      %zero = arith.constant dense<0.0> : tensor<64x64xf32>
      %t = tile.load %qm[%b, %c0, %c0] extent(%n, %c64) : !m to tensor<64x64xbf16>
      // expected-error @below {{'tile.fold' op has 64 rows in strips of 32; a GPU takes 64, 128 or 192 in strips of 64}}
      %r = tile.fold rows(%c0, %c64) keys 64 lanes 32 axes [0] rows_follow_axis
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
  // Columns of a state are no rows.
  func.func @columns(%q: !m, %k: !m, %o: !m, %g: index, %n: index) {
    tile.kernel grid(%g) ins(%q, %k : !m, !m) outs(%o : !m) {
    ^bb0(%b: index, %qm: !m, %km: !m, %om: !m):
      %c0 = arith.constant 0 : index
      %c64 = arith.constant 64 : index
      %zero = arith.constant dense<0.0> : tensor<64x64xf32>
      %t = tile.load %qm[%b, %c0, %c0] extent(%n, %c64) : !m to tensor<64x64xbf16>
      // expected-error @below {{'tile.fold' op carries a tile that does not run along rows, which has no code for a GPU yet; compile for cpu}}
      %r = tile.fold rows(%c0, %c64) keys 64 lanes 64 axes [1]
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
  // A tile of 40 keys is no whole number of products.
  func.func @keys(%q: !m, %k: !m, %o: !m, %g: index, %n: index) {
    tile.kernel grid(%g) ins(%q, %k : !m, !m) outs(%o : !m) {
    ^bb0(%b: index, %qm: !m, %km: !m, %om: !m):
      %c0 = arith.constant 0 : index
      %c64 = arith.constant 64 : index
      %zero = arith.constant dense<0.0> : tensor<64x64xf32>
      %few = arith.constant dense<0.0> : tensor<64x40xf32>
      %t = tile.load %qm[%b, %c0, %c0] extent(%n, %c64) : !m to tensor<64x64xbf16>
      %r = tile.fold rows(%c0, %c64) keys 40 lanes 64 axes [0] rows_follow_axis
          init(%zero : tensor<64x64xf32>) ranges {
      ^bb0(%f: index, %c: index):
        tile.visit %c0, %c0, %n, %n
        tile.yield
      } step {
      ^bb0(%key: index, %keys: index, %acc: tensor<64x64xf32>):
        // expected-error @below {{'tile.load' op reads a tile of 40 by 64, and tensor cores take rows by the 16 and columns by the 8, up to 256 of both}}
        %x = tile.load %km[%b, %key, %c0] extent(%keys, %c64) : !m to tensor<40x64xbf16>
        %s = tile.contract %t axis 1, %x axis 1 into %few extent(%c64)
          : tensor<64x64xbf16>, tensor<40x64xbf16> -> tensor<64x40xf32>
        %w = arith.truncf %s : tensor<64x40xf32> to tensor<64x40xbf16>
        %y = tile.contract %w axis 1, %x axis 0 into %acc extent(%keys)
          : tensor<64x40xbf16>, tensor<40x64xbf16> -> tensor<64x64xf32>
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
  // Without a product there is nothing for tensor cores.
  func.func @vector(%q: !m, %g: index, %n: index) {
    tile.kernel grid(%g) ins(%q : !m) {
    ^bb0(%b: index, %qm: !m):
      %c0 = arith.constant 0 : index
      %c64 = arith.constant 64 : index
      %zero = arith.constant dense<0.0> : tensor<64xf32>
      // expected-error @below {{'tile.fold' op has a step without a product, which has no code for a GPU yet but for one range, key by key; compile for cpu}}
      %r = tile.fold rows(%c0, %c64) keys 64 lanes 64 axes [0] rows_follow_axis
          init(%zero : tensor<64xf32>) ranges {
      ^bb0(%f: index, %c: index):
        tile.visit %c0, %c0, %n, %n
        tile.yield
      } step {
      ^bb0(%key: index, %keys: index, %acc: tensor<64xf32>):
        tile.yield %acc : tensor<64xf32>
      } -> tensor<64xf32>
    }
    return
  }
}

// -----

!m = memref<?x?x64xbf16, strided<[?, ?, 1], offset: ?>>
module attributes {attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 16384>} {
  // Two slots of a ring have to fit.
  func.func @memory(%q: !m, %k: !m, %o: !m, %g: index, %n: index) {
    tile.kernel grid(%g) ins(%q, %k : !m, !m) outs(%o : !m) {
    ^bb0(%b: index, %qm: !m, %km: !m, %om: !m):
      %c0 = arith.constant 0 : index
      %c64 = arith.constant 64 : index
      %zero = arith.constant dense<0.0> : tensor<64x64xf32>
      %t = tile.load %qm[%b, %c0, %c0] extent(%n, %c64) : !m to tensor<64x64xbf16>
      // expected-error @below {{'tile.fold' op needs 24624 bytes of shared memory with tiles of 64 rows and 64 keys, and a block of sm_90a has 16384; use smaller tiles}}
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
