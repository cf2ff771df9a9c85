//===- Tile.td - the tile dialect, in reading order --------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef TILE_TILE_TD
#define TILE_TILE_TD

include "Tile/TileDialect.td"
include "Tile/TileEnums.td"
include "Tile/TileKernelOps.td"
include "Tile/TileMemoryOps.td"
include "Tile/TileComputeOps.td"
include "Tile/TileRecurrenceOps.td"

#endif // TILE_TILE_TD
