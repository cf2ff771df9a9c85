// DEFINE: %{processor} = znver4
// DEFINE: %{check} = attnc compile %s --target=cpu:%{processor} --emit=asm -o - | grep zmm > %t.s && FileCheck %s < %t.s && not grep -E 'vdpbf16ps.*%r[sb]p' %t.s
// RUN: %{check}
// REDEFINE: %{processor} = sapphirerapids
// RUN: %{check}
//
// What is left of products of pairs in the machine code, of the instructions on
// whole vectors: the loop over pairs of the head dim broadcasts eight pairs of keys
// in place, each for three products of the 24 of a block, all of registers. Nothing
// is converted or shuffled between them, and nothing is on the stack, which is what
// a spill looks like.

// CHECK:      vdpbf16ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm{{[0-9]+}}
// CHECK-NEXT: vdpbf16ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm{{[0-9]+}}
// CHECK-NEXT: vdpbf16ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm{{[0-9]+}}
// CHECK-NEXT: vbroadcastss
// CHECK-NEXT: vdpbf16ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm{{[0-9]+}}
// CHECK-NEXT: vdpbf16ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm{{[0-9]+}}
// CHECK-NEXT: vdpbf16ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm{{[0-9]+}}
// CHECK-NEXT: vbroadcastss
// CHECK-NEXT: vdpbf16ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm{{[0-9]+}}
// CHECK-NEXT: vdpbf16ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm{{[0-9]+}}
// CHECK-NEXT: vdpbf16ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm{{[0-9]+}}
// CHECK-NEXT: vbroadcastss
// CHECK-NEXT: vdpbf16ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm{{[0-9]+}}
// CHECK-NEXT: vdpbf16ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm{{[0-9]+}}
// CHECK-NEXT: vdpbf16ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm{{[0-9]+}}
// CHECK-NEXT: vbroadcastss
// CHECK-NEXT: vdpbf16ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm{{[0-9]+}}
// CHECK-NEXT: vdpbf16ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm{{[0-9]+}}
// CHECK-NEXT: vdpbf16ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm{{[0-9]+}}
// CHECK-NEXT: vbroadcastss
// CHECK-NEXT: vdpbf16ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm{{[0-9]+}}
// CHECK-NEXT: vdpbf16ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm{{[0-9]+}}
// CHECK-NEXT: vdpbf16ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm{{[0-9]+}}
// CHECK-NEXT: vbroadcastss
// CHECK-NEXT: vdpbf16ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm{{[0-9]+}}
// CHECK-NEXT: vdpbf16ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm{{[0-9]+}}
// CHECK-NEXT: vdpbf16ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm{{[0-9]+}}
// CHECK-NEXT: vbroadcastss
// CHECK-NEXT: vdpbf16ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm{{[0-9]+}}
// CHECK-NEXT: vdpbf16ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm{{[0-9]+}}
// CHECK-NEXT: vdpbf16ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm{{[0-9]+}}

// Weights are rounded by the instruction for it, two vectors to one.
// CHECK:      vcvtneps2bf16 %zmm
// CHECK:      vcvtneps2bf16 %zmm
// CHECK:      vperm{{[it]}}2w

!t = tensor<?x?x?x64xbf16>
func.func @causal(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    {attn.schedule = #attn.schedule<query_tile = 384, key_tile = 64, lanes = 48,
                                    splits = 1, products = bf16>}
    : (!t, !t, !t) -> !t
  return %o : !t
}
