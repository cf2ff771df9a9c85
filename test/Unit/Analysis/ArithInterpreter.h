//===- ArithInterpreter.h - runs emitted arithmetic -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A small interpreter for straight-line code of the arith dialect on index and
// i1, on scalars and elementwise: what the analysis emits, run without a
// compiler.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_TEST_UNIT_ANALYSIS_ARITHINTERPRETER_H
#define ATTNC_TEST_UNIT_ANALYSIS_ARITHINTERPRETER_H

#include "attnc/Support/LLVM.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include "gtest/gtest.h"
#include <vector>

namespace attnc::test {

/// One value per element; scalars have one.
using Elements = std::vector<int64_t>;

/// A block with `count` arguments of `type`, and a builder at its end.
struct StraightLineCode {
  StraightLineCode(mlir::MLIRContext &context, mlir::Type type, unsigned count)
      : builder(&context), loc(builder.getUnknownLoc()) {
    for (unsigned i = 0; i < count; ++i)
      block.addArgument(type, loc);
    builder.setInsertionPointToEnd(&block);
  }
  unsigned countOps() {
    return llvm::count_if(
        block, [](Operation &op) { return !isa<mlir::arith::ConstantOp>(op); });
  }
  mlir::Block block;
  OpBuilder builder;
  Location loc;
};

/// Runs straight-line code of the arith dialect on index and i1.
class ArithInterpreter {
public:
  void set(Value value, Elements elements) {
    values[value] = std::move(elements);
  }
  const Elements &get(Value value) const { return values.find(value)->second; }
  void run(mlir::Block &block) {
    for (Operation &op : block)
      run(op);
  }

private:
  void run(Operation &op) {
    if (auto constant = dyn_cast<mlir::arith::ConstantOp>(op)) {
      set(constant, getConstant(constant));
      return;
    }
    Elements result;
    size_t size = get(op.getOperand(0)).size();
    for (size_t i = 0; i < size; ++i) {
      SmallVector<int64_t> operands;
      for (Value operand : op.getOperands())
        operands.push_back(get(operand)[i]);
      result.push_back(runOnElement(op, operands));
    }
    set(op.getResult(0), std::move(result));
  }

  static Elements getConstant(mlir::arith::ConstantOp op) {
    auto toInt = [](const llvm::APInt &value) {
      return value.getBitWidth() == 1
                 ? static_cast<int64_t>(value.getBoolValue())
                 : value.getSExtValue();
    };
    if (auto dense = dyn_cast<mlir::DenseElementsAttr>(op.getValue())) {
      Elements elements;
      for (const llvm::APInt &value : dense.getValues<llvm::APInt>())
        elements.push_back(toInt(value));
      return elements;
    }
    return {toInt(cast<mlir::IntegerAttr>(op.getValue()).getValue())};
  }

  static int64_t compare(mlir::arith::CmpIPredicate predicate, int64_t a,
                         int64_t b) {
    using mlir::arith::CmpIPredicate;
    switch (predicate) {
    case CmpIPredicate::eq:
      return a == b;
    case CmpIPredicate::ne:
      return a != b;
    case CmpIPredicate::slt:
      return a < b;
    case CmpIPredicate::sle:
      return a <= b;
    case CmpIPredicate::sgt:
      return a > b;
    case CmpIPredicate::sge:
      return a >= b;
    default:
      ADD_FAILURE() << "unsigned comparison of positions";
      return 0;
    }
  }

  static int64_t runOnElement(Operation &op, ArrayRef<int64_t> x) {
    namespace arith = mlir::arith;
    if (isa<arith::AddIOp>(op))
      return x[0] + x[1];
    if (isa<arith::SubIOp>(op))
      return x[0] - x[1];
    if (isa<arith::MulIOp>(op))
      return x[0] * x[1];
    if (isa<arith::FloorDivSIOp>(op))
      return llvm::divideFloorSigned(x[0], x[1]);
    if (isa<arith::ShRSIOp>(op))
      return x[0] >> x[1];
    if (isa<arith::AndIOp>(op))
      return x[0] & x[1];
    if (isa<arith::OrIOp>(op))
      return x[0] | x[1];
    if (isa<arith::XOrIOp>(op))
      return x[0] ^ x[1];
    if (isa<arith::MaxSIOp>(op))
      return std::max(x[0], x[1]);
    if (isa<arith::MinSIOp>(op))
      return std::min(x[0], x[1]);
    if (isa<arith::SelectOp>(op))
      return x[0] ? x[1] : x[2];
    if (auto cmp = dyn_cast<arith::CmpIOp>(op))
      return compare(cmp.getPredicate(), x[0], x[1]);
    ADD_FAILURE() << "unexpected operation "
                  << op.getName().getStringRef().str();
    return 0;
  }

  llvm::DenseMap<Value, Elements> values;
};

} // namespace attnc::test

#endif // ATTNC_TEST_UNIT_ANALYSIS_ARITHINTERPRETER_H
