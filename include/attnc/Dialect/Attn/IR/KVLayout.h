//===- KVLayout.h - a KV-cache layout is a type -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where a cache keeps a position and in which form is a type, so that any mask
// over any cache is one kernel. This file is the essay; it declares nothing.
// The type `!attn.kv` is in dialects/Attn/AttnKVTypes.td, the interface of
// layouts, `KVLayoutAttrInterface`, in AttnInterfaces.td, and what makes tiles
// of them in lib/Conversion/AttnToTile/KVStream.h.
//
// # A layout is a type
//
// The idea in one sentence: to attention a cache of keys, or of values, is a
// function from (sequence, key head, position) to a vector, and everything else
// about it, pages, rings, integers with scales, is how that function is
// evaluated for a tile of consecutive positions.
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
//
//     page(p)  = table[b][p floordiv 4]          slot(p) = p mod 4
//     key(p)   = scales[page(p)][slot(p)][h] * keys[page(p)][slot(p)][h]
//
// Page and slot are index tiles; a load gathers rows by them and says that the
// bytes are i8. What follows is the step that a tensor has, scores, mask,
// softmax, with one multiplication more: that of a score by the scale of its
// key. The mask saw positions 2 to 5 and never a page.
//
// ## Six instances
//
//   !attn.kv                                 position p of sequence b is at
//   8x128xf16                                data[b][h][p]
//   8x128xf16, paged<16>                     data[table[b][p / 16]][p % 16][h]
//   8x128xf16, rolling<4096>                 data[b][h][p % 4096], while
//                                            length - 4096 <= p
//   8x128xi8, scale<token>                   data[b][h][p] * scale[b][h][p]
//   8x128xi4, scale<group = 32>              two elements a byte, one scale for
//                                            32 neighbours along the dim
//   1x576xbf16 and 1x512xbf16                keys and values of one buffer
//                                            (latent attention)
//
// Place, element type and scale are independent of each other: a paged int4
// cache with a scale for each group is three parameters, not a new kind. Keys
// and values are two caches, of a type each. They agree in what concerns
// positions, layout, table and lengths, and in nothing else: they are quantised
// along different axes (KIVI), differ in dim, or are views of one buffer.
//
// ## The contract
//
// A layout answers four questions, and addresses, sizes and checks derive from
// the answers. Data is made of blocks of tokens: a block is a sequence, a ring
// or a page.
//
//   question                        contiguous    paged<n>          rolling<n>
//   getAxes: what the axes are      batch,        pages, n,         batch,
//                                   heads,        heads, dim        heads, n,
//                                   capacity,     (or heads, n)     dim
//                                   dim
//   getTokenAxis: which of them     2             1 (or 2)          2
//   tokens of a block are along
//   getBlockTokens: how many those  as the data   n                 n
//   are                             says
//   usesTable: whether a table      no            yes               no
//   names the blocks of a sequence
//
// Position p is at slot `p mod n` of its block. With a table that block is
// `table[b, p floordiv n]`; without one it is the sequence's own, and if it has
// n tokens all the same, later ones take the place of earlier ones: a ring.
//
// Two laws hold for every layout whose data, tables and lengths passed the
// entry point. The address of a live position lies in the buffers: a position
// is below a length, a length is at most what there is room for, and each page
// in use is one that there is (`attnc_rt_check_cache`; on a GPU, where nobody
// can look, kernels take others for pages of zeros). And a tile cut in two
// is the two tiles, since a row's address depends on its own position only. A
// load clamps positions to the last live one, so that the rows of a tile behind
// it, which are not valid, are in bounds too.
//
// A ring numbers its rows from the oldest position that it holds, so that they
// ascend like those of any tile. Masks over it speak of distances.
//
// ## The algebra of factors
//
// A quantised element x stands for `(x - z) * s`. With z = 0, attention sums
// such products twice: over the dim, for the score of query q and key i, and
// over positions, for channel d of the output:
//
//     score(i) = sum_d q[d] s(i, d) k[i, d]
//     out[d]   = sum_i w[i] s(i, d) v[i, d]
//
// A factor that does not vary along the summed axis moves out, and the product
// is of the numbers as they are kept:
//
//   s depends on   keys                            values
//   nothing, d     onto q: sum_d (q[d] s(d)) k     onto out: s(d) sum_i w v
//   i              onto the score: s(i) sum_d q k  onto the weight: w[i] s(i)
//   i and d        onto the tile                   onto the tile
//
// Of rows of queries r, dim n and keys m these cost r n once, r m, and m n
// multiplications for each head; a tile's are shared by all rows. The weight
// times s(i) is what the product takes; the sum of weights, which the output is
// divided by, is without it. A zero point subtracts from each element, so it is
// applied to the tile, and the factor with it. And a factor on the output has
// to wait until the end, which is wrong if the carry began elsewhere, in the
// units of real values: with `init` the values' factor is the tile's.
//
// ## Why this way round
//
// The other way is a kernel that knows its cache, `paged_attention`,
// `rolling_int8_attention`, and each mask again in each of them. That is a
// product of two lists, and engines have holes in it. Here masks speak of
// positions, layouts map positions to memory, and they meet in a tile.
//
// It is a type and not an attribute of the op, because several ops must agree
// on it, in different functions, in different steps, and the type system is
// what makes SSA values agree. It is not a memref layout map, because a table
// look-up is no affine map and a scale is no address. The type is of a value
// that `attn.cache` makes of tensors, and not of an argument: a caller has
// buffers, and every one of them is a tensor that it can check, copy and share.
//
// A tile, and not an element, is what a layout is asked for: pages are looked
// up and factors applied for 64 positions at once.
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
// attention); OCP 8-bit floating point specification 2023 (f8).
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_DIALECT_ATTN_IR_KVLAYOUT_H
#define ATTNC_DIALECT_ATTN_IR_KVLAYOUT_H

namespace attnc::attn {} // namespace attnc::attn

#endif // ATTNC_DIALECT_ATTN_IR_KVLAYOUT_H
