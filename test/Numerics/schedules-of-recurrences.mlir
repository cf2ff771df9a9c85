// DEFINE: %{chunk} = 1
// DEFINE: %{lanes} = 8
// DEFINE: %{spec} = sed "s/CHUNK/%{chunk}/; s/LANES/%{lanes}/" %s
// DEFINE: %{target} = cpu:x86-64-v3
// DEFINE: %{check} = attnc run - --target=%{target} --random --seed 3 --check --repeat 3
//
// The chunk of a scan with a decay of each row, and of the delta rule, changes the
// time and nothing else: chunks shorter than a vector or a block of rows, that no
// vector divides, longer than the sequence; strips that the value dim of 20 fills
// in part. Strips of 8 and 24 are of vectors of 8.

// RUN: %{spec} | %{check} --entry=rows
// RUN: %{spec} | %{check} --entry=delta
// REDEFINE: %{chunk} = 7
// REDEFINE: %{lanes} = 16
// REDEFINE: %{target} = cpu
// RUN: %{spec} | %{check} --entry=rows
// RUN: %{spec} | %{check} --entry=delta
// REDEFINE: %{chunk} = 17
// REDEFINE: %{lanes} = 24
// REDEFINE: %{target} = cpu:x86-64-v3
// RUN: %{spec} | %{check} --entry=rows
// RUN: %{spec} | %{check} --entry=delta
// REDEFINE: %{chunk} = 300
// REDEFINE: %{lanes} = 32
// REDEFINE: %{target} = cpu
// RUN: %{spec} | %{check} --entry=rows
// RUN: %{spec} | %{check} --entry=delta

!q = tensor<?x?x?x12xf32>
!v = tensor<?x?x?x20xf32>
!s = tensor<?x?x12x20xf32>
!b = tensor<?x?x?xf32>

func.func @rows(%q: !q, %k: !q, %v: !v, %g: !q, %s: !s) -> (!v, !s) {
  %o, %s1 = attn.scan %q, %k, %v transition diagonal initial_state(%s : !s) decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index):
    %x = tensor.extract %g[%b, %h, %t, %e] : !q
    %a = math.absf %x : f32
    %n = arith.negf %a : f32
    attn.yield %n : f32
  } {attn.schedule = #attn.schedule<query_tile = 1, key_tile = CHUNK,
                                    lanes = LANES, splits = 1>}
    : !q, !q, !v -> !v final_state !s
  return %o, %s1 : !v, !s
}

func.func @delta(%q: !q, %k: !q, %v: !v, %g: !q, %beta: !b, %s: !s) -> (!v, !s) {
  %o, %s1 = attn.scan %q, %k, %v transition delta reverse initial_state(%s : !s) decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index):
    %x = tensor.extract %g[%b, %h, %t, %e] : !q
    %a = math.absf %x : f32
    %n = arith.negf %a : f32
    attn.yield %n : f32
  } beta {
  ^bb0(%b: index, %h: index, %t: index):
    %x = tensor.extract %beta[%b, %h, %t] : !b
    %y = math.tanh %x : f32
    %a = math.absf %y : f32
    attn.yield %a : f32
  } feature {
  ^bb0(%x: f32):
    %y = math.tanh %x : f32
    %c = arith.constant 0.25 : f32
    %z = arith.mulf %y, %c : f32
    attn.yield %z : f32
  } {attn.schedule = #attn.schedule<query_tile = 1, key_tile = CHUNK,
                                    lanes = LANES, splits = 1>}
    : !q, !q, !v -> !v final_state !s
  return %o, %s1 : !v, !s
}
