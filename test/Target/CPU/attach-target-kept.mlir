// RUN: attn-opt %s --cpu-attach-target=target=cpu:x86-64-v3 | FileCheck %s
//
// Unchanged: a description that is there already, as a user writes it to compile
// for caches that the compiler cannot ask.

// CHECK: #attn.cpu<triple = "t", cpu = "mine", features = "", vector_bytes = 16, vector_registers = 32, l1_bytes = 1024, l2_bytes = 4096>
module attributes {attn.target = #attn.cpu<triple = "t", cpu = "mine",
    features = "", vector_bytes = 16, vector_registers = 32, l1_bytes = 1024,
    l2_bytes = 4096>} {}
