// DEFINE: %{mask} = document<ids>
// DEFINE: %{part} = ids
// DEFINE: %{random} = --random --seed 61 --check --repeat 10
// DEFINE: %{large} = --random --seed 61 --check --repeat 3 --dims q=1x2x200x16 --dims k=1x2x333x16
// DEFINE: %{write} = sed 's/MASK/%{mask}/' %t/%{part}.mlir > %t/f.mlir
// DEFINE: %{check} = %{write} && attnc run %t/f.mlir %{random} && attnc run %t/f.mlir %{large}
//
// Tables in residue classes. Each class reads its own positions, and a row before
// position 0 reads as position 0, which is in class 0.

// RUN: rm -rf %t && split-file %s %t

// RUN: %{check}
// REDEFINE: %{mask} = document<ids> and causal
// RUN: %{check}
// REDEFINE: %{mask} = "k >= ids(q)"
// RUN: %{check}

// The blocks of keys whose entries are summarised are those of the class. Flags
// of one class only: a summary of another would skip them all, or none.
// REDEFINE: %{part} = flags
// REDEFINE: %{mask} = "flag(h, k) == 1"
// RUN: %{check}
// RUN: %python -c "import numpy; f = numpy.zeros((2, 333), numpy.int32); f[:, 1::3] = 1; numpy.save('%t/flag.npy', f)"
// RUN: attnc run %t/f.mlir %{large} --in flag=%t/flag.npy

// Blocks of one query: their number is a position of a class and no quotient.
// REDEFINE: %{part} = plain
// REDEFINE: %{mask} = random_blocks<1, 2, 7>
// RUN: %{check}

//--- plain.mlir
!t = tensor<?x?x?x16xf32>
!l = tensor<?x?x?xf32>
func.func @f(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<MASK>) lattice 3
    : (!t, !t, !t) -> (!t, !l)
  return %o, %lse : !t, !l
}

//--- ids.mlir
!t = tensor<?x?x?x16xf32>
!l = tensor<?x?x?xf32>
func.func @f(%q: !t, %k: !t, %v: !t, %ids: tensor<?xi32>) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<MASK>) tables(ids = %ids)
    lattice 3 : (!t, !t, !t, tensor<?xi32>) -> (!t, !l)
  return %o, %lse : !t, !l
}

//--- flags.mlir
!t = tensor<?x?x?x16xf32>
!l = tensor<?x?x?xf32>
func.func @f(%q: !t, %k: !t, %v: !t, %flag: tensor<?x?xi32>) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<MASK>) tables(flag = %flag)
    lattice 3 : (!t, !t, !t, tensor<?x?xi32>) -> (!t, !l)
  return %o, %lse : !t, !l
}
