//===- AttnMasks.td - the mask language and its patterns ---*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each pattern is one self-contained definition: syntax, meaning, picture, and
// the `expand` method in lib/Dialect/Attn/IR/AttnMasks.cpp. The parser of
// `#attn.mask<...>` finds a pattern by its mnemonic; nothing lists them.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_MASKS_TD
#define ATTN_MASKS_TD

include "Attn/AttnDialect.td"
include "Attn/AttnInterfaces.td"
include "mlir/IR/AttrTypeBase.td"

class Attn_MaskNode<string name, string keyword>
    : AttrDef<Attn_Dialect, name, [
        DeclareAttrInterfaceMethods<Attn_MaskAttrInterface>]> {
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
    not     ::= `not` not | `(` or `)` | pattern | string
    pattern ::= `causal` | `window` `<` left `,` right `>`
    string  ::= `"` predicate `"`
    ```

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

def Attn_CausalMaskAttr : Attn_MaskNode<"CausalMask", "causal"> {
  let summary = "a query sees itself and what came before it";
  let description = [{
    `{ (q, k) : k <= q }`

    ```
          k 0 1 2 3
    q 0     x . . .
      1     x x . .
      2     x x x .
      3     x x x x
    ```
  }];
  let assemblyFormat = "";
}

def Attn_WindowMaskAttr : Attn_MaskNode<"WindowMask", "window"> {
  let summary = "a query sees `left` keys before it and `right` after it";
  let description = [{
    `{ (q, k) : q - left <= k <= q + right }`, both ends included, as in
    FlashAttention's `window_size`. A sliding window of `w` tokens that ends
    at the query itself is `window<w - 1, 0>`.

    ```
    window<1, 0>        window<1, 1>
          k 0 1 2 3           k 0 1 2 3
    q 0     x . . .     q 0     x x . .
      1     x x . .       1     x x x .
      2     . x x .       2     . x x x
      3     . . x x       3     . . x x
    ```
  }];
  let parameters = (ins "int64_t":$left, "int64_t":$right);
  let assemblyFormat = "`<` $left `,` $right `>`";
  let genVerifyDecl = 1;
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
