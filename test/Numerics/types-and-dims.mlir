// DEFINE: %{type} = f32
// DEFINE: %{dim} = 16
// DEFINE: %{value} = 16
// DEFINE: %{check} = sed 's/TYPE/%{type}/g; s/VALUE/%{value}/g; s/DIM/%{dim}/g' %s > %t.mlir && attnc run %t.mlir --entry=attention --random --seed 31 --check --repeat 3 && attnc run %t.mlir --entry=scan --random --seed 31 --check --repeat 3
//
// Half precision in memory, and dims that fill no vector: the ends of rows are
// moved element by element.

// REDEFINE: %{type} = f16
// RUN: %{check}
// REDEFINE: %{type} = bf16
// RUN: %{check}
// REDEFINE: %{dim} = 13
// REDEFINE: %{value} = 7
// RUN: %{check}
// REDEFINE: %{type} = f16
// RUN: %{check}

// A single element; the value dim larger than the key dim and smaller.
// REDEFINE: %{type} = f32
// REDEFINE: %{dim} = 1
// REDEFINE: %{value} = 1
// RUN: %{check}
// REDEFINE: %{dim} = 17
// REDEFINE: %{value} = 33
// RUN: %{check}
// REDEFINE: %{dim} = 65
// REDEFINE: %{value} = 1
// RUN: %{check}

// Large ones, for which the schedule has other tiles.
// REDEFINE: %{dim} = 128
// REDEFINE: %{value} = 100
// RUN: %{check}

!q = tensor<?x?x?xDIMxTYPE>
!v = tensor<?x?x?xVALUExTYPE>
!l = tensor<?x?x?xf32>

func.func @attention(%q: !q, %k: !q, %v: !v) -> (!v, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (!q, !q, !v) -> (!v, !l)
  return %o, %lse : !v, !l
}

func.func @scan(%q: !q, %k: !q, %v: !v) -> !v {
  %o = attn.scan %q, %k, %v transition identity : !q, !q, !v -> !v
  return %o : !v
}
