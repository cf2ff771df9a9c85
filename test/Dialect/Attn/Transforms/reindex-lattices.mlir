// RUN: attn-opt %s --pass-pipeline="builtin.module(cpu-attach-target{target=cpu:x86-64-v3},func.func(attn-reindex-lattices))" --split-input-file | FileCheck %s

// All of the mask is a lattice: only the attribute is new.
// CHECK-LABEL: func @dilated(
// CHECK: attn.attend %{{.*}}, %{{.*}}, %{{.*}} mask(#attn.mask<dilated<512, 8>>) lattice 8 :
!t = tensor<?x?x?x64xf32>
func.func @dilated(%q: !t) -> !t {
  %o = attn.attend %q, %q, %q mask(#attn.mask<dilated<512, 8>>) : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// Written as a predicate it is the same lattice.
// CHECK-LABEL: func @predicate(
// CHECK: mask(#attn.mask<"q mod 16 == k mod 16 and k <= q">) lattice 16 :
!t = tensor<?x?x?x64xf32>
func.func @predicate(%q: !t) -> !t {
  %o = attn.attend %q, %q, %q mask(#attn.mask<"q mod 16 == k mod 16 and k <= q">)
    : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// Rows first; columns go on from their carry, in f32, without the pairs of a row.
// CHECK-LABEL: func @axial(
// CHECK: %[[OUT:.*]], %[[LSE:.*]] = attn.attend %{{.*}}, %{{.*}}, %{{.*}} mask(#attn.mask<"q floordiv 256 == k floordiv 256">) : ({{.*}}) -> (tensor<?x?x?x64xf32>, tensor<?x?x?xf32>)
// CHECK: attn.attend %{{.*}}, %{{.*}}, %{{.*}} mask(#attn.mask<"{{.*}}not (q floordiv 256 == k floordiv 256)">) lattice 256 init(%[[OUT]], %[[LSE]]) : ({{.*}}) -> tensor<?x?x?x64xf16>
!t = tensor<?x?x?x64xf16>
func.func @axial(%q: !t) -> !t {
  %o = attn.attend %q, %q, %q mask(#attn.mask<axial<128, 256, both>>) : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// A part binds the tables that it reads and no others.
// CHECK-LABEL: func @window_and_lattice(
// CHECK-SAME:    %[[Q:.*]]: tensor<?x?x?x64xf32>, %[[W:.*]]: index
// CHECK: attn.attend {{.*}} mask(#attn.mask<"{{.*}}w{{.*}}">) tables(w = %[[W]]) : (
// CHECK: attn.attend {{.*}} tables(w = %[[W]]) lattice 32 init(
!t = tensor<?x?x?x64xf32>
func.func @window_and_lattice(%q: !t, %w: index) -> !t {
  %o = attn.attend %q, %q, %q
    mask(#attn.mask<causal and ("q - k < w" or strided<32>)>) tables(w = %w)
    : (!t, !t, !t, index) -> !t
  return %o : !t
}

// -----

// A score region goes to every part.
// CHECK-LABEL: func @score(
// CHECK: attn.attend {{.*}} score {
// CHECK: attn.attend {{.*}} lattice 64 init({{.*}}) score {
!t = tensor<?x?x?x64xf32>
func.func @score(%q: !t) -> !t {
  %o = attn.attend %q, %q, %q mask(#attn.mask<window<63, 0> or strided<64>>) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %t = math.tanh %s : f32
    attn.yield %t : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// Sequences of two positions fill no vectors.
// CHECK-LABEL: func @short(
// CHECK: attn.attend
// CHECK-NOT: lattice
!t = tensor<1x1x64x64xf32>
func.func @short(%q: !t) -> !t {
  %o = attn.attend %q, %q, %q mask(#attn.mask<strided<32>>) : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// Nothing to gain, and an op whose schedule is given.
// CHECK-LABEL: func @others(
// CHECK: mask(#attn.mask<causal>) :
// CHECK: mask(#attn.mask<strided<8>>) {attn.schedule
!t = tensor<?x?x?x64xf32>
func.func @others(%q: !t) -> (!t, !t) {
  %o = attn.attend %q, %q, %q mask(#attn.mask<causal>) : (!t, !t, !t) -> !t
  %p = attn.attend %q, %q, %q mask(#attn.mask<strided<8>>)
    {attn.schedule = #attn.schedule<query_tile = 24, key_tile = 64, lanes = 24,
                                    splits = 1>} : (!t, !t, !t) -> !t
  return %o, %p : !t, !t
}
