// RUN: attnc %s --emit=header -o - | FileCheck %s

// The signature of a function, as its header tells it.

!t = tensor<?x?x?x64xf32>

// Every requirement of the op appears: equal extents share a symbol.
// CHECK: q: input, f32 [batch, heads, query_length, 64]
// CHECK-NEXT: k: input, f32 [batch, kv_heads, kv_length, 64]
// CHECK-NEXT: v: input, f32 [batch, kv_heads, kv_length, 64]
// CHECK-NEXT: o: output, f32 [batch, heads, query_length, 64]
// CHECK-NEXT: lse: output, f32 [batch, heads, query_length]
// CHECK-NEXT: heads is a multiple of kv_heads.
// CHECK: int32_t attend(
func.func @attend(%q: !t, %k: !t, %v: !t) -> (!t, tensor<?x?x?xf32>) {
  %o, %lse = attn.attend %q, %k, %v : (!t, !t, !t) -> (!t, tensor<?x?x?xf32>)
  return %o, %lse : !t, tensor<?x?x?xf32>
}

// A static extent of one tensor is one of all that must be equal.
// CHECK: q: input, bf16 [batch, 8, query_length, 64]
// CHECK-NEXT: k: input, bf16 [batch, 2, kv_length, 64]
// CHECK-NEXT: v: input, bf16 [batch, 2, kv_length, 32]
// CHECK-NEXT: o: output, bf16 [batch, 8, query_length, 32]
// CHECK-NOT: multiple
// CHECK: int32_t static_heads(
func.func @static_heads(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x2x?x64xbf16>,
                        %v: tensor<?x?x?x32xbf16>) -> tensor<?x?x?x32xbf16> {
  %o = attn.attend %q, %k, %v
    : (tensor<?x8x?x64xbf16>, tensor<?x2x?x64xbf16>, tensor<?x?x?x32xbf16>)
    -> tensor<?x?x?x32xbf16>
  return %o : tensor<?x?x?x32xbf16>
}

// Two attentions that share nothing have symbols of their own.
// CHECK: a: input, f32 [batch, heads, query_length, 64]
// CHECK: d: input, f32 [batch_2, heads_2, query_length_2, 64]
// CHECK: int32_t two(
func.func @two(%a: !t, %b: !t, %c: !t, %d: !t, %e: !t, %f: !t) -> (!t, !t) {
  %x = attn.attend %a, %b, %c : (!t, !t, !t) -> !t
  %y = attn.attend %d, %e, %f : (!t, !t, !t) -> !t
  return %x, %y : !t, !t
}

// Through two ops: what the first yields, the second attends to.
// CHECK: q: input, f32 [batch, heads, query_length, 64]
// CHECK-NEXT: k: input, f32 [batch, kv_heads, kv_length, 64]
// CHECK-NEXT: r: input, f32 [batch, heads_2, query_length_2, 64]
// CHECK-NEXT: y: output, f32 [batch, heads_2, query_length_2, 64]
// CHECK: heads_2 is a multiple of heads.
// CHECK: int32_t chain(
func.func @chain(%q: !t, %k: !t, %r: !t) -> !t {
  %x = attn.attend %q, %k, %k : (!t, !t, !t) -> !t
  %y = attn.attend %r, %x, %x : (!t, !t, !t) -> !t
  return %y : !t
}

