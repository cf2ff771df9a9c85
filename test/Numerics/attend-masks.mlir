// RUN: attnc run %s --entry=sinks --random --repeat=20 --check
// RUN: attnc run %s --entry=both_sides --random --repeat=20 --check
// RUN: attnc run %s --entry=complement --random --repeat=20 --check
// RUN: attnc run %s --entry=blocks --random --repeat=20 --check
// RUN: attnc run %s --entry=dilated --random --repeat=20 --check
// RUN: attnc run %s --entry=heads --random --repeat=20 --check
// RUN: attnc run %s --entry=gap --random --repeat=20 --check
// RUN: attnc run %s --entry=nothing --random --repeat=5 --check

// Masks in combination. The kernels visit the tiles that the set's bounds name,
// the reference asks the predicate for every pair.

!t = tensor<?x?x?x16xf32>
!l = tensor<?x?x?xf32>

// Two runs of keys that may overlap: no key twice.
func.func @sinks(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v
    mask(#attn.mask<causal and (window<63, 0> or "k < 4")>) : (!t, !t, !t) -> (!t, !l)
  return %o, %lse : !t, !l
}

func.func @both_sides(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v
    mask(#attn.mask<window<20, 33>>) : (!t, !t, !t) -> (!t, !l)
  return %o, %lse : !t, !l
}

// What a window leaves out, to the left and to the right of it.
func.func @complement(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v
    mask(#attn.mask<not window<40, 7>>) : (!t, !t, !t) -> (!t, !l)
  return %o, %lse : !t, !l
}

func.func @blocks(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v
    mask(#attn.mask<"q floordiv 24 == k floordiv 24">) : (!t, !t, !t) -> (!t, !l)
  return %o, %lse : !t, !l
}

func.func @dilated(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v
    mask(#attn.mask<causal and "(q - k) mod 5 == 0">) : (!t, !t, !t) -> (!t, !l)
  return %o, %lse : !t, !l
}

func.func @heads(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v
    mask(#attn.mask<"h == 0 or (k <= q and q - k <= 16 * h + b)">)
    : (!t, !t, !t) -> (!t, !l)
  return %o, %lse : !t, !l
}

// A band that begins some way behind the query: early rows see nothing.
func.func @gap(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v
    mask(#attn.mask<"30 <= q - k and q - k <= 100">) : (!t, !t, !t) -> (!t, !l)
  return %o, %lse : !t, !l
}

// No row sees anything: zeros and -inf, no NaN.
func.func @nothing(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v
    mask(#attn.mask<"k < 0">) : (!t, !t, !t) -> (!t, !l)
  return %o, %lse : !t, !l
}
