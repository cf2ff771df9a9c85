// RUN: attn-opt %s --split-input-file --verify-diagnostics

// expected-error@+1 {{column 1 of the predicate: expected a position (b, h, q, k), an integer or '(' at the end}}
func.func private @empty() attributes {m = #attn.mask<"">}

// -----

// expected-error@+1 {{column 6 of the predicate: expected a position (b, h, q, k), an integer or '(' before '=='}}
func.func private @operand_missing() attributes {m = #attn.mask<"k <= == q">}

// -----

// expected-error@+1 {{column 8 of the predicate: expected an operator before '4'}}
func.func private @operator_missing() attributes {m = #attn.mask<"k <= q 4">}

// -----

// expected-error@+1 {{column 8 of the predicate: expected ')' for the '(' at column 1}}
func.func private @unclosed() attributes {m = #attn.mask<"(k <= q">}

// -----

// expected-error@+1 {{column 7 of the predicate: ')' closes nothing}}
func.func private @unopened() attributes {m = #attn.mask<"k <= q)">}

// -----

// expected-error@+1 {{column 1 of the predicate: this is a number and not a comparison: compare it with another, as in 'k <= q'}}
func.func private @number() attributes {m = #attn.mask<"q - k">}

// -----

// expected-error@+1 {{column 8 of the predicate: comparisons cannot be chained: write 'a < b and b < c'}}
func.func private @chained() attributes {m = #attn.mask<"0 <= q < k">}

// -----

// expected-error@+1 {{column 12 of the predicate: 'and' needs a comparison on its right}}
func.func private @and_number() attributes {m = #attn.mask<"k <= q and 1">}

// -----

// expected-error@+1 {{column 1 of the predicate: 'or' needs a comparison on its left}}
func.func private @or_number() attributes {m = #attn.mask<"q or k < 1">}

// -----

// expected-error@+1 {{column 5 of the predicate: 'not' needs a comparison on its right}}
func.func private @not_number() attributes {m = #attn.mask<"not q">}

// -----

// expected-error@+1 {{column 5 of the predicate: '+' needs a number on its right, and this is a comparison}}
func.func private @add_comparison() attributes {m = #attn.mask<"q + (k < 4)">}

// -----

// expected-error@+1 {{column 2 of the predicate: '-' needs a number on its right, and this is a comparison}}
func.func private @minus_comparison() attributes {m = #attn.mask<"-(k < 4)">}

// -----

// expected-error@+1 {{column 8 of the predicate: '*' needs a constant on one side}}
func.func private @product() attributes {m = #attn.mask<"k <= q * q">}

// -----

// expected-error@+1 {{column 12 of the predicate: 'floordiv' needs a positive constant on its right}}
func.func private @division() attributes {m = #attn.mask<"q floordiv k == 0">}

// -----

// expected-error@+1 {{column 7 of the predicate: 'mod' needs a positive constant on its right}}
func.func private @modulo_zero() attributes {m = #attn.mask<"q mod 0 == 0">}

// -----

// expected-error@+1 {{column 3 of the predicate: unexpected character '=': write '=='}}
func.func private @assignment() attributes {m = #attn.mask<"q = k">}

// -----

// expected-error@+1 {{column 3 of the predicate: unexpected character '/': write 'floordiv'}}
func.func private @slash() attributes {m = #attn.mask<"q / 4 == k">}

// -----

// expected-error@+1 {{column 3 of the predicate: unexpected character '%': write 'mod'}}
func.func private @percent() attributes {m = #attn.mask<"q % 4 == 0">}

// -----

// expected-error@+1 {{column 8 of the predicate: unexpected character '&': write 'and'}}
func.func private @ampersand() attributes {m = #attn.mask<"k <= q && k < 4">}

// -----

// expected-error@+1 {{column 8 of the predicate: unexpected character '|': write 'or'}}
func.func private @bar() attributes {m = #attn.mask<"k <= q || k < 4">}

// -----

// expected-error@+1 {{column 1 of the predicate: unexpected character '!': write 'not'}}
func.func private @exclamation() attributes {m = #attn.mask<"!(k < 4)">}

// -----

// expected-error@+1 {{column 4 of the predicate: unexpected character '.'}}
func.func private @fraction() attributes {m = #attn.mask<"q*0.5 < k">}

// -----

// expected-error@+1 {{column 5 of the predicate: '4k' is neither an integer nor a name}}
func.func private @glued() attributes {m = #attn.mask<"q < 4k">}

// -----

// expected-error@+1 {{column 5 of the predicate: the integer 9223372036854775808 does not fit in 64 bits}}
func.func private @large_integer() attributes {m = #attn.mask<"k < 9223372036854775808">}

// -----

// 2^40 * 2^23 = 2^63.
// expected-error@+1 {{column 1 of the predicate: this term can leave 64 bits for positions up to 2^40: use smaller constants}}
func.func private @overflow() attributes {m = #attn.mask<"q * 8388608 < k">}

// -----

// Nested parentheses are refused before the parser's stack is at its end.
// expected-error@+1 {{column 65 of the predicate: nested deeper than 64 levels: split the mask}}
func.func private @deep() attributes {m = #attn.mask<"((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((q < k))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))">}

// -----

// expected-error@+1 {{column 10 of the predicate: a table is read at a position: write one of b, h, q, k as its index}}
func.func private @index_is_a_sum() attributes {m = #attn.mask<"k == doc(2 * q)">}

// -----

// A number is no position, and neither is another table.
// expected-error@+1 {{column 5 of the predicate: a table is read at a position: write one of b, h, q, k as its index}}
func.func private @index_is_a_name() attributes {m = #attn.mask<"doc(w) == k">}

// -----

// expected-error@+1 {{column 5 of the predicate: a table is read at a position: write one of b, h, q, k as its index}}
func.func private @no_index() attributes {m = #attn.mask<"doc() == k">}

// -----

// expected-error@+1 {{column 8 of the predicate: expected ',' or ')' in the look-up of 'doc'}}
func.func private @open_look_up() attributes {m = #attn.mask<"doc(q  == k">}

// -----

// expected-error@+1 {{column 7 of the predicate: expected ',' or ')' in the look-up of 'doc'}}
func.func private @shifted_index() attributes {m = #attn.mask<"doc(q + 1) == k">}

// -----

// expected-error@+1 {{column 2 of the predicate: 'q' is a position and not a table}}
func.func private @position_as_table() attributes {m = #attn.mask<"q(k) == 1">}

// -----

// A number that is read is no constant.
// expected-error@+1 {{column 3 of the predicate: '*' needs a constant on one side}}
func.func private @product_with_a_number() attributes {m = #attn.mask<"w * q < k">}

// -----

// A table of pairs is the n by n numbers that masks are there to avoid.
// expected-error@+1 {{column 1 of the predicate: table 'doc' is read at q and k together: a mask reads tables of queries and tables of keys, as in "doc(q) == doc(k)"}}
func.func private @table_of_pairs() attributes {m = #attn.mask<"doc(q, k) == 1">}

// -----

// expected-error@+1 {{column 1 of the predicate: table 'doc' is read at q before another index: q and k are the last index of a table; transpose it}}
#mask = #attn.mask<"doc(q, b) == doc(b, q)">

// -----

// expected-error@+1 {{column 12 of the predicate: table 'doc' is read at k before another index: q and k are the last index of a table; transpose it}}
#mask = #attn.mask<"k <= q and doc(b, k, h) == 1">

// -----

// expected-error@+1 {{column 1 of the predicate: table 'doc' is read at k before another index}}
#mask = #attn.mask<"doc(k, k) == 1">
