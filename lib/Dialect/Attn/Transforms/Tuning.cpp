//===- Tuning.cpp - schedules that were measured --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The JSON is read twice: first by a checker that refuses what the second
// reading would let pass in silence (a key given twice, numbers beyond 64 bits)
// or recur on (depth), and that knows where in the text it is.
//
//===----------------------------------------------------------------------===//

#include "attnc/Dialect/Attn/Transforms/Tuning.h"
#include "attnc/Support/BoundedFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"
#include <nlohmann/json.hpp>

using namespace attnc;
using namespace attnc::attn;
using Json = nlohmann::ordered_json;

namespace {

constexpr size_t maxDepth = 16;
/// Far above any attribute, and short enough to be repeated in a message.
constexpr size_t maxAttributeBytes = 512;
/// Names, digests and targets; the features of a processor are a long text.
constexpr size_t maxStringBytes = size_t(16) << 10;

/// Text from a file as a message may show it: printable and not long.
std::string getPrintable(StringRef text) {
  constexpr size_t most = 200;
  std::string printable;
  llvm::raw_string_ostream stream(printable);
  llvm::printEscapedString(text.take_front(most), stream);
  if (text.size() > most)
    stream << "...";
  return printable;
}

std::string quote(StringRef text) { return "'" + getPrintable(text) + "'"; }

std::string getSHA256(StringRef text) {
  return llvm::toHex(llvm::SHA256::hash(llvm::arrayRefFromStringRef(text)),
                     /*LowerCase=*/true);
}

/// Reads along and keeps the first thing that is wrong.
class Checker : public nlohmann::json_sax<Json> {
public:
  /// Empty if nothing is.
  std::string problem;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t &) override { return true; }
  bool string(string_t &) override { return true; }
  bool binary(binary_t &) override { return true; }
  bool start_object(std::size_t) override { return enter(); }
  bool start_array(std::size_t) override { return enter(); }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }
  bool key(string_t &name) override {
    if (keys.back().insert(name).second)
      return true;
    problem = "has the key " + quote(name) + " twice in one object";
    return false;
  }
  bool parse_error(std::size_t, const std::string &,
                   const nlohmann::detail::exception &error) override {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
    problem = "is no JSON: " +
              getPrintable(StringRef(error.what()).split("] ").second);
    return false;
  }

private:
  bool enter() {
    keys.emplace_back();
    if (keys.size() <= maxDepth)
      return true;
    problem = "is nested deeper than " + std::to_string(maxDepth);
    return false;
  }
  bool leave() {
    keys.pop_back();
    return true;
  }

  std::vector<llvm::StringSet<>> keys;
};

/// A value of the file and where it is, as a JSON pointer.
class Node {
public:
  Node(const Json &json, StringRef file, std::string pointer)
      : json(json), file(file), pointer(std::move(pointer)) {}

  llvm::Error fail(const Twine &what) const {
    std::string place = pointer.empty() ? " " : ": " + pointer + " ";
    return llvm::createStringError("tuning file " + quote(file) + place + what);
  }

  /// Fails unless this is an object with no other keys than these.
  llvm::Error expectObject(ArrayRef<StringRef> keys) const {
    if (!json.is_object())
      return fail("must be an object");
    for (const auto &[key, value] : json.items())
      if (!llvm::is_contained(keys, StringRef(key)))
        return fail("has the key " + quote(key) + "; it may have " +
                    llvm::join(keys, ", "));
    return llvm::Error::success();
  }

  bool has(const char *key) const { return json.contains(key); }

  llvm::Expected<Node> get(const char *key) const {
    auto found = json.find(key);
    if (found == json.end())
      return fail("has no '" + Twine(key) + "'");
    return Node(*found, file, pointer + "/" + key);
  }

  llvm::Expected<std::string> getString(const char *key, size_t limit) const {
    llvm::Expected<Node> node = get(key);
    if (!node)
      return node.takeError();
    if (!node->json.is_string())
      return node->fail("must be a string");
    const auto &text = node->json.get_ref<const std::string &>();
    if (text.empty())
      return node->fail("is empty");
    if (text.size() > limit)
      return node->fail("is longer than " + Twine(limit) + " characters");
    // It will be part of messages.
    if (!llvm::all_of(text, llvm::isPrint))
      return node->fail("has characters that are not printable ASCII");
    return text;
  }

  llvm::Expected<uint64_t> getNumber(const char *key) const {
    llvm::Expected<Node> node = get(key);
    if (!node)
      return node.takeError();
    if (!node->json.is_number_unsigned())
      return node->fail("must be a whole number from 0 up");
    return node->json.get<uint64_t>();
  }

  llvm::Expected<std::vector<Node>> getArray(const char *key) const {
    llvm::Expected<Node> node = get(key);
    if (!node)
      return node.takeError();
    if (!node->json.is_array())
      return node->fail("must be an array");
    std::vector<Node> elements;
    for (const Json &element : node->json)
      elements.emplace_back(
          element, file, node->pointer + "/" + std::to_string(elements.size()));
    return elements;
  }

private:
  const Json &json;
  StringRef file;
  std::string pointer;
};

llvm::Expected<TunedOp> readOp(const Node &node) {
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

llvm::Expected<TunedFunction> readFunction(const Node &node) {
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
  for (const Node &element : *ops) {
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

llvm::Error checkVersion(const Node &root) {
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
  Json json;
  Node root(json, path, "");
  if (text.size() > maxTuningBytes)
    return root.fail("is larger than the " + Twine(maxTuningBytes >> 20) +
                     " MiB that a tuning may have");
  Checker checker;
  if (!Json::sax_parse(text.begin(), text.end(), &checker))
    return root.fail(checker.problem);
  json = Json::parse(text.begin(), text.end(), /*callback=*/nullptr,
                     /*allow_exceptions=*/false);
  if (!json.is_object())
    return root.fail("must be a JSON object");
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
  for (const Node &element : *functions) {
    auto function = readFunction(element);
    if (!function)
      return function.takeError();
    if (tuning.find(function->name))
      return element.fail("tells of " + quote(function->name) +
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
