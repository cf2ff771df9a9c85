// Gated linear attention (GLA, Yang et al. 2023): each key channel forgets at its
// own rate, which is computed from the input.
//
//   S[t] = diag(exp(g[t])) S[t-1] + k[t] v[t]^T,   out[t] = q[t] S[t]
//
// `log_gate` holds g, one number for each batch, head, position and key channel;
// GLA computes it as log(sigmoid(x W)) / 16. RWKV-6 decays the same way. The state
// goes in and comes out: a prompt in pieces, or a token at a time, continue it.

!key = tensor<?x?x?x64xf32>
!value = tensor<?x?x?x64xf32>
!state = tensor<?x?x64x64xf32>

func.func @gla(%q: !key, %k: !key, %v: !value, %log_gate: !key, %state: !state)
    -> (!value, !state) {
  %out, %next = attn.scan %q, %k, %v transition diagonal
    initial_state(%state : !state) decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index):
    %g = tensor.extract %log_gate[%b, %h, %t, %e] : !key
    // What is given is a gate, at most 1, whatever is in the tensor.
    %zero = arith.constant 0.0 : f32
    %decay = arith.minimumf %g, %zero : f32
    attn.yield %decay : f32
  } : !key, !key, !value -> !value final_state !state
  return %out, %next : !value, !state
}
