//===- AttnTableMasks.td - masks that read tables ----------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The named masks whose content is data: documents packed into one sequence, and
// padded sequences. `expand` and the verifiers are in AttnTableMasks.cpp.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_TABLEMASKS_TD
#define ATTN_TABLEMASKS_TD

include "Attn/AttnMaskLibrary.td"

def Attn_DocumentMaskAttr : Attn_MaskNode<"DocumentMask", "document"> {
  let summary = "a query sees the keys of its own document";
  let description = [{
    `{ (q, k) : ids(q) == ids(k) }`, where `ids` names a table of integers, one
    for each position, that is read at run time: sequences packed into one.
    Krell et al. 2021 (sequence packing). With `ids = [7, 7, 7, 4, 4]`:

    ```
    document<ids>
          k 0 1 2 3 4
    q 0     x x x . .
      1     x x x . .
      2     x x x . .
      3     . . . x x
      4     . . . x x
    ```
  }];
  let parameters = (ins Attn_MaskTable:$ids);
  let assemblyFormat = "`<` custom<MaskTable>($ids) `>`";
  let genVerifyDecl = 1;
}

def Attn_PaddingMaskAttr : Attn_MaskNode<"PaddingMask", "padding"> {
  let summary = "a query sees the keys that its sequence really has";
  let description = [{
    `{ (b, q, k) : k < lengths(b) }`, where `lengths` names a table of integers,
    one for each batch element, that is read at run time: sequences of
    different lengths, padded at their ends. With `lengths = [3]`:

    ```
    padding<lengths>
          k 0 1 2 3 4
    q 0     x x x . .
      1     x x x . .
    ```
  }];
  let parameters = (ins Attn_MaskTable:$lengths);
  let assemblyFormat = "`<` custom<MaskTable>($lengths) `>`";
  let genVerifyDecl = 1;
}

def Attn_PackedMaskAttr
    : Attn_MaskNode<"PackedMask", "packed",
                    ["getTableValue", "buildTableValue"]> {
  let summary = "a query sees the keys of its own document, given by offsets";
  let description = [{
    `{ (q, k) : begin(q) <= k < end(q) }`, where `begin(x)` is the greatest
    number of `offsets` that is at most x, or 0 if there is none, and `end(x)`
    the least that exceeds x, or the number of keys. `offsets` names a table of
    ascending integers of any length, as the `cu_seqlens` of FlashAttention:
    the positions at which documents begin. With `offsets = [0, 3, 5]`:

    ```
    packed<offsets>
          k 0 1 2 3 4
    q 0     x x x . .
      1     x x x . .
      2     x x x . .
      3     . . . x x
      4     . . . x x
    ```

    It is the set of `document`, and its keys are found without testing blocks.
    Numbers that do not ascend give some documents or other.
  }];
  let parameters = (ins Attn_MaskTable:$offsets);
  let assemblyFormat = "`<` custom<MaskTable>($offsets) `>`";
  let genVerifyDecl = 1;
}

#endif // ATTN_TABLEMASKS_TD
