//===- LoopEmitter.h - parallel loops of the host as a kernel ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What stands beside tile kernels reads and writes tensors in the GPU's memory,
// too: tables that masks need made beforehand, elementwise ops, copies. Such a
// nest of parallel loops becomes a kernel with a thread for each point of it,
// the innermost loop fastest.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_TILETOGPU_LOOPEMITTER_H
#define ATTNC_LIB_CONVERSION_TILETOGPU_LOOPEMITTER_H

#include "ScalarEmitter.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace attnc::gpu {

class LoopEmitter {
public:
  static constexpr int64_t kThreads = 256;

  LoopEmitter(PtxBuilder &builder, KernelArguments &arguments,
              mlir::scf::ParallelOp loops)
      : b(builder), loops(loops),
        scalars(builder, arguments, loops, ScalarEmitter::Division::Rounded) {}

  /// Emits the body at the builder's insertion point.
  LogicalResult emit();
  /// The number of blocks, as the host computes it.
  static Value buildBlocks(mlir::ImplicitLocOpBuilder &host,
                           mlir::scf::ParallelOp loops);

private:
  PtxBuilder &b;
  mlir::scf::ParallelOp loops;
  ScalarEmitter scalars;
};

} // namespace attnc::gpu

#endif // ATTNC_LIB_CONVERSION_TILETOGPU_LOOPEMITTER_H
