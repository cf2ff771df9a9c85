//===- Passes.td - passes on the tile dialect --------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_DIALECT_TILE_TRANSFORMS_PASSES_TD
#define ATTNC_DIALECT_TILE_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def VerifyKernelsPass : Pass<"tile-verify-kernels", "::mlir::func::FuncOp"> {
  let summary = "check that kernels hold nothing but tiles and scalars";
  let description = [{
    *Idea.* The stage `tile`: what a target's lowering may assume.

    *Needs.* `convert-attn-to-tile`.

    *Leaves.* No attn op. In a kernel: ops of tile, arith, math, scf, memref
    (`load` and `dim`) and `tensor.splat`; tensors are tiles of static shape.

    *Does not.* Change anything.

    *Example.* `test/Dialect/Tile/Transforms/verify-kernels.mlir`
  }];
}

def HoistInvariantsPass : Pass<"tile-hoist-invariants", "::mlir::func::FuncOp"> {
  let summary = "load in front of a fold what each of its steps would load";
  let description = [{
    *Idea.* A tile of a kernel's input at a place that no step changes (a table
    that a region reads by head and channel) is the same in each step, and so is
    what is computed of such tiles alone. A constant that a product of one is
    multiplied by moves there with it.

    *Needs.* The stage `tile`.

    *Leaves.* No such load in a step.

    *Does not.* Move constants, positions and other tiles that are made of
    nothing: they cost nothing where they are read.

    *Example.* `test/Dialect/Tile/Transforms/hoist-invariants.mlir`
  }];
}

def BufferizeAroundKernelsPass
    : Pass<"tile-bufferize-around-kernels", "::mlir::ModuleOp"> {
  let summary = "turn tensors outside of kernels into memory";
  let description = [{
    *Idea.* One-shot bufferization of everything but the bodies of kernels,
    whose tensors are tiles: values that the target places in registers or
    scratch memory.

    *Needs.* The stage `tile`, or loops of the reference target.

    *Leaves.* No tensor outside of `tile.kernel`.

    *Does not.* Call the C runner's `memrefCopy`, as the upstream pass does for
    strided copies: they become `linalg.copy`. The upstream pass cannot leave a
    region alone.

    *Example.* `test/Dialect/Tile/Transforms/bufferize-around-kernels.mlir`
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::memref::MemRefDialect"];
}

#endif // ATTNC_DIALECT_TILE_TRANSFORMS_PASSES_TD
