//===- ApplyTuning.cpp - give ops the schedules of a file -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes attributes as a hand would, once it is sure that they are meant for
// these ops and this machine. Whether a target can run them is the question of
// attn-verify-scheduled.
//
//===----------------------------------------------------------------------===//

#include "attnc/Dialect/Attn/Transforms/Passes.h"
#include "attnc/Dialect/Attn/Transforms/Tuning.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/Diagnostics.h"

namespace attnc::attn {
#define GEN_PASS_DEF_APPLYTUNINGPASS
#include "attnc/Dialect/Attn/Transforms/Passes.h.inc"

namespace {

/// The attribute that `text` spells, or null and the parser's message. Nothing
/// else is parsed, so that how deep the parser recurs is not the file's choice.
template <typename AttrT>
AttrT parse(StringRef text, MLIRContext *context, std::string &message) {
  if (!text.starts_with(("#attn." + AttrT::getMnemonic() + "<").str()))
    return {};
  mlir::ScopedDiagnosticHandler collect(context,
                                        [&](mlir::Diagnostic &diagnostic) {
                                          if (message.empty())
                                            message = diagnostic.str();
                                          return success();
                                        });
  return dyn_cast_or_null<AttrT>(mlir::parseAttribute(text, context));
}

struct ApplyTuning : impl::ApplyTuningPassBase<ApplyTuning> {
  using ApplyTuningPassBase::ApplyTuningPassBase;
  explicit ApplyTuning(std::shared_ptr<const Tuning> tuning)
      : tuning(std::move(tuning)) {}

  LogicalResult initialize(MLIRContext *context) override;
  void runOnOperation() override;

private:
  mlir::InFlightDiagnostic emitForModule();
  LogicalResult checkTarget();
  LogicalResult apply(const TunedFunction &tuned);
  LogicalResult apply(const TunedOp &tuned, CarryOpInterface op);
  template <typename AttrT>
  LogicalResult set(CarryOpInterface op, StringRef name, StringRef text,
                    StringRef example);

