// Linear biases; see examples/specs/alibi.mlir.

func.func @alibi_bf16_d128(%q: tensor<?x?x?x128xbf16>, %k: tensor<?x?x?x128xbf16>,
                           %v: tensor<?x?x?x128xbf16>)
    -> tensor<?x?x?x128xbf16> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<causal>) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %one = arith.constant 1 : index
    %minus_eight = arith.constant -8.0 : f32
    // The slope of this head.
    %heads = tensor.dim %q, %one : tensor<?x?x?x128xbf16>
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
  } : (tensor<?x?x?x128xbf16>, tensor<?x?x?x128xbf16>, tensor<?x?x?x128xbf16>)
    -> tensor<?x?x?x128xbf16>
  return %out : tensor<?x?x?x128xbf16>
}
