// RUN: attn-opt %s --convert-tile-to-gpu --split-input-file --verify-diagnostics

!m = memref<?x?x64xbf16, strided<[?, ?, 1], offset: ?>>
!k = memref<?x?x64xi8, strided<[?, ?, 1], offset: ?>>
module attributes {attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448>} {
  // A column of a tile that is read by rows.
  func.func @transposed(%q: !m, %k: !k, %o: !m, %g: index, %n: index) {
    tile.kernel grid(%g) ins(%q, %k : !m, !k) outs(%o : !m) {
    ^bb0(%b: index, %qm: !m, %km: !k, %om: !m):
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
        %z = tile.load %km[%b, %key, %c0] extent(%keys, %c64) as i8 : !k to tensor<64x64xf32>
        %v = tile.transpose %z : tensor<64x64xf32> to tensor<64x64xf32>
        %y = arith.mulf %z, %v : tensor<64x64xf32>
        // expected-error @below {{'arith.truncf' op rounds what is no elementwise function of numbers in memory, which has no code on the way to a product of a GPU yet; compile for cpu}}
        %x = arith.truncf %y : tensor<64x64xf32> to tensor<64x64xbf16>
        %s = tile.contract %t axis 1, %x axis 1 into %zero extent(%c64)
          : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
        %w = arith.truncf %s : tensor<64x64xf32> to tensor<64x64xbf16>
        %e = tile.contract %w axis 1, %x axis 0 into %acc extent(%keys)
          : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
        tile.yield %e : tensor<64x64xf32>
      } -> tensor<64x64xf32>
      tile.store %r, %om[%b, %c0, %c0] extent(%n, %c64) : tensor<64x64xf32> to !m
    }
    return
  }
}

// -----

!m = memref<?x?x64xbf16, strided<[?, ?, 1], offset: ?>>
!k = memref<?x?x64xi8, strided<[?, ?, 1], offset: ?>>
module attributes {attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448>} {
  // A factor that is computed in the step.
  func.func @computed(%q: !m, %k: !k, %o: !m, %g: index, %n: index) {
    tile.kernel grid(%g) ins(%q, %k : !m, !k) outs(%o : !m) {
    ^bb0(%b: index, %qm: !m, %km: !k, %om: !m):
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
        %z = tile.load %km[%b, %key, %c0] extent(%keys, %c64) as i8 : !k to tensor<64x64xf32>
        %i = tile.load %km[%b, %key, %c0] extent(%keys, %c64) as i8 : !k to tensor<64x64xf32>
        %m = tile.reduce max %i axis 1 extent(%c64) : tensor<64x64xf32> -> tensor<64xf32>
        // expected-error @below {{'tile.broadcast' op repeats what is no tile of f32 in memory, which has no code on the way to a product of a GPU yet; compile for cpu}}
        %v = tile.broadcast %m axis 0 : tensor<64xf32> to tensor<64x64xf32>
        %y = arith.mulf %z, %v : tensor<64x64xf32>
        %x = arith.truncf %y : tensor<64x64xf32> to tensor<64x64xbf16>
        %s = tile.contract %t axis 1, %x axis 1 into %zero extent(%c64)
          : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
        %w = arith.truncf %s : tensor<64x64xf32> to tensor<64x64xbf16>
        %e = tile.contract %w axis 1, %x axis 0 into %acc extent(%keys)
          : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
        tile.yield %e : tensor<64x64xf32>
      } -> tensor<64x64xf32>
      tile.store %r, %om[%b, %c0, %c0] extent(%n, %c64) : tensor<64x64xf32> to !m
    }
    return
  }
}

// -----

!m = memref<?x?x64xbf16, strided<[?, ?, 1], offset: ?>>
!k = memref<?x?x64xi8, strided<[?, ?, 1], offset: ?>>
module attributes {attn.gpu = #attn.gpu<arch = "sm_80", shared_bytes = 166912,
                                        products = warp, copies = chunks>} {
  // What copies in chunks does not convert.
  func.func @chunks(%q: !m, %k: !k, %o: !m, %g: index, %n: index) {
    tile.kernel grid(%g) ins(%q, %k : !m, !k) outs(%o : !m) {
    ^bb0(%b: index, %qm: !m, %km: !k, %om: !m):
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
        %z = tile.load %km[%b, %key, %c0] extent(%keys, %c64) as i8 : !k to tensor<64x64xf32>
        %x = arith.truncf %z : tensor<64x64xf32> to tensor<64x64xbf16>
        // expected-error @below {{'tile.contract' op multiplies by numbers that are converted on their way to shared memory, which has code for sm_90a only; compile for that or for cpu}}
        %s = tile.contract %t axis 1, %x axis 1 into %zero extent(%c64)
          : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
        %w = arith.truncf %s : tensor<64x64xf32> to tensor<64x64xbf16>
        %e = tile.contract %w axis 1, %x axis 0 into %acc extent(%keys)
          : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
        tile.yield %e : tensor<64x64xf32>
      } -> tensor<64x64xf32>
      tile.store %r, %om[%b, %c0, %c0] extent(%n, %c64) : tensor<64x64xf32> to !m
    }
    return
  }
}
