//===- Tuning.cpp - schedules that were measured --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reading of the file, and what it says a function is.
//
//===----------------------------------------------------------------------===//

#include "attnc/Dialect/Attn/Transforms/Tuning.h"
#include "attnc/Support/BoundedFile.h"
#include "attnc/Support/StrictJson.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"

using namespace attnc;
using namespace attnc::attn;

namespace {

/// Far above any attribute, and short enough to be repeated in a message.
constexpr size_t maxAttributeBytes = 512;
/// Names, digests and targets; the features of a processor are a long text.
constexpr size_t maxStringBytes = size_t(16) << 10;

constexpr JsonKind tuningKind = {"tuning file", "a tuning", maxTuningBytes};

std::string getSHA256(StringRef text) {
  return llvm::toHex(llvm::SHA256::hash(llvm::arrayRefFromStringRef(text)),
                     /*LowerCase=*/true);
}

llvm::Expected<TunedOp> readOp(const JsonNode &node) {
  if (llvm::Error error = node.expectObject(
          {"op", "operation", "schedule", "decode", "measured"}))
    return std::move(error);
  TunedOp op;
  auto number = node.getNumber("op");
  if (!number)
    return number.takeError();
  op.number = *number;
  auto operation = node.getString("operation", maxStringBytes);
  if (!operation)
    return operation.takeError();
  op.operation = std::move(*operation);
  for (auto [key, text] :
       {std::pair("schedule", &op.schedule), {"decode", &op.decode}}) {
    if (!node.has(key))
      continue;
    auto attribute = node.getString(key, maxAttributeBytes);
    if (!attribute)
      return attribute.takeError();
    *text = std::move(*attribute);
  }
  if (op.schedule.empty() && op.decode.empty())
    return node.fail("has neither 'schedule' nor 'decode'; leave the op out, "
                     "and it keeps what attn-schedule chooses");
  return op;
}

llvm::Expected<TunedFunction> readFunction(const JsonNode &node) {
  if (llvm::Error error = node.expectObject({"function", "definition", "ops"}))
    return std::move(error);
  TunedFunction function;
  auto name = node.getString("function", maxStringBytes);
  if (!name)
    return name.takeError();
  function.name = std::move(*name);
  auto definition = node.getString("definition", maxStringBytes);
  if (!definition)
    return definition.takeError();
  function.definition = std::move(*definition);
  auto ops = node.getArray("ops");
  if (!ops)
    return ops.takeError();
  llvm::DenseSet<uint64_t> numbers;
  for (const JsonNode &element : *ops) {
    auto op = readOp(element);
    if (!op)
      return op.takeError();
    if (!numbers.insert(op->number).second)
      return element.fail("tells of op " + Twine(op->number) +
                          ", as an entry before it does");
    function.ops.push_back(std::move(*op));
  }
  return function;
}

llvm::Error checkVersion(const JsonNode &root) {
  auto version = root.getNumber("version");
  if (!version)
    return version.takeError();
  if (*version == tuningVersion)
    return llvm::Error::success();
  return root.fail("has version " + Twine(*version) +
                   ", and this attnc reads "
                   "version " +
                   Twine(tuningVersion) +
                   "; make the file again with attnc tune");
}

} // namespace

llvm::Expected<Tuning> Tuning::parse(StringRef text, StringRef path) {
  Tuning tuning;
  tuning.name = llvm::sys::path::filename(path).str();
  tuning.digest = getSHA256(text);
  auto document = JsonDocument::parse(text, path, tuningKind);
  if (!document)
    return document.takeError();
  JsonNode root = document->getRoot();
  // Before anything that another version may spell differently.
  if (llvm::Error error = checkVersion(root))
    return std::move(error);
  if (llvm::Error error =
          root.expectObject({"version", "producer", "target", "functions"}))
    return std::move(error);
  auto target = root.getString("target", maxStringBytes);
  if (!target)
    return target.takeError();
  tuning.target = std::move(*target);
  auto functions = root.getArray("functions");
  if (!functions)
    return functions.takeError();
  for (const JsonNode &element : *functions) {
    auto function = readFunction(element);
    if (!function)
      return function.takeError();
    if (tuning.find(function->name))
      return element.fail("tells of " + quoteForMessage(function->name) +
                          ", as an entry before it does");
    tuning.functions.push_back(std::move(*function));
  }
  return tuning;
}

llvm::Expected<Tuning> Tuning::load(StringRef path) {
  auto text = readAtMost(path, maxTuningBytes);
  if (!text)
    return text.takeError();
  return parse(*text, path);
}

const TunedFunction *Tuning::find(StringRef function) const {
  auto found = llvm::find_if(
      functions, [&](const TunedFunction &f) { return f.name == function; });
  return found == functions.end() ? nullptr : &*found;
}

std::string attn::getDefinitionDigest(mlir::func::FuncOp function) {
  mlir::OwningOpRef<mlir::func::FuncOp> copy(function.clone());
  copy->setName("f");
  copy->walk([](Operation *op) {
    op->removeAttr(kScheduleAttrName);
    op->removeAttr(kDecodeAttrName);
    op->removeAttr(kRecurrentAttrName);
  });
  std::string text;
  llvm::raw_string_ostream stream(text);
  // The generic form does not depend on how ops are spelled.
  (*copy)->print(stream, mlir::OpPrintingFlags()
                             .printGenericOpForm()
                             .enableDebugInfo(false)
                             .useLocalScope());
  return getSHA256(text);
}

SmallVector<CarryOpInterface>
attn::getSequenceOps(mlir::func::FuncOp function) {
  SmallVector<CarryOpInterface> ops;
  function.walk([&](CarryOpInterface op) { ops.push_back(op); });
  return ops;
}
