// RUN: attn-opt %s --split-input-file --verify-diagnostics

func.func @kernel_c1_count(%o: memref<4xf32>, %n: index) {
  // expected-error@+1 {{'tile.kernel' op the body takes 1 arguments and must take 2: one index per grid dimension, then one memref per input and output}}
  tile.kernel grid(%n) outs(%o : memref<4xf32>) {
  ^bb0(%b: index):
  }
  return
}

// -----

func.func @kernel_c1_grid_index(%o: memref<4xf32>, %n: index) {
  // expected-error@+1 {{'tile.kernel' op argument 0 of the body has type 'i32' and must be index, the grid index}}
  tile.kernel grid(%n) outs(%o : memref<4xf32>) {
  ^bb0(%b: i32, %out: memref<4xf32>):
  }
  return
}

// -----

func.func @kernel_c2_shape(%o: memref<4xf32>, %n: index) {
  // expected-error@+1 {{'tile.kernel' op argument 1 of the body has type 'memref<5xf32>' and must be a memref of the shape and element type of its operand, 'memref<4xf32>'}}
  tile.kernel grid(%n) outs(%o : memref<4xf32>) {
  ^bb0(%b: index, %out: memref<5xf32>):
  }
  return
}

// -----

func.func @kernel_c2_tensor(%o: tensor<4xf32>, %n: index) -> tensor<4xf32> {
  // expected-error@+1 {{'tile.kernel' op argument 1 of the body has type 'tensor<4xf32>' and must be a memref of}}
  %r = tile.kernel grid(%n) outs(%o : tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%b: index, %out: tensor<4xf32>):
  }
  return %r : tensor<4xf32>
}

// -----

func.func @kernel_c3_no_result(%o: tensor<4xf32>, %n: index) {
  // expected-error@+1 {{'tile.kernel' op expected the number of tensor results (0) to be equal to the number of output tensors (1)}}
  tile.kernel grid(%n) outs(%o : tensor<4xf32>) {
  ^bb0(%b: index, %out: memref<4xf32>):
  }
  return
}

// -----

func.func @fold_c1_result(%i: index, %t: tensor<8xf32>) {
  // expected-error@+1 {{'tile.fold' op init has types ('tensor<8xf32>') and the results have ('tensor<16xf32>'): they must be the same}}
  %r = tile.fold rows(%i, %i) keys 4 lanes 8 axes [0] init(%t : tensor<8xf32>) ranges {
  ^bb0(%first: index, %rows: index):
    tile.yield
  } step {
  ^bb0(%key: index, %keys: index, %m: tensor<8xf32>):
    tile.yield %m : tensor<8xf32>
  } -> tensor<16xf32>
  return
}

// -----

func.func @fold_c2_count(%i: index, %t: tensor<8xf32>) {
  // expected-error@+1 {{'tile.fold' op has 2 axes and must have one per component of the carry, 1}}
  %r = tile.fold rows(%i, %i) keys 4 lanes 8 axes [0, -1] init(%t : tensor<8xf32>) ranges {
  ^bb0(%first: index, %rows: index):
    tile.yield
  } step {
  ^bb0(%key: index, %keys: index, %m: tensor<8xf32>):
    tile.yield %m : tensor<8xf32>
  } -> tensor<8xf32>
  return
}

// -----

func.func @fold_c2_axis(%i: index, %t: tensor<8xf32>) {
  // expected-error@+1 {{'tile.fold' op axis 1 is none of 'tensor<8xf32>': write -1 for a component without an independent axis}}
  %r = tile.fold rows(%i, %i) keys 4 lanes 8 axes [1] init(%t : tensor<8xf32>) ranges {
  ^bb0(%first: index, %rows: index):
    tile.yield
  } step {
  ^bb0(%key: index, %keys: index, %m: tensor<8xf32>):
    tile.yield %m : tensor<8xf32>
  } -> tensor<8xf32>
  return
}

// -----

func.func @fold_c3_arguments(%i: index) {
  // expected-error@+1 {{'tile.fold' op the ranges region takes ('index') and must take (index, index), the first row and the number of rows}}
  tile.fold rows(%i, %i) keys 4 lanes 8 axes [] ranges {
  ^bb0(%first: index):
    tile.yield
  } step {
  ^bb0(%key: index, %keys: index):
    tile.yield
  }
  return
}

// -----

func.func @fold_c3_yield(%i: index) {
  // expected-error@+1 {{'tile.fold' op the ranges region yields ('index', 'index') and must yield nothing: write a tile.visit for each range of keys}}
  tile.fold rows(%i, %i) keys 4 lanes 8 axes [] ranges {
  ^bb0(%first: index, %rows: index):
    tile.yield %first, %rows : index, index
  } step {
  ^bb0(%key: index, %keys: index):
    tile.yield
  }
  return
}

