// RUN: attn-opt %s --convert-tile-to-cpu --split-input-file --verify-diagnostics

!view = memref<?x16xf32, strided<[?, 1], offset: ?>>
module attributes {attn.target = #attn.cpu<triple = "x86_64", cpu = "x86-64-v3",
    features = "", vector_bytes = 32, vector_registers = 16, l1_bytes = 32768,
    l2_bytes = 524288>} {
  func.func @flip(%o: !view, %n: index) {
    tile.kernel grid(%n) outs(%o : !view) {
    ^bb0(%i: index, %om: !view):
      %a = arith.constant dense<0.0> : tensor<16x16xf32>
      %x = tile.fold rows(%i, %n) keys 8 lanes 8 axes [1] init(%a : tensor<16x16xf32>) ranges {
      ^bb0(%f: index, %c: index):
        tile.visit %f, %f, %c, %c
        tile.yield
      } step {
      ^bb0(%j: index, %num: index, %s: tensor<16x16xf32>):
        // expected-error @below {{'tile.flip' op is of a tile that strips have parts of, which is not supported on cpu; flip a shared tile}}
        %t = tile.flip %s extent(%n) : tensor<16x16xf32>
        %u = arith.addf %s, %t : tensor<16x16xf32>
        tile.yield %u : tensor<16x16xf32>
      } -> tensor<16x16xf32>
    }
    return
  }
}

// -----

!view = memref<?x16xf32, strided<[?, 1], offset: ?>>
module attributes {attn.target = #attn.cpu<triple = "x86_64", cpu = "x86-64-v3",
    features = "", vector_bytes = 32, vector_registers = 16, l1_bytes = 32768,
    l2_bytes = 524288>} {
  func.func @product(%o: !view, %n: index) {
    tile.kernel grid(%n) outs(%o : !view) {
    ^bb0(%i: index, %om: !view):
      %a = arith.constant dense<0.0> : tensor<16x16xf32>
      %x = tile.fold rows(%i, %n) keys 8 lanes 8 axes [1] init(%a : tensor<16x16xf32>) ranges {
      ^bb0(%f: index, %c: index):
        tile.visit %f, %f, %c, %c
        tile.yield
      } step {
      ^bb0(%j: index, %num: index, %s: tensor<16x16xf32>):
        // expected-error @below {{'tile.cumulative_product' op is of a tile that strips have parts of, which is not supported on cpu; multiply a shared tile}}
        %t = tile.cumulative_product %s extent(%n) : tensor<16x16xf32>
        %u = arith.addf %s, %t : tensor<16x16xf32>
        tile.yield %u : tensor<16x16xf32>
      } -> tensor<16x16xf32>
    }
    return
  }
}

// -----

!view = memref<?x16xf32, strided<[?, 1], offset: ?>>
module attributes {attn.target = #attn.cpu<triple = "x86_64", cpu = "x86-64-v3",
    features = "", vector_bytes = 32, vector_registers = 16, l1_bytes = 32768,
    l2_bytes = 524288>} {
  func.func @decayed(%o: !view, %n: index) {
    tile.kernel grid(%n) outs(%o : !view) {
    ^bb0(%i: index, %om: !view):
      %a = arith.constant dense<0.0> : tensor<16x16xf32>
      %x = tile.fold rows(%i, %n) keys 8 lanes 8 axes [1] init(%a : tensor<16x16xf32>) ranges {
      ^bb0(%f: index, %c: index):
        tile.visit %f, %f, %c, %c
        tile.yield
      } step {
      ^bb0(%j: index, %num: index, %s: tensor<16x16xf32>):
        // expected-error @below {{'tile.decayed_product' op is of tiles that strips have parts of, which is not supported on cpu; multiply shared tiles}}
        %t = tile.decayed_product %s, %s, %s extent(%n) : tensor<16x16xf32> -> tensor<16x16xf32>
        %u = arith.addf %s, %t : tensor<16x16xf32>
        tile.yield %u : tensor<16x16xf32>
      } -> tensor<16x16xf32>
    }
    return
  }
}

// -----

!view = memref<?x16xf32, strided<[?, 1], offset: ?>>
module attributes {attn.target = #attn.cpu<triple = "x86_64", cpu = "x86-64-v3",
    features = "", vector_bytes = 32, vector_registers = 16, l1_bytes = 32768,
    l2_bytes = 524288>} {
  func.func @solve(%o: !view, %n: index) {
    tile.kernel grid(%n) outs(%o : !view) {
    ^bb0(%i: index, %om: !view):
      %a = arith.constant dense<0.0> : tensor<16x16xf32>
      %x = tile.fold rows(%i, %n) keys 8 lanes 8 axes [0] init(%a : tensor<16x16xf32>) ranges {
      ^bb0(%f: index, %c: index):
        tile.visit %f, %f, %c, %c
        tile.yield
      } step {
      ^bb0(%j: index, %num: index, %s: tensor<16x16xf32>):
        // expected-error @below {{'tile.solve' op is of columns that are not independent, which is not supported on cpu}}
        %t = tile.solve %a, %s extent(%n) : tensor<16x16xf32>, tensor<16x16xf32>
        tile.yield %t : tensor<16x16xf32>
      } -> tensor<16x16xf32>
    }
    return
  }
}
