// DeltaNet (Schlag et al. 2021; Yang et al. 2024): a state that corrects itself.
// What is written for a key is the difference between its value and what the
// state answers to it already, so that a key's old value is overwritten.
//
//   S[t] = S[t-1] + beta[t] k[t] (v[t] - S[t-1]^T k[t])^T,   out[t] = q[t] S[t]
//
// beta is between 0 and 1, and keys are of length 1 at most: here the caller's
// keys are scaled to that, as the layer's normalisation would.

!key = tensor<?x?x?x64xf32>
!value = tensor<?x?x?x64xf32>
!state = tensor<?x?x64x64xf32>

func.func @deltanet(%q: !key, %k: !key, %v: !value, %beta: tensor<?x?x?xf32>,
                    %state: !state) -> (!value, !state) {
  %out, %next = attn.scan %q, %k, %v transition delta
    initial_state(%state : !state) beta {
  ^bb0(%b: index, %h: index, %t: index):
    %x = tensor.extract %beta[%b, %h, %t] : tensor<?x?x?xf32>
    %one = arith.constant 1.0 : f32
    %minus = arith.negf %x : f32
    %exp = math.exp %minus : f32
    %sum = arith.addf %exp, %one : f32
    %sigmoid = arith.divf %one, %sum : f32
    attn.yield %sigmoid : f32
  } feature {
  ^bb0(%x: f32):
    %eighth = arith.constant 0.125 : f32
    %scaled = arith.mulf %x, %eighth : f32
    attn.yield %scaled : f32
  } : !key, !key, !value -> !value final_state !state
  return %out, %next : !value, !state
}
