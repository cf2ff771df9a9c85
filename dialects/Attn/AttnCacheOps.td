//===- AttnCacheOps.td - building and filling caches -------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_CACHE_OPS_TD
#define ATTN_CACHE_OPS_TD

include "Attn/AttnOps.td"
include "Attn/AttnKVTypes.td"

def Attn_CacheData : RankedTensorOf<[F32, F16, BF16, I8]>;
def Attn_BlockTable : RankedTensorOf<[I32]>;
def Attn_Lengths : RankedTensorOf<[I32, I64]>;
def Attn_Scales : RankedTensorOf<[F32]>;

def Attn_CacheOp : Attn_Op<"cache", [
    Pure, AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<Attn_ShapeContractOpInterface>]> {
  let summary = "a cache made of its buffers";
  let description = [{
    Names the tensors that hold the keys, or the values, of a batch of sequences.
    Nothing is copied: what reads the cache reads the tensors.

    | operand | shape | element |
    |---|---|---|
    | `data` | as the layout says; its last axis may be longer than dim, what is beyond is not read | the type's, or i8 for i4 and f8 |
    | `table` (paged) | `[batch, blocks]`, pages of each sequence in order | i32 |
    | `lengths` (paged, rolling; else optional) | `[batch]`, tokens of each sequence so far | i32 or i64 |
    | `scales`, `zeros` (as the type says) | see `#attn.scale` | f32 |
    | `prefix` (optional, paged) | a tensor of rank 0 | i32 or i64 |

    Without lengths every sequence of a contiguous cache is as long as its
    capacity. Table and lengths are arguments of the function: they are checked
    when it is called. Entries of the table behind a sequence's last page are not
    read and may be anything.

    With a prefix all sequences begin with the same `prefix` tokens, in the same
    pages as far as they fill pages. A decoding step then attends to them once for
    all sequences (`attn-cascade-prefixes`).

    Constraints:
    * C1: data has the axes of the layout, in the extents that the type gives.
    * C2: data has the element type that the type is kept in.
    * C3: there is a table exactly for a paged layout, of rank 2.
    * C4: lengths have rank 1; a paged or rolling cache has them.
    * C5: scales and zeros are there exactly as the type says, in its shapes.
    * C6: batch agrees wherever it is static.
    * C7: a prefix has rank 0, and a table beside it.

    ```mlir
    %keys = attn.cache %pages table(%blocks) lengths(%n) scales(%s)
      : (tensor<?x16x8x128xi8>, tensor<?x?xi32>, tensor<?xi32>, tensor<?x16x8xf32>)
      -> !attn.kv<8x128xi8, paged<16>, scale<token>>
    ```
  }];
  let arguments = (ins Attn_CacheData:$data, Optional<Attn_BlockTable>:$table,
                       Optional<Attn_Lengths>:$lengths,
                       Optional<Attn_Scales>:$scales,
                       Optional<Attn_Scales>:$zeros,
                       Optional<Attn_Lengths>:$prefix);
  let results = (outs Attn_KVType:$cache);
  let assemblyFormat = [{
    $data (`table` `(` $table^ `)`)? (`lengths` `(` $lengths^ `)`)?
    (`scales` `(` $scales^ `)`)? (`zeros` `(` $zeros^ `)`)?
    (`prefix` `(` $prefix^ `)`)? attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def Attn_ReadOp : Attn_Op<"read", [
    Pure, DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
                                    ["reifyResultShapes"]>]> {
  let summary = "the numbers of a cache as a tensor";
  let description = [{
    `[batch, kv_heads, length, dim]` in f32: row r of a sequence is its position
    r, or for a rolling layout the r-th of the positions that it still holds.
    Rows beyond a sequence's length are unspecified.

    `attn-read-caches` puts it in front of each op that takes a cache. An op that
    works in tiles reads the tiles from the cache, and the tensor is never made.

    Constraints:
    * C1: the cache is made in the same function, by `attn.cache`.

    ```mlir
    %k = attn.read %keys : !attn.kv<8x128xi8, paged<16>, scale<token>>
      to tensor<?x8x?x128xf32>
    ```
  }];
  let arguments = (ins Attn_KVType:$cache);
  let results = (outs RankedTensorOf<[F32]>:$stream);
  let builders = [OpBuilder<(ins "::mlir::Value":$cache)>];
  let assemblyFormat =
      "$cache attr-dict `:` qualified(type($cache)) `to` type($stream)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// What made the cache.
    ::attnc::attn::CacheOp getSource();
  }];
}

def Attn_AppendOp : Attn_Op<"append", [
    MemoryEffects<[MemRead, MemWrite]>,
    DeclareOpInterfaceMethods<Attn_ShapeContractOpInterface>]> {
  let summary = "writes new tokens into a cache, in place";
  let description = [{
    Writes `tokens`, `[batch, kv_heads, new_length, dim]`, to the last positions of
    each sequence: the cache's lengths count them already. Token i of sequence b
    is at position `lengths[b] - new_length + i`; with `counts`, the first
    `counts[b]` tokens are those of sequence b, at `lengths[b] - counts[b] + i`.
    What would be before position 0, or has left a ring again, is not written.

    It changes the caller's tensors that the cache is made of; what follows in
    the function reads them changed, so one function can append and attend.

    Numbers are rounded to nearest, ties to even, in the type's element. A
    quantised cache with scales of tokens or groups gets new ones, as large as
    the largest magnitude wants: scale = max |x| / q, with q = 127 for i8, 7 for
    i4, 448 for f8E4M3FN and 57344 for f8E5M2. With zero points the range of the
    numbers becomes that of the element. Scales of the tensor and of channels are
    given, and what is beyond them is clamped.

    Constraints:
    * C1: tokens have rank 4, and the heads and dim of the cache.
    * C2: counts have rank 1; batch agrees wherever it is static.
    * C3: the cache is made in the same function, by an attn.cache with lengths.

    ```mlir
    attn.append %new_keys to %keys
      : tensor<?x8x1x128xf16>, !attn.kv<8x128xi8, paged<16>, scale<token>>
    ```
  }];
  let arguments = (ins Attn_FloatTensor:$tokens, Attn_KVType:$cache,
                       Optional<Attn_Lengths>:$counts);
  let assemblyFormat = [{
    $tokens `to` $cache (`counts` `(` $counts^ `:` type($counts) `)`)? attr-dict
    `:` type($tokens) `,` qualified(type($cache))
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// What made the cache.
    ::attnc::attn::CacheOp getSource();
  }];
}

#endif // ATTN_CACHE_OPS_TD
