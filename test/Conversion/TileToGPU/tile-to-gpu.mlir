// RUN: attn-opt %s --convert-tile-to-gpu --canonicalize | FileCheck %s

!m = memref<?x?x64xbf16, strided<[?, ?, 1], offset: ?>>
module attributes {attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448>} {
  // One block for each index of the grid: a producer and one consumer.
  func.func @attention(%q: !m, %k: !m, %o: !m, %g: index, %n: index) {
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
      tile.store %r, %om[%b, %c0, %c0] extent(%n, %c64) : tensor<64x64xf32> to !m
    }
    return
  }
}
