//===- RunCommand.cpp - attnc run -----------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls one function of a spec, on files or on random tensors, and says how far
// the result is from the float64 reference or from a file.
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"
#include "ResultTable.h"
#include "attnc-c/runtime.h"
#include "attnc/Support/Npy.h"
#include "attnc/Support/Tolerance.h"
#include "attnc/Target/GPU/TargetDescription.h"
#include "llvm/Support/raw_ostream.h"
#include <map>

using namespace attnc;
using attn::FunctionSignature;
namespace cl = llvm::cl;

namespace {

constexpr StringRef helpNotes = R"(
NAMES are those of the function's arguments and returned values in the spec.

FILES are NumPy .npy: little-endian, C order, with the argument's dtype. f16 is
"<f2". NumPy has no bf16: it is "<V2" or "<u2", the upper half of a float32, and
"<V2" is what --out writes.

SHAPES come from --in and --dims; --random draws the extents still open, and the
values of inputs without a file, from --seed.

--check and --expect print the largest absolute and relative error and the
normalised mean square error of each output, and exit with 1 beyond the
tolerance of its dtype.
)";

struct RunOptionsOnCommandLine : CompilerCommandLine {
  RunOptionsOnCommandLine()
      : CompilerCommandLine("run", "call a function of a spec", helpNotes) {}

  cl::opt<std::string> entry{"entry", cl::value_desc("function"),
                             cl::desc("which function, if there are several"),
                             cl::sub(subcommand), cl::cat(category)};
  cl::list<std::string> in{"in", cl::value_desc("NAME=FILE.npy"),
                           cl::desc("read an input"), cl::sub(subcommand),
                           cl::cat(category)};
  cl::list<std::string> out{"out", cl::value_desc("NAME=FILE.npy"),
                            cl::desc("write an output"), cl::sub(subcommand),
                            cl::cat(category)};
  cl::list<std::string> dims{"dims", cl::value_desc("NAME=2x8x1000x64"),
                             cl::desc("shape of an input"), cl::sub(subcommand),
                             cl::cat(category)};
  cl::opt<bool> random{"random", cl::desc("draw inputs without a file"),
                       cl::sub(subcommand), cl::cat(category)};
  cl::opt<uint64_t> seed{"seed",
                         cl::value_desc("number"),
                         cl::init(0),
                         cl::desc("seed of --random (default 0)"),
                         cl::sub(subcommand),
                         cl::cat(category)};
  cl::opt<unsigned> repeat{"repeat",
                           cl::value_desc("count"),
                           cl::init(1),
                           cl::desc("run with seed, seed + 1, ..."),
                           cl::sub(subcommand),
                           cl::cat(category)};
  cl::opt<unsigned> threads{
      "threads",
      cl::value_desc("count"),
      cl::init(0),
      cl::desc("threads of the kernel (default: as OpenMP\nchooses)"),
      cl::sub(subcommand),
      cl::cat(category)};
  cl::opt<bool> check{"check", cl::desc("compare with --target=reference"),
                      cl::sub(subcommand), cl::cat(category)};
  cl::list<std::string> expect{"expect", cl::value_desc("NAME=FILE.npy"),
                               cl::desc("compare an output with a file"),
                               cl::sub(subcommand), cl::cat(category)};
};

/// Files by number of argument.
using FileOfArgument = std::map<unsigned, std::string>;

/// The calls that a command line asks for.
class RunJob {
public:
  explicit RunJob(RunOptionsOnCommandLine &arguments) : arguments(arguments) {}

