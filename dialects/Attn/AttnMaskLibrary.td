//===- AttnMaskLibrary.td - the named masks ----------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each pattern is one self-contained definition: syntax, meaning, picture and
// source; `expand` and the verifier are in AttnMaskLibrary.cpp. In the pictures
// a row is a query, a column a key, both from position 0.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_MASKLIBRARY_TD
#define ATTN_MASKLIBRARY_TD

include "Attn/AttnMasks.td"

/// A non-negative integer, or the name of a number that the op binds at run
/// time: an IntegerAttr of i64 or a StringAttr.
defvar Attn_MaskNumber = "::mlir::Attribute";
/// The name of a table of integers that the op binds at run time.
defvar Attn_MaskTable = "::mlir::StringAttr";

//===----------------------------------------------------------------------===//
// Order and distance
//===----------------------------------------------------------------------===//

def Attn_CausalMaskAttr : Attn_MaskNode<"CausalMask", "causal"> {
  let summary = "a query sees itself and what came before it";
  let description = [{
    `{ (q, k) : k <= q }`. Vaswani et al. 2017, section 3.2.3.

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
    at the query itself is `window<w - 1, 0>`. Each side is a number or the name
    of one that is read at run time. Beltagy et al. 2020 (Longformer), section
    3.1.

    ```
    window<1, 0>        window<1, 1>
          k 0 1 2 3           k 0 1 2 3
    q 0     x . . .     q 0     x x . .
      1     x x . .       1     x x x .
      2     . x x .       2     . x x x
      3     . . x x       3     . . x x
    ```
  }];
  let parameters = (ins Attn_MaskNumber:$left, Attn_MaskNumber:$right);
  let assemblyFormat =
      "`<` custom<MaskNumber>($left) `,` custom<MaskNumber>($right) `>`";
  let genVerifyDecl = 1;
}

def Attn_PrefixMaskAttr : Attn_MaskNode<"PrefixMask", "prefix"> {
  let summary = "everyone sees the first `n` keys; behind them it is causal";
  let description = [{
    `{ (q, k) : k < n or k <= q }`: the mask of a prefix language model, whose
    input of `n` tokens is encoded in both directions. `n` is a number or the
    name of one that is read at run time. Raffel et al. 2020 (T5), section
    3.2.1.

    ```
    prefix<2>
          k 0 1 2 3
    q 0     x x . .
      1     x x . .
      2     x x x .
      3     x x x x
    ```
  }];
  let parameters = (ins Attn_MaskNumber:$n);
  let assemblyFormat = "`<` custom<MaskNumber>($n) `>`";
  let genVerifyDecl = 1;
}

def Attn_StridedMaskAttr : Attn_MaskNode<"StridedMask", "strided"> {
  let summary = "a query sees every n-th key, counted from itself";
  let description = [{
    `{ (q, k) : (q - k) mod n == 0 }`, over the full range. Child et al. 2019
    (Sparse Transformer), section 4.2, whose strided heads see `strided<n> and
    causal` and `window<n, 0>`.

    ```
    strided<2>
          k 0 1 2 3 4
    q 0     x . x . x
      1     . x . x .
      2     x . x . x
      3     . x . x .
    ```
  }];
  let parameters = (ins "int64_t":$n);
  let assemblyFormat = "`<` $n `>`";
  let genVerifyDecl = 1;
}

def Attn_DilatedMaskAttr : Attn_MaskNode<"DilatedMask", "dilated"> {
  let summary = "a query sees `window` keys at distance `stride`, ending at it";
  let description = [{
    `{ (q, k) : 0 <= q - k < window * stride and (q - k) mod stride == 0 }`. The
    query itself is one of the `window` keys. Beltagy et al. 2020 (Longformer),
    section 3.1, dilated sliding window, in its causal form.

    ```
    dilated<2, 2>
          k 0 1 2 3 4
    q 0     x . . . .
      1     . x . . .
      2     x . x . .
      3     . x . x .
      4     . . x . x
    ```
  }];
  let parameters = (ins "int64_t":$window, "int64_t":$stride);
  let assemblyFormat = "`<` $window `,` $stride `>`";
  let genVerifyDecl = 1;
}

