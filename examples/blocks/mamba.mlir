// A layer of Mamba (Gu and Dao 2023): what stands in a model in the place of attention
// and feed-forward network.
//
//   [u, z]       = norm(x) W_in
//   u            = silu(convolve(u) + bias)
//   [dt, B, C]   = u W_x,   dt = softplus(dt W_dt + bias)
//   y            = (scan(dt, A, B, C, u) + skip u) silu(z)
//   out          = x + y W_out
//
// Four taps, states of 16, channels in heads of 64: so it is in the published models from
// 130 million to 2.8 billion parameters. How wide a model is its weights say, which are
// [in, out]. `prefill` begins a sequence; `decode` goes on, with one token or with many,
// from the states that either of them left.

!x = tensor<?x?x?xf32>
!vector = tensor<?xf32>
!inner = tensor<?x?x?x64xf32>
!bc = tensor<?x1x?x16xf32>
!w_in = tensor<?x?x64xf32>
!w_back = tensor<?x64x?xf32>
!w_bc = tensor<1x?x64x16xf32>
!channel = tensor<?x64xf32>
!taps = tensor<?x64x4xf32>
!a = tensor<?x64x16xf32>
!conv = tensor<?x?x3x64xf32>
!state = tensor<?x?x16x64xf32>

#x = affine_map<(b, t, m, h, d) -> (b, t, m)>
#into = affine_map<(b, t, m, h, d) -> (m, h, d)>
#heads = affine_map<(b, t, m, h, d) -> (b, h, t, d)>
#from = affine_map<(b, t, h, d, m) -> (b, h, t, d)>
#back = affine_map<(b, t, h, d, m) -> (h, d, m)>
#out = affine_map<(b, t, h, d, m) -> (b, t, m)>
#from_u = affine_map<(b, t, g, h, d, e) -> (b, h, t, d)>
#into_bc = affine_map<(b, t, g, h, d, e) -> (g, h, d, e)>
#bc = affine_map<(b, t, g, h, d, e) -> (b, g, t, e)>
#all = affine_map<(b, t, m) -> (b, t, m)>
#token = affine_map<(b, t, m) -> (b, t)>
#feature = affine_map<(b, t, m) -> (m)>

