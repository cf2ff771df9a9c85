// RUN: %roundtrip
// RUN: attn-opt %s | FileCheck %s
// RUN: attn-opt %s | FileCheck %s --check-prefix=TYPES
// RUN: attn-opt --mlir-print-op-generic %s | FileCheck %s --check-prefix=GENERIC
//
// Caches as types: each layout, order, element type and granularity, and the ops
// that make and read them.

// What is the default is not printed.
// TYPES: func private @layouts(!attn.kv<8x128xf16>, !attn.kv<8x128xf16, paged<16>>, !attn.kv<8x128xf16, paged<16>>, !attn.kv<8x128xf16, paged<7, hnd>>, !attn.kv<8x128xf16, rolling<4096>>)
func.func private @layouts(!attn.kv<8x128xf16>, !attn.kv<8x128xf16, paged<16>>,
                           !attn.kv<8x128xf16, paged<16, nhd>>,
                           !attn.kv<8x128xf16, paged<7, hnd>>,
                           !attn.kv<8x128xf16, rolling<4096>>)

// The smallest and the largest of each number.
// TYPES: func private @bounds(!attn.kv<1x1xf32, paged<1>>, !attn.kv<65536x65536xi8, paged<1073741824>, scale<group = 65536>>, !attn.kv<1x2xi4, rolling<1>, scale<group = 1>>)
func.func private @bounds(
    !attn.kv<1x1xf32, paged<1>>,
    !attn.kv<65536x65536xi8, paged<1073741824>, scale<group = 65536>>,
    !attn.kv<1x2xi4, rolling<1>, scale<group = 1>>)

// f8 stands for numbers by itself, and may have a scale.
// TYPES: func private @elements(!attn.kv<2x8xf32>, !attn.kv<2x8xf16>, !attn.kv<2x8xbf16>, !attn.kv<2x8xi8, scale<token>>, !attn.kv<2x8xi4, scale<token>>, !attn.kv<2x8xf8E4M3FN>, !attn.kv<2x8xf8E5M2>, !attn.kv<2x8xf8E4M3FN, scale<tensor>>)
func.func private @elements(!attn.kv<2x8xf32>, !attn.kv<2x8xf16>, !attn.kv<2x8xbf16>,
                            !attn.kv<2x8xi8, scale<token>>,
                            !attn.kv<2x8xi4, scale<token>>,
                            !attn.kv<2x8xf8E4M3FN>, !attn.kv<2x8xf8E5M2>,
                            !attn.kv<2x8xf8E4M3FN, scale<tensor>>)

// TYPES: func private @scales(!attn.kv<2x8xi8, scale<tensor>>, !attn.kv<2x8xi8, scale<channel>>, !attn.kv<2x8xi8, scale<token>>, !attn.kv<2x8xi8, scale<group = 4>>, !attn.kv<2x8xi8, scale<tensor, zeros>>, !attn.kv<2x8xi8, scale<channel, zeros>>, !attn.kv<2x8xi8, scale<token, zeros>>, !attn.kv<2x8xi8, scale<group = 4, zeros>>)
func.func private @scales(!attn.kv<2x8xi8, scale<tensor>>,
                          !attn.kv<2x8xi8, scale<channel>>,
                          !attn.kv<2x8xi8, scale<token>>,
                          !attn.kv<2x8xi8, scale<group = 4>>,
                          !attn.kv<2x8xi8, scale<tensor, zeros>>,
                          !attn.kv<2x8xi8, scale<channel, zeros>>,
                          !attn.kv<2x8xi8, scale<token, zeros>>,
                          !attn.kv<2x8xi8, scale<group = 4, zeros>>)

// Place and scale in either order.
// TYPES: func private @order(!attn.kv<2x8xi4, paged<16, hnd>, scale<group = 2, zeros>>)
func.func private @order(!attn.kv<2x8xi4, scale<group = 2, zeros>, paged<16, hnd>>)

