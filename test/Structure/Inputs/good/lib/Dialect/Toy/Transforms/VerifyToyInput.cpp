// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define GEN_PASS_DEF_VERIFYTOYINPUTPASS
#include "attnc/Dialect/Toy/Transforms/Passes.h.inc"
void run(Operation *op, char separator = ',', int limit = 1'000) {
  op->emitError() << "odd";
}
