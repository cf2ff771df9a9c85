// RUN: attn-opt %s --convert-attn-to-tile --split-input-file --verify-diagnostics

!t = tensor<?x?x?x16xf32>

// Tile sizes are chosen before; a default here would be a second place for that.
func.func @no_schedule(%q: !t) -> !t {
  // expected-error @below {{'attn.attend' op has no attn.schedule; run attn-schedule first}}
  %o = attn.attend %q, %q, %q : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x4x?x64xf32>
!cache = !attn.kv<4x64xf32>
func.func @cache(%q: !t) -> !t {
  %k = attn.cache %q : (!t) -> !cache
  // expected-error @below {{'attn.attend' op takes a cache; run attn-read-caches first}}
  %o = attn.attend %q, %k, %k
    {attn.schedule = #attn.schedule<query_tile = 8, key_tile = 8, lanes = 8,
                                    splits = 1>} : (!t, !cache, !cache) -> !t
  return %o : !t
}

// -----

// The outputs of a later part depend on the state after the earlier one.
!t = tensor<?x?x?x16xf32>
func.func @split_scan(%q: !t) -> !t {
  // expected-error @below {{'attn.scan' op stores an output at every step and cannot be split along the sequence; use splits = 1}}
  %o = attn.scan %q, %q, %q transition identity
    {attn.schedule = #attn.schedule<query_tile = 1, key_tile = 64, lanes = 16,
                                    splits = 2>} : !t, !t, !t -> !t
  return %o : !t
}

// -----

// A mask of which only a superset of the keys is known is slow, and says so.
!t = tensor<?x?x?x16xf32>
func.func @superset(%q: !t) -> !t {
  // expected-remark @below {{keys are not skipped as exactly as the mask allows: a piece of the mask is a lattice, whose keys are enclosed in a range}}
  %o = attn.attend %q, %q, %q mask(#attn.mask<"(q - k) mod 3 == 0">)
    {attn.schedule = #attn.schedule<query_tile = 16, key_tile = 64, lanes = 16,
                                    splits = 1>} : (!t, !t, !t) -> !t
  return %o : !t
}
