//===- KernelBuilder.h - kernels of a carry ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the kernels of a sequence op have in common: their operands, the context
// in which a carry builds their bodies, and the fold over keys.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_ATTNTOTILE_KERNELBUILDER_H
#define ATTNC_LIB_CONVERSION_ATTNTOTILE_KERNELBUILDER_H

#include "attnc/Dialect/Attn/IR/Attn.h"
#include "attnc/Dialect/Tile/IR/Tile.h"

namespace attnc::attn {

/// What the kernels of one op read and write.
struct KernelOperands {
  explicit KernelOperands(VisitAnalysis &visits) : visits(visits) {}

  /// What is known of the masks of the function.
  VisitAnalysis &visits;
  /// The op's tensors, those that its regions read, and prepared ones.
  SmallVector<Value> inputs, tables, prepared;
  /// The extents of the results.
  mlir::ReifiedRankedShapedTypeDims shapes;
};

/// Builds the extents of the results in front of `op`, and what it wants
/// prepared.
FailureOr<KernelOperands> collectOperands(CarryOpInterface op, OpBuilder &b,
                                          VisitAnalysis &visits);

/// Builds the number of query heads that read one key head; 0 without heads.
Value buildGroup(OpBuilder &b, Location loc, Value heads, Value keyHeads);

/// Builds new tensors for the results. Each kernel that computes results has
/// its own: only then does bufferization put each into the memory of the
/// caller.
SmallVector<Value> createOutputs(CarryOpInterface op, OpBuilder &b,
                                 const KernelOperands &operands);

/// A kernel over `grid` with an empty body, at whose start the context's
/// builder is from then on. `extra` are inputs behind those of the op.
struct KernelShell {
  KernelShell(CarryOpInterface op, OpBuilder &b, const KernelPlan &plan,
              const KernelOperands &operands, ValueRange grid,
              ValueRange outputs, ValueRange extra = {});

  tile::KernelOp kernel;
  CarryContext context;
  /// Memory of the extra inputs and of the outputs.
  SmallVector<Value> extra, outputs;
};

/// Clips the ranges that `region` visits to the keys [begin, end).
void clipVisits(OpBuilder &b, Region &region, Value begin, Value end);

/// Builds one fold over the keys [begin, end), or over all keys if null.
FailureOr<tile::FoldOp> buildFold(CarryOpInterface op, CarryContext &context,
                                  Value begin, Value end);

/// Builds the kernels of an op with few rows: one whose instances fold
/// `keys_per_split` keys each, and one that merges their carries. Returns the
/// op's results.
FailureOr<SmallVector<Value>> buildSplitKernels(CarryOpInterface op,
                                                OpBuilder &b,
                                                const KernelOperands &operands,
                                                DecodeAttr decode);

} // namespace attnc::attn

#endif // ATTNC_LIB_CONVERSION_ATTNTOTILE_KERNELBUILDER_H
