// DEFINE: %{entry} = chain
// DEFINE: %{run} = %python %S/Inputs/each_gpu.py attnc run %s --entry=%{entry} --target=emulate:GPU --random --check
// DEFINE: %{try} = %{run} --repeat=2 && %{run} --dims q=1x2x200x64 --dims k=1x2x133x64
//
// Functions of several ops for a GPU, on the emulator against the definition: what one
// kernel hands to the next is in scratch memory; elementwise ops between and behind
// them are kernels, too.
// RUN: %{try}
// REDEFINE: %{entry} = merge
// RUN: %{try}
// REDEFINE: %{entry} = residual
// RUN: %{try}
// REDEFINE: %{entry} = functions
// RUN: %{try}

!t = tensor<?x?x?x64xbf16>
!f = tensor<?x?x?x64xf32>
!l = tensor<?x?x?xf32>

// The output of one op is what the other one asks with.
func.func @chain(%q: !t, %k: !t, %v: !t) -> !t {
  %a = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!t, !t, !t) -> !t
  %o = attn.attend %a, %k, %v : (!t, !t, !t) -> !t
  return %o : !t
}

// One op goes on from the carry of another.
func.func @merge(%q: !t, %k: !t, %v: !t, %k2: !t, %v2: !t) -> !t {
  %a, %lse = attn.attend %q, %k, %v : (!t, !t, !t) -> (!t, !l)
  %w = arith.extf %a : !t to !f
  %o = attn.attend %q, %k2, %v2 init(%w, %lse) : (!t, !t, !t, !f, !l) -> !t
  return %o : !t
}

// A residual connection, between and behind.
func.func @residual(%q: !t, %k: !t, %v: !t) -> !t {
  %a = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!t, !t, !t) -> !t
  %b = arith.addf %a, %q : !t
  %c = attn.attend %b, %k, %v : (!t, !t, !t) -> !t
  %o = arith.addf %c, %b : !t
  return %o : !t
}

func.func @functions(%q: !t, %k: !t, %v: !t) -> !t {
  %x = math.tanh %q : !t
  %y = arith.mulf %x, %x : !t
  %a = attn.attend %y, %k, %v : (!t, !t, !t) -> !t
  %o = math.exp %a : !t
  return %o : !t
}
