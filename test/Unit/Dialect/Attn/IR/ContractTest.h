//===- ContractTest.h - reads an op's shape contract ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A fixture that parses a module and lists what an op in it requires of the
// extents of its operands and results.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_TEST_UNIT_DIALECT_ATTN_IR_CONTRACTTEST_H
#define ATTNC_TEST_UNIT_DIALECT_ATTN_IR_CONTRACTTEST_H

#include "attnc/Dialect/Attn/IR/Attn.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"

#include "gtest/gtest.h"

namespace attnc::attn {

/// Writes requirements down as `arg0:1`, argument 0's axis 1, or `res1:0`.
class Recorder : public ShapeContract {
public:
  void requireEqual(Dimension a, Dimension b, StringRef meaning) override {
    lines.push_back(print(a) + " == " + print(b) + " " + meaning.str());
  }
  void requireMultiple(Dimension multiple, Dimension divisor) override {
    lines.push_back(print(multiple) + " % " + print(divisor));
  }
  void name(Dimension dimension, StringRef meaning) override {
    lines.push_back(print(dimension) + " is " + meaning.str());
  }

  std::vector<std::string> lines;

private:
  static std::string print(Dimension dimension) {
    bool isArgument = isa<mlir::BlockArgument>(dimension.tensor);
    unsigned number =
        isArgument ? cast<mlir::BlockArgument>(dimension.tensor).getArgNumber()
                   : cast<mlir::OpResult>(dimension.tensor).getResultNumber();
    return (isArgument ? "arg" : "res") + std::to_string(number) + ":" +
           std::to_string(dimension.axis);
  }
};

class ContractTest : public ::testing::Test {
protected:
  ContractTest() {
    context.loadDialect<AttnDialect, mlir::func::FuncDialect>();
  }

  /// The only op of type Op in the module.
  template <typename Op>
  Op parse(const std::string &text) {
    module = mlir::parseSourceString<ModuleOp>(text, &context);
    Op found;
    if (module)
      module->walk([&](Op op) { found = op; });
    return found;
  }

  template <typename Op>
  std::vector<std::string> getContract(Op op) {
    Recorder recorder;
    op.getShapeContract(recorder);
    return recorder.lines;
  }

  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  mlir::OwningOpRef<ModuleOp> module;
};

} // namespace attnc::attn

#endif // ATTNC_TEST_UNIT_DIALECT_ATTN_IR_CONTRACTTEST_H
