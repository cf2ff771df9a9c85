//===- DescriptionNote.cpp - an object says what is in it -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The note is a constant of the module: whatever assembles it makes the same
// section, which LLVM takes for a note because of its name.
//
//===----------------------------------------------------------------------===//

#include "attnc/Support/DescriptionNote.h"

#include "attnc/Compiler/Artifacts.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace attnc;

/// A note's parts are aligned to four bytes.
static constexpr unsigned kNoteAlignment = 4;

/// The bytes of a part and zeros up to its alignment.
static llvm::Constant *getPart(llvm::LLVMContext &context, StringRef bytes) {
  std::string padded = bytes.str();
  padded.resize(llvm::alignTo(padded.size(), kNoteAlignment), '\0');
  return llvm::ConstantDataArray::getString(context, padded, /*AddNull=*/false);
}

void attnc::embedDescription(llvm::Module &module, StringRef manifest) {
  llvm::LLVMContext &context = module.getContext();
  auto word = [&](uint64_t value) {
    return llvm::ConstantInt::get(llvm::Type::getInt32Ty(context), value);
  };
  // The owner's NUL belongs to it.
  std::string owner = kDescriptionOwner.str() + '\0';
  llvm::Constant *note = llvm::ConstantStruct::getAnon(
      {word(owner.size()), word(manifest.size()), word(kDescriptionType),
       getPart(context, owner), getPart(context, manifest)},
      /*Packed=*/true);
  auto *global = new llvm::GlobalVariable(
      module, note->getType(), /*isConstant=*/true,
      llvm::GlobalValue::PrivateLinkage, note, "attnc.description");
  global->setSection(kDescriptionSection);
  global->setAlignment(llvm::Align(kNoteAlignment));
  llvm::appendToCompilerUsed(module, {global});
}
