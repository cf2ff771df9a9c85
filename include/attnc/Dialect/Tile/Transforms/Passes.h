//===- Passes.h - passes on the tile dialect --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Declared in Passes.td.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_DIALECT_TILE_TRANSFORMS_PASSES_H
#define ATTNC_DIALECT_TILE_TRANSFORMS_PASSES_H

#include "attnc/Support/LLVM.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Pass/Pass.h"

namespace attnc::tile {

#define GEN_PASS_DECL
#include "attnc/Dialect/Tile/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "attnc/Dialect/Tile/Transforms/Passes.h.inc"

/// Lets one-shot bufferization turn the tensors of a `tile.kernel` into
/// memrefs.
void registerBufferizableOpInterfaces(DialectRegistry &registry);

} // namespace attnc::tile

#endif // ATTNC_DIALECT_TILE_TRANSFORMS_PASSES_H
