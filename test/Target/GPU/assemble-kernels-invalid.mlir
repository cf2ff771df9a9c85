// RUN: attn-opt %s --gpu-assemble-kernels --split-input-file --verify-diagnostics

// expected-error @below {{'gpu.module' op is in a module without an attn.gpu; run gpu-attach-target first}}
gpu.module @p {
}

// -----

module attributes {attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448, image = ptx>} {
  // expected-error @below {{'gpu.module' op has no image beside it; convert-tile-to-gpu declares one}}
  gpu.module @p {
  }
}

// -----

module attributes {attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448, image = ptx>} {
  llvm.mlir.global external @p.image() : !llvm.struct<(ptr, ptr, i64, ptr)>
  // expected-error @below {{Failed creating the llvm::Module}}
  // expected-error @below {{'gpu.module' op cannot be translated to PTX}}
  gpu.module @p {
    llvm.func @wrong() {
      // expected-error @below {{could not find LLVM intrinsic: "llvm.nvvm.no.such"}}
      // expected-error @below {{LLVM Translation failed for operation: llvm.call_intrinsic}}
      llvm.call_intrinsic "llvm.nvvm.no.such"() : () -> ()
      llvm.return
    }
  }
}
