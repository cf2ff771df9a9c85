//===- Tile.h - the tile dialect --------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Everything ODS generates for the tile dialect, in the order it needs. The
// language itself is documented in dialects/Tile.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_DIALECT_TILE_IR_TILE_H
#define ATTNC_DIALECT_TILE_IR_TILE_H

#include "attnc/Support/LLVM.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "attnc/Dialect/Tile/IR/TileDialect.h.inc"

#include "attnc/Dialect/Tile/IR/TileEnums.h.inc"

#define GET_OP_CLASSES
#include "attnc/Dialect/Tile/IR/Tile.h.inc"

#endif // ATTNC_DIALECT_TILE_IR_TILE_H
