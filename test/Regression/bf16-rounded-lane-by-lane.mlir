// RUN: attnc compile %s --target=cpu:x86-64-v3 --emit=asm -o - | FileCheck %s
//
// Without an instruction for it rounding to bf16 is integer arithmetic. Where the
// value dim leaves part of a vector, single lanes are stored, and their rounding
// became a call of a function that no library has.

// CHECK-NOT: __truncsfbf2
!q = tensor<?x?x?x16xbf16>
!v = tensor<?x?x?x17xbf16>
func.func @f(%q: !q, %k: !q, %v: !v) -> !v {
  %o = attn.scan %q, %k, %v transition identity
    {attn.schedule = #attn.schedule<query_tile = 1, key_tile = 64, lanes = 8,
                                    splits = 1>} : !q, !q, !v -> !v
  return %o : !v
}
