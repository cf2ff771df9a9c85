// RUN: attn-opt %s --convert-tile-to-cpu --split-input-file --verify-diagnostics

!view = memref<?x16xbf16, strided<[?, 1], offset: ?>>
module attributes {attn.target = #attn.cpu<triple = "x86_64", cpu = "x86-64-v3",
    features = "", vector_bytes = 32, vector_registers = 16, l1_bytes = 32768,
    l2_bytes = 524288>} {
  // Without strips there are no lanes for the pairs of one side.
  func.func @no_strips(%o: !view, %n: index) {
    tile.kernel grid(%n) outs(%o : !view) {
    ^bb0(%i: index, %om: !view):
      %c0 = arith.constant 0 : index
      %zero = arith.constant dense<0.0> : tensor<8x8xf32>
      %a = tile.load %om[%i, %c0] extent(%n, %n) : !view to tensor<8x16xbf16>
      // expected-error @below {{'tile.contract' op multiplies tiles of bf16 as is not supported on cpu: one has to be a load without the independent axis, the other a load of rows along it or a rounded tile}}
      %s = tile.contract %a axis 1, %a axis 1 into %zero extent(%n)
        : tensor<8x16xbf16>, tensor<8x16xbf16> -> tensor<8x8xf32>
      %b = arith.truncf %s : tensor<8x8xf32> to tensor<8x8xbf16>
      tile.store %s, %om[%i, %c0] extent(%n, %n) : tensor<8x8xf32> to !view
    }
    return
  }

  // Pairs are laid out for one product; elements are nowhere.
  func.func @element(%o: !view, %n: index) {
    tile.kernel grid(%n) outs(%o : !view) {
    ^bb0(%i: index, %om: !view):
      %c0 = arith.constant 0 : index
      // expected-error @below {{'tile.load' op gives a tile of bf16 that is not only multiplied, which is not supported on cpu; load it as f32}}
      %a = tile.load %om[%i, %c0] extent(%n, %n) : !view to tensor<8x16xbf16>
      %w = arith.extf %a : tensor<8x16xbf16> to tensor<8x16xf32>
      tile.store %w, %om[%i, %c0] extent(%n, %n) : tensor<8x16xf32> to !view
    }
    return
  }
}
