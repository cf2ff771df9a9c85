//===- RaiseMasksTest.cpp - where regions mean what their masks mean ------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Random programs as where regions. At every point of a small range, what a
// region says before it is raised, by upstream's constant folders, is what the
// mask and the rest of the region say after it.
//
//===----------------------------------------------------------------------===//

#include "attnc/Dialect/Attn/IR/Attn.h"
#include "attnc/Dialect/Attn/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "gtest/gtest.h"
#include <random>

using namespace attnc;
using namespace attnc::attn;

namespace {

/// Values of a program, as upstream's folders compute them.
class Evaluator {
public:
  void set(Value value, int64_t number) {
    known[value] = mlir::IntegerAttr::get(value.getType(), number);
  }

  /// The value of an integer that `block` or what is before it computes.
  int64_t get(Value value) {
    auto attr = cast<mlir::IntegerAttr>(getAttr(value));
    return value.getType().isInteger(1)
               ? int64_t(attr.getValue().getBoolValue())
               : attr.getValue().getSExtValue();
  }

private:
  Attribute getAttr(Value value) {
    auto found = known.find(value);
    if (found != known.end())
      return found->second;
    Operation *op = value.getDefiningOp();
    SmallVector<Attribute> operands;
    for (Value operand : op->getOperands())
      operands.push_back(getAttr(operand));
    SmallVector<mlir::OpFoldResult> results;
    if (failed(op->fold(operands, results)) || results.empty()) {
      ADD_FAILURE() << "not folded: " << op->getName().getStringRef().str();
      return known[value] = mlir::IntegerAttr::get(value.getType(), 0);
    }
    Attribute attr = dyn_cast<Attribute>(results.front());
    if (!attr)
      attr = getAttr(cast<Value>(results.front()));
    return known[value] = attr;
  }

  llvm::DenseMap<Value, Attribute> known;
};

/// A random program over b, h, q, k and a number n from outside.
class Program {
public:
  explicit Program(unsigned seed) : generator(seed) {
    for (int64_t number : {0, 1, 2, 3, 4, 7, 8, 16, -5})
      integers.push_back(
          add("arith.constant " + std::to_string(number) + " : index"));
    constants = integers;
    for (const char *position : {"%b", "%h", "%q", "%k", "%q", "%k", "%n"})
      integers.push_back(position);
    for (unsigned i = 0; i < 6; ++i)
      integers.push_back(addInteger());
    for (unsigned i = 0; i < 3; ++i)
      truths.push_back(addComparison());
    for (unsigned i = 0; i < 3; ++i)
      truths.push_back(addTruth());
    add("arith.andi " + truths[truths.size() - 1] + ", " +
        truths[truths.size() - 2] + " : i1");
  }

  std::string getText() const {
    return "func.func @f(%a: tensor<1x4x?x16xf32>, %n: index) {\n"
           "attn.attend %a, %a, %a where {\n"
           "^bb0(%b: index, %h: index, %q: index, %k: index):\n" +
           text + "attn.yield %" + std::to_string(next - 1) +
           " : i1\n} : (tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, "
           "tensor<1x4x?x16xf32>) -> tensor<1x4x?x16xf32>\nreturn\n}\n";
  }

private:
  std::string add(const std::string &op) {
    std::string name = "%" + std::to_string(next++);
    text += name + " = " + op + "\n";
    return name;
  }
  template <typename T>
  const T &pick(const std::vector<T> &from) {
    return from[generator() % from.size()];
  }
  /// A constant above 0.
  std::string pickDivisor() { return constants[1 + generator() % 7]; }

  std::string addInteger() {
    static const std::vector<std::string> ofTwo = {"addi", "subi", "subi",
                                                   "minsi", "maxsi"};
    static const std::vector<std::string> ofConstant = {
        "muli",  "floordivsi", "ceildivsi", "divsi", "remsi",
        "divui", "remui",      "ceildivui", "minsi"};
    std::string left = pick(integers);
    switch (generator() % 8) {
    case 0:
      return add("math.absi " + left + " : index");
    case 1:
      return add("arith.select " + addComparison() + ", " + left + ", " +
                 pick(integers) + " : index");
    case 2:
      // 1 is 2^1 - 1, 3 is 2^2 - 1, 7 is 2^3 - 1.
      return add("arith.andi " + left + ", " +
                 pick(std::vector<std::string>{constants[1], constants[3],
                                               constants[5]}) +
                 " : index");
    case 3:
      return add(
          "arith." + pick(std::vector<std::string>{"shli", "shrsi", "shrui"}) +
          " " + left + ", " + constants[1 + generator() % 3] + " : index");
    case 4:
    case 5:
      return add("arith." + pick(ofTwo) + " " + left + ", " + pick(integers) +
                 " : index");
    default:
      return add("arith." + pick(ofConstant) + " " + left + ", " +
                 pickDivisor() + " : index");
    }
  }
  std::string addComparison() {
    static const std::vector<std::string> predicates = {
        "eq", "ne", "slt", "sle", "sgt", "sge", "ult", "ule", "ugt", "uge"};
    return add("arith.cmpi " + pick(predicates) + ", " + pick(integers) + ", " +
               pick(integers) + " : index");
  }
  std::string addTruth() {
    static const std::vector<std::string> ops = {"andi", "ori", "xori"};
    if (generator() % 4 == 0)
      return add("arith.select " + pick(truths) + ", " + pick(truths) + ", " +
                 pick(truths) + " : i1");
    return add("arith." + pick(ops) + " " + pick(truths) + ", " + pick(truths) +
               " : i1");
  }

