//===- BenchCommand.cpp - attnc bench -------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Times one function of a spec. A rate by itself says little on a machine whose
// clock and neighbours change, so that each run is taken between measurements
// of what the machine could do at that moment.
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"
#include "InputTables.h"
#include "Timing.h"
#include "attnc/Dialect/Attn/Analysis/UsefulWork.h"
#include "attnc/JIT/MachineLimits.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <nlohmann/json.hpp>
#include <thread>

using namespace attnc;
using attn::FunctionSignature;
using Json = nlohmann::ordered_json;
namespace cl = llvm::cl;

namespace {

constexpr StringRef helpNotes = R"(
Useful work is what the definition needs: 2 (dim + value_dim) operations for each
pair of query and key that the mask allows, 4 dim value_dim (with the delta rule 6)
for each position of a scan. Peaks are measured in the same process between the
runs: fused multiply-adds of f32 in registers, and reading memory beyond the
caches. Inputs are random, and so are tables and numbers that masks read: pairs
are those that they allow. Where these are not counted there is a time and no
rate.
)";

struct BenchOptionsOnCommandLine : CompilerCommandLine {
  BenchOptionsOnCommandLine()
      : CompilerCommandLine("bench", "time a function of a spec", helpNotes) {}

  cl::opt<std::string> entry{"entry", cl::value_desc("function"),
                             cl::desc("which function, if there are several"),
                             cl::sub(subcommand), cl::cat(category)};
  cl::list<std::string> dims{"dims", cl::value_desc("NAME=2x8x1000x64"),
                             cl::desc("shape of an input"), cl::sub(subcommand),
                             cl::cat(category)};
  cl::opt<unsigned> threads{
      "threads",
      cl::value_desc("count"),
      cl::init(0),
      cl::desc("threads of the kernel (default: as OpenMP\n"
               "chooses)"),
      cl::sub(subcommand),
      cl::cat(category)};
  cl::opt<double> minTime{
      "min-time",          cl::value_desc("seconds"),
      cl::init(1.0),       cl::desc("time to spend in the kernel (default 1)"),
      cl::sub(subcommand), cl::cat(category)};
  cl::opt<bool> json{"json", cl::desc("print one JSON object"),
                     cl::sub(subcommand), cl::cat(category)};
};

/// What the rounds measured.
struct Measurement {
  double compileSeconds = 0;
  /// Absent if it was not counted.
  std::optional<double> usefulFlops;
  Samples seconds, peakFlops, peakBandwidth;
};

class BenchJob {
public:
  explicit BenchJob(BenchOptionsOnCommandLine &arguments)
      : arguments(arguments) {}

  llvm::Error run();

private:
  llvm::Expected<Shapes> readShapes();
  llvm::Error measure(const Shapes &shapes, Measurement &measurement);
  llvm::Error measureRounds(TimedCall &call, MachineLimits &limits,
                            Measurement &measurement);
  std::optional<double> countFlops(const Shapes &shapes,
                                   ArrayRef<HostTensor> inputs);
  double countBytes(const Shapes &shapes);
  Json summarize(const Shapes &shapes, const Measurement &measurement);

  BenchOptionsOnCommandLine &arguments;
  std::unique_ptr<Spec> spec;
  const FunctionSignature *signature = nullptr;
  unsigned threads = 1;
  std::vector<std::string> warnings;
};

} // namespace

llvm::Expected<Shapes> BenchJob::readShapes() {
  Shapes shapes(*signature);
  if (llvm::Error error = bindDims(arguments.dims, *signature, shapes))
    return std::move(error);
  if (llvm::Error error = shapes.check(ExitCode::Usage))
    return std::move(error);
  return shapes;
}

std::optional<double> BenchJob::countFlops(const Shapes &shapes,
                                           ArrayRef<HostTensor> inputs) {
  std::map<unsigned, const HostTensor *> known;
  for (auto [number, input] : llvm::enumerate(inputs))
    known[unsigned(number)] = &input;
  spec->raiseMasks(*signature);
  return attn::countUsefulFlops(
      spec->getFunction(*signature),
      [&](Value tensor, int64_t axis) {
        return shapes.getExtent(tensor, axis);
      },
      [&](attn::AttendOp op, StringRef name) {
        return InputTables(known).find(op, name);
      });
}

/// Every input read once and every output written once.
double BenchJob::countBytes(const Shapes &shapes) {
  double bytes = 0;
  for (auto [number, argument] : llvm::enumerate(signature->arguments)) {
    double elements = 1;
    for (int64_t extent : shapes.getShape(number))
      elements *= double(extent);
    bytes += elements * double(getByteSize(getDType(argument)));
  }
  return bytes;
}

llvm::Error BenchJob::measureRounds(TimedCall &call, MachineLimits &limits,
                                    Measurement &measurement) {
  constexpr size_t minRounds = 5, maxRounds = 1000;
  double spent = 0;
  while (
      measurement.seconds.size() < minRounds ||
      (spent < arguments.minTime && measurement.seconds.size() < maxRounds)) {
    // libomp's workers spin for 200 ms after a parallel region, on the
    // processors whose limits are to be measured.
    if (threads > 1)
      std::this_thread::sleep_for(std::chrono::milliseconds(210));
    measurement.peakBandwidth.add(limits.measureBandwidth());
    measurement.peakFlops.add(limits.measureFlops());
    if (llvm::Error error = call.warm())
      return error;
    Clock::time_point start = Clock::now();
    llvm::Expected<double> seconds = call.sample();
    if (!seconds)
      return seconds.takeError();
    measurement.seconds.add(*seconds);
    spent += secondsSince(start);
  }
  return llvm::Error::success();
}

