// RUN: attn-opt %s --gpu-attach-target=target=cuda:sm_90a | FileCheck %s --check-prefix=CUBIN
// RUN: attn-opt %s --gpu-attach-target=target=emulate:sm_90a | FileCheck %s --check-prefix=PTX
// RUN: attn-opt %s --gpu-attach-target=target=emulate:sm_90a | attn-opt --gpu-attach-target=target=cuda:sm_90a | FileCheck %s --check-prefix=PTX
// RUN: attn-opt %s --gpu-attach-target=target=cuda:sm_80 | FileCheck %s --check-prefix=SM80
// RUN: attn-opt %s --gpu-attach-target=target=emulate:sm_86 | FileCheck %s --check-prefix=SM86
// RUN: attn-opt %s --gpu-attach-target=target=cuda:compute_89 | FileCheck %s --check-prefix=COMPUTE
//
// What objects hold depends on what runs them. A description that is there stays.
// CUBIN: attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448>
// PTX: attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448, image = ptx>
// SM80: attn.gpu = #attn.gpu<arch = "sm_80", shared_bytes = 166912, products = warp, copies = chunks>
// SM86: attn.gpu = #attn.gpu<arch = "sm_86", shared_bytes = 101376, image = ptx, products = warp, copies = chunks>
// COMPUTE: attn.gpu = #attn.gpu<arch = "sm_89", shared_bytes = 101376, image = ptx, products = warp, copies = chunks>
module {}
