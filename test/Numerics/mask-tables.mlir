// DEFINE: %{mask} = prefix<n>
// DEFINE: %{part} = number
// DEFINE: %{random} = --random --seed 51 --check --repeat 10
// DEFINE: %{large} = --random --seed 51 --check --repeat 3 --dims q=1x2x200x16 --dims k=1x2x333x16
// DEFINE: %{write} = sed 's/MASK/%{mask}/' %t/%{part}.mlir > %t/f.mlir
// DEFINE: %{check} = %{write} && attnc run %t/f.mlir %{random} && attnc run %t/f.mlir %{large}
//
// Masks that read numbers and tables when the function is called. The values are
// drawn: few different ones or up to the longest extent, ascending or not.

// RUN: rm -rf %t && split-file %s %t

// One number for all queries and keys.
// RUN: %{check}
// REDEFINE: %{mask} = window<n, 0>
// RUN: %{check}
// REDEFINE: %{mask} = window<3, n> and not global<n>
// RUN: %{check}
// REDEFINE: %{mask} = global<n> or window<8, 0>
// RUN: %{check}
// REDEFINE: %{mask} = "k mod 5 != n and k <= q + 2 * n"
// RUN: %{check}

// A document of each position, for all batches and for each.
// REDEFINE: %{mask} = document<ids>
// REDEFINE: %{part} = ids
// RUN: %{check}
// REDEFINE: %{mask} = document<ids> and causal
// RUN: %{check}
// REDEFINE: %{mask} = causal and not document<ids>
// RUN: %{check}
// REDEFINE: %{mask} = "ids(q) == ids(k) or k < ids(q)"
// RUN: %{check}
// REDEFINE: %{mask} = document<ids> and window<60, 0>
// REDEFINE: %{part} = batched
// RUN: %{check}

// A length of each batch.
// REDEFINE: %{mask} = padding<len>
// REDEFINE: %{part} = lengths
// RUN: %{check}
// REDEFINE: %{mask} = padding<len> and causal
// RUN: %{check}

// The first and the last key of each query.
// REDEFINE: %{mask} = "k >= s(q) and k < e(q)"
// REDEFINE: %{part} = ends
// RUN: %{check}
// REDEFINE: %{mask} = "k < s(q) or k - q > e(q) - 200" and causal
// RUN: %{check}

// A flag of each head and key, with and without other masks.
// REDEFINE: %{mask} = "flag(h, k) == 1"
// REDEFINE: %{part} = flags
// RUN: %{check}
// REDEFINE: %{mask} = "flag(h, k) > 2" or window<5, 0>
// RUN: %{check}
// REDEFINE: %{mask} = random_blocks<16, 2, 3> and "flag(h, k) < 2"
// RUN: %{check}

// Runs of queries that no range of keys depends on, only the blocks: a flag is
// rare, and where there is none, each run sees its own random block.
// REDEFINE: %{mask} = (random_blocks<4, 1, 7> and "flag(h, k) == 0") or "flag(h, k) == 1"
// RUN: %{check}
// RUN: %python -c "import numpy; numpy.save('%t/flag.npy', numpy.zeros((2, 333), numpy.int32))"
// RUN: attnc run %t/f.mlir %{large} --in flag=%t/flag.npy

// Residue classes read at their own positions.
// REDEFINE: %{mask} = window<n, 0>
// REDEFINE: %{part} = class
// RUN: %{check}

// Narrow types: what is read is no float.
// REDEFINE: %{mask} = document<ids> and window<w, 4>
// REDEFINE: %{part} = f16
// RUN: %{check}
// REDEFINE: %{part} = bf16
// RUN: %{check}

//--- number.mlir
!t = tensor<?x?x?x16xf32>
!l = tensor<?x?x?xf32>
func.func @f(%q: !t, %k: !t, %v: !t, %n: tensor<i64>) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<MASK>) tables(n = %n)
    : (!t, !t, !t, tensor<i64>) -> (!t, !l)
  return %o, %lse : !t, !l
}

//--- ids.mlir
!t = tensor<?x?x?x16xf32>
!l = tensor<?x?x?xf32>
func.func @f(%q: !t, %k: !t, %v: !t, %ids: tensor<?xi32>) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<MASK>) tables(ids = %ids)
    : (!t, !t, !t, tensor<?xi32>) -> (!t, !l)
  return %o, %lse : !t, !l
}

//--- batched.mlir
!t = tensor<?x?x?x16xf32>
!l = tensor<?x?x?xf32>
func.func @f(%q: !t, %k: !t, %v: !t, %ids: tensor<?x?xi64>) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<MASK>) tables(ids = %ids)
    : (!t, !t, !t, tensor<?x?xi64>) -> (!t, !l)
  return %o, %lse : !t, !l
}

//--- lengths.mlir
!t = tensor<?x?x?x16xf32>
!l = tensor<?x?x?xf32>
func.func @f(%q: !t, %k: !t, %v: !t, %len: tensor<?xi32>) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<MASK>) tables(len = %len)
    : (!t, !t, !t, tensor<?xi32>) -> (!t, !l)
  return %o, %lse : !t, !l
}

//--- ends.mlir
!t = tensor<?x?x?x16xf32>
!l = tensor<?x?x?xf32>
func.func @f(%q: !t, %k: !t, %v: !t, %s: tensor<?xi32>, %e: tensor<?x?xi64>)
    -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<MASK>)
    tables(s = %s, e = %e)
    : (!t, !t, !t, tensor<?xi32>, tensor<?x?xi64>) -> (!t, !l)
  return %o, %lse : !t, !l
}

//--- flags.mlir
!t = tensor<?x?x?x16xf32>
!l = tensor<?x?x?xf32>
func.func @f(%q: !t, %k: !t, %v: !t, %flag: tensor<?x?xi32>) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<MASK>) tables(flag = %flag)
    : (!t, !t, !t, tensor<?x?xi32>) -> (!t, !l)
  return %o, %lse : !t, !l
}

//--- class.mlir
!t = tensor<?x?x?x16xf32>
!l = tensor<?x?x?xf32>
func.func @f(%q: !t, %k: !t, %v: !t, %n: tensor<i64>) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<MASK>) tables(n = %n)
    lattice 3 : (!t, !t, !t, tensor<i64>) -> (!t, !l)
  return %o, %lse : !t, !l
}

//--- f16.mlir
!t = tensor<?x?x?x16xf16>
!l = tensor<?x?x?xf32>
func.func @f(%q: !t, %k: !t, %v: !t, %ids: tensor<?xi32>, %w: tensor<i32>)
    -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<MASK>)
    tables(ids = %ids, w = %w)
    : (!t, !t, !t, tensor<?xi32>, tensor<i32>) -> (!t, !l)
  return %o, %lse : !t, !l
}

//--- bf16.mlir
!t = tensor<?x?x?x16xbf16>
!l = tensor<?x?x?xf32>
func.func @f(%q: !t, %k: !t, %v: !t, %ids: tensor<?xi32>, %w: tensor<i32>)
    -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<MASK>)
    tables(ids = %ids, w = %w)
    : (!t, !t, !t, tensor<?xi32>, tensor<i32>) -> (!t, !l)
  return %o, %lse : !t, !l
}
