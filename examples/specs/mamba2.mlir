// Mamba-2 (state space duality, Dao and Gu 2024): one decay for each head and
// position, and B and C shared by the heads of a group.
//
//   dt[t] = softplus(x[t] + bias[h])
//   S[t]  = exp(-dt[t] exp(a_log[h])) S[t-1] + B[t] (dt[t] u[t])^T
//   y[t]  = C[t] S[t] + skip[h] u[t]
//
// In the names of the op C is the query, B the key and u the value.

!bc = tensor<?x?x?x128xf32>
!u = tensor<?x?x?x64xf32>
!dt = tensor<?x?x?xf32>
!head = tensor<?xf32>
!state = tensor<?x?x128x64xf32>

func.func @mamba2(%u: !u, %dt: !dt, %b: !bc, %c: !bc, %a_log: !head,
                  %bias: !head, %skip: !head, %state: !state) -> (!u, !state) {
  %y, %next = attn.scan %c, %b, %u transition scalar
    initial_state(%state : !state) decay {
  ^bb0(%i: index, %h: index, %t: index):
    %log = tensor.extract %a_log[%h] : !head
    %rate = math.exp %log : f32
    %x = tensor.extract %dt[%i, %h, %t] : !dt
    %offset = tensor.extract %bias[%h] : !head
    %sum = arith.addf %x, %offset : f32
    %exp = math.exp %sum : f32
    %step = math.log1p %exp : f32
    %decay = arith.mulf %rate, %step : f32
    %minus = arith.negf %decay : f32
    attn.yield %minus : f32
  } write {
  ^bb0(%i: index, %h: index, %t: index, %d: index, %value: f32):
    %x = tensor.extract %dt[%i, %h, %t] : !dt
    %offset = tensor.extract %bias[%h] : !head
    %sum = arith.addf %x, %offset : f32
    %exp = math.exp %sum : f32
    %step = math.log1p %exp : f32
    %written = arith.mulf %step, %value : f32
    attn.yield %written : f32
  } output {
  ^bb0(%i: index, %h: index, %t: index, %d: index, %read: f32):
    %weight = tensor.extract %skip[%h] : !head
    %value = tensor.extract %u[%i, %h, %t, %d] : !u
    %skipped = arith.mulf %weight, %value : f32
    %sum = arith.addf %read, %skipped : f32
    attn.yield %sum : f32
  } : !bc, !bc, !u -> !u final_state !state
  return %y, %next : !u, !state
}
