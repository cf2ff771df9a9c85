//===- CommandLine.cpp - what the commands of attnc share -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Parsing of options, and the tensors that run and bench call kernels with.
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"
#include "CacheInputs.h"

#include "attnc/Dialect/Attn/Transforms/Tuning.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include <limits>

using namespace attnc;
using attn::FunctionSignature;
namespace cl = llvm::cl;

CommandLine::CommandLine(StringRef name, StringRef summary, StringRef notes)
    : title("Options of " + name.str()), subcommand(name, summary),
      category(title), notes(notes) {}

bool CommandLine::parse(ArrayRef<const char *> arguments) {
  cl::HideUnrelatedOptions(category, subcommand);
  auto &registered = cl::getRegisteredOptions(subcommand);
  if (auto list = registered.find("help-list"); list != registered.end())
    list->second->setHiddenFlag(cl::ReallyHidden);
  // The parser falls back to the options of the top level, which are those that
  // LLVM's libraries register.
  auto &foreign = cl::getRegisteredOptions();
  for (StringRef argument : arguments.drop_front(2)) {
    StringRef name = argument.ltrim('-').split('=').first;
    if (argument.starts_with("-") && !registered.count(name) &&
        foreign.count(name) && name != "version") {
      llvm::errs() << "attnc: Unknown command line argument '" << argument
                   << "'.  Try: 'attnc --help'\n";
      return false;
    }
  }
  cl::extrahelp help(notes);
  std::string message;
  llvm::raw_string_ostream stream(message);
  bool parsed = cl::ParseCommandLineOptions(arguments.size(), arguments.data(),
                                            "", &stream);
  llvm::errs() << message;
  return parsed;
}

SpecCommandLine::SpecCommandLine(StringRef name, StringRef summary,
                                 StringRef notes)
    : CommandLine(name, summary, notes),
      spec(cl::Positional, cl::Required, cl::desc("<spec.mlir or ->"),
           cl::sub(subcommand), cl::cat(category)),
      target("target", cl::value_desc("name"), cl::init("cpu"),
             cl::desc("cpu (this machine), cpu:<processor> such as\n"
                      "cpu:x86-64-v3, or reference (float64 loops)"),
             cl::sub(subcommand), cl::cat(category)) {}

CompilerCommandLine::CompilerCommandLine(StringRef name, StringRef summary,
                                         StringRef notes)
    : SpecCommandLine(name, summary, notes),
      tuning("tuning", cl::value_desc("FILE"),
             cl::desc("apply the schedules that attnc tune wrote"),
             cl::sub(subcommand), cl::cat(category)) {}

llvm::Error CompilerCommandLine::readPipeline(PipelineOptions &options) const {
  options.target = target;
  if (tuning.empty())
    return llvm::Error::success();
  if (target == "reference")
    return fail(ExitCode::Usage, "the reference target has no schedules; "
                                 "--tuning needs --target=cpu");
  llvm::Expected<attn::Tuning> loaded = attn::Tuning::load(tuning);
  if (!loaded)
    return loaded.takeError();
  options.tuning = std::make_shared<const attn::Tuning>(std::move(*loaded));
  return llvm::Error::success();
}

llvm::Expected<ChosenFunction> attnc::loadFunction(StringRef path,
                                                   StringRef entry) {
  auto spec = Spec::load(path);
  if (!spec)
    return spec.takeError();
  auto signature = (*spec)->getSignature(entry);
  if (!signature)
    return signature.takeError();
  return ChosenFunction{std::move(*spec), *signature};
}

llvm::Error attnc::checkIsNotSpec(StringRef path, const Spec &spec) {
  if (!llvm::sys::fs::equivalent(path, spec.getPath()))
    return llvm::Error::success();
  return fail(ExitCode::Usage,
              "'" + path + "' is the spec; it would be overwritten");
}

llvm::Expected<NamedValue> attnc::parseNamedValue(StringRef text,
                                                  StringRef option) {
  auto [name, value] = text.split('=');
  if (name.empty() || value.empty())
    return fail(ExitCode::Usage,
                "--" + option + " takes NAME=VALUE, not '" + text + "'");
  return NamedValue{name, value};
}

