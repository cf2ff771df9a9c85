// RUN: attn-opt %s --gpu-assemble-kernels --split-input-file --verify-diagnostics

// expected-error @below {{'gpu.module' op is in a module without an attn.gpu; run gpu-attach-target first}}
gpu.module @p {
}

// -----

module attributes {attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 232448, image = ptx>} {
  // expected-error @below {{'gpu.module' op has no image beside it; convert-tile-to-gpu declares one}}
  gpu.module @p {
  }
}