  llvm::Error run();

private:
  llvm::Error checkOptions();
  llvm::Expected<FileOfArgument>
  readFiles(const std::vector<std::string> &texts, StringRef option,
            bool isOutput);
  llvm::Error readInputs();
  llvm::Error readExpected();
  llvm::Error loadKernels();
  llvm::Error runOnce(uint64_t seed);
  llvm::Expected<std::vector<HostTensor>> createInputs(const Shapes &shapes,
                                                       uint64_t seed);
  llvm::Error compareWithReference(std::vector<HostTensor> &before,
                                   ArrayRef<HostTensor> inputs,
                                   ArrayRef<HostTensor> outputs,
                                   const Shapes &shapes, uint64_t seed);
  void compareOutput(unsigned number, const HostTensor &actual,
                     const HostTensor &expected, const Shapes &shapes,
                     StringRef against, uint64_t seed);
  void printReproducer(const Shapes &shapes, uint64_t seed);

  RunOptionsOnCommandLine &arguments;
  std::unique_ptr<Spec> spec;
  const FunctionSignature *signature = nullptr;
  std::optional<Kernel> kernel, reference;
  /// What numbers of caches are rounded to.
  std::optional<DType> converted;
  std::map<unsigned, HostTensor> inputFiles, expectedFiles;
  FileOfArgument outputFiles;
  unsigned numCompared = 0, numFailed = 0;
};

} // namespace

llvm::Error RunJob::checkOptions() {
  if (arguments.repeat != 1 && (!arguments.random || !arguments.out.empty()))
    return fail(ExitCode::Usage,
                "--repeat needs --random and cannot be used with --out");
  if (arguments.repeat == 0)
    return fail(ExitCode::Usage, "--repeat takes a number above 0");
  return llvm::Error::success();
}

llvm::Expected<FileOfArgument>
RunJob::readFiles(const std::vector<std::string> &texts, StringRef option,
                  bool isOutput) {
  FileOfArgument files;
  for (const std::string &text : texts) {
    llvm::Expected<NamedValue> named = parseNamedValue(text, option);
    if (!named)
      return named.takeError();
    llvm::Expected<unsigned> number =
        findArgument(*signature, named->name, isOutput);
    if (!number)
      return number.takeError();
    if (!files.try_emplace(*number, named->value.str()).second)
      return fail(ExitCode::Usage,
                  "--" + option + " is given twice for '" + named->name + "'");
  }
  return files;
}

llvm::Error RunJob::readInputs() {
  auto files = readFiles(arguments.in, "in", /*isOutput=*/false);
  if (!files)
    return files.takeError();
  for (const auto &[number, path] : *files) {
    auto tensor = readNpy(path, getDType(signature->arguments[number]));
    if (!tensor)
      return tensor.takeError();
    inputFiles.emplace(number, std::move(*tensor));
  }
  if (arguments.random)
    return llvm::Error::success();
  for (unsigned i = 0, e = signature->getNumInputs(); i < e; ++i)
    if (!inputFiles.count(i))
      return fail(ExitCode::Usage, "input '" + signature->arguments[i].name +
                                       "' has no value; give --in " +
                                       signature->arguments[i].name +
                                       "=FILE.npy, or --random");
  return llvm::Error::success();
}

/// An expected output may be stored more precisely than the kernel computes it.
static llvm::Expected<HostTensor> readExpectedFile(StringRef path,
                                                   DType dtype) {
  if (dtype != DType::BF16)
    return readNpy(path);
  // A file of float32 is one; what else could be bf16 is read as such.
  llvm::Expected<HostTensor> plain = readNpy(path);
  if (plain && isFloat(plain->getDType()))
    return plain;
  llvm::consumeError(plain.takeError());
  return readNpy(path, dtype);
}

llvm::Error RunJob::readExpected() {
  auto files = readFiles(arguments.expect, "expect", /*isOutput=*/true);
  if (!files)
    return files.takeError();
  for (const auto &[number, path] : *files) {
    auto tensor =
        readExpectedFile(path, getDType(signature->arguments[number]));
    if (!tensor)
      return tensor.takeError();
    expectedFiles.emplace(number, std::move(*tensor));
  }
  auto outputs = readFiles(arguments.out, "out", /*isOutput=*/true);
  if (!outputs)
    return outputs.takeError();
  outputFiles = std::move(*outputs);
  return llvm::Error::success();
}

