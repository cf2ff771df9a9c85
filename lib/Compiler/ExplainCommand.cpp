//===- ExplainCommand.cpp - attnc explain ---------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tells what the compiler makes of the masks of a function at given lengths. No
// code is generated: the pipeline stops as soon as there are schedules.
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"
#include "Explain/Report.h"
#include "attnc/Dialect/Attn/Analysis/UsefulWork.h"
#include "attnc/Dialect/Attn/IR/Attn.h"
#include "attnc/Support/AtomicFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

using namespace attnc;
using attn::AttendOp;
using attn::FunctionSignature;
namespace cl = llvm::cl;

namespace {

constexpr StringRef helpNotes = R"(
For every attn.attend: the mask as a set, how its keys are found, the schedule,
and for the lengths of --dims the tiles of queries by keys that are full (all
pairs allowed: no mask code), partial (each pair is tested) and empty (not
visited). Without --json, --html or --svg: text. FILE may be - for standard
output. docs/explain.md describes the JSON.
)";

struct ExplainOptionsOnCommandLine : CommandLine {
  ExplainOptionsOnCommandLine()
      : CommandLine("explain", "tell what becomes of the masks of a spec",
                    helpNotes) {}

  cl::opt<std::string> entry{"entry", cl::value_desc("function"),
                             cl::desc("which function, if there are several"),
                             cl::sub(subcommand), cl::cat(category)};
  cl::list<std::string> dims{"dims", cl::value_desc("NAME=2x8x1000x64"),
                             cl::desc("shape of an input"), cl::sub(subcommand),
                             cl::cat(category)};
  cl::opt<bool> json{"json", cl::desc("print one JSON object"),
                     cl::sub(subcommand), cl::cat(category)};
  cl::opt<std::string> html{"html", cl::value_desc("FILE"),
                            cl::desc("write a page"), cl::sub(subcommand),
                            cl::cat(category)};
  cl::opt<std::string> svg{"svg", cl::value_desc("FILE"),
                           cl::desc("write a drawing of one mask"),
                           cl::sub(subcommand), cl::cat(category)};
  cl::opt<int64_t> operation{"op",
                             cl::value_desc("number"),
                             cl::init(-1),
                             cl::desc("only this attn.attend, from 0"),
                             cl::sub(subcommand),
                             cl::cat(category)};
  cl::opt<int64_t> queryTile{
      "query-tile",        cl::value_desc("rows"),
      cl::init(0),         cl::desc("draw other tiles than the schedule's"),
      cl::sub(subcommand), cl::cat(category)};
  cl::opt<int64_t> keyTile{"key-tile",          cl::value_desc("keys"),
                           cl::init(0),         cl::desc("the same for keys"),
                           cl::sub(subcommand), cl::cat(category)};
  cl::opt<int64_t> batch{"batch",
                         cl::value_desc("number"),
                         cl::init(0),
                         cl::desc("of which batch (default 0)"),
                         cl::sub(subcommand),
                         cl::cat(category)};
  cl::opt<int64_t> head{"head",
                        cl::value_desc("number"),
                        cl::init(0),
                        cl::desc("of which head (default 0)"),
                        cl::sub(subcommand),
                        cl::cat(category)};
};

/// The extents of an attend.
struct AttendExtents {
  attn::MaskExtents mask;
  int64_t keyHeads = 0, dim = 0, valueDim = 0;
};

/// The explanation that a command line asks for.
class ExplainJob {
public:
  explicit ExplainJob(ExplainOptionsOnCommandLine &arguments)
      : arguments(arguments) {}

  llvm::Error run();

private:
  llvm::Error checkOptions();
  llvm::Error loadShapes();
  llvm::Expected<std::vector<ChosenSchedule>> chooseSchedules();
  AttendExtents getExtents(AttendOp op);
  llvm::Expected<PictureFrame> getFrame(const AttendExtents &extents,
                                        ChosenSchedule &schedule);
  llvm::Expected<ExplainedMask> explain(AttendOp op, unsigned number,
                                        ChosenSchedule schedule);
  llvm::Error explainAll();
  llvm::Error write();

  ExplainOptionsOnCommandLine &arguments;
  std::unique_ptr<Spec> spec;
  const FunctionSignature *signature = nullptr;
  std::optional<Shapes> shapes;
  ExplainReport report;
};

SmallVector<AttendOp> collectAttends(mlir::func::FuncOp function) {
  SmallVector<AttendOp> ops;
  function.walk([&](AttendOp op) { ops.push_back(op); });
  return ops;
}

std::string printLocation(Location location) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (auto place = location->findInstanceOf<mlir::FileLineColLoc>())
    stream << place.getFilename().getValue() << ':' << place.getLine() << ':'
           << place.getColumn();
  else
    stream << location;
  return text;
}

