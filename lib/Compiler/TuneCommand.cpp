//===- TuneCommand.cpp - attnc tune ---------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Measures schedules beside those of the model and writes the best of them to a
// tuning file. Alternatives are compiled with the pass that will apply the
// file.
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"
#include "OpNumbers.h"
#include "Tune/TuneReport.h"
#include "attnc/Dialect/Attn/Transforms/Tuning.h"
#include "attnc/Support/AtomicFile.h"
#include "attnc/Support/BoundedFile.h"
#include "attnc/Target/CPU/TargetDescription.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace attnc;
using attn::AttendOp;
using attn::CarryOpInterface;
using attn::FunctionSignature;
namespace cl = llvm::cl;

namespace {

constexpr StringRef helpNotes = R"(
For each sequence op, one after another: the schedule of the model, its neighbours
(tiles half and twice as large, lanes a vector less and more), and their neighbours
while that helps, at most 12; for shapes with few queries the same of attn.decode.
All run in turns, and an alternative is taken if it is faster than what it replaces
in three of four rounds and by 3 % in the middle one, and is so again in a run
against the model's schedule alone. Ops that have a schedule by hand keep it.

Several shapes, --dims q=1x8x1x64,1x8x1024x64, count the same each; a single one
goes with all of another input. docs/tuning.md describes the file, which --tuning
applies.
)";

struct TuneOptionsOnCommandLine : SpecCommandLine {
  TuneOptionsOnCommandLine()
      : SpecCommandLine("tune", "measure schedules of a function", helpNotes) {}

  cl::opt<std::string> output{"o", cl::value_desc("FILE.json"),
                              cl::desc("the tuning file to write"),
                              cl::sub(subcommand), cl::cat(category)};
  cl::opt<bool> update{"update",
                       cl::desc("keep what the file says of other functions"),
                       cl::sub(subcommand), cl::cat(category)};
  cl::opt<std::string> entry{"entry", cl::value_desc("function"),
                             cl::desc("which function, if there are several"),
                             cl::sub(subcommand), cl::cat(category)};
  cl::list<std::string> dims{"dims", cl::value_desc("NAME=2x8x1000x64,..."),
                             cl::desc("shapes of an input"),
                             cl::sub(subcommand), cl::cat(category)};
  cl::opt<unsigned> threads{
      "threads",
      cl::value_desc("count"),
      cl::init(0),
      cl::desc("threads of the kernel (default: as OpenMP\n"
               "chooses)"),
      cl::sub(subcommand),
      cl::cat(category)};
  cl::opt<double> minTime{
      "min-time",
      cl::value_desc("seconds"),
      cl::init(0.5),
      cl::desc("time for each alternative and shape (default 0.5)"),
      cl::sub(subcommand),
      cl::cat(category)};
  cl::opt<bool> json{"json", cl::desc("print one JSON object"),
                     cl::sub(subcommand), cl::cat(category)};
};

/// An op that gets a schedule.
struct TunableOp {
  uint64_t number = 0;
  std::string operation;
  attn::CarryFootprint footprint;
  /// What it has; at first the model's choice, or what was written by hand.
  attn::ScheduleAttr schedule;
  attn::DecodeAttr decode;
  bool hasScheduleByHand = false, hasDecodeByHand = false;
  /// Numbers of the shapes for which it has few queries, and for which not.
  SmallVector<size_t> fewQueries, manyQueries;

  std::string getTitle() const {
    return operation + " " + std::to_string(number);
  }
};

class TuneJob {
public:
  explicit TuneJob(TuneOptionsOnCommandLine &arguments)
      : arguments(arguments) {}

  llvm::Error run();

private:
  llvm::Error checkOptions();
  llvm::Error checkOutput();
  llvm::Error readOthers();
  llvm::Error readShapes();
  llvm::Error createTensors();
  llvm::Error findOps();
  void describeOp(TunableOp &op, CarryOpInterface unscheduled,
                  CarryOpInterface scheduled, ArrayRef<Operation *> ofSpec);
  std::optional<int64_t> countRows(AttendOp op, Operation *ofSpec,
                                   const Shapes &at);
  llvm::Expected<Contestant> compile(ArrayRef<size_t> shapeNumbers);
  llvm::Error tune(TunableOp &op);
  template <typename PlanT>
  llvm::Error tunePlan(TunableOp &op, StringRef kind, PlanT TunableOp::*plan,
                       ArrayRef<size_t> shapeNumbers, ReportedOp &reported);

