//===- PlanCommand.cpp - attnc plan ---------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// KV-cache sizing and serving economics, from the description of a model. No
// spec is read and no code is compiled.
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"
#include "Plan/PlanReport.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace attnc;
using namespace attnc::plan;
namespace cl = llvm::cl;

namespace {

constexpr StringRef helpNotes = R"(
Memory of a sequence and by what shared heads, windows and narrow types divide it;
FLOPs of prefill and of a decoded token; with --device the least time of a step and
how many sequences fit; with --lengths what contiguous and paged caches waste; from
which length on scans take less than attention. Times are bounds, no predictions.

MODEL and DEVICE are names that --list tells, or JSON files (NAME.json, or - for
standard input); --print-model and --print-device print one to start from. Tokens
are numbers, with K for 1024 and M for 1024 K. docs/plan.md has the formulas.
)";

struct PlanOptionsOnCommandLine : CommandLine {
  PlanOptionsOnCommandLine()
      : CommandLine("plan", "size a KV cache and what serving can reach",
                    helpNotes) {}

  cl::opt<std::string> model{"model", cl::value_desc("MODEL"),
                             cl::desc("what is served"), cl::sub(subcommand),
                             cl::cat(category)};
  cl::opt<std::string> context{
      "context",           cl::value_desc("tokens"),
      cl::init("4096"),    cl::desc("tokens of a sequence (default 4096)"),
      cl::sub(subcommand), cl::cat(category)};
  cl::opt<std::string> compareContext{
      "compare-context", cl::value_desc("tokens"),
      cl::desc("how FLOPs grow from this length"), cl::sub(subcommand),
      cl::cat(category)};
  cl::opt<std::string> kv{"kv",
                          cl::value_desc("type"),
                          cl::init("f16"),
                          cl::desc("type of the cache: f32, f16 (default), "
                                   "bf16,\nf8, i8, i4"),
                          cl::sub(subcommand),
                          cl::cat(category)};
  cl::opt<std::string> kvScales{
      "kv-scales", cl::value_desc("none|token|N"),
      cl::desc("a scale for each token and head (default\n"
               "for i8) or for N elements (default for i4: 32)"),
      cl::sub(subcommand), cl::cat(category)};
  cl::opt<std::string> kvScaleType{
      "kv-scale-type",     cl::value_desc("type"),
      cl::init("f32"),     cl::desc("f32 (default), f16 or bf16"),
      cl::sub(subcommand), cl::cat(category)};
  cl::opt<bool> kvZeros{"kv-zeros",
                        cl::desc("a zero point goes with each scale"),
                        cl::sub(subcommand), cl::cat(category)};
  cl::opt<std::string> weights{"weights", cl::value_desc("type"),
                               cl::desc("type of the weights (default: the "
                                        "model's)"),
                               cl::sub(subcommand), cl::cat(category)};
  cl::opt<std::string> against{
      "against", cl::value_desc("MODEL"),
      cl::desc("from which length on one model takes less\n"
               "than the other, weights left out"),
      cl::sub(subcommand), cl::cat(category)};
  cl::opt<std::string> device{"device", cl::value_desc("DEVICE"),
                              cl::desc("what it runs on"), cl::sub(subcommand),
                              cl::cat(category)};
  cl::opt<std::string> deviceCount{
      "device-count",      cl::value_desc("count"),
      cl::init("1"),       cl::desc("as many of them, without loss"),
      cl::sub(subcommand), cl::cat(category)};
  cl::opt<double> memoryFraction{
      "memory-fraction",
      cl::value_desc("share"),
      cl::init(0.9),
      cl::desc("of the memory, for weights and cache\n(default 0.9)"),
      cl::sub(subcommand),
      cl::cat(category)};
  cl::list<std::string> batches{
      "batch",
      cl::value_desc("count,..."),
      cl::CommaSeparated,
      cl::desc("sequences that decode together (default:\n"
               "powers of two, as many as fit)"),
      cl::sub(subcommand),
      cl::cat(category)};
  cl::opt<std::string> lengths{
      "lengths", cl::value_desc("lengths"),
      cl::desc("of whole sequences: fixed:N, uniform:A:B,\n"
               "lognormal:MEAN:SIGMA, or a file of numbers"),
      cl::sub(subcommand), cl::cat(category)};
  cl::opt<double> promptShare{
      "prompt-share",
      cl::value_desc("share"),
      cl::init(0.25),
      cl::desc("of a sequence that is its prompt\n(default 0.25)"),
      cl::sub(subcommand),
      cl::cat(category)};
  cl::opt<std::string> maxLength{
      "max-length", cl::value_desc("tokens"),
      cl::desc("what a contiguous cache reserves\n(default: the context)"),
      cl::sub(subcommand), cl::cat(category)};
  cl::opt<std::string> page{"page",
                            cl::value_desc("tokens"),
                            cl::init("16"),
                            cl::desc("tokens of a page (default 16)"),
                            cl::sub(subcommand),
                            cl::cat(category)};
  cl::opt<bool> json{"json", cl::desc("print one JSON object"),
                     cl::sub(subcommand), cl::cat(category)};
  cl::opt<bool> printModel{"print-model", cl::desc("print the model as JSON"),
                           cl::sub(subcommand), cl::cat(category)};
  cl::opt<bool> printDevice{"print-device",
                            cl::desc("print the device as JSON"),
                            cl::sub(subcommand), cl::cat(category)};
  cl::opt<bool> list{"list", cl::desc("print the models and devices"),
                     cl::sub(subcommand), cl::cat(category)};
};

