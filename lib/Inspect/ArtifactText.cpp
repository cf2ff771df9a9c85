//===- ArtifactText.cpp - what is in a file, for people -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A terminal obeys what is printed on it, so text of the file is printed as
// ASCII without control characters.
//
//===----------------------------------------------------------------------===//

#include "attnc/Inspect/Artifact.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

using namespace attnc;
using llvm::raw_ostream;
using llvm::StringRef;

namespace {

std::string getPrintable(StringRef text) {
  std::string printable;
  for (char c : text)
    printable += llvm::isPrint(c) ? c : '?';
  return printable;
}

std::string formatBytes(uint64_t bytes) {
  std::string text;
  llvm::raw_string_ostream(text)
      << llvm::format("%.1f KiB", double(bytes) / 1024);
  return text;
}

void printLine(raw_ostream &os, StringRef title, const llvm::Twine &value) {
  os << llvm::left_justify(title, 9) << getPrintable(value.str()) << "\n";
}

void printOrigin(raw_ostream &os, const Description &description) {
  printLine(os, "spec",
            description.source + ", sha256 " + description.sourceDigest);
  printLine(os, "compiler",
            description.producer + " " + description.version +
                (description.llvmVersion.empty()
                     ? ""
                     : " with LLVM " + description.llvmVersion) +
                ", for interface " + llvm::Twine(description.abiMajor) + "." +
                llvm::Twine(description.abiMinor) + " of the runtime");
  printLine(os, "target",
            description.target +
                (description.cpu.empty() ? "" : ": " + description.cpu) + ", " +
                description.triple + ", " +
                (description.threads ? "with threads" : "without threads"));
  printLine(os, "tuning",
            description.tuning.empty()
                ? "none"
                : description.tuning + ", sha256 " + description.tuningDigest);
  for (const DescribedImage &image : description.images) {
    printLine(os, "image",
              image.kind + " for " + image.arch + ", " +
                  formatBytes(image.bytes));
    for (const DescribedKernel &kernel : image.kernels)
      printLine(os, "",
                kernel.name + (kernel.registers
                                   ? ", " + std::to_string(*kernel.registers) +
                                         " registers a thread"
                                   : ""));
  }
}

/// Arguments in columns, what extents have to be, schedules.
void printFunction(raw_ostream &os, const DescribedFunction &function) {
  os << "\n" << getPrintable(function.symbol) << "\n";
  size_t names = 0, roles = 0, dtypes = 0;
  for (const DescribedArgument &argument : function.arguments) {
    names = std::max(names, argument.name.size());
    roles = std::max(roles, argument.role.size());
    dtypes = std::max(dtypes, argument.dtype.size());
  }
  for (const DescribedArgument &argument : function.arguments) {
    std::string line;
    llvm::raw_string_ostream(line)
        << llvm::left_justify(argument.name, names) << "  "
        << llvm::left_justify(argument.role, roles) << "  "
        << llvm::left_justify(argument.dtype, dtypes) << "  "
        << (argument.shape.empty() ? "one number"
                                   : llvm::join(argument.shape, " x "));
    os << "  " << getPrintable(line) << "\n";
  }
  for (const auto &[extent, divisor] : function.multiples)
    os << "  " << getPrintable(extent + " has to be a multiple of " + divisor)
       << "\n";
  for (const DescribedSchedule &schedule : function.schedules) {
    os << "  " << getPrintable(schedule.operation + ": " + schedule.schedule)
       << "\n";
    if (!schedule.decode.empty())
      os << "    few queries: " << getPrintable(schedule.decode) << "\n";
    if (!schedule.recurrent.empty())
      os << "    few positions: " << getPrintable(schedule.recurrent) << "\n";
  }
}

} // namespace

void attnc::printArtifact(raw_ostream &os, const Artifact &artifact,
                          StringRef path) {
  os << getPrintable(path) << ": " << getTitle(artifact.kind);
  if (!artifact.machine.empty())
    os << " for " << artifact.machine;
  os << ", " << formatBytes(artifact.bytes) << "\n";
  if (!artifact.digest.empty()) {
    os << "\n";
    printLine(os, "key", artifact.digest);
    for (const auto &[name, value] : artifact.fields)
      printLine(os, "  " + name, value);
    if (!artifact.restriction.empty())
      printLine(os, "not here", artifact.restriction);
  }
  for (const Description &description : artifact.descriptions) {
    os << "\n";
    printOrigin(os, description);
    for (const DescribedFunction &function : description.functions)
      printFunction(os, function);
  }
}
