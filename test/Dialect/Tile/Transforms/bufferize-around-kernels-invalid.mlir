// RUN: attn-opt %s --allow-unregistered-dialect --tile-bufferize-around-kernels --verify-diagnostics

// An op that no model bufferizes is named. Left alone it would meet the next pass
// as a tensor among memory.
func.func @unknown(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{op was not bufferized}}
  %y = "test.unknown"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
