//===- Spec.cpp - a parsed and verified spec ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The order matters: the text is checked before it is parsed, sizes of types
// before anything verifies (verifiers multiply extents), then what the dialects
// require, and last what the compiler accepts.
//
//===----------------------------------------------------------------------===//

#include "attnc/Compiler/Spec.h"

#include "ArgumentNames.h"
#include "attnc/Compiler/Failure.h"
#include "attnc/Compiler/SourceText.h"
#include "attnc/Dialect/Attn/Transforms/Passes.h"
#include "attnc/Pipelines/Pipelines.h"
#include "attnc/Pipelines/Registration.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Bytecode/BytecodeReader.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"

using namespace attnc;
using attn::FunctionSignature;
using mlir::func::FuncOp;

static mlir::DialectRegistry getRegistry() {
  mlir::DialectRegistry registry;
  registerAllDialects(registry);
  return registry;
}

Spec::Spec(DiagnosticReceiver receiver)
    : context(getRegistry(), MLIRContext::Threading::DISABLED),
      diagnostics(sources, &context) {
  // The handler registered last comes first, and what it takes ends there.
  if (receiver)
    context.getDiagEngine().registerHandler(
        [receiver = std::move(receiver)](mlir::Diagnostic &diagnostic) {
          receiver(diagnostic);
          return success();
        });
  // The operation in its generic form, pages of it, helps nobody here.
  context.printOpOnDiagnostic(false);
  // attn-verify-input refuses unknown ops, and tells what a spec may hold; the
  // parser would recommend an option of another tool.
  context.allowUnregisteredDialects();
}

std::string attnc::getFileName(StringRef text) {
  std::string name;
  for (char c : text)
    name += llvm::isAlnum(c) || c == '-' || c == '.' ? c : '_';
  if (name.empty() || name.front() == '.' || name.front() == '-')
    name.insert(0, "_");
  return name;
}

llvm::Error Spec::parse() {
  mlir::ParserConfig config(&context, /*verifyAfterParse=*/false);
  mlir::AsmParserState state;
  module = ModuleOp::create(mlir::UnknownLoc::get(&context));
  llvm::MemoryBufferRef text =
      sources.getMemoryBuffer(sources.getMainFileID())->getMemBufferRef();
  // Bytecode has no names of values.
  if (failed(mlir::isBytecode(text)
                 ? mlir::readBytecodeFile(text, module->getBody(), config)
                 : mlir::parseAsmSourceFile(sources, module->getBody(), config,
                                            &state)))
    return failAfterDiagnostic();
  // A file may hold one explicit module; it is then the only operation.
  Block &top = *module->getBody();
  if (llvm::hasSingleElement(top))
    if (auto inner = dyn_cast<ModuleOp>(top.front())) {
      inner->remove();
      module = inner;
    }
  if (failed(checkTypeSizes(*module)))
    return failAfterDiagnostic(ExitCode::ResourceLimit);
  if (failed(mlir::verify(*module)))
    return failAfterDiagnostic();
  nameArguments(*module, state);
  mlir::PassManager passes(&context);
  buildPipeline(passes, {}, Stage::Attn);
  if (failed(passes.run(*module)))
    return failAfterDiagnostic();
  return llvm::Error::success();
}

llvm::Error Spec::collectSignatures() {
  for (FuncOp function : module->getOps<FuncOp>()) {
    if (function.isPrivate())
      continue;
    FailureOr<FunctionSignature> signature = FunctionSignature::get(function);
    if (failed(signature))
      return failAfterDiagnostic();
    signatures.push_back(std::move(*signature));
  }
  if (signatures.empty())
    return fail(
        ExitCode::Diagnosed,
        "'" + path +
            "' has no public function; a spec is a func.func on tensors");
  return llvm::Error::success();
}

void Spec::raiseMasks(const FunctionSignature &signature) {
  mlir::ScopedDiagnosticHandler silent(
      &context, [](mlir::Diagnostic &) { return success(); });
  mlir::PassManager passes(&context, FuncOp::getOperationName());
  passes.addPass(attn::createRaiseMasksPass());
  (void)passes.run(getFunction(signature));
}

llvm::Expected<std::unique_ptr<Spec>>
Spec::create(std::unique_ptr<llvm::MemoryBuffer> text,
             DiagnosticReceiver receiver) {
  std::unique_ptr<Spec> spec(new Spec(std::move(receiver)));
  spec->path = text->getBufferIdentifier().str();
  spec->name = spec->path == "<stdin>"
                   ? "stdin"
                   : getFileName(llvm::sys::path::stem(spec->path));
  spec->digest = llvm::toHex(
      llvm::SHA256::hash(llvm::arrayRefFromStringRef(text->getBuffer())),
      /*LowerCase=*/true);
  spec->sources.AddNewSourceBuffer(std::move(text), llvm::SMLoc());
  if (llvm::Error error = spec->parse())
    return std::move(error);
  if (llvm::Error error = spec->collectSignatures())
    return std::move(error);
  return spec;
}

llvm::Expected<std::unique_ptr<Spec>> Spec::load(StringRef path) {
  auto text = readSourceText(path);
  if (!text)
    return text.takeError();
  return create(std::move(*text), {});
}

llvm::Expected<std::unique_ptr<Spec>> Spec::read(StringRef text, StringRef path,
                                                 DiagnosticReceiver receiver) {
  auto copy = copySourceText(text, path);
  if (!copy)
    return copy.takeError();
  return create(std::move(*copy), std::move(receiver));
}

llvm::Expected<std::unique_ptr<Spec>>
Spec::readBytecode(StringRef bytes, StringRef path,
                   DiagnosticReceiver receiver) {
  auto copy = copyBytecode(bytes, path);
  if (!copy)
    return copy.takeError();
  return create(std::move(*copy), std::move(receiver));
}

FuncOp Spec::getFunction(const FunctionSignature &signature) {
  return module->lookupSymbol<FuncOp>(signature.function);
}

llvm::Expected<const FunctionSignature *>
Spec::getSignature(StringRef function) const {
  if (function.empty() && signatures.size() == 1)
    return &signatures.front();
  for (const FunctionSignature &signature : signatures)
    if (signature.function == function)
      return &signature;
  std::string names = llvm::join(
      llvm::map_range(signatures,
                      [](const FunctionSignature &s) { return s.function; }),
      ", ");
  if (function.empty())
    return fail(ExitCode::Usage, "'" + path +
                                     "' has several functions; choose one with "
                                     "--entry: " +
                                     names);
  return fail(ExitCode::Usage, "'" + path + "' has no function '" + function +
                                   "'; it has " + names);
}
