// DEFINE: %{mask} = causal
// DEFINE: %{expect} = full
// DEFINE: %{compile} = sed 's/MASK/%{mask}/' %s > %t/mask.mlir
// DEFINE: %{shape} = --random --dims q=1x2x70x16 --dims k=1x2x150x16
// DEFINE: %{run} = %{compile} && attnc run %t/mask.mlir %{shape}
// DEFINE: %{check} = %{run} --check --expect o=%t/%{expect}.npy --expect lse=%t/%{expect}_lse.npy
//
// Numbers beyond 32 bits in masks, on short sequences: the result is that of the mask
// that says the same in small numbers.
//
// RUN: rm -rf %t && mkdir %t
// REDEFINE: %{mask} = "0 <= k"
// RUN: %{run} --out o=%t/full.npy --out lse=%t/full_lse.npy
// REDEFINE: %{mask} = causal
// RUN: %{run} --out o=%t/causal.npy --out lse=%t/causal_lse.npy
// REDEFINE: %{mask} = "k < 0"
// RUN: %{run} --out o=%t/nothing.npy --out lse=%t/nothing_lse.npy
// REDEFINE: %{mask} = "k < 0" or "h == 1"
// RUN: %{run} --out o=%t/one.npy --out lse=%t/one_lse.npy

// Everything.
// REDEFINE: %{mask} = "k <= q + 4294967296"
// RUN: %{check}
// REDEFINE: %{mask} = "q - k < 8589934592 and k - q < 8589934592"
// RUN: %{check}
// REDEFINE: %{mask} = window<8589934592, 8589934592>
// RUN: %{check}
// REDEFINE: %{mask} = block<4294967296>
// RUN: %{check}
// REDEFINE: %{mask} = prefix<1099511627776>
// RUN: %{check}

// What came before.
// REDEFINE: %{expect} = causal
// REDEFINE: %{mask} = window<8589934592, 0>
// RUN: %{check}
// REDEFINE: %{mask} = chunked<4294967296>
// RUN: %{check}
// REDEFINE: %{mask} = "k + 4294967296 <= q + 4294967296"
// RUN: %{check}

// Nothing: out is 0 and the log-sum-exp -inf.
// REDEFINE: %{expect} = nothing
// REDEFINE: %{mask} = "k >= q + 4294967296"
// RUN: %{check}
// REDEFINE: %{mask} = "q < k and k < q"
// RUN: %{check} | FileCheck %s
// REDEFINE: %{mask} = causal and "k - q > 0"
// RUN: %{check}
// REDEFINE: %{mask} = "(q - k) mod 4294967296 == 4294960000"
// RUN: %{check}
// CHECK: o reference 0.00e+00 0.00e+00 0.00e+00 ok
// CHECK: lse reference 0.00e+00 0.00e+00 0.00e+00 ok

// One head of two: 2^32 must not be taken for 0.
// REDEFINE: %{expect} = one
// REDEFINE: %{mask} = "k >= 4294967296 or h == 1"
// RUN: %{check}

!t = tensor<?x?x?x16xf32>
!l = tensor<?x?x?xf32>
func.func @f(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<MASK>)
    : (!t, !t, !t) -> (!t, !l)
  return %o, %lse : !t, !l
}
