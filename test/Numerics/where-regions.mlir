// Masks that are written as where regions. What they say is computed by the reference
// from the region itself, and by kernels from what was raised of it.
//
// DEFINE: %{entry} =
// DEFINE: %{small} = attnc run %s --entry=%{entry} --random --seed 71 --check --repeat 10
// DEFINE: %{large} = attnc run %s --entry=%{entry} --random --seed 71 --check --repeat 3 --dims q=1x2x200x16 --dims k=1x2x333x16
// DEFINE: %{check} = %{small} && %{large}

// REDEFINE: %{entry} = sets
// RUN: %{check}
// REDEFINE: %{entry} = tables
// RUN: %{check}
// REDEFINE: %{entry} = tabulated
// RUN: %{check}
// REDEFINE: %{entry} = remaining
// RUN: %{check}
// REDEFINE: %{entry} = lattice
// RUN: %{check}
// REDEFINE: %{entry} = after_keys
// RUN: %{check}
// RUN: attnc run %s --entry=after_keys --random --seed 71 --check --dims q=1x2x90x16 --dims k=1x2x40x16

!t = tensor<?x?x?x16xf32>
!l = tensor<?x?x?xf32>

// Beside a mask and with a score region, numbers of the caller, the log-sum-exp.
func.func @sets(%q: !t, %k: !t, %v: !t, %n: tensor<i64>) -> (!t, !l) {
  %c4 = arith.constant 4 : index
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<causal or "k < 8">) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %d = arith.subi %i, %j : index
    %far = math.absi %d : index
    %reach = tensor.extract %n[] : tensor<i64>
    %r = arith.index_cast %reach : i64 to index
    %near = arith.cmpi sle, %far, %r : index
    %all = arith.cmpi eq, %h, %c4 : index
    %either = arith.ori %near, %all : i1
    attn.yield %either : i1
  } score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %t = math.tanh %s : f32
    attn.yield %t : f32
  } : (!t, !t, !t) -> (!t, !l)
  return %o, %lse : !t, !l
}

// Tables by batch and position, of i32 and i64, read at rows before position 0, too.
func.func @tables(%q: !t, %k: !t, %v: !t, %doc: tensor<?x?xi32>, %end: tensor<?xi64>)
    -> !t {
  %o = attn.attend %q, %k, %v where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %dq = tensor.extract %doc[%b, %i] : tensor<?x?xi32>
    %dk = tensor.extract %doc[%b, %j] : tensor<?x?xi32>
    %same = arith.cmpi eq, %dq, %dk : i32
    %e = tensor.extract %end[%i] : tensor<?xi64>
    %j64 = arith.index_cast %j : index to i64
    %before = arith.cmpi ult, %j64, %e : i64
    %r = arith.ori %same, %before : i1
    attn.yield %r : i1
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// Conditions on keys, by head and by batch, whose values only code can compute.
func.func @tabulated(%q: !t, %k: !t, %v: !t, %importance: tensor<?x?xf32>,
                     %level: tensor<?xf32>) -> !t {
  %zero = arith.constant 0.0 : f32
  %c16 = arith.constant 16 : index
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %x = tensor.extract %importance[%b, %j] : tensor<?x?xf32>
    %y = tensor.extract %level[%h] : tensor<?xf32>
    %z = arith.mulf %x, %y : f32
    %keep = arith.cmpf ogt, %z, %zero : f32
    %head = arith.cmpf ogt, %y, %zero : f32
    %d = arith.subi %i, %j : index
    %near = arith.cmpi slt, %d, %c16 : index
    %either = arith.ori %near, %keep : i1
    %r = arith.ori %either, %head : i1
    attn.yield %r : i1
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// A condition on queries and keys that is no predicate, beside one that is. The floats
// are exact, so that f32 and float64 decide alike.
func.func @remaining(%q: !t, %k: !t, %v: !t, %level: tensor<?xi32>) -> !t {
  %c7 = arith.constant 7 : i64
  %half = arith.constant 0.5 : f32
  %o = attn.attend %q, %k, %v where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %past = arith.cmpi sle, %j, %i : index
    %p = arith.muli %i, %j : index
    %p64 = arith.index_cast %p : index to i64
    %m = arith.remsi %p64, %c7 : i64
    %x = arith.sitofp %m : i64 to f32
    %y = arith.addf %x, %half : f32
    %l = tensor.extract %level[%h] : tensor<?xi32>
    %z = arith.sitofp %l : i32 to f32
    %above = arith.cmpf ogt, %y, %z : f32
    %r = arith.andi %past, %above : i1
    attn.yield %r : i1
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// A lattice, and a condition that no lattice can take along as a set.
func.func @lattice(%q: !t, %k: !t, %v: !t) -> !t {
  %c0 = arith.constant 0 : index
  %c5 = arith.constant 5 : index
  %c8 = arith.constant 8 : index
  %o = attn.attend %q, %k, %v where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %d = arith.subi %i, %j : index
    %m = arith.remsi %d, %c8 : index
    %on = arith.cmpi eq, %m, %c0 : index
    %past = arith.cmpi sle, %j, %i : index
    %square = arith.muli %d, %d : index
    %rest = arith.remsi %square, %c5 : index
    %odd = arith.cmpi ne, %rest, %c0 : index
    %r = arith.andi %on, %past : i1
    %s = arith.andi %r, %odd : i1
    attn.yield %s : i1
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// Remainders and quotients of negative positions: rows before the first key.
func.func @after_keys(%q: !t, %k: !t, %v: !t) -> !t {
  %cm2 = arith.constant -2 : index
  %c3 = arith.constant 3 : index
  %o = attn.attend %q, %k, %v where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %m = arith.remsi %i, %c3 : index
    %negative = arith.cmpi eq, %m, %cm2 : index
    %blocks = arith.divsi %i, %c3 : index
    %before = arith.cmpi slt, %j, %blocks : index
    %r = arith.ori %negative, %before : i1
    attn.yield %r : i1
  } : (!t, !t, !t) -> !t
  return %o : !t
}
