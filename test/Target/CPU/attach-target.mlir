// RUN: attn-opt %s --cpu-attach-target=target=cpu:x86-64-v3 | FileCheck %s --check-prefix=AVX2
// RUN: attn-opt %s --cpu-attach-target=target=cpu:x86-64-v4 | FileCheck %s --check-prefix=AVX512
// RUN: attn-opt %s --cpu-attach-target=target=cpu:znver4 | FileCheck %s --check-prefix=ZEN4
// RUN: attn-opt %s --cpu-attach-target=target=cpu:sapphirerapids | FileCheck %s --check-prefix=RAPIDS
// RUN: attn-opt %s --cpu-attach-target=target=cpu:x86-64-v4+avx512bf16 | FileCheck %s --check-prefix=ADDED
// RUN: attn-opt %s --cpu-attach-target=target=cpu:x86-64+avx2+fma | FileCheck %s --check-prefix=FEATURES
// RUN: attn-opt %s --cpu-attach-target=target=cpu:aarch64 | FileCheck %s --check-prefix=NEON
// RUN: attn-opt %s --cpu-attach-target=target=cpu:cortex-a76 | FileCheck %s --check-prefix=CORTEX
// RUN: attn-opt %s --cpu-attach-target=target=cpu:aarch64+fp16fml | FileCheck %s --check-prefix=NEON-FEATURES
// RUN: attn-opt %s --cpu-attach-target=target=cpu > %t.cpu
// RUN: attn-opt %s --cpu-attach-target=target=cpu:native | diff %t.cpu -
// RUN: attn-opt %s --cpu-attach-target | diff %t.cpu -
// RUN: FileCheck %s --check-prefix=NATIVE < %t.cpu
//
// The vector file follows from LLVM's features, not from names: a processor that
// is misjudged gets code that it cannot run, or half its speed. Of a machine that
// is not this one the caches are typical ones.

// AVX2: module @empty attributes {attn.target = #attn.cpu<triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v3", features = "", vector_bytes = 32, vector_registers = 16, l1_bytes = 32768, l2_bytes = 524288>}
// AVX512: cpu = "x86-64-v4", features = "", vector_bytes = 64, vector_registers = 32, l1_bytes = 32768, l2_bytes = 524288>
// ZEN4: cpu = "znver4", features = "", vector_bytes = 64, vector_registers = 32, l1_bytes = 32768, l2_bytes = 524288, products = bf16, best_products = bf16>
// RAPIDS: cpu = "sapphirerapids", features = "", vector_bytes = 64, vector_registers = 32, l1_bytes = 32768, l2_bytes = 524288, products = bf16>
// ADDED: cpu = "x86-64-v4", features = "+avx512bf16", {{.*}}, products = bf16, best_products = bf16>
// FEATURES: cpu = "x86-64", features = "+avx2,+fma", vector_bytes = 32, vector_registers = 16,
// NEON: triple = "aarch64-unknown-linux-gnu", cpu = "generic", features = "", vector_bytes = 16, vector_registers = 32, l1_bytes = 32768, l2_bytes = 524288>
// CORTEX: triple = "aarch64-unknown-linux-gnu", cpu = "cortex-a76", features = "", vector_bytes = 16, vector_registers = 32,
// NEON-FEATURES: cpu = "generic", features = "+fp16fml", vector_bytes = 16,
// This machine: some vector unit and caches of a plausible size, each from the
// same source under all three names.
// NATIVE: vector_bytes = {{16|32|64}}, vector_registers = {{16|32}}, l1_bytes = {{[0-9]+}}, l2_bytes = {{[0-9]+}}{{(, products = bf16)?(, best_products = bf16)?}}>
module @empty {}
