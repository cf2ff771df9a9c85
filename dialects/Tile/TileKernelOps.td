//===- TileKernelOps.td - kernel, fold, yield --------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef TILE_KERNEL_OPS_TD
#define TILE_KERNEL_OPS_TD

include "Tile/TileDialect.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Tile_KernelOp : Tile_Op<"kernel", [
    AttrSizedOperandSegments, DestinationStyleOpInterface,
    RecursiveMemoryEffects, SingleBlockImplicitTerminator<"::attnc::tile::EndOp">]> {
  let summary = "independent instances of a body over a grid";
  let description = [{
    Runs the body once for each point of the grid, in any order and in parallel.
    The body takes the grid indices, then a memref for each input and each
    destination. Before bufferization inputs and destinations are tensors and
    the op returns the destinations' new values; after it they are memrefs of
    the block argument's type up to layout, and the op returns nothing. The
    body is the same in both: it reads and writes memory only through `tile.load`
    and `tile.store`, and no two instances store to the same element.

    Scalars computed outside (extents, tables by head) may be captured.

    Constraints:
    * C1: the body takes one index per grid dimension, then one memref per input and output.
    * C2: a memref argument has the element type and shape of its operand, or a
      dynamic extent where the operand has a static one.
    * C3: results are the tensor outputs, in order (ODS).

    ```mlir
    %r = tile.kernel grid(%batch, %heads) ins(%q : tensor<?x?x?x64xf32>)
        outs(%o : tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
    ^bb0(%b: index, %h: index,
         %qm: memref<?x?x?x64xf32, strided<[?, ?, ?, 1], offset: ?>>,
         %om: memref<?x?x?x64xf32, strided<[?, ?, ?, 1], offset: ?>>):
      %t = tile.load %qm[%b, %h, %c0, %c0] extent(%n, %c64)
        : memref<?x?x?x64xf32, strided<[?, ?, ?, 1], offset: ?>> to tensor<8x64xf32>
      tile.store %t, %om[%b, %h, %c0, %c0] extent(%n, %c64)
        : tensor<8x64xf32> to memref<?x?x?x64xf32, strided<[?, ?, ?, 1], offset: ?>>
    }
    ```
  }];
  let arguments = (ins Variadic<Index>:$grid,
                       Variadic<AnyTypeOf<[AnyRankedTensor, AnyMemRef]>>:$inputs,
                       Variadic<AnyTypeOf<[AnyRankedTensor, AnyMemRef]>>:$outputs);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    `grid` `(` $grid `)` (`ins` `(` $inputs^ `:` type($inputs) `)`)?
    (`outs` `(` $outputs^ `:` type($outputs) `)`)? (`->` type($results)^)?
    attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      return getOutputsMutable();
    }
    ::mlir::Block::BlockArgListType getGridIndices() {
      return getBody().front().getArguments().take_front(getGrid().size());
    }
    ::mlir::Block::BlockArgListType getViews() {
      return getBody().front().getArguments().drop_front(getGrid().size());
    }
  }];
}