/// The plan that a command line asks for.
class PlanJob {
public:
  explicit PlanJob(PlanOptionsOnCommandLine &arguments)
      : arguments(arguments) {}

  llvm::Error run();

private:
  llvm::Error readModels();
  llvm::Error readDevice();
  llvm::Error readFormat();
  llvm::Error readScales();
  llvm::Error readTokens();
  llvm::Error readBatches();
  llvm::Error readTraffic();

  PlanOptionsOnCommandLine &arguments;
  PlanRequest request;
};

/// Reads a number of tokens: digits, and K or M.
llvm::Error readCount(StringRef option, StringRef text, uint64_t most,
                      uint64_t &count) {
  StringRef digits = text;
  uint64_t unit = digits.consume_back("K")   ? uint64_t(1) << 10
                  : digits.consume_back("M") ? uint64_t(1) << 20
                                             : 1;
  uint64_t value = 0;
  if (digits.empty() || !llvm::all_of(digits, llvm::isDigit) ||
      digits.getAsInteger(10, value) || value < 1 || value > most / unit)
    return fail(ExitCode::Usage, "--" + option +
                                     " takes a whole number from 1 to " +
                                     Twine(most) + ", not '" + text + "'");
  count = value * unit;
  return llvm::Error::success();
}

llvm::Error readType(StringRef option, StringRef text, NumberType &type) {
  auto parsed = parseNumberType(text);
  if (!parsed)
    return fail(ExitCode::Usage, "--" + option + " has no type '" + text +
                                     "'; types are " + listNumberTypes());
  type = *parsed;
  return llvm::Error::success();
}

llvm::Error checkShare(StringRef option, double share) {
  if (share >= 0 && share <= 1)
    return llvm::Error::success();
  return fail(ExitCode::Usage, "--" + option + " takes a share, from 0 to 1");
}

bool isFile(StringRef name) { return name == "-" || name.ends_with(".json"); }

/// A preset, or what a file says.
template <typename T>
llvm::Expected<T> findOrLoad(StringRef what, StringRef name, const T *preset,
                             ArrayRef<T> presets) {
  if (preset)
    return *preset;
  if (isFile(name))
    return T::load(name);
  std::string names = llvm::join(
      llvm::map_range(presets, [](const T &entry) { return entry.name; }),
      ", ");
  return fail(ExitCode::Usage, "there is no " + what + " '" + name +
                                   "'; give a file NAME.json, or one of " +
                                   names);
}

llvm::Expected<Model> findModel(StringRef name) {
  return findOrLoad("model", name, findModelPreset(name), getModelPresets());
}

void printList(raw_ostream &os) {
  os << "models\n";
  for (const Model &model : getModelPresets())
    os << "  " << llvm::left_justify(model.name, 15) << model.source << "\n";
  os << "devices\n";
  for (const Device &device : getDevicePresets())
    os << "  " << llvm::left_justify(device.name, 15) << device.source << "\n";
}

} // namespace

llvm::Error PlanJob::readModels() {
  if (arguments.model.empty())
    return fail(ExitCode::Usage,
                "a plan needs a model; give --model=NAME, or --list for names");
  auto model = findModel(arguments.model);
  if (!model)
    return model.takeError();
  request.model = std::move(*model);
  if (!arguments.weights.empty())
    if (llvm::Error error =
            readType("weights", arguments.weights, request.model.weights))
      return error;
  if (arguments.against.empty())
    return llvm::Error::success();
  auto against = findModel(arguments.against);
  if (!against)
    return against.takeError();
  request.against = std::move(*against);
  return llvm::Error::success();
}

