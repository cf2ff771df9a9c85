// RUN: not attn-opt %s --gpu-attach-target=target=cuda 2>&1 | FileCheck %s -DTARGET=cuda
// RUN: not attn-opt %s --gpu-attach-target=target=cuda:sm_70 2>&1 | FileCheck %s -DTARGET=cuda:sm_70
// RUN: not attn-opt %s --gpu-attach-target=target=emulate: 2>&1 | FileCheck %s -DTARGET=emulate:
// RUN: not attn-opt %s --gpu-attach-target=target=cuda:compute_90a 2>&1 | FileCheck %s -DTARGET=cuda:compute_90a
// RUN: not attn-opt %s --gpu-attach-target=target=emulate:compute_80 2>&1 | FileCheck %s -DTARGET=emulate:compute_80
//
// CHECK: error: unknown target '[[TARGET]]': a GPU is cuda:<architecture> or emulate:<architecture>, of sm_80, sm_86, sm_89, sm_90a; or cuda:<PTX>, of compute_80, compute_86, compute_89
module {}
