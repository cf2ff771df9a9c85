// RUN: attn-opt %s --split-input-file --verify-diagnostics

!kv = !attn.kv<2x8xf16>
func.func @read_c1_argument(%c: !kv) {
  // expected-error@+1 {{'attn.read' op reads a cache that no attn.cache of this function makes}}
  attn.read %c : !kv to tensor<?x2x?x8xf32>
  return
}

// -----

!kv = !attn.kv<2x8xf16>
func.func @read_rank(%d: tensor<?x2x?x8xf16>) {
  %c = attn.cache %d : (tensor<?x2x?x8xf16>) -> !kv
  // expected-error@+1 {{'attn.read' op yields 'tensor<?x2x8xf32>' and '!attn.kv<2x8xf16>' holds a 'tensor<?x2x?x8xf32>'}}
  attn.read %c : !kv to tensor<?x2x8xf32>
  return
}

// -----

!kv = !attn.kv<2x8xf16, rolling<64>>
func.func @read_length(%d: tensor<?x2x64x8xf16>, %n: tensor<?xi32>) {
  %c = attn.cache %d lengths(%n) : (tensor<?x2x64x8xf16>, tensor<?xi32>) -> !kv
  // expected-error@+1 {{'attn.read' op yields 'tensor<?x2x65x8xf32>' and '!attn.kv<2x8xf16, rolling<64>>' holds a 'tensor<?x2x64x8xf32>'}}
  attn.read %c : !kv to tensor<?x2x65x8xf32>
  return
}

// -----

// The classes of a sequence begin where the sequence does.
!t = tensor<?x4x?x8xf32>
func.func @attend_c15_lengths(%q: !t, %n: tensor<?xi32>) {
  // expected-error@+1 {{'attn.attend' op has a lattice beside lengths or a cache, which is not supported: write the lattice into the mask, as "(q - k) mod 3 == 0"}}
  attn.attend %q, %q, %q query_lengths(%n) lattice 3 : (!t, !t, !t, tensor<?xi32>) -> !t
  return
}

// -----

!t = tensor<?x4x?x8xf32>
!kv = !attn.kv<2x8xf16>
func.func @attend_c15_cache(%q: !t, %d: tensor<?x2x?x8xf16>) {
  %c = attn.cache %d : (tensor<?x2x?x8xf16>) -> !kv
  // expected-error@+1 {{'attn.attend' op has a lattice beside lengths or a cache, which is not supported}}
  attn.attend %q, %c, %c lattice 3 : (!t, !kv, !kv) -> !t
  return
}

// -----

!t = tensor<3x4x?x8xf32>
func.func @attend_c18_rank(%q: !t, %n: tensor<i32>) {
  // expected-error@+1 {{'attn.attend' op lengths has rank 0 and must have rank 1: [batch]}}
  attn.attend %q, %q, %q lengths(%n) : (!t, !t, !t, tensor<i32>) -> !t
  return
}

// -----

!t = tensor<3x4x?x8xf32>
func.func @attend_c18_batch(%q: !t, %n: tensor<4xi32>) {
  // expected-error@+1 {{'attn.attend' op batch of query_lengths is 4 and that of query is 3: they must be equal}}
  attn.attend %q, %q, %q query_lengths(%n) : (!t, !t, !t, tensor<4xi32>) -> !t
  return
}

// -----

// The cache has lengths; one of the two would be ignored.
!t = tensor<?x4x?x8xf16>
!kv = !attn.kv<2x8xf16>
func.func @attend_c18_cache(%q: !t, %d: tensor<?x2x?x8xf16>, %n: tensor<?xi32>) {
  %c = attn.cache %d : (tensor<?x2x?x8xf16>) -> !kv
  // expected-error@+1 {{'attn.attend' op has lengths, and a cache has its own: give them to attn.cache}}
  attn.attend %q, %c, %c lengths(%n) : (!t, !kv, !kv, tensor<?xi32>) -> !t
  return
}

// -----

!t = tensor<?x2x?x8xf16>
!kv = !attn.kv<2x8xf16>
func.func @attend_c19_tensor(%q: !t, %d: tensor<?x2x?x8xf16>) {
  %c = attn.cache %d : (tensor<?x2x?x8xf16>) -> !kv
  // expected-error@+1 {{'attn.attend' op one of key and value is a cache and the other a tensor: make both caches, with attn.cache}}
  attn.attend %q, %c, %q : (!t, !kv, !t) -> !t
  return
}

// -----

!t = tensor<?x2x?x8xf16>
!kv = !attn.kv<2x8xf16>
func.func @attend_c19_argument(%q: !t, %c: !kv) {
  // expected-error@+1 {{'attn.attend' op takes a cache that no attn.cache of this function makes}}
  attn.attend %q, %c, %c : (!t, !kv, !kv) -> !t
  return
}

// -----

!t = tensor<?x2x?x8xf16>
!data = tensor<?x2x64x8xf16>
!n = tensor<?xi32>
func.func @attend_c19_layout(%q: !t, %d: !data, %n: !n) {
  %k = attn.cache %d lengths(%n) : (!data, !n) -> !attn.kv<2x8xf16, rolling<64>>
  %v = attn.cache %d lengths(%n) : (!data, !n) -> !attn.kv<2x8xf16>
  // expected-error@+1 {{'attn.attend' op key and value are caches that differ in layout, table or lengths}}
  attn.attend %q, %k, %v : (!t, !attn.kv<2x8xf16, rolling<64>>, !attn.kv<2x8xf16>) -> !t
  return
}

