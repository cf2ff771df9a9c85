// DEFINE: %{type} = bf16
// DEFINE: %{dim} = 64
// DEFINE: %{value} = 64
// DEFINE: %{run} = %python %S/Inputs/each_gpu.py --also=sm_86 attnc run %t.mlir --entry=f --target=emulate:GPU --random --check
// DEFINE: %{try} = sed 's/TYPE/%{type}/g; s/VALUE/%{value}/g; s/DIM/%{dim}/g' %s > %t.mlir && %{run} --repeat=4 && %{run} --dims q=1x2x200x%{dim} --dims k=1x1x333x%{dim}
//
// Kernels of a GPU on the emulator, against the definition: element types and head
// dims, those of keys and values unlike, with a score and the log-sum-exp. Tiles of
// every size that the schedule chooses, lines of shared memory that a dim fills and
// that it does not.
// RUN: %{try}
// REDEFINE: %{type} = f16
// RUN: %{try}
// REDEFINE: %{dim} = 128
// REDEFINE: %{value} = 128
// RUN: %{try}
// REDEFINE: %{type} = bf16
// REDEFINE: %{dim} = 32
// REDEFINE: %{value} = 40
// RUN: %{try}
// REDEFINE: %{dim} = 72
// REDEFINE: %{value} = 72
// RUN: %{try}
// REDEFINE: %{dim} = 192
// REDEFINE: %{value} = 128
// RUN: %{try}
// REDEFINE: %{dim} = 64
// REDEFINE: %{value} = 256
// RUN: %{try}
// REDEFINE: %{dim} = 256
// REDEFINE: %{value} = 248
// RUN: %{try}

!q = tensor<?x?x?xDIMxTYPE>
!v = tensor<?x?x?xVALUExTYPE>
!l = tensor<?x?x?xf32>

func.func @f(%q: !q, %k: !q, %v: !v) -> (!v, !l) {
  %cap = arith.constant 20.0 : f32
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<causal>) scale 0.3 score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %d = arith.subi %i, %j : index
    %n = arith.index_cast %d : index to i32
    %x = arith.sitofp %n : i32 to f32
    %c = arith.constant 0.01 : f32
    %bias = arith.mulf %x, %c : f32
    %t = arith.divf %s, %cap : f32
    %u = math.tanh %t : f32
    %w = arith.mulf %u, %cap : f32
    %r = arith.subf %w, %bias : f32
    attn.yield %r : f32
  } : (!q, !q, !v) -> (!v, !l)
  return %o, %lse : !v, !l
}
