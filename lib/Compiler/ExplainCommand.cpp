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
#include "InputTables.h"
#include "OpNumbers.h"
#include "attnc/Dialect/Attn/Analysis/UsefulWork.h"
#include "attnc/Dialect/Attn/IR/Attn.h"
#include "attnc/Support/AtomicFile.h"
#include "attnc/Support/Npy.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace attnc;
using attn::AttendOp;
using attn::FunctionSignature;
namespace cl = llvm::cl;

namespace {

constexpr StringRef helpNotes = R"(
For every attn.attend: the mask as a set, the parts that the compiler makes of it,
how their keys are found, the schedules, and for the lengths of --dims the tiles
of queries by keys that are full (all pairs allowed: no mask code), partial (each
pair is tested) and empty (not visited). Of masks that read numbers or tables the
tiles need their values. Without --json, --html or --svg: text. FILE may be - for
standard output. docs/explain.md describes the JSON.
)";

struct ExplainOptionsOnCommandLine : CompilerCommandLine {
  ExplainOptionsOnCommandLine()
      : CompilerCommandLine(
            "explain", "tell what becomes of the masks of a spec", helpNotes) {}

  cl::opt<std::string> entry{"entry", cl::value_desc("function"),
                             cl::desc("which function, if there are several"),
                             cl::sub(subcommand), cl::cat(category)};
  cl::list<std::string> dims{"dims", cl::value_desc("NAME=2x8x1000x64"),
                             cl::desc("shape of an input"), cl::sub(subcommand),
                             cl::cat(category)};
  cl::list<std::string> in{"in", cl::value_desc("NAME=FILE.npy"),
                           cl::desc("read an input that masks read"),
                           cl::sub(subcommand), cl::cat(category)};
  cl::list<std::string> set{"set", cl::value_desc("NAME=number"),
                            cl::desc("value of a number that masks read"),
                            cl::sub(subcommand), cl::cat(category)};
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

/// An attend that the compiler made, with what is told of it.
struct ScheduledPart {
  PartSource source;
  ExplainedPart explained;
};
using ScheduledParts = std::vector<ScheduledPart>;

/// The explanation that a command line asks for.
class ExplainJob {
public:
  explicit ExplainJob(ExplainOptionsOnCommandLine &arguments)
      : arguments(arguments) {}

  llvm::Error run();

private:
  llvm::Error checkOptions();
  llvm::Error loadShapes();
  llvm::Error readInputs();
  llvm::Error readNumbers();
  llvm::Expected<std::vector<ScheduledParts>> findParts(ArrayRef<AttendOp> ops);
  std::optional<attn::IntegerTable> getTable(AttendOp op, StringRef name);
  NeededValue describeNeeded(AttendOp op, StringRef name);
  AttendExtents getExtents(AttendOp op);
  llvm::Expected<PictureFrame> getFrame(const AttendExtents &extents,
                                        const ChosenSchedule &schedule);
  llvm::Expected<ExplainedMask> explain(AttendOp op, unsigned number,
                                        ScheduledParts parts);
  llvm::Error explainAll();
  llvm::Error write();

