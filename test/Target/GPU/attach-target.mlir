// RUN: attn-opt %s --gpu-attach-target=target=cuda:sm_90a | FileCheck %s --check-prefix=CUBIN
// RUN: attn-opt %s --gpu-attach-target=target=emulate:sm_90a | FileCheck %s --check-prefix=PTX
// RUN: attn-opt %s --gpu-attach-target=target=emulate:sm_90a | attn-opt --gpu-attach-target=target=cuda:sm_90a | FileCheck %s --check-prefix=PTX
//
// What objects hold depends on what runs them. A description that is there stays.
// CUBIN: attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448>
// PTX: attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448, image = ptx>
module {}
