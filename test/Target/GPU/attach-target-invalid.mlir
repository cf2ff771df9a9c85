// RUN: not attn-opt %s --gpu-attach-target=target=cuda 2>&1 | FileCheck %s -DTARGET=cuda
// RUN: not attn-opt %s --gpu-attach-target=target=cuda:sm_70 2>&1 | FileCheck %s -DTARGET=cuda:sm_70
// RUN: not attn-opt %s --gpu-attach-target=target=emulate: 2>&1 | FileCheck %s -DTARGET=emulate:
//
// CHECK: error: unknown target '[[TARGET]]': a GPU is cuda:<architecture> or emulate:<architecture>, of sm_90a
module {}
