// RUN: attn-opt %s --split-input-file --verify-diagnostics

!t = tensor<2x4x8x16xf32>
func.func @attend_c12_unbound(%q: !t) {
  // expected-error@+1 {{'attn.attend' op the mask reads 'doc', and nothing is bound to that name: add tables(doc = %value)}}
  attn.attend %q, %q, %q mask(#attn.mask<document<doc>>) : (!t, !t, !t) -> !t
  return
}

// -----

// A name inside another mask needs its table, too.
!t = tensor<2x4x8x16xf32>
func.func @attend_c12_unbound_number(%q: !t, %doc: tensor<8xi32>) {
  // expected-error@+1 {{'attn.attend' op the mask reads 'w', and nothing is bound to that name: add tables(w = %value)}}
  attn.attend %q, %q, %q mask(#attn.mask<document<doc> and not window<w, 0>>)
    tables(doc = %doc) : (!t, !t, !t, tensor<8xi32>) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c12_bound_twice(%q: !t, %n: index) {
  // expected-error@+1 {{'attn.attend' op binds the table 'n' twice}}
  attn.attend %q, %q, %q mask(#attn.mask<prefix<n>>) tables(n = %n, n = %n)
    : (!t, !t, !t, index, index) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c12_not_read(%q: !t, %n: index) {
  // expected-error@+1 {{'attn.attend' op binds the table 'm', which the mask does not read}}
  attn.attend %q, %q, %q mask(#attn.mask<prefix<n>>) tables(n = %n, m = %n)
    : (!t, !t, !t, index, index) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c12_without_mask(%q: !t, %n: index) {
  // expected-error@+1 {{'attn.attend' op binds the table 'n', which the mask does not read}}
  attn.attend %q, %q, %q tables(n = %n) : (!t, !t, !t, index) -> !t
  return
}

// -----

// Only the generic form can leave out a name.
!t = tensor<2x4x8x16xf32>
func.func @attend_c12_names_missing(%q: !t, %n: index) {
  // expected-error@+1 {{'attn.attend' op table_names must hold one name per table}}
  %o = "attn.attend"(%q, %q, %q, %n) <{operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1, 0, 0>}> ({
  }, {
  }) : (!t, !t, !t, index) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c13_number_for_a_table(%q: !t, %n: index) {
  // expected-error@+1 {{'attn.attend' op table 'doc' is 'index' and the mask reads doc(q): it must have 1 axes, or one more in front for the batch}}
  attn.attend %q, %q, %q mask(#attn.mask<document<doc>>) tables(doc = %n)
    : (!t, !t, !t, index) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c13_too_many_axes(%q: !t, %n: tensor<2x2x8xi32>) {
  // expected-error@+1 {{'attn.attend' op table 'doc' is 'tensor<2x2x8xi32>' and the mask reads doc(q): it must have 1 axes, or one more in front for the batch}}
  attn.attend %q, %q, %q mask(#attn.mask<document<doc>>) tables(doc = %n)
    : (!t, !t, !t, tensor<2x2x8xi32>) -> !t
  return
}

// -----

// One axis per position, in the order in which the look-up names them.
!t = tensor<2x4x8x16xf32>
func.func @attend_c13_heads_extent(%q: !t, %n: tensor<3x8xi32>) {
  // expected-error@+1 {{'attn.attend' op heads of flag is 3 and that of query is 4: they must be equal}}
  attn.attend %q, %q, %q mask(#attn.mask<"flag(h, k) == 1">) tables(flag = %n)
    : (!t, !t, !t, tensor<3x8xi32>) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c13_length_extent(%q: !t, %n: tensor<9xi32>) {
  // expected-error@+1 {{'attn.attend' op kv_length of doc is 9 and that of key is 8: they must be equal}}
  attn.attend %q, %q, %q mask(#attn.mask<document<doc>>) tables(doc = %n)
    : (!t, !t, !t, tensor<9xi32>) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c13_batch_extent(%q: !t, %n: tensor<3x8xi32>) {
  // expected-error@+1 {{'attn.attend' op batch of doc is 3 and that of query is 2: they must be equal}}
  attn.attend %q, %q, %q mask(#attn.mask<document<doc>>) tables(doc = %n)
    : (!t, !t, !t, tensor<3x8xi32>) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c13_float_table(%q: !t, %n: tensor<8xf32>) {
  // expected-error@+1 {{operand #3 must be variadic of index or ranked tensor of 32-bit signless integer or 64-bit signless integer values, but got 'tensor<8xf32>'}}
  attn.attend %q, %q, %q mask(#attn.mask<document<doc>>) tables(doc = %n)
    : (!t, !t, !t, tensor<8xf32>) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c14_out_alone(%q: !t) {
  // expected-error@+1 {{'attn.attend' op has only one of initial_out and initial_lse, and the carry is both}}
  %o = "attn.attend"(%q, %q, %q, %q) <{operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 1, 0>}> ({
  }, {
  }) : (!t, !t, !t, !t) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf16>
func.func @attend_c14_out_element(%q: !t, %l: tensor<2x4x8xf32>) {
  // expected-error@+1 {{'attn.attend' op initial_out has element type 'f16' and must have f32, in which it is computed}}
  attn.attend %q, %q, %q init(%q, %l)
    : (!t, !t, !t, !t, tensor<2x4x8xf32>) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c14_lse_element(%q: !t, %l: tensor<2x4x8xf16>) {
  // expected-error@+1 {{'attn.attend' op initial_lse has element type 'f16' and must have f32, in which it is computed}}
  attn.attend %q, %q, %q init(%q, %l)
    : (!t, !t, !t, !t, tensor<2x4x8xf16>) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c14_out_value_dim(%q: !t, %o: tensor<2x4x8x8xf32>,
                                    %l: tensor<2x4x8xf32>) {
  // expected-error@+1 {{'attn.attend' op value_dim of initial_out is 8 and that of out is 16: they must be equal}}
  attn.attend %q, %q, %q init(%o, %l)
    : (!t, !t, !t, tensor<2x4x8x8xf32>, tensor<2x4x8xf32>) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c14_lse_rank(%q: !t) {
  // expected-error@+1 {{'attn.attend' op initial_lse has rank 4 and must have rank 3: [batch, heads, query_length]}}
  attn.attend %q, %q, %q init(%q, %q) : (!t, !t, !t, !t, !t) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c15_lattice_of_one(%q: !t) {
  // expected-error@+1 {{'attn.attend' op lattice is 1 and must be from 2 to 1048576}}
  attn.attend %q, %q, %q lattice 1 : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c15_large_lattice(%q: !t) {
  // expected-error@+1 {{'attn.attend' op lattice is 1048577 and must be from 2 to 1048576}}
  attn.attend %q, %q, %q lattice 1048577 : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c15_lattice_with_table(%q: !t, %ids: tensor<8xi32>) {
  // expected-error@+1 {{'attn.attend' op has a lattice and a mask that reads ids(q), which is not supported: write the lattice into the mask, as "(q - k) mod 3 == 0"}}
  attn.attend %q, %q, %q mask(#attn.mask<document<ids>>) tables(ids = %ids) lattice 3
    : (!t, !t, !t, tensor<8xi32>) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c13_offsets(%q: !t, %cu: tensor<2x3xi32>) {
  // expected-error@+1 {{'attn.attend' op table 'cu' is 'tensor<2x3xi32>' and must be a tensor of rank 1}}
  attn.attend %q, %q, %q mask(#attn.mask<packed<cu>>) tables(cu = %cu)
    : (!t, !t, !t, tensor<2x3xi32>) -> !t
  return
}