/// What a GPU rounds numbers of caches to, which a processor reads as f32: the
/// type of 16 bits that is multiplied, where the cache has another one.
static std::optional<DType> findConverted(mlir::func::FuncOp function) {
  std::optional<DType> converted;
  function.walk([&](attn::AttendOp op) {
    Type query = op.getQuery().getType().getElementType();
    for (Value operand : {op.getKey(), op.getValue()}) {
      auto cache = dyn_cast<attn::KVType>(operand.getType());
      if (cache && cache.getElement() != query)
        converted = query.isBF16() ? DType::BF16 : DType::F16;
    }
  });
  return converted;
}

llvm::Error RunJob::loadKernels() {
  CompileOptions options;
  if (llvm::Error error = arguments.readPipeline(options.pipeline))
    return error;
  options.entry = signature->function;
  if (gpu::isGpuTarget(options.pipeline.target))
    converted = findConverted(spec->getFunction(*signature));
  auto loaded = Kernel::load(*spec, options);
  if (!loaded)
    return loaded.takeError();
  kernel.emplace(std::move(*loaded));
  if (!arguments.check)
    return llvm::Error::success();
  options.pipeline.target = "reference";
  loaded = Kernel::load(*spec, options);
  if (!loaded)
    return loaded.takeError();
  reference.emplace(std::move(*loaded));
  return llvm::Error::success();
}

llvm::Expected<std::vector<HostTensor>>
RunJob::createInputs(const Shapes &shapes, uint64_t seed) {
  std::vector<HostTensor> inputs;
  for (unsigned i = 0, e = signature->getNumInputs(); i < e; ++i) {
    auto file = inputFiles.find(i);
    auto tensor = file != inputFiles.end()
                      ? file->second.clone()
                      : createRandomInput(*signature, shapes, i, seed);
    if (!tensor)
      return tensor.takeError();
    inputs.push_back(std::move(*tensor));
  }
  return inputs;
}

void RunJob::printReproducer(const Shapes &shapes, uint64_t seed) {
  raw_ostream &os = llvm::errs();
  os << "reproduce: attnc run " << quoteForShell(spec->getPath());
  if (spec->getSignatures().size() > 1)
    os << " --entry=" << signature->function;
  os << " --target=" << quoteForShell(arguments.target);
  if (!arguments.tuning.empty())
    os << " --tuning=" << quoteForShell(arguments.tuning);
  for (const std::string &in : arguments.in)
    os << " --in " << quoteForShell(in);
  if (arguments.random)
    os << " --random --seed=" << seed << " "
       << formatInputShapes(*signature, shapes, "--dims ");
  for (const std::string &expect : arguments.expect)
    os << " --expect " << quoteForShell(expect);
  os << (arguments.check ? " --check\n" : "\n");
}

void RunJob::compareOutput(unsigned number, const HostTensor &actual,
                           const HostTensor &expected, const Shapes &shapes,
                           StringRef against, uint64_t seed) {
  const std::string &name = signature->arguments[number].name;
  Comparison result = compare(
      actual, expected,
      getTolerance(actual.getDType(), shapes.getLargestExtent(), converted));
  if (numCompared++ == 0)
    printComparisonHeading(llvm::outs());
  std::string note;
  if (arguments.random)
    note = "seed " + std::to_string(seed) + ": " +
           formatInputShapes(*signature, shapes, "");
  printComparison(llvm::outs(), name, against, result, note);
  if (result.pass)
    return;
  ++numFailed;
  llvm::outs().flush();
  llvm::errs() << "attnc: '" << name << "' differs from the " << against << ": "
               << result.message << "\n";
  printReproducer(shapes, seed);
}

