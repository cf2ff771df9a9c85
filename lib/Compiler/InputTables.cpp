//===- InputTables.cpp - the tables that callers pass to masks ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A number is often an element of an input, cast to an index.
//
//===----------------------------------------------------------------------===//

#include "InputTables.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace attnc;
using attn::AttendOp;
using attn::IntegerTable;

static std::optional<unsigned> getInputNumber(Value value) {
  auto argument = dyn_cast<mlir::BlockArgument>(value);
  if (!argument || !isa<mlir::func::FuncOp>(argument.getOwner()->getParentOp()))
    return std::nullopt;
  return argument.getArgNumber();
}

std::optional<unsigned> InputTables::findInput(AttendOp op, StringRef name) {
  Value table = op.getTable(name);
  return table ? getInputNumber(table) : std::nullopt;
}

const HostTensor *InputTables::getInput(Value value) const {
  std::optional<unsigned> number = getInputNumber(value);
  auto input = number ? inputs.find(*number) : inputs.end();
  return input == inputs.end() ? nullptr : input->second;
}

std::optional<int64_t> InputTables::evaluate(Value scalar) const {
  llvm::APInt constant;
  if (mlir::matchPattern(scalar, mlir::m_ConstantInt(&constant)))
    return constant.getSExtValue();
  if (auto cast = scalar.getDefiningOp<mlir::arith::IndexCastOp>())
    return evaluate(cast.getIn());
  auto extract = scalar.getDefiningOp<mlir::tensor::ExtractOp>();
  const HostTensor *input = extract ? getInput(extract.getTensor()) : nullptr;
  if (!input)
    return std::nullopt;
  int64_t element = 0;
  for (auto [extent, operand] :
       llvm::zip_equal(input->getShape(), extract.getIndices())) {
    std::optional<int64_t> index = evaluate(operand);
    if (!index || *index < 0 || *index >= extent)
      return std::nullopt;
    element = element * extent + *index;
  }
  return int64_t(input->at(element));
}

std::optional<IntegerTable> InputTables::find(AttendOp op,
                                              StringRef name) const {
  Value operand = op.getTable(name);
  if (!operand)
    return std::nullopt;
  IntegerTable table;
  if (const HostTensor *input = getInput(operand)) {
    table.shape.assign(input->getShape().begin(), input->getShape().end());
    for (int64_t i = 0; i < input->getNumElements(); ++i)
      table.elements.push_back(int64_t(input->at(i)));
    return table;
  }
  if (isa<RankedTensorType>(operand.getType()))
    return std::nullopt;
  std::optional<int64_t> number = evaluate(operand);
  if (!number)
    return std::nullopt;
  table.elements.push_back(*number);
  return table;
}
