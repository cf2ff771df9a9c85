// RUN: split-file %s %t
// RUN: %python %S/Inputs/fill_definitions.py %t/tuning.json attn-opt %t/spec.mlir --attn-apply-tuning=file=%t/tuning.json
// RUN: attn-opt %t/spec.mlir --attn-apply-tuning=file=%t/tuning.json --attn-schedule --attn-verify-scheduled > %t/out 2> %t/remarks
// RUN: FileCheck %s < %t/out
// RUN: FileCheck %s --check-prefix=REMARK --implicit-check-not=remark: < %t/remarks

// Names of functions as the pipeline has them here.
// RUN: sed 's/@\([a-z_]*\)(/@attnc.kernel.\1(/' %t/spec.mlir > %t/kernels.mlir
// RUN: attn-opt %t/kernels.mlir --attn-apply-tuning=file=%t/tuning.json --attn-schedule 2> %t/remarks | FileCheck %s --check-prefix=KERNEL

// A schedule by hand is no part of the definition, nor is how ops are spelled.
// RUN: sed 's/(!t, !t, !t) -> !t/(!t, !t, !t) -> tensor<?x?x?x64xf32>/; s/%%o/%%renamed/g' %t/spec.mlir > %t/spelled.mlir
// RUN: attn-opt %t/spelled.mlir --attn-apply-tuning=file=%t/tuning.json --attn-schedule 2> %t/remarks | FileCheck %s

//--- spec.mlir
!t = tensor<?x?x?x64xf32>
module attributes {attn.target = #attn.cpu<triple = "x86_64", cpu = "x86-64-v3",
    features = "", vector_bytes = 32, vector_registers = 16, l1_bytes = 32768,
    l2_bytes = 524288>} {
  // Two ops of three: they are counted, also within regions, and the one that is
  // not named has the model's.
  // CHECK-LABEL: func @three(
  // CHECK: attn.attend
  // CHECK-SAME: attn.decode = #attn.decode<most_queries = 5, rows = 3, heads = one, key_tile = 7, keys_per_split = 9>
  // CHECK-SAME: attn.schedule = #attn.schedule<query_tile = 16, key_tile = 5, lanes = 8, splits = 1>
  // CHECK: attn.attend
  // CHECK-SAME: attn.decode = #attn.decode<most_queries = 16,
  // CHECK-SAME: attn.schedule = #attn.schedule<query_tile = 192, key_tile = 128, lanes = 24, splits = 1>
  // CHECK: attn.scan
  // CHECK-SAME: attn.schedule = #attn.schedule<query_tile = 1, key_tile = 11, lanes = 24, splits = 1>
  // KERNEL-LABEL: func @attnc.kernel.three(
  // KERNEL: query_tile = 16, key_tile = 5,
  func.func @three(%q: !t) -> (!t, !t, !t) {
    %o = attn.attend %q, %q, %q : (!t, !t, !t) -> !t
    %p = attn.attend %q, %q, %q mask(#attn.mask<causal>) : (!t, !t, !t) -> !t
    %r = attn.scan %q, %q, %q transition identity : !t, !t, !t -> !t
    return %o, %p, %r : !t, !t, !t
  }

  // A schedule alone is the whole of it, as by hand; a plan for few queries alone
  // lies beside the model's schedule.
  // CHECK-LABEL: func @one_of_both(
  // CHECK-NOT: attn.decode
  // CHECK: query_tile = 32, key_tile = 3, lanes = 16
  // CHECK: attn.decode = #attn.decode<most_queries = 1,
  // CHECK-SAME: attn.schedule = #attn.schedule<query_tile = 192,
  func.func @one_of_both(%q: !t) -> (!t, !t) {
    %o = attn.attend %q, %q, %q : (!t, !t, !t) -> !t
    %p = attn.attend %q, %q, %q : (!t, !t, !t) -> !t
    return %o, %p : !t, !t
  }

  // What was written by hand stays, and it is said.
  // CHECK-LABEL: func @by_hand(
  // CHECK-NOT: attn.decode
  // CHECK: query_tile = 8, key_tile = 8, lanes = 8
  // CHECK: attn.decode = #attn.decode<most_queries = 2,
  // CHECK-SAME: attn.schedule = #attn.schedule<query_tile = 16, key_tile = 5,
  // REMARK: remark: the op keeps the attn.schedule that it has; that of the tuning file 'tuning.json' is not used
  // REMARK: remark: the op keeps the attn.decode that it has; that of the tuning file 'tuning.json' is not used
  func.func @by_hand(%q: !t) -> (!t, !t) {
    %o = attn.attend %q, %q, %q
      {attn.schedule = #attn.schedule<query_tile = 8, key_tile = 8, lanes = 8,
                                      splits = 1>} : (!t, !t, !t) -> !t
    %p = attn.attend %q, %q, %q
      {attn.decode = #attn.decode<most_queries = 2, rows = 7, heads = one,
                                  key_tile = 5, keys_per_split = 9>}
      : (!t, !t, !t) -> !t
    return %o, %p : !t, !t
  }

  // A function that the file does not name.
  // CHECK-LABEL: func @other(
  // CHECK: attn.decode = #attn.decode<most_queries = 16,
  func.func @other(%q: !t) -> !t {
    %o = attn.attend %q, %q, %q : (!t, !t, !t) -> !t
    return %o : !t
  }
}

//--- tuning.json
{
  "version": 1,
  "target": "#attn.cpu<triple = \"x86_64\", cpu = \"x86-64-v3\", features = \"\", vector_bytes = 32, vector_registers = 16, l1_bytes = 32768, l2_bytes = 524288>",
  "functions": [
    {"function": "three", "definition": "0", "ops": [
      {"op": 2, "operation": "attn.scan",
       "schedule": "#attn.schedule<query_tile = 1, key_tile = 11, lanes = 24, splits = 1>"},
      {"op": 0, "operation": "attn.attend",
       "schedule": "#attn.schedule<query_tile = 16, key_tile = 5, lanes = 8, splits = 1>",
       "decode": "#attn.decode<most_queries = 5, rows = 3, heads = one, key_tile = 7, keys_per_split = 9>"}]},
    {"function": "one_of_both", "definition": "0", "ops": [
      {"op": 0, "operation": "attn.attend",
       "schedule": "#attn.schedule<query_tile = 32, key_tile = 3, lanes = 16, splits = 1>"},
      {"op": 1, "operation": "attn.attend",
       "decode": "#attn.decode<most_queries = 1, rows = 3, heads = one, key_tile = 7, keys_per_split = 9>"}]},
    {"function": "by_hand", "definition": "0", "ops": [
      {"op": 0, "operation": "attn.attend",
       "schedule": "#attn.schedule<query_tile = 16, key_tile = 5, lanes = 8, splits = 1>",
       "decode": "#attn.decode<most_queries = 5, rows = 3, heads = one, key_tile = 7, keys_per_split = 9>"},
      {"op": 1, "operation": "attn.attend",
       "schedule": "#attn.schedule<query_tile = 16, key_tile = 5, lanes = 8, splits = 1>",
       "decode": "#attn.decode<most_queries = 5, rows = 3, heads = one, key_tile = 7, keys_per_split = 9>"}]}
  ]
}