//===----------------------------------------------------------------------===//
// Blocks and global tokens
//===----------------------------------------------------------------------===//

def Attn_GlobalMaskAttr : Attn_MaskNode<"GlobalMask", "global"> {
  let summary = "the first `tokens` see everything and are seen by everyone";
  let description = [{
    `{ (q, k) : q < tokens or k < tokens }`. `tokens` is a number or the name of
    one that is read at run time. Beltagy et al. 2020 (Longformer), section 3.1;
    keys alone, the sinks of Xiao et al. 2024 (StreamingLLM), are `"k < 4"`.

    ```
    global<1>
          k 0 1 2 3
    q 0     x x x x
      1     x . . .
      2     x . . .
      3     x . . .
    ```
  }];
  let parameters = (ins Attn_MaskNumber:$tokens);
  let assemblyFormat = "`<` custom<MaskNumber>($tokens) `>`";
  let genVerifyDecl = 1;
}

def Attn_BlockMaskAttr : Attn_MaskNode<"BlockMask", "block"> {
  let summary = "a query sees the keys of its own block of `size` positions";
  let description = [{
    `{ (q, k) : q floordiv size == k floordiv size }`. Liu et al. 2018
    (Generating Wikipedia by summarizing long sequences), local attention.

    ```
    block<2>
          k 0 1 2 3 4
    q 0     x x . . .
      1     x x . . .
      2     . . x x .
      3     . . x x .
      4     . . . . x
    ```
  }];
  let parameters = (ins "int64_t":$size);
  let assemblyFormat = "`<` $size `>`";
  let genVerifyDecl = 1;
}

def Attn_ChunkedMaskAttr : Attn_MaskNode<"ChunkedMask", "chunked"> {
  let summary = "a query sees its chunk up to itself";
  let description = [{
    `{ (q, k) : q floordiv size == k floordiv size and k <= q }`: `block<size>
    and causal`. The chunked attention of Llama 4 (Meta 2025), with chunks of
    8192 tokens.

    ```
    chunked<2>
          k 0 1 2 3 4
    q 0     x . . . .
      1     x x . . .
      2     . . x . .
      3     . . x x .
      4     . . . . x
    ```
  }];
  let parameters = (ins "int64_t":$size);
  let assemblyFormat = "`<` $size `>`";
  let genVerifyDecl = 1;
}

def Attn_LongformerMaskAttr : Attn_MaskNode<"LongformerMask", "longformer"> {
  let summary = "a window to both sides, and global tokens";
  let description = [{
    `{ (q, k) : -window / 2 <= q - k <= window / 2 }` or `global<global>`.
    `window` counts both sides, as in the paper, and is even; the query itself
    comes on top. `global` may be 0. Beltagy et al. 2020 (Longformer), section
    3.1.

    ```
    longformer<2, 1>
          k 0 1 2 3 4
    q 0     x x x x x
      1     x x x . .
      2     x x x x .
      3     x . x x x
      4     x . . x x
    ```
  }];
  let parameters = (ins "int64_t":$window, "int64_t":$global);
  let assemblyFormat = "`<` $window `,` $global `>`";
  let genVerifyDecl = 1;
}

def Attn_RandomBlocksMaskAttr
    : Attn_MaskNode<"RandomBlocksMask", "random_blocks",
                    ["getTableValue", "buildTableValue"]> {
  let summary = "each block of queries sees `per_row` random blocks of keys";
  let description = [{
    `{ (q, k) : k floordiv size == random[r](q floordiv size) for an r < per_row }`.
    The numbers are those of SplitMix64 (Steele et al. 2014), so that a mask is
    the same on every machine, for every batch and head:

    ```
    random[r](i) = splitmix64(splitmix64(seed, r), i) mod max(1, ceildiv(keys, size))
    splitmix64(s, i) = mix(s + (i + 1) * 0x9e3779b97f4a7c15)
    mix(x): x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
            x = (x ^ (x >> 27)) * 0x94d049bb133111eb
            x ^ (x >> 31)
    ```

    in unsigned arithmetic modulo 2^64. `keys` is the number of keys of the
    call: other lengths have other random blocks. Two of a row's blocks may be
    the same one. Zaheer et al. 2020 (BigBird), section 2.

    ```
    random_blocks<2, 1, 7>
          k 0 1 2 3 4 5 6 7
    q 0     . . x x . . . .
      1     . . x x . . . .
      2     . . . . x x . .
      3     . . . . x x . .
      4     . . . . . . x x
      5     . . . . . . x x
      6     . . x x . . . .
      7     . . x x . . . .
    ```
  }];
  let parameters = (ins "int64_t":$size, "int64_t":$per_row, "int64_t":$seed);
  let assemblyFormat = "`<` $size `,` $per_row `,` $seed `>`";
  let genVerifyDecl = 1;
}

