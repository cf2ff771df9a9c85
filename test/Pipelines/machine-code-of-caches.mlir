// DEFINE: %{type} =
// DEFINE: %{target} =
// DEFINE: %{emit} = sed 's/TYPE/%{type}/' %s > %t.mlir && attnc compile %t.mlir --target=cpu:%{target} --emit=asm -o %t.s
// DEFINE: %{prefix} =
// DEFINE: %{check} = %{emit} && not grep -E '%{scalar}' %t.s && FileCheck %s --check-prefix=%{prefix} < %t.s
//
// How numbers of 4 and 8 bits are decoded where few queries read a cache: by whole
// vectors, in registers, with no instruction that moves one lane.
// DEFINE: %{scalar} = vpinsr|vpextr|vmovmsk|vpunpck|umov|smov|ins[[:space:]]

// i4: a word of eight halves to each lane, a shift of its own for each lane, and
// back by sign: three instructions and a load for a vector.
// REDEFINE: %{type} = i4, scale<token>
// REDEFINE: %{target} = x86-64-v3
// REDEFINE: %{prefix} = I4
// RUN: %{check}
// I4-COUNT-16: vpsllvd
