// RUN: attn-opt %s --split-input-file --verify-diagnostics

!t = tensor<2x4x8x16xf32>
func.func @attend_c16_arguments(%q: !t) {
  // expected-error@+1 {{'attn.attend' op the where region must take (b: index, h: index, q: index, k: index) and takes ('index', 'index')}}
  attn.attend %q, %q, %q where {
  ^bb0(%i: index, %j: index):
    %x = arith.cmpi sle, %j, %i : index
    attn.yield %x : i1
  } : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c16_result(%q: !t, %x: f32) {
  attn.attend %q, %q, %q where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    // expected-error@+1 {{'attn.yield' op yields 'f32' from the where region, which must yield 'i1'}}
    attn.yield %x : f32
  } : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c8_truth(%q: !t, %x: i1) {
  attn.attend %q, %q, %q score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    // expected-error@+1 {{'attn.yield' op yields 'i1' from the score region, which must yield 'f32'}}
    attn.yield %x : i1
  } : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c17_op(%q: !t) {
  attn.attend %q, %q, %q where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %x = arith.cmpi sle, %j, %i : index
    // expected-error@+1 {{'scf.if' op cannot be in the where region: use arith and math ops on scalars}}
    scf.if %x {
    }
    attn.yield %x : i1
  } : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c17_index(%q: !t, %table: tensor<8xi32>) {
  attn.attend %q, %q, %q where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %d = arith.subi %i, %j : index
    // expected-error@+1 {{'tensor.extract' op cannot be in the where region: index 0 is computed, and a look-up that cannot leave its table is indexed by b or h or q or k or a constant}}
    %r = tensor.extract %table[%d] : tensor<8xi32>
    %x = arith.cmpi eq, %r, %r : i32
    attn.yield %x : i1
  } : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c17_extent(%q: !t, %table: tensor<9xi32>) {
  // expected-error@+1 {{'attn.attend' op kv_length}}
  attn.attend %q, %q, %q where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %r = tensor.extract %table[%j] : tensor<9xi32>
    %x = arith.cmpi eq, %r, %r : i32
    attn.yield %x : i1
  } : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c17_two_results(%q: !t) {
  attn.attend %q, %q, %q where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %n = arith.index_cast %i : index to i64
    // expected-error@+1 {{'arith.addui_extended' op cannot be in the where region: use arith and math ops on scalars}}
    %s, %x = arith.addui_extended %n, %n : i64, i1
    attn.yield %x : i1
  } : (!t, !t, !t) -> !t
  return
}
