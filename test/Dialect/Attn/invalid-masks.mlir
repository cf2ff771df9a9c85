// RUN: attn-opt %s --split-input-file --verify-diagnostics

// A misspelt pattern: the message names those that exist.
// expected-error@+1 {{unknown mask pattern 'casual': known are causal, window, prefix, strided, dilated, global, block, chunked, longformer, random_blocks, bigbird, axial, neighborhood2d, document, padding, packed; any other mask is a predicate in quotes, as in "k <= q"}}
func.func private @unknown() attributes {m = #attn.mask<casual>}

// -----

// The attributes that the infix syntax is made of are no patterns.
// expected-error@+1 {{unknown mask pattern 'none_of': known are}}
func.func private @combinator() attributes {m = #attn.mask<none_of<#attn.causal>>}

// -----

// expected-error@+1 {{expected a mask: a pattern (causal, window, prefix, strided, dilated, global, block, chunked, longformer, random_blocks, bigbird, axial, neighborhood2d, document, padding, packed), a predicate in quotes, the alias of a mask, 'not' or '('}}
func.func private @number() attributes {m = #attn.mask<42>}

// -----

// expected-error@+1 {{expected a mask: a pattern (causal, window, prefix}}
func.func private @missing_operand() attributes {m = #attn.mask<causal and>}

// -----

// expected-error@+1 {{expected '>'}}
func.func private @missing_operator() attributes {m = #attn.mask<causal causal>}

// -----

// expected-error@+1 {{expected ','}}
func.func private @window_one_side() attributes {m = #attn.mask<window<1>>}

// -----

// In other interfaces -1 says that nothing bounds the side.
// expected-error@+1 {{window left is -1 and must not be negative: if nothing bounds that side, write the other side as a predicate, "k <= q + 3"}}
func.func private @window_left() attributes {m = #attn.mask<window<-1, 3>>}

// -----

// expected-error@+1 {{window right is -1 and must not be negative: if nothing bounds that side, write the other side as a predicate, "q - 512 <= k"}}
func.func private @window_right() attributes {m = #attn.mask<window<512, -1>>}

// -----

// expected-error@+1 {{window bounds neither side, -1 and -1: leave the mask out}}
func.func private @window_neither() attributes {m = #attn.mask<window<-1, -1>>}

// -----

// expected-error@+1 {{window left is 1099511627777 and must be from 0 to 1099511627776}}
func.func private @window_far() attributes {m = #attn.mask<window<1099511627777, 0>>}

// -----

// expected-error@+1 {{operand 42 : i64 is not a mask pattern: write the whole combination inside one #attn.mask<...>}}
func.func private @operand() attributes {m = #attn.none_of<42>}

// -----

// expected-error@+1 {{operand #attn.mask<causal> is not a mask pattern}}
func.func private @mask_in_mask() attributes {m = #attn.none_of<#attn.mask<causal>>}

// -----

// expected-error@+1 {{'and' joins at least two masks, got 1}}
func.func private @lonely_and() attributes {m = #attn.all_of<#attn.causal>}

// -----

// expected-error@+1 {{'or' joins at least two masks, got 1}}
func.func private @lonely_or() attributes {m = #attn.any_of<#attn.causal>}

// -----

// The parser stops before its stack does.
// expected-error@+1 {{mask is nested deeper than 64 levels}}
func.func private @deep() attributes {m = #attn.mask<not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not causal>}

// -----

#target = #attn.schedule<query_tile = 1, key_tile = 1, lanes = 1, splits = 1>
// An alias of something else.
// expected-error@+1 {{expected a mask: a pattern (causal, window, prefix}}
func.func private @no_mask() attributes {m = #attn.mask<#target and causal>}

// -----

// expected-error@+1 {{undefined symbol alias id 'past'}}
func.func private @no_alias() attributes {m = #attn.mask<causal and #past>}

// -----

// The limit of the tree holds with what an alias stands for.
#half = #attn.mask<not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not causal>
#most = #attn.mask<not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not #half>
// expected-error@+1 {{mask is nested deeper than 64 levels}}
func.func private @deep_alias() attributes {m = #attn.mask<not not #most>}
