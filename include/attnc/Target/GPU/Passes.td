//===- Passes.td - passes of the gpu target ----------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_TARGET_GPU_PASSES_TD
#define ATTNC_TARGET_GPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def AttachTargetPass : Pass<"gpu-attach-target", "::mlir::ModuleOp"> {
  let summary = "describe the GPU to compile for";
  let description = [{
    *Idea.* Turns an architecture's name into the few facts the compiler uses.

    *Needs.* Nothing.

    *Leaves.* An `attn.gpu` on the module.

    *Does not.* Replace an `attn.gpu` that is there already, or describe the
    processor that launches kernels (`cpu-attach-target`).

    *Example.* `test/Target/GPU/attach-target.mlir`
  }];
  let dependentDialects = ["::attnc::attn::AttnDialect"];
  let options = [Option<"target", "target", "std::string", "\"cuda:sm_90a\"",
                        "cuda:<architecture> or emulate:<architecture>">];
}

def VerifyHostPass : Pass<"gpu-verify-host", "::mlir::func::FuncOp"> {
  let summary = "refuse host code that reads or writes tensors";
  let description = [{
    *Idea.* Tensors of a function for a GPU are in its memory. What is not in a
    kernel would read them on the host.

    *Needs.* `convert-tile-to-gpu`.

    *Leaves.* The function as it is, or an error at the op that reads memory.
    Buffers may come and go: they are the GPU's, too.

    *Does not.* Move such ops into kernels.

    *Example.* `test/Target/GPU/verify-host.mlir`
  }];
}

def AllocateScratchPass : Pass<"gpu-allocate-scratch", "::mlir::ModuleOp"> {
  let summary = "put buffers of the host's code into the GPU's memory";
  let description = [{
    *Idea.* What kernels hand to each other comes from the runtime, which takes
    it from a pool in the order of the stream: no call waits.

    *Needs.* `gpu-verify-host`, and buffers that are freed.

    *Leaves.* No `memref.alloc` and `memref.dealloc` in functions of the host:
    calls of `attnc_rt_gpu_scratch_allocate` and `attnc_rt_gpu_scratch_free`.

    *Does not.* Share memory among buffers, or place small ones in a stack.

    *Example.* `test/Target/GPU/allocate-scratch.mlir`
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::LLVM::LLVMDialect"];
}

def AssembleKernelsPass : Pass<"gpu-assemble-kernels", "::mlir::ModuleOp"> {
  let summary = "compile the GPU's program and put it into the module";
  let description = [{
    *Idea.* LLVM's NVPTX backend makes PTX in this process, `ptxas` makes a cubin
    in another one. The result becomes a constant of the host's module.

    *Needs.* `gpu.module`s in the LLVM and NVVM dialects, an `attn.gpu`, and for
    cubins `ptxas` from the CUDA toolkit: on `$PATH`, or in `bin` of
    `$CUDA_HOME`, `$CUDA_PATH` or `/usr/local/cuda`.

    *Leaves.* An `attnc_rt_gpu_image` (attnc-c/gpu.h) for each `gpu.module`, which
    is erased. Spilled registers and products that ptxas serialises are warnings.

    *Does not.* Load or launch anything.

    *Example.* `test/Target/GPU/assemble-kernels.mlir`
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::NVVM::NVVMDialect"];
}

#endif // ATTNC_TARGET_GPU_PASSES_TD
