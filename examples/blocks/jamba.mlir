// A period of Jamba (Lieber et al. 2024): eight layers, of which one attends and seven
// are Mamba, each followed by a feed-forward network, every second of which is a mixture
// of experts.
//
//   layer      0      1        2      3        4          5        6      7
//   mixes by   mamba  mamba    mamba  mamba    attention  mamba    mamba  mamba
//   network    dense  experts  dense  experts  dense      experts  dense  experts
//
// Attention is causal, of grouped heads, and knows no positions: those before it, which
// are recurrences, do. Step size, B and C are normed. Of the experts the two that the
// router gives the most are weighted by its softmax; all are computed, which a model
// with a kernel for sparse experts would not do.
//
// Weights of the layers of a kind are in one tensor, whose first axis counts them, and
// so are their states. What is static here is what kernels are compiled for: four taps,
// states of 16, channels in heads of 64, 2 key heads of 32. `prefill` begins sequences;
// `decode` goes on from their states. Both write keys and values to the cache, where
// `lengths` counts all tokens so far, the new ones too.

!x = tensor<?x?x?xf32>
!vector = tensor<?xf32>
!matrix = tensor<?x?xf32>
!inner = tensor<?x?x?x64xf32>
!bc = tensor<?x1x?x16xf32>
!w_in = tensor<?x?x64xf32>
!w_back = tensor<?x64x?xf32>
!w_q = tensor<?x?x32xf32>
!w_o = tensor<?x32x?xf32>
!heads = tensor<?x?x?x32xf32>
!channel = tensor<?x64xf32>
!taps = tensor<?x64x4xf32>
!a = tensor<?x64x16xf32>
!conv = tensor<?x?x3x64xf32>
!state = tensor<?x?x16x64xf32>
!keys = tensor<?x2x?x32xf32>
!lengths = tensor<?xi32>
!cache = !attn.kv<2x32xf32>

// The same for all layers of a kind: of Mamba, of any kind, with dense networks, with
// experts.
!norms = tensor<8x?xf32>
!m_vector = tensor<7x?xf32>
!m_in = tensor<7x?x?x64xf32>
!m_back = tensor<7x?x64x?xf32>
!m_channel = tensor<7x?x64xf32>
!m_taps = tensor<7x?x64x4xf32>
!m_a = tensor<7x?x64x16xf32>
!m_conv = tensor<7x?x?x3x64xf32>
!m_state = tensor<7x?x?x16x64xf32>
!matrices = tensor<4x?x?xf32>
!experts = tensor<4x?x?x?xf32>
!of_layer = tensor<?x?x?xf32>
!hidden = tensor<?x?x?x?xf32>

#x = affine_map<(b, t, m, h, d) -> (b, t, m)>
#into = affine_map<(b, t, m, h, d) -> (m, h, d)>
#heads = affine_map<(b, t, m, h, d) -> (b, h, t, d)>
#from = affine_map<(b, t, h, d, m) -> (b, h, t, d)>
#back = affine_map<(b, t, h, d, m) -> (h, d, m)>
#out = affine_map<(b, t, h, d, m) -> (b, t, m)>
#row = affine_map<(b, t, m, n) -> (b, t, m)>
#weight = affine_map<(b, t, m, n) -> (m, n)>
#col = affine_map<(b, t, m, n) -> (b, t, n)>
#all = affine_map<(b, t, m) -> (b, t, m)>
#token = affine_map<(b, t, m) -> (b, t)>
#feature = affine_map<(b, t, m) -> (m)>
#pair_row = affine_map<(b, t, e, f) -> (b, t, e)>
#pair_col = affine_map<(b, t, e, f) -> (b, t, f)>
#expert_x = affine_map<(b, t, e, m, n) -> (b, t, m)>
#expert_w = affine_map<(b, t, e, m, n) -> (e, m, n)>
#expert_y = affine_map<(b, t, e, m, n) -> (b, t, e, n)>
#sum_y = affine_map<(b, t, e, n, m) -> (b, t, e, n)>
#sum_w = affine_map<(b, t, e, n, m) -> (e, n, m)>
#sum_x = affine_map<(b, t, e, n, m) -> (b, t, m)>
#of_all = affine_map<(b, t, e, n) -> (b, t, e, n)>
#of_expert = affine_map<(b, t, e, n) -> (b, t, e)>

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

