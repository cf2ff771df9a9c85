// Linear attention (Katharopoulos et al. 2020): a recurrence, not a softmax.
//
//   S[t] = S[t-1] + f(k[t]) v[t]^T        z[t] = z[t-1] + f(k[t])
//   out[t] = f(q[t]) S[t] / (f(q[t]) . z[t]),        f(x) = elu(x) + 1
//
// The time is linear in the length and the state, 64 by 64 numbers a head, does
// not grow. The feature region is f: x + 1 above zero, exp(x) below.

func.func @linear_attention(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                            %v: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  %out = attn.scan %q, %k, %v transition identity normalize feature {
  ^bb0(%x: f32):
    %zero = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    %is_positive = arith.cmpf ogt, %x, %zero : f32
    %above = arith.addf %x, %one : f32
    %below = math.exp %x : f32
    %feature = arith.select %is_positive, %above, %below : f32
    attn.yield %feature : f32
  } : tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}
