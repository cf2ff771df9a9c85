// RUN: attnc run %s --entry=beside --random --seed 51 --check --repeat 3
// RUN: attnc run %s --entry=in_sequence --random --seed 51 --check --repeat 3
// RUN: attnc run %s --entry=into_scan --random --seed 51 --check --repeat 3
// RUN: attnc run %s --entry=epilogue --random --seed 51 --check
// RUN: attnc run %s --entry=returned_twice --random --seed 51 --check
// RUN: attnc run %s --entry=narrow --random --seed 51 --check
//
// More than one op in a function: each kernel reads what it is given and writes
// what is asked for, through memory of the caller or its own.

!t = tensor<?x?x?x16xf32>
!s = tensor<2x3x20x16xf32>

func.func @beside(%q: !t, %k: !t, %v: !t) -> (!t, !t) {
  %a = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!t, !t, !t) -> !t
  %b = attn.attend %q, %k, %v mask(#attn.mask<window<3, 0>>) : (!t, !t, !t) -> !t
  return %a, %b : !t, !t
}

func.func @in_sequence(%q: !t) -> !t {
  %a = attn.attend %q, %q, %q mask(#attn.mask<causal>) : (!t, !t, !t) -> !t
  %b = attn.attend %a, %q, %a mask(#attn.mask<window<3, 0>>) : (!t, !t, !t) -> !t
  return %b : !t
}

func.func @into_scan(%q: !t) -> !t {
  %a = attn.attend %q, %q, %q mask(#attn.mask<causal>) : (!t, !t, !t) -> !t
  %b = attn.scan %a, %q, %a transition identity : !t, !t, !t -> !t
  return %b : !t
}

#id = affine_map<(b, h, i, d) -> (b, h, i, d)>
func.func @epilogue(%q: !s, %k: !s, %v: !s) -> !s {
  %a = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!s, !s, !s) -> !s
  %e = tensor.empty() : !s
  %sum = linalg.add ins(%a, %q : !s, !s) outs(%e : !s) -> !s
  %r = linalg.generic {indexing_maps = [#id, #id, #id],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%sum, %v : !s, !s) outs(%e : !s) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %w = arith.mulf %x, %y : f32
    %u = math.tanh %w : f32
    linalg.yield %u : f32
  } -> !s
  return %r : !s
}

func.func @returned_twice(%q: !s) -> (!s, !s, !s) {
  %a = attn.attend %q, %q, %q : (!s, !s, !s) -> !s
  return %a, %q, %a : !s, !s, !s
}

// bf16 beside an op is computed in f32 and rounded.
!n = tensor<?x?x?x16xbf16>
func.func @narrow(%q: !n, %k: !n, %v: !n) -> !n {
  %a = attn.attend %q, %k, %v : (!n, !n, !n) -> !n
  %b = math.tanh %a : !n
  %c = arith.addf %b, %q : !n
  return %c : !n
}
