//===- attn-lsp-server.cpp - the language server --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `mlir-lsp-server` with this project's dialects, for editors.
//
//===----------------------------------------------------------------------===//
#include "attnc/Pipelines/Registration.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"
#include <cstdlib>

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  attnc::registerAllDialects(registry);
  bool hasFailed = mlir::failed(mlir::MlirLspServerMain(argc, argv, registry));
  return hasFailed ? EXIT_FAILURE : EXIT_SUCCESS;
}
