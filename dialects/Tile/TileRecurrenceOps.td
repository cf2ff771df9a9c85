//===- TileRecurrenceOps.td - what follows itself ----------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef TILE_RECURRENCE_OPS_TD
#define TILE_RECURRENCE_OPS_TD

include "Tile/TileDialect.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Tile_CumulativeProductOp : Tile_Op<"cumulative_product", [
    Pure, AllTypesMatch<["tile", "result"]>]> {
  let summary = "running product down the rows";
  let description = [{
    `result[i, e] = prod_{j <= i} tile[j, e]`, in ascending order; with `suffix`
    `result[i, e] = prod_{i < j < extent} tile[j, e]`, in descending order, 1
    for the last row.

    Constraints:
    * C1: the tile has rank 2.

    ```mlir
    %p = tile.cumulative_product %a extent(%n) : tensor<32x64xf32>
    %s = tile.cumulative_product %a suffix extent(%n) : tensor<32x64xf32>
    ```
  }];
  let arguments = (ins Tile_FloatTile:$tile, Index:$extent, UnitAttr:$suffix);
  let results = (outs Tile_FloatTile:$result);
  let assemblyFormat = [{
    $tile (`suffix` $suffix^)? `extent` `(` $extent `)` attr-dict `:` type($tile)
  }];
  let hasVerifier = 1;
}

def Tile_DecayedProductOp : Tile_Op<"decayed_product", [
    Pure, AllTypesMatch<["lhs", "rhs", "factors"]>]> {
  let summary = "products of rows with earlier rows that decay on the way";
  let description = [{
    `result[i, j] = sum_e lhs[i, e] rhs[j, e] prod_{j < l <= i} factors[l, e]`
    for `j <= i`, and 0 above: what row j, each of whose elements is multiplied
    by that of `factors` from each row to the next, is worth at row i. The
    product is multiplied as such, so it neither divides nor overflows however
    strong the decay. `extent` is the number of rows.

    Constraints:
    * C1: lhs, rhs and factors have rank 2, and one type (ODS).
    * C2: the result has a row and a column for each of their rows.

    ```mlir
    %w = tile.decayed_product %q, %k, %a extent(%n)
      : tensor<32x64xf32> -> tensor<32x32xf32>
    ```
  }];
  let arguments = (ins Tile_FloatTile:$lhs, Tile_FloatTile:$rhs,
                       Tile_FloatTile:$factors, Index:$extent);
  let results = (outs Tile_FloatTile:$result);
  let assemblyFormat = [{
    $lhs `,` $rhs `,` $factors `extent` `(` $extent `)` attr-dict
    `:` type($lhs) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_SolveOp : Tile_Op<"solve", [
    Pure, AllTypesMatch<["rhs", "result"]>]> {
  let summary = "solves a triangular system for each column";
  let description = [{
    `result[i, d] = rhs[i, d] - sum_{j < i} lhs[i, j] result[j, d]`: the
    solution x of `(1 + L) x = rhs`, with L what is below the diagonal of `lhs`.
    The diagonal and what is above it are not read. `extent` is the number of
    rows.

    Constraints:
    * C1: lhs is square, of rank 2, with as many rows as rhs, of rank 2.

    ```mlir
    %u = tile.solve %l, %r extent(%n) : tensor<64x64xf32>, tensor<64x128xf32>
    ```
  }];
  let arguments = (ins Tile_FloatTile:$lhs, Tile_FloatTile:$rhs, Index:$extent);
  let results = (outs Tile_FloatTile:$result);
  let assemblyFormat = [{
    $lhs `,` $rhs `extent` `(` $extent `)` attr-dict
    `:` type($lhs) `,` type($rhs)
  }];
  let hasVerifier = 1;
}

#endif // TILE_RECURRENCE_OPS_TD
