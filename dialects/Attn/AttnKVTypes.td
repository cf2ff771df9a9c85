//===- AttnKVTypes.td - layouts of key/value caches --------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The essay on why a layout is a type is Dialect/Attn/IR/KVLayout.h.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_KV_TYPES_TD
#define ATTN_KV_TYPES_TD

include "Attn/AttnDialect.td"
include "Attn/AttnEnums.td"
include "Attn/AttnInterfaces.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

class Attn_KVLayoutAttr<string name, string kvMnemonic>
    : AttrDef<Attn_Dialect, name,
              [DeclareAttrInterfaceMethods<Attn_KVLayoutAttrInterface>]> {
  let mnemonic = kvMnemonic;
}

def Attn_ContiguousAttr : Attn_KVLayoutAttr<"Contiguous", "contiguous"> {
  let summary = "every sequence has a block of its own, in which tokens follow each other";
  let description = [{
    The data is `[batch, kv_heads, capacity, dim]`; position p is row p. This is
    the layout of a cache whose type names none.
  }];
}

def Attn_PagedAttr : Attn_KVLayoutAttr<"Paged", "paged"> {
  let summary = "tokens are in pages that a block table lists";
  let description = [{
    Position p of sequence b is at slot `p mod page_size` of page
    `table[b, p floordiv page_size]` (PagedAttention, Kwon et al. 2023). The data
    is `[pages, page_size, kv_heads, dim]` (`nhd`, vLLM's and FlashInfer's
    default) or `[pages, kv_heads, page_size, dim]` (`hnd`).

    ```mlir
    !attn.kv<8x128xf16, paged<16>>
    !attn.kv<8x128xf16, paged<16, hnd>>
    ```
  }];
  let parameters = (ins "int64_t":$page_size,
      DefaultValuedParameter<"::attnc::attn::PageOrder", "::attnc::attn::PageOrder::nhd">:$order);
  let assemblyFormat = "`<` $page_size (`,` $order^)? `>`";
  let genVerifyDecl = 1;
}

def Attn_RollingAttr : Attn_KVLayoutAttr<"Rolling", "rolling"> {
  let summary = "a ring of slots that holds the last tokens of a sequence";
  let description = [{
    Position p is at slot `p mod slots`, until position `p + slots` takes its
    place (rolling buffer, Jiang et al. 2023). The data is
    `[batch, kv_heads, slots, dim]`.

    ```mlir
    !attn.kv<8x128xf16, rolling<4096>>
    ```
  }];
  let parameters = (ins "int64_t":$slots);
  let assemblyFormat = "`<` $slots `>`";
  let genVerifyDecl = 1;
}

def Attn_KVScaleAttr : AttrDef<Attn_Dialect, "KVScale"> {
  let mnemonic = "scale";
  let summary = "what numbers share the scale of a quantised cache";
  let description = [{
    An element x stands for `(x - zero) * scale`; without `zeros`, for
    `x * scale`. Scales and zero points are f32, with the same shape:

    | granularity | shape |
    |---|---|
    | `tensor` | `[]`, one for everything |
    | `channel` | `[kv_heads, dim]`, for each channel of each head (KIVI's keys, Liu et al. 2024) |
    | `token` | as the data without its last axis: for each token and head |
    | `group = n` | as the data, its last axis `dim / n`: for n neighbouring channels of a token and head |

    ```mlir
    !attn.kv<8x128xi8, scale<token>>
    !attn.kv<8x128xi4, paged<16>, scale<group = 32, zeros>>
    ```
  }];
  let parameters = (ins EnumParameter<Attn_ScaleGranularity>:$granularity,
                        "int64_t":$group, "bool":$zeros);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Whether each token has its own.
    bool isOfTokens() const {
      return getGranularity() == ScaleGranularity::Token ||
             getGranularity() == ScaleGranularity::Group;
    }
  }];
}

class Attn_TypeDef<string name, string typeMnemonic>
    : TypeDef<Attn_Dialect, name> {
  let mnemonic = typeMnemonic;
}

def Attn_KVType : Attn_TypeDef<"KV", "kv"> {
  let summary = "the keys, or the values, of a cache";
  let description = [{
    To a sequence op a cache is a function from (sequence, key head, position) to
    a vector of `dim` numbers. The type says how it is evaluated: where a
    position lies (`layout`), in which form a number is kept (`element`), and
    what it is multiplied with (`scale`). Keys and values are two caches, so that
    they may differ in dim and quantisation, and be views of one buffer.

    | part | |
    |---|---|
    | `heads x dim x element` | key heads, dim, and f32, f16, bf16, i8, i4, f8E4M3FN or f8E5M2 |
    | `paged<...>`, `rolling<...>` | the layout; contiguous without |
    | `scale<...>` | for i8, i4 and f8 |

    i4 is kept two to a byte, element 2i in the low half; f8 as its bits. Both
    are tensors of i8 to the caller.

    ```mlir
    !attn.kv<8x128xbf16>
    !attn.kv<8x128xi8, paged<16>, scale<token>>
    !attn.kv<1x512xi4, rolling<4096>, scale<group = 32, zeros>>
    ```
  }];
  let parameters = (ins "int64_t":$heads, "int64_t":$dim, "::mlir::Type":$element,
                        "::attnc::attn::KVLayoutAttrInterface":$layout,
                        OptionalParameter<"::attnc::attn::KVScaleAttr">:$scale);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The element type of the tensor that the numbers are kept in.
    ::mlir::Type getStorageElement() const;
    /// Elements of that tensor that hold `count` numbers; a multiple.
    int64_t getStorageCount(int64_t count) const;
    /// Whether elements are integers or f8, which stand for numbers with a scale.
    bool isQuantised() const;
    /// The tensor that a sequence op reads: [batch, kv_heads, length, dim].
    ::mlir::RankedTensorType getStreamType() const;
    /// Bits that a token takes for each head, scales and zero points included,
    /// as far as it has its own.
    double getBitsPerToken() const;
  }];
}

#endif // ATTN_KV_TYPES_TD