llvm::Error attnc::bindDims(const std::vector<std::string> &dims,
                            const FunctionSignature &signature,
                            Shapes &shapes) {
  for (const std::string &text : dims) {
    llvm::Expected<NamedValue> named = parseNamedValue(text, "dims");
    if (!named)
      return named.takeError();
    llvm::Expected<unsigned> number =
        findArgument(signature, named->name, /*isOutput=*/false);
    if (!number)
      return number.takeError();
    llvm::Expected<SmallVector<int64_t, 4>> shape = parseShape(named->value);
    if (!shape)
      return shape.takeError();
    if (llvm::Error error = shapes.bind(*number, *shape, ExitCode::Usage))
      return error;
  }
  return llvm::Error::success();
}

llvm::Expected<std::vector<HostTensor>>
attnc::createOutputs(const FunctionSignature &signature, const Shapes &shapes) {
  std::vector<HostTensor> outputs;
  for (unsigned i = signature.getNumInputs(), e = signature.arguments.size();
       i < e; ++i) {
    auto tensor = HostTensor::create(getDType(signature.arguments[i]),
                                     shapes.getShape(i));
    if (!tensor)
      return tensor.takeError();
    // What a kernel fails to write must not pass for a result.
    tensor->fill(std::numeric_limits<double>::quiet_NaN());
    outputs.push_back(std::move(*tensor));
  }
  return outputs;
}

/// Integers are what masks read: lengths, windows, documents of positions. They
/// are drawn up to the longest extent, or few different ones; every second time
/// in ascending order, as documents are.
static void fillIntegers(HostTensor &tensor, int64_t longest, Random &random) {
  uint64_t limit = random.below(2) == 0 ? 4 : uint64_t(longest) + 1;
  bool isAscending = random.below(2) == 0;
  std::vector<uint64_t> values(tensor.getNumElements());
  for (uint64_t &value : values)
    value = random.below(limit);
  int64_t row = tensor.getRank() == 0 ? 1 : tensor.getShape().back();
  if (isAscending)
    for (size_t i = 0; i + row <= values.size() && row > 0; i += row)
      llvm::sort(values.begin() + i, values.begin() + i + row);
  for (auto [i, value] : llvm::enumerate(values))
    tensor.set(i, double(value));
}

/// The longest extent of an input that is not fixed.
static int64_t getLongestExtent(const FunctionSignature &signature,
                                const Shapes &shapes) {
  int64_t longest = 1;
  for (unsigned i = 0, e = signature.getNumInputs(); i < e; ++i)
    for (auto [dim, extent] :
         llvm::zip_equal(signature.arguments[i].dims, shapes.getShape(i)))
      if (dim.isSymbol())
        longest = std::max(longest, extent);
  return longest;
}

llvm::Expected<HostTensor>
attnc::createRandomInput(const FunctionSignature &signature,
                         const Shapes &shapes, unsigned number, uint64_t seed) {
  auto tensor = HostTensor::create(getDType(signature.arguments[number]),
                                   shapes.getShape(number));
  if (tensor) {
    // Neighbouring seeds and arguments must not share a stream.
    Random mixed(seed ^ (uint64_t(number + 1) << 32));
    if (fillCacheInput(*tensor, signature, shapes, number, mixed))
      return tensor;
    if (isFloat(tensor->getDType()))
      tensor->fillNormal(mixed.next());
    else
      fillIntegers(*tensor, getLongestExtent(signature, shapes), mixed);
  }
  return tensor;
}

std::string attnc::formatInputShapes(const FunctionSignature &signature,
                                     const Shapes &shapes, StringRef option) {
  SmallVector<std::string> parts;
  for (unsigned i = 0, e = signature.getNumInputs(); i < e; ++i) {
    // A number has no extents to give.
    if (signature.arguments[i].dims.empty())
      continue;
    parts.push_back((option + signature.arguments[i].name + "=" +
                     formatShape(shapes.getShape(i)))
                        .str());
  }
  return llvm::join(parts, " ");
}
