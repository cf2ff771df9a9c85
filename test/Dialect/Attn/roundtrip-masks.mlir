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

// Every pattern, and every form of a parameter.
// CHECK-LABEL: func private @library
// CHECK-SAME: m00 = #attn.mask<causal>,
// CHECK-SAME: m01 = #attn.mask<window<4095, 0>>,
// CHECK-SAME: m02 = #attn.mask<window<left, right>>,
// CHECK-SAME: m03 = #attn.mask<prefix<256>>,
// CHECK-SAME: m04 = #attn.mask<prefix<n>>,
// CHECK-SAME: m05 = #attn.mask<strided<8>>,
// CHECK-SAME: m06 = #attn.mask<dilated<128, 2>>,
// CHECK-SAME: m07 = #attn.mask<global<4>>,
// CHECK-SAME: m08 = #attn.mask<global<tokens>>,
// CHECK-SAME: m09 = #attn.mask<block<64>>,
// CHECK-SAME: m10 = #attn.mask<chunked<8192>>,
// CHECK-SAME: m11 = #attn.mask<longformer<512, 1>>,
// CHECK-SAME: m12 = #attn.mask<longformer<0, 0>>,
// CHECK-SAME: m13 = #attn.mask<random_blocks<64, 3, -7>>,
// CHECK-SAME: m14 = #attn.mask<bigbird<64, 3, 2, 3, 0>>,
// CHECK-SAME: m15 = #attn.mask<axial<32, 32, row>>,
// CHECK-SAME: m16 = #attn.mask<axial<32, 32, column>>,
// CHECK-SAME: m17 = #attn.mask<axial<32, 32, both>>,
// CHECK-SAME: m18 = #attn.mask<neighborhood2d<56, 56, 3>>,
// CHECK-SAME: m19 = #attn.mask<document<ids>>,
// CHECK-SAME: m20 = #attn.mask<padding<lengths_2>>
func.func private @library() attributes {
  m00 = #attn.mask<causal>,
  m01 = #attn.mask<window<4095, 0>>,
  m02 = #attn.mask<window<left, right>>,
  m03 = #attn.mask<prefix<256>>,
  m04 = #attn.mask<prefix<n>>,
  m05 = #attn.mask<strided<8>>,
  m06 = #attn.mask<dilated<128, 2>>,
  m07 = #attn.mask<global<4>>,
  m08 = #attn.mask<global<tokens>>,
  m09 = #attn.mask<block<64>>,
  m10 = #attn.mask<chunked<8192>>,
  m11 = #attn.mask<longformer<512, 1>>,
  m12 = #attn.mask<longformer<0, 0>>,
  m13 = #attn.mask<random_blocks<64, 3, -7>>,
  m14 = #attn.mask<bigbird<64, 3, 2, 3, 0>>,
  m15 = #attn.mask<axial<32, 32, row>>,
  m16 = #attn.mask<axial<32, 32, column>>,
  m17 = #attn.mask<axial<32, 32, both>>,
  m18 = #attn.mask<neighborhood2d<56, 56, 3>>,
  m19 = #attn.mask<document<ids>>,
  m20 = #attn.mask<padding<lengths_2>>
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

// An alias in a mask stands for what it names, in parentheses where these are
// needed, and may be made of other aliases.
#local = #attn.mask<window<512, 0> or global<4>>
#past = #attn.mask<#local and causal>

// CHECK-LABEL: func private @aliases
// CHECK-SAME: m0 = #attn.mask<window<512, 0> or global<4>>,
// CHECK-SAME: m1 = #attn.mask<(window<512, 0> or global<4>) and causal>,
// CHECK-SAME: m2 = #attn.mask<not (window<512, 0> or global<4>) or block<8>>,
// CHECK-SAME: m3 = #attn.mask<((window<512, 0> or global<4>) and causal) and "k > 0">,
// CHECK-SAME: m4 = #attn.mask<causal and strided<2>>
func.func private @aliases() attributes {
  m0 = #attn.mask<#local>,
  m1 = #past,
  m2 = #attn.mask<not #local or block<8>>,
  m3 = #attn.mask<#past and "k > 0">,
  m4 = #attn.mask<#attn.mask<causal> and #attn.strided<2>>
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
