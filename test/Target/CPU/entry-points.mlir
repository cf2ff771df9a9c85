// RUN: attnc %s --emit=llvm -o - | FileCheck %s
// RUN: rm -rf %t && mkdir %t
// RUN: attnc %s --emit=obj,shared,header --out-dir=%t
// RUN: llvm-nm --extern-only --defined-only %t/entry-points.o | FileCheck %s --check-prefix=SYMBOLS
// RUN: %cc -std=c99 -Wall -Wextra -Werror -I%root/include -include %t/entry-points.h %S/Inputs/call-entry-point.c %t/entry-points.so -o %t/call
// RUN: env LD_LIBRARY_PATH=%t %t/call | FileCheck %s --check-prefix=CALLS

// The signature is constant data. A static extent stands as it is, symbol n as
// -1 - n: q is [batch, heads, query_length, 8], k is [batch, kv_heads, ...].
// CHECK-DAG: @attnc.signature.attend = private {{.*}}constant { i32, i32, ptr, ptr, i32, i32, ptr, ptr } { i32 65541, i32 4, ptr @attnc.string{{.*}}, ptr @attnc.arguments{{.*}}, i32 5, i32 1, ptr @attnc.symbols{{.*}}, ptr @attnc.multiples{{.*}} }
// CHECK-DAG: constant [4 x i64] [i64 -1, i64 -2, i64 -3, i64 8]
// CHECK-DAG: constant [4 x i64] [i64 -1, i64 -4, i64 -5, i64 8]
// CHECK-DAG: constant [1 x { i32, i32, i64 }] [{ i32, i32, i64 } { i32 1, i32 3, i64 0 }]

// Nothing is computed before the tensors are checked.
// CHECK-LABEL: define{{.*}} i32 @attend(
// CHECK: %status = call i32 @attnc_rt_bind(ptr nonnull @attnc.signature.attend
// CHECK-NEXT: icmp eq i32 %status, 0

// Only the entry points are visible: two kernels may have the same helpers.
// SYMBOLS: T attend
// SYMBOLS-NEXT: T divides
// SYMBOLS-NOT: {{.}}
func.func @attend(%q: tensor<?x?x?x8xf32>, %k: tensor<?x?x?x8xf32>,
                  %v: tensor<?x?x?x8xf32>) -> tensor<?x?x?x8xf32> {
  %out = attn.attend %q, %k, %v
    : (tensor<?x?x?x8xf32>, tensor<?x?x?x8xf32>, tensor<?x?x?x8xf32>)
    -> tensor<?x?x?x8xf32>
  return %out : tensor<?x?x?x8xf32>
}

// A condition on a constant is not one that the runtime knows; the entry point
// checks it itself.
// CHECK-LABEL: define{{.*}} i32 @divides(
// CHECK: call i32 @attnc_rt_bind(
// CHECK: urem i64 6,
// CHECK: call i32 @attnc_rt_fail(i32 1,
func.func @divides(%q: tensor<1x6x?x8xf32>, %k: tensor<1x?x?x8xf32>,
                   %v: tensor<1x?x?x8xf32>) -> tensor<1x6x?x8xf32> {
  %out = attn.attend %q, %k, %v
    : (tensor<1x6x?x8xf32>, tensor<1x?x?x8xf32>, tensor<1x?x?x8xf32>)
    -> tensor<1x6x?x8xf32>
  return %out : tensor<1x6x?x8xf32>
}

// What Inputs/call-entry-point.c prints.
// CALLS: attend with 2 of 4 heads: 0
// CALLS-NEXT: every result is 1
// CALLS-NEXT: attend with 3 of 4 heads: 1, attend: argument q: dimension 1 ('heads') is 4 but must be a multiple of 'kv_heads', which is 3
// CALLS-NEXT: attend with 2 values for 5 keys: 1, attend: argument v: dimension 2 is 2 but dimension 2 of argument k is 5; both are 'kv_length'
// CALLS-NEXT: attend with head dim 7: 1, attend: argument q: dimension 3 is 7 but must be 8
// CALLS-NEXT: attend with a transposed query: 1, attend: argument q: the stride of the last dimension
// CALLS-NEXT: attend into its query: 1, attend: argument out: its memory overlaps that of argument q
// CALLS-NEXT: attend without a tensor: 1, attend: argument k: the tensor pointer is null
// CALLS-NEXT: attend of f16: 1, attend: argument q: the dtype is f16 but must be f32
// CALLS-NEXT: divides with 3 key heads: 0
// CALLS-NEXT: divides with 4 key heads: 1, divides: argument k: dimension 1 ('kv_heads') must divide 6
// CALLS-NEXT: divides with 0 key heads: 1, divides: argument k: dimension 1 ('kv_heads') must divide 6
