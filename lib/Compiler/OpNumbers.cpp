//===- OpNumbers.cpp - following ops through passes -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The number is the metadata of a fused location of one.
//
//===----------------------------------------------------------------------===//

#include "OpNumbers.h"

#include "mlir/IR/Builders.h"

using namespace attnc;

OpNumbers::OpNumbers(ArrayRef<Operation *> ops) : ops(ops) {
  for (auto [number, op] : llvm::enumerate(ops)) {
    places.push_back(op->getLoc());
    mlir::Builder builder(op->getContext());
    op->setLoc(mlir::FusedLoc::get({op->getLoc()},
                                   builder.getIndexAttr(int64_t(number)),
                                   op->getContext()));
  }
}

OpNumbers::~OpNumbers() {
  for (auto [op, place] : llvm::zip_equal(ops, places))
    op->setLoc(place);
}

std::optional<size_t> OpNumbers::get(Operation *op) {
  auto place = dyn_cast<mlir::FusedLoc>(op->getLoc());
  auto number = place ? dyn_cast_or_null<mlir::IntegerAttr>(place.getMetadata())
                      : mlir::IntegerAttr();
  if (!number)
    return std::nullopt;
  return size_t(number.getInt());
}

std::string attnc::printLocation(Location location) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (auto place = location->findInstanceOf<mlir::FileLineColLoc>())
    stream << place.getFilename().getValue() << ':' << place.getLine() << ':'
           << place.getColumn();
  else
    stream << location;
  return text;
}
