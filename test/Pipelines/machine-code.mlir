// RUN: attnc compile %s --target=cpu:x86-64-v3 --emit=asm -o %t.v3.s
// RUN: FileCheck %s --check-prefix=AVX2 < %t.v3.s
// RUN: FileCheck %s --check-prefix=CALLS < %t.v3.s
// RUN: attnc compile %s --target=cpu:x86-64-v4 --emit=asm -o %t.v4.s
// RUN: FileCheck %s --check-prefix=AVX512 < %t.v4.s
// RUN: FileCheck %s --check-prefix=CALLS < %t.v4.s
// RUN: attnc compile %s --target=cpu:aarch64 --emit=asm -o %t.neon.s
// RUN: FileCheck %s --check-prefix=NEON < %t.neon.s
// RUN: FileCheck %s --check-prefix=CALLS < %t.neon.s
//
// What is left of the design in the machine code.

// The twelve accumulators of a block in twelve registers: no FMA of the block has
// an operand on the stack, which is what a spill looks like.
// AVX2-COUNT-12: vfmadd231ps %ymm{{[0-9]+}}, %ymm{{[0-9]+}}, %ymm{{[0-9]+}}
// RUN: not grep -E 'vfmadd231ps.*%rsp' %t.v3.s
// RUN: not grep -E 'vfmadd231ps.*%rbp' %t.v3.s

// AVX512-COUNT-24: vfmadd231ps {{.*}}%zmm
// RUN: not grep -E 'vfmadd231ps.*%rsp' %t.v4.s

// NEON-COUNT-24: fmla v{{[0-9]+}}.4s, v{{[0-9]+}}.4s, v{{[0-9]+}}.

// No function of libm is called, on any target.
// CALLS-NOT: {{(callq|bl)[[:space:]]+_?_?(exp|pow|log|ldexp|fma)}}

// Memory is cleared by the function for it and not byte by byte.
// RUN: FileCheck %s --check-prefix=CLEAR < %t.v3.s
// RUN: FileCheck %s --check-prefix=CLEAR < %t.neon.s
// CLEAR: {{(callq|bl)[[:space:]]+memset}}
!t = tensor<?x?x?x64xf32>
func.func @causal(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!t, !t, !t) -> !t
  return %o : !t
}
