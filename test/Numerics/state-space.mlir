// RUN: attnc run %s --entry=held --random --seed 1 --repeat=20 --check
// RUN: attnc run %s --entry=bilinear --random --seed 2 --repeat=20 --check
// RUN: attnc run %s --entry=low_rank --random --seed 3 --repeat=20 --check
// RUN: attnc run %s --entry=of_a_step --random --seed 4 --repeat=20 --check
// RUN: attnc run %s --entry=bf16 --random --seed 5 --repeat=20 --check
// RUN: attnc run %s --entry=low_rank --random --dims x=2x3x1001x24 --check
// RUN: attnc run %s --entry=zero_rate --random --seed 6 --repeat=5 --check
// RUN: %python %S/Inputs/with_narrow_vectors.py attnc run %s --entry=low_rank --random --repeat=10 --check
//
// Rates in the left half plane and steps of different sizes: random numbers would
// grow.

!x = tensor<?x?x?x24xf32>
!p = tensor<?x2x5x24xf32>
!dt = tensor<?x24xf32>
!s = tensor<?x?x2x5x24xf32>
#all = affine_map<(h, part, n, d) -> (h, part, n, d)>
#traits = {indexing_maps = [#all],
           iterator_types = ["parallel", "parallel", "parallel", "parallel"]}

func.func @held(%x: !x, %a: !p, %b: !p, %c: !p, %log_dt: !dt, %s: !s) -> (!x, !s) {
  %dt = math.exp %log_dt : !dt
  %rate = linalg.generic #traits outs(%a : !p) {
  ^bb0(%number: f32):
    %part = linalg.index 1 : index
    %zero = arith.constant 0 : index
    %is_real = arith.cmpi eq, %part, %zero : index
    %size = math.exp %number : f32
    %real = arith.negf %size : f32
    %rate = arith.select %is_real, %real, %number : f32
    linalg.yield %rate : f32
  } -> !p
  %y, %s1 = attn.state_space %x, %rate, %b, %c step(%dt : !dt) discretization zoh
    initial_state(%s : !s) : !x, !p -> !x final_state !s
  return %y, %s1 : !x, !s
}

func.func @bilinear(%x: !x, %a: !p, %b: !p, %c: !p, %log_dt: !dt) -> (!x, !s) {
  %dt = math.exp %log_dt : !dt
  %rate = linalg.generic #traits outs(%a : !p) {
  ^bb0(%number: f32):
    %part = linalg.index 1 : index
    %zero = arith.constant 0 : index
    %is_real = arith.cmpi eq, %part, %zero : index
    %size = math.exp %number : f32
    %real = arith.negf %size : f32
    %rate = arith.select %is_real, %real, %number : f32
    linalg.yield %rate : f32
  } -> !p
  %y, %s1 = attn.state_space %x, %rate, %b, %c step(%dt : !dt)
    discretization bilinear : !x, !p -> !x final_state !s
  return %y, %s1 : !x, !s
}

func.func @low_rank(%x: !x, %a: !p, %b: !p, %c: !p, %p: !p, %log_dt: !dt,
                    %skip: !dt, %s: !s) -> (!x, !s) {
  %dt = math.exp %log_dt : !dt
  %rate = linalg.generic #traits outs(%a : !p) {
  ^bb0(%number: f32):
    %part = linalg.index 1 : index
    %zero = arith.constant 0 : index
    %is_real = arith.cmpi eq, %part, %zero : index
    %size = math.exp %number : f32
    %real = arith.negf %size : f32
    %rate = arith.select %is_real, %real, %number : f32
    linalg.yield %rate : f32
  } -> !p
  %y, %s1 = attn.state_space %x, %rate, %b, %c low_rank(%p, %p : !p, !p)
    step(%dt : !dt) discretization bilinear initial_state(%s : !s) output {
  ^bb0(%batch: index, %h: index, %t: index, %d: index, %sum: f32):
    %weight = tensor.extract %skip[%h, %d] : !dt
    %value = tensor.extract %x[%batch, %h, %t, %d] : !x
    %through = arith.mulf %weight, %value : f32
    %y = arith.addf %sum, %through : f32
    attn.yield %y : f32
  } : !x, !p -> !x final_state !s
  return %y, %s1 : !x, !s
}

// Numbers on a circle of radius 1/2, and a rank that is small beside it.
func.func @of_a_step(%x: !x, %angle: !p, %b: !p, %c: !p, %p: !p, %q: !p, %s: !s)
    -> (!x, !s) {
  %a = linalg.generic #traits outs(%angle : !p) {
  ^bb0(%number: f32):
    %part = linalg.index 1 : index
    %zero = arith.constant 0 : index
    %is_real = arith.cmpi eq, %part, %zero : index
    %cosine = math.cos %number : f32
    %half = arith.constant 0.35 : f32
    %sine = math.sin %number : f32
    %unit = arith.select %is_real, %cosine, %sine : f32
    %a = arith.mulf %unit, %half : f32
    linalg.yield %a : f32
  } -> !p
  %small = linalg.generic #traits outs(%p : !p) {
  ^bb0(%number: f32):
    %bounded = math.tanh %number : f32
    %fraction = arith.constant 0.02 : f32
    %small = arith.mulf %bounded, %fraction : f32
    linalg.yield %small : f32
  } -> !p
  %y, %s1 = attn.state_space %x, %a, %b, %c low_rank(%small, %q : !p, !p)
    initial_state(%s : !s) : !x, !p -> !x final_state !s
  return %y, %s1 : !x, !s
}

!h = tensor<?x?x?x16xbf16>
!o = tensor<?x2x3x16xf32>
func.func @bf16(%x: !h, %a: !o, %b: !o, %c: !o, %log_dt: tensor<?x16xf32>) -> !h {
  %dt = math.exp %log_dt : tensor<?x16xf32>
  %rate = linalg.generic #traits outs(%a : !o) {
  ^bb0(%number: f32):
    %part = linalg.index 1 : index
    %zero = arith.constant 0 : index
    %is_real = arith.cmpi eq, %part, %zero : index
    %size = math.exp %number : f32
    %real = arith.negf %size : f32
    %rate = arith.select %is_real, %real, %number : f32
    linalg.yield %rate : f32
  } -> !o
  %y = attn.state_space %x, %rate, %b, %c step(%dt : tensor<?x16xf32>)
    discretization zoh : !h, !o -> !h
  return %y : !h
}

// An integrator, where (exp(dt a) - 1) / a is dt.
func.func @zero_rate(%x: !x, %b: !p, %c: !p, %dt: !dt) -> !x {
  %rate = linalg.generic #traits outs(%b : !p) {
  ^bb0(%number: f32):
    %zero = arith.constant 0.0 : f32
    linalg.yield %zero : f32
  } -> !p
  %y = attn.state_space %x, %rate, %b, %c step(%dt : !dt) discretization zoh
    : !x, !p -> !x
  return %y : !x
}
