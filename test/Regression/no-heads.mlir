// A call without heads divided by their number, and the process ended.
// RUN: attnc run %s --entry=attend --random --check --dims q=2x0x1x16 --dims k=2x0x5x16 --dims v=2x0x5x16 | FileCheck %s
// RUN: attnc run %s --entry=attend --random --check --dims q=2x0x40x16 --dims k=2x0x40x16 --dims v=2x0x40x16 | FileCheck %s
// RUN: attnc run %s --entry=scan --random --check --dims q=2x0x3x16 --dims k=2x0x3x16 --dims v=2x0x3x16 | FileCheck %s
// RUN: attnc run %s --entry=scan --random --check --dims q=2x0x40x16 --dims k=2x0x40x16 --dims v=2x0x40x16 | FileCheck %s
// CHECK: reference {{.*}} ok

!t = tensor<?x?x?x16xf32>
func.func @attend(%q: !t, %k: !t, %v: !t) -> !t {
  %out = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!t, !t, !t) -> !t
  return %out : !t
}
func.func @scan(%q: !t, %k: !t, %v: !t) -> !t {
  %out = attn.scan %q, %k, %v transition identity : !t, !t, !t -> !t
  return %out : !t
}