// -----

!t = tensor<?x2x?x8xf16>
!kv = !attn.kv<2x8xf16, paged<16>>
!data = tensor<?x16x2x8xf16>
!n = tensor<?xi32>
func.func @attend_c19_table(%q: !t, %d: !data, %s: tensor<?x?xi32>, %t: tensor<?x?xi32>, %n: !n) {
  %k = attn.cache %d table(%s) lengths(%n) : (!data, tensor<?x?xi32>, !n) -> !kv
  %v = attn.cache %d table(%t) lengths(%n) : (!data, tensor<?x?xi32>, !n) -> !kv
  // expected-error@+1 {{'attn.attend' op key and value are caches that differ in layout, table or lengths}}
  attn.attend %q, %k, %v : (!t, !kv, !kv) -> !t
  return
}

// -----

!t = tensor<?x2x?x8xf16>
!kv = !attn.kv<2x8xf16>
func.func @attend_c19_lengths(%q: !t, %d: tensor<?x2x?x8xf16>, %n: tensor<?xi32>) {
  %k = attn.cache %d lengths(%n) : (tensor<?x2x?x8xf16>, tensor<?xi32>) -> !kv
  %v = attn.cache %d : (tensor<?x2x?x8xf16>) -> !kv
  // expected-error@+1 {{'attn.attend' op key and value are caches that differ in layout, table or lengths}}
  attn.attend %q, %k, %v : (!t, !kv, !kv) -> !t
  return
}

// -----

// Random blocks are drawn for one number of keys.
!t = tensor<?x2x?x8xf16>
func.func @attend_c20_lengths(%q: !t, %n: tensor<?xi32>) {
  // expected-error@+1 {{from the number of keys, which is not supported where sequences have lengths of their own: bind a table of the user's, as in "table(q) == table(k)"}}
  attn.attend %q, %q, %q lengths(%n) mask(#attn.mask<random_blocks<8, 1, 7>>)
    : (!t, !t, !t, tensor<?xi32>) -> !t
  return
}

// -----

!t = tensor<?x2x?x8xf16>
!kv = !attn.kv<2x8xf16>
func.func @attend_c20_cache(%q: !t, %d: tensor<?x2x?x8xf16>, %n: tensor<?xi32>, %o: tensor<?xi32>) {
  %c = attn.cache %d lengths(%n) : (tensor<?x2x?x8xf16>, tensor<?xi32>) -> !kv
  // expected-error@+1 {{from the number of keys, which is not supported where sequences have lengths of their own}}
  attn.attend %q, %c, %c mask(#attn.mask<packed<o>>) tables(o = %o)
    : (!t, !kv, !kv, tensor<?xi32>) -> !t
  return
}

// -----

!t = tensor<?x2x?x8xf16>
!kv = !attn.kv<2x8xf16, paged<16>>
!data = tensor<?x16x2x8xf16>
func.func @attend_c21_table(%q: !t, %d: !data, %t: tensor<?x?xi32>, %n: tensor<?xi32>, %doc: tensor<?xi32>) {
  %c = attn.cache %d table(%t) lengths(%n) : (!data, tensor<?x?xi32>, tensor<?xi32>) -> !kv
  // expected-error@+1 {{'attn.attend' op the mask reads doc(q) at a position, which is not supported over a paged or rolling cache: its positions have no extent to check the table against}}
  attn.attend %q, %c, %c mask(#attn.mask<document<doc>>) tables(doc = %doc)
    : (!t, !kv, !kv, tensor<?xi32>) -> !t
  return
}

// -----

!t = tensor<?x2x?x8xf16>
!kv = !attn.kv<2x8xf16, paged<16>>
!data = tensor<?x16x2x8xf16>
func.func @attend_c21_where(%q: !t, %d: !data, %t: tensor<?x?xi32>, %n: tensor<?xi32>, %doc: tensor<?xi32>) {
  %c = attn.cache %d table(%t) lengths(%n) : (!data, tensor<?x?xi32>, tensor<?xi32>) -> !kv
  // expected-error@+1 {{'attn.attend' op the where region reads a table at a position, which is not supported over a paged or rolling cache}}
  attn.attend %q, %c, %c where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %x = tensor.extract %doc[%j] : tensor<?xi32>
    %zero = arith.constant 0 : i32
    %sees = arith.cmpi ne, %x, %zero : i32
    attn.yield %sees : i1
  } : (!t, !kv, !kv) -> !t
  return
}

// -----

// Token 0 is long gone: the third key is not the third of the sequence.
!t = tensor<?x2x?x8xf16>
!kv = !attn.kv<2x8xf16, rolling<64>>
func.func @attend_c21_position(%q: !t, %d: tensor<?x2x64x8xf16>, %n: tensor<?xi32>) {
  %c = attn.cache %d lengths(%n) : (tensor<?x2x64x8xf16>, tensor<?xi32>) -> !kv
  // expected-error@+1 {{'attn.attend' op the mask depends on where positions are counted from, which a rolling cache does not keep: write it in distances, as q - k}}
  attn.attend %q, %c, %c mask(#attn.mask<causal and "k >= 3">) : (!t, !kv, !kv) -> !t
  return
}
