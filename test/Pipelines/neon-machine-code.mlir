// RUN: attnc compile %s --target=cpu:aarch64 --no-threads --emit=asm -o %t.s
// RUN: %python %S/Inputs/inner_loops.py %t.s > %t.txt
// RUN: FileCheck %s < %t.txt
// RUN: FileCheck %s --check-prefix=STACK < %t.txt
// RUN: FileCheck %s --check-prefix=WIDEN < %t.txt
// RUN: attnc compile %s --target=cpu:cortex-a76 --no-threads --emit=asm -o %t.a76.s
// RUN: %python %S/Inputs/inner_loops.py %t.a76.s > %t.a76.txt
// RUN: FileCheck %s < %t.a76.txt
// RUN: FileCheck %s --check-prefix=STACK < %t.a76.txt
//
// What is left of the design in the inner loops of code for NEON.

// The accumulators of a block, 8 rows of 3 vectors, are in registers: a loop over
// keys or head dims is 24 multiply-adds, and not as many instructions again.
// CHECK: kernel.f32.instance{{.*}}: 24 fma, 0 widen, 0 scalar, 0 stack of {{(3[0-9]|4[0-7])$}}
// CHECK: kernel.f16.instance{{.*}}: 24 fma, 0 widen, 0 scalar, 0 stack of {{(3[0-9]|4[0-7])$}}
// CHECK: kernel.bf16.instance{{.*}}: 24 fma, 0 widen, 0 scalar, 0 stack of {{(3[0-9]|4[0-7])$}}

// None of those loops touches the stack, which is what a spill looks like.
// STACK-NOT: 24 fma, {{.*}} {{[1-9][0-9]*}} stack

// 16-bit floats become f32 in whole vectors, queries as well as keys and values.
// WIDEN-COUNT-2: kernel.f16.instance{{.*}}: 0 fma, {{[1-9][0-9]*}} widen, 0 scalar, 0 stack
// WIDEN-COUNT-2: kernel.bf16.instance{{.*}}: 0 fma, {{[1-9][0-9]*}} widen, 0 scalar, 0 stack
!f32 = tensor<?x?x?x64xf32>
func.func @f32(%q: !f32, %k: !f32, %v: !f32) -> !f32 {
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!f32, !f32, !f32) -> !f32
  return %o : !f32
}

!f16 = tensor<?x?x?x64xf16>
func.func @f16(%q: !f16, %k: !f16, %v: !f16) -> !f16 {
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!f16, !f16, !f16) -> !f16
  return %o : !f16
}

!bf16 = tensor<?x?x?x64xbf16>
func.func @bf16(%q: !bf16, %k: !bf16, %v: !bf16) -> !bf16 {
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!bf16, !bf16, !bf16) -> !bf16
  return %o : !bf16
}
