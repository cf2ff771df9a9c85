//===- ElfObject.h - a relocatable ELF file, checked ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The tables of an object as arrays whose offsets lie inside the file. Nothing
// here trusts the file; what reads it need not check again.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_LOADER_ELFOBJECT_H
#define ATTNC_LIB_LOADER_ELFOBJECT_H

#include "attnc/Support/Problem.h"
#include <elf.h>
#include <string_view>
#include <vector>

namespace attnc {

/// A section. `bytes` is empty for one without content in the file, such as
/// .bss.
struct ElfSection {
  Elf64_Shdr header;
  std::string_view name, bytes;

  bool isLoaded() const { return header.sh_flags & SHF_ALLOC; }
};

/// A symbol with its name.
struct ElfSymbol {
  Elf64_Sym entry;
  std::string_view name;
};

/// The relocations of one section.
struct ElfRelocations {
  size_t section;
  std::vector<Elf64_Rela> entries;
};

/// An object file for this machine.
class ElfObject {
public:
  /// Reads `file`, which has to outlive the result. On failure the message says
  /// what is wrong with the file, without naming it.
  static Problem read(std::string_view file, ElfObject &object);

  std::vector<ElfSection> sections;
  std::vector<ElfSymbol> symbols;
  std::vector<ElfRelocations> relocations;

private:
  Problem readSections(std::string_view file);
  Problem checkSection(const ElfSection &section) const;
  Problem readSymbols();
  Problem readRelocations();
};

} // namespace attnc

#endif // ATTNC_LIB_LOADER_ELFOBJECT_H
