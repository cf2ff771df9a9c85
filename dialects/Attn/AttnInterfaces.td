//===- AttnInterfaces.td - questions an attn entity answers -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_INTERFACES_TD
#define ATTN_INTERFACES_TD

include "mlir/IR/OpBase.td"

def Attn_MaskAttrInterface : AttrInterface<"MaskAttrInterface"> {
  let cppNamespace = "::attnc::attn";
  let description = [{
    A mask: a predicate over positions (b, h, q, k). Everything the compiler
    knows of a mask derives from one answer, its general form: a tree of and,
    or, not and quasi-affine comparisons. The key ranges of a query tile and
    the predicate of a boundary tile are both derived from that tree (see
    `Analysis/MaskSet.h`), so a new pattern is one definition: syntax and
    `expand`.
  }];
  let methods = [
    InterfaceMethod<[{
      Returns the mask as a tree of and, or, not and comparisons. Positions are
      the affine dimensions d0 = b, d1 = h, d2 = q, d3 = k; a number read at run
      time is the dimension that `terms` gives for it.
    }], "::attnc::MaskExpr", "expand", (ins "::attnc::MaskTerms &":$terms)>,
    InterfaceMethod<[{
      For a pattern that is the source of a term: returns element `index` of
      `table` for keys of length `keys`. This is the table's definition, for
      every 64-bit `index`, negative ones included; the element is a
      non-negative number. `operand` are the elements of the table that the user
      binds to `MaskTerm::operand`.
    }], "int64_t", "getTableValue",
        (ins "::llvm::StringRef":$table, "int64_t":$index, "int64_t":$keys,
             "::mlir::ArrayRef<int64_t>":$operand), "",
        [{ llvm_unreachable("this mask computes no table"); }]>,
    InterfaceMethod<[{
      Builds `getTableValue`. `index`, `keys` and the result are index values,
      `operand` is a tensor of rank 1 or null.
    }], "::mlir::Value", "buildTableValue",
        (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
             "::llvm::StringRef":$table, "::mlir::Value":$index,
             "::mlir::Value":$keys, "::mlir::Value":$operand), "",
        [{ llvm_unreachable("this mask computes no table"); }]>
  ];
}

def Attn_KVLayoutAttrInterface : AttrInterface<"KVLayoutAttrInterface"> {
  let cppNamespace = "::attnc::attn";
  let description = [{
    Where a cache keeps a position. The data is made of blocks of tokens: a block
    is a sequence, a ring or a page. Position p is at slot `p mod n` of a block,
    `n` the tokens of one; and the block is the sequence's own, or the one that
    its block table names for `p floordiv n`. Addresses, sizes and checks derive
    from these answers.
  }];
  let methods = [
    InterfaceMethod<[{
      What the axes of the data mean, the last one "dim".
    }], "::mlir::ArrayRef<::llvm::StringRef>", "getAxes">,
    InterfaceMethod<[{
      The axis of the data along which the tokens of a block are. The other one
      of axes 1 and 2 is that of the heads.
    }], "int64_t", "getTokenAxis">,
    InterfaceMethod<[{
      The tokens of a block, or nothing if it has as many as the data says.
    }], "::std::optional<int64_t>", "getBlockTokens">,
    InterfaceMethod<[{
      Whether a block table names the blocks of a sequence; else it has one.
    }], "bool", "usesTable">
  ];
  let extraClassDeclaration = [{
    int64_t getHeadAxis() const { return 3 - getTokenAxis(); }
    /// Whether later tokens take the place of earlier ones.
    bool isRing() const { return getBlockTokens() && !usesTable(); }
  }];
}

