// RUN: not attn-opt %s --cpu-attach-target=target=gpu 2>&1 | FileCheck %s -DTARGET=gpu
// RUN: not attn-opt %s --cpu-attach-target=target=cpux 2>&1 | FileCheck %s -DTARGET=cpux
// RUN: not attn-opt %s --cpu-attach-target=target=cpu: 2>&1 | FileCheck %s -DTARGET=cpu:
// RUN: not attn-opt %s --cpu-attach-target=target=cpu:no-such-processor 2>&1 | FileCheck %s -DTARGET=cpu:no-such-processor
// RUN: not attn-opt %s --cpu-attach-target=target=reference 2>&1 | FileCheck %s -DTARGET=reference
//
// A name that is not understood is never taken for another one: the message says
// what may be written instead.
// CHECK: error: unknown target '[[TARGET]]'; use cpu, cpu:native, cpu:<processor> with a processor name of LLVM such as x86-64-v3, x86-64-v4, znver4 or cortex-a76, cpu:aarch64[+feature...], or reference
//
// A processor without vectors is refused: there is no scalar path.
// RUN: not attn-opt %s --cpu-attach-target=target=cpu:x86-64 2>&1 | FileCheck %s --check-prefix=SCALAR -DTARGET=cpu:x86-64
// AVX2 without FMA has half of what is needed.
// RUN: not attn-opt %s --cpu-attach-target=target=cpu:x86-64+avx2 2>&1 | FileCheck %s --check-prefix=SCALAR -DTARGET=cpu:x86-64+avx2
// RUN: not attn-opt %s --cpu-attach-target=target=cpu:aarch64+-neon 2>&1 | FileCheck %s --check-prefix=UNUSABLE
// SCALAR: error: target '[[TARGET]]' has no vector unit that attnc uses; it needs AVX2 with FMA, AVX-512 (F and VL) or NEON
// UNUSABLE: error: {{.*}}cpu:aarch64+-neon
module {}
