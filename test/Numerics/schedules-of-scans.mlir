// DEFINE: %{chunk} = 1
// DEFINE: %{lanes} = 16
// DEFINE: %{run} = sed 's/CHUNK/%{chunk}/; s/LANES/%{lanes}/' %s | attnc run - --random --seed 3 --check --repeat 3
//
// The chunk of a scan changes the time and nothing else: one position a step, a
// chunk that does not divide the sequence, one longer than it; strips that the
// value dim of 20 fills in part.

// RUN: %{run}
// REDEFINE: %{chunk} = 7
// RUN: %{run}
// REDEFINE: %{chunk} = 64
// REDEFINE: %{lanes} = 48
// RUN: %{run}
// REDEFINE: %{chunk} = 300
// REDEFINE: %{lanes} = 32
// RUN: %{run}

!q = tensor<?x?x?x12xf32>
!v = tensor<?x?x?x20xf32>
!s = tensor<?x?x12x20xf32>
!z = tensor<?x?x12xf32>
func.func @f(%q: !q, %k: !q, %v: !v, %s: !s, %z: !z) -> (!v, !s, !z) {
  %o, %s1, %z1 = attn.scan %q, %k, %v transition identity normalize
    initial_state(%s : !s) initial_normalizer(%z : !z) feature {
  ^bb0(%x: f32):
    %y = math.exp %x : f32
    attn.yield %y : f32
  } {attn.schedule = #attn.schedule<query_tile = 1, key_tile = CHUNK,
                                    lanes = LANES, splits = 1>}
    : !q, !q, !v -> !v final_state !s final_normalizer !z
  return %o, %s1, %z1 : !v, !s, !z
}
