//===- TuneReport.cpp - what attnc tune tells -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The file is meant to be read in a review: attributes as one writes them, and
// beside them what they are worth.
//
//===----------------------------------------------------------------------===//

#include "TuneReport.h"

#include "attnc/Compiler/Artifacts.h"
#include "attnc/Dialect/Attn/Transforms/Tuning.h"
#include "llvm/Support/Format.h"
#include <cstdlib>
#include <nlohmann/json.hpp>

using namespace attnc;
using Json = nlohmann::ordered_json;

std::string attnc::printPlan(Attribute plan) {
  std::string text;
  llvm::raw_string_ostream(text) << plan;
  return text;
}

std::string attnc::printRatio(const Ratio &ratio) {
  std::string text;
  llvm::raw_string_ostream(text)
      << llvm::format("%.3f (%.3f to %.3f)", ratio.median, ratio.lowerQuartile,
                      ratio.upperQuartile);
  return text;
}

namespace {

/// What was measured has no more digits than these.
double round(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.4g", value);
  return std::strtod(text.c_str(), nullptr);
}

Json getRatio(const Ratio &ratio) {
  return {{"ratio", round(ratio.median)},
          {"lower_quartile", round(ratio.lowerQuartile)},
          {"upper_quartile", round(ratio.upperQuartile)}};
}

Json getShapes(const ReportedPlan &plan) {
  Json shapes = Json::array();
  for (auto [dims, measured] : llvm::zip_equal(plan.dims, plan.found.shapes)) {
    Json shape = {{"dims", dims},
                  {"milliseconds", round(measured.seconds * 1e3)},
                  {"model_milliseconds", round(measured.modelSeconds * 1e3)}};
    shape.update(getRatio(measured.ratio));
    shape["rounds"] = measured.rounds;
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

Json getAlternatives(const FoundPlan &found) {
  Json alternatives = Json::array();
  for (const MeasuredPlan &measured : found.alternatives) {
    Json alternative = {{"plan", printPlan(measured.plan)}};
    alternative.update(getRatio(measured.ratio));
    alternative["faster"] = measured.isFaster;
    alternatives.push_back(std::move(alternative));
  }
  return alternatives;
}

Json getOp(const ReportedOp &op, unsigned threads) {
  Json json = {{"op", op.number}, {"operation", op.operation}};
  if (op.schedule)
    json["schedule"] = printPlan(op.schedule);
  if (op.decode)
    json["decode"] = printPlan(op.decode);
  Json measured = {{"threads", threads}};
  for (const ReportedPlan &plan : op.plans)
    measured[plan.kind] = {{"model", printPlan(plan.found.model)},
                           {"alternatives", plan.found.alternatives.size()},
                           {"shapes", getShapes(plan)}};
  json["measured"] = std::move(measured);
  return json;
}

std::string print(const Json &json) {
  return json.dump(2, ' ', /*ensure_ascii=*/false,
                   Json::error_handler_t::replace) +
         "\n";
}

} // namespace

std::string attnc::emitTuningFile(const TuneReport &report, StringRef others) {
  Json functions = Json::array();
  if (!others.empty()) {
    Json file = Json::parse(others.begin(), others.end(), /*callback=*/nullptr,
                            /*allow_exceptions=*/false);
    for (Json &function : file["functions"])
      if (function["function"] != report.function)
        functions.push_back(std::move(function));
  }
  Json ops = Json::array();
  for (const ReportedOp &op : report.ops)
    ops.push_back(getOp(op, report.threads));
  functions.push_back({{"function", report.function},
                       {"definition", report.definition},
                       {"ops", std::move(ops)}});
  return print({{"version", attn::tuningVersion},
                {"producer", "attnc " + getVersion().str()},
                {"target", report.description},
                {"functions", std::move(functions)}});
}

std::string attnc::emitTuneJson(const TuneReport &report) {
  Json ops = Json::array();
  for (const ReportedOp &op : report.ops) {
    Json plans = Json::object();
    for (const ReportedPlan &plan : op.plans)
      plans[plan.kind] = {{"model", printPlan(plan.found.model)},
                          {"best", printPlan(plan.found.best)},
                          {"shapes", getShapes(plan)},
                          {"alternatives", getAlternatives(plan.found)}};
    ops.push_back({{"op", op.number},
                   {"operation", op.operation},
                   {"plans", std::move(plans)}});
  }
  return print({{"schema", 1},
                {"spec", report.spec},
                {"function", report.function},
                {"target", report.target},
                {"threads", report.threads},
                {"ops", std::move(ops)},
                {"warnings", report.warnings}});
}

void attnc::printTuneTable(raw_ostream &os, const TuneReport &report) {
  os << report.function << ", " << report.threads << " thread(s)\n";
  for (const ReportedOp &op : report.ops)
    for (const ReportedPlan &plan : op.plans) {
      const FoundPlan &found = plan.found;
      bool keepsModel = found.best == found.model;
      os << op.operation << " " << op.number << ", " << plan.kind << ", "
         << found.alternatives.size() << " alternatives\n"
         << "  model  " << printPlan(found.model) << "\n  best   "
         << (keepsModel ? "the model's" : printPlan(found.best)) << "\n";
      for (auto [dims, measured] : llvm::zip_equal(plan.dims, found.shapes)) {
        os << "  " << dims
           << llvm::format(": model %.3f ms", measured.modelSeconds * 1e3);
        if (!keepsModel)
          os << llvm::format(", best %.3f ms, ratio ", measured.seconds * 1e3)
             << printRatio(measured.ratio);
        os << "\n";
      }
    }
}
