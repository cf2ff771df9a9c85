// RUN: attn-opt %s --attn-verify-scheduled --split-input-file --verify-diagnostics

!t = tensor<?x?x?x64xf32>
module attributes {attn.target = #attn.cpu<triple = "x86_64", cpu = "x86-64-v3",
    features = "", vector_bytes = 32, vector_registers = 16, l1_bytes = 32768,
    l2_bytes = 524288>} {
  // Accepted: whole vectors, whole strips; a single strip; a key tile of any size.
  func.func @whole_strips(%q: !t) -> (!t, !t) {
    %o = attn.attend %q, %q, %q
      {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 7, lanes = 24,
                                      splits = 3>} : (!t, !t, !t) -> !t
    %p = attn.attend %q, %q, %q
      {attn.schedule = #attn.schedule<query_tile = 8, key_tile = 1, lanes = 8,
                                      splits = 1>} : (!t, !t, !t) -> !t
    return %o, %p : !t, !t
  }

  // Accepted: a scan has one row, which is no multiple of its lanes.
  func.func @scan(%q: !t) -> !t {
    %o = attn.scan %q, %q, %q transition identity
      {attn.schedule = #attn.schedule<query_tile = 1, key_tile = 64, lanes = 16,
                                      splits = 1>} : !t, !t, !t -> !t
    return %o : !t
  }

  // Accepted: a plan for few positions where there is a state to go on from.
  func.func @recurrent(%q: !t) -> (!t, tensor<?x?x64x64xf32>) {
    %o, %s = attn.scan %q, %q, %q transition identity
      {attn.schedule = #attn.schedule<query_tile = 1, key_tile = 64, lanes = 16,
                                      splits = 1>,
       attn.recurrent = #attn.recurrent<most_positions = 8, lanes = 64>}
      : !t, !t, !t -> !t final_state tensor<?x?x64x64xf32>
    return %o, %s : !t, tensor<?x?x64x64xf32>
  }

  // Its calls are never for the next few positions.
  func.func @recurrent_without_state(%q: !t) -> !t {
    // expected-error @below {{'attn.scan' op has an attn.recurrent, but gives back no state to go on from; leave it out}}
    %o = attn.scan %q, %q, %q transition identity
      {attn.schedule = #attn.schedule<query_tile = 1, key_tile = 64, lanes = 16,
                                      splits = 1>,
       attn.recurrent = #attn.recurrent<most_positions = 8, lanes = 64>}
      : !t, !t, !t -> !t
    return %o : !t
  }

  // Half a vector has no instruction.
  func.func @recurrent_lanes(%q: !t) -> (!t, tensor<?x?x64x64xf32>) {
    // expected-error @below {{'attn.scan' op has recurrent lanes = 12, which is not a multiple of the target's 8 f32 lanes}}
    %o, %s = attn.scan %q, %q, %q transition identity
      {attn.schedule = #attn.schedule<query_tile = 1, key_tile = 64, lanes = 16,
                                      splits = 1>,
       attn.recurrent = #attn.recurrent<most_positions = 8, lanes = 12>}
      : !t, !t, !t -> !t final_state tensor<?x?x64x64xf32>
    return %o, %s : !t, tensor<?x?x64x64xf32>
  }

  // The tiling would have no sizes.
  func.func @no_schedule(%q: !t) -> !t {
    // expected-error @below {{'attn.attend' op has no attn.schedule; run attn-schedule first}}
    %o = attn.attend %q, %q, %q : (!t, !t, !t) -> !t
    return %o : !t
  }

  // Accepted: a schedule may name products that the target has no instruction for.
  func.func @products(%q: tensor<?x?x?x64xbf16>) -> tensor<?x?x?x64xbf16> {
    %o = attn.attend %q, %q, %q
      {attn.schedule = #attn.schedule<query_tile = 24, key_tile = 64, lanes = 24,
                                      splits = 1, products = bf16>}
      : (tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>)
      -> tensor<?x?x?x64xbf16>
    return %o : tensor<?x?x?x64xbf16>
  }

  // Rounding to bf16 what is not would change results by more than they may.
  func.func @products_of_f32(%q: !t) -> !t {
    // expected-error @below {{'attn.attend' op has products = bf16, but its operands and its output are not all bf16; use products = f32}}
    %o = attn.attend %q, %q, %q
      {attn.schedule = #attn.schedule<query_tile = 24, key_tile = 64, lanes = 24,
                                      splits = 1, products = bf16>}
      : (!t, !t, !t) -> !t
    return %o : !t
  }

  // Who asks for an output of f32 has a use for its digits.
  func.func @output_of_f32(%q: tensor<?x?x?x64xbf16>) -> !t {
    // expected-error @below {{'attn.attend' op has products = bf16, but its operands and its output are not all bf16; use products = f32}}
    %o = attn.attend %q, %q, %q
      {attn.schedule = #attn.schedule<query_tile = 24, key_tile = 64, lanes = 24,
                                      splits = 1, products = bf16>}
      : (tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>)
      -> !t
    return %o : !t
  }

  // Nor has a scan a form with pairs.
  func.func @products_of_scan(%q: tensor<?x?x?x64xbf16>) -> tensor<?x?x?x64xbf16> {
    // expected-error @below {{'attn.scan' op has products = bf16, but its operands and its output are not all bf16; use products = f32}}
    %o = attn.scan %q, %q, %q transition identity
      {attn.schedule = #attn.schedule<query_tile = 1, key_tile = 64, lanes = 16,
                                      splits = 1, products = bf16>}
      : tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>
      -> tensor<?x?x?x64xbf16>
    return %o : tensor<?x?x?x64xbf16>
  }

  // The lowering holds whole vectors only: half of one would be dropped.
  func.func @half_a_vector(%q: !t) -> !t {
    // expected-error @below {{has lanes = 12, which is not a multiple of the target's 8 f32 lanes}}
    %o = attn.attend %q, %q, %q
      {attn.schedule = #attn.schedule<query_tile = 24, key_tile = 64, lanes = 12,
                                      splits = 1>} : (!t, !t, !t) -> !t
    return %o : !t
  }

  // One row is what a scan has. For attention it is an incomplete strip, whose
  // rows would never be computed.
  func.func @one_row_of_attention(%q: !t) -> !t {
    // expected-error @below {{has query_tile = 1, which is not a multiple of lanes = 24}}
    %o = attn.attend %q, %q, %q
      {attn.schedule = #attn.schedule<query_tile = 1, key_tile = 64, lanes = 24,
                                      splits = 1>} : (!t, !t, !t) -> !t
    return %o : !t
  }

  // A scan's grid has no axis of rows to cut.
  func.func @rows_of_a_scan(%q: !t) -> !t {
    // expected-error @below {{has query_tile = 16, but its carry has no query rows; use query_tile = 1}}
    %o = attn.scan %q, %q, %q transition identity
      {attn.schedule = #attn.schedule<query_tile = 16, key_tile = 64, lanes = 16,
                                      splits = 1>} : !t, !t, !t -> !t
    return %o : !t
  }
}

// -----

// The same lanes on a target with half the vector length are whole.
!t = tensor<?x?x?x64xf32>
module attributes {attn.target = #attn.cpu<triple = "aarch64", cpu = "generic",
    features = "", vector_bytes = 16, vector_registers = 32, l1_bytes = 32768,
    l2_bytes = 524288>} {
  func.func @whole_on_neon(%q: !t) -> !t {
    %o = attn.attend %q, %q, %q
      {attn.schedule = #attn.schedule<query_tile = 24, key_tile = 64, lanes = 12,
                                      splits = 1>} : (!t, !t, !t) -> !t
    return %o : !t
  }
}

// -----

// Accepted: without a target any number of lanes can run.
!t = tensor<?x?x?x64xf32>
func.func @no_target(%q: !t) -> !t {
  %o = attn.attend %q, %q, %q
    {attn.schedule = #attn.schedule<query_tile = 6, key_tile = 5, lanes = 3,
                                    splits = 1>} : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// Accepted: without a head in mask and score, the heads of a group are alike.
!t = tensor<?x?x?x64xf32>
func.func @packed(%q: !t) -> !t {
  %o = attn.attend %q, %q, %q mask(#attn.mask<causal>)
    {attn.schedule = #attn.schedule<query_tile = 8, key_tile = 64, lanes = 8,
                                    splits = 1>,
     attn.decode = #attn.decode<most_queries = 16, rows = 5, heads = group,
                                key_tile = 7, keys_per_split = 3>}
    : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x?x?x64xf32>
func.func @packed_with_head_in_mask(%q: !t) -> !t {
  // expected-error @below {{'attn.attend' op has heads = group, but its mask or score depends on the head; use heads = one}}
  %o = attn.attend %q, %q, %q mask(#attn.mask<"h < 4 or k <= q">)
    {attn.schedule = #attn.schedule<query_tile = 8, key_tile = 64, lanes = 8,
                                    splits = 1>,
     attn.decode = #attn.decode<most_queries = 16, rows = 8, heads = group,
                                key_tile = 64, keys_per_split = 1024>}
    : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x?x?x64xf32>
func.func @decode_of_scan(%q: !t) -> !t {
  // expected-error @below {{'attn.scan' op has an attn.decode, but its carry has no query rows; leave it out}}
  %o = attn.scan %q, %q, %q transition identity
    {attn.schedule = #attn.schedule<query_tile = 1, key_tile = 64, lanes = 16,
                                    splits = 1>,
     attn.decode = #attn.decode<most_queries = 16, rows = 8, heads = one,
                                key_tile = 64, keys_per_split = 1024>}
    : !t, !t, !t -> !t
  return %o : !t
}

// -----

!t = tensor<?x?x?x64xf32>
func.func @chunks_of_elements(%q: !t) -> !t {
  // expected-error @below {{'attn.scan' op has key_tile = 8, but a step of it absorbs 1 at most; use key_tile = 1}}
  %o = attn.scan %q, %q, %q transition diagonal decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index, %d: index):
    %c = arith.constant -1.0 : f32
    attn.yield %c : f32
  } {attn.schedule = #attn.schedule<query_tile = 1, key_tile = 8, lanes = 16,
                                    splits = 1>} : !t, !t, !t -> !t
  return %o : !t
}
