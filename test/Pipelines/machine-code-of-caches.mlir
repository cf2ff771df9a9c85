// DEFINE: %{type} = i4, scale<token>
// DEFINE: %{columns} = 64
// DEFINE: %{scales} = tensor<?x1x?xf32>
// DEFINE: %{target} = x86-64-v3
// DEFINE: %{prefix} = I4
// DEFINE: %{lanes} = vpinsr|vpextr|vpunpck|vpshuf|vmovmsk|vpgather|[us]mov|ins[[:space:]]
// DEFINE: %{check} = sed 's/TYPE/%{type}/; s/COLUMNS/%{columns}/; s/SCALES/%{scales}/' %s > %t.mlir && attnc compile %t.mlir --target=cpu:%{target} --emit=asm -o %t.s && not grep -E '%{lanes}' %t.s && FileCheck %s --check-prefix=%{prefix} < %t.s
//
// How numbers of 4 and 8 bits are decoded where one query reads a cache: whole vectors
// at a time, in registers, with no instruction that moves single lanes or bytes.

// i4: a word of eight halves goes to each lane by a load, and is shifted there and
// back: a vector takes three instructions, and as many for each of eight keys.
// RUN: %{check}
// I4:          vpbroadcastd {{-?[0-9]*}}(%{{.*}}), %ymm
// I4:          vpsllvd %ymm{{.*}}
// I4:          vpsrad $28, %ymm
// I4:          vcvtdq2ps %ymm
// I4:          vfmadd{{[0-9]+}}ps
// I4-NOT:      vpmovzxb
// I4-COUNT-56: vcvtdq2ps %ymm
// REDEFINE: %{target} = x86-64-v4
// REDEFINE: %{prefix} = WIDE
// RUN: %{check}
// WIDE:        vpsllvd %zmm
// WIDE:        vpsrad $28, %zmm
// WIDE:        vcvtdq2ps %zmm
// WIDE-NOT:    vpmovzxb
// REDEFINE: %{target} = aarch64
// REDEFINE: %{prefix} = NEON
// RUN: %{check}
// NEON:        ld1r { v{{[0-9]+}}.8h }
// NEON:        ushl v{{[0-9]+}}.4s
// NEON:        sshr v{{[0-9]+}}.4s, v{{[0-9]+}}.4s, #28
// NEON:        scvtf v{{[0-9]+}}.4s
// NEON:        fmla v{{[0-9]+}}.4s

// Scales of groups are a broadcast for four vectors, and one product for each.
// REDEFINE: %{type} = i4, scale<group = 32>
// REDEFINE: %{scales} = tensor<?x1x?x4xf32>
// REDEFINE: %{target} = x86-64-v3
// REDEFINE: %{prefix} = GROUP
// RUN: %{check}
// GROUP:       vpsrad $28, %ymm
// GROUP:       vcvtdq2ps %ymm[[V:[0-9]+]], %ymm[[F:[0-9]+]]
// GROUP:       vmulps
// GROUP:       vfmadd{{[0-9]+}}ps
// GROUP-NOT:   vpmovzxb

// f8: sixteen bytes become two vectors of halves, which one instruction widens. Their
// power of two is applied to sums: no product of a number alone is left.
// REDEFINE: %{type} = f8E4M3FN, scale<token>
// REDEFINE: %{columns} = 128
// REDEFINE: %{scales} = tensor<?x1x?xf32>
// REDEFINE: %{prefix} = F8
// RUN: %{check}
// F8:          vpmovsxbw {{-?[0-9]*}}(%{{.*}}), %ymm
// F8-NOT:      vmulps
// F8:          vcvtph2ps %xmm{{[0-9]+}}, %ymm
// F8-NOT:      vmulps
// F8:          vfmadd{{[0-9]+}}ps
!kv = !attn.kv<1x128xTYPE>
!d = tensor<?x1x?xCOLUMNSxi8>
!s = SCALES
!q = tensor<?x1x1x128xf32>
func.func @decode(%q: !q, %k: !d, %ks: !s, %v: !d, %vs: !s) -> !q {
  %kc = attn.cache %k scales(%ks) : (!d, !s) -> !kv
  %vc = attn.cache %v scales(%vs) : (!d, !s) -> !kv
  %o = attn.attend %q, %kc, %vc : (!q, !kv, !kv) -> !q
  return %o : !q
}
