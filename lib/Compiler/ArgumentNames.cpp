//===- ArgumentNames.cpp - names of arguments from the text ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The parser keeps, on request, where in the text each value is defined.
//
//===----------------------------------------------------------------------===//

#include "ArgumentNames.h"

#include "attnc/Dialect/Attn/IR/Attn.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringExtras.h"

using namespace attnc;
using attn::kArgumentNameAttrName;
using mlir::func::FuncOp;

namespace {

/// The identifier at a source range, without its '%'; empty for numbers.
StringRef getIdentifier(llvm::SMRange range) {
  if (!range.isValid())
    return "";
  StringRef text(range.Start.getPointer(),
                 range.End.getPointer() - range.Start.getPointer());
  text.consume_front("%");
  text = text.take_while(
      [](char c) { return llvm::isAlnum(c) || StringRef("_$.-").contains(c); });
  return llvm::all_of(text, llvm::isDigit) ? StringRef() : text;
}

std::string getArgumentName(Block &block, unsigned number,
                            const mlir::AsmParserState &source) {
  const auto *definition = source.getBlockDef(&block);
  if (!definition || number >= definition->arguments.size())
    return "";
  return getIdentifier(definition->arguments[number].loc).str();
}

std::string getValueName(Value value, const mlir::AsmParserState &source) {
  auto result = dyn_cast<mlir::OpResult>(value);
  if (!result)
    return "";
  const auto *definition = source.getOpDef(result.getOwner());
  if (!definition)
    return "";
  ArrayRef<mlir::AsmParserState::OperationDefinition::ResultGroupDefinition>
      groups = definition->resultGroups;
  for (auto [position, group] : llvm::enumerate(groups)) {
    unsigned begin = group.startIndex;
    unsigned end = position + 1 < groups.size()
                       ? groups[position + 1].startIndex
                       : result.getOwner()->getNumResults();
    unsigned number = result.getResultNumber();
    if (number < begin || number >= end)
      continue;
    std::string name = getIdentifier(group.definition.loc).str();
    // `%o:2` names two values.
    if (!name.empty() && end - begin > 1)
      name += "_" + std::to_string(number - begin);
    return name;
  }
  return "";
}

void nameArguments(FuncOp function, const mlir::AsmParserState &source) {
  mlir::Builder builder(function.getContext());
  Block &block = function.front();
  for (unsigned i = 0, e = function.getNumArguments(); i < e; ++i) {
    std::string name = getArgumentName(block, i, source);
    if (!name.empty() && !function.getArgAttr(i, kArgumentNameAttrName))
      function.setArgAttr(i, kArgumentNameAttrName,
                          builder.getStringAttr(name));
  }
  auto terminator = dyn_cast<mlir::func::ReturnOp>(block.getTerminator());
  if (!terminator)
    return;
  for (auto [i, value] : llvm::enumerate(terminator.getOperands())) {
    std::string name = getValueName(value, source);
    if (!name.empty() && !function.getResultAttr(i, kArgumentNameAttrName))
      function.setResultAttr(i, kArgumentNameAttrName,
                             builder.getStringAttr(name));
  }
}

} // namespace

void attnc::nameArguments(ModuleOp module, const mlir::AsmParserState &source) {
  for (FuncOp function : module.getOps<FuncOp>())
    if (function.getBody().hasOneBlock())
      ::nameArguments(function, source);
}
