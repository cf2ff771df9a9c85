//===- TileMemoryOps.td - tiles to and from memory ---------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef TILE_MEMORY_OPS_TD
#define TILE_MEMORY_OPS_TD

include "Tile/TileDialect.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Tile_LoadOp : Tile_Op<"load", [AttrSizedOperandSegments]> {
  let summary = "reads a tile from memory";
  let description = [{
    Reads the tile that starts at `offsets`; the tile's axes are the last axes
    of the memory. `extent` gives the number of valid elements along each axis
    of the tile; elements beyond it are unspecified and not read. f16 and bf16
    are converted to f32 (for a tile of theirs they stay as they are), and so are bytes that stand for another type: `as i8`
    are integers, `as i4` two integers each, the first in the low half, and
    `as f8E4M3FN` and `as f8E5M2` the bits of a number. The memory of i4 has half
    as many bytes along its last axis as the tile has elements.

    With `gather` the tile's first axis runs along no axis of the memory: its
    row i starts at `offsets`, to which element i of each index tile is added
    along the axis of the memory that `axes` names. Rows in `extent` are in bounds.

    Constraints:
    * C1: one offset per axis of the memory, one extent per axis of the tile.
    * C2: the tile is of f32 and the memory of f32, f16, bf16 or i8, or both are of bf16 or of f16.
    * C3: the tile has no more axes than the memory.
    * C4: a gather has one axis of the memory for each index tile, ascending, none of them a later axis of the tile.
    * C5: an index tile has rank 1 and the size of the tile's first axis.
    * C6: memory of i8, and no other, says what it stands for: i8, i4, f8E4M3FN or f8E5M2.
    * C7: a tile of i4 has rank 2 and an even size along its last axis.

    ```mlir
    %k = tile.load %key[%b, %h, %j, %c0] extent(%n, %c64)
      : memref<?x?x?x64xf16> to tensor<128x64xf32>
    %q = tile.load %query[%b, %h, %c0, %c0] gather(%head, %token
        : tensor<8xindex>, tensor<8xindex>) axes [1, 2] extent(%n, %c64)
      : memref<?x?x?x64xf16> to tensor<8x64xf32>
    ```
  }];
  let arguments = (ins Arg<Tile_EncodedMemory, "memory", [MemRead]>:$memory,
                       Variadic<Index>:$offsets,
                       Variadic<Tile_IndexTile>:$gather,
                       OptionalAttr<DenseI64ArrayAttr>:$gather_axes,
                       Variadic<Index>:$extent,
                       OptionalAttr<TypeAttr>:$encoding);
  let results = (outs Tile_OperandTile:$tile);
  let builders = [OpBuilder<(ins "::mlir::Type":$tile, "::mlir::Value":$memory,
                                 "::mlir::ValueRange":$offsets,
                                 "::mlir::ValueRange":$extent), [{
    build($_builder, $_state, tile, memory, offsets, /*gather=*/{},
          /*gather_axes=*/{}, extent, /*encoding=*/{});
  }]>];
  let assemblyFormat = [{
    $memory `[` $offsets `]`
    (`gather` `(` $gather^ `:` type($gather) `)` `axes` $gather_axes)?
    `extent` `(` $extent `)` (`as` $encoding^)? attr-dict
    `:` type($memory) `to` type($tile)
  }];
  let hasVerifier = 1;
}

def Tile_GatherOp : Tile_Op<"gather", [AllTypesMatch<["indices", "tile"]>]> {
  let summary = "reads one integer for each index of a tile";
  let description = [{
    Element i of the result is `memory[leading..., indices[i]]`, sign-extended
    to index. Every index is in bounds, also those of elements that are not
    valid otherwise.

    Constraints:
    * C1: one leading index for each axis of the memory but the last.
    * C2: indices and result are tiles of index of the same shape (ODS).

    ```mlir
    %d = tile.gather %doc[%b] at %q : memref<?x?xi32>, tensor<48xindex>
    ```
  }];
  let arguments = (ins Arg<MemRefOf<[I32, I64]>, "memory", [MemRead]>:$memory,
                       Tile_IndexTile:$indices, Variadic<Index>:$leading);
  let results = (outs Tile_IndexTile:$tile);
  let assemblyFormat = [{
    $memory `[` $leading `]` `at` $indices attr-dict
    `:` type($memory) `,` type($indices)
  }];
  let hasVerifier = 1;
}

def Tile_StoreOp : Tile_Op<"store", [AttrSizedOperandSegments]> {
  let summary = "writes a tile to memory";
  let description = [{
    The inverse of `tile.load`: writes the `extent` first elements along each
    axis of the tile and nothing else. f32 is rounded to the element type of
    the memory, to nearest even. With `gather` rows go to where `tile.load`
    would read them; no two of them to the same place.

    Constraints:
    * C1: one offset per axis of the memory, one extent per axis of the tile.
    * C2: the tile is of f32; the memory is of f32, f16 or bf16 (ODS).
    * C3: the tile has no more axes than the memory.
    * C4: a gather has one axis of the memory for each index tile, ascending, none of them a later axis of the tile.
    * C5: an index tile has rank 1 and the size of the tile's first axis.

    ```mlir
    tile.store %o, %out[%b, %h, %i, %c0] extent(%rows, %c64)
      : tensor<24x64xf32> to memref<?x?x?x64xf32>
    ```
  }];
  let arguments = (ins Tile_FloatTile:$tile,
                       Arg<Tile_Memory, "memory", [MemWrite]>:$memory,
                       Variadic<Index>:$offsets,
                       Variadic<Tile_IndexTile>:$gather,
                       OptionalAttr<DenseI64ArrayAttr>:$gather_axes,
                       Variadic<Index>:$extent);
  let builders = [OpBuilder<(ins "::mlir::Value":$tile, "::mlir::Value":$memory,
                                 "::mlir::ValueRange":$offsets,
                                 "::mlir::ValueRange":$extent), [{
    build($_builder, $_state, tile, memory, offsets, /*gather=*/{},
          /*gather_axes=*/{}, extent);
  }]>];
  let assemblyFormat = [{
    $tile `,` $memory `[` $offsets `]`
    (`gather` `(` $gather^ `:` type($gather) `)` `axes` $gather_axes)?
    `extent` `(` $extent `)` attr-dict `:` type($tile) `to` type($memory)
  }];
  let hasVerifier = 1;
}

#endif // TILE_MEMORY_OPS_TD
