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
