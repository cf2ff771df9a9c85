//===- ElfNotes.cpp - descriptions in machine code ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LLVM's reader checks offsets as it follows them.
//
//===----------------------------------------------------------------------===//

#include "ElfNotes.h"

#include "attnc/Support/DescriptionNote.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Object/ELF.h"
#include "llvm/TargetParser/Triple.h"

using namespace attnc;
using llvm::StringRef;
namespace ELF = llvm::ELF;

namespace {

using Elf = llvm::object::ELFFile<llvm::object::ELF64LE>;

/// Notes of a section or of a segment.
template <typename Header>
llvm::Error addNotes(const Elf &elf, const Header &header, size_t alignment,
                     std::vector<std::string> &manifests) {
  if (alignment != 0 && alignment != 1 && alignment != 4 && alignment != 8)
    return llvm::createStringError("notes are aligned in a way that is none");
  llvm::Error error = llvm::Error::success();
  for (const auto &note : elf.notes(header, error))
    if (note.getName() == kDescriptionOwner &&
        note.getType() == kDescriptionType)
      manifests.push_back(note.getDescAsStringRef(alignment).str());
  return error;
}

/// The notes of sections; of segments where there are none, as in a file whose
/// table of sections was taken away.
llvm::Error addAllNotes(const Elf &elf, Elf::Elf_Shdr_Range sections,
                        std::vector<std::string> &manifests) {
  for (const Elf::Elf_Shdr &section : sections)
    if (section.sh_type == ELF::SHT_NOTE)
      if (llvm::Error error =
              addNotes(elf, section, section.sh_addralign, manifests))
        return error;
  if (!sections.empty())
    return llvm::Error::success();
  auto segments = elf.program_headers();
  if (!segments)
    return segments.takeError();
  for (const Elf::Elf_Phdr &segment : *segments)
    if (segment.p_type == ELF::PT_NOTE)
      if (llvm::Error error =
              addNotes(elf, segment, segment.p_align, manifests))
        return error;
  return llvm::Error::success();
}

llvm::Error addFunctions(const Elf &elf, Elf::Elf_Shdr_Range sections,
                         ElfNotes &notes) {
  for (const Elf::Elf_Shdr &section : sections) {
    if (section.sh_type != ELF::SHT_SYMTAB &&
        section.sh_type != ELF::SHT_DYNSYM)
      continue;
    notes.hasSymbols = true;
    auto symbols = elf.symbols(&section);
    if (!symbols)
      return symbols.takeError();
    auto strings = elf.getStringTableForSymtab(section, sections);
    if (!strings)
      return strings.takeError();
    for (const Elf::Elf_Sym &symbol : *symbols) {
      if (symbol.getType() != ELF::STT_FUNC || !symbol.isDefined() ||
          symbol.getBinding() == ELF::STB_LOCAL)
        continue;
      auto name = symbol.getName(*strings);
      if (!name)
        return name.takeError();
      notes.functions.insert(name->str());
    }
  }
  return llvm::Error::success();
}

std::string getMachine(uint16_t machine) {
  switch (machine) {
  case ELF::EM_X86_64:
    return "x86_64";
  case ELF::EM_AARCH64:
    return "aarch64";
  }
  return "machine " + std::to_string(machine);
}

} // namespace

llvm::Expected<ElfNotes> ElfNotes::read(StringRef file) {
  if (file.size() <= ELF::EI_DATA ||
      file[ELF::EI_CLASS] != char(ELF::ELFCLASS64) ||
      file[ELF::EI_DATA] != char(ELF::ELFDATA2LSB))
    return llvm::createStringError(
        "it is no ELF file of 64 bits with the low byte first");
  auto elf = Elf::create(file);
  if (!elf)
    return elf.takeError();
  auto sections = elf->sections();
  if (!sections)
    return sections.takeError();
  ElfNotes notes;
  auto segments = elf->program_headers();
  if (!segments)
    return segments.takeError();
  uint16_t fileType = elf->getHeader().e_type;
  notes.isRelocatable = fileType == ELF::ET_REL;
  notes.isProgram = fileType == ELF::ET_EXEC;
  // Of a program at any address the header says that it is a library.
  for (const Elf::Elf_Phdr &segment : *segments)
    notes.isProgram |= segment.p_type == ELF::PT_INTERP;
  notes.machine = getMachine(elf->getHeader().e_machine);
  if (llvm::Error error = addAllNotes(*elf, *sections, notes.manifests))
    return std::move(error);
  if (llvm::Error error = addFunctions(*elf, *sections, notes))
    return std::move(error);
  return notes;
}
