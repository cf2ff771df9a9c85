// Five ways to remember, for recall.py: what has been seen is kept as keys and values, or
// in a state of 64 by 64 numbers a head. recall.py writes other extents for 64.
//
// Queries come behind all that has been seen. Attention takes them by themselves; a
// recurrence has one at each position, and with keys and values of 0 only reads.

!t = tensor<?x?x?x64xf32>
!gate = tensor<?x?x?xf32>
!state = tensor<?x?x64x64xf32>

// The key of a position is what the one before it shows: a convolution of two taps.
func.func @shift(%x: !t, %taps: tensor<?x64x2xf32>) -> !t {
  %y = attn.convolve %x, %taps : !t, tensor<?x64x2xf32> -> !t
  return %y : !t
}

func.func @softmax(%q: !t, %k: !t, %v: !t) -> !t {
  %y = attn.attend %q, %k, %v scale 1.0 : (!t, !t, !t) -> !t
  return %y : !t
}

func.func @linear(%q: !t, %k: !t, %v: !t, %state: !state) -> (!t, !state) {
  %y, %next = attn.scan %q, %k, %v transition identity initial_state(%state : !state)
    : !t, !t, !t -> !t final_state !state
  return %y, %next : !t, !state
}

// Each row of the state forgets at a rate of its own, by the step size of the position.
func.func @mamba(%q: !t, %k: !t, %v: !t, %dt: !gate, %rates: tensor<?x64xf32>,
                 %state: !state) -> (!t, !state) {
  %y, %next = attn.scan %q, %k, %v transition diagonal initial_state(%state : !state)
    decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index):
    %step = tensor.extract %dt[%b, %h, %t] : !gate
    %rate = tensor.extract %rates[%h, %e] : tensor<?x64xf32>
    %forgotten = arith.mulf %step, %rate : f32
    %decay = arith.negf %forgotten : f32
    attn.yield %decay : f32
  } write {
  ^bb0(%b: index, %h: index, %t: index, %d: index, %value: f32):
    %step = tensor.extract %dt[%b, %h, %t] : !gate
    %written = arith.mulf %step, %value : f32
    attn.yield %written : f32
  } : !t, !t, !t -> !t final_state !state
  return %y, %next : !t, !state
}

func.func @delta(%q: !t, %k: !t, %v: !t, %beta: !gate, %state: !state) -> (!t, !state) {
  %y, %next = attn.scan %q, %k, %v transition delta initial_state(%state : !state) beta {
  ^bb0(%b: index, %h: index, %t: index):
    %written = tensor.extract %beta[%b, %h, %t] : !gate
    attn.yield %written : f32
  } : !t, !t, !t -> !t final_state !state
  return %y, %next : !t, !state
}

// Attention over a window, the positions from the first on, beside a state that has seen
// all. A sum of exponentials above the threshold says that the key is in the window.
func.func @hybrid(%q: !t, %k: !t, %v: !t, %scan_q: !t, %scan_k: !t, %scan_v: !t,
                  %beta: !gate, %first: tensor<i64>, %threshold: tensor<f32>,
                  %state: !state) -> (!t, !state) {
  %window, %lse = attn.attend %q, %k, %v mask(#attn.mask<"k >= first">)
    tables(first = %first) scale 1.0
    : (!t, !t, !t, tensor<i64>) -> (!t, !gate)
  %read, %next = call @delta(%scan_q, %scan_k, %scan_v, %beta, %state)
    : (!t, !t, !t, !gate, !state) -> (!t, !state)
  %y = linalg.generic {
      indexing_maps = [affine_map<(b, h, t, d) -> (b, h, t, d)>,
                       affine_map<(b, h, t, d) -> (b, h, t)>,
                       affine_map<(b, h, t, d) -> ()>,
                       affine_map<(b, h, t, d) -> (b, h, t, d)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%window, %lse, %threshold : !t, !gate, tensor<f32>) outs(%read : !t) {
  ^bb0(%near: f32, %sum: f32, %least: f32, %far: f32):
    %is_near = arith.cmpf ogt, %sum, %least : f32
    %result = arith.select %is_near, %near, %far : f32
    linalg.yield %result : f32
  } -> !t
  return %y, %next : !t, !state
}
