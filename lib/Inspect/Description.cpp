//===- Description.cpp - a manifest, read and checked ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One function for each object of the manifest.
//
//===----------------------------------------------------------------------===//

#include "attnc/Inspect/Description.h"

#include "llvm/ADT/StringExtras.h"

using namespace attnc;
using llvm::StringRef;

namespace {

constexpr JsonKind kManifest = {"manifest", "a manifest", size_t(16) << 20};
constexpr uint64_t kSchema = 1;

/// A text for each key, in the order of `texts`.
llvm::Error
readTexts(const JsonNode &node,
          llvm::ArrayRef<std::pair<const char *, std::string *>> texts) {
  for (auto [key, text] : texts) {
    llvm::Expected<std::string> value = node.getText(key);
    if (!value)
      return value.takeError();
    *text = std::move(*value);
  }
  return llvm::Error::success();
}

/// Reads each element of an array with `read`.
template <typename Element>
llvm::Error readAll(const JsonNode &node, const char *key,
                    std::vector<Element> &elements,
                    llvm::Error (*read)(const JsonNode &, Element &)) {
  llvm::Expected<std::vector<JsonNode>> nodes = node.getArray(key);
  if (!nodes)
    return nodes.takeError();
  for (const JsonNode &each : *nodes)
    if (llvm::Error error = read(each, elements.emplace_back()))
      return error;
  return llvm::Error::success();
}

/// A number, or the name of a symbol.
llvm::Error readExtent(const JsonNode &node, std::string &extent) {
  const JsonNode::Json &json = node.getJson();
  if (json.is_number_unsigned())
    extent = std::to_string(json.get<uint64_t>());
  else if (json.is_string())
    extent = json.get<std::string>();
  else
    return node.fail("must be a whole number from 0 up or the name of one");
  return llvm::Error::success();
}

llvm::Error readArgument(const JsonNode &node, DescribedArgument &argument) {
  if (llvm::Error error = readTexts(node, {{"name", &argument.name},
                                           {"role", &argument.role},
                                           {"dtype", &argument.dtype}}))
    return error;
  return readAll(node, "shape", argument.shape, readExtent);
}

llvm::Error readMultiple(const JsonNode &node,
                         std::pair<std::string, std::string> &multiple) {
  for (auto [key, extent] : {std::pair("extent", &multiple.first),
                             {"multiple_of", &multiple.second}}) {
    llvm::Expected<JsonNode> value = node.get(key);
    if (!value)
      return value.takeError();
    if (llvm::Error error = readExtent(*value, *extent))
      return error;
  }
  return llvm::Error::success();
}

llvm::Error readSchedule(const JsonNode &node, DescribedSchedule &schedule) {
  if (llvm::Error error = readTexts(node, {{"operation", &schedule.operation},
                                           {"schedule", &schedule.schedule}}))
    return error;
  for (auto [key, text] : {std::pair("decode", &schedule.decode),
                           {"recurrent", &schedule.recurrent}})
    if (node.has(key))
      if (llvm::Error error = readTexts(node, {{key, text}}))
        return error;
  return llvm::Error::success();
}

llvm::Error readFunction(const JsonNode &node, DescribedFunction &function) {
  if (llvm::Error error = readTexts(node, {{"symbol", &function.symbol}}))
    return error;
  if (llvm::Error error =
          readAll(node, "arguments", function.arguments, readArgument))
    return error;
  if (llvm::Error error =
          readAll(node, "multiples", function.multiples, readMultiple))
    return error;
  return readAll(node, "schedules", function.schedules, readSchedule);
}

llvm::Error readKernel(const JsonNode &node, DescribedKernel &kernel) {
  if (llvm::Error error = readTexts(node, {{"name", &kernel.name}}))
    return error;
  if (!node.has("registers"))
    return llvm::Error::success();
  llvm::Expected<uint64_t> registers = node.getNumber("registers");
  if (!registers)
    return registers.takeError();
  kernel.registers = *registers;
  return llvm::Error::success();
}

llvm::Error readImage(const JsonNode &node, DescribedImage &image) {
  if (llvm::Error error =
          readTexts(node, {{"kind", &image.kind}, {"arch", &image.arch}}))
    return error;
  llvm::Expected<uint64_t> bytes = node.getNumber("bytes");
  if (!bytes)
    return bytes.takeError();
  image.bytes = *bytes;
  return readAll(node, "kernels", image.kernels, readKernel);
}

llvm::Error checkSchema(const JsonNode &root) {
  llvm::Expected<uint64_t> schema = root.getNumber("schema");
  if (!schema)
    return schema.takeError();
  if (*schema == kSchema)
    return llvm::Error::success();
  return root.fail("has the schema " + llvm::Twine(*schema) +
                   "; this release of attnc reads schema " +
                   llvm::Twine(kSchema));
}

llvm::Error readProducer(const JsonNode &root, Description &description) {
  llvm::Expected<JsonNode> producer = root.get("producer");
  if (!producer)
    return producer.takeError();
  if (llvm::Error error =
          readTexts(*producer, {{"name", &description.producer},
                                {"version", &description.version}}))
    return error;
  if (producer->has("llvm"))
    if (llvm::Error error =
            readTexts(*producer, {{"llvm", &description.llvmVersion}}))
      return error;
  llvm::Expected<JsonNode> source = root.get("source");
  if (!source)
    return source.takeError();
  if (llvm::Error error =
          readTexts(*source, {{"name", &description.source},
                              {"sha256", &description.sourceDigest}}))
    return error;
  llvm::Expected<JsonNode> abi = root.get("abi");
  if (!abi)
    return abi.takeError();
  for (auto [key, number] : {std::pair("major", &description.abiMajor),
                             {"minor", &description.abiMinor}}) {
    llvm::Expected<uint64_t> value = abi->getNumber(key);
    if (!value)
      return value.takeError();
    *number = *value;
  }
  return llvm::Error::success();
}

llvm::Error readTarget(const JsonNode &root, Description &description) {
  llvm::Expected<JsonNode> target = root.get("target");
  if (!target)
    return target.takeError();
  if (llvm::Error error = readTexts(*target, {{"name", &description.target},
                                              {"triple", &description.triple},
                                              {"cpu", &description.cpu}}))
    return error;
  llvm::Expected<JsonNode> threads = target->get("threads");
  if (!threads)
    return threads.takeError();
  if (!threads->getJson().is_boolean())
    return threads->fail("must be true or false");
  description.threads = threads->getJson().get<bool>();
  llvm::Expected<JsonNode> tuning = root.get("tuning");
  if (!tuning)
    return tuning.takeError();
  if (tuning->getJson().is_null())
    return llvm::Error::success();
  return readTexts(*tuning, {{"name", &description.tuning},
                             {"sha256", &description.tuningDigest}});
}

} // namespace

llvm::Expected<Description> Description::parse(StringRef text, StringRef path) {
  llvm::Expected<JsonDocument> document =
      JsonDocument::parse(text, path, kManifest);
  if (!document)
    return document.takeError();
  JsonNode root = document->getRoot();
  Description description;
  for (llvm::Error (*read)(const JsonNode &, Description &) :
       {+[](const JsonNode &node, Description &) { return checkSchema(node); },
        &readProducer, &readTarget})
    if (llvm::Error error = read(root, description))
      return std::move(error);
  if (root.has("images"))
    if (llvm::Error error =
            readAll(root, "images", description.images, readImage))
      return std::move(error);
  if (llvm::Error error =
          readAll(root, "functions", description.functions, readFunction))
    return std::move(error);
  if (description.functions.empty())
    return root.fail("describes no function");
  description.json = root.getJson();
  return description;
}