  std::minstd_rand generator;
  std::string text;
  unsigned next = 0;
  std::vector<std::string> integers, constants, truths;
};

class RaiseMasksTest : public ::testing::Test {
protected:
  RaiseMasksTest() {
    context.loadDialect<AttnDialect, mlir::arith::ArithDialect,
                        mlir::func::FuncDialect, mlir::math::MathDialect,
                        mlir::tensor::TensorDialect>();
  }

  /// The op of the only function.
  static AttendOp getAttend(ModuleOp module) {
    auto function = *module.getOps<mlir::func::FuncOp>().begin();
    return *function.getOps<AttendOp>().begin();
  }

  /// What the where region yields.
  static bool evaluateRegion(AttendOp op, Evaluator evaluator,
                             ArrayRef<int64_t> point) {
    if (op.getWhere().empty())
      return true;
    Block &block = op.getWhere().front();
    for (auto [argument, value] : llvm::zip_equal(block.getArguments(), point))
      evaluator.set(argument, value);
    return evaluator.get(block.getTerminator()->getOperand(0)) != 0;
  }

  /// The number that a term of the mask has.
  static int64_t readTerm(AttendOp op, const MaskTerm &term,
                          Evaluator evaluator, ArrayRef<int64_t> point) {
    Value table = op.getTable(term.table);
    auto generate = table.getDefiningOp<mlir::tensor::GenerateOp>();
    if (!generate)
      return evaluator.get(table);
    Block &block = generate.getBody().front();
    for (auto [argument, index] :
         llvm::zip_equal(block.getArguments(), term.indices))
      evaluator.set(argument, evaluateAffine(index, point));
    return evaluator.get(block.getTerminator()->getOperand(0));
  }

  static bool evaluate(AttendOp op, int64_t n, ArrayRef<int64_t> point) {
    Evaluator evaluator;
    evaluator.set(op->getParentOfType<mlir::func::FuncOp>().getArgument(1), n);
    if (!evaluateRegion(op, evaluator, point))
      return false;
    Mask mask = op.getEffectiveMask();
    SmallVector<int64_t> values(point);
    for (const MaskTerm &term : mask.terms.getTerms())
      values.push_back(readTerm(op, term, evaluator, point));
    return mask.predicate.evaluate(values);
  }

  /// Compares the program with what becomes of it; returns whether all of it
  /// was raised.
  bool check(const std::string &text) {
    mlir::ScopedDiagnosticHandler silent(
        &context, [](mlir::Diagnostic &diagnostic) {
          return success(diagnostic.getSeverity() ==
                         mlir::DiagnosticSeverity::Remark);
        });
    auto before = mlir::parseSourceString<ModuleOp>(text, &context);
    mlir::OwningOpRef<ModuleOp> after(before->clone());
    mlir::PassManager passes(&context);
    passes.addNestedPass<mlir::func::FuncOp>(createRaiseMasksPass());
    if (failed(passes.run(*after))) {
      ADD_FAILURE() << "the pass failed on\n" << text;
      return false;
    }
    AttendOp region = getAttend(*before);
    AttendOp mask = getAttend(*after);
    for (int64_t n : {-3, 5})
      for (int64_t h : {0, 3})
        for (int64_t q = -9; q < 20; ++q)
          for (int64_t k = 0; k < 20; ++k)
            if (evaluate(region, n, {0, h, q, k}) !=
                evaluate(mask, n, {0, h, q, k})) {
              std::string raised;
              llvm::raw_string_ostream(raised) << *mask;
              ADD_FAILURE()
                  << "n=" << n << " h=" << h << " q=" << q << " k=" << k << "\n"
                  << text << raised;
              return false;
            }
    return mask.getWhere().empty();
  }

  MLIRContext context;
};

TEST_F(RaiseMasksTest, RandomProgramsMeanTheSame) {
  unsigned raised = 0;
  constexpr unsigned kPrograms = 200;
  for (unsigned seed = 1; seed <= kPrograms && !HasFailure(); ++seed)
    raised += check(Program(seed).getText());
  // Else the test says nothing about masks.
  EXPECT_GT(raised, kPrograms / 3);
  EXPECT_LT(raised, kPrograms);
}

/// What is written many times over must not be multiplied out.
TEST_F(RaiseMasksTest, LargeProgramsEnd) {
  std::string ops = "%x0 = arith.cmpi sle, %k, %q : index\n"
                    "%i0 = arith.minsi %k, %q : index\n";
  for (unsigned i = 0; i < 400; ++i) {
    std::string from = std::to_string(i), to = std::to_string(i + 1);
    ops += "%x" + to + " = arith.xori %x" + from + ", %x" + from + " : i1\n" +
           "%s" + to + " = arith.select %x" + to + ", %i" + from +
           ", %q : index\n" + "%i" + to + " = arith.addi %s" + to + ", %i" +
           from + " : index\n";
  }
  std::string text =
      "func.func @f(%a: tensor<1x4x?x16xf32>, %n: index) {\n"
      "attn.attend %a, %a, %a where {\n"
      "^bb0(%b: index, %h: index, %q: index, %k: index):\n" +
      ops +
      "%y = arith.cmpi eq, %i400, %k : index\n"
      "%z = arith.andi %y, %x400 : i1\n"
      "attn.yield %z : i1\n} : (tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, "
      "tensor<1x4x?x16xf32>) -> tensor<1x4x?x16xf32>\nreturn\n}\n";
  mlir::ScopedDiagnosticHandler silent(
      &context, [](mlir::Diagnostic &) { return success(); });
  auto module = mlir::parseSourceString<ModuleOp>(text, &context);
  mlir::PassManager passes(&context);
  passes.addNestedPass<mlir::func::FuncOp>(createRaiseMasksPass());
  EXPECT_TRUE(succeeded(passes.run(*module)));
  EXPECT_FALSE(getAttend(*module).getWhere().empty());
}

} // namespace