// The parts are attributes of their own.
// TYPES: @parts() attributes {contiguous = #attn.contiguous, paged = #attn.paged<16>, rolling = #attn.rolling<64>, scale = #attn.scale<group = 4, zeros>}
func.func private @parts() attributes {
  contiguous = #attn.contiguous, paged = #attn.paged<16, nhd>,
  rolling = #attn.rolling<64>, scale = #attn.scale<group = 4, zeros>}

// CHECK-LABEL: func @contiguous
// GENERIC-LABEL: sym_name = "contiguous"
func.func @contiguous(%d: tensor<?x2x?x8xf16>, %n: tensor<?xi64>) {
  // CHECK: attn.cache %{{[a-z0-9]+}} : (tensor<?x2x?x8xf16>) -> !attn.kv<2x8xf16>
  // GENERIC: "attn.cache"(%{{.*}}) <{operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0>}> : (tensor<?x2x?x8xf16>) -> !attn.kv<2x8xf16>
  %0 = attn.cache %d : (tensor<?x2x?x8xf16>) -> !attn.kv<2x8xf16>
  // CHECK: attn.cache %{{.*}} lengths(%{{.*}}) {note = "kept"} : (tensor<?x2x?x8xf16>, tensor<?xi64>)
  // GENERIC: "attn.cache"(%{{.*}}) <{operandSegmentSizes = array<i32: 1, 0, 1, 0, 0, 0>}> {note = "kept"}
  %1 = attn.cache %d lengths(%n) {note = "kept"}
    : (tensor<?x2x?x8xf16>, tensor<?xi64>) -> !attn.kv<2x8xf16>
  // Of a wider buffer the first numbers of a row.
  // CHECK: attn.cache %{{.*}} : (tensor<?x2x?x8xf16>) -> !attn.kv<2x5xf16>
  %2 = attn.cache %d : (tensor<?x2x?x8xf16>) -> !attn.kv<2x5xf16>
  return
}

// CHECK-LABEL: func @paged
// GENERIC-LABEL: sym_name = "paged"
!keys = !attn.kv<2x8xi4, paged<16>, scale<group = 4, zeros>>
!values = !attn.kv<2x8xi8, paged<16, hnd>, scale<token>>
func.func @paged(%k: tensor<?x16x2x4xi8>, %s: tensor<?x16x2x2xf32>, %z: tensor<?x16x2x2xf32>,
                 %v: tensor<9x2x16x8xi8>, %f: tensor<9x2x16xf32>,
                 %t: tensor<3x?xi32>, %n: tensor<3xi32>) {
  // CHECK: attn.cache %{{.*}} table(%{{.*}}) lengths(%{{.*}}) scales(%{{.*}}) zeros(%{{.*}}) : (tensor<?x16x2x4xi8>, tensor<3x?xi32>, tensor<3xi32>, tensor<?x16x2x2xf32>, tensor<?x16x2x2xf32>) -> !attn.kv<2x8xi4, paged<16>, scale<group = 4, zeros>>
  // GENERIC: "attn.cache"(%{{.*}}) <{operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 0>}>
  %0 = attn.cache %k table(%t) lengths(%n) scales(%s) zeros(%z)
    : (tensor<?x16x2x4xi8>, tensor<3x?xi32>, tensor<3xi32>, tensor<?x16x2x2xf32>,
       tensor<?x16x2x2xf32>) -> !keys
  // CHECK: attn.cache %{{.*}} table(%{{.*}}) lengths(%{{.*}}) scales(%{{.*}}) : ({{.*}}) -> !attn.kv<2x8xi8, paged<16, hnd>, scale<token>>
  // GENERIC: "attn.cache"(%{{.*}}) <{operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 0>}>
  %1 = attn.cache %v table(%t) lengths(%n) scales(%f)
    : (tensor<9x2x16x8xi8>, tensor<3x?xi32>, tensor<3xi32>, tensor<9x2x16xf32>) -> !values
  return
}

// The tensor that a cache is read as has the batch of the table, and of a ring as
// many rows as slots.
// CHECK-LABEL: func @read
func.func @read(%d: tensor<5x2x64x8xbf16>, %p: tensor<?x16x2x8xbf16>,
                %n: tensor<5xi32>, %t: tensor<5x?xi32>) {
  %0 = attn.cache %d lengths(%n)
    : (tensor<5x2x64x8xbf16>, tensor<5xi32>) -> !attn.kv<2x8xbf16, rolling<64>>
  // CHECK: attn.read %{{.*}} : {{(!attn.kv)?}}<2x8xbf16, rolling<64>> to tensor<5x2x64x8xf32>
  %1 = attn.read %0 : !attn.kv<2x8xbf16, rolling<64>> to tensor<5x2x64x8xf32>
  %2 = attn.cache %p table(%t) lengths(%n)
    : (tensor<?x16x2x8xbf16>, tensor<5x?xi32>, tensor<5xi32>) -> !attn.kv<2x8xbf16, paged<16>>
  // CHECK: attn.read %{{.*}} {note = "kept"} : {{(!attn.kv)?}}<2x8xbf16, paged<16>> to tensor<5x2x?x8xf32>
  %3 = attn.read %2 {note = "kept"} : !attn.kv<2x8xbf16, paged<16>> to tensor<5x2x?x8xf32>
  return
}

// Key and value differ in dim, element type and scale; the query is of any type.
// CHECK-LABEL: func @attend
// GENERIC-LABEL: sym_name = "attend"
!q = tensor<?x4x?x8xf16>
!o = tensor<?x4x?x6xf16>
!k = !attn.kv<2x8xi8, scale<channel>>
!v = !attn.kv<2x6xf16>
func.func @attend(%q: !q, %kd: tensor<?x2x?x8xi8>, %ks: tensor<2x8xf32>,
                  %vd: tensor<?x2x?x6xf16>, %n: tensor<?xi32>, %m: tensor<?xi64>) -> !o {
  %k = attn.cache %kd lengths(%n) scales(%ks)
    : (tensor<?x2x?x8xi8>, tensor<?xi32>, tensor<2x8xf32>) -> !k
  %v = attn.cache %vd lengths(%n) : (tensor<?x2x?x6xf16>, tensor<?xi32>) -> !v
  // CHECK: attn.attend %{{.*}}, %{{.*}}, %{{.*}} query_lengths(%{{.*}}) mask(#attn.mask<causal>) : (tensor<?x4x?x8xf16>, !attn.kv<2x8xi8, scale<channel>>, !attn.kv<2x6xf16>, tensor<?xi64>) -> tensor<?x4x?x6xf16>
  // GENERIC: "attn.attend"(%{{.*}}) <{mask = {{.*}}, operandSegmentSizes = array<i32: 1, 1, 1, 0, 1, 0, 0, 0>}>
  %0 = attn.attend %q, %k, %v query_lengths(%m) mask(#attn.mask<causal>)
    : (!q, !k, !v, tensor<?xi64>) -> !o
  return %0 : !o
}

// Lengths of tensors: of keys, of queries, of both; with the other clauses behind.
// CHECK-LABEL: func @lengths
// GENERIC-LABEL: sym_name = "lengths"
!t = tensor<3x4x?x8xf32>
!l = tensor<3x4x?xf32>
func.func @lengths(%q: !t, %n: tensor<3xi32>, %m: tensor<3xi64>, %w: index, %l: !l) {
  // CHECK: attn.attend %{{.*}}, %{{.*}}, %{{.*}} lengths(%{{.*}}) : ({{.*}}, tensor<3xi32>) ->
  // GENERIC: array<i32: 1, 1, 1, 1, 0, 0, 0, 0>
  %0 = attn.attend %q, %q, %q lengths(%n) : (!t, !t, !t, tensor<3xi32>) -> !t
  // CHECK: attn.attend %{{.*}}, %{{.*}}, %{{.*}} query_lengths(%{{.*}}) : ({{.*}}, tensor<3xi64>) ->
  // GENERIC: array<i32: 1, 1, 1, 0, 1, 0, 0, 0>
  %1 = attn.attend %q, %q, %q query_lengths(%m) : (!t, !t, !t, tensor<3xi64>) -> !t
  // CHECK: lengths(%{{.*}}) query_lengths(%{{.*}}) mask(#attn.mask<window<w, 0>>) tables(w = %{{.*}}) init(%{{.*}}, %{{.*}}) scale 5.000000e-01 :
  // GENERIC: array<i32: 1, 1, 1, 1, 1, 1, 1, 1>
  %2 = attn.attend %q, %q, %q lengths(%n) query_lengths(%m) mask(#attn.mask<window<w, 0>>)
    tables(w = %w) init(%q, %l) scale 0.5
    : (!t, !t, !t, tensor<3xi32>, tensor<3xi64>, index, !t, !l) -> !t
  return
}

// Keys and values of f32 beside a narrower query, as a cache gives them.
// CHECK-LABEL: func @wide_keys
func.func @wide_keys(%q: tensor<1x2x3x8xf16>, %k: tensor<1x2x3x8xf32>) -> tensor<1x2x3x8xf16> {
  // CHECK: (tensor<1x2x3x8xf16>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>) -> tensor<1x2x3x8xf16>
  %0 = attn.attend %q, %k, %k
    : (tensor<1x2x3x8xf16>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>) -> tensor<1x2x3x8xf16>
  return %0 : tensor<1x2x3x8xf16>
}
