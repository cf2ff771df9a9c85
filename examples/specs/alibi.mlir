// Attention with linear biases (Press et al. 2022) instead of position embeddings.
//
//   score = q . k / sqrt(64) - slope(h) (i - k),   slope(h) = 2^(-8 (h + 1) / H)
//
// with i and k the positions and H the number of heads. The score region is the
// formula: it is evaluated in registers, and no bias tensor exists.

func.func @alibi(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                 %v: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<causal>) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %one = arith.constant 1 : index
    %minus_eight = arith.constant -8.0 : f32
    // The slope of this head.
    %heads = tensor.dim %q, %one : tensor<?x?x?x64xf32>
    %heads_i = arith.index_cast %heads : index to i32
    %heads_f = arith.sitofp %heads_i : i32 to f32
    %number = arith.addi %h, %one : index
    %number_i = arith.index_cast %number : index to i32
    %number_f = arith.sitofp %number_i : i32 to f32
    %share = arith.divf %number_f, %heads_f : f32
    %exponent = arith.mulf %minus_eight, %share : f32
    %slope = math.exp2 %exponent : f32
    // The distance to the key.
    %distance = arith.subi %i, %j : index
    %distance_i = arith.index_cast %distance : index to i32
    %distance_f = arith.sitofp %distance_i : i32 to f32
    %penalty = arith.mulf %slope, %distance_f : f32
    %score = arith.subf %s, %penalty : f32
    attn.yield %score : f32
  } : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}
