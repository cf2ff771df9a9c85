// RUN: attn-opt %s --pass-pipeline="builtin.module(func.func(attn-raise-masks),canonicalize)" --split-input-file --verify-diagnostics | FileCheck %s

// Conjuncts, with bounds from outside and inside.
// CHECK-LABEL: func @window(
// CHECK: mask(#attn.mask<"k <= q and q - k < 512">) : (
!t = tensor<?x?x?x64xf32>
func.func @window(%q: !t) -> !t {
  %w = arith.constant 512 : index
  %o = attn.attend %q, %q, %q where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %past = arith.cmpi sle, %j, %i : index
    %d = arith.subi %i, %j : index
    %near = arith.cmpi slt, %d, %w : index
    %r = arith.andi %past, %near : i1
    attn.yield %r : i1
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// It is conjoined to the mask that is there, whose tables stay.
// CHECK-LABEL: func @besides(
// CHECK-SAME:    %[[Q:.*]]: tensor<?x?x?x64xf32>, %[[W:.*]]: index, %[[T0:.*]]: index, %[[N:.*]]: i64
// CHECK: %[[INDEX:.*]] = arith.index_cast %[[N]] : i64 to index
// CHECK: mask(#attn.mask<causal and "q - k < w + t0" and "h < t1">)
// CHECK-SAME: tables(w = %[[W]], t0 = %[[T0]], t1 = %[[INDEX]]) :
!t = tensor<?x?x?x64xf32>
func.func @besides(%q: !t, %w: index, %t: index, %n: i64) -> !t {
  %o = attn.attend %q, %q, %q mask(#attn.mask<causal and "q - k < w + t0">)
    tables(w = %w, t0 = %t) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %head = arith.index_cast %h : index to i64
    %few = arith.cmpi slt, %head, %n : i64
    attn.yield %few : i1
  } : (!t, !t, !t, index, index) -> !t
  return %o : !t
}

// -----

// Tables of queries and keys, a table of heads, a number, an extent.
// CHECK-LABEL: func @tables(
// CHECK: %[[KEYS:.*]] = tensor.dim
// CHECK: mask(#attn.mask<"t0(b, q) == t0(b, k) and q - k <= t1(h) and q < t2 and k + t3 > t4">)
// CHECK-SAME: tables(t0 = %{{.*}}, t1 = %{{.*}}, t2 = %[[KEYS]], t3 = %{{.*}}, t4 = %{{.*}}) :
!t = tensor<?x?x?x64xf32>
func.func @tables(%q: !t, %doc: tensor<?x?xi32>, %reach: tensor<?xi64>,
                  %n: tensor<i32>, %two: tensor<2xi32>) -> !t {
  %o = attn.attend %q, %q, %q where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %c1 = arith.constant 1 : index
    %dq = tensor.extract %doc[%b, %i] : tensor<?x?xi32>
    %dk = tensor.extract %doc[%b, %j] : tensor<?x?xi32>
    %same = arith.cmpi eq, %dq, %dk : i32
    %d = arith.subi %i, %j : index
    %r = tensor.extract %reach[%h] : tensor<?xi64>
    %reach_h = arith.index_cast %r : i64 to index
    %near = arith.cmpi sle, %d, %reach_h : index
    %keys = tensor.dim %doc, %c1 : tensor<?x?xi32>
    %inside = arith.cmpi slt, %i, %keys : index
    %number = tensor.extract %n[] : tensor<i32>
    %wide = arith.extsi %number : i32 to i64
    %k64 = arith.index_cast %j : index to i64
    %sum = arith.addi %k64, %wide : i64
    %second = tensor.extract %two[%c1] : tensor<2xi32>
    %second64 = arith.extsi %second : i32 to i64
    %late = arith.cmpi sgt, %sum, %second64 : i64
    %0 = arith.andi %same, %near : i1
    %1 = arith.andi %inside, %late : i1
    %2 = arith.andi %0, %1 : i1
    attn.yield %2 : i1
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// A truth of the key alone becomes a table of keys, whatever computes it.
// CHECK-LABEL: func @tabulated(
// CHECK: %[[T:.*]] = tensor.generate
// CHECK:   tensor.extract %{{.*}}[%{{.*}}, %{{.*}}] : tensor<?x?xf32>
// CHECK:   arith.cmpf ogt
// CHECK: mask(#attn.mask<"k <= q and (q - k < 64 or t0(b, k) == 1)">) tables(t0 = %[[T]]) :
!t = tensor<?x?x?x64xf32>
func.func @tabulated(%q: !t, %importance: tensor<?x?xf32>) -> !t {
  %half = arith.constant 0.5 : f32
  %c64 = arith.constant 64 : index
  %o = attn.attend %q, %q, %q where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %past = arith.cmpi sle, %j, %i : index
    %x = tensor.extract %importance[%b, %j] : tensor<?x?xf32>
    %keep = arith.cmpf ogt, %x, %half : f32
    %d = arith.subi %i, %j : index
    %near = arith.cmpi slt, %d, %c64 : index
    %either = arith.ori %near, %keep : i1
    %r = arith.andi %past, %either : i1
    attn.yield %r : i1
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// What is no predicate stays, by itself.
// CHECK-LABEL: func @remains(
// CHECK: mask(#attn.mask<"k <= q">) where {
// CHECK-NEXT: ^bb0(%{{.*}}: index, %{{.*}}: index, %[[Q:.*]]: index, %[[K:.*]]: index):
// CHECK-NEXT:   %[[P:.*]] = arith.muli %[[Q]], %[[K]] : index
// CHECK-NEXT:   %[[C:.*]] = arith.cmpi ne, %[[P]], %{{.*}} : index
// CHECK-NEXT:   attn.yield %[[C]] : i1
!t = tensor<?x?x?x64xf32>
func.func @remains(%q: !t) -> !t {
  %c12 = arith.constant 12 : index
  %o = attn.attend %q, %q, %q where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %past = arith.cmpi sle, %j, %i : index
    // expected-remark@+1 {{keys are not skipped by this condition, but tested one by one: 'arith.muli': it multiplies two numbers that both vary}}
    %p = arith.muli %i, %j : index
    %odd = arith.cmpi ne, %p, %c12 : index
    %r = arith.andi %past, %odd : i1
    attn.yield %r : i1
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// Nothing, and everything.
// CHECK-LABEL: func @constant(
// CHECK: mask(#attn.mask<"0 != 0">) : (
// CHECK: attn.attend %{{.*}}, %{{.*}}, %{{.*}} : (
!t = tensor<?x?x?x64xf32>
func.func @constant(%q: !t) -> (!t, !t) {
  %false = arith.constant false
  %true = arith.constant true
  %o = attn.attend %q, %q, %q where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    attn.yield %false : i1
  } : (!t, !t, !t) -> !t
  %p = attn.attend %q, %q, %q where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %c = arith.cmpi sle, %i, %j : index
    %d = arith.ori %c, %true : i1
    attn.yield %d : i1
  } : (!t, !t, !t) -> !t
  return %o, %p : !t, !t
}

// -----

// Tables of positions are read for predicates and for truths of keys, not in tiles.
!t = tensor<?x?x?x64xf32>
func.func @table_in_code(%q: !t, %x: tensor<?xf32>) -> !t {
  %o = attn.attend %q, %q, %q where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    // expected-error@+2 {{'tensor.extract' op reads a table by q or k in a condition that is no predicate: compare what it reads with +, -, * by a constant, floordivsi and remsi by constants only, or use k and not q}}
    // expected-remark@+1 {{'tensor.extract': it computes no integer of up to 64 bits}}
    %u = tensor.extract %x[%i] : tensor<?xf32>
    // expected-note@-1 {{no predicate because of 'tensor.extract': it computes no integer of up to 64 bits}}
    %w = tensor.extract %x[%j] : tensor<?xf32>
    %r = arith.cmpf olt, %u, %w : f32
    attn.yield %r : i1
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// No table of pairs.
!t = tensor<?x?x?x64xf32>
func.func @pairs(%q: !t, %x: tensor<?x?xi32>) -> !t {
  %c0 = arith.constant 0 : i32
  %o = attn.attend %q, %q, %q where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    // expected-error@+2 {{reads a table by q or k in a condition that is no predicate}}
    // expected-remark@+1 {{'tensor.extract': it reads a table of pairs, at q and k together}}
    %u = tensor.extract %x[%i, %j] : tensor<?x?xi32>
    // expected-note@-1 {{no predicate because of 'tensor.extract'}}
    %r = arith.cmpi slt, %u, %c0 : i32
    attn.yield %r : i1
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// Of a table whose keys come first only what is computed of it is a table of keys.
// CHECK-LABEL: func @keys_first(
// CHECK: tensor.generate
// CHECK: mask(#attn.mask<"t0(b, k) == 1">)
!t = tensor<?x?x?x64xf32>
func.func @keys_first(%q: !t, %x: tensor<?x?xi32>) -> !t {
  %c3 = arith.constant 3 : i32
  %o = attn.attend %q, %q, %q where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %u = tensor.extract %x[%j, %b] : tensor<?x?xi32>
    %r = arith.cmpi slt, %u, %c3 : i32
    attn.yield %r : i1
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x?x?x64xf32>
func.func @queries_first(%q: !t, %x: tensor<?x?xi32>) -> !t {
  %c3 = arith.constant 3 : i32
  %o = attn.attend %q, %q, %q where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    // expected-error@+2 {{reads a table by q or k in a condition that is no predicate}}
    // expected-remark@+1 {{'tensor.extract': it reads a table at q or k before another index; transpose the table}}
    %u = tensor.extract %x[%i, %b] : tensor<?x?xi32>
    // expected-note@-1 {{no predicate because of 'tensor.extract'}}
    %r = arith.cmpi slt, %u, %c3 : i32
    attn.yield %r : i1
  } : (!t, !t, !t) -> !t
  return %o : !t
}
