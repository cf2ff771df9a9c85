//===- TileComputeOps.td - what arith and math cannot say --*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef TILE_COMPUTE_OPS_TD
#define TILE_COMPUTE_OPS_TD

include "Tile/TileDialect.td"
include "Tile/TileEnums.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Tile_ContractOp : Tile_Op<"contract", [
    Pure, AllTypesMatch<["accumulator", "result"]>]> {
  let summary = "matrix product of two tiles, added to a third";
  let description = [{
    `result[i, j] = accumulator[i, j] + sum_c lhs[i, c] rhs[j, c]`, where `c`
    runs over the named axis of each operand, `i` over the other axis of lhs and
    `j` over the other axis of rhs. A rank-1 rhs has no `j`: the result is a
    vector. `extent` bounds `c`. Sums are kept in f32; their order is the
    target's. Products of bf16 are exact; numbers below 2^-126 may count as 0
    in them.

    Constraints:
    * C1: lhs has rank 2, the contracted axes exist and have equal sizes.
    * C2: the result is the other axis of lhs, then the other axis of rhs.
    * C3: lhs and rhs have the same element type.

    ```mlir
    %s = tile.contract %q axis 1, %k axis 1 into %zero extent(%c64)
      : tensor<24x64xf32>, tensor<128x64xf32> -> tensor<24x128xf32>
    %t = tile.contract %qb axis 1, %kb axis 1 into %zero extent(%c64)
      : tensor<24x64xbf16>, tensor<128x64xbf16> -> tensor<24x128xf32>
    ```
  }];
  let arguments = (ins Tile_OperandTile:$lhs, I64Attr:$lhs_axis,
                       Tile_OperandTile:$rhs, I64Attr:$rhs_axis,
                       Tile_FloatTile:$accumulator, Index:$extent);
  let results = (outs Tile_FloatTile:$result);
  let assemblyFormat = [{
    $lhs `axis` $lhs_axis `,` $rhs `axis` $rhs_axis `into` $accumulator
    `extent` `(` $extent `)` attr-dict
    `:` type($lhs) `,` type($rhs) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_ReduceOp : Tile_Op<"reduce", [Pure]> {
  let summary = "combines the elements along one axis";
  let description = [{
    Combines the first `extent` elements along `axis` with `add` (from 0) or
    `max` (from -inf). The result has the other axis; of a rank-1 tile it is a
    scalar. `max` ignores NaN.

    Constraints:
    * C1: the axis exists and the result is the tile without it.

    ```mlir
    %m = tile.reduce max %s axis 1 extent(%n) : tensor<24x128xf32> -> tensor<24xf32>
    ```
  }];
  let arguments = (ins Tile_ReduceKind:$kind, Tile_FloatTile:$tile, I64Attr:$axis,
                       Index:$extent);
  let results = (outs AnyTypeOf<[Tile_FloatTile, F32]>:$result);
  let assemblyFormat = [{
    $kind $tile `axis` $axis `extent` `(` $extent `)` attr-dict
    `:` type($tile) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_CumulativeSumOp : Tile_Op<"cumulative_sum", [
    Pure, SameOperandsAndResultType]> {
  let summary = "running sum along one axis";
  let description = [{
    `result[.., i, ..] = sum_{j <= i} tile[.., j, ..]` along `axis`, 0 where it
    is left out, summed in ascending order in f32.

    Constraints:
    * C1: the axis exists.

    ```mlir
    %c = tile.cumulative_sum %g : tensor<64xf32>
    %s = tile.cumulative_sum %d axis 1 : tensor<64x64xf32>
    ```
  }];
  let arguments = (ins Tile_FloatTile:$tile,
                       DefaultValuedAttr<I64Attr, "0">:$axis);
  let results = (outs Tile_FloatTile:$result);
  let assemblyFormat = "$tile (`axis` $axis^)? attr-dict `:` type($tile)";
  let hasVerifier = 1;
}

def Tile_BroadcastOp : Tile_Op<"broadcast", [Pure]> {
  let summary = "repeats a rank-1 tile along a new axis";
  let description = [{
    `result[..i..] = tile[i]`, where `i` is the index along `axis` of the result.

    Constraints:
    * C1: a rank-1 tile becomes rank 2 and keeps its element type and size along axis.

    ```mlir
    %b = tile.broadcast %m axis 0 : tensor<24xf32> to tensor<24x128xf32>
    ```
  }];
  let arguments = (ins Tile_ScalarTile:$tile, I64Attr:$axis);
  let results = (outs Tile_ScalarTile:$result);
  let assemblyFormat = [{
    $tile `axis` $axis attr-dict `:` type($tile) `to` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_TransposeOp : Tile_Op<"transpose", [Pure]> {
  let summary = "exchanges the axes";
  let description = [{
    `result[i, j] = tile[j, i]`.

    Constraints:
    * C1: both have rank 2, the sizes of one are those of the other, exchanged.

    ```mlir
    %t = tile.transpose %a : tensor<64x16xf32> to tensor<16x64xf32>
    ```
  }];
  let arguments = (ins Tile_FloatTile:$tile);
  let results = (outs Tile_FloatTile:$result);
  let assemblyFormat = "$tile attr-dict `:` type($tile) `to` type($result)";
  let hasVerifier = 1;
}

def Tile_FlipOp : Tile_Op<"flip", [Pure, AllTypesMatch<["tile", "result"]>]> {
  let summary = "the elements along the last axis in the other order";
  let description = [{
    `result[.., i] = tile[.., extent - 1 - i]` for i below `extent`, the number
    of elements along the last axis.

    ```mlir
    %f = tile.flip %g extent(%n) : tensor<64xf32>
    ```
  }];
  let arguments = (ins Tile_FloatTile:$tile, Index:$extent);
  let results = (outs Tile_FloatTile:$result);
  let assemblyFormat = "$tile `extent` `(` $extent `)` attr-dict `:` type($tile)";
}

def Tile_RepeatOp : Tile_Op<"repeat", [Pure]> {
  let summary = "repeats each element along the last axis";
  let description = [{
    `result[i, j] = tile[i, j floordiv n]`, where `n` is how often the last axis
    of the tile fits in that of the result: the scale of a group, for each of its
    channels.

    Constraints:
    * C1: both have rank 2, and as many rows.
    * C2: the last size of the result is a multiple of the tile's.

    ```mlir
    %s = tile.repeat %scales : tensor<16x4xf32> to tensor<16x128xf32>
    ```
  }];
  let arguments = (ins Tile_FloatTile:$tile);
  let results = (outs Tile_FloatTile:$result);
  let assemblyFormat = "$tile attr-dict `:` type($tile) `to` type($result)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// How often each element is repeated.
    int64_t getTimes() {
      return getResult().getType().getDimSize(1) / getTile().getType().getDimSize(1);
    }
  }];
}

def Tile_IotaOp : Tile_Op<"iota", [Pure]> {
  let summary = "consecutive positions";
  let description = [{
    `result[i] = base + i`.

    Constraints:
    * C1: the result is a rank-1 tile of index.

    ```mlir
    %q = tile.iota %first : tensor<24xindex>
    ```
  }];
  let arguments = (ins Index:$base);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = "$base attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Tile_GuardOp : Tile_Op<"guard", [
    Pure, AllTypesMatch<["tile", "otherwise", "result"]>,
    TypesMatchWith<"allowed is an i1 tile of the same shape", "tile", "allowed",
      "::llvm::cast<::mlir::RankedTensorType>($_self).clone("
      "::mlir::IntegerType::get($_self.getContext(), 1))">]> {
  let summary = "applies the mask in a boundary step";
  let description = [{
    `result = allowed ? tile : otherwise` in a step over a boundary range; `tile`
    in a step over a full range, where `allowed` is known to hold and is not
    computed. The only trace of a mask inside a step.

    Constraints:
    * C1: allowed is an i1 tile of the same shape (ODS).
    * C2: a guard is inside the step of a tile.fold.

    ```mlir
    %t = tile.guard %allowed, %s else %minus_inf : tensor<24x128xf32>
    ```
  }];
  let arguments = (ins Tile_Tile:$allowed, Tile_FloatTile:$tile,
                       Tile_FloatTile:$otherwise);
  let results = (outs Tile_FloatTile:$result);
  let assemblyFormat = [{
    $allowed `,` $tile `else` $otherwise attr-dict `:` type($tile)
  }];
  let hasVerifier = 1;
}

def Tile_AnyOp : Tile_Op<"any", [Pure]> {
  let summary = "whether an element of the strip is true";
  let description = [{
    True if any element of the tile is true in the strip that is being worked
    on (see the dialect's introduction). A program must not depend on how a
    tile is cut into strips for more than rounding; the use is to skip work
    that no row needs, and a target that does the work faster than it asks may
    take it for true.

    Constraints:
    * C1: the tile is a rank-1 tile of i1.

    ```mlir
    %need = tile.any %above : tensor<24xi1>
    ```
  }];
  let arguments = (ins Tile_Tile:$tile);
  let results = (outs I1:$result);
  let assemblyFormat = "$tile attr-dict `:` type($tile)";
  let hasVerifier = 1;
}

#endif // TILE_COMPUTE_OPS_TD