  TuneOptionsOnCommandLine &arguments;
  std::unique_ptr<Spec> spec;
  const FunctionSignature *signature = nullptr;
  attn::CpuTargetAttr target;
  std::vector<Shapes> shapes;
  std::vector<CallTensors> tensors;
  std::vector<TunableOp> ops;
  /// The file that --update keeps, or empty.
  std::string others;
  TuneReport report;
};

} // namespace

llvm::Error TuneJob::checkOptions() {
  if (arguments.target == "reference")
    return fail(ExitCode::Usage, "the reference target has no schedules to "
                                 "tune; use --target=cpu");
  if (arguments.output.empty() || arguments.output == "-")
    return fail(ExitCode::Usage,
                "tune writes a file; give its name with -o FILE.json");
  if (!(arguments.minTime >= 0 && arguments.minTime <= 3600))
    return fail(ExitCode::Usage,
                "--min-time takes a number of seconds from 0 to 3600");
  return llvm::Error::success();
}

/// What would keep the file from being written, before minutes are spent on it.
llvm::Error TuneJob::checkOutput() {
  if (llvm::Error error = checkIsNotSpec(arguments.output, *spec))
    return error;
  StringRef folder = llvm::sys::path::parent_path(arguments.output);
  if (!folder.empty() && !llvm::sys::fs::is_directory(folder))
    return fail(ExitCode::Diagnosed, "cannot write '" + arguments.output +
                                         "': there is no folder '" + folder +
                                         "'");
  if (llvm::sys::fs::is_directory(arguments.output))
    return fail(ExitCode::Diagnosed,
                "cannot write '" + arguments.output +
                    "': it is a directory; give the path of a file");
  return readOthers();
}

llvm::Error TuneJob::readOthers() {
  if (!arguments.update || !llvm::sys::fs::exists(arguments.output))
    return llvm::Error::success();
  auto text = readAtMost(arguments.output, attn::maxTuningBytes);
  if (!text)
    return text.takeError();
  auto tuning = attn::Tuning::parse(*text, arguments.output);
  if (!tuning)
    return tuning.takeError();
  if (tuning->target != report.description)
    return fail(ExitCode::Diagnosed,
                "'" + arguments.output + "' is for another target, " +
                    tuning->target +
                    ", and --update cannot add to it; write another file");
  others = text->str().str();
  return llvm::Error::success();
}

/// The shapes of --dims: one for each place in the longest list.
llvm::Error TuneJob::readShapes() {
  SmallVector<std::pair<NamedValue, SmallVector<StringRef>>> lists;
  size_t count = 1;
  for (const std::string &text : arguments.dims) {
    auto named = parseNamedValue(text, "dims");
    if (!named)
      return named.takeError();
    auto &list = lists.emplace_back(*named, SmallVector<StringRef>()).second;
    named->value.split(list, ',');
    if (count > 1 && list.size() > 1 && list.size() != count)
      return fail(ExitCode::Usage, "--dims has " + Twine(count) +
                                       " shapes of one input and " +
                                       Twine(list.size()) + " of '" +
                                       named->name + "'; give as many, or one");
    count = std::max(count, list.size());
  }
  for (size_t i = 0; i < count; ++i) {
    std::vector<std::string> dims;
    for (const auto &[named, list] : lists)
      dims.push_back((named.name + "=" + list[list.size() > 1 ? i : 0]).str());
    Shapes &bound = shapes.emplace_back(*signature);
    if (llvm::Error error = bindDims(dims, *signature, bound))
      return error;
    if (llvm::Error error = bound.check(ExitCode::Usage))
      return error;
  }
  return llvm::Error::success();
}

llvm::Error TuneJob::createTensors() {
  for (const Shapes &of : shapes) {
    CallTensors &call = tensors.emplace_back();
    call.dims = formatInputShapes(*signature, of, "");
    auto inputs = createRandomInputs(*signature, of);
    if (!inputs)
      return inputs.takeError();
    call.inputs = std::move(*inputs);
    auto outputs = createOutputs(*signature, of);
    if (!outputs)
      return outputs.takeError();
    call.outputs = std::move(*outputs);
  }
  return llvm::Error::success();
}

/// The query rows of a head of an attend; `ofSpec` is the op that it was made
/// of, whose extents the signature knows.
std::optional<int64_t> TuneJob::countRows(AttendOp op, Operation *ofSpec,
                                          const Shapes &at) {
  auto attend = dyn_cast_or_null<AttendOp>(ofSpec);
  if (!op || !attend)
    return std::nullopt;
  auto extent = signature->bodyExtents.find({attend.getQuery(), 2});
  if (extent == signature->bodyExtents.end())
    return std::nullopt;
  return llvm::divideCeil(at.getValue(extent->second),
                          int64_t(op.getLattice().value_or(1)));
}