llvm::Error PlanJob::readDevice() {
  if (llvm::Error error = readCount("device-count", arguments.deviceCount,
                                    mostDevices, request.deviceCount))
    return error;
  if (llvm::Error error =
          checkShare("memory-fraction", arguments.memoryFraction))
    return error;
  request.memoryFraction = arguments.memoryFraction;
  if (arguments.device.empty())
    return llvm::Error::success();
  StringRef name = arguments.device;
  auto device =
      findOrLoad("device", name, findDevicePreset(name), getDevicePresets());
  if (!device)
    return device.takeError();
  request.device = device->times(request.deviceCount);
  return llvm::Error::success();
}

llvm::Error PlanJob::readScales() {
  StringRef scales = arguments.kvScales;
  CacheFormat &format = request.format;
  if (scales == "none")
    format.elementsPerScale = 0;
  else if (scales == "token")
    format.elementsPerScale = wholeVector;
  else if (!scales.empty())
    if (llvm::Error error = readCount("kv-scales", scales, mostElements - 1,
                                      format.elementsPerScale))
      return error;
  if (llvm::Error error =
          readType("kv-scale-type", arguments.kvScaleType, format.scaleType))
    return error;
  if (getBitWidth(format.scaleType) < 16)
    return fail(ExitCode::Usage, "--kv-scale-type takes f32, f16 or bf16, "
                                 "not '" +
                                     arguments.kvScaleType + "'");
  format.hasZeroPoints = arguments.kvZeros;
  bool isAboutScales =
      arguments.kvZeros || arguments.kvScaleType.getNumOccurrences() > 0;
  if (isAboutScales && format.elementsPerScale == 0)
    return fail(ExitCode::Usage,
                "--kv-zeros and --kv-scale-type need scales; give --kv-scales");
  return llvm::Error::success();
}

llvm::Error PlanJob::readFormat() {
  NumberType type;
  if (llvm::Error error = readType("kv", arguments.kv, type))
    return error;
  request.format = CacheFormat::get(type);
  return readScales();
}

llvm::Error PlanJob::readTokens() {
  if (llvm::Error error =
          readCount("context", arguments.context, mostTokens, request.tokens))
    return error;
  if (!arguments.compareContext.empty())
    if (llvm::Error error =
            readCount("compare-context", arguments.compareContext, mostTokens,
                      request.otherTokens.emplace()))
      return error;
  request.longest = request.tokens;
  if (!arguments.maxLength.empty())
    if (llvm::Error error = readCount("max-length", arguments.maxLength,
                                      mostTokens, request.longest))
      return error;
  return readCount("page", arguments.page, mostPageTokens, request.page);
}

llvm::Error PlanJob::readBatches() {
  if (!arguments.batches.empty() && !request.device)
    return fail(ExitCode::Usage, "--batch asks for times; give --device, too");
  for (const std::string &text : arguments.batches)
    if (llvm::Error error = readCount("batch", text, mostSequences,
                                      request.batches.emplace_back()))
      return error;
  return llvm::Error::success();
}

llvm::Error PlanJob::readTraffic() {
  if (llvm::Error error = checkShare("prompt-share", arguments.promptShare))
    return error;
  if (arguments.lengths.empty())
    return llvm::Error::success();
  auto lengths = Lengths::parse(arguments.lengths);
  if (!lengths)
    return lengths.takeError();
  lengths->cut(request.longest);
  request.traffic = Traffic{std::move(*lengths), arguments.promptShare};
  return llvm::Error::success();
}

llvm::Error PlanJob::run() {
  if (arguments.list) {
    printList(llvm::outs());
    return llvm::Error::success();
  }
  if ((arguments.model == "-") + (arguments.against == "-") +
          (arguments.device == "-") >
      1)
    return fail(ExitCode::Usage, "standard input can be read once");
  if (llvm::Error error = readDevice())
    return error;
  if (arguments.printDevice) {
    if (!request.device)
      return fail(ExitCode::Usage, "--print-device needs --device");
    llvm::outs() << request.device->emitJson();
    return llvm::Error::success();
  }
  if (llvm::Error error = readModels())
    return error;
  if (arguments.printModel) {
    llvm::outs() << request.model.emitJson();
    return llvm::Error::success();
  }
  for (auto read : {&PlanJob::readFormat, &PlanJob::readTokens,
                    &PlanJob::readBatches, &PlanJob::readTraffic})
    if (llvm::Error error = (this->*read)())
      return error;
  PlanReport report(std::move(request));
  if (arguments.json)
    llvm::outs() << emitPlanJson(report);
  else
    printPlanText(llvm::outs(), report);
  return llvm::Error::success();
}

Command attnc::parsePlanCommand(ArrayRef<const char *> arguments) {
  auto parsed = std::make_unique<PlanOptionsOnCommandLine>();
  if (!parsed->parse(arguments))
    return nullptr;
  return [parsed = std::move(parsed)] { return PlanJob(*parsed).run(); };
}
