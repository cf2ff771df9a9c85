//===- Passes.td - passes of the cpu target ----------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_TARGET_CPU_PASSES_TD
#define ATTNC_TARGET_CPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def AttachTargetPass : Pass<"cpu-attach-target", "::mlir::ModuleOp"> {
  let summary = "describe the processor to compile for";
  let description = [{
    *Idea.* Turns a processor's name into the few facts the compiler uses:
    vector length and registers from LLVM's subtarget features, caches from
    the running machine if it is the target, else typical ones.

    *Needs.* Nothing.

    *Leaves.* An `attn.target` on the module.

    *Does not.* Replace an `attn.target` that is there already.

    *Example.* `test/Target/CPU/attach-target.mlir`
  }];
  let dependentDialects = ["::attnc::attn::AttnDialect"];
  let options = [Option<"target", "target", "std::string", "\"cpu\"",
                        "cpu, cpu:native, cpu:<LLVM processor name> or cpu:<arch>+<features>">];
}

def OutlineInstancesPass : Pass<"cpu-outline-instances", "::mlir::ModuleOp"> {
  let summary = "move the body of each parallel loop into a function of its own";
  let description = [{
    *Idea.* One kernel instance becomes one function, so that its buffers live
    and die with one call, on whichever thread it runs, and a profile or a
    debugger shows instances by name.

    *Needs.* `convert-tile-to-cpu`.

    *Leaves.* Every `scf.parallel` with a single call in its body, of a function
    that LLVM is told not to inline.

    *Does not.* Parallelise: `convert-scf-to-openmp` does.

    *Example.* `test/Target/CPU/outline-instances.mlir`
  }];
  let dependentDialects = ["::mlir::func::FuncDialect"];
}

def ExpandVectorMathPass : Pass<"cpu-expand-vector-math", "::mlir::func::FuncOp"> {
  let summary = "replace exponentials and other math on vectors by polynomials";
  let description = [{
    *Idea.* `math.exp2` and `math.exp` on f32 vectors become a range reduction
    and a polynomial of degree 5 (relative error below 2^-22); other functions
    use upstream's approximations. LLVM would call a scalar libm function for
    each lane.

    *Needs.* `math` ops on vectors of the target's length.

    *Leaves.* No `math.exp` or `math.exp2` on f32 vectors.

    *Does not.* Touch scalars. The upstream pass rounds through integer
    conversions and is 10 % slower in an attention loop. Results below 2^-126
    are 2^-126 and not denormal; NaN stays NaN.

    *Example.* `test/Target/CPU/expand-vector-math.mlir`
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::vector::VectorDialect"];
}

def AvoidThreadsPass : Pass<"cpu-avoid-threads", "::mlir::ModuleOp"> {
  let summary = "run a grid on the calling thread where no other one helps";
  let description = [{
    *Idea.* A grid of one instance, or for one thread, is no parallel region: a
    call on a short sequence would mostly be that.

    *Needs.* `cpu-outline-instances`: the body is copied.

    *Leaves.* Each outermost `scf.parallel` under a condition on the number of
    iterations and `attnc_rt_has_one_thread()`, beside plain loops of its body.

    *Does not.* Look at how much work instances have.

    *Example.* `test/Target/CPU/avoid-threads.mlir`
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::scf::SCFDialect"];
}

def BalanceThreadsPass : Pass<"cpu-balance-threads", "::mlir::func::FuncOp"> {
  let summary = "let threads take instances one after the other";
  let description = [{
    *Idea.* Instances differ in their work, so that equal numbers of them are no
    equal shares. Each thread takes the next one when it is free; which thread
    that is changes no result.

    *Needs.* `convert-scf-to-openmp`.

    *Leaves.* Every `omp.wsloop` with a dynamic schedule.

    *Does not.* Order instances: the kernel's grid does, the longest first.

    *Example.* `test/Target/CPU/balance-threads.mlir`
  }];
  let dependentDialects = ["::mlir::omp::OpenMPDialect"];
}

def VerifyTargetReadyPass : Pass<"cpu-verify-target-ready", "::mlir::ModuleOp"> {
  let summary = "check that only LLVM and OpenMP ops are left";
  let description = [{
    *Idea.* The stage `target-ready`: what translation to LLVM IR may assume. Says
    which op of which function is left over, where LLVM's own message would
    name a cast.

    *Needs.* The conversions to the LLVM dialect.

    *Leaves.* Ops of llvm, omp and builtin only.

    *Does not.* Change anything.

    *Example.* `test/Target/CPU/verify-target-ready.mlir`
  }];
}

#endif // ATTNC_TARGET_CPU_PASSES_TD