def Attn_BigBirdMaskAttr : Attn_MaskNode<"BigBirdMask", "bigbird"> {
  let summary = "a window, global and random blocks";
  let description = [{
    `{ (q, k) : -(window - 1) / 2 <= q floordiv block - k floordiv block <=
    (window - 1) / 2 }` or `global<global * block>` or `random_blocks<block,
    random, seed>`. `window`, `global` and `random` count blocks; `window` is
    odd; `global` and `random` may be 0. Zaheer et al. 2020 (BigBird), section
    2: `bigbird<64, 3, 2, 3, 0>`.

    ```
    bigbird<2, 1, 1, 0, 0>
          k 0 1 2 3 4 5
    q 0     x x x x x x
      1     x x x x x x
      2     x x x x . .
      3     x x x x . .
      4     x x . . x x
      5     x x . . x x
    ```
  }];
  let parameters = (ins "int64_t":$block, "int64_t":$window, "int64_t":$global,
                        "int64_t":$random, "int64_t":$seed);
  let assemblyFormat =
      "`<` $block `,` $window `,` $global `,` $random `,` $seed `>`";
  let genVerifyDecl = 1;
}

//===----------------------------------------------------------------------===//
// Images
//===----------------------------------------------------------------------===//

def Attn_AxialMaskAttr : Attn_MaskNode<"AxialMask", "axial"> {
  let summary = "a pixel sees its row, its column, or both";
  let description = [{
    Positions are the pixels of `height` x `width` images, row by row, one image
    after the other.

    - `row`: `{ (q, k) : q floordiv width == k floordiv width }`
    - `column`: `{ (q, k) : q mod width == k mod width and
      q floordiv (height * width) == k floordiv (height * width) }`
    - `both`: either. With `and causal`, the past of both.

    Ho et al. 2019 (Axial Transformer), section 3. The picture shows what pixel
    6, in row 1 and column 2, sees of the first image, and that it sees nothing
    of the second.

    ```
    axial<3, 4, row>    axial<3, 4, column>    axial<3, 4, both>
      . . . .             . . x .                . . x .
      x x x x             . . x .                x x x x
      . . . .             . . x .                . . x .
    ```
  }];
  let parameters = (ins "int64_t":$height, "int64_t":$width,
                        "::attnc::attn::AxialAxes":$axes);
  let assemblyFormat = "`<` $height `,` $width `,` custom<AxialAxes>($axes) `>`";
  let genVerifyDecl = 1;
}

def Attn_Neighborhood2DMaskAttr
    : Attn_MaskNode<"Neighborhood2DMask", "neighborhood2d"> {
  let summary = "a pixel sees those at most `radius` rows and columns away";
  let description = [{
    Positions are the pixels of `height` x `width` images, row by row, one image
    after the other.

    `{ (q, k) : -radius <= q floordiv width - k floordiv width <= radius and
    -radius <= q mod width - k mod width <= radius and
    q floordiv (height * width) == k floordiv (height * width) }`

    Hassani et al. 2023 (Neighborhood Attention Transformer), section 3, with one
    difference: at the border the neighborhood is cut off, and NATTEN shifts it
    inwards, so that every pixel sees equally many. The pictures show what pixels
    6 and 0 see.

    ```
    neighborhood2d<3, 4, 1>
      . x x x             x x . .
      . x x x             x x . .
      . x x x             . . . .
    ```
  }];
  let parameters = (ins "int64_t":$height, "int64_t":$width, "int64_t":$radius);
  let assemblyFormat = "`<` $height `,` $width `,` $radius `>`";
  let genVerifyDecl = 1;
}

#endif // ATTN_MASKLIBRARY_TD