// -----

func.func @fold_c3_terminator(%i: index) {
  tile.fold rows(%i, %i) keys 4 lanes 8 axes [] ranges {
  ^bb0(%first: index, %rows: index):
    // expected-error@+1 {{'llvm.unreachable' op ends the ranges region, and tile.yield must}}
    llvm.unreachable
  } step {
  ^bb0(%key: index, %keys: index):
    tile.yield
  }
  return
}

// -----

func.func @fold_c4_arguments(%i: index, %t: tensor<8xf32>) {
  // expected-error@+1 {{'tile.fold' op the step region takes ('index', 'tensor<8xf32>') and must take ('index', 'index', 'tensor<8xf32>'), the first key, the number of keys and the carry}}
  %r = tile.fold rows(%i, %i) keys 4 lanes 8 axes [0] init(%t : tensor<8xf32>) ranges {
  ^bb0(%first: index, %rows: index):
    tile.yield
  } step {
  ^bb0(%key: index, %m: tensor<8xf32>):
    tile.yield %m : tensor<8xf32>
  } -> tensor<8xf32>
  return
}

// -----

func.func @fold_c4_yield(%i: index, %t: tensor<8xf32>) {
  // expected-error@+1 {{'tile.fold' op the step region yields () and must yield ('tensor<8xf32>'), the carry}}
  %r = tile.fold rows(%i, %i) keys 4 lanes 8 axes [0] init(%t : tensor<8xf32>) ranges {
  ^bb0(%first: index, %rows: index):
    tile.yield
  } step {
  ^bb0(%key: index, %keys: index, %m: tensor<8xf32>):
    tile.yield
  } -> tensor<8xf32>
  return
}

// -----

func.func @fold_c5_sizes(%i: index, %t: tensor<8xf32>, %s: tensor<16xf32>) {
  // expected-error@+1 {{'tile.fold' op the independent axes have sizes 8 and 16 and must have one size}}
  %r:2 = tile.fold rows(%i, %i) keys 4 lanes 8 axes [0, 0] init(%t, %s : tensor<8xf32>, tensor<16xf32>) ranges {
  ^bb0(%first: index, %rows: index):
    tile.yield
  } step {
  ^bb0(%key: index, %keys: index, %m: tensor<8xf32>, %n: tensor<16xf32>):
    tile.yield %m, %n : tensor<8xf32>, tensor<16xf32>
  } -> tensor<8xf32>, tensor<16xf32>
  return
}

// -----

func.func @fold_c5_lanes(%i: index, %t: tensor<12xf32>) {
  // expected-error@+1 {{'tile.fold' op the independent axis has size 12 and must be a multiple of lanes, 8}}
  %r = tile.fold rows(%i, %i) keys 4 lanes 8 axes [0] init(%t : tensor<12xf32>) ranges {
  ^bb0(%first: index, %rows: index):
    tile.yield
  } step {
  ^bb0(%key: index, %keys: index, %m: tensor<12xf32>):
    tile.yield %m : tensor<12xf32>
  } -> tensor<12xf32>
  return
}

// -----

func.func @fold_c6_lanes(%i: index) {
  // expected-error@+1 {{'tile.fold' op lanes is 0 and must be from 1 to 65536}}
  tile.fold rows(%i, %i) keys 4 lanes 0 axes [] ranges {
  ^bb0(%first: index, %rows: index):
    tile.yield
  } step {
  ^bb0(%key: index, %keys: index):
    tile.yield
  }
  return
}

// -----

func.func @fold_c6_keys(%i: index) {
  // expected-error@+1 {{'tile.fold' op keys is 65537 and must be from 1 to 65536}}
  tile.fold rows(%i, %i) keys 65537 lanes 1 axes [] ranges {
  ^bb0(%first: index, %rows: index):
    tile.yield
  } step {
  ^bb0(%key: index, %keys: index):
    tile.yield
  }
  return
}

// -----

func.func @fold_c7_rows(%i: index, %t: tensor<8xf32>) {
  // expected-error@+1 {{'tile.fold' op rows_follow_axis needs an independent axis, and every axis is -1}}
  %r = tile.fold rows(%i, %i) keys 4 lanes 8 axes [-1] rows_follow_axis init(%t : tensor<8xf32>) ranges {
  ^bb0(%first: index, %rows: index):
    tile.yield
  } step {
  ^bb0(%key: index, %keys: index, %m: tensor<8xf32>):
    tile.yield %m : tensor<8xf32>
  } -> tensor<8xf32>
  return
}

// -----

func.func @yield_elsewhere() {
  // expected-error@+1 {{'tile.yield' op expects parent op 'tile.fold'}}
  tile.yield
}
