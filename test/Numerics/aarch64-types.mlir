// REQUIRES: qemu-aarch64
// DEFINE: %{type} = f32
// DEFINE: %{dim} = 32
// DEFINE: %{value} = 32
// DEFINE: %{make} = sed 's/TYPE/%{type}/g; s/VALUE/%{value}/g; s/DIM/%{dim}/g' %s > %t/%{type}_%{dim}.mlir
// DEFINE: %{emulate} = %python %S/Inputs/on_aarch64.py --clang %cc --folder %t/run
//
// Element types and head dims on NEON, in an emulator. First f32: whole vectors,
// a dim that no block of them divides, large, and smaller than one vector.
// RUN: rm -rf %t && mkdir %t
// RUN: %{make}
// REDEFINE: %{dim} = 80
// REDEFINE: %{value} = 80
// RUN: %{make}
// REDEFINE: %{dim} = 128
// REDEFINE: %{value} = 100
// RUN: %{make}
// REDEFINE: %{dim} = 3
// REDEFINE: %{value} = 7
// RUN: %{make}
//
// Half precision in memory, and the ends of rows element by element.
// REDEFINE: %{type} = f16
// RUN: %{make}
// REDEFINE: %{type} = bf16
// RUN: %{make}
// REDEFINE: %{dim} = 80
// REDEFINE: %{value} = 80
// RUN: %{make}
// REDEFINE: %{type} = f16
// RUN: %{make}
//
// RUN: %{emulate} %t/*.mlir | FileCheck %s
// CHECK: attention_f16_3 2: out {{.*}} ok
// CHECK: attention_f32_80 1: lse {{.*}} ok
// CHECK: 16 kernels, 64 calls, 0 failed
//
// Processors that have instructions on 16-bit floats, and one with SVE.
// RUN: %{emulate} --target=cpu:cortex-a76 %t/*16_80.mlir | FileCheck %s --check-prefix=HALF
// RUN: %{emulate} --target=cpu:neoverse-v1 %t/*16_80.mlir | FileCheck %s --check-prefix=HALF
// HALF: 4 kernels, 16 calls, 0 failed

!q = tensor<?x?x?xDIMxTYPE>
!v = tensor<?x?x?xVALUExTYPE>
!l = tensor<?x?x?xf32>

func.func @attention_TYPE_DIM(%q: !q, %k: !q, %v: !v) -> (!v, !l) {
  %out, %lse = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (!q, !q, !v) -> (!v, !l)
  return %out, %lse : !v, !l
}

func.func @scan_TYPE_DIM(%q: !q, %k: !q, %v: !v) -> !v {
  %out = attn.scan %q, %k, %v transition identity : !q, !q, !v -> !v
  return %out : !v
}
