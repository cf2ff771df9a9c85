// REQUIRES: ptxas
// RUN: attn-opt %s --gpu-assemble-kernels --split-input-file --verify-diagnostics | FileCheck %s
//
// A cubin is an ELF file.
// CHECK: llvm.mlir.global internal constant @p.image.data("\7FELF
module attributes {gpu.container_module,
    attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448>} {
  llvm.mlir.global external @p.image() : !llvm.struct<(ptr, ptr, i64, ptr)>
  gpu.module @p {
    llvm.func @nothing() attributes {gpu.kernel, nvvm.kernel} {
      llvm.return
    }
  }
}

// -----

// What ptxas does not understand is its message.
module attributes {gpu.container_module,
    attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448>} {
  llvm.mlir.global external @p.image() : !llvm.struct<(ptr, ptr, i64, ptr)>
  // expected-error-re @below {{ptxas failed: {{.*}}no.such.instruction}}
  gpu.module @p {
    llvm.func @wrong() attributes {gpu.kernel, nvvm.kernel} {
      llvm.inline_asm has_side_effects asm_dialect = att "no.such.instruction;", "" : () -> ()
      llvm.return
    }
  }
}