NeededWork getWork(AttendOp op, const AttendExtents &extents,
                   std::optional<double> pairs) {
  auto getBytes = [](Value tensor) {
    Type type = mlir::getElementTypeOrSelf(tensor.getType());
    return int64_t(type.getIntOrFloatBitWidth() / 8);
  };
  const attn::MaskExtents &mask = extents.mask;
  int64_t queryRows = mask.batch * mask.heads * mask.queryLength;
  int64_t keyRows = mask.batch * extents.keyHeads * mask.keyLength;
  NeededWork work;
  work.tensors = {
      {"query", queryRows * extents.dim * getBytes(op.getQuery())},
      {"key", keyRows * extents.dim * getBytes(op.getKey())},
      {"value", keyRows * extents.valueDim * getBytes(op.getValue())},
      {"out", queryRows * extents.valueDim * getBytes(op.getOut())}};
  if (op.getLse())
    work.tensors.push_back({"lse", queryRows * getBytes(op.getLse())});
  if (pairs)
    work.flops = 2 * double(extents.dim + extents.valueDim) * *pairs;
  return work;
}

/// Allowed pairs of all batches and heads, if those of the picture could be
/// counted.
std::optional<double> countPairs(const std::optional<Mask> &mask,
                                 MLIRContext *context,
                                 const attn::MaskExtents &extents,
                                 const MaskPicture &picture) {
  double planes = double(extents.batch) * double(extents.heads);
  if (!picture.pairs.allowed)
    return std::nullopt;
  if (!picture.dependsOnPlane)
    return planes * double(*picture.pairs.allowed);
  if (planes * double(picture.countingSteps) > MaskPicture::maxCountingSteps)
    return std::nullopt;
  MaskSet set = llvm::cantFail(MaskSet::get(mask->predicate));
  return double(attn::countAllowedPairs(set, context, extents));
}

} // namespace

llvm::Error ExplainJob::checkOptions() {
  unsigned outputs = unsigned(arguments.json) + !arguments.html.empty() +
                     !arguments.svg.empty();
  if (outputs > 1)
    return fail(ExitCode::Usage,
                "--json, --html and --svg are different outputs; give one of "
                "them");
  const std::pair<StringRef, cl::opt<int64_t> &> tiles[] = {
      {"query-tile", arguments.queryTile}, {"key-tile", arguments.keyTile}};
  for (const auto &[name, value] : tiles)
    if (value.getNumOccurrences() > 0 && value < 1)
      return fail(ExitCode::Usage, "--" + name + " takes a number above 0");
  if (arguments.target == "reference")
    return fail(ExitCode::Usage,
                "the reference target has no tiles; explain needs "
                "--target=cpu");
  return llvm::Error::success();
}

llvm::Error ExplainJob::loadShapes() {
  auto loaded = Spec::load(arguments.spec);
  if (!loaded)
    return loaded.takeError();
  spec = std::move(*loaded);
  auto chosen = spec->getSignature(arguments.entry);
  if (!chosen)
    return chosen.takeError();
  signature = *chosen;
  shapes.emplace(*signature);
  if (llvm::Error error = bindDims(arguments.dims, *signature, *shapes))
    return error;
  return shapes->check(ExitCode::Usage);
}

/// The schedules of the attn.attend ops of the function, in order: the passes
/// before the schedule neither add nor remove any.
llvm::Expected<std::vector<ChosenSchedule>> ExplainJob::chooseSchedules() {
  CompileOptions options;
  options.pipeline.target = arguments.target;
  options.entry = signature->function;
  auto module = lower(*spec, options, Stage::Scheduled);
  if (!module)
    return module.takeError();
  std::vector<ChosenSchedule> schedules;
  (*module)->walk([&](AttendOp op) {
    StringRef name = op->getParentOfType<mlir::func::FuncOp>().getSymName();
    name.consume_front("attnc.kernel.");
    auto schedule =
        op->getAttrOfType<attn::ScheduleAttr>(attn::kScheduleAttrName);
    if (name == signature->function && schedule)
      schedules.push_back({schedule.getQueryTile(), schedule.getKeyTile(),
                           schedule.getLanes(), schedule.getSplits()});
  });
  return schedules;
}

AttendExtents ExplainJob::getExtents(AttendOp op) {
  // Inputs determine the extents of every op that a signature was read from.
  auto get = [&](Value tensor, int64_t axis) {
    return shapes->getValue(signature->bodyExtents.at({tensor, axis}));
  };
  Value query = op.getQuery(), key = op.getKey();
  AttendExtents extents;
  extents.mask = {get(query, 0), get(query, 1), get(query, 2), get(key, 2)};
  extents.keyHeads = get(key, 1);
  extents.dim = get(query, 3);
  extents.valueDim = get(op.getValue(), 3);
  return extents;
}

