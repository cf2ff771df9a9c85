// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
void attnc::registerToyPipelines() {
  PassPipelineRegistration<ToyOptions>("toy-to-llvm", "lowers toys", build);
}
