// RUN: attnc compile %s --target=cpu:znver4 --emit=asm -o %t.zen4.s
// RUN: FileCheck %s < %t.zen4.s
// RUN: attnc compile %s --target=cpu:sapphirerapids --emit=asm -o %t.spr.s
// RUN: FileCheck %s < %t.spr.s
//
// What is left of products of pairs in the machine code: between two jumps there
// are the 24 of a block, for the scores and for the outputs, and eight broadcasts
// of pairs in place. No operand of theirs is on the stack, which is what a spill
// looks like, and nothing is converted or shuffled between them.

// CHECK:          {{^}}.LBB{{[0-9_]+}}:
// CHECK-COUNT-24: {{^[[:space:]]*(vdpbf16ps|vbroadcastss|vmovups|vmovaps|vpbroadcastd|vmovdqu64)}}
