//===- AttnMasks.td - the mask language --------------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `#attn.mask` and what its infix syntax is made of. The named patterns are in
// AttnMaskLibrary.td; the parser finds them by their mnemonics, and nothing
// lists them.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_MASKS_TD
#define ATTN_MASKS_TD

include "Attn/AttnDialect.td"
include "Attn/AttnInterfaces.td"
include "mlir/IR/AttrTypeBase.td"

/// A part of a mask. `optional` names the methods of the interface, beside
/// `expand`, that it has an own definition of.
class Attn_MaskNode<string name, string keyword, list<string> optional = []>
    : AttrDef<Attn_Dialect, name, [
        DeclareAttrInterfaceMethods<Attn_MaskAttrInterface, optional>]> {
  let mnemonic = keyword;
}

def Attn_MaskAttr : AttrDef<Attn_Dialect, "Mask", [
    DeclareAttrInterfaceMethods<Attn_MaskAttrInterface>]> {
  let mnemonic = "mask";
  let summary = "which keys a query may see";
  let description = [{
    A set of (b, h, q, k) positions: batch, head, query position, key position,
    all absolute and 64-bit. A query at position `q` sees the key at position
    `k` exactly when the predicate holds.

    ```
    mask    ::= `#attn.mask` `<` or `>`
    or      ::= and (`or` and)*
    and     ::= not (`and` not)*
    not     ::= `not` not | `(` or `)` | pattern | string | alias
    pattern ::= a definition of AttnMaskLibrary.td or AttnTableMasks.td, as `window<512, 0>`
    string  ::= `"` predicate `"`
    alias   ::= `#` name, of another mask
    ```

    An alias stands for the mask it names, as if that were written in
    parentheses in its place; it is printed written out.

    A string holds the general form: comparisons `== != < <= > >=` of
    quasi-affine terms (`+`, `-`, `*` by a constant, `floordiv` and `mod` by a
    positive constant) over `b`, `h`, `q`, `k`, under `and`, `or`, `not` and
    parentheses. It is quoted because `<` and `>` are brackets to the MLIR
    lexer inside an attribute.

    ```mlir
    #attn.mask<causal>
    #attn.mask<causal and window<4095, 0>>
    #attn.mask<"k <= q and q - k < 4096">
    #attn.mask<window<512, 0> or "k < 4">
    #attn.mask<"q floordiv 64 == k floordiv 64">
    ```
  }];
  let parameters = (ins "::mlir::Attribute":$root);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The predicate with the terms it reads.
    ::attnc::Mask getMask() const;
  }];
}

def Attn_AndMaskAttr : Attn_MaskNode<"AndMask", "all_of"> {
  let summary = "what every operand allows";
  let description = [{ Written with the infix `and` inside `#attn.mask`. }];
  let parameters = (ins ArrayRefParameter<"::mlir::Attribute">:$operands);
  let assemblyFormat = "`<` $operands `>`";
  let genVerifyDecl = 1;
}

def Attn_OrMaskAttr : Attn_MaskNode<"OrMask", "any_of"> {
  let summary = "what at least one operand allows";
  let description = [{ Written with the infix `or` inside `#attn.mask`. }];
  let parameters = (ins ArrayRefParameter<"::mlir::Attribute">:$operands);
  let assemblyFormat = "`<` $operands `>`";
  let genVerifyDecl = 1;
}

def Attn_NotMaskAttr : Attn_MaskNode<"NotMask", "none_of"> {
  let summary = "what the operand does not allow";
  let description = [{ Written with the prefix `not` inside `#attn.mask`. }];
  let parameters = (ins "::mlir::Attribute":$operand);
  let assemblyFormat = "`<` $operand `>`";
  let genVerifyDecl = 1;
}

def Attn_PredicateMaskAttr : Attn_MaskNode<"PredicateMask", "predicate"> {
  let summary = "the general form, as a text over b, h, q, k";
  let description = [{
    Written as a string inside `#attn.mask`; the text is kept as it was
    written. Its grammar is given with `#attn.mask`.
  }];
  let parameters = (ins "::mlir::StringAttr":$text);
  let assemblyFormat = "`<` $text `>`";
  let genVerifyDecl = 1;
}

#endif // ATTN_MASKS_TD