  std::shared_ptr<const Tuning> tuning;
};

LogicalResult ApplyTuning::initialize(MLIRContext *context) {
  if (tuning)
    return success();
  Location nowhere = mlir::UnknownLoc::get(context);
  if (file.empty())
    return mlir::emitError(nowhere, "attn-apply-tuning needs a file; write "
                                    "attn-apply-tuning{file=<name>.json}");
  llvm::Expected<Tuning> loaded = Tuning::load(file);
  if (!loaded)
    return mlir::emitError(nowhere) << llvm::toString(loaded.takeError());
  tuning = std::make_shared<const Tuning>(std::move(*loaded));
  return success();
}

/// The module of a spec has no place in a file; its first op has.
mlir::InFlightDiagnostic ApplyTuning::emitForModule() {
  Block *body = getOperation().getBody();
  return mlir::emitError(body->empty() ? getOperation().getLoc()
                                       : body->front().getLoc());
}

/// A target as far as it differs from another one; the features of a processor
/// are pages. Begins with the parameter that differs first.
std::string getDifference(StringRef target, StringRef other) {
  constexpr size_t most = 60;
  size_t same = 0;
  while (same < std::min(target.size(), other.size()) &&
         target[same] == other[same])
    ++same;
  size_t begin = target.take_front(same).find_last_of(",<");
  StringRef rest =
      target.drop_front(begin == StringRef::npos ? 0 : begin + 1).ltrim();
  std::string text = rest.take_front(most).str();
  return rest.size() > most ? text + "..." : text;
}

LogicalResult ApplyTuning::checkTarget() {
  auto target = getOperation()->getAttrOfType<CpuTargetAttr>(kTargetAttrName);
  if (!target)
    return emitForModule() << "the module has no attn.target that a tuning "
                              "file could be for; run cpu-attach-target first";
  std::string text;
  llvm::raw_string_ostream(text) << Attribute(target);
  if (text == tuning->target)
    return success();
  return emitForModule() << "the tuning file '" << tuning->name
                         << "' was made for another target: it has '"
                         << getDifference(tuning->target, text)
                         << "' where this one has '"
                         << getDifference(text, tuning->target)
                         << "'; leave --tuning out, or make a file for this "
                            "target with attnc tune";
}

/// Gives the op an attribute, unless it has one.
template <typename AttrT>
LogicalResult ApplyTuning::set(CarryOpInterface op, StringRef name,
                               StringRef text, StringRef example) {
  if (text.empty())
    return success();
  std::string message;
  auto attribute = parse<AttrT>(text, &getContext(), message);
  if (!attribute)
    return op->emitOpError("cannot have the ")
           << AttrT::getMnemonic() << " '" << text << "' of the tuning file '"
           << tuning->name << "'" << (message.empty() ? "" : ": ") << message
           << "; write it as in " << example;
  if (op->hasAttr(name)) {
    op->emitRemark("the op keeps the ")
        << name << " that it has; that of the tuning file '" << tuning->name
        << "' is not used";
    return success();
  }
  op->setAttr(name, attribute);
  return success();
}

LogicalResult ApplyTuning::apply(const TunedOp &tuned, CarryOpInterface op) {
  StringRef operation = op->getName().getStringRef();
  if (operation != tuned.operation)
    return op->emitOpError("is no '")
           << tuned.operation << "', as the tuning file '" << tuning->name
           << "' has it; make the file again with attnc tune";
  // A schedule by hand is all there is: no plan for few queries is chosen, nor
  // taken from a file.
  bool isByHand = op->hasAttr(kScheduleAttrName);
  if (failed(set<ScheduleAttr>(op, kScheduleAttrName, tuned.schedule,
                               "#attn.schedule<query_tile = 96, key_tile = 64, "
                               "lanes = 48, splits = 1>")))
    return failure();
  return set<DecodeAttr>(op, kDecodeAttrName, isByHand ? "" : tuned.decode,
                         "#attn.decode<most_queries = 32, rows = 32, heads = "
                         "one, key_tile = 32, keys_per_split = 1024>");
}

LogicalResult ApplyTuning::apply(const TunedFunction &tuned) {
  ModuleOp module = getOperation();
  auto function = module.lookupSymbol<mlir::func::FuncOp>(
      (kKernelNamePrefix + tuned.name).str());
  if (!function)
    function = module.lookupSymbol<mlir::func::FuncOp>(tuned.name);
  if (!function)
    return emitForModule()
           << "the tuning file '" << tuning->name << "' has the function '"
           << tuned.name
           << "', which is not there; make the file again with attnc tune";
  std::string digest = getDefinitionDigest(function);
  if (digest != tuned.definition)
    return function.emitError("'")
           << tuned.name << "' is not the function that the tuning file '"
           << tuning->name << "' was made for: its definition is " << digest
           << " now; make the file again with attnc tune";
  SmallVector<CarryOpInterface> ops = getSequenceOps(function);
  for (const TunedOp &op : tuned.ops) {
    if (op.number >= ops.size())
      return function.emitError("'")
             << tuned.name << "' has " << ops.size()
             << " sequence ops, and the tuning file '" << tuning->name
             << "' tells of op " << op.number << "; they are counted from 0";
    if (failed(apply(op, ops[op.number])))
      return failure();
  }
  return success();
}

void ApplyTuning::runOnOperation() {
  // Attributes of ops are no concern of any analysis.
  markAllAnalysesPreserved();
  if (failed(checkTarget()))
    return signalPassFailure();
  for (const TunedFunction &function : tuning->functions)
    if (failed(apply(function)))
      return signalPassFailure();
}

} // namespace

std::unique_ptr<mlir::Pass>
createApplyTuningPass(std::shared_ptr<const Tuning> tuning) {
  return std::make_unique<ApplyTuning>(std::move(tuning));
}

} // namespace attnc::attn