/// W [in, out]: features of every token from others.
func.func private @linear(%x: !x, %weight: !matrix) -> !x {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %batch = tensor.dim %x, %c0 : !x
  %length = tensor.dim %x, %c1 : !x
  %width = tensor.dim %weight, %c1 : !matrix
  %empty = tensor.empty(%batch, %length, %width) : !x
  %start = linalg.fill ins(%zero : f32) outs(%empty : !x) -> !x
  %y = linalg.contract indexing_maps = [#row, #weight, #col]
    ins(%x, %weight : !x, !matrix) outs(%start : !x) -> !x
  return %y : !x
}

func.func private @silu(%x: f32) -> f32 {
  %one = arith.constant 1.0 : f32
  %minus = arith.negf %x : f32
  %exp = math.exp %minus : f32
  %divisor = arith.addf %exp, %one : f32
  %y = arith.divf %x, %divisor : f32
  return %y : f32
}

/// Channels of Mamba, from features.
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

/// Heads of attention, from features.
func.func private @project_heads(%x: !x, %weight: !w_q) -> !heads {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %batch = tensor.dim %x, %c0 : !x
  %length = tensor.dim %x, %c1 : !x
  %heads = tensor.dim %weight, %c1 : !w_q
  %empty = tensor.empty(%batch, %heads, %length) : !heads
  %start = linalg.fill ins(%zero : f32) outs(%empty : !heads) -> !heads
  %y = linalg.contract indexing_maps = [#x, #into, #heads]
    ins(%x, %weight : !x, !w_q) outs(%start : !heads) -> !heads
  return %y : !heads
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

/// B or C, which all channels share, normed.
func.func private @share(%u: !inner, %weight: !w_back, %norm: !vector) -> !bc {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %features = call @gather(%u, %weight) : (!inner, !w_back) -> !x
  %normed = call @norm(%features, %norm) : (!x, !vector) -> !x
  %static = tensor.cast %normed : !x to tensor<?x?x16xf32>
  %batch = tensor.dim %normed, %c0 : !x
  %length = tensor.dim %normed, %c1 : !x
  %empty = tensor.empty(%batch, %length) : !bc
  %y = linalg.broadcast ins(%static : tensor<?x?x16xf32>) outs(%empty : !bc)
    dimensions = [1]
  return %y : !bc
}

/// Mamba with norms of step size, B and C.
func.func private @mamba(
    %layer: index, %x: !x, %norm: !vector,
    %all_in_u: !m_in, %all_in_z: !m_in, %all_taps: !m_taps, %all_conv_bias: !m_channel,
    %all_x_dt: !m_back, %all_x_b: !m_back, %all_x_c: !m_back, %all_dt_norm: !m_vector,
    %all_b_norm: !m_vector, %all_c_norm: !m_vector, %all_dt_up: !m_in,
    %all_dt_bias: !m_channel,
    %all_a_log: !m_a, %all_skip: !m_channel, %all_w_out: !m_back,
    %all_conv: !m_conv, %all_state: !m_state) -> (!x, !m_conv, !m_state) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %batch = tensor.dim %x, %c0 : !x
  %width = tensor.dim %x, %c2 : !x
  %heads = tensor.dim %all_in_u, %c2 : !m_in
  %ranks = tensor.dim %all_dt_up, %c1 : !m_in
  %numbers = tensor.dim %all_x_b, %c3 : !m_back
  %in_u = tensor.extract_slice %all_in_u[%layer, 0, 0, 0] [1, %width, %heads, 64]
    [1, 1, 1, 1] : !m_in to !w_in
  %in_z = tensor.extract_slice %all_in_z[%layer, 0, 0, 0] [1, %width, %heads, 64]
    [1, 1, 1, 1] : !m_in to !w_in
  %taps = tensor.extract_slice %all_taps[%layer, 0, 0, 0] [1, %heads, 64, 4]
    [1, 1, 1, 1] : !m_taps to !taps
  %conv_bias = tensor.extract_slice %all_conv_bias[%layer, 0, 0] [1, %heads, 64]
    [1, 1, 1] : !m_channel to !channel
  %x_dt = tensor.extract_slice %all_x_dt[%layer, 0, 0, 0] [1, %heads, 64, %ranks]
    [1, 1, 1, 1] : !m_back to !w_back
  %x_b = tensor.extract_slice %all_x_b[%layer, 0, 0, 0] [1, %heads, 64, %numbers]
    [1, 1, 1, 1] : !m_back to !w_back
  %x_c = tensor.extract_slice %all_x_c[%layer, 0, 0, 0] [1, %heads, 64, %numbers]
    [1, 1, 1, 1] : !m_back to !w_back
  %dt_norm = tensor.extract_slice %all_dt_norm[%layer, 0] [1, %ranks]
    [1, 1] : !m_vector to !vector
  %b_norm = tensor.extract_slice %all_b_norm[%layer, 0] [1, %numbers]
    [1, 1] : !m_vector to !vector
  %c_norm = tensor.extract_slice %all_c_norm[%layer, 0] [1, %numbers]
    [1, 1] : !m_vector to !vector
  %dt_up = tensor.extract_slice %all_dt_up[%layer, 0, 0, 0] [1, %ranks, %heads, 64]
    [1, 1, 1, 1] : !m_in to !w_in
  %dt_bias = tensor.extract_slice %all_dt_bias[%layer, 0, 0] [1, %heads, 64]
    [1, 1, 1] : !m_channel to !channel
  %a_log = tensor.extract_slice %all_a_log[%layer, 0, 0, 0] [1, %heads, 64, 16]
    [1, 1, 1, 1] : !m_a to !a
  %skip = tensor.extract_slice %all_skip[%layer, 0, 0] [1, %heads, 64]
    [1, 1, 1] : !m_channel to !channel
  %w_out = tensor.extract_slice %all_w_out[%layer, 0, 0, 0] [1, %heads, 64, %width]
    [1, 1, 1, 1] : !m_back to !w_back
  %conv = tensor.extract_slice %all_conv[%layer, 0, 0, 0, 0] [1, %batch, %heads, 3, 64]
    [1, 1, 1, 1, 1] : !m_conv to !conv
  %state = tensor.extract_slice %all_state[%layer, 0, 0, 0, 0] [1, %batch, %heads, 16, 64]
    [1, 1, 1, 1, 1] : !m_state to !state
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
  %normed_rank = call @norm(%rank, %dt_norm) : (!x, !vector) -> !x
  %dt = call @project(%normed_rank, %dt_up) : (!x, !w_in) -> !inner
  %b = call @share(%u, %x_b, %b_norm) : (!inner, !w_back, !vector) -> !bc
  %c = call @share(%u, %x_c, %c_norm) : (!inner, !w_back, !vector) -> !bc
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
  %out = linalg.contract indexing_maps = [#from, #back, #out]
    ins(%y, %w_out : !inner, !w_back) outs(%x : !x) -> !x
  %next_convs = tensor.insert_slice %next_conv into %all_conv[%layer, 0, 0, 0, 0]
    [1, %batch, %heads, 3, 64] [1, 1, 1, 1, 1] : !conv into !m_conv
  %next_states = tensor.insert_slice %next_state into %all_state[%layer, 0, 0, 0, 0]
    [1, %batch, %heads, 16, 64] [1, 1, 1, 1, 1] : !state into !m_state
  return %out, %next_convs, %next_states : !x, !m_conv, !m_state
}

func.func private @attention(%x: !x, %norm: !vector, %w_q: !w_q, %w_k: !w_q, %w_v: !w_q,
                             %w_o: !w_o, %keys: !keys, %values: !keys,
                             %lengths: !lengths) -> !x {
  %k_cache = attn.cache %keys lengths(%lengths) : (!keys, !lengths) -> !cache
  %v_cache = attn.cache %values lengths(%lengths) : (!keys, !lengths) -> !cache
  %normed = call @norm(%x, %norm) : (!x, !vector) -> !x
  %q = call @project_heads(%normed, %w_q) : (!x, !w_q) -> !heads
  %k = call @project_heads(%normed, %w_k) : (!x, !w_q) -> !heads
  %v = call @project_heads(%normed, %w_v) : (!x, !w_q) -> !heads
  %new_k = tensor.cast %k : !heads to !keys
  %new_v = tensor.cast %v : !heads to !keys
  attn.append %new_k to %k_cache : !keys, !cache
  attn.append %new_v to %v_cache : !keys, !cache
  %attended = attn.attend %q, %k_cache, %v_cache mask(#attn.mask<causal>)
    : (!heads, !cache, !cache) -> !heads
  %y = linalg.contract indexing_maps = [#from, #back, #out]
    ins(%attended, %w_o : !heads, !w_o) outs(%x : !x) -> !x
  return %y : !x
}

/// x + (silu(norm(x) W_gate) * (norm(x) W_up)) W_down.
func.func private @dense(%layer: index, %x: !x, %norm: !vector, %gates: !matrices,
                         %ups: !matrices, %downs: !matrices) -> !x {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %m = tensor.dim %gates, %c1 : !matrices
  %f = tensor.dim %gates, %c2 : !matrices
  %w_gate = tensor.extract_slice %gates[%layer, 0, 0] [1, %m, %f]
    [1, 1, 1] : !matrices to !matrix
  %w_up = tensor.extract_slice %ups[%layer, 0, 0] [1, %m, %f]
    [1, 1, 1] : !matrices to !matrix
  %w_down = tensor.extract_slice %downs[%layer, 0, 0] [1, %f, %m]
    [1, 1, 1] : !matrices to !matrix
  %normed = call @norm(%x, %norm) : (!x, !vector) -> !x
  %gate = call @linear(%normed, %w_gate) : (!x, !matrix) -> !x
  %up = call @linear(%normed, %w_up) : (!x, !matrix) -> !x
  %hidden = linalg.generic {indexing_maps = [#all, #all],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%gate : !x) outs(%up : !x) {
  ^bb0(%g: f32, %u: f32):
    %silu = func.call @silu(%g) : (f32) -> f32
    %product = arith.mulf %silu, %u : f32
    linalg.yield %product : f32
  } -> !x
  %y = linalg.contract indexing_maps = [#row, #weight, #col]
    ins(%hidden, %w_down : !x, !matrix) outs(%x : !x) -> !x
  return %y : !x
}

/// x plus the outputs of the two experts that the router prefers, each times its weight
/// in the softmax over all.
func.func private @moe(%layer: index, %x: !x, %norm: !vector, %routers: !matrices,
                       %gates: !experts, %ups: !experts, %downs: !experts) -> !x {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %c3 = arith.constant 3 : index
  %batch = tensor.dim %x, %c0 : !x
  %length = tensor.dim %x, %c1 : !x
  %m = tensor.dim %x, %c2 : !x
  %count = tensor.dim %ups, %c1 : !experts
  %width = tensor.dim %ups, %c3 : !experts
  %router = tensor.extract_slice %routers[%layer, 0, 0] [1, %m, %count]
    [1, 1, 1] : !matrices to !matrix
  %w_gate = tensor.extract_slice %gates[%layer, 0, 0, 0] [1, %count, %m, %width]
    [1, 1, 1, 1] : !experts to !of_layer
  %w_up = tensor.extract_slice %ups[%layer, 0, 0, 0] [1, %count, %m, %width]
    [1, 1, 1, 1] : !experts to !of_layer
  %w_down = tensor.extract_slice %downs[%layer, 0, 0, 0] [1, %count, %width, %m]
    [1, 1, 1, 1] : !experts to !of_layer
  %normed = call @norm(%x, %norm) : (!x, !vector) -> !x
  %logits = call @linear(%normed, %router) : (!x, !matrix) -> !x
  // One over the softmax is a sum of exponentials of differences. An expert's rank is
  // how many are preferred to it.
  %no_experts = tensor.empty(%batch, %length, %count) : !x
  %none = linalg.fill ins(%zero : f32) outs(%no_experts : !x) -> !x
  %router_sums:2 = linalg.generic {
      indexing_maps = [#pair_row, #pair_col, #pair_row, #pair_row],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%logits, %logits : !x, !x) outs(%none, %none : !x, !x) {
  ^bb0(%own: f32, %other: f32, %sum: f32, %rank: f32):
    %difference = arith.subf %other, %own : f32
    %exp = math.exp %difference : f32
    %next_sum = arith.addf %sum, %exp : f32
    %e = linalg.index 2 : index
    %f = linalg.index 3 : index
    %is_first = arith.cmpi slt, %f, %e : index
    %is_equal = arith.cmpf oeq, %other, %own : f32
    %is_greater = arith.cmpf ogt, %other, %own : f32
    %wins_tie = arith.andi %is_first, %is_equal : i1
    %is_before = arith.ori %is_greater, %wins_tie : i1
    %one = arith.uitofp %is_before : i1 to f32
    %next_rank = arith.addf %rank, %one : f32
    linalg.yield %next_sum, %next_rank : f32, f32
  } -> (!x, !x)
  %no_hidden = tensor.empty(%batch, %length, %count, %width) : !hidden
  %start = linalg.fill ins(%zero : f32) outs(%no_hidden : !hidden) -> !hidden
  %gate = linalg.contract indexing_maps = [#expert_x, #expert_w, #expert_y]
    ins(%normed, %w_gate : !x, !of_layer) outs(%start : !hidden) -> !hidden
  %up = linalg.contract indexing_maps = [#expert_x, #expert_w, #expert_y]
    ins(%normed, %w_up : !x, !of_layer) outs(%start : !hidden) -> !hidden
  %hidden = linalg.generic {indexing_maps = [#of_all, #of_expert, #of_expert, #of_all],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%gate, %router_sums#0, %router_sums#1 : !hidden, !x, !x) outs(%up : !hidden) {
  ^bb0(%g: f32, %sum: f32, %rank: f32, %u: f32):
    %two = arith.constant 2.0 : f32
    %none_of_it = arith.constant 0.0 : f32
    %silu = func.call @silu(%g) : (f32) -> f32
    %product = arith.mulf %silu, %u : f32
    %weighted = arith.divf %product, %sum : f32
    %is_chosen = arith.cmpf olt, %rank, %two : f32
    %result = arith.select %is_chosen, %weighted, %none_of_it : f32
    linalg.yield %result : f32
  } -> !hidden
  %y = linalg.contract indexing_maps = [#sum_y, #sum_w, #sum_x]
    ins(%hidden, %w_down : !hidden, !of_layer) outs(%x : !x) -> !x
  return %y : !x
}

func.func private @period(
    %x: !x, %norms: !norms, %network_norms: !norms,
    %in_u: !m_in, %in_z: !m_in, %taps: !m_taps, %conv_bias: !m_channel,
    %x_dt: !m_back, %x_b: !m_back, %x_c: !m_back, %dt_norm: !m_vector,
    %b_norm: !m_vector, %c_norm: !m_vector, %dt_up: !m_in, %dt_bias: !m_channel,
    %a_log: !m_a, %skip: !m_channel, %w_out: !m_back,
    %w_q: !w_q, %w_k: !w_q, %w_v: !w_q, %w_o: !w_o, %w_gate: !matrices,
    %w_up: !matrices, %w_down: !matrices, %router: !matrices, %expert_gate: !experts,
    %expert_up: !experts, %expert_down: !experts, %keys: !keys, %values: !keys,
    %lengths: !lengths,
    %conv: !m_conv, %state: !m_state) -> (!x, !m_conv, !m_state) {
  %l0 = arith.constant 0 : index
  %l1 = arith.constant 1 : index
  %l2 = arith.constant 2 : index
  %l3 = arith.constant 3 : index
  %l4 = arith.constant 4 : index
  %l5 = arith.constant 5 : index
  %l6 = arith.constant 6 : index
  %l7 = arith.constant 7 : index
  %m = tensor.dim %x, %l2 : !x

  %norm0 = tensor.extract_slice %norms[%l0, 0] [1, %m] [1, 1] : !norms to !vector
  %network_norm0 = tensor.extract_slice %network_norms[%l0, 0] [1, %m] [1,
  1] : !norms to !vector
  %y0, %conv0, %state0 = call @mamba(
      %l0, %x, %norm0,
      %in_u, %in_z, %taps, %conv_bias, %x_dt, %x_b, %x_c, %dt_norm, %b_norm,
      %c_norm, %dt_up, %dt_bias, %a_log, %skip, %w_out, %conv,
      %state)
    : (index, !x, !vector, !m_in, !m_in, !m_taps, !m_channel, !m_back, !m_back, !m_back,
       !m_vector, !m_vector, !m_vector, !m_in, !m_channel, !m_a, !m_channel, !m_back,
       !m_conv, !m_state) -> (!x, !m_conv, !m_state)
  %x0 = call @dense(%l0, %y0, %network_norm0, %w_gate, %w_up, %w_down)
    : (index, !x, !vector, !matrices, !matrices, !matrices) -> !x

  %norm1 = tensor.extract_slice %norms[%l1, 0] [1, %m] [1, 1] : !norms to !vector
  %network_norm1 = tensor.extract_slice %network_norms[%l1, 0] [1, %m] [1,
  1] : !norms to !vector
  %y1, %conv1, %state1 = call @mamba(
      %l1, %x0, %norm1,
      %in_u, %in_z, %taps, %conv_bias, %x_dt, %x_b, %x_c, %dt_norm, %b_norm,
      %c_norm, %dt_up, %dt_bias, %a_log, %skip, %w_out, %conv0,
      %state0)
    : (index, !x, !vector, !m_in, !m_in, !m_taps, !m_channel, !m_back, !m_back, !m_back,
       !m_vector, !m_vector, !m_vector, !m_in, !m_channel, !m_a, !m_channel, !m_back,
       !m_conv, !m_state) -> (!x, !m_conv, !m_state)
  %x1 = call @moe(%l0, %y1, %network_norm1, %router, %expert_gate, %expert_up,
                  %expert_down)
    : (index, !x, !vector, !matrices, !experts, !experts, !experts) -> !x

  %norm2 = tensor.extract_slice %norms[%l2, 0] [1, %m] [1, 1] : !norms to !vector
  %network_norm2 = tensor.extract_slice %network_norms[%l2, 0] [1, %m] [1,
  1] : !norms to !vector
  %y2, %conv2, %state2 = call @mamba(
      %l2, %x1, %norm2,
      %in_u, %in_z, %taps, %conv_bias, %x_dt, %x_b, %x_c, %dt_norm, %b_norm,
      %c_norm, %dt_up, %dt_bias, %a_log, %skip, %w_out, %conv1,
      %state1)
    : (index, !x, !vector, !m_in, !m_in, !m_taps, !m_channel, !m_back, !m_back, !m_back,
       !m_vector, !m_vector, !m_vector, !m_in, !m_channel, !m_a, !m_channel, !m_back,
       !m_conv, !m_state) -> (!x, !m_conv, !m_state)
  %x2 = call @dense(%l1, %y2, %network_norm2, %w_gate, %w_up, %w_down)
    : (index, !x, !vector, !matrices, !matrices, !matrices) -> !x

  %norm3 = tensor.extract_slice %norms[%l3, 0] [1, %m] [1, 1] : !norms to !vector
  %network_norm3 = tensor.extract_slice %network_norms[%l3, 0] [1, %m] [1,
  1] : !norms to !vector
  %y3, %conv3, %state3 = call @mamba(
      %l3, %x2, %norm3,
      %in_u, %in_z, %taps, %conv_bias, %x_dt, %x_b, %x_c, %dt_norm, %b_norm,
      %c_norm, %dt_up, %dt_bias, %a_log, %skip, %w_out, %conv2,
      %state2)
    : (index, !x, !vector, !m_in, !m_in, !m_taps, !m_channel, !m_back, !m_back, !m_back,
       !m_vector, !m_vector, !m_vector, !m_in, !m_channel, !m_a, !m_channel, !m_back,
       !m_conv, !m_state) -> (!x, !m_conv, !m_state)
  %x3 = call @moe(%l1, %y3, %network_norm3, %router, %expert_gate, %expert_up,
                  %expert_down)
    : (index, !x, !vector, !matrices, !experts, !experts, !experts) -> !x

  %norm4 = tensor.extract_slice %norms[%l4, 0] [1, %m] [1, 1] : !norms to !vector
  %network_norm4 = tensor.extract_slice %network_norms[%l4, 0] [1, %m] [1,
  1] : !norms to !vector
  %y4 = call @attention(%x3, %norm4, %w_q, %w_k, %w_v, %w_o, %keys, %values, %lengths)
    : (!x, !vector, !w_q, !w_q, !w_q, !w_o, !keys, !keys, !lengths) -> !x
  %x4 = call @dense(%l2, %y4, %network_norm4, %w_gate, %w_up, %w_down)
    : (index, !x, !vector, !matrices, !matrices, !matrices) -> !x

  %norm5 = tensor.extract_slice %norms[%l5, 0] [1, %m] [1, 1] : !norms to !vector
  %network_norm5 = tensor.extract_slice %network_norms[%l5, 0] [1, %m] [1,
  1] : !norms to !vector
  %y5, %conv5, %state5 = call @mamba(
      %l4, %x4, %norm5,
      %in_u, %in_z, %taps, %conv_bias, %x_dt, %x_b, %x_c, %dt_norm, %b_norm,
      %c_norm, %dt_up, %dt_bias, %a_log, %skip, %w_out, %conv3,
      %state3)
    : (index, !x, !vector, !m_in, !m_in, !m_taps, !m_channel, !m_back, !m_back, !m_back,
       !m_vector, !m_vector, !m_vector, !m_in, !m_channel, !m_a, !m_channel, !m_back,
       !m_conv, !m_state) -> (!x, !m_conv, !m_state)
  %x5 = call @moe(%l2, %y5, %network_norm5, %router, %expert_gate, %expert_up,
                  %expert_down)
    : (index, !x, !vector, !matrices, !experts, !experts, !experts) -> !x

  %norm6 = tensor.extract_slice %norms[%l6, 0] [1, %m] [1, 1] : !norms to !vector
  %network_norm6 = tensor.extract_slice %network_norms[%l6, 0] [1, %m] [1,
  1] : !norms to !vector
  %y6, %conv6, %state6 = call @mamba(
      %l5, %x5, %norm6,
      %in_u, %in_z, %taps, %conv_bias, %x_dt, %x_b, %x_c, %dt_norm, %b_norm,
      %c_norm, %dt_up, %dt_bias, %a_log, %skip, %w_out, %conv5,
      %state5)
    : (index, !x, !vector, !m_in, !m_in, !m_taps, !m_channel, !m_back, !m_back, !m_back,
       !m_vector, !m_vector, !m_vector, !m_in, !m_channel, !m_a, !m_channel, !m_back,
       !m_conv, !m_state) -> (!x, !m_conv, !m_state)
  %x6 = call @dense(%l3, %y6, %network_norm6, %w_gate, %w_up, %w_down)
    : (index, !x, !vector, !matrices, !matrices, !matrices) -> !x

  %norm7 = tensor.extract_slice %norms[%l7, 0] [1, %m] [1, 1] : !norms to !vector
  %network_norm7 = tensor.extract_slice %network_norms[%l7, 0] [1, %m] [1,
  1] : !norms to !vector
  %y7, %conv7, %state7 = call @mamba(
      %l6, %x6, %norm7,
      %in_u, %in_z, %taps, %conv_bias, %x_dt, %x_b, %x_c, %dt_norm, %b_norm,
      %c_norm, %dt_up, %dt_bias, %a_log, %skip, %w_out, %conv6,
      %state6)
    : (index, !x, !vector, !m_in, !m_in, !m_taps, !m_channel, !m_back, !m_back, !m_back,
       !m_vector, !m_vector, !m_vector, !m_in, !m_channel, !m_a, !m_channel, !m_back,
       !m_conv, !m_state) -> (!x, !m_conv, !m_state)
  %x7 = call @moe(%l3, %y7, %network_norm7, %router, %expert_gate, %expert_up,
                  %expert_down)
    : (index, !x, !vector, !matrices, !experts, !experts, !experts) -> !x
  return %x7, %conv7, %state7 : !x, !m_conv, !m_state
}

func.func @prefill(
    %x: !x, %norms: !norms, %network_norms: !norms,
    %in_u: !m_in, %in_z: !m_in, %taps: !m_taps, %conv_bias: !m_channel,
    %x_dt: !m_back, %x_b: !m_back, %x_c: !m_back, %dt_norm: !m_vector,
    %b_norm: !m_vector, %c_norm: !m_vector, %dt_up: !m_in, %dt_bias: !m_channel,
    %a_log: !m_a, %skip: !m_channel, %w_out: !m_back,
    %w_q: !w_q, %w_k: !w_q, %w_v: !w_q, %w_o: !w_o, %w_gate: !matrices,
    %w_up: !matrices, %w_down: !matrices, %router: !matrices, %expert_gate: !experts,
    %expert_up: !experts, %expert_down: !experts, %keys: !keys, %values: !keys,
    %lengths: !lengths) -> (!x, !m_conv, !m_state) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %batch = tensor.dim %x, %c0 : !x
  %heads = tensor.dim %in_u, %c2 : !m_in
  %no_conv = tensor.empty(%batch, %heads) : !m_conv
  %conv = linalg.fill ins(%zero : f32) outs(%no_conv : !m_conv) -> !m_conv
  %no_state = tensor.empty(%batch, %heads) : !m_state
  %state = linalg.fill ins(%zero : f32) outs(%no_state : !m_state) -> !m_state
  %out, %next_conv, %next_state = call @period(
      %x, %norms, %network_norms,
      %in_u, %in_z, %taps, %conv_bias, %x_dt, %x_b, %x_c, %dt_norm, %b_norm,
      %c_norm, %dt_up, %dt_bias, %a_log, %skip, %w_out,
      %w_q, %w_k, %w_v, %w_o, %w_gate, %w_up, %w_down, %router, %expert_gate,
      %expert_up, %expert_down, %keys, %values, %lengths, %conv, %state)
    : (!x, !norms, !norms, !m_in, !m_in, !m_taps, !m_channel, !m_back, !m_back, !m_back,
       !m_vector, !m_vector, !m_vector, !m_in, !m_channel, !m_a, !m_channel, !m_back,
       !w_q, !w_q, !w_q, !w_o, !matrices, !matrices, !matrices, !matrices, !experts,
       !experts, !experts, !keys, !keys, !lengths, !m_conv, !m_state)
    -> (!x, !m_conv, !m_state)
  return %out, %next_conv, %next_state : !x, !m_conv, !m_state
}

func.func @decode(
    %x: !x, %norms: !norms, %network_norms: !norms,
    %in_u: !m_in, %in_z: !m_in, %taps: !m_taps, %conv_bias: !m_channel,
    %x_dt: !m_back, %x_b: !m_back, %x_c: !m_back, %dt_norm: !m_vector,
    %b_norm: !m_vector, %c_norm: !m_vector, %dt_up: !m_in, %dt_bias: !m_channel,
    %a_log: !m_a, %skip: !m_channel, %w_out: !m_back,
    %w_q: !w_q, %w_k: !w_q, %w_v: !w_q, %w_o: !w_o, %w_gate: !matrices,
    %w_up: !matrices, %w_down: !matrices, %router: !matrices, %expert_gate: !experts,
    %expert_up: !experts, %expert_down: !experts, %keys: !keys, %values: !keys,
    %lengths: !lengths,
    %conv: !m_conv, %state: !m_state) -> (!x, !m_conv, !m_state) {
  %out, %next_conv, %next_state = call @period(
      %x, %norms, %network_norms,
      %in_u, %in_z, %taps, %conv_bias, %x_dt, %x_b, %x_c, %dt_norm, %b_norm,
      %c_norm, %dt_up, %dt_bias, %a_log, %skip, %w_out,
      %w_q, %w_k, %w_v, %w_o, %w_gate, %w_up, %w_down, %router, %expert_gate,
      %expert_up, %expert_down, %keys, %values, %lengths, %conv, %state)
    : (!x, !norms, !norms, !m_in, !m_in, !m_taps, !m_channel, !m_back, !m_back, !m_back,
       !m_vector, !m_vector, !m_vector, !m_in, !m_channel, !m_a, !m_channel, !m_back,
       !w_q, !w_q, !w_q, !w_o, !matrices, !matrices, !matrices, !matrices, !experts,
       !experts, !experts, !keys, !keys, !lengths, !m_conv, !m_state)
    -> (!x, !m_conv, !m_state)
  return %out, %next_conv, %next_state : !x, !m_conv, !m_state
}
