// RUN: attn-opt %s --split-input-file --verify-diagnostics

!t = tensor<2x4x8x16xf32>
func.func @attend_c1_query_rank(%q: tensor<4x8x16xf32>, %k: !t) {
  // expected-error@+1 {{'attn.attend' op query has rank 3 and must have rank 4: [batch, heads, query_length, dim]}}
  attn.attend %q, %k, %k : (tensor<4x8x16xf32>, !t, !t) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c1_key_rank(%q: !t, %k: tensor<8x16xf32>) {
  // expected-error@+1 {{'attn.attend' op key has rank 2 and must have rank 4: [batch, kv_heads, kv_length, dim]}}
  attn.attend %q, %k, %q : (!t, tensor<8x16xf32>, !t) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c2_key_element(%q: !t, %k: tensor<2x4x8x16xf16>) {
  // expected-error@+1 {{'attn.attend' op key has element type 'f16' and query has 'f32': query, key, value and out must have the same}}
  attn.attend %q, %k, %q : (!t, tensor<2x4x8x16xf16>, !t) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf16>
func.func @attend_c2_out_element(%q: !t) {
  // expected-error@+1 {{'attn.attend' op out has element type 'bf16' and query has 'f16'}}
  attn.attend %q, %q, %q : (!t, !t, !t) -> tensor<2x4x8x16xbf16>
  return
}

// -----

!t = tensor<2x4x8x16xf64>
func.func @attend_c2_float64(%q: !t) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 32-bit float or 16-bit float or bfloat16 type values, but got 'tensor<2x4x8x16xf64>'}}
  attn.attend %q, %q, %q : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<2x6x8x16xf32>
!kv = tensor<2x4x8x16xf32>
func.func @attend_c3_heads_not_divisible(%q: !t, %k: !kv) {
  // expected-error@+1 {{'attn.attend' op query has 6 heads and key has 4: the query heads must be a multiple of the kv_heads}}
  attn.attend %q, %k, %k : (!t, !kv, !kv) -> !t
  return
}

// -----

!t = tensor<2x6x8x16xf32>
!kv = tensor<2x0x8x16xf32>
func.func @attend_c3_no_kv_heads(%q: !t, %k: !kv) {
  // expected-error@+1 {{'attn.attend' op query has 6 heads and key has 0: the query heads must be}}
  attn.attend %q, %k, %k : (!t, !kv, !kv) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c3_kv_heads_differ(%q: !t, %v: tensor<2x2x8x16xf32>) {
  // expected-error@+1 {{'attn.attend' op kv_heads of value is 2 and that of key is 4: they must be equal}}
  attn.attend %q, %q, %v : (!t, !t, tensor<2x2x8x16xf32>) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c4_dims_differ(%q: !t, %k: tensor<2x4x8x32xf32>) {
  // expected-error@+1 {{'attn.attend' op dim of key is 32 and that of query is 16: they must be equal}}
  attn.attend %q, %k, %q : (!t, tensor<2x4x8x32xf32>, !t) -> !t
  return
}

// -----

!t = tensor<?x?x?x?xf32>
func.func @attend_c4_dim_dynamic(%q: !t) {
  // expected-error@+1 {{'attn.attend' op dim of query is dynamic and must be a number: write it in place of the '?', as in tensor<?x?x?x64xf32>}}
  attn.attend %q, %q, %q : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
!v = tensor<2x4x8x0xf32>
func.func @attend_c4_no_value_dim(%q: !t, %v: !v) {
  // expected-error@+1 {{'attn.attend' op value_dim of value is 0 and must be positive}}
  attn.attend %q, %q, %v : (!t, !t, !v) -> !v
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c5_batch(%q: !t, %k: tensor<3x4x8x16xf32>) {
  // expected-error@+1 {{'attn.attend' op batch of key is 3 and that of query is 2: they must be equal}}
  attn.attend %q, %k, %q : (!t, tensor<3x4x8x16xf32>, !t) -> !t
  return
}

// -----

// The query does not say what the batch is; key and value still disagree.
!t = tensor<?x4x8x16xf32>
func.func @attend_c5_batch_of_kv(%q: !t, %k: tensor<3x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) {
  // expected-error@+1 {{'attn.attend' op batch of value is 2 and that of key is 3: they must be equal}}
  attn.attend %q, %k, %v : (!t, tensor<3x4x8x16xf32>, tensor<2x4x8x16xf32>) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c5_kv_length(%q: !t, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x6x16xf32>) {
  // expected-error@+1 {{'attn.attend' op kv_length of value is 6 and that of key is 5: they must be equal}}
  attn.attend %q, %k, %v : (!t, tensor<2x4x5x16xf32>, tensor<2x4x6x16xf32>) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c6_out_length(%q: !t) {
  // expected-error@+1 {{'attn.attend' op query_length of out is 9 and that of query is 8: they must be equal}}
  attn.attend %q, %q, %q : (!t, !t, !t) -> tensor<2x4x9x16xf32>
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c6_out_dim(%q: !t, %v: tensor<2x4x8x24xf32>) {
  // expected-error@+1 {{'attn.attend' op value_dim of out is 16 and that of value is 24: they must be equal}}
  attn.attend %q, %q, %v : (!t, !t, tensor<2x4x8x24xf32>) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c6_out_rank(%q: !t) {
  // expected-error@+1 {{'attn.attend' op out has rank 3 and must have rank 4: [batch, heads, query_length, value_dim]}}
  attn.attend %q, %q, %q : (!t, !t, !t) -> tensor<8x8x16xf32>
  return
}

// -----

!t = tensor<2x4x8x16xf16>
func.func @attend_c7_lse_element(%q: !t) {
  // expected-error@+1 {{'attn.attend' op lse has element type 'f16' and must have f32, in which it is computed}}
  attn.attend %q, %q, %q : (!t, !t, !t) -> (!t, tensor<2x4x8xf16>)
  return
}

// -----

!t = tensor<2x4x8x16xf16>
func.func @attend_c7_lse_shape(%q: !t) {
  // expected-error@+1 {{'attn.attend' op heads of lse is 3 and that of query is 4: they must be equal}}
  attn.attend %q, %q, %q : (!t, !t, !t) -> (!t, tensor<2x3x8xf32>)
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @attend_c10_scale_infinite(%q: !t) {
  // expected-error@+1 {{'attn.attend' op scale is INF and must be finite}}
  attn.attend %q, %q, %q scale 0x7FF0000000000000 : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<1048576x1048576x2x16xf32>
func.func @attend_c11_too_many_elements(%q: !t) {
  // expected-error@+1 {{'attn.attend' op type 'tensor<1048576x1048576x2x16xf32>' has more than 2^40 elements}}
  attn.attend %q, %q, %q : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<2x4x8x16xf32>
func.func @mask_is_no_mask(%q: !t) {
  // expected-error@+1 {{invalid kind of attribute specified}}
  attn.attend %q, %q, %q mask(#attn.causal) : (!t, !t, !t) -> !t
  return
}
