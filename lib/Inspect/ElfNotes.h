//===- ElfNotes.h - descriptions in machine code ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Finds the notes of DescriptionNote.h in an ELF file of any machine that has
// 64 bits and starts with the low byte.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_INSPECT_ELFNOTES_H
#define ATTNC_LIB_INSPECT_ELFNOTES_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace attnc {

struct ElfNotes {
  /// Whether it is to be linked yet, or is started by the system.
  bool isRelocatable = false, isProgram = false;
  std::string machine;
  /// The manifests, in order.
  std::vector<std::string> manifests;
  /// Whether it has a table of symbols, and the functions in it that others can
  /// call.
  bool hasSymbols = false;
  std::set<std::string, std::less<>> functions;

  /// Fails with what is wrong with the file, without naming it.
  static llvm::Expected<ElfNotes> read(llvm::StringRef file);
};

} // namespace attnc

#endif // ATTNC_LIB_INSPECT_ELFNOTES_H