llvm::Expected<PictureFrame> ExplainJob::getFrame(const AttendExtents &extents,
                                                  ChosenSchedule &schedule) {
  auto check = [](StringRef option, int64_t number,
                  int64_t extent) -> llvm::Error {
    // An extent of 0 has a picture, too: that of the default.
    if (number >= 0 && number < std::max<int64_t>(extent, 1))
      return llvm::Error::success();
    return fail(ExitCode::Usage, "--" + option + " takes a number from 0 to " +
                                     Twine(std::max<int64_t>(extent, 1) - 1) +
                                     ", not " + Twine(number));
  };
  if (llvm::Error error = check("batch", arguments.batch, extents.mask.batch))
    return std::move(error);
  if (llvm::Error error = check("head", arguments.head, extents.mask.heads))
    return std::move(error);
  PictureFrame frame;
  frame.batch = arguments.batch;
  frame.head = arguments.head;
  frame.queryLength = extents.mask.queryLength;
  frame.keyLength = extents.mask.keyLength;
  frame.queryTile =
      arguments.queryTile > 0 ? arguments.queryTile : schedule.queryTile;
  frame.keyTile = arguments.keyTile > 0 ? arguments.keyTile : schedule.keyTile;
  schedule.isPictured = frame.queryTile == schedule.queryTile &&
                        frame.keyTile == schedule.keyTile;
  // A tile is cut into strips of lanes, each of which visits its own keys.
  frame.stripRows =
      frame.queryTile % schedule.lanes == 0 ? schedule.lanes : frame.queryTile;
  return frame;
}

llvm::Expected<ExplainedMask> ExplainJob::explain(AttendOp op, unsigned number,
                                                  ChosenSchedule schedule) {
  AttendExtents extents = getExtents(op);
  auto frame = getFrame(extents, schedule);
  if (!frame)
    return frame.takeError();
  ExplainedMask explained;
  explained.operation = number;
  explained.location = printLocation(op.getLoc());
  std::optional<Mask> mask;
  if (attn::MaskAttr attr = op.getMaskAttr()) {
    mask = attr.getMask();
    llvm::raw_string_ostream(explained.mask) << attr;
  }
  explained.schedule = schedule;
  auto picture = MaskPicture::get(mask, op.getContext(), *frame);
  if (!picture)
    return picture.takeError();
  explained.picture = std::move(*picture);
  explained.tiles = countTiles(explained.picture);
  explained.work = getWork(
      op, extents,
      countPairs(mask, op.getContext(), extents.mask, explained.picture));
  return explained;
}

llvm::Error ExplainJob::explainAll() {
  report.spec = spec->getName().str();
  report.function = signature->function;
  report.target = arguments.target;
  for (unsigned i = 0, e = signature->getNumInputs(); i < e; ++i)
    report.inputs.push_back(
        {signature->arguments[i].name, shapes->getShape(i)});
  SmallVector<AttendOp> ops = collectAttends(spec->getFunction(*signature));
  if (ops.empty())
    return fail(ExitCode::Diagnosed,
                "'" + signature->function +
                    "' has no attn.attend; explain tells of the masks of "
                    "softmax attention");
  auto last = int64_t(ops.size()) - 1;
  if (arguments.operation.getNumOccurrences() > 0 &&
      (arguments.operation < 0 || arguments.operation > last))
    return fail(ExitCode::Usage, "--op takes a number from 0 to " +
                                     Twine(last) + ", not " +
                                     Twine(int64_t(arguments.operation)));
  auto schedules = chooseSchedules();
  if (!schedules)
    return schedules.takeError();
  for (auto [number, op, schedule] : llvm::enumerate(ops, *schedules)) {
    if (arguments.operation >= 0 && int64_t(number) != arguments.operation)
      continue;
    auto explained = explain(op, unsigned(number), schedule);
    if (!explained)
      return explained.takeError();
    report.masks.push_back(std::move(*explained));
  }
  return llvm::Error::success();
}

llvm::Error ExplainJob::write() {
  std::string path = arguments.html.empty() ? arguments.svg : arguments.html;
  if (arguments.json) {
    llvm::outs() << emitExplainJson(report);
    return llvm::Error::success();
  }
  if (path.empty()) {
    printExplainText(llvm::outs(), report);
    return llvm::Error::success();
  }
  if (arguments.html.empty() && report.masks.size() > 1)
    return fail(ExitCode::Usage,
                "'" + signature->function + "' has " +
                    Twine(report.masks.size()) +
                    " attn.attend ops and --svg draws one; choose it with "
                    "--op");
  std::string content = arguments.html.empty()
                            ? emitExplainSvg(report, report.masks.front())
                            : emitExplainHtml(report);
  if (path == "-") {
    llvm::outs() << content;
    return llvm::Error::success();
  }
  if (llvm::sys::fs::equivalent(path, spec->getPath()))
    return fail(ExitCode::Usage,
                "'" + path + "' is the spec; it would be overwritten");
  return writeFileAtomically(path, content);
}

llvm::Error ExplainJob::run() {
  if (llvm::Error error = checkOptions())
    return error;
  if (llvm::Error error = loadShapes())
    return error;
  if (llvm::Error error = explainAll())
    return error;
  return write();
}

Command attnc::parseExplainCommand(ArrayRef<const char *> arguments) {
  auto parsed = std::make_unique<ExplainOptionsOnCommandLine>();
  if (!parsed->parse(arguments))
    return nullptr;
  return [parsed = std::move(parsed)] { return ExplainJob(*parsed).run(); };
}
