// DEFINE: %{mask} = random_blocks<8, 2, 7>
// DEFINE: %{options} = lattice 3
// DEFINE: %{part} = plain
// DEFINE: %{random} = --random --seed 31 --check --repeat 10
// DEFINE: %{large} = --random --seed 31 --check --repeat 2 --dims q=1x2x200x16 --dims k=1x2x333x16
// DEFINE: %{write} = sed 's/MASK/%{mask}/; s/OPTIONS/%{options}/' %t/%{part}.mlir > %t/f.mlir
// DEFINE: %{check} = %{write} && attnc run %t/f.mlir %{random} && attnc run %t/f.mlir %{large}
//
// The patterns that compute a table or are visited by loops, with drawn extents and
// across tiles, alone, in residue classes, and continued from other keys.

// RUN: rm -rf %t && split-file %s %t

// Random blocks, narrower and wider than a run of rows, and with other keys.
// REDEFINE: %{options} =
// RUN: %{check}
// REDEFINE: %{mask} = random_blocks<64, 3, -5> or window<9, 0>
// RUN: %{check}
// REDEFINE: %{mask} = random_blocks<5, 1, 0> and causal
// RUN: %{check}
// REDEFINE: %{mask} = bigbird<16, 3, 1, 2, 9>
// RUN: %{check}
// REDEFINE: %{mask} = causal and not bigbird<8, 3, 0, 1, 9>
// RUN: %{check}

// Images.
// REDEFINE: %{mask} = axial<7, 12, both>
// RUN: %{check}
// REDEFINE: %{mask} = axial<5, 9, both> and causal
// RUN: %{check}
// REDEFINE: %{mask} = neighborhood2d<8, 11, 2>
// RUN: %{check}

// Rows of keys.
// REDEFINE: %{mask} = block<8> and "k mod 8 < 3"
// RUN: %{check}

// Residue classes: of more rows than a tile has, of few, and of one or none.
// REDEFINE: %{mask} = causal
// REDEFINE: %{options} = lattice 3
// RUN: %{check}
// REDEFINE: %{options} = lattice 8
// RUN: %{check}
// REDEFINE: %{options} = lattice 100
// RUN: %{check}

// Masks that the class changes: windows in class steps, divisions by multiples and
// by others.
// REDEFINE: %{mask} = window<40, 10> or "k < 5"
// REDEFINE: %{options} = lattice 8
// RUN: %{check}
// REDEFINE: %{mask} = axial<6, 9, both>
// REDEFINE: %{options} = lattice 3
// RUN: %{check}
// REDEFINE: %{mask} = "(q - k) mod 4 != 2 and k <= q + h"
// RUN: %{check}

// The carry of another op, over the keys that this one does not see.
// REDEFINE: %{part} = init
// REDEFINE: %{mask} = causal
// REDEFINE: %{options} =
// RUN: %{check}
// REDEFINE: %{mask} = window<5, 3>
// RUN: %{check}
// REDEFINE: %{mask} = neighborhood2d<4, 8, 1>
// RUN: %{check}

// Half of the keys in each of two classes.
// REDEFINE: %{part} = classes
// REDEFINE: %{options} = lattice 3
// RUN: %{check}
// REDEFINE: %{mask} = strided<8> and causal
// REDEFINE: %{options} = lattice 8
// RUN: %{check}

// Narrow types: the carry between the ops is f32.
// REDEFINE: %{options} =
// REDEFINE: %{part} = f16
// REDEFINE: %{mask} = bigbird<8, 3, 1, 1, 9> and causal
// RUN: %{check}
// REDEFINE: %{part} = bf16
// RUN: %{check}

//--- plain.mlir
!t = tensor<?x?x?x16xf32>
!l = tensor<?x?x?xf32>
func.func @f(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<MASK>) OPTIONS
    : (!t, !t, !t) -> (!t, !l)
  return %o, %lse : !t, !l
}

//--- init.mlir
!t = tensor<?x?x?x16xf32>
!l = tensor<?x?x?xf32>
func.func @f(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %o0, %l0 = attn.attend %q, %k, %v mask(#attn.mask<not (MASK)>)
    : (!t, !t, !t) -> (!t, !l)
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<MASK>) OPTIONS
    init(%o0, %l0) : (!t, !t, !t, !t, !l) -> (!t, !l)
  return %o, %lse : !t, !l
}

//--- classes.mlir
!t = tensor<?x?x?x16xf32>
!l = tensor<?x?x?xf32>
func.func @f(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %o0, %l0 = attn.attend %q, %k, %v mask(#attn.mask<not (MASK)>) OPTIONS
    : (!t, !t, !t) -> (!t, !l)
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<MASK>) OPTIONS
    init(%o0, %l0) : (!t, !t, !t, !t, !l) -> (!t, !l)
  return %o, %lse : !t, !l
}

//--- f16.mlir
!t = tensor<?x?x?x16xf16>
!o = tensor<?x?x?x16xf32>
!l = tensor<?x?x?xf32>
func.func @f(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %o0, %l0 = attn.attend %q, %k, %v mask(#attn.mask<not (MASK)>)
    : (!t, !t, !t) -> (!o, !l)
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<MASK>) OPTIONS
    init(%o0, %l0) : (!t, !t, !t, !o, !l) -> (!t, !l)
  return %o, %lse : !t, !l
}

//--- bf16.mlir
!t = tensor<?x?x?x16xbf16>
!o = tensor<?x?x?x16xf32>
!l = tensor<?x?x?xf32>
func.func @f(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %o0, %l0 = attn.attend %q, %k, %v mask(#attn.mask<not (MASK)>)
    : (!t, !t, !t) -> (!o, !l)
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<MASK>) OPTIONS
    init(%o0, %l0) : (!t, !t, !t, !o, !l) -> (!t, !l)
  return %o, %lse : !t, !l
}
