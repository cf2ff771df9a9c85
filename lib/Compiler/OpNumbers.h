//===- OpNumbers.h - following ops through passes ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Passes make other ops of those of a spec, and keep their locations. An op
// that has its number in its location can be told apart afterwards.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_COMPILER_OPNUMBERS_H
#define ATTNC_LIB_COMPILER_OPNUMBERS_H

#include "attnc/Support/LLVM.h"
#include "mlir/IR/Location.h"
#include "mlir/IR/Operation.h"
#include <optional>

namespace attnc {

/// Numbers ops for as long as it lives.
class OpNumbers {
public:
  explicit OpNumbers(ArrayRef<Operation *> ops);
  OpNumbers(const OpNumbers &) = delete;
  OpNumbers &operator=(const OpNumbers &) = delete;
  ~OpNumbers();

  /// The number of the op that a pass made `op` of.
  static std::optional<size_t> get(Operation *op);

private:
  SmallVector<Operation *> ops;
  SmallVector<Location> places;
};

/// "file:line:column" of a location.
std::string printLocation(Location location);

} // namespace attnc

#endif // ATTNC_LIB_COMPILER_OPNUMBERS_H
