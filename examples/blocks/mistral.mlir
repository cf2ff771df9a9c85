// A layer of Mistral 7B (Jiang et al. 2023), in the small: sliding-window attention of
// grouped heads over a rolling cache, and a SwiGLU network.
//
//   q, k, v = rotate(norm(x) W_q), rotate(norm(x) W_k), norm(x) W_v
//   x       = x + attend(q, k, v, the last 32 positions) W_o
//   out     = x + (silu(norm(x) W_gate) * (norm(x) W_up)) W_down
//
// Heads of 32, 2 of keys, a window of 32 and a ring of 64 slots are what this file is
// compiled for; Mistral 7B has heads of 128, 8 of keys, and a window of 4096. How wide
// the model is, and how many query heads it has, its weights say, which are [in, out].
//
// `prefill` takes prompts of any lengths, one a sequence, and attends to them where they
// are; the ring keeps their ends. `decode` writes the new tokens to the ring and attends
// to what is there, so it takes up to 33 tokens at a time: a window must be left for the
// first of them. `lengths` counts all tokens of a sequence so far, the new ones too.

!x = tensor<?x?x?xf32>
!vector = tensor<?xf32>
!matrix = tensor<?x?xf32>
!heads = tensor<?x?x?x32xf32>
!half = tensor<?x?x?x16xf32>
!kv = tensor<?x2x?x32xf32>
!w_in = tensor<?x?x32xf32>
!w_o = tensor<?x32x?xf32>
!ring = tensor<?x2x64x32xf32>
!lengths = tensor<?xi32>
!cache = !attn.kv<2x32xf32, rolling<64>>

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
#sequence = affine_map<(b) -> (b)>
#start = affine_map<(b, h, t, d) -> (b)>
#each = affine_map<(b, h, t, d) -> (b, h, t, d)>

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