llvm::Error RunJob::runOnce(uint64_t seed) {
  Shapes shapes(*signature);
  for (const auto &[number, tensor] : inputFiles)
    if (llvm::Error error =
            shapes.bind(number, tensor.getShape(), ExitCode::Diagnosed))
      return error;
  if (llvm::Error error = bindDims(arguments.dims, *signature, shapes))
    return error;
  Random random(seed);
  if (arguments.random)
    shapes.draw(random);
  if (llvm::Error error = shapes.check(ExitCode::Diagnosed))
    return error;

  auto inputs = createInputs(shapes, seed);
  if (!inputs)
    return inputs.takeError();
  auto outputs = createOutputs(*signature, shapes);
  if (!outputs)
    return outputs.takeError();
  // The reference begins with what the inputs are now, if the kernel changes
  // any.
  std::vector<HostTensor> before;
  bool isUpdate = llvm::any_of(signature->arguments,
                               [](const auto &each) { return each.isUpdated; });
  if (reference && isUpdate)
    for (const HostTensor &input : *inputs) {
      auto copy = input.clone();
      if (!copy)
        return copy.takeError();
      before.push_back(std::move(*copy));
    }
  if (llvm::Error error = kernel->call(*signature, *inputs, *outputs))
    return error;
  if (reference)
    if (llvm::Error error = compareWithReference(
            isUpdate ? before : *inputs, *inputs, *outputs, shapes, seed))
      return error;

  unsigned numInputs = signature->getNumInputs();
  auto result = [&](unsigned number) -> const HostTensor & {
    return number < numInputs ? (*inputs)[number]
                              : (*outputs)[number - numInputs];
  };
  for (const auto &[number, tensor] : expectedFiles)
    compareOutput(number, result(number), tensor, shapes, "file", seed);
  for (const auto &[number, path] : outputFiles)
    if (llvm::Error error = writeNpy(path, result(number)))
      return error;
  if (!reference && expectedFiles.empty() && outputFiles.empty())
    for (auto [number, argument] : llvm::enumerate(signature->arguments))
      if (argument.isOutput || argument.isUpdated)
        printSummary(llvm::outs(), argument.name, result(number));
  return llvm::Error::success();
}

/// Calls the reference with what the inputs were, and compares what both wrote.
llvm::Error RunJob::compareWithReference(std::vector<HostTensor> &before,
                                         ArrayRef<HostTensor> inputs,
                                         ArrayRef<HostTensor> outputs,
                                         const Shapes &shapes, uint64_t seed) {
  auto expected = createOutputs(*signature, shapes);
  if (!expected)
    return expected.takeError();
  if (llvm::Error error = reference->call(*signature, before, *expected))
    return error;
  for (auto [i, input] : llvm::enumerate(inputs))
    if (signature->arguments[i].isUpdated)
      compareOutput(i, input, before[i], shapes, "reference", seed);
  for (auto [i, tensor] : llvm::enumerate(outputs))
    compareOutput(signature->getNumInputs() + i, tensor, (*expected)[i], shapes,
                  "reference", seed);
  return llvm::Error::success();
}

llvm::Error RunJob::run() {
  if (llvm::Error error = checkOptions())
    return error;
  auto chosen = loadFunction(arguments.spec, arguments.entry);
  if (!chosen)
    return chosen.takeError();
  spec = std::move(chosen->spec);
  signature = chosen->signature;
  if (llvm::Error error = readInputs())
    return error;
  if (llvm::Error error = readExpected())
    return error;
  if (llvm::Error error = loadKernels())
    return error;
  if (arguments.threads > 0)
    attnc_rt_set_num_threads(int32_t(arguments.threads));
  for (unsigned i = 0; i < arguments.repeat; ++i)
    if (llvm::Error error = runOnce(arguments.seed + i))
      return error;
  if (numFailed > 0)
    return fail(ExitCode::Diagnosed, Twine(numFailed) + " of " +
                                         Twine(numCompared) +
                                         " comparisons failed");
  return llvm::Error::success();
}

Command attnc::parseRunCommand(ArrayRef<const char *> arguments) {
  auto parsed = std::make_unique<RunOptionsOnCommandLine>();
  if (!parsed->parse(arguments))
    return nullptr;
  return [parsed = std::move(parsed)] { return RunJob(*parsed).run(); };
}
