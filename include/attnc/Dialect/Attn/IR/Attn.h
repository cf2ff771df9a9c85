//===- Attn.h - the attn dialect --------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Everything ODS generates for the attn dialect, in the order it needs. The
// language itself is documented in dialects/Attn.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_DIALECT_ATTN_IR_ATTN_H
#define ATTNC_DIALECT_ATTN_IR_ATTN_H

#include "attnc/Analysis/MaskSet.h"
#include "attnc/Dialect/Attn/IR/ShapeContract.h"
#include "attnc/Support/LLVM.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "attnc/Dialect/Attn/IR/AttnDialect.h.inc"

#include "attnc/Dialect/Attn/IR/AttnEnums.h.inc"

#include "attnc/Dialect/Attn/IR/AttnAttrInterfaces.h.inc"

#define GET_ATTRDEF_CLASSES
#include "attnc/Dialect/Attn/IR/AttnAttrs.h.inc"

#define GET_TYPEDEF_CLASSES
#include "attnc/Dialect/Attn/IR/AttnTypes.h.inc"

#include "attnc/Dialect/Attn/IR/Carry.h"

#include "attnc/Dialect/Attn/IR/AttnOpInterfaces.h.inc"

#define GET_OP_CLASSES
#include "attnc/Dialect/Attn/IR/Attn.h.inc"

namespace attnc::attn {

/// Name of the discardable attribute that holds an op's ScheduleAttr.
inline constexpr StringRef kScheduleAttrName = "attn.schedule";
/// Name of the discardable attribute that holds an op's DecodeAttr.
inline constexpr StringRef kDecodeAttrName = "attn.decode";
/// Name of the discardable attribute that holds an op's RecurrentAttr.
inline constexpr StringRef kRecurrentAttrName = "attn.recurrent";
/// What the name of a public function begins with once results are memory.
inline constexpr StringRef kKernelNamePrefix = "attnc.kernel.";
/// Name of the module attribute that holds the target description.
inline constexpr StringRef kTargetAttrName = "attn.target";
/// Name of the module attribute that describes the GPU, where there is one.
inline constexpr StringRef kGpuTargetAttrName = "attn.gpu";
/// Name of the argument and result attribute that holds an entry point's
/// argument name.
inline constexpr StringRef kArgumentNameAttrName = "attn.name";

/// The tensor that the keys or values of an op are to it: itself, or what
/// reading the cache gives.
RankedTensorType getStreamType(Value stream);

/// Fails if an operand of `op` is a cache: from schedules on, ops have what is
/// read from caches.
LogicalResult verifyReadsTensors(Operation *op);

/// The extent of a tensor along an axis. That of what a cache is read as comes
/// from the cache, so that nothing is read for it.
Value buildExtent(OpBuilder &builder, Location loc, Value tensor, int64_t axis);

/// The rows that a strip of a fold over query rows has on `target`: three
/// vectors. With the rows of the other operand that fit beside them (4 of 16
/// registers, 8 of 32), the product loop has more arithmetic than loads and
/// enough independent accumulators to hide its latency.
inline int64_t getRowLanes(CpuTargetAttr target) {
  return 3 * target.getVectorBytes() / 4;
}

} // namespace attnc::attn

#endif // ATTNC_DIALECT_ATTN_IR_ATTN_H