/// x / sqrt(mean(x^2) + 1e-5), each feature times its weight.
func.func private @norm(%x: !x, %weight: !vector) -> !x {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %epsilon = arith.constant 1.0e-05 : f32
  %batch = tensor.dim %x, %c0 : !x
  %length = tensor.dim %x, %c1 : !x
  %width = tensor.dim %x, %c2 : !x
  %width_i32 = arith.index_cast %width : index to i32
  %features = arith.sitofp %width_i32 : i32 to f32
  %tokens = tensor.empty(%batch, %length) : tensor<?x?xf32>
  %none = linalg.fill ins(%zero : f32) outs(%tokens : tensor<?x?xf32>) -> tensor<?x?xf32>
  %squares = linalg.generic {indexing_maps = [#all, #token],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x : !x) outs(%none : tensor<?x?xf32>) {
  ^bb0(%e: f32, %sum: f32):
    %square = arith.mulf %e, %e : f32
    %next = arith.addf %sum, %square : f32
    linalg.yield %next : f32
  } -> tensor<?x?xf32>
  %empty = tensor.empty(%batch, %length, %width) : !x
  %normed = linalg.generic {indexing_maps = [#all, #token, #feature, #all],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %squares, %weight : !x, tensor<?x?xf32>, !vector) outs(%empty : !x) {
  ^bb0(%e: f32, %sum: f32, %w: f32, %unused: f32):
    %mean = arith.divf %sum, %features : f32
    %shifted = arith.addf %mean, %epsilon : f32
    %factor = math.rsqrt %shifted : f32
    %scaled = arith.mulf %e, %factor : f32
    %result = arith.mulf %scaled, %w : f32
    linalg.yield %result : f32
  } -> !x
  return %normed : !x
}

/// The channels of tokens, from their features.
func.func private @project(%x: !x, %weight: !w_in) -> !inner {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %batch = tensor.dim %x, %c0 : !x
  %length = tensor.dim %x, %c1 : !x
  %heads = tensor.dim %weight, %c1 : !w_in
  %empty = tensor.empty(%batch, %heads, %length) : !inner
  %start = linalg.fill ins(%zero : f32) outs(%empty : !inner) -> !inner
  %y = linalg.contract indexing_maps = [#x, #into, #heads]
    ins(%x, %weight : !x, !w_in) outs(%start : !inner) -> !inner
  return %y : !inner
}

/// Features of tokens from their channels.
func.func private @gather(%u: !inner, %weight: !w_back) -> !x {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %batch = tensor.dim %u, %c0 : !inner
  %length = tensor.dim %u, %c2 : !inner
  %width = tensor.dim %weight, %c2 : !w_back
  %empty = tensor.empty(%batch, %length, %width) : !x
  %start = linalg.fill ins(%zero : f32) outs(%empty : !x) -> !x
  %y = linalg.contract indexing_maps = [#from, #back, #out]
    ins(%u, %weight : !inner, !w_back) outs(%start : !x) -> !x
  return %y : !x
}

/// B or C, which all channels share.
func.func private @share(%u: !inner, %weight: !w_bc) -> !bc {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %batch = tensor.dim %u, %c0 : !inner
  %length = tensor.dim %u, %c2 : !inner
  %empty = tensor.empty(%batch, %length) : !bc
  %start = linalg.fill ins(%zero : f32) outs(%empty : !bc) -> !bc
  %y = linalg.contract indexing_maps = [#from_u, #into_bc, #bc]
    ins(%u, %weight : !inner, !w_bc) outs(%start : !bc) -> !bc
  return %y : !bc
}

func.func private @layer(
    %x: !x, %norm: !vector, %in_u: !w_in, %in_z: !w_in, %taps: !taps,
    %conv_bias: !channel, %x_dt: !w_back, %x_b: !w_bc, %x_c: !w_bc, %dt_up: !w_in,
    %dt_bias: !channel, %a_log: !a, %skip: !channel, %w_out: !w_back, %conv: !conv,
    %state: !state) -> (!x, !conv, !state) {
  %normed = call @norm(%x, %norm) : (!x, !vector) -> !x
  %in = call @project(%normed, %in_u) : (!x, !w_in) -> !inner
  %z = call @project(%normed, %in_z) : (!x, !w_in) -> !inner
  %u, %next_conv = attn.convolve %in, %taps initial_state(%conv : !conv) output {
  ^bb0(%b: index, %h: index, %t: index, %d: index, %sum: f32):
    %offset = tensor.extract %conv_bias[%h, %d] : !channel
    %v = arith.addf %sum, %offset : f32
    %one = arith.constant 1.0 : f32
    %minus = arith.negf %v : f32
    %exp = math.exp %minus : f32
    %divisor = arith.addf %exp, %one : f32
    %silu = arith.divf %v, %divisor : f32
    attn.yield %silu : f32
  } : !inner, !taps -> !inner final_state !conv
  %rank = call @gather(%u, %x_dt) : (!inner, !w_back) -> !x
  %dt = call @project(%rank, %dt_up) : (!x, !w_in) -> !inner
  %b = call @share(%u, %x_b) : (!inner, !w_bc) -> !bc
  %c = call @share(%u, %x_c) : (!inner, !w_bc) -> !bc
  %y, %next_state = attn.scan %c, %b, %u transition diagonal
    initial_state(%state : !state) decay {
  ^bb0(%i: index, %h: index, %t: index, %e: index, %d: index):
    %log = tensor.extract %a_log[%h, %d, %e] : !a
    %rate = math.exp %log : f32
    %minus = arith.negf %rate : f32
    %low = tensor.extract %dt[%i, %h, %t, %d] : !inner
    %offset = tensor.extract %dt_bias[%h, %d] : !channel
    %sum = arith.addf %low, %offset : f32
    %exp = math.exp %sum : f32
    %step = math.log1p %exp : f32
    %decay = arith.mulf %minus, %step : f32
    attn.yield %decay : f32
  } write {
  ^bb0(%i: index, %h: index, %t: index, %d: index, %value: f32):
    %low = tensor.extract %dt[%i, %h, %t, %d] : !inner
    %offset = tensor.extract %dt_bias[%h, %d] : !channel
    %sum = arith.addf %low, %offset : f32
    %exp = math.exp %sum : f32
    %step = math.log1p %exp : f32
    %written = arith.mulf %step, %value : f32
    attn.yield %written : f32
  } output {
  ^bb0(%i: index, %h: index, %t: index, %d: index, %read: f32):
    %weight = tensor.extract %skip[%h, %d] : !channel
    %value = tensor.extract %u[%i, %h, %t, %d] : !inner
    %skipped = arith.mulf %weight, %value : f32
    %sum = arith.addf %read, %skipped : f32
    %gate = tensor.extract %z[%i, %h, %t, %d] : !inner
    %one = arith.constant 1.0 : f32
    %opposite = arith.negf %gate : f32
    %exp = math.exp %opposite : f32
    %divisor = arith.addf %exp, %one : f32
    %silu = arith.divf %gate, %divisor : f32
    %gated = arith.mulf %sum, %silu : f32
    attn.yield %gated : f32
  } : !bc, !bc, !inner -> !inner final_state !state
  // A contraction adds to what it is given: the residual.
  %out = linalg.contract indexing_maps = [#from, #back, #out]
    ins(%y, %w_out : !inner, !w_back) outs(%x : !x) -> !x
  return %out, %next_conv, %next_state : !x, !conv, !state
}

func.func @prefill(
    %x: !x, %norm: !vector, %in_u: !w_in, %in_z: !w_in, %taps: !taps,
    %conv_bias: !channel, %x_dt: !w_back, %x_b: !w_bc, %x_c: !w_bc, %dt_up: !w_in,
    %dt_bias: !channel, %a_log: !a, %skip: !channel, %w_out: !w_back)
    -> (!x, !conv, !state) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %batch = tensor.dim %x, %c0 : !x
  %heads = tensor.dim %in_u, %c1 : !w_in
  %no_conv = tensor.empty(%batch, %heads) : !conv
  %conv = linalg.fill ins(%zero : f32) outs(%no_conv : !conv) -> !conv
  %no_state = tensor.empty(%batch, %heads) : !state
  %state = linalg.fill ins(%zero : f32) outs(%no_state : !state) -> !state
  %out, %next_conv, %next_state = call @layer(
      %x, %norm, %in_u, %in_z, %taps, %conv_bias, %x_dt, %x_b, %x_c, %dt_up, %dt_bias,
      %a_log, %skip, %w_out, %conv, %state)
    : (!x, !vector, !w_in, !w_in, !taps, !channel, !w_back, !w_bc, !w_bc, !w_in,
       !channel, !a, !channel, !w_back, !conv, !state) -> (!x, !conv, !state)
  return %out, %next_conv, %next_state : !x, !conv, !state
}

func.func @decode(
    %x: !x, %norm: !vector, %in_u: !w_in, %in_z: !w_in, %taps: !taps,
    %conv_bias: !channel, %x_dt: !w_back, %x_b: !w_bc, %x_c: !w_bc, %dt_up: !w_in,
    %dt_bias: !channel, %a_log: !a, %skip: !channel, %w_out: !w_back,
    %conv: !conv, %state: !state) -> (!x, !conv, !state) {
  %out, %next_conv, %next_state = call @layer(
      %x, %norm, %in_u, %in_z, %taps, %conv_bias, %x_dt, %x_b, %x_c, %dt_up, %dt_bias,
      %a_log, %skip, %w_out, %conv, %state)
    : (!x, !vector, !w_in, !w_in, !taps, !channel, !w_back, !w_bc, !w_bc, !w_in,
       !channel, !a, !channel, !w_back, !conv, !state) -> (!x, !conv, !state)
  return %out, %next_conv, %next_state : !x, !conv, !state
}
