// RUN: attn-opt %s --attn-schedule --split-input-file --verify-diagnostics

!t = tensor<?x?x?x64xf32>

// Without a target there is no vector length to choose lanes from.
func.func @no_target(%q: !t) -> !t {
  // expected-error @below {{'attn.attend' op is in a module without an attn.target; run cpu-attach-target first}}
  %o = attn.attend %q, %q, %q : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// Accepted: nothing is left to choose, so no target is needed.
!t = tensor<?x?x?x64xf32>
func.func @by_hand_without_target(%q: !t) -> !t {
  %o = attn.attend %q, %q, %q
    {attn.schedule = #attn.schedule<query_tile = 8, key_tile = 8, lanes = 8,
                                    splits = 1>} : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// What is read from a cache has a shape; the cache has not.
!t = tensor<?x4x?x64xf32>
!cache = !attn.kv<4x64xf32>
func.func @cache(%q: !t) -> !t {
  %k = attn.cache %q : (!t) -> !cache
  // expected-error @below {{'attn.attend' op takes a cache; run attn-read-caches first}}
  %o = attn.attend %q, %k, %k : (!t, !cache, !cache) -> !t
  return %o : !t
}
