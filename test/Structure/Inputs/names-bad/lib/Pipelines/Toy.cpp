// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
static PassPipelineRegistration<> registration("toy-to-llvm", "text", build);
