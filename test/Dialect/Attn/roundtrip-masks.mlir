// RUN: %roundtrip
// RUN: attn-opt %s | FileCheck %s

// CHECK-LABEL: func private @patterns
// CHECK-SAME: m0 = #attn.mask<causal>,
// CHECK-SAME: m1 = #attn.mask<window<4095, 0>>,
// CHECK-SAME: m2 = #attn.mask<"k <= q and q - k < 4096">
func.func private @patterns() attributes {
  m0 = #attn.mask<causal>,
  m1 = #attn.mask<window<4095, 0>>,
  m2 = #attn.mask<"k <= q and q - k < 4096">
}

// A predicate is kept as it was written, whatever its spacing and parentheses.
// CHECK-LABEL: func private @predicate_text
// CHECK-SAME: m0 = #attn.mask<"  ((k<=q))  ">,
// CHECK-SAME: m1 = #attn.mask<"not(b==0 or h!=1)and -q+2*k>=(k floordiv 3)mod 5">,
// CHECK-SAME: m2 = #attn.mask<"q\09>\0Ak">
func.func private @predicate_text() attributes {
  m0 = #attn.mask<"  ((k<=q))  ">,
  m1 = #attn.mask<"not(b==0 or h!=1)and -q+2*k>=(k floordiv 3)mod 5">,
  m2 = #attn.mask<"q\t>\nk">
}

// `not` binds more tightly than `and`, `and` more tightly than `or`: without
// parentheses these are read as they are printed.
// CHECK-LABEL: func private @precedence
// CHECK-SAME: m0 = #attn.mask<causal and "k < 4" or not window<1, 2>>,
// CHECK-SAME: m1 = #attn.mask<causal or "k < 4" and window<1, 2>>,
// CHECK-SAME: m2 = #attn.mask<not not causal>,
// CHECK-SAME: m3 = #attn.mask<causal or "k < 4" or window<1, 2>>
func.func private @precedence() attributes {
  m0 = #attn.mask<(causal and "k < 4") or (not window<1, 2>)>,
  m1 = #attn.mask<causal or ("k < 4" and window<1, 2>)>,
  m2 = #attn.mask<not (not ((causal)))>,
  m3 = #attn.mask<causal or "k < 4" or window<1, 2>>
}

// Where the tree differs from what precedence gives, the parentheses stay; so
// they do around a chain in a chain of the same kind.
// CHECK-LABEL: func private @parentheses
// CHECK-SAME: m0 = #attn.mask<(causal or "k < 4") and window<1, 2>>,
// CHECK-SAME: m1 = #attn.mask<not (causal and "k < 4")>,
// CHECK-SAME: m2 = #attn.mask<(causal and "k < 4") and window<1, 2>>,
// CHECK-SAME: m3 = #attn.mask<causal or ("k < 4" or window<1, 2>)>
func.func private @parentheses() attributes {
  m0 = #attn.mask<(causal or "k < 4") and window<1, 2>>,
  m1 = #attn.mask<not (causal and "k < 4")>,
  m2 = #attn.mask<(causal and "k < 4") and window<1, 2>>,
  m3 = #attn.mask<causal or ("k < 4" or window<1, 2>)>
}

// A mask may have a name.
!t = tensor<?x?x?x16xf32>
#sinks = #attn.mask<causal and (window<512, 0> or "k < 4")>

// CHECK-LABEL: func @named
func.func @named(%q: !t) -> !t {
  // CHECK: mask(#attn.mask<causal and (window<512, 0> or "k < 4")>)
  %o = attn.attend %q, %q, %q mask(#sinks) : (!t, !t, !t) -> !t
  return %o : !t
}

// The nodes of a mask as attributes of their own, as a pass may hold them.
// CHECK-LABEL: func private @nodes
// CHECK-SAME: m0 = #attn.causal,
// CHECK-SAME: m1 = #attn.all_of<#attn.causal, #attn.none_of<#attn.predicate<"k < 4">>>,
// CHECK-SAME: m2 = #attn.any_of<#attn.causal, #attn.window<1, 2>>
func.func private @nodes() attributes {
  m0 = #attn.causal,
  m1 = #attn.all_of<#attn.causal, #attn.none_of<#attn.predicate<"k < 4">>>,
  m2 = #attn.any_of<#attn.causal, #attn.window<1, 2>>
}
