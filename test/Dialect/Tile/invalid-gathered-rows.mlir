// RUN: attn-opt %s --split-input-file --verify-diagnostics

func.func @load_c4_axes(%m: memref<2x4x8xf32>, %r: tensor<4xindex>, %i: index) {
  // expected-error@+1 {{'tile.load' op gathers along 2 axes and must have one for each of the 1 index tiles}}
  %t = tile.load %m[%i, %i, %i] gather(%r : tensor<4xindex>) axes [0, 1] extent(%i, %i) : memref<2x4x8xf32> to tensor<4x8xf32>
  return
}

// -----

func.func @load_c4_columns(%m: memref<2x4x8xf32>, %r: tensor<4xindex>, %i: index) {
  // expected-error@+1 {{'tile.load' op gathers along axis 2; axes ascend, and are from 0 to 1, since the tile's other axes are behind them}}
  %t = tile.load %m[%i, %i, %i] gather(%r : tensor<4xindex>) axes [2] extent(%i, %i) : memref<2x4x8xf32> to tensor<4x8xf32>
  return
}

// -----

func.func @load_c4_twice(%m: memref<2x4x8xf32>, %r: tensor<4xindex>, %i: index) {
  // expected-error@+1 {{'tile.load' op gathers along axis 0; axes ascend, and are from 0 to 1, since the tile's other axes are behind them}}
  %t = tile.load %m[%i, %i, %i] gather(%r, %r : tensor<4xindex>, tensor<4xindex>) axes [0, 0] extent(%i, %i) : memref<2x4x8xf32> to tensor<4x8xf32>
  return
}

// -----

func.func @load_c5_rows(%m: memref<2x4x8xf32>, %r: tensor<3xindex>, %i: index) {
  // expected-error@+1 {{'tile.load' op gathers at 'tensor<3xindex>', which must be a tensor<4xindex>, one index for each row of the tile}}
  %t = tile.load %m[%i, %i, %i] gather(%r : tensor<3xindex>) axes [0] extent(%i, %i) : memref<2x4x8xf32> to tensor<4x8xf32>
  return
}

// -----

func.func @store_c4_columns(%m: memref<4x8xf32>, %t: tensor<4x8xf32>, %r: tensor<4xindex>, %i: index) {
  // expected-error@+1 {{'tile.store' op gathers along axis 1; axes ascend, and are from 0 to 0, since the tile's other axes are behind them}}
  tile.store %t, %m[%i, %i] gather(%r : tensor<4xindex>) axes [1] extent(%i, %i) : tensor<4x8xf32> to memref<4x8xf32>
  return
}

// -----

func.func @store_c5_rank(%m: memref<4x8xf32>, %t: tensor<4x8xf32>, %r: tensor<4x8xindex>, %i: index) {
  // expected-error@+1 {{'tile.store' op gathers at 'tensor<4x8xindex>', which must be a tensor<4xindex>, one index for each row of the tile}}
  tile.store %t, %m[%i, %i] gather(%r : tensor<4x8xindex>) axes [0] extent(%i, %i) : tensor<4x8xf32> to memref<4x8xf32>
  return
}
