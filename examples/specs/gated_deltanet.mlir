// Gated DeltaNet (Yang et al. 2024), the recurrent layers of Qwen3-Next: the
// state forgets, and then corrects itself.
//
//   S[t] = a[t] (I - beta[t] k[t] k[t]^T) S[t-1] + beta[t] k[t] v[t]^T
//   a[t] = exp(-exp(a_log[h]) softplus(x[t]))
//
// Two heads of value share a head of query and key. A decay that also depends on
// the key channel, `(%b, %h, %t, %e)`, is that of Kimi Delta Attention.

!key = tensor<?x?x?x64xf32>
!value = tensor<?x?x?x64xf32>
!state = tensor<?x?x64x64xf32>
!gate = tensor<?x?x?xf32>

func.func @gated_deltanet(%q: !key, %k: !key, %v: !value, %beta: !gate,
                          %x: !gate, %a_log: tensor<?xf32>, %state: !state)
    -> (!value, !state) {
  %out, %next = attn.scan %q, %k, %v transition delta
    initial_state(%state : !state) decay {
  ^bb0(%b: index, %h: index, %t: index):
    %log = tensor.extract %a_log[%h] : tensor<?xf32>
    %rate = math.exp %log : f32
    %step = tensor.extract %x[%b, %h, %t] : !gate
    %exp = math.exp %step : f32
    %softplus = math.log1p %exp : f32
    %decay = arith.mulf %rate, %softplus : f32
    %minus = arith.negf %decay : f32
    attn.yield %minus : f32
  } beta {
  ^bb0(%b: index, %h: index, %t: index):
    %y = tensor.extract %beta[%b, %h, %t] : !gate
    %one = arith.constant 1.0 : f32
    %minus = arith.negf %y : f32
    %exp = math.exp %minus : f32
    %sum = arith.addf %exp, %one : f32
    %sigmoid = arith.divf %one, %sum : f32
    attn.yield %sigmoid : f32
  } feature {
  ^bb0(%e: f32):
    %eighth = arith.constant 0.125 : f32
    %scaled = arith.mulf %e, %eighth : f32
    attn.yield %scaled : f32
  } : !key, !key, !value -> !value final_state !state
  return %out, %next : !value, !state
}
