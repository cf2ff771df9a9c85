// RUN: attn-opt %s --split-input-file --verify-diagnostics

func.func @load_c1_offsets(%m: memref<4x8xf32>, %i: index) {
  // expected-error@+1 {{'tile.load' op has 1 offsets and must have 2, one per axis of the memory}}
  %t = tile.load %m[%i] extent(%i, %i) : memref<4x8xf32> to tensor<4x8xf32>
  return
}

// -----

func.func @load_c1_extents(%m: memref<4x8xf32>, %i: index) {
  // expected-error@+1 {{'tile.load' op has 1 extents and must have 2, one per axis of the tile}}
  %t = tile.load %m[%i, %i] extent(%i) : memref<4x8xf32> to tensor<4x8xf32>
  return
}

// -----

func.func @load_c2_memory(%m: memref<4x8xi32>, %i: index) {
  // expected-error@+1 {{operand #0 must be 1D/2D/3D/4D/5D memref of 32-bit float or 16-bit float or bfloat16 type or 8-bit signless integer values, but got 'memref<4x8xi32>'}}
  %t = tile.load %m[%i, %i] extent(%i, %i) : memref<4x8xi32> to tensor<4x8xf32>
  return
}

// -----

func.func @load_c2_element_types(%m: memref<4x8xf16>, %i: index) {
  // expected-error@+1 {{'tile.load' op reads memory of 'f16' as a tile of 'bf16', which only memory of 'bf16' can be read as}}
  %t = tile.load %m[%i, %i] extent(%i, %i) : memref<4x8xf16> to tensor<4x8xbf16>
  return
}

// -----

func.func @load_c3_rank(%m: memref<8xf32>, %i: index) {
  // expected-error@+1 {{'tile.load' op the tile has rank 2, more than the memory, 1}}
  %t = tile.load %m[%i] extent(%i, %i) : memref<8xf32> to tensor<4x8xf32>
  return
}

// -----

func.func @store_c1_offsets(%m: memref<4x8xf32>, %t: tensor<8xf32>, %i: index) {
  // expected-error@+1 {{'tile.store' op has 3 offsets and must have 2, one per axis of the memory}}
  tile.store %t, %m[%i, %i, %i] extent(%i) : tensor<8xf32> to memref<4x8xf32>
  return
}

// -----

func.func @store_c2_tile(%m: memref<8xf16>, %t: tensor<8xf16>, %i: index) {
  // expected-error@+1 {{operand #0 must be f32 tile (tensor of rank 1 or 2, sizes 1 to 65536), but got 'tensor<8xf16>'}}
  tile.store %t, %m[%i] extent(%i) : tensor<8xf16> to memref<8xf16>
  return
}

// -----

func.func @store_c3_rank(%m: memref<8xf32>, %t: tensor<4x8xf32>, %i: index) {
  // expected-error@+1 {{'tile.store' op the tile has rank 2, more than the memory, 1}}
  tile.store %t, %m[%i] extent(%i, %i) : tensor<4x8xf32> to memref<8xf32>
  return
}

// -----

func.func @tile_too_long(%i: index) {
  // expected-error@+1 {{result #0 must be tile (tensor of rank 1 or 2, sizes 1 to 65536, of f32, i1 or index), but got 'tensor<65537xindex>'}}
  %t = tile.iota %i : tensor<65537xindex>
  return
}

// -----

func.func @contract_c1_rank(%a: tensor<8xf32>, %n: index) {
  // expected-error@+1 {{'tile.contract' op lhs has type 'tensor<8xf32>' and must have rank 2}}
  %r = tile.contract %a axis 0, %a axis 0 into %a extent(%n) : tensor<8xf32>, tensor<8xf32> -> tensor<8xf32>
  return
}

// -----

func.func @contract_c1_axis(%a: tensor<8x8xf32>, %n: index) {
  // expected-error@+1 {{'tile.contract' op axis 2 of rhs is none of 'tensor<8x8xf32>'}}
  %r = tile.contract %a axis 0, %a axis 2 into %a extent(%n) : tensor<8x8xf32>, tensor<8x8xf32> -> tensor<8x8xf32>
  return
}

// -----

func.func @contract_c1_sizes(%a: tensor<8x4xf32>, %c: tensor<8x8xf32>, %n: index) {
  // expected-error@+1 {{'tile.contract' op the contracted axes have sizes 4 and 8 and must have one size}}
  %r = tile.contract %a axis 1, %a axis 0 into %c extent(%n) : tensor<8x4xf32>, tensor<8x4xf32> -> tensor<8x8xf32>
  return
}

// -----

