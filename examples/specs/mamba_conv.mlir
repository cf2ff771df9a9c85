// The convolution in front of a selective scan (Gu and Dao 2023): each channel sees
// its last four positions, then a bias and silu.
//
//   y[t,d] = silu(bias[d] + sum_j weight[d,j] x[t-3+j, d])
//
// The state is the last three positions, so that a prompt can come in pieces and
// tokens one at a time. Channels are in heads of 64, as in mamba.mlir.

!x = tensor<?x?x?x64xf32>
!weight = tensor<?x64x4xf32>
!bias = tensor<?x64xf32>
!state = tensor<?x?x3x64xf32>

func.func @mamba_conv(%x: !x, %weight: !weight, %bias: !bias, %state: !state)
    -> (!x, !state) {
  %y, %next = attn.convolve %x, %weight initial_state(%state : !state) output {
  ^bb0(%b: index, %h: index, %t: index, %d: index, %sum: f32):
    %offset = tensor.extract %bias[%h, %d] : !bias
    %z = arith.addf %sum, %offset : f32
    %one = arith.constant 1.0 : f32
    %minus = arith.negf %z : f32
    %exp = math.exp %minus : f32
    %divisor = arith.addf %exp, %one : f32
    %silu = arith.divf %z, %divisor : f32
    attn.yield %silu : f32
  } : !x, !weight -> !x final_state !state
  return %y, %next : !x, !state
}
