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
  // expected-error-re @below {{ptxas failed: {{.*}}Unknown modifier}}
  gpu.module @p {
    llvm.func @wrong() attributes {gpu.kernel, nvvm.kernel} {
      llvm.inline_asm has_side_effects asm_dialect = att "no.such.instruction;", "" : () -> ()
      llvm.return
    }
  }
}

// -----

// What makes a kernel slow is said, and the kernel is there.
module attributes {gpu.container_module,
    attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448>} {
  llvm.mlir.global external @p.image() : !llvm.struct<(ptr, ptr, i64, ptr)>
  // expected-warning-re @below {{ptxas: {{.*}} bytes spill stores}}
  gpu.module @p {
    llvm.func @full(%m: !llvm.ptr<1>) attributes {gpu.kernel, nvvm.kernel, nvvm.maxnreg = 24 : i32} {
      %x0 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x1 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x2 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x3 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x4 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x5 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x6 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x7 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x8 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x9 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x10 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x11 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x12 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x13 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x14 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x15 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x16 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x17 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x18 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x19 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x20 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x21 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x22 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x23 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x24 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x25 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x26 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x27 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x28 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x29 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x30 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x31 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x32 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x33 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x34 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x35 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x36 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x37 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x38 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      %x39 = llvm.load volatile %m : !llvm.ptr<1> -> f32
      llvm.store volatile %x0, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x1, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x2, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x3, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x4, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x5, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x6, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x7, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x8, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x9, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x10, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x11, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x12, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x13, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x14, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x15, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x16, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x17, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x18, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x19, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x20, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x21, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x22, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x23, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x24, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x25, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x26, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x27, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x28, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x29, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x30, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x31, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x32, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x33, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x34, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x35, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x36, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x37, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x38, %m : f32, !llvm.ptr<1>
      llvm.store volatile %x39, %m : f32, !llvm.ptr<1>
      llvm.return
    }
  }
}
