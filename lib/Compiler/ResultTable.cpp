//===- ResultTable.cpp - what run tells of results ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Formatting only.
//
//===----------------------------------------------------------------------===//

#include "ResultTable.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace attnc;

void attnc::printComparisonHeading(raw_ostream &os) {
  os << "output    against      max abs    max rel       nmse  verdict\n";
}

void attnc::printComparison(raw_ostream &os, StringRef name, StringRef against,
                            const Comparison &comparison, StringRef note) {
  os << llvm::left_justify(name, 9) << " " << llvm::left_justify(against, 9)
     << llvm::format(" %10.2e %10.2e %10.2e  ", comparison.maxAbs,
                     comparison.maxRel, comparison.nmse)
     << (comparison.pass ? "ok  " : "FAIL");
  if (!note.empty())
    os << "  " << note;
  os << "\n";
}

void attnc::printSummary(raw_ostream &os, StringRef name,
                         const HostTensor &tensor) {
  double least = INFINITY, largest = -INFINITY, sum = 0;
  int64_t numFinite = 0;
  for (int64_t i = 0, e = tensor.getNumElements(); i < e; ++i) {
    double value = tensor.at(i);
    if (!std::isfinite(value))
      continue;
    least = std::min(least, value);
    largest = std::max(largest, value);
    sum += value;
    ++numFinite;
  }
  os << name << ": " << getName(tensor.getDType()) << " "
     << formatShape(tensor.getShape());
  if (numFinite > 0)
    os << llvm::format(", from %g to %g, mean %g", least, largest,
                       sum / double(numFinite));
  if (int64_t others = tensor.getNumElements() - numFinite)
    os << ", " << others << " not finite";
  os << "\n";
}

std::string attnc::quoteForShell(StringRef argument) {
  bool isPlain = !argument.empty() && llvm::all_of(argument, [](char c) {
    return llvm::isAlnum(c) || StringRef("_./=:,+@%-").contains(c);
  });
  if (isPlain)
    return argument.str();
  std::string quoted = "'";
  for (char c : argument)
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}
