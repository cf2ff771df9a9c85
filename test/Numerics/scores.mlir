// RUN: attnc run %s --entry=alibi --random --seed 61 --check --repeat 3
// RUN: attnc run %s --entry=softcap --random --seed 61 --check --repeat 3
// RUN: attnc run %s --entry=masked_by_score --random --seed 61 --check --repeat 3
// RUN: attnc run %s --entry=constant --random --seed 61 --check --repeat 3
// RUN: attnc run %s --entry=table --random --seed 61 --check --repeat 3
//
// Score regions, each with the log-sum-exp, which is of the scores they yield.

!t = tensor<?x?x?x16xf32>
!l = tensor<?x?x?xf32>

func.func @alibi(%q: !t, %k: !t, %v: !t, %slopes: tensor<?xf32>) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<causal>) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    // Slopes are drawn and so made small: rounding errors of a score are relative
    // to its size, and those of a weight are as large.
    %small = arith.constant 0.05 : f32
    %slope = tensor.extract %slopes[%h] : tensor<?xf32>
    %m = arith.mulf %slope, %small : f32
    %d = arith.subi %j, %i : index
    %n = arith.index_cast %d : index to i32
    %f = arith.sitofp %n : i32 to f32
    %x = arith.mulf %m, %f : f32
    %y = arith.addf %s, %x : f32
    attn.yield %y : f32
  } : (!t, !t, !t) -> (!t, !l)
  return %o, %lse : !t, !l
}

func.func @softcap(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<causal>) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %c = arith.constant 2.0 : f32
    %a = arith.divf %s, %c : f32
    %x = math.tanh %a : f32
    %y = arith.mulf %x, %c : f32
    attn.yield %y : f32
  } : (!t, !t, !t) -> (!t, !l)
  return %o, %lse : !t, !l
}

// A score of -inf masks a key without a mask: no range knows of it, and no row's
// maximum may become NaN by it.
func.func @masked_by_score(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %none = arith.constant 0xFF800000 : f32
    %later = arith.cmpi sgt, %j, %i : index
    %y = arith.select %later, %none, %s : f32
    attn.yield %y : f32
  } : (!t, !t, !t) -> (!t, !l)
  return %o, %lse : !t, !l
}

// A region that looks at nothing: the mean of the values.
func.func @constant(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<causal>) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %c = arith.constant 0.5 : f32
    attn.yield %c : f32
  } : (!t, !t, !t) -> (!t, !l)
  return %o, %lse : !t, !l
}

// A table of another type than the tensors.
func.func @table(%q: !t, %k: !t, %v: !t, %bias: tensor<?x?xf16>) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %m = tensor.extract %bias[%b, %h] : tensor<?x?xf16>
    %w = arith.extf %m : f16 to f32
    %y = arith.addf %s, %w : f32
    attn.yield %y : f32
  } : (!t, !t, !t) -> (!t, !l)
  return %o, %lse : !t, !l
}
