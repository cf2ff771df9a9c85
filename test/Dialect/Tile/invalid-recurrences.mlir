// RUN: attn-opt %s --split-input-file --verify-diagnostics

func.func @transpose_c1_sizes(%a: tensor<4x8xf32>) {
  // expected-error@+1 {{'tile.transpose' op takes a rank-2 tile to one with its sizes exchanged, and not 'tensor<4x8xf32>' to 'tensor<4x8xf32>'}}
  %t = tile.transpose %a : tensor<4x8xf32> to tensor<4x8xf32>
  return
}

// -----

func.func @cumulative_product_c1_rank(%a: tensor<8xf32>, %n: index) {
  // expected-error@+1 {{'tile.cumulative_product' op the tile has type 'tensor<8xf32>' and must have rank 2}}
  %t = tile.cumulative_product %a extent(%n) : tensor<8xf32>
  return
}

// -----

func.func @decayed_product_c1_rank(%a: tensor<8xf32>, %n: index) {
  // expected-error@+1 {{'tile.decayed_product' op lhs, rhs and factors have type 'tensor<8xf32>' and must have rank 2}}
  %t = tile.decayed_product %a, %a, %a extent(%n) : tensor<8xf32> -> tensor<8x8xf32>
  return
}

// -----

func.func @decayed_product_c2_result(%a: tensor<8x4xf32>, %n: index) {
  // expected-error@+1 {{'tile.decayed_product' op the result has type 'tensor<4x4xf32>' and must have a row and a column for each of the 8 rows}}
  %t = tile.decayed_product %a, %a, %a extent(%n) : tensor<8x4xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @solve_c1_square(%l: tensor<8x4xf32>, %a: tensor<8x4xf32>, %n: index) {
  // expected-error@+1 {{'tile.solve' op lhs has type 'tensor<8x4xf32>' and rhs 'tensor<8x4xf32>': lhs must be square, with as many rows as rhs}}
  %t = tile.solve %l, %a extent(%n) : tensor<8x4xf32>, tensor<8x4xf32>
  return
}
