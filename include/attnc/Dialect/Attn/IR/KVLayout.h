//===- KVLayout.h - a KV-cache layout is a type -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where a key/value cache keeps a position and in which form is a type, so that
// any mask over any cache is one kernel. This file is the essay and the
// contract; it declares nothing yet. The type `!attn.kv` and its interface
// `LayoutTypeInterface` arrive with the KV cache work, and fill it then.
//
// # A layout is a type
//
// The idea in one sentence: to attention a cache is a function from (sequence,
// key head, position) to a key and a value, and everything else about it,
// pages, rings, integers with scales, is how that function is evaluated for a
// tile of consecutive positions.
//
// ## A worked example
//
// `!attn.kv<8x128xi8, paged<4>, scale<token>>`: 8 key heads of dim 128, kept as
// 8-bit integers with one scale for each token and head, in pages of 4
// positions. Sequence b has 6 tokens and the block table [7, 2]. The tile of
// positions 2 to 5:
//
//     position      0   1   2   3     4   5
//                 +---+---+---+---+ +---+---+---+---+
//     page          7   7   7   7     2   2   .   .
//     slot          0   1   2   3     0   1   .   .
//     the tile              x   x     x   x
//     its runs              1   1     2   2
//
//     page(p)  = table[b][p floordiv 4]          slot(p) = p mod 4
//     key(p)   = scales[page(p)][h][slot(p)] * keys[page(p)][h][slot(p)]
//
// The tile is two runs of memory, one per page; inside a run consecutive
// positions are neighbours. A step multiplies its 4 x 128 integers by 4 scales,
// once, and what follows is the step that a plain cache has: scores, mask,
// softmax. The mask saw positions 2 to 5 and never a page.
//
// ## Six instances
//
//   !attn.kv                                 position p of sequence b is at
//   8x128xf16                                data[b][h][p]
//   8x128xf16, paged<16>                     data[table[b][p / 16]][h][p % 16]
//   8x128xf16, rolling<4096>                 data[b][h][p % 4096], while
//                                            length - 4096 <= p
//   8x128xi8, scale<token>                   data[b][h][p] * scale[b][h][p]
//   8x128xi4, scale<group = 32>              two elements a byte, one scale for
//                                            32 neighbours along the dim
//   1x576xbf16, value the first 512          one buffer, of which key and value
//                                            are views (latent attention)
//
// Place, element type and scale are independent of each other: a paged rolling
// int4 cache is three parameters, not a new kind.
//
// ## The contract
//
// `LayoutTypeInterface` will answer, for a cache value c:
//
// - *What is there.* The number of key heads, key and value dim, and the live
//   positions of sequence b, an interval: all of [0, length), or its end for a
//   ring. Key ranges are clipped to it; nothing else is ever asked for.
// - *A tile.* For keys or values, given (b, h, first, count): the f32 tile
//   whose row i is position first + i, for i < count, dequantised. Built from
//   `tile` and `arith` ops at the insertion point; elements beyond count are
//   unspecified. Pure: depends on nothing else, so it may be moved and shared
//   between all query rows and all heads of a group.
// - *How it lies.* The largest r such that positions with equal p floordiv r
//   are neighbours in memory (the page size; the whole length; 1 where nothing
//   is known). A target copies runs, not rows. A layout that cannot say answers
//   1 and stays correct.
// - *Writing.* Given new keys and values of consecutive positions: quantise and
//   store them. Reading back gives what was written, up to the element type's
//   rounding, and changes no other live position.
// - *Size.* Bytes for each token and for each sequence, scales and tables
//   included.
//
// Three laws hold for every implementation, and are tested without knowing
// which it is. Addresses of distinct live (h, p) of one sequence are distinct.
// The address of a live position lies in the buffers, given that tables and
// lengths do, which is checked at entry. And a tile cut in two is the two
// tiles.
//
// ## Why this way round
//
// The other way is a kernel that knows its cache, `paged_attention`,
// `rolling_int8_attention`, and each mask again in each of them. That is a
// product of two lists, and engines have holes in it. Here masks speak of
// positions, layouts map positions to memory, and they meet in one interval and
// one tile.
//
// It is a type and not an attribute of the op, because several ops must agree
// on it (append and attend, in different functions, in different steps) and the
// type system is what makes SSA values agree. It is not a memref layout map,
// because a table look-up is no affine map and a scale is no address.
//
// A tile, and not an element, is the unit of the contract: dequantisation is
// hoisted and pages become runs because the layout is asked for 128 positions
// at once.
//
// ## What it cannot express
//
// - Caches that drop positions by their content (heavy hitters): the live
//   positions are no interval. A table of positions beside the cache would be
//   another mask.
// - Requantisation of what was already written when its neighbours arrive,
//   except for the group that is still being filled.
// - A cache spread over devices: that is a fold for each device, and a combine.
//
// ## Sources
//
// Kwon et al. 2023, PagedAttention, section 4; Jiang et al. 2023, Mistral 7B,
// section 2 (rolling buffer); Shazeer 2019 and Ainslie et al. 2023 (one key
// head for several query heads); Liu et al. 2024, KIVI (keys per channel,
// values per token); DeepSeek-AI 2024, DeepSeek-V2, section 2.1 (latent
// attention).
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_DIALECT_ATTN_IR_KVLAYOUT_H
#define ATTNC_DIALECT_ATTN_IR_KVLAYOUT_H

namespace attnc::attn {} // namespace attnc::attn

#endif // ATTNC_DIALECT_ATTN_IR_KVLAYOUT_H
