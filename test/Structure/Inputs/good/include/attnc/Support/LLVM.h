// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// No "using namespace mlir" here.
namespace attnc {
using mlir::Operation;
}