void TuneJob::describeOp(TunableOp &op, CarryOpInterface unscheduled,
                         CarryOpInterface scheduled,
                         ArrayRef<Operation *> ofSpec) {
  op.operation = scheduled->getName().getStringRef().str();
  op.footprint = scheduled.getFootprint();
  op.schedule =
      scheduled->getAttrOfType<attn::ScheduleAttr>(attn::kScheduleAttrName);
  op.decode = scheduled->getAttrOfType<attn::DecodeAttr>(attn::kDecodeAttrName);
  op.hasScheduleByHand = unscheduled->hasAttr(attn::kScheduleAttrName);
  op.hasDecodeByHand = unscheduled->hasAttr(attn::kDecodeAttrName);
  std::optional<size_t> source = OpNumbers::get(scheduled);
  for (size_t i = 0; i < shapes.size(); ++i) {
    auto rows = countRows(dyn_cast<AttendOp>(scheduled.getOperation()),
                          source ? ofSpec[*source] : nullptr, shapes[i]);
    bool isFew = op.decode && rows && *rows <= op.decode.getMostQueries();
    (isFew ? op.fewQueries : op.manyQueries).push_back(i);
  }
}

/// Remarks are those of every compilation: one is enough.
static LogicalResult swallowRemark(mlir::Diagnostic &diagnostic) {
  return success(diagnostic.getSeverity() == mlir::DiagnosticSeverity::Remark);
}

/// The ops that a tuning file numbers, with what the model chooses for them.
llvm::Error TuneJob::findOps() {
  mlir::func::FuncOp function = spec->getFunction(*signature);
  SmallVector<Operation *> ofSpec;
  for (CarryOpInterface op : attn::getSequenceOps(function))
    ofSpec.push_back(op);
  if (ofSpec.empty())
    return fail(ExitCode::Diagnosed,
                "'" + signature->function +
                    "' has no op of attn; there is nothing to tune");
  OpNumbers numbers(ofSpec);
  CompileOptions options;
  options.pipeline.target = arguments.target;
  options.entry = signature->function;
  auto before = lower(*spec, options, Stage::Unscheduled);
  if (!before)
    return before.takeError();
  mlir::ScopedDiagnosticHandler quiet(&spec->getContext(), swallowRemark);
  auto after = lower(*spec, options, Stage::Scheduled);
  if (!after)
    return after.takeError();
  std::string name = (attn::kKernelNamePrefix + signature->function).str();
  auto unscheduled = (*before)->lookupSymbol<mlir::func::FuncOp>(name);
  auto scheduled = (*after)->lookupSymbol<mlir::func::FuncOp>(name);
  report.definition = attn::getDefinitionDigest(unscheduled);
  for (auto [from, to] : llvm::zip_equal(attn::getSequenceOps(unscheduled),
                                         attn::getSequenceOps(scheduled))) {
    TunableOp &op = ops.emplace_back();
    op.number = ops.size() - 1;
    describeOp(op, from, to, ofSpec);
    if (op.hasScheduleByHand || op.hasDecodeByHand)
      llvm::errs() << op.getTitle() << " at " << printLocation(to->getLoc())
                   << " keeps the "
                   << (op.hasScheduleByHand ? attn::kScheduleAttrName
                                            : attn::kDecodeAttrName)
                   << " that it has\n";
  }
  if (llvm::all_of(ops, [](const TunableOp &o) { return o.hasScheduleByHand; }))
    return fail(ExitCode::Diagnosed,
                "all ops of '" + signature->function +
                    "' keep a schedule by hand; there is nothing to tune");
  return llvm::Error::success();
}

/// The function with the plans that ops have now.
llvm::Expected<Contestant> TuneJob::compile(ArrayRef<size_t> shapeNumbers) {
  auto tuning = std::make_shared<attn::Tuning>();
  tuning->name = arguments.output;
  tuning->target = report.description;
  attn::TunedFunction &function = tuning->functions.emplace_back();
  function.name = signature->function;
  function.definition = report.definition;
  for (const TunableOp &op : ops) {
    if (op.hasScheduleByHand)
      continue;
    attn::TunedOp &tuned = function.ops.emplace_back();
    tuned.number = op.number;
    tuned.operation = op.operation;
    tuned.schedule = printPlan(op.schedule);
    if (op.decode && !op.hasDecodeByHand)
      tuned.decode = printPlan(op.decode);
  }
  CompileOptions options;
  options.pipeline.target = arguments.target;
  options.pipeline.tuning = std::move(tuning);
  options.entry = signature->function;
  mlir::ScopedDiagnosticHandler quiet(&spec->getContext(), swallowRemark);
  auto kernel = Kernel::load(*spec, options);
  if (!kernel)
    return kernel.takeError();
  SmallVector<CallTensors *> calls;
  for (size_t number : shapeNumbers)
    calls.push_back(&tensors[number]);
  return Contestant::create(std::move(*kernel), *signature, calls);
}

