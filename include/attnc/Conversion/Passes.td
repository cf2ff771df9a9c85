//===- Passes.td - from one level to the next --------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_CONVERSION_PASSES_TD
#define ATTNC_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def AppendToLoopsPass : Pass<"convert-append-to-loops", "::mlir::func::FuncOp"> {
  let summary = "turn appends into loops that write the caller's memory";
  let description = [{
    *Idea.* A new token is a row of numbers: its place comes from the layout, its
    scale from the row, and each number is rounded into it. Rows are independent
    of each other: one `scf.parallel` over sequences, heads and tokens.

    *Needs.* `attn-materialize-destinations`: arguments are memory.

    *Leaves.* No `attn.append`.

    *Does not.* Change caches otherwise: `attn.cache` stays, and what is behind
    the append reads the memory it wrote.

    *Example.* `test/Conversion/AppendToLoops/append-to-loops.mlir`
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::bufferization::BufferizationDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect"];
}

def AttnToTilePass : Pass<"convert-attn-to-tile", "::mlir::func::FuncOp"> {
  let summary = "turn each sequence op into a kernel that folds tiles of keys";
  let description = [{
    *Idea.* Every op that implements `CarryOpInterface` becomes one
    `tile.kernel`: load what stays fixed, fold the keys into the carry, store
    what the carry projects to.

    *Needs.* The stage `attn-scheduled`: every sequence op has an
    `attn.schedule`.

    *Leaves.* No `attn` op.

    *Does not.* Choose a tile size, know which operator it tiles, or touch other
    ops: upstream `tensor`, `linalg` and `arith` stay as they are.

    *Example.* `test/Conversion/AttnToTile/attn-to-tile.mlir`
  }];
  let dependentDialects = ["::attnc::tile::TileDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::bufferization::BufferizationDialect",
                           "::mlir::tensor::TensorDialect"];
}

def TileToCPUPass : Pass<"convert-tile-to-cpu", "::mlir::ModuleOp"> {
  let summary = "turn tile kernels into register-blocked vector loops";
  let description = [{
    *Idea.* Each tile value is placed in memory with its independent axis
    innermost, so that every op on tiles is a loop over rows of machine vectors
    and a contraction is a block of rows times a strip of vectors, held in
    registers.

    *Needs.* The stage `tile`, bufferized: kernels have memref operands. The
    module has an `attn.target`.

    *Leaves.* No `tile` op; `scf`, `vector`, `memref`, `arith`, `math` on vectors
    of the target's length, and calls of the runtime where a strip visits several
    ranges of keys. Products of bf16 are `x86vector` where the target has an
    instruction for them.

    *Does not.* Expand `math` ops (see `cpu-expand-vector-math`) or start threads (the grid
    becomes one `scf.parallel`).

    *Example.* `test/Conversion/TileToCPU/tile-to-cpu.mlir`
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect",
                           "::mlir::x86vector::X86VectorDialect"];
}

def TileToGPUPass : Pass<"convert-tile-to-gpu", "::mlir::ModuleOp"> {
  let summary = "turn tile kernels into kernels of a GPU";
  let description = [{
    *Idea.* One block for each point of the grid: a producer copies tiles of keys
    and values to shared memory, consumer warpgroups fold them in registers. What
    copies and who multiplies is what the `attn.gpu` says; where warpgroups do,
    the product of one step overlaps the softmax of the next.

    *Needs.* The stage `tile`, bufferized: kernels have memref operands. The
    module has an `attn.gpu`.

    *Leaves.* No `tile` op; a `gpu.module` with a function in `llvm`, `scf`,
    `arith`, `math` and inline PTX for each kernel, and in its place on the host a
    launch by the runtime (attnc-c/gpu.h).

    *Does not.* Assemble the program (see `gpu-assemble-kernels`). What has no
    code for a GPU yet is an error.

    *Example.* `test/Conversion/TileToGPU/tile-to-gpu.mlir`,
    `test/Conversion/TileToGPU/warp-products.mlir`
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::gpu::GPUDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::NVVM::NVVMDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
}

def AttnToReferencePass
    : Pass<"convert-attn-to-reference", "::mlir::func::FuncOp"> {
  let summary = "turn each sequence op into naive float64 loops";
  let description = [{
    *Idea.* The definition in the op's description, written as scalar loops in
    float64: the oracle that every other target is compared with.

    *Needs.* The stage `attn-input`. No schedule.

    *Leaves.* No `attn` op; `scf` loops over memrefs.

    *Does not.* Share a pass or a helper with the tiled path, skip masked keys,
    or care about speed.

    *Example.* `test/Conversion/AttnToReference/attn-to-reference.mlir`
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::bufferization::BufferizationDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
}

#endif // ATTNC_CONVERSION_PASSES_TD