/// The heads of every token, from its features: queries, keys or values.
func.func private @project(%x: !x, %weight: !w_in) -> !heads {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %batch = tensor.dim %x, %c0 : !x
  %length = tensor.dim %x, %c1 : !x
  %heads = tensor.dim %weight, %c1 : !w_in
  %empty = tensor.empty(%batch, %heads, %length) : !heads
  %start = linalg.fill ins(%zero : f32) outs(%empty : !heads) -> !heads
  %y = linalg.contract indexing_maps = [#x, #into, #heads]
    ins(%x, %weight : !x, !w_in) outs(%start : !heads) -> !heads
  return %y : !heads
}

/// Rotary embedding (Su et al. 2021): elements d and d + 16 turn by the position times
/// 10000^(-d/16). Token t of a sequence is at its start + t. Angles are f64, since f32
/// has no digits left for the fraction of a turn where positions are large.
func.func private @rotate(%x: !heads, %starts: !lengths) -> !heads {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %x, %c0 : !heads
  %heads = tensor.dim %x, %c1 : !heads
  %length = tensor.dim %x, %c2 : !heads
  %low = tensor.extract_slice %x[0, 0, 0, 0] [%batch, %heads, %length, 16] [1, 1, 1, 1]
    : !heads to !half
  %high = tensor.extract_slice %x[0, 0, 0, 16] [%batch, %heads, %length, 16] [1, 1, 1, 1]
    : !heads to !half
  %empty = tensor.empty(%batch, %heads, %length) : !half
  %turned:2 = linalg.generic {indexing_maps = [#each, #each, #start, #each, #each],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%low, %high, %starts : !half, !half, !lengths) outs(%empty, %empty : !half, !half) {
  ^bb0(%a: f32, %b: f32, %start: i32, %unused0: f32, %unused1: f32):
    %t = linalg.index 2 : index
    %d = linalg.index 3 : index
    %offset = arith.index_cast %t : index to i32
    %position = arith.addi %start, %offset : i32
    %d_i32 = arith.index_cast %d : index to i32
    %p = arith.sitofp %position : i32 to f64
    %e = arith.sitofp %d_i32 : i32 to f64
    %rate = arith.constant -0.57564627324851142 : f64 // -ln(10000) / 16
    %exponent = arith.mulf %e, %rate : f64
    %frequency = math.exp %exponent : f64
    %angle = arith.mulf %p, %frequency : f64
    %cos64 = math.cos %angle : f64
    %sin64 = math.sin %angle : f64
    %cos = arith.truncf %cos64 : f64 to f32
    %sin = arith.truncf %sin64 : f64 to f32
    %a_cos = arith.mulf %a, %cos : f32
    %b_sin = arith.mulf %b, %sin : f32
    %a_sin = arith.mulf %a, %sin : f32
    %b_cos = arith.mulf %b, %cos : f32
    %first = arith.subf %a_cos, %b_sin : f32
    %second = arith.addf %b_cos, %a_sin : f32
    linalg.yield %first, %second : f32, f32
  } -> (!half, !half)
  %whole = tensor.empty(%batch, %heads, %length) : !heads
  %with_low = tensor.insert_slice %turned#0 into %whole[0, 0, 0, 0]
    [%batch, %heads, %length, 16] [1, 1, 1, 1] : !half into !heads
  %y = tensor.insert_slice %turned#1 into %with_low[0, 0, 0, 16]
    [%batch, %heads, %length, 16] [1, 1, 1, 1] : !half into !heads
  return %y : !heads
}

/// x + (silu(norm(x) W_gate) * (norm(x) W_up)) W_down.
func.func private @network(%x: !x, %norm: !vector, %w_gate: !matrix, %w_up: !matrix,
                           %w_down: !matrix) -> !x {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %batch = tensor.dim %x, %c0 : !x
  %length = tensor.dim %x, %c1 : !x
  %width = tensor.dim %w_up, %c1 : !matrix
  %normed = call @norm(%x, %norm) : (!x, !vector) -> !x
  %empty = tensor.empty(%batch, %length, %width) : !x
  %start = linalg.fill ins(%zero : f32) outs(%empty : !x) -> !x
  %gate = linalg.contract indexing_maps = [#row, #weight, #col]
    ins(%normed, %w_gate : !x, !matrix) outs(%start : !x) -> !x
  %up = linalg.contract indexing_maps = [#row, #weight, #col]
    ins(%normed, %w_up : !x, !matrix) outs(%start : !x) -> !x
  %hidden = linalg.generic {indexing_maps = [#all, #all, #all],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%gate, %up : !x, !x) outs(%empty : !x) {
  ^bb0(%g: f32, %u: f32, %unused: f32):
    %one = arith.constant 1.0 : f32
    %minus = arith.negf %g : f32
    %exp = math.exp %minus : f32
    %divisor = arith.addf %exp, %one : f32
    %silu = arith.divf %g, %divisor : f32
    %product = arith.mulf %silu, %u : f32
    linalg.yield %product : f32
  } -> !x
  // A contraction adds to what it is given: the residual.
  %y = linalg.contract indexing_maps = [#row, #weight, #col]
    ins(%hidden, %w_down : !x, !matrix) outs(%x : !x) -> !x
  return %y : !x
}

func.func @prefill(%x: !x, %attention_norm: !vector, %w_q: !w_in, %w_k: !w_in,
                   %w_v: !w_in, %w_o: !w_o, %network_norm: !vector, %w_gate: !matrix,
                   %w_up: !matrix, %w_down: !matrix, %keys: !ring, %values: !ring,
                   %lengths: !lengths) -> !x {
  %k_cache = attn.cache %keys lengths(%lengths) : (!ring, !lengths) -> !cache
  %v_cache = attn.cache %values lengths(%lengths) : (!ring, !lengths) -> !cache
  %normed = call @norm(%x, %attention_norm) : (!x, !vector) -> !x
  %q_at_0 = call @project(%normed, %w_q) : (!x, !w_in) -> !heads
  %k_at_0 = call @project(%normed, %w_k) : (!x, !w_in) -> !heads
  %v = call @project(%normed, %w_v) : (!x, !w_in) -> !heads
  %starts = arith.subi %lengths, %lengths : !lengths
  %q = call @rotate(%q_at_0, %starts) : (!heads, !lengths) -> !heads
  %k = call @rotate(%k_at_0, %starts) : (!heads, !lengths) -> !heads
  %attended = attn.attend %q, %k, %v lengths(%lengths) query_lengths(%lengths)
    mask(#attn.mask<window<31, 0>>)
    : (!heads, !heads, !heads, !lengths, !lengths) -> !heads
  %new_k = tensor.cast %k : !heads to !kv
  %new_v = tensor.cast %v : !heads to !kv
  attn.append %new_k to %k_cache counts(%lengths : !lengths) : !kv, !cache
  attn.append %new_v to %v_cache counts(%lengths : !lengths) : !kv, !cache
  %y = linalg.contract indexing_maps = [#from, #back, #out]
    ins(%attended, %w_o : !heads, !w_o) outs(%x : !x) -> !x
  %out = call @network(%y, %network_norm, %w_gate, %w_up, %w_down)
    : (!x, !vector, !matrix, !matrix, !matrix) -> !x
  return %out : !x
}

func.func @decode(%x: !x, %attention_norm: !vector, %w_q: !w_in, %w_k: !w_in,
                  %w_v: !w_in, %w_o: !w_o, %network_norm: !vector, %w_gate: !matrix,
                  %w_up: !matrix, %w_down: !matrix, %keys: !ring, %values: !ring,
                  %lengths: !lengths) -> !x {
  %c1 = arith.constant 1 : index
  %k_cache = attn.cache %keys lengths(%lengths) : (!ring, !lengths) -> !cache
  %v_cache = attn.cache %values lengths(%lengths) : (!ring, !lengths) -> !cache
  %normed = call @norm(%x, %attention_norm) : (!x, !vector) -> !x
  %q_at_0 = call @project(%normed, %w_q) : (!x, !w_in) -> !heads
  %k_at_0 = call @project(%normed, %w_k) : (!x, !w_in) -> !heads
  %v = call @project(%normed, %w_v) : (!x, !w_in) -> !heads
  // The new tokens are the last ones.
  %length = tensor.dim %x, %c1 : !x
  %new = arith.index_cast %length : index to i32
  %starts = linalg.generic {indexing_maps = [#sequence], iterator_types = ["parallel"]}
      outs(%lengths : !lengths) {
  ^bb0(%n: i32):
    %start = arith.subi %n, %new : i32
    linalg.yield %start : i32
  } -> !lengths
  %q = call @rotate(%q_at_0, %starts) : (!heads, !lengths) -> !heads
  %k = call @rotate(%k_at_0, %starts) : (!heads, !lengths) -> !heads
  %new_k = tensor.cast %k : !heads to !kv
  %new_v = tensor.cast %v : !heads to !kv
  attn.append %new_k to %k_cache : !kv, !cache
  attn.append %new_v to %v_cache : !kv, !cache
  %attended = attn.attend %q, %k_cache, %v_cache mask(#attn.mask<window<31, 0>>)
    : (!heads, !cache, !cache) -> !heads
  %y = linalg.contract indexing_maps = [#from, #back, #out]
    ins(%attended, %w_o : !heads, !w_o) outs(%x : !x) -> !x
  %out = call @network(%y, %network_norm, %w_gate, %w_up, %w_down)
    : (!x, !vector, !matrix, !matrix, !matrix) -> !x
  return %out : !x
}
