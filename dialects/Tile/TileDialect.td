//===- TileDialect.td - how it is scheduled ----------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef TILE_DIALECT_TD
#define TILE_DIALECT_TD

include "mlir/IR/OpBase.td"

def Tile_Dialect : Dialect {
  let name = "tile";
  let summary = "how a sequence operator is scheduled, for any target";
  let description = [{
    A kernel over a grid (`tile.kernel`) whose body folds tiles of keys into a
    carry (`tile.fold`). A *tile* is a value: a statically shaped tensor of rank
    1 or 2, of f32, i1 or index; what a product multiplies may be of bf16 or f16.
    Elementwise work on tiles is upstream `arith`
    and `math`; what those cannot say is in this dialect: moving tiles between
    memory and values, contraction, reduction, position, and the mask's
    boundary (`tile.guard`).

    **Extent.** A tile's shape is a capacity. At the end of a sequence a tile
    holds fewer rows than it has room for; the elements beyond are unspecified.
    Every op that mixes elements along an axis takes the number of valid ones
    (`extent`), so unspecified elements never reach memory or a carry.

    **Independent axis.** Each component of a fold's carry names an axis along
    which its elements do not depend on each other (query rows of softmax
    attention, value columns of a matrix state). A target may cut the fold's
    step along that axis, in strips of `lanes` elements: register strips of
    one core, or the warpgroups of one thread block. `tile.any` is evaluated
    per strip.

    Masks are gone at this level: what is left of them are the key ranges of
    `tile.fold` and the predicate of `tile.guard`.
  }];
  let cppNamespace = "::attnc::tile";
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
}

class Tile_Op<string mnemonic, list<Trait> traits = []>
    : Op<Tile_Dialect, mnemonic, traits>;

// A value of statically known shape and rank 1 or 2. The bound on its sizes keeps
// products of them, and of bytes, in 64 bits.
class Tile_TileOf<list<Type> elements, string summary>
    : Type<And<[StaticShapeTensorOf<elements>.predicate,
                HasAnyRankOfPred<[1, 2]>,
                CPred<"::llvm::all_of(::llvm::cast<::mlir::ShapedType>($_self)"
                      ".getShape(), [](int64_t size) {"
                      " return size >= 1 && size <= 65536; })">]>,
           summary, "::mlir::RankedTensorType">;
def Tile_Tile : Tile_TileOf<[F32, I1, Index],
    "tile (tensor of rank 1 or 2, sizes 1 to 65536, of f32, i1 or index)">;
def Tile_ScalarTile : Tile_TileOf<[AnyFloat, AnySignlessInteger, Index],
    "tile (tensor of rank 1 or 2, sizes 1 to 65536, of numbers)">;
def Tile_FloatTile : Tile_TileOf<[F32],
    "f32 tile (tensor of rank 1 or 2, sizes 1 to 65536)">;
def Tile_OperandTile : Tile_TileOf<[F32, BF16, F16],
    "f32, bf16 or f16 tile (tensor of rank 1 or 2, sizes 1 to 65536)">;
def Tile_IndexTile : Tile_TileOf<[Index],
    "index tile (tensor of rank 1 or 2, sizes 1 to 65536)">;
def Tile_Memory : MemRefRankOf<[F32, F16, BF16], [1, 2, 3, 4, 5]>;
def Tile_EncodedMemory : MemRefRankOf<[F32, F16, BF16, I8], [1, 2, 3, 4, 5]>;

#endif // TILE_DIALECT_TD
