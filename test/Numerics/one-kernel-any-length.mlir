// DEFINE: %{mask} = causal and window<40, 0>
// DEFINE: %{check} = sed 's/MASK/%{mask}/' %s > %t.mlir && attnc run %t.mlir --random --seed 5000 --check --repeat 1000 | FileCheck %s
//
// One compilation serves any length: a process compiles once and calls the kernel
// with a thousand drawn shapes, among them empty ones, single elements, and more
// queries than keys as well as fewer.
// CHECK-COUNT-1000: o reference {{.*}} ok seed

// RUN: %{check}
// REDEFINE: %{mask} = bigbird<8, 3, 1, 2, 0>
// RUN: %{check}
// REDEFINE: %{mask} = dilated<9, 4>
// RUN: %{check}
// REDEFINE: %{mask} = neighborhood2d<7, 9, 2>
// RUN: %{check}
// REDEFINE: %{mask} = axial<7, 9, both>
// RUN: %{check}

!t = tensor<?x?x?x16xf32>
func.func @f(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<MASK>) : (!t, !t, !t) -> !t
  return %o : !t
}
