//===- LLVM.h - upstream names used everywhere ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Imports the handful of MLIR and LLVM names that every file of attnc uses into
// the project's namespace, so that no header needs a using-directive.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_SUPPORT_LLVM_H
#define ATTNC_SUPPORT_LLVM_H

#include "mlir/Support/LLVM.h"

namespace mlir {
class AffineExpr;
class Attribute;
class Block;
class DialectRegistry;
class FloatType;
class ImplicitLocOpBuilder;
class IRMapping;
class Location;
class MemRefType;
class MLIRContext;
class ModuleOp;
class OpBuilder;
class Operation;
class OpPassManager;
class Pass;
class RankedTensorType;
class Region;
class RewritePatternSet;
class Type;
class TypeRange;
class Value;
class ValueRange;
} // namespace mlir

namespace attnc {
using llvm::ArrayRef;
using llvm::cast;
using llvm::cast_or_null;
using llvm::dyn_cast;
using llvm::dyn_cast_or_null;
using llvm::function_ref;
using llvm::isa;
using llvm::MutableArrayRef;
using llvm::raw_ostream;
using llvm::SmallVector;
using llvm::SmallVectorImpl;
using llvm::StringRef;
using llvm::Twine;

using mlir::AffineExpr;
using mlir::Attribute;
using mlir::Block;
using mlir::DialectRegistry;
using mlir::failed;
using mlir::failure;
using mlir::FailureOr;
using mlir::FloatType;
using mlir::ImplicitLocOpBuilder;
using mlir::IRMapping;
using mlir::Location;
using mlir::LogicalResult;
using mlir::MemRefType;
using mlir::MLIRContext;
using mlir::ModuleOp;
using mlir::OpBuilder;
using mlir::Operation;
using mlir::RankedTensorType;
using mlir::Region;
using mlir::succeeded;
using mlir::success;
using mlir::Type;
using mlir::TypeRange;
using mlir::Value;
using mlir::ValueRange;
} // namespace attnc

#endif // ATTNC_SUPPORT_LLVM_H
