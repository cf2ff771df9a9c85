// RUN: attn-opt %s --split-input-file --verify-diagnostics

// Integers and f8 are both bytes; guessing would give numbers, but not those.
func.func @load_c6_bytes(%m: memref<4x8xi8>, %i: index) {
  // expected-error@+1 {{'tile.load' op does not say what bytes stand for: add 'as i8', i4, f8E4M3FN or f8E5M2}}
  %t = tile.load %m[%i, %i] extent(%i, %i) : memref<4x8xi8> to tensor<4x8xf32>
  return
}

// -----

func.func @load_c6_floats(%m: memref<4x8xf16>, %i: index) {
  // expected-error@+1 {{'tile.load' op says what bytes stand for, and its memory is not of bytes}}
  %t = tile.load %m[%i, %i] extent(%i, %i) as f8E5M2 : memref<4x8xf16> to tensor<4x8xf32>
  return
}

// -----

func.func @load_c6_encoding(%m: memref<4x8xi8>, %i: index) {
  // expected-error@+1 {{'tile.load' op reads bytes as 'ui8'; they are i8, i4, f8E4M3FN or f8E5M2}}
  %t = tile.load %m[%i, %i] extent(%i, %i) as ui8 : memref<4x8xi8> to tensor<4x8xf32>
  return
}

// -----

func.func @load_c7_rank(%m: memref<4x8xi8>, %i: index) {
  // expected-error@+1 {{'tile.load' op reads i4 into 'tensor<8xf32>', which must have rank 2 and an even last size}}
  %t = tile.load %m[%i, %i] extent(%i) as i4 : memref<4x8xi8> to tensor<8xf32>
  return
}

// -----

// Half of the last byte would be read.
func.func @load_c7_odd(%m: memref<4x8xi8>, %i: index) {
  // expected-error@+1 {{'tile.load' op reads i4 into 'tensor<4x15xf32>', which must have rank 2 and an even last size}}
  %t = tile.load %m[%i, %i] extent(%i, %i) as i4 : memref<4x8xi8> to tensor<4x15xf32>
  return
}

// -----

func.func @repeat_c1_rank(%t: tensor<4xf32>) {
  // expected-error@+1 {{'tile.repeat' op takes a rank-2 tile to one of as many rows and a multiple of its columns, and not 'tensor<4xf32>' to 'tensor<4x8xf32>'}}
  %r = tile.repeat %t : tensor<4xf32> to tensor<4x8xf32>
  return
}

// -----

func.func @repeat_c1_rows(%t: tensor<4x2xf32>) {
  // expected-error@+1 {{'tile.repeat' op takes a rank-2 tile to one of as many rows and a multiple of its columns, and not 'tensor<4x2xf32>' to 'tensor<8x8xf32>'}}
  %r = tile.repeat %t : tensor<4x2xf32> to tensor<8x8xf32>
  return
}

// -----

func.func @repeat_c2_columns(%t: tensor<4x3xf32>) {
  // expected-error@+1 {{'tile.repeat' op takes a rank-2 tile to one of as many rows and a multiple of its columns, and not 'tensor<4x3xf32>' to 'tensor<4x8xf32>'}}
  %r = tile.repeat %t : tensor<4x3xf32> to tensor<4x8xf32>
  return
}
