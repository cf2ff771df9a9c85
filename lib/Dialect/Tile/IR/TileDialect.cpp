//===- TileDialect.cpp - registration of the tile dialect -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Everything ODS generates for the tile dialect is compiled here. Verifiers are
// in the files named after the .td files that declare the ops.
//
//===----------------------------------------------------------------------===//
#include "attnc/Dialect/Tile/IR/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/FoldInterfaces.h"

using namespace attnc;
using namespace attnc::tile;

#include "attnc/Dialect/Tile/IR/TileDialect.cpp.inc"

#include "attnc/Dialect/Tile/IR/TileEnums.cpp.inc"

#define GET_OP_CLASSES
#include "attnc/Dialect/Tile/IR/Tile.cpp.inc"

namespace {
/// Constants of a kernel stay in it: outside, a constant tile would be taken
/// for a tensor in memory.
struct TileFoldInterface : mlir::DialectFoldInterface {
  using DialectFoldInterface::DialectFoldInterface;
  bool shouldMaterializeInto(Region *region) const final {
    return isa<KernelOp>(region->getParentOp());
  }
};
} // namespace

void TileDialect::initialize() {
  addInterfaces<TileFoldInterface>();
  addOperations<
#define GET_OP_LIST
#include "attnc/Dialect/Tile/IR/Tile.cpp.inc"
      >();
}
