// RUN: attnc run %s --random --repeat=10 --check

// Upstream ops beside attention, in one function: a projection of the queries, a
// residual connection. Buffers between them must not be confused with arguments.

!t = tensor<?x?x?x16xf32>

func.func @block(%x: !t, %w: tensor<16x16xf32>, %k: !t, %v: !t) -> !t {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %batch = tensor.dim %x, %c0 : !t
  %heads = tensor.dim %x, %c1 : !t
  %length = tensor.dim %x, %c2 : !t
  %empty = tensor.empty(%batch, %heads, %length) : !t
  %start = linalg.fill ins(%zero : f32) outs(%empty : !t) -> !t
  %q = linalg.generic {
      indexing_maps = [affine_map<(b, h, i, n, m) -> (b, h, i, m)>,
                       affine_map<(b, h, i, n, m) -> (m, n)>,
                       affine_map<(b, h, i, n, m) -> (b, h, i, n)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : !t, tensor<16x16xf32>) outs(%start : !t) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %product = arith.mulf %a, %b : f32
    %sum = arith.addf %c, %product : f32
    linalg.yield %sum : f32
  } -> !t
  %attended = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!t, !t, !t) -> !t
  %y = linalg.add ins(%attended, %x : !t, !t) outs(%empty : !t) -> !t
  return %y : !t
}
