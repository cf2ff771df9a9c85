//===- ExtentClasses.h - dimensions that must be equal ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A partition of the dimensions of a function's tensors into classes of equal
// extent, built by asking every op of the body what it requires.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_DIALECT_ATTN_ANALYSIS_EXTENTCLASSES_H
#define ATTNC_LIB_DIALECT_ATTN_ANALYSIS_EXTENTCLASSES_H

#include "attnc/Dialect/Attn/IR/Attn.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallBitVector.h"
#include <optional>
#include <string>

namespace attnc::attn {

/// What is known of a set of dimensions that must be equal.
struct ExtentClass {
  /// The extent, if one of the dimensions is static.
  std::optional<int64_t> constant;
  /// What the first op that named a dimension of the class called it.
  std::string meaning;
};

/// The partition, and the sink that ops report their requirements to.
class ExtentClasses : public ShapeContract {
public:
  /// Collects the requirements of every op in the body. Fails with a diagnostic
  /// if an op has none to offer, or if two constants would have to be equal.
  LogicalResult collect(mlir::func::FuncOp function);

  /// The class of a dimension, created on demand.
  unsigned getClass(Dimension dimension);
  const ExtentClass &operator[](unsigned index) {
    return classes[getRepresentative(index)];
  }
  /// The class that `index` has become a part of.
  unsigned getRepresentative(unsigned index);

  /// Pairs (multiple, divisor) of classes, in the order they were reported.
  ArrayRef<std::pair<unsigned, unsigned>> getMultiples() const {
    return multiples;
  }

  /// Calls `visit` for every dimension that has been asked about.
  void forEach(function_ref<void(Dimension, unsigned)> visit);

  // What ShapeContractOpInterface reports.
  void requireEqual(Dimension a, Dimension b, StringRef meaning) override;
  void requireMultiple(Dimension multiple, Dimension divisor) override;
  void name(Dimension dimension, StringRef meaning) override;

private:
  LogicalResult collectFrom(Operation &op);
  LogicalResult collectFromLinalg(Operation &op);
  /// What ops in the body of `op` read of tensors from outside. `loops` are
  /// dimensions that its loops run over, for each index of the body.
  LogicalResult collectFromBody(Operation &op,
                                ArrayRef<std::optional<Dimension>> loops);
  LogicalResult collectFromLookUp(mlir::tensor::ExtractOp extract,
                                  Operation &parent,
                                  ArrayRef<std::optional<Dimension>> loops);
  // Views, in ExtentsOfViews.cpp.
  LogicalResult collectFromSlice(mlir::tensor::ExtractSliceOp op);
  LogicalResult collectFromSlice(mlir::tensor::InsertSliceOp op);
  LogicalResult collectFromReshape(mlir::tensor::ExpandShapeOp op);
  LogicalResult collectFromReshape(mlir::tensor::CollapseShapeOp op);
  LogicalResult mergeSlice(mlir::OffsetSizeAndStrideOpInterface slice,
                           Value whole, Value part,
                           const llvm::SmallBitVector &dropped);
  LogicalResult mergeGroups(Operation *op, Value wide, Value narrow,
                            ArrayRef<mlir::ReassociationIndices> groups);
  /// The dimension that an extent is taken from with `tensor.dim`.
  static std::optional<Dimension> getDimension(mlir::OpFoldResult extent);
  /// The dimensions of `result` are those that its `sizes` are taken from.
  LogicalResult mergeSizes(Operation &op, Value result,
                           ArrayRef<mlir::OpFoldResult> sizes);
  void mergeAllAxes(Value a, Value b);
  void merge(Dimension a, Dimension b);

  llvm::DenseMap<std::pair<Value, int64_t>, unsigned> classOfDimension;
  /// Union-find: a class whose parent is itself is a representative.
  SmallVector<unsigned> parents;
  SmallVector<ExtentClass> classes;
  SmallVector<std::pair<unsigned, unsigned>> multiples;
  /// Two constants that were required to be equal, while collecting from one
  /// op.
  std::optional<std::pair<int64_t, int64_t>> conflict;
};

} // namespace attnc::attn

#endif // ATTNC_LIB_DIALECT_ATTN_ANALYSIS_EXTENTCLASSES_H