  ExplainOptionsOnCommandLine &arguments;
  PipelineOptions pipeline;
  std::unique_ptr<Spec> spec;
  const FunctionSignature *signature = nullptr;
  std::optional<Shapes> shapes;
  /// Inputs that were given, by number of argument.
  std::map<unsigned, HostTensor> inputFiles;
  std::map<unsigned, const HostTensor *> inputs;
  /// Numbers that were given, by name.
  std::map<std::string, int64_t, std::less<>> numbers;
  ExplainReport report;
};

/// A tile is cut into strips of lanes, each of which visits its own keys.
int64_t getStripRows(int64_t queryTile, int64_t lanes) {
  return queryTile % lanes == 0 ? lanes : queryTile;
}

SmallVector<AttendOp> collectAttends(mlir::func::FuncOp function) {
  SmallVector<AttendOp> ops;
  function.walk([&](AttendOp op) { ops.push_back(op); });
  return ops;
}

NeededWork getWork(AttendOp op, const AttendExtents &extents,
                   std::optional<double> pairs) {
  auto getBytes = [](Value tensor) {
    Type type = mlir::getElementTypeOrSelf(tensor.getType());
    return int64_t(type.getIntOrFloatBitWidth() / 8);
  };
  // A row of keys or values, of `dim` numbers; a cache has scales, too.
  auto getRowBytes = [&](Value stream, int64_t dim) {
    if (auto cache = dyn_cast<attn::KVType>(stream.getType()))
      return int64_t(std::ceil(cache.getBitsPerToken() / 8));
    return dim * getBytes(stream);
  };
  const attn::MaskExtents &mask = extents.mask;
  int64_t queryRows = mask.batch * mask.heads * mask.queryLength;
  int64_t keyRows = mask.batch * extents.keyHeads * mask.keyLength;
  NeededWork work;
  work.tensors = {
      {"query", queryRows * extents.dim * getBytes(op.getQuery())},
      {"key", keyRows * getRowBytes(op.getKey(), extents.dim)},
      {"value", keyRows * getRowBytes(op.getValue(), extents.valueDim)},
      {"out", queryRows * extents.valueDim * getBytes(op.getOut())}};
  if (op.getLse())
    work.tensors.push_back({"lse", queryRows * getBytes(op.getLse())});
  if (pairs)
    work.flops = 2 * double(extents.dim + extents.valueDim) * *pairs;
  return work;
}

/// Allowed pairs of all batches and heads, if those of the picture could be
/// counted.
std::optional<double> countPairs(AttendOp op, const attn::MaskExtents &extents,
                                 const attn::MaskValues &values,
                                 const MaskPicture &picture) {
  if (!picture.pairs.allowed)
    return std::nullopt;
  if (picture.dependsOnPlane)
    return attn::countAllowedPairs(op, extents, values);
  return double(extents.batch) * double(extents.heads) *
         double(*picture.pairs.allowed);
}

/// Whether a mask reads `name` as a number, not as a table.
bool isNumber(AttendOp op, StringRef name) {
  Mask mask = op.getEffectiveMask();
  bool isRead = false, hasIndices = false;
  for (const MaskTerm &term : mask.terms.getTerms())
    if (term.table == name && !term.source) {
      isRead = true;
      hasIndices |= !term.indices.empty();
    }
  return isRead && !hasIndices;
}

std::string printMask(AttendOp op) {
  std::string text;
  if (attn::MaskAttr attr = op.getMaskAttr())
    llvm::raw_string_ostream(text) << attr;
  return text;
}

/// The op with everything but its number and results.
ScheduledPart describePart(AttendOp op) {
  ScheduledPart part;
  part.explained.mask = printMask(op);
  if (attn::MaskAttr attr = op.getMaskAttr())
    part.source.mask = attr.getMask();
  part.source.lattice = int64_t(op.getLattice().value_or(1));
  auto schedule =
      op->getAttrOfType<attn::ScheduleAttr>(attn::kScheduleAttrName);
  part.explained.schedule = {schedule.getQueryTile(), schedule.getKeyTile(),
                             schedule.getLanes(), schedule.getSplits(),
                             stringifyProducts(schedule.getProducts()).str()};
  if (part.source.lattice > 1)
    part.source.stripRows =
        getStripRows(schedule.getQueryTile(), schedule.getLanes());
  return part;
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
  return arguments.readPipeline(pipeline);
}

llvm::Error ExplainJob::loadShapes() {
  auto chosen = loadFunction(arguments.spec, arguments.entry);
  if (!chosen)
    return chosen.takeError();
  spec = std::move(chosen->spec);
  signature = chosen->signature;
  spec->raiseMasks(*signature);
  shapes.emplace(*signature);
  if (llvm::Error error = readInputs())
    return error;
  if (llvm::Error error = readNumbers())
    return error;
  if (llvm::Error error = bindDims(arguments.dims, *signature, *shapes))
    return error;
  return shapes->check(ExitCode::Usage);
}

llvm::Error ExplainJob::readInputs() {
  for (const std::string &text : arguments.in) {
    auto named = parseNamedValue(text, "in");
    if (!named)
      return named.takeError();
    auto number = findArgument(*signature, named->name, /*isOutput=*/false);
    if (!number)
      return number.takeError();
    if (inputFiles.count(*number))
      return fail(ExitCode::Usage,
                  "--in is given twice for '" + named->name + "'");
    auto tensor =
        readNpy(named->value, getDType(signature->arguments[*number]));
    if (!tensor)
      return tensor.takeError();
    if (llvm::Error error =
            shapes->bind(*number, tensor->getShape(), ExitCode::Diagnosed))
      return error;
    auto known = inputFiles.emplace(*number, std::move(*tensor)).first;
    inputs[*number] = &known->second;
  }
  return llvm::Error::success();
}

llvm::Error ExplainJob::readNumbers() {
  for (const std::string &text : arguments.set) {
    auto named = parseNamedValue(text, "set");
    if (!named)
      return named.takeError();
    int64_t value;
    if (named->value.getAsInteger(10, value))
      return fail(ExitCode::Usage, "--set takes NAME=number, not '" +
                                       named->name + "=" + named->value + "'");
    bool isRead = false;
    for (AttendOp op : collectAttends(spec->getFunction(*signature)))
      isRead |= isNumber(op, named->name);
    if (!isRead)
      return fail(ExitCode::Usage, "no mask of '" + signature->function +
                                       "' reads a number called '" +
                                       named->name + "'");
    if (!numbers.emplace(named->name.str(), value).second)
      return fail(ExitCode::Usage,
                  "--set is given twice for '" + named->name + "'");
  }
  return llvm::Error::success();
}

std::optional<attn::IntegerTable> ExplainJob::getTable(AttendOp op,
                                                       StringRef name) {
  if (auto number = numbers.find(name);
      number != numbers.end() && isNumber(op, name))
    return attn::IntegerTable{{}, {number->second}};
  return InputTables(inputs).find(op, name);
}

NeededValue ExplainJob::describeNeeded(AttendOp op, StringRef name) {
  if (isNumber(op, name))
    return {name.str(), "--set " + name.str() + "=NUMBER"};
  std::optional<unsigned> input = InputTables::findInput(op, name);
  if (!input)
    return {name.str(), ""};
  return {name.str(),
          "--in " + signature->arguments[*input].name + "=FILE.npy"};
}

/// What becomes of `ops`, those of the function: passes make other ops of them,
/// whose locations are told apart here.
llvm::Expected<std::vector<ScheduledParts>>
ExplainJob::findParts(ArrayRef<AttendOp> ops) {
  CompileOptions options;
  options.pipeline = pipeline;
  options.entry = signature->function;
  OpNumbers numbers(SmallVector<Operation *>(ops.begin(), ops.end()));
  auto module = lower(*spec, options, Stage::Scheduled);
  if (!module)
    return module.takeError();
  std::vector<ScheduledParts> parts(ops.size());
  (*module)->walk([&](AttendOp op) {
    std::optional<size_t> number = OpNumbers::get(op);
    if (number && op->hasAttr(attn::kScheduleAttrName))
      parts[*number].push_back(describePart(op));
  });
  return parts;
}

AttendExtents ExplainJob::getExtents(AttendOp op) {
  // Inputs determine the extents of every op that a signature was read from.
  auto get = [&](Value tensor, int64_t axis) {
    return shapes->getExtent(tensor, axis);
  };
  Value query = op.getQuery(), key = op.getKey();
  AttendExtents extents;
  extents.mask = {get(query, 0), get(query, 1), get(query, 2), get(key, 2)};
  extents.keyHeads = get(key, 1);
  extents.dim = get(query, 3);
  extents.valueDim = get(op.getValue(), 3);
  return extents;
}

llvm::Expected<PictureFrame>
ExplainJob::getFrame(const AttendExtents &extents,
                     const ChosenSchedule &schedule) {
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
  frame.stripRows = getStripRows(frame.queryTile, schedule.lanes);
  return frame;
}

llvm::Expected<ExplainedMask> ExplainJob::explain(AttendOp op, unsigned number,
                                                  ScheduledParts parts) {
  AttendExtents extents = getExtents(op);
  const ChosenSchedule &schedule = parts.front().explained.schedule;
  auto frame = getFrame(extents, schedule);
  if (!frame)
    return frame.takeError();
  ExplainedMask explained;
  explained.operation = number;
  explained.location = printLocation(op.getLoc());
  explained.mask = printMask(op);
  explained.isSchedulePictured = frame->queryTile == schedule.queryTile &&
                                 frame->keyTile == schedule.keyTile;
  auto values = attn::MaskValues::get(
      op, extents.mask.keyLength,
      [&](AttendOp of, StringRef name) { return getTable(of, name); });
  for (const std::string &name : values.getMissing())
    explained.needed.push_back(describeNeeded(op, name));
  std::vector<PartSource> sources;
  for (ScheduledPart &part : parts) {
    part.source.isKnown = !part.source.mask || values.knows(*part.source.mask);
    sources.push_back(part.source);
    explained.parts.push_back(std::move(part.explained));
  }
  std::optional<Mask> mask;
  if (attn::MaskAttr attr = op.getMaskAttr())
    mask = attr.getMask();
  auto picture = MaskPicture::get(
      mask, op.getContext(), *frame, sources,
      [&](const MaskTerm &term, int64_t batch, ArrayRef<int64_t> indices) {
        return values.read(term, batch, indices);
      });
  if (!picture)
    return picture.takeError();
  explained.picture = std::move(*picture);
  explained.tiles = countTiles(explained.picture);
  explained.work = getWork(
      op, extents, countPairs(op, extents.mask, values, explained.picture));
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
  auto parts = findParts(ops);
  if (!parts)
    return parts.takeError();
  for (auto [number, op, ofOp] : llvm::enumerate(ops, *parts)) {
    if (arguments.operation >= 0 && int64_t(number) != arguments.operation)
      continue;
    if (!op.getWhere().empty())
      return fail(ExitCode::Diagnosed,
                  "the where region of attn.attend " + Twine(number) +
                      " has conditions that are no predicates, as remarked, "
                      "and explain draws predicates only");
    auto explained = explain(op, unsigned(number), std::move(ofOp));
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
  if (llvm::Error error = checkIsNotSpec(path, *spec))
    return error;
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
