// Two layers of Zamba (Glorioso et al. 2024): Mamba with an attention block in front,
// which both layers share and each calls with a cache of its own.
//
//   t   = attention(norm([x, e]))          e: the embeddings that the model began with
//   t   = (gelu(norm(t) W_gate) * (norm(t) W_up)) W_down
//   out = x + mamba(norm(x + t W_layer))
//
// The block reads x and e side by side, so its heads are twice as wide in all, and its
// scale is that of half a head. What is applied to the two side by side is here applied
// to each, with the halves of the weights, and added: nothing is joined.
//
// Weights of the two layers are in one tensor, whose first axis counts them, and so are
// their states. What is static here is what kernels are compiled for: four taps, states
// of 16, channels in heads of 64, 4 key heads of 64. `prefill` begins sequences;
// `decode` goes on from their states. Both write keys and values to the caches, where
// `lengths` counts all tokens so far, the new ones too.

!x = tensor<?x?x?xf32>
!vector = tensor<?xf32>
!matrix = tensor<?x?xf32>
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
!keys = tensor<?x4x?x64xf32>
!lengths = tensor<?xi32>
!cache = !attn.kv<4x64xf32>

// The same for both layers.
!m_vector = tensor<2x?xf32>
!m_matrix = tensor<2x?x?xf32>
!m_in = tensor<2x?x?x64xf32>
!m_back = tensor<2x?x64x?xf32>
!m_bc = tensor<2x1x?x64x16xf32>
!m_channel = tensor<2x?x64xf32>
!m_taps = tensor<2x?x64x4xf32>
!m_a = tensor<2x?x64x16xf32>
!m_conv = tensor<2x?x?x3x64xf32>
!m_state = tensor<2x?x?x16x64xf32>

#x = affine_map<(b, t, m, h, d) -> (b, t, m)>
#into = affine_map<(b, t, m, h, d) -> (m, h, d)>
#heads = affine_map<(b, t, m, h, d) -> (b, h, t, d)>
#from = affine_map<(b, t, h, d, m) -> (b, h, t, d)>
#back = affine_map<(b, t, h, d, m) -> (h, d, m)>
#out = affine_map<(b, t, h, d, m) -> (b, t, m)>
#row = affine_map<(b, t, m, n) -> (b, t, m)>
#weight = affine_map<(b, t, m, n) -> (m, n)>
#col = affine_map<(b, t, m, n) -> (b, t, n)>
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

/// Channels or heads of tokens, from their features.
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