def Attn_CarryOpInterface : OpInterface<"CarryOpInterface"> {
  let cppNamespace = "::attnc::attn";
  let description = [{
    An operator as a fold of key/value tiles into a carried state. The carry is
    a tuple of tile values with an identity (`buildInit`), a step that absorbs
    one tile of keys (`buildStep`), an associative combine (`buildCombine`) and
    a projection to the results (`buildFinish`). From these four the compiler
    derives every form of the operator; no pass asks which operator it is. The
    essay is in `Dialect/Attn/IR/Carry.h`.

    All `build` methods append `tile`, `arith` and `math` ops at the context's
    insertion point.
  }];
  let methods = [
    InterfaceMethod<[{
      The kernel's iteration space outside the fold: one extent per grid
      dimension, built as index values from the op's operands. The last one is
      that of the tiles of rows, for a carry with rows.
    }], "::mlir::SmallVector<::mlir::Value>", "buildGrid",
        (ins "::mlir::OpBuilder &":$builder,
             "const ::attnc::attn::KernelPlan &":$plan)>,
    InterfaceMethod<[{
      For a carry with rows: the number of rows of one head, as an index value
      built from the op's operands.
    }], "::mlir::Value", "buildRowCount", (ins "::mlir::OpBuilder &":$builder), "",
        [{ llvm_unreachable("this carry has no rows"); }]>,
    InterfaceMethod<[{
      For a carry with rows: the number of keys, as an index value built from the
      op's operands.
    }], "::mlir::Value", "buildKeyCount", (ins "::mlir::OpBuilder &":$builder), "",
        [{ llvm_unreachable("this carry has no rows"); }]>,
    InterfaceMethod<[{
      For a resumable carry: the number of keys of a sequence, on average, as an
      index value built from the op's operands. More than any number if there is
      no sequence that has a carry.
    }], "::mlir::Value", "buildPositionCount",
        (ins "::mlir::OpBuilder &":$builder), "",
        [{ llvm_unreachable("this carry is not resumable"); }]>,
    InterfaceMethod<[{
      For a carry with rows: the shape of each component.
    }], "::mlir::SmallVector<::mlir::SmallVector<int64_t>>", "getCarryShapes",
        (ins "const ::attnc::attn::KernelPlan &":$plan), "",
        [{ llvm_unreachable("this carry has no rows"); }]>,
    InterfaceMethod<[{
      Tensors of integers computed before the kernel, in time and memory of the
      order of the op's operands, for the build methods to read
      (`CarryContext::prepared`). Fails with a diagnostic where the mask is too
      complex to analyse.
    }], "::mlir::FailureOr<::mlir::SmallVector<::mlir::Value>>", "buildTables",
        (ins "::mlir::OpBuilder &":$builder), "",
        [{ return ::mlir::SmallVector<::mlir::Value>(); }]>,
    InterfaceMethod<[{
      Loads what stays fixed during the fold (the query tile) and fixes the
      positions the fold's key ranges are asked for.
    }], "void", "buildPrologue", (ins "::attnc::attn::CarryContext &":$context)>,
    InterfaceMethod<[{
      The carry before any key was seen: the identity of `buildCombine`, or in
      the first fold what the op was given to go on from.
    }], "::mlir::SmallVector<::mlir::Value>", "buildInit",
        (ins "::attnc::attn::CarryContext &":$context)>,
    InterfaceMethod<[{
      For each component of the carry the axis along which its elements are
      independent of each other, or -1 for a component shared by all of them.
      A target may split the fold along that axis.
    }], "::mlir::SmallVector<int64_t>", "getCarryAxes">,
    InterfaceMethod<[{
      How much of the operands and the carry a tile of the fold holds: what a
      schedule weighs against the target's caches and registers.
    }], "::attnc::attn::CarryFootprint", "getFootprint">,
    InterfaceMethod<[{
      For a carry with rows: the cost of one row in strips of each of `lanes`
      rows, in keys that need no mask code, as far as it depends on the mask.
    }], "::mlir::SmallVector<double>", "estimateRowCosts",
        (ins "::mlir::ArrayRef<int64_t>":$lanes,
             "::attnc::VisitAnalysis &":$visits), "",
        [{ llvm_unreachable("this carry has no rows"); }]>,
    InterfaceMethod<[{
      The keys to visit for query rows at `count` positions from `first` on, as
      `tile.visit` ops. Fails with a diagnostic where the mask is too complex to
      analyse.
    }], "::mlir::LogicalResult", "buildKeyRanges",
        (ins "::attnc::attn::CarryContext &":$context, "::mlir::Value":$first,
             "::mlir::Value":$count)>,
    InterfaceMethod<[{
      Absorbs the `count` keys starting at `key` into `carry`.
    }], "::mlir::SmallVector<::mlir::Value>", "buildStep",
        (ins "::attnc::attn::CarryContext &":$context, "::mlir::Value":$key,
             "::mlir::Value":$count, "::mlir::ValueRange":$carry)>,
    InterfaceMethod<[{
      Merges two carries, `left` having seen the earlier keys. Fails with a
      diagnostic where the operator's steps are not independent of the carry
      (a scan that emits an output per step).
    }], "::mlir::FailureOr<::mlir::SmallVector<::mlir::Value>>", "buildCombine",
        (ins "::attnc::attn::CarryContext &":$context,
             "::mlir::ValueRange":$left, "::mlir::ValueRange":$right)>,
    InterfaceMethod<[{
      Projects the final carry to the results and stores them.
    }], "void", "buildFinish", (ins "::attnc::attn::CarryContext &":$context,
                                    "::mlir::ValueRange":$carry)>
  ];
}

def Attn_ShapeContractOpInterface : OpInterface<"ShapeContractOpInterface"> {
  let cppNamespace = "::attnc::attn";
  let description = [{
    What an op requires of the run-time extents of its operands and results.
    The entry point of a compiled function checks it, the manifest names it.
  }];
  let methods = [
    InterfaceMethod<[{
      Reports every pair of dimensions that must be equal, in the order a
      message should blame them, and every dimension that must be a multiple
      of another.
    }], "void", "getShapeContract",
        (ins "::attnc::attn::ShapeContract &":$contract)>
  ];
}

#endif // ATTN_INTERFACES_TD
