//===- Description.cpp - what a module says of itself ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// JSON whose form is checked as it is read: a value of another kind than
// expected would end the process, since nothing is thrown here.
//
//===----------------------------------------------------------------------===//

#include "Description.h"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

using namespace attnc;
using namespace attnc::capi;
using Json = nlohmann::json;

namespace {

/// Reads values and remembers whether one was missing or of another kind.
class Reader {
public:
  const Json &get(const Json &object, const char *key) {
    static const Json none;
    if (object.is_object())
      if (auto found = object.find(key); found != object.end())
        return *found;
    hasFailed = true;
    return none;
  }

  std::string getText(const Json &value) {
    if (const auto *text = value.get_ptr<const std::string *>())
      return *text;
    hasFailed = true;
    return "";
  }
  std::string getText(const Json &object, const char *key) {
    return getText(get(object, key));
  }

  int64_t getNumber(const Json &value) {
    if (value.is_number_integer())
      return value.get<int64_t>();
    hasFailed = true;
    return 0;
  }

  const Json &getArray(const Json &object, const char *key) {
    static const Json empty = Json::array();
    const Json &value = get(object, key);
    if (value.is_array())
      return value;
    hasFailed = true;
    return empty;
  }

  /// A constant, or the name of a symbol.
  int64_t getExtent(const Json &value, const FunctionDescription &function) {
    if (!value.is_string())
      return getNumber(value);
    auto found = std::find(function.symbols.begin(), function.symbols.end(),
                           getText(value));
    hasFailed |= found == function.symbols.end();
    return -1 - int64_t(found - function.symbols.begin());
  }

  void fail() { hasFailed = true; }
  bool failed() const { return hasFailed; }

private:
  bool hasFailed = false;
};

/// "f32", "bf16", "i8", as the manifest has them.
DLDataType getDType(const std::string &name, Reader &reader) {
  struct Kind {
    const char *prefix;
    DLDataTypeCode code;
  };
  for (const Kind &kind : {Kind{"bf", kDLBfloat},
                           {"f", kDLFloat},
                           {"i", kDLInt},
                           {"u", kDLUInt}}) {
    std::string_view prefix(kind.prefix);
    if (name.compare(0, prefix.size(), prefix) != 0)
      continue;
    int bits = atoi(name.c_str() + prefix.size());
    if (bits >= 8 && bits <= 64)
      return {uint8_t(kind.code), uint8_t(bits), 1};
  }
  if (name == "bool")
    return {kDLBool, 8, 1};
  reader.fail();
  return {};
}

ArgumentDescription readArgument(const Json &json,
                                 const FunctionDescription &function,
                                 Reader &reader) {
  ArgumentDescription argument;
  argument.name = reader.getText(json, "name");
  argument.dtypeName = reader.getText(json, "dtype");
  argument.dtype = getDType(argument.dtypeName, reader);
  std::string role = reader.getText(json, "role");
  argument.role = role == "output"    ? ATTNC_ROLE_OUTPUT
                  : role == "updated" ? ATTNC_ROLE_UPDATED
                                      : ATTNC_ROLE_INPUT;
  for (const Json &extent : reader.getArray(json, "shape"))
    argument.dims.push_back(reader.getExtent(extent, function));
  return argument;
}

FunctionDescription readFunction(const Json &json, Reader &reader) {
  FunctionDescription function;
  function.name = reader.getText(json, "symbol");
  for (const Json &symbol : reader.getArray(json, "symbols"))
    function.symbols.push_back(reader.getText(symbol));
  for (const Json &argument : reader.getArray(json, "arguments"))
    function.arguments.push_back(readArgument(argument, function, reader));
  for (const Json &multiple : reader.getArray(json, "multiples"))
    function.multiples.push_back(
        {reader.getExtent(reader.get(multiple, "extent"), function),
         reader.getExtent(reader.get(multiple, "multiple_of"), function)});
  if (function.arguments.size() > ATTNC_RT_MAX_ARGUMENTS)
    reader.fail();
  return function;
}

Json parseJson(std::string_view text) {
  return Json::parse(text.begin(), text.end(), /*cb=*/nullptr,
                     /*allow_exceptions=*/false);
}

Problem refuse() {
  return Problem(ATTNC_INTERNAL, "the description of a module is damaged");
}

} // namespace

Problem capi::readManifest(std::string_view text,
                           std::vector<FunctionDescription> &functions) {
  Json manifest = parseJson(text);
  Reader reader;
  functions.clear();
  for (const Json &function : reader.getArray(manifest, "functions"))
    functions.push_back(readFunction(function, reader));
  return reader.failed() || functions.empty() ? refuse() : Problem();
}

std::string ModuleText::print() const {
  Json list = Json::array();
  for (const Diagnostic &diagnostic : diagnostics)
    list.push_back({{"severity", diagnostic.severity},
                    {"line", diagnostic.line},
                    {"column", diagnostic.column},
                    {"file", diagnostic.file},
                    {"message", diagnostic.message}});
  Json json = {{"manifest", manifest},
               {"not_here", whyNotHere},
               {"diagnostics", std::move(list)}};
  return json.dump(-1, ' ', /*ensure_ascii=*/false,
                   Json::error_handler_t::replace);
}

Problem ModuleText::parse(std::string_view text) {
  Json json = parseJson(text);
  Reader reader;
  manifest = reader.getText(json, "manifest");
  whyNotHere = reader.getText(json, "not_here");
  diagnostics.clear();
  for (const Json &entry : reader.getArray(json, "diagnostics")) {
    auto number = [&](const char *key) {
      return static_cast<int32_t>(reader.getNumber(reader.get(entry, key)));
    };
    addDiagnostic(diagnostics, {number("severity"), -1, number("line"),
                                number("column"), reader.getText(entry, "file"),
                                reader.getText(entry, "message")});
  }
  return reader.failed() ? refuse() : Problem();
}
