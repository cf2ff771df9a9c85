// RUN: attn-opt %s --split-input-file --verify-diagnostics

!t = tensor<2x4x8x16xf32>
func.func @attend_c8_arguments(%q: !t) {
  // expected-error@+1 {{'attn.attend' op the score region must take (score: f32, b: index, h: index, q: index, k: index) and takes ('f32', 'index', 'index')}}
  attn.attend %q, %q, %q score {
  ^bb0(%s: f32, %i: index, %j: index):
    attn.yield %s : f32
  } : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c8_result(%q: !t) {
  attn.attend %q, %q, %q score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %half = arith.truncf %s : f32 to f16
    // expected-error@+1 {{operand #0 must be 32-bit float or 1-bit signless integer, but got 'f16'}}
    attn.yield %half : f16
  } : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c8_terminator(%q: !t) {
  attn.attend %q, %q, %q score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    // expected-error@+1 {{'llvm.unreachable' op ends the score region, and attn.yield must}}
    llvm.unreachable
  } : (!t, !t, !t) -> !t
  return
}

// -----

func.func @yield_elsewhere(%x: f32) {
  // expected-error@+1 {{'attn.yield' op expects parent op to be one of 'attn.attend, attn.scan, attn.convolve, attn.state_space'}}
  attn.yield %x : f32
}

// -----

func.func private @f(f32) -> f32
!t = tensor<2x4x8x16xf32>
func.func @attend_c9_call(%q: !t) {
  attn.attend %q, %q, %q score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    // expected-error@+1 {{'func.call' op cannot be in the score region: use arith and math ops on scalars, tensor.dim, and tensor.extract of a table}}
    %r = func.call @f(%s) : (f32) -> f32
    attn.yield %r : f32
  } : (!t, !t, !t) -> !t
  return
}

// -----

// An elementwise op on something that is no scalar.
!t = tensor<2x4x8x16xf32>
func.func @attend_c9_vector(%q: !t) {
  attn.attend %q, %q, %q score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    // expected-error@+1 {{'arith.addf' op cannot be in the score region: use arith and math ops}}
    %r = arith.addf %q, %q : !t
    attn.yield %s : f32
  } : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c9_index_computed(%q: !t, %table: tensor<?xf32>) {
  attn.attend %q, %q, %q score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %d = arith.subi %i, %j : index
    // expected-error@+1 {{'tensor.extract' op cannot be in the score region: index 0 is computed, and a look-up that cannot leave its table is indexed by b or h or a constant}}
    %r = tensor.extract %table[%d] : tensor<?xf32>
    attn.yield %r : f32
  } : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c9_index_outside(%q: !t, %table: tensor<2x3xf32>) {
  attn.attend %q, %q, %q score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %c3 = arith.constant 3 : index
    // expected-error@+1 {{'tensor.extract' op cannot be in the score region: index 1 is 3, outside the table's extent 3}}
    %r = tensor.extract %table[%b, %c3] : tensor<2x3xf32>
    attn.yield %r : f32
  } : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c9_index_unchecked(%q: !t, %table: tensor<2x?xf32>) {
  attn.attend %q, %q, %q score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %c3 = arith.constant 3 : index
    // expected-error@+1 {{'tensor.extract' op cannot be in the score region: index 1 is a constant, and the extent of that axis must be static for it to be checked}}
    %r = tensor.extract %table[%b, %c3] : tensor<2x?xf32>
    attn.yield %r : f32
  } : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c9_table_extent(%q: !t, %table: tensor<3xf32>) {
  // expected-error@+1 {{'attn.attend' op heads of a table is 3 and that of query is 4: they must be equal}}
  attn.attend %q, %q, %q score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %r = tensor.extract %table[%h] : tensor<3xf32>
    attn.yield %r : f32
  } : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c9_table_rank(%q: !t, %table: tensor<2x2x2x2x4xf32>) {
  attn.attend %q, %q, %q score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    // expected-error@+1 {{'tensor.extract' op cannot be in the score region: its table has rank 5, at most 4}}
    %r = tensor.extract %table[%b, %b, %b, %b, %h] : tensor<2x2x2x2x4xf32>
    attn.yield %r : f32
  } : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c9_table_element(%q: !t, %table: tensor<4xcomplex<f32>>) {
  attn.attend %q, %q, %q score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    // expected-error@+1 {{'tensor.extract' op cannot be in the score region: its table must be of integers or floats}}
    %r = tensor.extract %table[%h] : tensor<4xcomplex<f32>>
    attn.yield %s : f32
  } : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c9_dim_computed(%q: !t) {
  attn.attend %q, %q, %q score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    // expected-error@+1 {{'tensor.dim' op cannot be in the score region: its dimension must be a constant below the rank of the tensor}}
    %n = tensor.dim %q, %h : !t
    attn.yield %s : f32
  } : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c9_dim_outside(%q: !t) {
  attn.attend %q, %q, %q score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %c4 = arith.constant 4 : index
    // expected-error@+1 {{'tensor.dim' op cannot be in the score region: its dimension must be a constant below the rank}}
    %n = tensor.dim %q, %c4 : !t
    attn.yield %s : f32
  } : (!t, !t, !t) -> !t
  return
}