def Tile_EndOp : Tile_Op<"end", [Pure, Terminator, HasParent<"KernelOp">]> {
  let summary = "the end of a kernel's body";
  let description = [{
    Implicit terminator of `tile.kernel`.

    ```mlir
    tile.end
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def Tile_FoldOp : Tile_Op<"fold", [
    RecursiveMemoryEffects, SingleBlock]> {
  let summary = "folds tiles of keys into a carry";
  let description = [{
    The loop over keys. `ranges` says which keys there are to visit for
    `count` rows starting at position `first`, with one `tile.visit` per range;
    it may hold loops and branches around them. Ranges may overlap and come in
    any order; every key of their union is visited exactly once. What is visited
    depends on the two arguments only, so that a target may ask for the whole
    tile or for a strip of its rows.

    `step` takes the first key, the number of keys (1 to `key_tile`) and the
    carry, and yields the new carry. Steps are run in ascending order of keys
    within a range. In a step over a full range `tile.guard` is the identity.

    `carry_axes` gives for each component its independent axis, or -1. A target
    may run the step on strips of `lanes` elements of that axis. With
    `rows_follow_axis` the rows that `ranges` is asked about are the elements
    along it, so that each strip has its own ranges; without it every strip
    visits the same keys.

    With `in_memory` a component that is loaded whole from memory, and whose
    result is stored whole to memory, is kept in the latter by a target that can:
    in a fold of few steps copies of it would be most of the work. The two are
    the same elements or none in common.

    Constraints:
    * C1: init, step arguments and results have the same types.
    * C2: carry_axes has one entry per component, -1 or an axis of its type.
    * C3: ranges takes (index, index) and yields nothing.
    * C4: step takes (index, index, carry...) and yields the carry.
    * C5: independent axes have equal sizes, a multiple of lanes.
    * C6: key_tile and lanes are from 1 to 65536.
    * C7: rows_follow_axis needs an independent axis.

    ```mlir
    %s = tile.fold rows(%first, %count) keys 128 lanes 24 axes [0]
        init(%zero : tensor<24xf32>) ranges {
    ^bb0(%f: index, %c: index):
      tile.visit %c0, %c0, %n, %n
      tile.yield
    } step {
    ^bb0(%key: index, %keys: index, %acc: tensor<24xf32>):
      %next = arith.addf %acc, %one : tensor<24xf32>
      tile.yield %next : tensor<24xf32>
    } -> tensor<24xf32>
    ```
  }];
  let arguments = (ins Index:$first, Index:$count, Variadic<Tile_FloatTile>:$init,
                       I64Attr:$key_tile, I64Attr:$lanes,
                       DenseI64ArrayAttr:$carry_axes, UnitAttr:$rows_follow_axis,
                       UnitAttr:$in_memory);
  let results = (outs Variadic<Tile_FloatTile>:$results);
  let regions = (region SizedRegion<1>:$ranges, SizedRegion<1>:$step);
  let assemblyFormat = [{
    `rows` `(` $first `,` $count `)` `keys` $key_tile `lanes` $lanes
    `axes` $carry_axes (`rows_follow_axis` $rows_follow_axis^)?
    (`in_memory` $in_memory^)? (`init` `(` $init^ `:` type($init) `)`)? `ranges` $ranges `step` $step
    attr-dict (`->` type($results)^)?
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::Value getKey() { return getStep().front().getArgument(0); }
    ::mlir::Value getKeys() { return getStep().front().getArgument(1); }
    ::mlir::Block::BlockArgListType getCarry() {
      return getStep().front().getArguments().drop_front(2);
    }
  }];
}

def Tile_VisitOp : Tile_Op<"visit", [MemoryEffects<[MemWrite]>]> {
  let summary = "a range of keys to visit";
  let description = [{
    In the `ranges` of a fold: the keys `[begin, end)` are to be visited. All
    rows may see those of `[full_begin, full_end)`, with
    `begin <= full_begin <= full_end <= end`; they need no predicate. A range
    with `begin >= end` has no keys.

    Constraints:
    * C1: it stands in the ranges of a tile.fold.

    ```mlir
    tile.visit %c0, %c0, %first, %end
    ```
  }];
  let arguments = (ins Index:$begin, Index:$full_begin, Index:$full_end,
                       Index:$end);
  let assemblyFormat = [{
    $begin `,` $full_begin `,` $full_end `,` $end attr-dict
  }];
  let hasVerifier = 1;
}

def Tile_YieldOp : Tile_Op<"yield", [
    Pure, Terminator, ReturnLike, HasParent<"FoldOp">]> {
  let summary = "the values of a region of a fold";
  let description = [{
    Ends the ranges region of `tile.fold`, without values, or the step region,
    with the new carry.

    ```mlir
    tile.yield %m, %l, %o : tensor<24xf32>, tensor<24xf32>, tensor<24x64xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

#endif // TILE_KERNEL_OPS_TD