llvm::Error BenchJob::measure(const Shapes &shapes, Measurement &measurement) {
  CompileOptions options;
  if (llvm::Error error = arguments.readPipeline(options.pipeline))
    return error;
  options.entry = signature->function;
  Clock::time_point start = Clock::now();
  auto kernel = Kernel::load(*spec, options);
  if (!kernel)
    return kernel.takeError();
  measurement.compileSeconds = secondsSince(start);

  auto inputs = createRandomInputs(*signature, shapes);
  if (!inputs)
    return inputs.takeError();
  measurement.usefulFlops = countFlops(shapes, *inputs);
  auto outputs = createOutputs(*signature, shapes);
  if (!outputs)
    return outputs.takeError();
  auto prepared = kernel->prepare(*signature, *inputs, *outputs);
  if (!prepared)
    return prepared.takeError();
  auto call = TimedCall::create(std::move(*prepared));
  if (!call)
    return call.takeError();
  auto limits = MachineLimits::create(kernel->getCode().target,
                                      kernel->getCode().vectorBytes, threads);
  if (!limits)
    return limits.takeError();
  return measureRounds(*call, *limits, measurement);
}

Json BenchJob::summarize(const Shapes &shapes, const Measurement &measurement) {
  double bytes = countBytes(shapes);
  double median = measurement.seconds.median();
  double best = measurement.seconds.quantile(0);
  double peakFlops = measurement.peakFlops.median();
  double peakBandwidth = measurement.peakBandwidth.median();
  // A rate of the useful work, or null.
  auto rate = [&](double divisor) {
    return measurement.usefulFlops ? Json(*measurement.usefulFlops / divisor)
                                   : Json(nullptr);
  };
  Json dims = Json::object();
  for (unsigned i = 0, e = signature->getNumInputs(); i < e; ++i) {
    auto shape = shapes.getShape(i);
    dims[signature->arguments[i].name] =
        std::vector<int64_t>(shape.begin(), shape.end());
  }
  return {
      {"schema", 1},
      {"spec", spec->getName().str()},
      {"function", signature->function},
      {"target", std::string(arguments.target)},
      {"threads", threads},
      {"dims", dims},
      {"rounds", measurement.seconds.size()},
      {"median_seconds", median},
      {"min_seconds", best},
      {"spread", (measurement.seconds.quantile(0.75) -
                  measurement.seconds.quantile(0.25)) /
                     median},
      {"useful_flops", rate(1)},
      {"useful_bytes", bytes},
      {"gflops", rate(median * 1e9)},
      {"peak_gflops", peakFlops * 1e-9},
      {"peak_fraction", rate(median * peakFlops)},
      {"best_peak_fraction", rate(best * measurement.peakFlops.quantile(1))},
      {"gbytes_per_second", bytes / median * 1e-9},
      {"peak_gbytes_per_second", peakBandwidth * 1e-9},
      {"bandwidth_fraction", bytes / median / peakBandwidth},
      {"compile_seconds", measurement.compileSeconds},
      {"warnings", warnings}};
}

static void printTable(const Json &json) {
  auto number = [&](const char *key) { return json[key].get<double>(); };
  raw_ostream &os = llvm::outs();
  os << json["function"].get<std::string>() << ", "
     << json["threads"].get<unsigned>() << " thread(s), "
     << json["rounds"].get<unsigned>() << " rounds\n"
     << llvm::format("  time         %.3f ms (spread %.0f%%, best %.3f ms)\n",
                     number("median_seconds") * 1e3, number("spread") * 100,
                     number("min_seconds") * 1e3);
  if (json["gflops"].is_null())
    os << "  arithmetic   not counted\n";
  else
    os << llvm::format(
        "  arithmetic   %.2f GFLOP/s, %.1f%% of the peak of %.1f\n",
        number("gflops"), number("peak_fraction") * 100, number("peak_gflops"));
  os << llvm::format("  memory       %.2f GB/s, %.1f%% of the peak of %.1f\n",
                     number("gbytes_per_second"),
                     number("bandwidth_fraction") * 100,
                     number("peak_gbytes_per_second"))
     << llvm::format("  compilation  %.0f ms\n",
                     number("compile_seconds") * 1e3);
}

llvm::Error BenchJob::run() {
  auto chosen = loadFunction(arguments.spec, arguments.entry);
  if (!chosen)
    return chosen.takeError();
  spec = std::move(chosen->spec);
  signature = chosen->signature;
  llvm::Expected<Shapes> shapes = readShapes();
  if (!shapes)
    return shapes.takeError();
  threads = setThreads(arguments.threads);
  warnings = findDisturbances(threads);
  for (const std::string &warning : warnings)
    warn(warning);

  Measurement measurement;
  if (llvm::Error error = measure(*shapes, measurement))
    return error;
  Json json = summarize(*shapes, measurement);
  if (arguments.json)
    llvm::outs() << json.dump(2) << "\n";
  else
    printTable(json);
  return llvm::Error::success();
}

Command attnc::parseBenchCommand(ArrayRef<const char *> arguments) {
  auto parsed = std::make_unique<BenchOptionsOnCommandLine>();
  if (!parsed->parse(arguments))
    return nullptr;
  return [parsed = std::move(parsed)] { return BenchJob(*parsed).run(); };
}