template <typename PlanT>
llvm::Error
TuneJob::tunePlan(TunableOp &op, StringRef kind, PlanT TunableOp::*plan,
                  ArrayRef<size_t> shapeNumbers, ReportedOp &reported) {
  PlanSearchSetup setup;
  setup.model = op.*plan;
  setup.footprint = op.footprint;
  setup.width = target.getVectorBytes() / int64_t(sizeof(float));
  setup.minSeconds = arguments.minTime;
  setup.compile = [&](Attribute alternative) {
    op.*plan = cast<PlanT>(alternative);
    return compile(shapeNumbers);
  };
  setup.report = [&](const MeasuredPlan &measured) {
    llvm::errs() << op.getTitle() << ", " << printPlan(measured.plan)
                 << ": ratio " << printRatio(measured.ratio)
                 << (measured.isFaster ? ", faster than the best so far\n"
                                       : "\n");
  };
  llvm::errs() << op.getTitle() << ", " << printPlan(setup.model)
               << ": the model's\n";
  auto found = searchPlan(setup);
  if (!found)
    return found.takeError();
  op.*plan = cast<PlanT>(found->best);
  ReportedPlan &result = reported.plans.emplace_back();
  result.kind = kind.str();
  result.found = std::move(*found);
  for (size_t number : shapeNumbers)
    result.dims.push_back(tensors[number].dims);
  return llvm::Error::success();
}

llvm::Error TuneJob::tune(TunableOp &op) {
  if (op.hasScheduleByHand)
    return llvm::Error::success();
  ReportedOp reported;
  reported.number = op.number;
  reported.operation = op.operation;
  if (!op.manyQueries.empty())
    if (llvm::Error error = tunePlan(op, "schedule", &TunableOp::schedule,
                                     op.manyQueries, reported))
      return error;
  if (!op.fewQueries.empty() && !op.hasDecodeByHand)
    if (llvm::Error error =
            tunePlan(op, "decode", &TunableOp::decode, op.fewQueries, reported))
      return error;
  // Both, whatever was measured: with a schedule alone there would be no plan
  // for few queries.
  reported.schedule = op.schedule;
  if (!op.hasDecodeByHand)
    reported.decode = op.decode;
  report.ops.push_back(std::move(reported));
  return llvm::Error::success();
}

llvm::Error TuneJob::run() {
  if (llvm::Error error = checkOptions())
    return error;
  auto chosen = loadFunction(arguments.spec, arguments.entry);
  if (!chosen)
    return chosen.takeError();
  spec = std::move(chosen->spec);
  signature = chosen->signature;
  auto described = cpu::describeTarget(&spec->getContext(), arguments.target);
  if (!described)
    return fail(ExitCode::Usage, llvm::toString(described.takeError()));
  target = *described;
  report.spec = spec->getName().str();
  report.function = signature->function;
  report.target = arguments.target;
  report.description = printPlan(target);
  if (llvm::Error error = checkOutput())
    return error;
  if (llvm::Error error = readShapes())
    return error;
  if (llvm::Error error = findOps())
    return error;
  if (llvm::Error error = createTensors())
    return error;
  report.threads = setThreads(arguments.threads);
  report.warnings = findDisturbances(report.threads);
  for (const std::string &warning : report.warnings)
    warn(warning);
  for (TunableOp &op : ops)
    if (llvm::Error error = tune(op))
      return error;
  if (llvm::Error error =
          writeFileAtomically(arguments.output, emitTuningFile(report, others)))
    return error;
  if (arguments.json)
    llvm::outs() << emitTuneJson(report);
  else
    printTuneTable(llvm::outs(), report);
  return llvm::Error::success();
}

Command attnc::parseTuneCommand(ArrayRef<const char *> arguments) {
  auto parsed = std::make_unique<TuneOptionsOnCommandLine>();
  if (!parsed->parse(arguments))
    return nullptr;
  return [parsed = std::move(parsed)] { return TuneJob(*parsed).run(); };
}