// Extents that no op of the dialect names are named after the argument. linalg
// ops tie the extents that one loop runs over.
// CHECK: x: input, f32 [x_0, x_1]
// CHECK-NEXT: w: input, f32 [x_1, w_1]
// CHECK-NEXT: y: output, f32 [x_0, w_1]
// CHECK: int32_t project(
func.func @project(%x: tensor<?x?xf32>, %w: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %rows = tensor.dim %x, %c0 : tensor<?x?xf32>
  %columns = tensor.dim %w, %c1 : tensor<?x?xf32>
  %empty = tensor.empty(%rows, %columns) : tensor<?x?xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x?xf32>) -> tensor<?x?xf32>
  %y = linalg.matmul ins(%x, %w : tensor<?x?xf32>, tensor<?x?xf32>)
    outs(%start : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// Names from attributes; a number is no name, an argument returned has none.
// CHECK: query: input, f32 [query_0]
// CHECK-NEXT: arg1: input, f32 [4]
// CHECK-NEXT: out0: output, f32 [query_0]
// CHECK-NEXT: doubled: output, f32 [4]
// CHECK: int32_t names(
func.func @names(%q: tensor<?xf32> {attn.name = "query"}, %1: tensor<4xf32>)
    -> (tensor<?xf32>, tensor<4xf32> {attn.name = "doubled"}) {
  %2 = arith.addf %1, %1 : tensor<4xf32>
  return %q, %2 : tensor<?xf32>, tensor<4xf32>
}

// A cache ties its buffers to each other and to the query: one batch, one number of
// pages for keys, values and their scales.
// CHECK: q: input, f32 [batch, 4, query_length, 8]
// CHECK-NEXT: k: input, i8 [pages, 16, 2, 8]
// CHECK-NEXT: s: input, f32 [pages, 16, 2]
// CHECK-NEXT: v: input, f16 [pages, 16, 2, 8]
// CHECK-NEXT: t: input, i32 [batch, blocks]
// CHECK-NEXT: n: input, i64 [batch]
// CHECK-NEXT: out: output, f32 [batch, 4, query_length, 8]
// CHECK: int32_t paged(
!keys = !attn.kv<2x8xi8, paged<16>, scale<token>>
!values = !attn.kv<2x8xf16, paged<16>>
!q = tensor<?x4x?x8xf32>
func.func @paged(%q: !q, %k: tensor<?x16x2x8xi8>, %s: tensor<?x16x2xf32>,
                 %v: tensor<?x16x2x8xf16>, %t: tensor<?x?xi32>, %n: tensor<?xi64>) -> !q {
  %kc = attn.cache %k table(%t) lengths(%n) scales(%s)
    : (tensor<?x16x2x8xi8>, tensor<?x?xi32>, tensor<?xi64>, tensor<?x16x2xf32>) -> !keys
  %vc = attn.cache %v table(%t) lengths(%n)
    : (tensor<?x16x2x8xf16>, tensor<?x?xi32>, tensor<?xi64>) -> !values
  %out = attn.attend %q, %kc, %vc : (!q, !keys, !values) -> !q
  return %out : !q
}

// What is contiguous has a capacity, and a batch of its own.
// CHECK: q: input, f32 [batch, 4, query_length, 8]
// CHECK-NEXT: k: input, i8 [batch, 2, capacity, 4]
// CHECK-NEXT: s: input, f32 [batch, 2, capacity, 2]
// CHECK-NEXT: z: input, f32 [batch, 2, capacity, 2]
// CHECK-NEXT: m: input, i32 [batch]
// CHECK-NEXT: out: output, f32 [batch, 4, query_length, 8]
// CHECK: int32_t contiguous(
!kv = !attn.kv<2x8xi4, scale<group = 4, zeros>>
func.func @contiguous(%q: !q, %k: tensor<?x2x?x4xi8>, %s: tensor<?x2x?x2xf32>,
                      %z: tensor<?x2x?x2xf32>, %m: tensor<?xi32>) -> !q {
  %c = attn.cache %k scales(%s) zeros(%z)
    : (tensor<?x2x?x4xi8>, tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>) -> !kv
  %out = attn.attend %q, %c, %c query_lengths(%m) : (!q, !kv, !kv, tensor<?xi32>) -> !q
  return %out : !q
}

// Slices and reshapes hand extents on: of a whole axis, of a part of a static one.
// CHECK: x: input, f32 [3, x_1, 8]
// CHECK-NEXT: y: input, f32 [x_1, 2, 4]
// CHECK-NEXT: sum: output, f32 [x_1, 2, 4]
// CHECK-NEXT: put: output, f32 [3, x_1, 8]
// CHECK: int32_t views(
func.func @views(%x: tensor<3x?x8xf32>, %y: tensor<?x2x4xf32>)
    -> (tensor<?x2x4xf32>, tensor<3x?x8xf32>) {
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c1 : tensor<3x?x8xf32>
  %one = tensor.extract_slice %x[2, 0, 0] [1, %n, 8] [1, 1, 1]
    : tensor<3x?x8xf32> to tensor<?x8xf32>
  %split = tensor.expand_shape %one [[0], [1, 2]] output_shape [%n, 2, 4]
    : tensor<?x8xf32> into tensor<?x2x4xf32>
  %sum = arith.addf %split, %y : tensor<?x2x4xf32>
  %flat = tensor.collapse_shape %sum [[0], [1, 2]] : tensor<?x2x4xf32> into tensor<?x8xf32>
  %put = tensor.insert_slice %flat into %x[0, 0, 0] [1, %n, 8] [1, 1, 1]
    : tensor<?x8xf32> into tensor<3x?x8xf32>
  return %sum, %put : tensor<?x2x4xf32>, tensor<3x?x8xf32>
}
