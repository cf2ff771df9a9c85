//===- PredicateMask.cpp - a predicate as a mask attribute ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See PredicateMask.h.
//
//===----------------------------------------------------------------------===//

#include "PredicateMask.h"

using namespace attnc;
using namespace attnc::attn;
using Kind = MaskExpr::Kind;

llvm::Expected<PredicateMaskAttr>
attn::writePredicate(MLIRContext *context, const MaskExpr &predicate,
                     const MaskTerms &terms) {
  std::string text, reason;
  llvm::raw_string_ostream os(text);
  printPredicate(os, predicate, terms);
  // The verifier of the attribute knows what a text may be.
  mlir::ScopedDiagnosticHandler handler(context,
                                        [&](mlir::Diagnostic &diagnostic) {
                                          reason = diagnostic.str();
                                          return success();
                                        });
  auto emitError = [context] {
    return mlir::emitError(mlir::UnknownLoc::get(context));
  };
  auto node = PredicateMaskAttr::getChecked(
      emitError, context, mlir::StringAttr::get(context, text));
  if (!node)
    return llvm::createStringError(reason);
  return node;
}

MaskExpr attn::simplifyPredicate(const MaskExpr &predicate) {
  if (predicate.kind == Kind::Compare)
    return predicate;
  if (predicate.kind == Kind::Not) {
    MaskExpr operand = simplifyPredicate(predicate.children.front());
    for (bool value : {false, true})
      if (operand.isTruth(value))
        return MaskExpr::truth(!value);
    return MaskExpr::negation(std::move(operand));
  }
  bool isAnd = predicate.kind == Kind::And;
  std::vector<MaskExpr> operands;
  for (const MaskExpr &child : predicate.children) {
    MaskExpr operand = simplifyPredicate(child);
    if (operand.isTruth(!isAnd))
      return operand;
    if (operand.kind == predicate.kind)
      operands.insert(operands.end(), operand.children.begin(),
                      operand.children.end());
    else
      operands.push_back(std::move(operand));
  }
  if (operands.size() == 1)
    return operands.front();
  return isAnd ? MaskExpr::conjunction(std::move(operands))
               : MaskExpr::disjunction(std::move(operands));
}

TableBindings attn::bindTables(const Mask &mask, MLIRContext *context,
                               function_ref<Value(StringRef)> getTable) {
  TableBindings bindings;
  for (const MaskTerm &term : mask.terms.getTerms()) {
    auto name = mlir::StringAttr::get(context, term.getBoundName());
    if (name.empty() || llvm::is_contained(bindings.names, name))
      continue;
    bindings.names.push_back(name);
    bindings.tables.push_back(getTable(name));
  }
  return bindings;
}
