// Retention (RetNet, Sun et al. 2023): linear attention that forgets.
//
//   S[t] = gamma(h) S[t-1] + k[t] v[t]^T,   out[t] = q[t] S[t]
//   gamma(h) = 1 - 2^(-5 - h)
//
// The decay region gives the logarithm of gamma for batch b, head h and position
// t; a decay that depends on the position (Mamba-2) would look it up in a tensor.
// The second result is the state after the last position. Retention scales its
// output; here that is left to the caller, who can fold it into q.

func.func @retnet(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                  %v: tensor<?x?x?x64xf32>)
    -> (tensor<?x?x?x64xf32>, tensor<?x?x64x64xf32>) {
  %out, %state = attn.scan %q, %k, %v transition scalar decay {
  ^bb0(%b: index, %h: index, %t: index):
    %one = arith.constant 1.0 : f32
    %minus_five = arith.constant -5.0 : f32
    %head_i = arith.index_cast %h : index to i32
    %head = arith.sitofp %head_i : i32 to f32
    %exponent = arith.subf %minus_five, %head : f32
    %forgotten = math.exp2 %exponent : f32
    %kept = arith.subf %one, %forgotten : f32
    %log_decay = math.log %kept : f32
    attn.yield %log_decay : f32
  } : tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>
    -> tensor<?x?x?x64xf32> final_state tensor<?x?x64x64xf32>
  return %out, %state : tensor<?x?x?x64xf32>, tensor<?x?x64x64xf32>
}
