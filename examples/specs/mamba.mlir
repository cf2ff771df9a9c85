// Mamba's selective scan (Gu and Dao 2023): every channel has a state of 16
// numbers, each of which decays at its own rate, and the step size depends on
// the input.
//
//   dt[t,d]  = softplus(x[t,d] + bias[d])
//   S[t,e,d] = exp(-dt[t,d] exp(a_log[d,e])) S[t-1,e,d] + B[t,e] dt[t,d] u[t,d]
//   y[t,d]   = (sum_e C[t,e] S[t,e,d] + skip[d] u[t,d]) silu(z[t,d])
//
// In the names of the op C is the query, B the key and u the value. A head has 64
// of the channels: tensors of [batch, length, heads * 64] numbers are passed as
// [batch, heads, length, 64], with strides and no copy, a_log as [heads, 64, 16].
// All heads share B and C, which have one head.

!bc = tensor<?x?x?x16xf32>
!u = tensor<?x?x?x64xf32>
!channel = tensor<?x64xf32>
!a = tensor<?x64x16xf32>
!state = tensor<?x?x16x64xf32>

func.func @mamba(%u: !u, %dt: !u, %b: !bc, %c: !bc, %z: !u, %a_log: !a,
                 %bias: !channel, %skip: !channel, %state: !state)
    -> (!u, !state) {
  %y, %next = attn.scan %c, %b, %u transition diagonal
    initial_state(%state : !state) decay {
  ^bb0(%i: index, %h: index, %t: index, %e: index, %d: index):
    %log = tensor.extract %a_log[%h, %d, %e] : !a
    %rate = math.exp %log : f32
    %minus = arith.negf %rate : f32
    %x = tensor.extract %dt[%i, %h, %t, %d] : !u
    %offset = tensor.extract %bias[%h, %d] : !channel
    %sum = arith.addf %x, %offset : f32
    %exp = math.exp %sum : f32
    %step = math.log1p %exp : f32
    %decay = arith.mulf %minus, %step : f32
    attn.yield %decay : f32
  } write {
  ^bb0(%i: index, %h: index, %t: index, %d: index, %value: f32):
    %x = tensor.extract %dt[%i, %h, %t, %d] : !u
    %offset = tensor.extract %bias[%h, %d] : !channel
    %sum = arith.addf %x, %offset : f32
    %exp = math.exp %sum : f32
    %step = math.log1p %exp : f32
    %written = arith.mulf %step, %value : f32
    attn.yield %written : f32
  } output {
  ^bb0(%i: index, %h: index, %t: index, %d: index, %read: f32):
    %weight = tensor.extract %skip[%h, %d] : !channel
    %value = tensor.extract %u[%i, %h, %t, %d] : !u
    %skipped = arith.mulf %weight, %value : f32
    %sum = arith.addf %read, %skipped : f32
    %gate = tensor.extract %z[%i, %h, %t, %d] : !u
    %one = arith.constant 1.0 : f32
    %opposite = arith.negf %gate : f32
    %exp = math.exp %opposite : f32
    %divisor = arith.addf %exp, %one : f32
    %silu = arith.divf %gate, %divisor : f32
    %y = arith.mulf %sum, %silu : f32
    attn.yield %y : f32
  } : !bc, !bc, !u -> !u final_state !state
  return %y, %next : !u, !state
}