/// x + mamba(norm(x + t W_layer)).
func.func private @mamba(
    %layer: index, %x: !x, %t: !x,
    %all_norm: !m_vector, %all_w_layer: !m_matrix, %all_in_u: !m_in, %all_in_z: !m_in,
    %all_taps: !m_taps,
    %all_conv_bias: !m_channel, %all_x_dt: !m_back, %all_x_b: !m_bc, %all_x_c: !m_bc,
    %all_dt_up: !m_in,
    %all_dt_bias: !m_channel, %all_a_log: !m_a, %all_skip: !m_channel, %all_w_out: !m_back,
    %all_conv: !m_conv, %all_state: !m_state) -> (!x, !m_conv, !m_state) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %x, %c0 : !x
  %width = tensor.dim %x, %c2 : !x
  %heads = tensor.dim %all_in_u, %c2 : !m_in
  %ranks = tensor.dim %all_dt_up, %c1 : !m_in
  %norm = tensor.extract_slice %all_norm[%layer, 0] [1, %width]
    [1, 1] : !m_vector to !vector
  %w_layer = tensor.extract_slice %all_w_layer[%layer, 0, 0] [1, %width, %width]
    [1, 1, 1] : !m_matrix to !matrix
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
  %x_b = tensor.extract_slice %all_x_b[%layer, 0, 0, 0, 0] [1, 1, %heads, 64, 16]
    [1, 1, 1, 1, 1] : !m_bc to !w_bc
  %x_c = tensor.extract_slice %all_x_c[%layer, 0, 0, 0, 0] [1, 1, %heads, 64, 16]
    [1, 1, 1, 1, 1] : !m_bc to !w_bc
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
  %sum = linalg.contract indexing_maps = [#row, #weight, #col]
    ins(%t, %w_layer : !x, !matrix) outs(%x : !x) -> !x
  %normed = call @norm(%sum, %norm) : (!x, !vector) -> !x
  %in = call @project(%normed, %in_u) : (!x, !w_in) -> !inner
  %z = call @project(%normed, %in_z) : (!x, !w_in) -> !inner
  %u, %next_conv = attn.convolve %in, %taps initial_state(%conv : !conv) output {
  ^bb0(%i: index, %h: index, %p: index, %d: index, %total: f32):
    %offset = tensor.extract %conv_bias[%h, %d] : !channel
    %v = arith.addf %total, %offset : f32
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
  ^bb0(%i: index, %h: index, %p: index, %e: index, %d: index):
    %log = tensor.extract %a_log[%h, %d, %e] : !a
    %rate = math.exp %log : f32
    %minus = arith.negf %rate : f32
    %low = tensor.extract %dt[%i, %h, %p, %d] : !inner
    %offset = tensor.extract %dt_bias[%h, %d] : !channel
    %total = arith.addf %low, %offset : f32
    %exp = math.exp %total : f32
    %step = math.log1p %exp : f32
    %decay = arith.mulf %minus, %step : f32
    attn.yield %decay : f32
  } write {
  ^bb0(%i: index, %h: index, %p: index, %d: index, %value: f32):
    %low = tensor.extract %dt[%i, %h, %p, %d] : !inner
    %offset = tensor.extract %dt_bias[%h, %d] : !channel
    %total = arith.addf %low, %offset : f32
    %exp = math.exp %total : f32
    %step = math.log1p %exp : f32
    %written = arith.mulf %step, %value : f32
    attn.yield %written : f32
  } output {
  ^bb0(%i: index, %h: index, %p: index, %d: index, %read: f32):
    %weight = tensor.extract %skip[%h, %d] : !channel
    %value = tensor.extract %u[%i, %h, %p, %d] : !inner
    %skipped = arith.mulf %weight, %value : f32
    %total = arith.addf %read, %skipped : f32
    %gate = tensor.extract %z[%i, %h, %p, %d] : !inner
    %one = arith.constant 1.0 : f32
    %opposite = arith.negf %gate : f32
    %exp = math.exp %opposite : f32
    %divisor = arith.addf %exp, %one : f32
    %silu = arith.divf %gate, %divisor : f32
    %gated = arith.mulf %total, %silu : f32
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

/// The heads of x and e side by side, from their features.
func.func private @project_pair(%x: !x, %e: !x, %w_x: !w_in, %w_e: !w_in) -> !inner {
  %of_x = call @project(%x, %w_x) : (!x, !w_in) -> !inner
  %both = linalg.contract indexing_maps = [#x, #into, #heads]
    ins(%e, %w_e : !x, !w_in) outs(%of_x : !inner) -> !inner
  return %both : !inner
}

/// [x, e] / sqrt(mean([x, e]^2) + 1e-5), each feature times its weight.
func.func private @norm_pair(%x: !x, %e: !x, %w_x: !vector, %w_e: !vector) -> (!x, !x) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %epsilon = arith.constant 1.0e-05 : f32
  %batch = tensor.dim %x, %c0 : !x
  %length = tensor.dim %x, %c1 : !x
  %width = tensor.dim %x, %c2 : !x
  %width_i32 = arith.index_cast %width : index to i32
  %half = arith.sitofp %width_i32 : i32 to f32
  %features = arith.addf %half, %half : f32
  %tokens = tensor.empty(%batch, %length) : tensor<?x?xf32>
  %none = linalg.fill ins(%zero : f32) outs(%tokens : tensor<?x?xf32>) -> tensor<?x?xf32>
  %squares = linalg.generic {indexing_maps = [#all, #all, #token],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %e : !x, !x) outs(%none : tensor<?x?xf32>) {
  ^bb0(%f: f32, %g: f32, %sum: f32):
    %f_square = arith.mulf %f, %f : f32
    %g_square = arith.mulf %g, %g : f32
    %square = arith.addf %f_square, %g_square : f32
    %next = arith.addf %sum, %square : f32
    linalg.yield %next : f32
  } -> tensor<?x?xf32>
  %empty = tensor.empty(%batch, %length, %width) : !x
  %normed:2 = linalg.generic {
      indexing_maps = [#all, #all, #token, #feature, #feature, #all, #all],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %e, %squares, %w_x, %w_e : !x, !x, tensor<?x?xf32>, !vector, !vector)
      outs(%empty, %empty : !x, !x) {
  ^bb0(%f: f32, %g: f32, %sum: f32, %w_f: f32, %w_g: f32, %unused0: f32, %unused1: f32):
    %mean = arith.divf %sum, %features : f32
    %shifted = arith.addf %mean, %epsilon : f32
    %factor = math.rsqrt %shifted : f32
    %f_scaled = arith.mulf %f, %factor : f32
    %g_scaled = arith.mulf %g, %factor : f32
    %f_result = arith.mulf %f_scaled, %w_f : f32
    %g_result = arith.mulf %g_scaled, %w_g : f32
    linalg.yield %f_result, %g_result : f32, f32
  } -> (!x, !x)
  return %normed#0, %normed#1 : !x, !x
}

/// The block that the layers share.
func.func private @shared(
    %x: !x, %e: !x,
    %norm_x: !vector, %norm_e: !vector, %w_q_x: !w_in, %w_q_e: !w_in, %w_k_x: !w_in,
    %w_k_e: !w_in, %w_v_x: !w_in, %w_v_e: !w_in, %w_o: !w_back, %network_norm: !vector,
    %w_gate: !matrix, %w_up: !matrix, %w_down: !matrix,
    %keys: !keys, %values: !keys, %lengths: !lengths) -> !x {
  %k_cache = attn.cache %keys lengths(%lengths) : (!keys, !lengths) -> !cache
  %v_cache = attn.cache %values lengths(%lengths) : (!keys, !lengths) -> !cache
  %n_x, %n_e = call @norm_pair(%x, %e, %norm_x, %norm_e)
    : (!x, !x, !vector, !vector) -> (!x, !x)
  %q = call @project_pair(%n_x, %n_e, %w_q_x, %w_q_e) : (!x, !x, !w_in, !w_in) -> !inner
  %k = call @project_pair(%n_x, %n_e, %w_k_x, %w_k_e) : (!x, !x, !w_in, !w_in) -> !inner
  %v = call @project_pair(%n_x, %n_e, %w_v_x, %w_v_e) : (!x, !x, !w_in, !w_in) -> !inner
  %new_k = tensor.cast %k : !inner to !keys
  %new_v = tensor.cast %v : !inner to !keys
  attn.append %new_k to %k_cache : !keys, !cache
  attn.append %new_v to %v_cache : !keys, !cache
  // 1 / sqrt(32)
  %attended = attn.attend %q, %k_cache, %v_cache mask(#attn.mask<causal>)
    scale 0.17677669529663687 : (!inner, !cache, !cache) -> !inner
  %t = call @gather(%attended, %w_o) : (!inner, !w_back) -> !x
  %normed = call @norm(%t, %network_norm) : (!x, !vector) -> !x
  %gate = call @linear(%normed, %w_gate) : (!x, !matrix) -> !x
  %up = call @linear(%normed, %w_up) : (!x, !matrix) -> !x
  %hidden = linalg.generic {indexing_maps = [#all, #all],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%gate : !x) outs(%up : !x) {
  ^bb0(%g: f32, %u: f32):
    %half = arith.constant 0.5 : f32
    %root = arith.constant 0.70710678118654752 : f32
    %scaled = arith.mulf %g, %root : f32
    %erf = math.erf %scaled : f32
    %g_half = arith.mulf %g, %half : f32
    %gelu = math.fma %g_half, %erf, %g_half : f32
    %product = arith.mulf %gelu, %u : f32
    linalg.yield %product : f32
  } -> !x
  %y = call @linear(%hidden, %w_down) : (!x, !matrix) -> !x
  return %y : !x
}

func.func private @pair(
    %x: !x, %e: !x,
    %norm_x: !vector, %norm_e: !vector, %w_q_x: !w_in, %w_q_e: !w_in, %w_k_x: !w_in,
    %w_k_e: !w_in, %w_v_x: !w_in, %w_v_e: !w_in, %w_o: !w_back, %network_norm: !vector,
    %w_gate: !matrix, %w_up: !matrix, %w_down: !matrix,
    %norm: !m_vector, %w_layer: !m_matrix, %in_u: !m_in, %in_z: !m_in, %taps: !m_taps,
    %conv_bias: !m_channel, %x_dt: !m_back, %x_b: !m_bc, %x_c: !m_bc, %dt_up: !m_in,
    %dt_bias: !m_channel, %a_log: !m_a, %skip: !m_channel, %w_out: !m_back,
    %keys0: !keys, %values0: !keys, %keys1: !keys, %values1: !keys, %lengths: !lengths,
    %conv: !m_conv, %state: !m_state) -> (!x, !m_conv, !m_state) {
  %l0 = arith.constant 0 : index
  %l1 = arith.constant 1 : index
  %t0 = call @shared(
      %x, %e, %norm_x, %norm_e, %w_q_x, %w_q_e, %w_k_x, %w_k_e,
      %w_v_x, %w_v_e, %w_o, %network_norm, %w_gate, %w_up, %w_down,
      %keys0, %values0, %lengths)
    : (!x, !x, !vector, !vector, !w_in, !w_in, !w_in, !w_in,
       !w_in, !w_in, !w_back, !vector, !matrix, !matrix, !matrix,
       !keys, !keys, !lengths) -> !x
  %x0, %conv0, %state0 = call @mamba(
      %l0, %x, %t0, %norm, %w_layer, %in_u, %in_z, %taps, %conv_bias,
      %x_dt, %x_b, %x_c, %dt_up, %dt_bias, %a_log, %skip, %w_out, %conv, %state)
    : (index, !x, !x, !m_vector, !m_matrix, !m_in, !m_in, !m_taps, !m_channel,
       !m_back, !m_bc, !m_bc, !m_in, !m_channel, !m_a, !m_channel, !m_back,
       !m_conv, !m_state) -> (!x, !m_conv, !m_state)
  %t1 = call @shared(
      %x0, %e, %norm_x, %norm_e, %w_q_x, %w_q_e, %w_k_x, %w_k_e,
      %w_v_x, %w_v_e, %w_o, %network_norm, %w_gate, %w_up, %w_down,
      %keys1, %values1, %lengths)
    : (!x, !x, !vector, !vector, !w_in, !w_in, !w_in, !w_in,
       !w_in, !w_in, !w_back, !vector, !matrix, !matrix, !matrix,
       !keys, !keys, !lengths) -> !x
  %x1, %conv1, %state1 = call @mamba(
      %l1, %x0, %t1, %norm, %w_layer, %in_u, %in_z, %taps, %conv_bias,
      %x_dt, %x_b, %x_c, %dt_up, %dt_bias, %a_log, %skip, %w_out, %conv0, %state0)
    : (index, !x, !x, !m_vector, !m_matrix, !m_in, !m_in, !m_taps, !m_channel,
       !m_back, !m_bc, !m_bc, !m_in, !m_channel, !m_a, !m_channel, !m_back,
       !m_conv, !m_state) -> (!x, !m_conv, !m_state)
  return %x1, %conv1, %state1 : !x, !m_conv, !m_state
}

func.func @prefill(
    %x: !x, %e: !x,
    %norm_x: !vector, %norm_e: !vector, %w_q_x: !w_in, %w_q_e: !w_in, %w_k_x: !w_in,
    %w_k_e: !w_in, %w_v_x: !w_in, %w_v_e: !w_in, %w_o: !w_back, %network_norm: !vector,
    %w_gate: !matrix, %w_up: !matrix, %w_down: !matrix,
    %norm: !m_vector, %w_layer: !m_matrix, %in_u: !m_in, %in_z: !m_in, %taps: !m_taps,
    %conv_bias: !m_channel, %x_dt: !m_back, %x_b: !m_bc, %x_c: !m_bc, %dt_up: !m_in,
    %dt_bias: !m_channel, %a_log: !m_a, %skip: !m_channel, %w_out: !m_back,
    %keys0: !keys, %values0: !keys, %keys1: !keys, %values1: !keys,
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
  %out, %next_conv, %next_state = call @pair(
      %x, %e, %norm_x, %norm_e, %w_q_x, %w_q_e, %w_k_x, %w_k_e,
      %w_v_x, %w_v_e, %w_o, %network_norm, %w_gate, %w_up, %w_down,
      %norm, %w_layer, %in_u, %in_z, %taps, %conv_bias,
      %x_dt, %x_b, %x_c, %dt_up, %dt_bias, %a_log, %skip, %w_out,
      %keys0, %values0, %keys1, %values1, %lengths, %conv, %state)
    : (!x, !x, !vector, !vector, !w_in, !w_in, !w_in, !w_in,
       !w_in, !w_in, !w_back, !vector, !matrix, !matrix, !matrix,
       !m_vector, !m_matrix, !m_in, !m_in, !m_taps, !m_channel,
       !m_back, !m_bc, !m_bc, !m_in, !m_channel, !m_a, !m_channel, !m_back,
       !keys, !keys, !keys, !keys, !lengths, !m_conv, !m_state)
    -> (!x, !m_conv, !m_state)
  return %out, %next_conv, %next_state : !x, !m_conv, !m_state
}

func.func @decode(
    %x: !x, %e: !x,
    %norm_x: !vector, %norm_e: !vector, %w_q_x: !w_in, %w_q_e: !w_in, %w_k_x: !w_in,
    %w_k_e: !w_in, %w_v_x: !w_in, %w_v_e: !w_in, %w_o: !w_back, %network_norm: !vector,
    %w_gate: !matrix, %w_up: !matrix, %w_down: !matrix,
    %norm: !m_vector, %w_layer: !m_matrix, %in_u: !m_in, %in_z: !m_in, %taps: !m_taps,
    %conv_bias: !m_channel, %x_dt: !m_back, %x_b: !m_bc, %x_c: !m_bc, %dt_up: !m_in,
    %dt_bias: !m_channel, %a_log: !m_a, %skip: !m_channel, %w_out: !m_back,
    %keys0: !keys, %values0: !keys, %keys1: !keys, %values1: !keys, %lengths: !lengths,
    %conv: !m_conv, %state: !m_state) -> (!x, !m_conv, !m_state) {
  %out, %next_conv, %next_state = call @pair(
      %x, %e, %norm_x, %norm_e, %w_q_x, %w_q_e, %w_k_x, %w_k_e,
      %w_v_x, %w_v_e, %w_o, %network_norm, %w_gate, %w_up, %w_down,
      %norm, %w_layer, %in_u, %in_z, %taps, %conv_bias,
      %x_dt, %x_b, %x_c, %dt_up, %dt_bias, %a_log, %skip, %w_out,
      %keys0, %values0, %keys1, %values1, %lengths, %conv, %state)
    : (!x, !x, !vector, !vector, !w_in, !w_in, !w_in, !w_in,
       !w_in, !w_in, !w_back, !vector, !matrix, !matrix, !matrix,
       !m_vector, !m_matrix, !m_in, !m_in, !m_taps, !m_channel,
       !m_back, !m_bc, !m_bc, !m_in, !m_channel, !m_a, !m_channel, !m_back,
       !keys, !keys, !keys, !keys, !lengths, !m_conv, !m_state)
    -> (!x, !m_conv, !m_state)
  return %out, %next_conv, %next_state : !x, !m_conv, !m_state
}