func.func @contract_c2_result(%a: tensor<8x4xf32>, %c: tensor<4x8xf32>, %n: index) {
  // expected-error@+1 {{'tile.contract' op the result has type 'tensor<4x8xf32>' and must have 'tensor<8x8xf32>': the other axis of lhs, then the other axis of rhs}}
  %r = tile.contract %a axis 1, %a axis 1 into %c extent(%n) : tensor<8x4xf32>, tensor<8x4xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @contract_c2_bf16_sums(%a: tensor<8x4xbf16>, %c: tensor<8x8xbf16>, %n: index) {
  // expected-error@+1 {{operand #2 must be f32 tile (tensor of rank 1 or 2, sizes 1 to 65536), but got 'tensor<8x8xbf16>'}}
  %r = tile.contract %a axis 1, %a axis 1 into %c extent(%n) : tensor<8x4xbf16>, tensor<8x4xbf16> -> tensor<8x8xbf16>
  return
}

// -----

func.func @contract_c3_element_types(%a: tensor<8x4xf32>, %b: tensor<8x4xbf16>, %c: tensor<8x8xf32>, %n: index) {
  // expected-error@+1 {{'tile.contract' op multiplies 'f32' by 'bf16'; lhs and rhs must have one element type}}
  %r = tile.contract %a axis 1, %b axis 1 into %c extent(%n) : tensor<8x4xf32>, tensor<8x4xbf16> -> tensor<8x8xf32>
  return
}

// -----

func.func @reduce_c1_axis(%a: tensor<8x4xf32>, %n: index) {
  // expected-error@+1 {{'tile.reduce' op axis 2 of the tile is none of 'tensor<8x4xf32>'}}
  %r = tile.reduce max %a axis 2 extent(%n) : tensor<8x4xf32> -> tensor<8xf32>
  return
}

// -----

func.func @reduce_c1_result(%a: tensor<8x4xf32>, %n: index) {
  // expected-error@+1 {{'tile.reduce' op the result has type 'tensor<4xf32>' and must have 'tensor<8xf32>', the tile without axis 1}}
  %r = tile.reduce max %a axis 1 extent(%n) : tensor<8x4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @reduce_c1_scalar(%a: tensor<8xf32>, %n: index) {
  // expected-error@+1 {{'tile.reduce' op the result has type 'tensor<8xf32>' and must have 'f32', the tile without axis 0}}
  %r = tile.reduce add %a axis 0 extent(%n) : tensor<8xf32> -> tensor<8xf32>
  return
}

// -----

func.func @cumulative_sum_c1_axis(%a: tensor<8x4xf32>) {
  // expected-error@+1 {{'tile.cumulative_sum' op axis 2 of the tile is none of 'tensor<8x4xf32>'}}
  %r = tile.cumulative_sum %a axis 2 : tensor<8x4xf32>
  return
}

// -----

func.func @broadcast_c1_rank(%a: tensor<8x4xf32>) {
  // expected-error@+1 {{'tile.broadcast' op takes a rank-1 tile to a rank-2 tile, and not 'tensor<8x4xf32>' to 'tensor<8x4xf32>'}}
  %r = tile.broadcast %a axis 0 : tensor<8x4xf32> to tensor<8x4xf32>
  return
}

// -----

func.func @broadcast_c1_axis(%a: tensor<8xf32>) {
  // expected-error@+1 {{'tile.broadcast' op axis -1 of the result is none of 'tensor<8x4xf32>'}}
  %r = tile.broadcast %a axis -1 : tensor<8xf32> to tensor<8x4xf32>
  return
}

// -----

func.func @broadcast_c1_size(%a: tensor<8xf32>) {
  // expected-error@+1 {{'tile.broadcast' op axis 1 of 'tensor<8x4xf32>' must have the size and element type of 'tensor<8xf32>'}}
  %r = tile.broadcast %a axis 1 : tensor<8xf32> to tensor<8x4xf32>
  return
}

// -----

func.func @iota_c1_rank(%i: index) {
  // expected-error@+1 {{'tile.iota' op the result has type 'tensor<4x4xindex>' and must be a rank-1 tile of index}}
  %r = tile.iota %i : tensor<4x4xindex>
  return
}

// -----

func.func @any_c1_element(%a: tensor<8xf32>) {
  // expected-error@+1 {{'tile.any' op the tile has type 'tensor<8xf32>' and must be a rank-1 tile of i1}}
  %r = tile.any %a : tensor<8xf32>
  return
}

// -----

func.func @guard_c1_shape(%a: tensor<4xi1>, %t: tensor<8xf32>) {
  // expected-error@+1 {{'tile.guard' op failed to verify that allowed is an i1 tile of the same shape}}
  %r = "tile.guard"(%a, %t, %t) : (tensor<4xi1>, tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @guard_c2_outside(%a: tensor<8xi1>, %t: tensor<8xf32>) {
  // expected-error@+1 {{'tile.guard' op must be inside the step of a tile.fold, which knows whether the range is a boundary}}
  %r = tile.guard %a, %t else %t : tensor<8xf32>
  return
}

// -----

func.func @gather_c1_leading(%m: memref<4x8xi32>, %t: tensor<8xindex>,
                             %i: index) {
  // expected-error@+1 {{'tile.gather' op has 2 leading indices and must have one for each axis of the memory but the last, 1}}
  %r = tile.gather %m[%i, %i] at %t : memref<4x8xi32>, tensor<8xindex>
  return
}

// -----

func.func @gather_c1_none(%m: memref<4x8xi32>, %t: tensor<8xindex>) {
  // expected-error@+1 {{'tile.gather' op has 0 leading indices and must have one for each axis of the memory but the last, 1}}
  %r = tile.gather %m[] at %t : memref<4x8xi32>, tensor<8xindex>
  return
}

// -----

func.func @gather_c2_indices(%m: memref<8xi32>, %t: tensor<8xf32>) {
  // expected-error@+1 {{operand #1 must be}}
  %r = tile.gather %m[] at %t : memref<8xi32>, tensor<8xf32>
  return
}

// -----

func.func @gather_c2_memory(%m: memref<8xf32>, %t: tensor<8xindex>) {
  // expected-error@+1 {{operand #0 must be memref of 32-bit signless integer or 64-bit signless integer values, but got 'memref<8xf32>'}}
  %r = tile.gather %m[] at %t : memref<8xf32>, tensor<8xindex>
  return
}
