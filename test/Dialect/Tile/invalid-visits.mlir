// RUN: attn-opt %s --split-input-file --verify-diagnostics

func.func @visit_c1_outside(%i: index) {
  // expected-error@+1 {{'tile.visit' op stands outside of the ranges of a tile.fold, which are what it adds to}}
  tile.visit %i, %i, %i, %i
  return
}

// -----

func.func @visit_c1_step(%i: index) {
  tile.fold rows(%i, %i) keys 4 lanes 8 axes [] ranges {
  ^bb0(%first: index, %rows: index):
    tile.yield
  } step {
  ^bb0(%key: index, %keys: index):
    // expected-error@+1 {{'tile.visit' op stands outside of the ranges of a tile.fold, which are what it adds to}}
    tile.visit %i, %i, %i, %i
    tile.yield
  }
  return
}

// -----

// Loops around it are no way out of the ranges.
func.func @visit_c1_loop(%i: index) {
  scf.for %j = %i to %i step %i {
    // expected-error@+1 {{'tile.visit' op stands outside of the ranges of a tile.fold, which are what it adds to}}
    tile.visit %j, %j, %j, %j
  }
  return
}
