// RUN: attn-opt %s --attn-schedule --split-input-file | FileCheck %s
// RUN: attn-opt %s --attn-schedule --attn-verify-scheduled --split-input-file > /dev/null

// A scan that gives its state back may be called a token at a time.
!t = tensor<?x?x?x64xf32>
!s = tensor<?x?x64x64xf32>
module attributes {attn.target = #attn.cpu<triple = "x86_64", cpu = "x86-64-v3",
    features = "", vector_bytes = 32, vector_registers = 16, l1_bytes = 32768,
    l2_bytes = 524288>} {
  // Whole rows of the state: 8 vectors.
  // CHECK-LABEL: func @state(
  // CHECK: attn.recurrent = #attn.recurrent<most_positions = 16, lanes = 64>, attn.schedule = #attn.schedule<query_tile = 1, key_tile = 1, lanes = 32, splits = 1>
  func.func @state(%q: !t, %s: !s) -> (!t, !s) {
    %o, %s1 = attn.scan %q, %q, %q transition identity initial_state(%s : !s)
      : !t, !t, !t -> !t final_state !s
    return %o, %s1 : !t, !s
  }

  // Rows that are too long for one sum for each vector are cut evenly; one that is
  // no whole number of vectors is rounded up.
  // CHECK-LABEL: func @long_rows(
  // CHECK: attn.recurrent<most_positions = 16, lanes = 72>
  // CHECK: attn.recurrent<most_positions = 16, lanes = 24>
  func.func @long_rows(%q: !t, %v: tensor<?x?x?x144xf32>, %w: tensor<?x?x?x20xf32>)
      -> (tensor<?x?x64x144xf32>, tensor<?x?x64x20xf32>) {
    %o, %s = attn.scan %q, %q, %v transition identity
      : !t, !t, tensor<?x?x?x144xf32> -> tensor<?x?x?x144xf32>
      final_state tensor<?x?x64x144xf32>
    %p, %r = attn.scan %q, %q, %w transition identity
      : !t, !t, tensor<?x?x?x20xf32> -> tensor<?x?x?x20xf32>
      final_state tensor<?x?x64x20xf32>
    return %s, %r : tensor<?x?x64x144xf32>, tensor<?x?x64x20xf32>
  }

  // Unchanged: who does not ask for the state has all positions in one call.
  // CHECK-LABEL: func @no_state(
  // CHECK-NOT: attn.recurrent
  // CHECK: return
  func.func @no_state(%q: !t, %s: !s) -> !t {
    %o = attn.scan %q, %q, %q transition identity initial_state(%s : !s)
      : !t, !t, !t -> !t
    return %o : !t
  }

  // Unchanged: what is written by hand. The one attribute is not a decision on the
  // other.
  // CHECK-LABEL: func @by_hand(
  // CHECK: attn.recurrent<most_positions = 2, lanes = 8>, attn.schedule = #attn.schedule<query_tile = 1, key_tile = 1,
  // CHECK: attn.recurrent<most_positions = 16, lanes = 64>, attn.schedule = #attn.schedule<query_tile = 1, key_tile = 7,
  func.func @by_hand(%q: !t) -> (!s, !s) {
    %o, %s = attn.scan %q, %q, %q transition identity
      {attn.recurrent = #attn.recurrent<most_positions = 2, lanes = 8>}
      : !t, !t, !t -> !t final_state !s
    %p, %r = attn.scan %q, %q, %q transition identity
      {attn.schedule = #attn.schedule<query_tile = 1, key_tile = 7, lanes = 16,
                                      splits = 1>}
      : !t, !t, !t -> !t final_state !s
    return %s, %r : !s, !s
  }
}
