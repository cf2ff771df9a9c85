// RUN: attn-opt %s --split-input-file --verify-diagnostics

// The parameters of the named patterns.

// What is read at run time has a name that no position has.
// expected-error@+1 {{'q' is a word of the mask language and cannot name what is read at run time: choose another name}}
func.func private @w_position() attributes {m = #attn.mask<window<q, 0>>}

// -----

// expected-error@+1 {{'mod' is a word of the mask language}}
func.func private @w_word() attributes {m = #attn.mask<global<mod>>}

// -----

// expected-error@+1 {{'a.b' cannot name what is read at run time: use letters, digits and '_', and no digit first}}
func.func private @w_punctuation() attributes {m = #attn.mask<prefix<a.b>>}

// -----

// expected-error@+1 {{'k' is a word of the mask language}}
func.func private @t_position() attributes {m = #attn.mask<document<k>>}

// -----

// expected-error@+1 {{'n$' cannot name what is read at run time}}
func.func private @t_punctuation() attributes {m = #attn.mask<padding<n$>>}

// -----

// expected-error@+1 {{expected an integer or the name of a number that is read at run time}}
func.func private @w_quoted() attributes {m = #attn.mask<window<"left", 0>>}

// -----

// expected-error@+1 {{expected the name of a table that is read at run time}}
func.func private @t_number() attributes {m = #attn.mask<document<3>>}

// -----

// An open side beside one that is named.
// expected-error@+1 {{window left is -1 and must not be negative: if nothing bounds that side, write the other side as a predicate, "k <= q + right"}}
func.func private @window_open() attributes {m = #attn.mask<window<-1, right>>}

// -----

// expected-error@+1 {{prefix n is -1 and must be from 0 to 1099511627776}}
func.func private @prefix_negative() attributes {m = #attn.mask<prefix<-1>>}

// -----

// expected-error@+1 {{prefix n is 1099511627777 and must be from 0 to 1099511627776}}
func.func private @prefix_far() attributes {m = #attn.mask<prefix<1099511627777>>}

// -----

// No token is global: the pattern would say nothing.
// expected-error@+1 {{global tokens is 0 and must be from 1 to 1099511627776}}
func.func private @global_none() attributes {m = #attn.mask<global<0>>}

// -----

// expected-error@+1 {{strided n is 0 and must be from 1 to 1099511627776}}
func.func private @strided_zero() attributes {m = #attn.mask<strided<0>>}

// -----

// expected-error@+1 {{dilated window is 0 and must be from 1 to 1099511627776}}
func.func private @dilated_none() attributes {m = #attn.mask<dilated<0, 2>>}

// -----

// expected-error@+1 {{dilated stride is -2 and must be from 1 to 1099511627776}}
func.func private @dilated_stride() attributes {m = #attn.mask<dilated<4, -2>>}

// -----

// expected-error@+1 {{dilated window * stride is 1048577 * 1048576, beyond the largest position, 1099511627776}}
func.func private @dilated_far() attributes {m = #attn.mask<dilated<1048577, 1048576>>}

// -----

// expected-error@+1 {{block size is 0 and must be from 1 to 1099511627776}}
func.func private @block_zero() attributes {m = #attn.mask<block<0>>}

// -----

// expected-error@+1 {{chunked size is 0 and must be from 1 to 1099511627776}}
func.func private @chunked_zero() attributes {m = #attn.mask<chunked<0>>}

// -----

// expected-error@+1 {{longformer window is 3 and must be even: it counts the keys of both sides, without the query itself}}
func.func private @longformer_odd() attributes {m = #attn.mask<longformer<3, 1>>}

// -----

// expected-error@+1 {{longformer window is -2 and must be from 0 to 1099511627776}}
func.func private @longformer_window() attributes {m = #attn.mask<longformer<-2, 1>>}

// -----

// expected-error@+1 {{longformer global is -1 and must be from 0 to 1099511627776}}
func.func private @longformer_global() attributes {m = #attn.mask<longformer<2, -1>>}

// -----

// expected-error@+1 {{random_blocks size is 0 and must be from 1 to 1099511627776}}
func.func private @random_size() attributes {m = #attn.mask<random_blocks<0, 1, 0>>}

// -----

// expected-error@+1 {{random_blocks per_row is 0 and must be from 1 to 8}}
func.func private @random_none() attributes {m = #attn.mask<random_blocks<64, 0, 0>>}

// -----

// expected-error@+1 {{random_blocks per_row is 9 and must be from 1 to 8}}
func.func private @random_many() attributes {m = #attn.mask<random_blocks<64, 9, 0>>}

// -----

// expected-error@+1 {{bigbird block is 0 and must be from 1 to 1099511627776}}
func.func private @bigbird_block() attributes {m = #attn.mask<bigbird<0, 3, 2, 3, 0>>}

// -----

// expected-error@+1 {{bigbird window is 0 and must be from 1 to 1099511627776}}
func.func private @bigbird_window() attributes {m = #attn.mask<bigbird<64, 0, 2, 3, 0>>}

// -----

// expected-error@+1 {{bigbird window is 4 and must be odd: it counts the blocks of both sides and the query's own}}
func.func private @bigbird_even() attributes {m = #attn.mask<bigbird<64, 4, 2, 3, 0>>}

// -----

// expected-error@+1 {{bigbird global is -1 and must be from 0 to 1099511627776}}
func.func private @bigbird_global() attributes {m = #attn.mask<bigbird<64, 3, -1, 3, 0>>}

// -----

// expected-error@+1 {{bigbird random is 9 and must be from 0 to 8}}
func.func private @bigbird_random() attributes {m = #attn.mask<bigbird<64, 3, 2, 9, 0>>}

// -----

// expected-error@+1 {{bigbird window * block is 1048577 * 1048576, beyond the largest position, 1099511627776}}
func.func private @bigbird_wide() attributes {m = #attn.mask<bigbird<1048576, 1048577, 2, 3, 0>>}

// -----

// expected-error@+1 {{bigbird global * block is 1048577 * 1048576, beyond the largest position, 1099511627776}}
func.func private @bigbird_far() attributes {m = #attn.mask<bigbird<1048576, 1, 1048577, 3, 0>>}

// -----

// expected-error@+1 {{axial height is 0 and must be from 1 to 1099511627776}}
func.func private @axial_height() attributes {m = #attn.mask<axial<0, 4, row>>}

// -----

// expected-error@+1 {{axial width is 0 and must be from 1 to 1099511627776}}
func.func private @axial_width() attributes {m = #attn.mask<axial<4, 0, row>>}

// -----

// expected-error@+1 {{axial height * width is 1048577 * 1048576, beyond the largest position, 1099511627776}}
func.func private @axial_far() attributes {m = #attn.mask<axial<1048577, 1048576, row>>}

// -----

// expected-error@+1 {{expected what a pixel sees of an image: row, column or both}}
func.func private @axial_diagonal() attributes {m = #attn.mask<axial<4, 4, diagonal>>}

// -----

// expected-error@+1 {{neighborhood2d height is -3 and must be from 1 to 1099511627776}}
func.func private @neighborhood_height() attributes {m = #attn.mask<neighborhood2d<-3, 4, 1>>}

// -----

// expected-error@+1 {{neighborhood2d height * width is 1099511627776 * 2, beyond the largest position}}
func.func private @neighborhood_far() attributes {m = #attn.mask<neighborhood2d<1099511627776, 2, 1>>}

// -----

// expected-error@+1 {{neighborhood2d radius is -1 and must be from 0 to 1099511627776}}
func.func private @neighborhood_radius() attributes {m = #attn.mask<neighborhood2d<3, 4, -1>>}
